"""Which record has which id, and where: what revisits and rows are held against."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.archive.names import warc_of
from crawler.archive.storage.base import NoAccess, StorageError, StoreUnreachable
from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.system.files import Measured
from crawler.tools.verification.contents import RecordContents, contents_of
from crawler.tools.verification.findings import Verdicts
from crawler.tools.verification.holdings import Holdings, is_ours
from crawler.tools.verification.index import places

# What the scratch database takes for a number.
LARGEST = (1 << 63) - 1

# A capture may have begun before the file was opened that holds it; files are named by the latter.
NEAREST = """SELECT key FROM files WHERE kind = 'index' AND NOT checked AND NOT consulted
    ORDER BY outlet = ? DESC, stamp <= ? DESC, stamp DESC LIMIT 1"""
WRONG_REVISITS = """SELECT revisits.file, revisits.offset, refers, refers_uri, refers_date, revisits.entity, payload,
    revisits.codings FROM revisits LEFT JOIN records ON records.id = refers
    WHERE records.kind IS NOT 'response' OR records.uri <> refers_uri OR records.date <> refers_date
    OR records.entity <> revisits.entity OR payload NOT IN (records.entity, records.body)
    OR records.codings <> revisits.codings
    ORDER BY revisits.file, revisits.offset"""


class Book:
    """The records met so far; those outside of what was asked for are read one by one when they are needed."""

    def __init__(self, holdings: Holdings) -> None:
        self.holdings = holdings
        self.scratch = holdings.scratch

    def remember(self, key: str, record: StoredRecord, contents: RecordContents) -> str | None:
        """Note a record; return where its id was met before, if it was."""
        identifier = record.get("WARC-Record-ID")
        facts: tuple[str | int | None, ...] = (None,) * 6
        if record.kind == "response" and (response := contents.response) is not None:
            uri, date = record.get("WARC-Target-URI"), record.get("WARC-Date")
            # A server may send as many digits as it likes; no row has such a status.
            status = response.status if abs(response.status) <= LARGEST else None
            facts = (uri, date, contents.entity, response.body_digest, status, contents.codings)
        place = (identifier, key, record.offset, record.length, record.kind)
        made = self.scratch.run(
            "INSERT OR IGNORE INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *place, *facts
        )
        if made.rowcount:
            return None
        file, offset = self.scratch.one("SELECT file, offset FROM records WHERE id = ?", identifier)
        return f"the record at {offset} of {file}"

    def check_revisits(self, report: Verdicts) -> None:
        """Tell of every revisit whose original is not there or is another than it says."""
        for file, offset, refers, uri, date, *told in self.scratch.run(WRONG_REVISITS).fetchall():
            if not self.scratch.one("SELECT 1 FROM records WHERE id = ?", refers):
                self._seek(file, refers, uri, date)
            for problem in self._revisit_problems(refers, uri, date, *told):
                report.add(file, offset, problem)

    def learn(self, key: str, offset: int) -> None:
        """Read the one record that stands somewhere outside of what was asked for, if one does."""
        size = self.scratch.one("SELECT bytes, checked FROM files WHERE key = ?", key)
        if size is None or size[1] or not 0 <= offset < size[0]:
            return
        try:
            with self.holdings.open(key, offset) as stream:
                for record in walk(stream, offset):
                    self.remember(key, record, contents_of(record))
                    return
        except (StoreUnreachable, NoAccess):
            raise
        except (DamagedRecord, OSError, StorageError) as error:
            if is_ours(error):
                raise

    def _revisit_problems(
        self, refers: str, uri: str, date: str, entity: str | None, payload: str | None, codings: str | None
    ) -> Iterator[str]:
        query = "SELECT kind, uri, date, entity, body, codings FROM records WHERE id = ?"
        found = self.scratch.one(query, refers)
        if found is None:
            yield f"the revisit refers to {refers}, which is nowhere"
            return
        if found[0] != "response":
            yield f"the revisit refers to a {found[0]} record"
            return
        if found[1] != uri:
            yield f"WARC-Refers-To-Target-URI is another than the original's: {found[1]}"
        if found[2] != date:
            yield f"WARC-Refers-To-Date is another than the original's: {found[2]}"
        if (entity is not None and found[3] != entity) or (payload is not None and payload not in found[3:5]):
            yield f"the digest is another than the original's: {found[3]}"
        if codings is not None and found[5] != codings:
            yield f"Transfer- and Content-Encoding are {codings}, the original's {found[5]}"

    def _seek(self, file: str, refers: str, uri: str, date: str) -> None:
        """Look for an original in the indexes that were not asked for, the most likely first, each read once."""
        second = date[:19].translate(str.maketrans("", "", "-:T"))
        outlet = self.scratch.one("SELECT outlet FROM files WHERE key = ?", file)[0]
        stamp = f"{second[:8]}T{second[8:]}999"
        while True:
            query = "SELECT file, offset FROM older WHERE uri = ? AND second = ?"
            for key, offset in self.scratch.run(query, uri, second).fetchall():
                self.learn(key, offset)
            if self.scratch.one("SELECT 1 FROM records WHERE id = ?", refers):
                return
            nearest = self.scratch.one(NEAREST, outlet, stamp)
            if nearest is None:
                return
            self._consult(nearest[0])

    def _consult(self, key: str) -> None:
        self.scratch.run("UPDATE files SET consulted = 1 WHERE key = ?", key)
        try:
            with self.holdings.open(key) as stream:
                for uri, second, offset in places(Measured(stream, lambda count: None)):
                    self.scratch.run("INSERT INTO older VALUES (?, ?, ?, ?)", uri, second, warc_of(key), offset)
        except (StoreUnreachable, NoAccess):
            raise
        except (OSError, StorageError) as error:
            if is_ours(error):
                raise
