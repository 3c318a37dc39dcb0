"""The relations between records and rows of all segments: identifiers, revisits, pointers and versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crawler.tools.verification.files import ArchiveFiles
from crawler.tools.verification.findings import Findings
from crawler.tools.verification.known_records import KnownRecords

# SQLite takes the other columns of a group from the row with the minimum.
SHARED_IDS = """SELECT later.file, later.offset, later.id, earlier.file, earlier.offset,
    min(earlier.file || printf('%020d', earlier.offset)) FROM records AS later JOIN records AS earlier USING (id)
    WHERE (earlier.file, earlier.offset) < (later.file, later.offset) GROUP BY later.id, later.file, later.offset"""
# A fact that the record lacks, because it is damaged, is not compared.
WRONG_REVISITS = """SELECT file, offset, refers, refers_uri, refers_date, entity, payload, codings FROM revisits
    WHERE NOT EXISTS (SELECT 1 FROM records WHERE id = refers AND kind = 'response'
    AND coalesce(uri = refers_uri, 1) AND coalesce(records.date = refers_date, 1)
    AND coalesce(records.entity = revisits.entity, 1) AND coalesce(payload IN (records.entity, records.body), 1)
    AND coalesce(records.codings = revisits.codings, 1)) ORDER BY file, offset"""
WRONG_POINTERS = """SELECT file, position, line, warc, offset, length, record, entity, uri, status, fetched FROM rows
    WHERE record IS NOT NULL AND NOT EXISTS (SELECT 1 FROM records WHERE records.id = record AND kind = 'response'
    AND records.file = warc AND records.offset = rows.offset AND records.length = rows.length
    AND records.entity IS rows.entity AND records.uri IS rows.uri AND records.status IS rows.status
    AND (date IS fetched OR EXISTS (SELECT 1 FROM revisits WHERE refers = record AND revisits.date = fetched)))"""
POINTER = ("file", "offset", "length", "record_id", "payload_digest")
RECORD = "SELECT file, offset, length, id, entity, kind, uri, date, status FROM records WHERE id = ?"
# A version may be in several rows; a later one may follow either.
BROKEN_CHAINS = """SELECT later.file, later.position, later.line, later.previous, min(earlier.digest)
    FROM rows AS later JOIN rows AS earlier ON earlier.id = later.id AND earlier.version = later.version - 1
    GROUP BY later.file, later.position
    HAVING max(later.previous = earlier.digest OR later.extractor <> earlier.extractor) = 0"""
MISSING_VERSIONS = """SELECT file, position, line, id, version FROM rows WHERE version > 1 AND NOT EXISTS
    (SELECT 1 FROM rows AS earlier WHERE earlier.id = rows.id AND earlier.version = rows.version - 1)"""
READ_TWICE = """SELECT later.file, later.position, later.line, later.id, later.version, earlier.file, earlier.line
    FROM rows AS later JOIN rows AS earlier USING (id, version, record)
    WHERE (earlier.file, earlier.position) < (later.file, later.position) GROUP BY later.file, later.position"""
REPEATED = "SELECT count(*) FROM (SELECT 1 FROM rows GROUP BY id, version HAVING count(*) > 1)"


class RelationsCheck:
    """Checks what the facts in the scratch database say of one another."""

    def __init__(self, files: ArchiveFiles, findings: Findings) -> None:
        self._database = files.database
        self._known = KnownRecords(files)
        self._findings = findings

    def check(self, all_read: bool) -> None:
        """Report all contradictions; with `all_read`, also versions without the one before."""
        for file, offset, identifier, other, place, _ in self._database.run(SHARED_IDS):
            problem = f"WARC-Record-ID {identifier} is also that of the record at {place} of {other}"
            self._findings.add(file, offset, problem)
        self._check_revisits()
        for file, position, line, *row in self._database.run(WRONG_POINTERS).fetchall():
            for problem in self._pointer_problems(row):
                self._findings.add(file, position, f"line {line}: {problem}")
        self._check_versions(all_read)

    @property
    def repeated(self) -> int:
        """The number of versions that are in several rows."""
        return int(self._database.one(REPEATED)[0])

    def _check_revisits(self) -> None:
        for file, offset, refers, uri, date, *digests in self._database.run(WRONG_REVISITS).fetchall():
            if not self._known.has(refers):
                self._known.seek(file, refers, uri, date)
            for problem in self._revisit_problems(refers, uri, date, *digests):
                self._findings.add(file, offset, problem)

    def _revisit_problems(
        self, refers: str, uri: str, date: str, entity: str | None, payload: str | None, codings: str | None
    ) -> Iterator[str]:
        found = self._database.one("SELECT kind, uri, date, entity, body, codings FROM records WHERE id = ?", refers)
        if found is None:
            yield f"the revisit refers to {refers}, which is not in the archive"
            return
        if found[0] != "response":
            yield f"the revisit refers to a {found[0]} record"
            return
        if found[1] != uri:
            yield f"WARC-Refers-To-Target-URI differs from the original's, {found[1]}"
        if found[2] != date:
            yield f"WARC-Refers-To-Date differs from the original's, {found[2]}"
        if (entity is not None and found[3] != entity) or (payload is not None and payload not in found[3:5]):
            yield f"the digest differs from the original's, {found[3]}"
        if codings is not None and found[5] != codings:
            yield f"Transfer- and Content-Encoding are {codings}, the original's are {found[5]}"

    def _pointer_problems(self, row: list[Any]) -> Iterator[str]:
        *pointer, url, http_status, fetched = row
        stated = dict(zip(POINTER, pointer, strict=True))
        identifier = stated["record_id"]
        if not self._known.has(identifier):
            self._known.read(stated["file"], stated["offset"])
        found = self._database.one(RECORD, identifier)
        if found is None:
            yield f"record {identifier} is not at {stated['offset']} of {stated['file']}"
            return
        *place, kind, uri, date, status = found
        if kind != "response":
            yield f"the row points to a {kind} record"
            return
        for name, value in zip(POINTER, place, strict=True):
            if stated[name] != value:
                yield f"warc.{name} is {stated[name]}, the record's is {value}"
        if url != uri:
            yield f"url is not the record's, {uri}"
        if http_status != status:
            yield f"http_status is {http_status}, the record's is {status}"
        if fetched != date and not self._was_revisited(identifier, fetched):
            yield f"fetched_at is {fetched}, the record's date is {date}"

    def _was_revisited(self, identifier: str, date: str) -> bool:
        query = "SELECT 1 FROM revisits WHERE refers = ? AND date = ?"
        return self._database.one(query, identifier, date) is not None

    def _check_versions(self, all_read: bool) -> None:
        for file, position, line, identifier, version, other, number in self._database.run(READ_TWICE):
            problem = f"version {version} of article {identifier} is also in line {number} of {other}"
            self._findings.add(file, position, f"line {line}: {problem}")
        if all_read:
            for file, position, line, identifier, version in self._database.run(MISSING_VERSIONS):
                problem = f"line {line}: version {version - 1} of article {identifier} is missing"
                self._findings.add(file, position, problem)
        for file, position, line, previous, digest in self._database.run(BROKEN_CHAINS):
            self._findings.add(file, position, f"line {line}: previous is {previous}, the version before has {digest}")
