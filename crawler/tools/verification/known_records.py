"""The records of files that are not selected; each is read alone, when a revisit or row refers to it."""

from __future__ import annotations

from contextlib import closing

from crawler.archive.cdxj import LINE_BYTES, entry_of, offset_of
from crawler.archive.names import warc_of
from crawler.archive.storage.base import StorageError, fault_of_file
from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.tools.verification.files import ArchiveFiles
from crawler.tools.verification.records import RecordContents, contents_of

# SQLite's largest integer.
LARGEST = (1 << 63) - 1

# A capture may begin before the file that holds it; files are named by the moment at which they were opened.
NEAREST = """SELECT key FROM files WHERE kind = 'index' AND NOT checked AND NOT consulted
    ORDER BY outlet = ? DESC, stamp <= ? DESC, stamp DESC LIMIT 1"""


def record_facts(key: str, record: StoredRecord, contents: RecordContents) -> tuple[str | int | None, ...]:
    """Return the values of a record in the scratch database; those of its content for a readable response only."""
    facts: tuple[str | int | None, ...] = (None,) * 6
    if record.kind == "response" and (response := contents.response) is not None:
        uri, date = record.get("WARC-Target-URI"), record.get("WARC-Date")
        # A server may send any number of digits; no row has such a status.
        status = response.status if abs(response.status) <= LARGEST else None
        facts = (uri, date, contents.entity, response.body_digest, status, contents.codings)
    return (record.get("WARC-Record-ID"), key, record.offset, record.length, record.kind, *facts)


class KnownRecords:
    """Adds records of files that are not selected to those in the scratch database."""

    def __init__(self, files: ArchiveFiles) -> None:
        self._files = files
        self._database = files.database

    def has(self, identifier: str) -> bool:
        return self._database.one("SELECT 1 FROM records WHERE id = ?", identifier) is not None

    def read(self, key: str, offset: int) -> None:
        """Read the record at a place, if there is one in a file that is not selected."""
        size = self._database.one("SELECT bytes, checked FROM files WHERE key = ?", key)
        if size is None or size[1] or not 0 <= offset < size[0]:
            return
        try:
            with self._files.open(key, offset) as stream, closing(walk(stream, offset)) as records:
                if record := next(records, None):
                    self._database.add("records", *record_facts(key, record, contents_of(record)))
        except (DamagedRecord, OSError, StorageError) as error:
            fault_of_file(error)

    def seek(self, file: str, refers: str, uri: str, date: str) -> None:
        """Read the original of a revisit, by the indexes nearest to its date."""
        second = date[:19].translate(str.maketrans("", "", "-:T"))
        outlet = self._database.one("SELECT outlet FROM files WHERE key = ?", file)[0]
        stamp = f"{second[:8]}T{second[8:]}999"
        while True:
            query = "SELECT file, offset FROM older WHERE uri = ? AND second = ?"
            for key, offset in self._database.run(query, uri, second).fetchall():
                self.read(key, offset)
            nearest = None if self.has(refers) else self._database.one(NEAREST, outlet, stamp)
            if nearest is None:
                return
            self._read_index(nearest[0])

    def _read_index(self, key: str) -> None:
        self._database.run("UPDATE files SET consulted = 1 WHERE key = ?", key)
        try:
            with self._files.open(key) as stream:
                while line := stream.readline(LINE_BYTES):
                    if (offset := offset_of(line)) is not None:
                        url, second = str(entry_of(line).get("url")), line.split(b" ", 2)[1].decode("ascii", "replace")
                        self._database.add("older", url, second, warc_of(key), offset)
        except (OSError, StorageError) as error:
            fault_of_file(error)
