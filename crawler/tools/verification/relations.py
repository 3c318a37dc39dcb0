"""The relations between records and rows of all segments: identifiers, revisits, pointers and versions."""

from collections.abc import Iterator
from contextlib import closing
from sqlite3 import Row

from crawler.archive.documents import INTEGER_DIGITS
from crawler.archive.storage.base import StorageError, fault_of_file
from crawler.archive.warc_reader import DamagedRecord, walk
from crawler.tools.verification.facts import Facts
from crawler.tools.verification.files import ArchiveFiles
from crawler.tools.verification.records import contents_of, facts_of

# SQLite takes the other columns of a group from the row with the minimum.
SHARED_IDS = """SELECT later.file, later.offset, printf('WARC-Record-ID %s is also that of the record at %d of %s',
        later.id, earlier.offset, earlier.file), min(earlier.file || printf('%020d', earlier.offset))
    FROM records AS later JOIN records AS earlier USING (id)
    WHERE (earlier.file, earlier.offset) < (later.file, later.offset) GROUP BY later.id, later.file, later.offset"""
READ_TWICE = """SELECT later.file, later.position, printf('line %d: version %d of article %s is also in line %d of %s',
        later.line, later.version, later.id, earlier.line, earlier.file)
    FROM rows AS later JOIN rows AS earlier USING (id, version, record)
    WHERE (earlier.file, earlier.position) < (later.file, later.position) GROUP BY later.file, later.position"""
# A version may be in several rows; a later one may follow either.
BROKEN_CHAINS = """SELECT later.file, later.position, printf('line %d: previous is %s, the version before has %s',
        later.line, later.previous, min(earlier.digest))
    FROM rows AS later JOIN rows AS earlier ON earlier.id = later.id AND earlier.version = later.version - 1
    GROUP BY later.file, later.position
    HAVING max(later.previous = earlier.digest OR later.extractor <> earlier.extractor) = 0"""
MISSING_VERSIONS = """SELECT file, position, printf('line %d: version %d of article %s is missing', line,
        version - 1, id)
    FROM rows WHERE version > 1 AND NOT EXISTS
    (SELECT 1 FROM rows AS earlier WHERE earlier.id = rows.id AND earlier.version = rows.version - 1)"""
POINTERS = """SELECT * FROM rows WHERE record IS NOT NULL UNION ALL
    SELECT * FROM reextracted WHERE record IS NOT NULL"""
WAS_REVISITED = "SELECT 1 FROM revisits WHERE refers = ? AND date = ?"


class RelationsCheck:
    """Checks what the facts say of one another, and reads records of files that are not selected one by one."""

    def __init__(self, files: ArchiveFiles, facts: Facts) -> None:
        self._files = files
        self._facts = facts

    def check(self, all_read: bool) -> None:
        """Report all contradictions; with `all_read`, also versions without the one before."""
        for query in (SHARED_IDS, READ_TWICE, BROKEN_CHAINS, *([MISSING_VERSIONS] if all_read else [])):
            self._facts.find_all(query)
        for revisit in self._facts.run("SELECT * FROM revisits"):
            for problem in self._revisit_problems(revisit, all_read):
                self._facts.find(revisit["file"], revisit["offset"], problem)
        for row in self._facts.run(POINTERS):
            for problem in self._row_problems(row):
                self._facts.find(row["file"], row["position"], f"line {row['line']}: {problem}")

    def _revisit_problems(self, revisit: Row, all_read: bool) -> Iterator[str]:
        offset = revisit["original_offset"] or ""
        is_offset = offset.isdecimal() and len(offset) <= INTEGER_DIGITS
        found = self._record(revisit["refers"], revisit["original"], int(offset) if is_offset else -1)
        if found is not None:
            yield from _differences(revisit, found)
        # A revisit that lost its metadata does not say in which file its original is.
        elif all_read or revisit["original"]:
            yield f"the revisit refers to {revisit['refers']}, which is not in the archive"

    def _row_problems(self, row: Row) -> Iterator[str]:
        found = self._record(row["record"], row["warc"], row["offset"])
        if found is not None:
            yield from self._contradictions(row, found)
        else:
            yield f"record {row['record']} is not at {row['offset']} of {row['warc']}"

    def _contradictions(self, row: Row, record: Row) -> Iterator[str]:
        if record["kind"] != "response":
            yield f"the row points to a {record['kind']} record"
            return
        names = {"file": "warc", "offset": "offset", "length": "length", "payload_digest": "entity"}
        for name, column in names.items():
            if row[column] != (true := record["file" if name == "file" else column]):
                yield f"warc.{name} is {row[column]}, the record's is {true}"
        if row["uri"] != record["uri"]:
            yield f"url is not the record's, {record['uri']}"
        if row["status"] != record["status"]:
            yield f"http_status is {row['status']}, the record's is {record['status']}"
        if row["fetched"] != record["date"] and not self._facts.one(WAS_REVISITED, record["id"], row["fetched"]):
            yield f"fetched_at is {row['fetched']}, the record's date is {record['date']}"

    def _record(self, identifier: str, file: str | None, offset: int) -> Row | None:
        """Return the record with an identifier, of several in a damaged archive the one at the place."""
        query = "SELECT * FROM records WHERE id = ? ORDER BY file = ? AND offset = ? DESC, file, offset LIMIT 1"
        found: Row | None = self._facts.one(query, identifier, file, offset)
        if found is None and file is not None:
            self._read(file, offset)
            found = self._facts.one(query, identifier, file, offset)
        return found

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


def _differences(revisit: Row, original: Row) -> Iterator[str]:
    """Yield where a revisit contradicts a record; a fact that one of them lacks is not compared."""
    if original["kind"] != "response":
        yield f"the revisit refers to a {original['kind']} record"
        return
    if original["uri"] is None:
        return  # it is damaged
    if original["uri"] != revisit["refers_uri"]:
        yield f"WARC-Refers-To-Target-URI differs from the original's, {original['uri']}"
    if original["date"] != revisit["refers_date"]:
        yield f"WARC-Refers-To-Date differs from the original's, {original['date']}"
    is_other_entity = revisit["entity"] not in (None, original["entity"])
    if is_other_entity or revisit["payload"] not in (None, original["entity"], original["body"]):
        yield f"the digest differs from the original's, {original['entity']}"
    if revisit["codings"] not in (None, original["codings"]):
        yield f"Transfer- and Content-Encoding are {revisit['codings']}, the original's are {original['codings']}"
    place = (revisit["original"], revisit["original_offset"], revisit["original_length"])
    if revisit["original"] and place != (original["file"], str(original["offset"]), str(original["length"])):
        yield f"the place in the metadata differs from the original's, {original['offset']} of {original['file']}"
