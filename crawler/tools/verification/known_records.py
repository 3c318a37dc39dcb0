"""Records by their identifiers: revisits and rows are compared with the records that they refer to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from crawler.archive.cdxj import LINE_BYTES, entry_of, offset_of
from crawler.archive.names import warc_of
from crawler.archive.storage.base import StorageError, fault_of_file
from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.tools.verification.files import ArchiveFiles
from crawler.tools.verification.findings import Verdicts
from crawler.tools.verification.records import RecordContents, contents_of

# SQLite's largest integer.
LARGEST = (1 << 63) - 1

# A capture may begin before the file that holds it; files are named by the moment at which they were opened.
NEAREST = """SELECT key FROM files WHERE kind = 'index' AND NOT checked AND NOT consulted
    ORDER BY outlet = ? DESC, stamp <= ? DESC, stamp DESC LIMIT 1"""
WRONG_REVISITS = """SELECT revisits.file, revisits.offset, refers, refers_uri, refers_date, revisits.entity, payload,
    revisits.codings FROM revisits LEFT JOIN records ON records.id = refers
    WHERE records.kind IS NOT 'response' OR records.uri <> refers_uri OR records.date <> refers_date
    OR records.entity <> revisits.entity OR payload NOT IN (records.entity, records.body)
    OR records.codings <> revisits.codings
    ORDER BY revisits.file, revisits.offset"""


class KnownRecords:
    """The records read so far. Records of files that are not selected are read one by one when they are needed."""

    def __init__(self, files: ArchiveFiles) -> None:
        self.files = files
        self.database = files.database

    def add(self, key: str, record: StoredRecord, contents: RecordContents) -> str | None:
        """Add a record; return the place of an earlier record with the same identifier, if there is one."""
        identifier = record.get("WARC-Record-ID")
        facts: tuple[str | int | None, ...] = (None,) * 6
        if record.kind == "response" and (response := contents.response) is not None:
            uri, date = record.get("WARC-Target-URI"), record.get("WARC-Date")
            # A server may send any number of digits; no row has such a status.
            status = response.status if abs(response.status) <= LARGEST else None
            facts = (uri, date, contents.entity, response.body_digest, status, contents.codings)
        if self.database.add("records", identifier, key, record.offset, record.length, record.kind, *facts):
            return None
        file, offset = self.database.one("SELECT file, offset FROM records WHERE id = ?", identifier)
        return f"the record at {offset} of {file}"

    def check_revisits(self, report: Verdicts) -> None:
        """Report every revisit whose original is missing or differs from what the revisit says."""
        for file, offset, refers, uri, date, *digests in self.database.run(WRONG_REVISITS).fetchall():
            if not self._has(refers):
                self._seek(file, refers, uri, date)
            for problem in self._revisit_problems(refers, uri, date, *digests):
                report.add(file, offset, problem)

    def read(self, key: str, offset: int) -> None:
        size = self.database.one("SELECT bytes, checked FROM files WHERE key = ?", key)
        if size is None or size[1] or not 0 <= offset < size[0]:
            return
        try:
            with self.files.open(key, offset) as stream, closing(walk(stream, offset)) as records:
                if record := next(records, None):
                    self.add(key, record, contents_of(record))
        except (DamagedRecord, OSError, StorageError) as error:
            fault_of_file(error)

    def _has(self, identifier: str) -> bool:
        return self.database.one("SELECT 1 FROM records WHERE id = ?", identifier) is not None

    def _revisit_problems(
        self, refers: str, uri: str, date: str, entity: str | None, payload: str | None, codings: str | None
    ) -> Iterator[str]:
        query = "SELECT kind, uri, date, entity, body, codings FROM records WHERE id = ?"
        found = self.database.one(query, refers)
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

    def _seek(self, file: str, refers: str, uri: str, date: str) -> None:
        second = date[:19].translate(str.maketrans("", "", "-:T"))
        outlet = self.database.one("SELECT outlet FROM files WHERE key = ?", file)[0]
        stamp = f"{second[:8]}T{second[8:]}999"
        while True:
            query = "SELECT file, offset FROM older WHERE uri = ? AND second = ?"
            for key, offset in self.database.run(query, uri, second).fetchall():
                self.read(key, offset)
            nearest = None if self._has(refers) else self.database.one(NEAREST, outlet, stamp)
            if nearest is None:
                return
            self._read_index(nearest[0])

    def _read_index(self, key: str) -> None:
        self.database.run("UPDATE files SET consulted = 1 WHERE key = ?", key)
        try:
            with self.files.open(key) as stream:
                while line := stream.readline(LINE_BYTES):
                    if (offset := offset_of(line)) is not None:
                        url, second = str(entry_of(line).get("url")), line.split(b" ", 2)[1].decode("ascii", "replace")
                        self.database.add("older", url, second, warc_of(key), offset)
        except (OSError, StorageError) as error:
            fault_of_file(error)
