"""The relations between records and rows of all segments: identifiers, revisits, pointers and versions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

from crawler.archive.documents import INTEGER_DIGITS
from crawler.archive.storage.base import StorageError, fault_of_file
from crawler.archive.warc_reader import DamagedRecord, walk
from crawler.tools.verification.facts import Facts
from crawler.tools.verification.files import ArchiveFiles
from crawler.tools.verification.records import RecordFacts, contents_of, facts_of

# SQLite takes the other columns of a group from the row with the minimum.
SHARED_IDS = """SELECT later.file, later.offset, later.id, earlier.file, earlier.offset,
    min(earlier.file || printf('%020d', earlier.offset)) FROM records AS later JOIN records AS earlier USING (id)
    WHERE (earlier.file, earlier.offset) < (later.file, later.offset) GROUP BY later.id, later.file, later.offset"""
POINTERS = """SELECT file, position, line, warc, offset, length, record, entity, uri, status, fetched FROM rows
    WHERE record IS NOT NULL"""
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


class Revisit(NamedTuple):
    """A revisit, the fields that name its original, and the original's place by its metadata, None if that is lost."""

    file: str
    offset: int
    date: str
    refers: str
    uri: str
    refers_date: str
    entity: str | None
    payload: str | None
    codings: str | None
    original: str | None
    original_offset: str | None
    original_length: str | None


class Pointer(NamedTuple):
    """A row's place, and what it states of its record."""

    row: str
    position: int
    line: int
    file: str
    offset: int
    length: int
    record_id: str
    payload_digest: str
    url: str
    http_status: int
    fetched_at: str


class RelationsCheck:
    """Checks what the facts say of one another, and reads records of files that are not selected one by one."""

    def __init__(self, files: ArchiveFiles, facts: Facts) -> None:
        self._files = files
        self._facts = facts

    def check(self, all_read: bool) -> None:
        """Report all contradictions; with `all_read`, also versions without the one before."""
        for file, offset, identifier, other, place, _ in self._facts.run(SHARED_IDS):
            problem = f"WARC-Record-ID {identifier} is also that of the record at {place} of {other}"
            self._facts.find(file, offset, problem)
        for revisit in map(Revisit._make, self._facts.run("SELECT * FROM revisits")):
            for problem in self._revisit_problems(revisit, all_read):
                self._facts.find(revisit.file, revisit.offset, problem)
        for pointer in map(Pointer._make, self._facts.run(POINTERS)):
            for problem in self._pointer_problems(pointer):
                self._facts.find(pointer.row, pointer.position, f"line {pointer.line}: {problem}")
        self._check_versions(all_read)

    def _revisit_problems(self, revisit: Revisit, all_read: bool) -> list[str]:
        offset = revisit.original_offset or ""
        is_offset = offset.isdecimal() and len(offset) <= INTEGER_DIGITS
        found = self._records(revisit.refers, revisit.original, int(offset) if is_offset else -1)
        # A revisit that lost its metadata does not say in which file its original is.
        if not found and (all_read or revisit.original):
            return [f"the revisit refers to {revisit.refers}, which is not in the archive"]
        return min((list(_differences(revisit, one)) for one in found), key=len, default=[])

    def _pointer_problems(self, pointer: Pointer) -> list[str]:
        found = self._records(pointer.record_id, pointer.file, pointer.offset)
        if not found:
            return [f"record {pointer.record_id} is not at {pointer.offset} of {pointer.file}"]
        return min((list(self._contradictions(pointer, one)) for one in found), key=len)

    def _contradictions(self, pointer: Pointer, record: RecordFacts) -> Iterator[str]:
        if record.kind != "response":
            yield f"the row points to a {record.kind} record"
            return
        for name, true in zip(
            ("file", "offset", "length", "payload_digest"), (*record[1:4], record.entity), strict=True
        ):
            if getattr(pointer, name) != true:
                yield f"warc.{name} is {getattr(pointer, name)}, the record's is {true}"
        if pointer.url != record.uri:
            yield f"url is not the record's, {record.uri}"
        if pointer.http_status != record.status:
            yield f"http_status is {pointer.http_status}, the record's is {record.status}"
        was_revisited = "SELECT 1 FROM revisits WHERE refers = ? AND date = ?"
        if pointer.fetched_at != record.date and not self._facts.one(was_revisited, record.id, pointer.fetched_at):
            yield f"fetched_at is {pointer.fetched_at}, the record's date is {record.date}"

    def _records(self, identifier: str, file: str | None, offset: int) -> list[RecordFacts]:
        """Return the records with an identifier; a damaged archive may have several."""
        query = "SELECT * FROM records WHERE id = ?"
        found = self._facts.run(query, identifier).fetchall()
        if not found and file is not None:
            self._read(file, offset)
            found = self._facts.run(query, identifier).fetchall()
        return list(map(RecordFacts._make, found))

    def _read(self, key: str, offset: int) -> None:
        """Add the record at a place, if there is one in a file that is not selected."""
        size = self._facts.one("SELECT bytes FROM files WHERE key = ? AND NOT checked", key)
        if size is None or not 0 <= offset < size[0]:
            return
        try:
            with self._files.open(key, offset) as stream, closing(walk(stream, offset)) as records:
                if record := next(records, None):
                    self._facts.add("records", *facts_of(key, contents_of(record)))
        except (DamagedRecord, OSError, StorageError) as error:
            fault_of_file(error)

    def _check_versions(self, all_read: bool) -> None:
        for file, position, line, identifier, version, other, number in self._facts.run(READ_TWICE):
            problem = f"version {version} of article {identifier} is also in line {number} of {other}"
            self._facts.find(file, position, f"line {line}: {problem}")
        if all_read:
            for file, position, line, identifier, version in self._facts.run(MISSING_VERSIONS):
                problem = f"line {line}: version {version - 1} of article {identifier} is missing"
                self._facts.find(file, position, problem)
        for file, position, line, previous, digest in self._facts.run(BROKEN_CHAINS):
            self._facts.find(file, position, f"line {line}: previous is {previous}, the version before has {digest}")


def _differences(revisit: Revisit, original: RecordFacts) -> Iterator[str]:
    """Yield where a revisit contradicts a record; a fact that one of them lacks is not compared."""
    if original.kind != "response":
        yield f"the revisit refers to a {original.kind} record"
        return
    if original.uri is None:
        return  # it is damaged
    if original.uri != revisit.uri:
        yield f"WARC-Refers-To-Target-URI differs from the original's, {original.uri}"
    if original.date != revisit.refers_date:
        yield f"WARC-Refers-To-Date differs from the original's, {original.date}"
    is_other_entity = revisit.entity not in (None, original.entity)
    if is_other_entity or revisit.payload not in (None, original.entity, original.body):
        yield f"the digest differs from the original's, {original.entity}"
    if revisit.codings not in (None, original.codings):
        yield f"Transfer- and Content-Encoding are {revisit.codings}, the original's are {original.codings}"
    place = (revisit.original, revisit.original_offset, revisit.original_length)
    if revisit.original and place != (original.file, str(original.offset), str(original.length)):
        yield f"the place in the metadata differs from the original's, {original.offset} of {original.file}"
