"""The facts of a verification: what was read, for the relations between files, and the problems found.

All problems are counted, the first 1000 are kept.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from crawler.archive.names import KINDS, OPEN, stem_of
from crawler.archive.storage.base import StorageError, fault_of_file
from crawler.system.terminal import counted, printable
from crawler.tools.verification.database import ScratchDatabase

ROW = """id TEXT, version INTEGER, record TEXT, digest TEXT, previous TEXT, extractor TEXT, file TEXT, position INTEGER,
    line INTEGER, warc TEXT, offset INTEGER, length INTEGER, entity TEXT, uri TEXT, status INTEGER, fetched TEXT,
    PRIMARY KEY (id, version, file, position)"""
TABLES = f"""
-- Manifests, with their runs, sound entries and `is_recovered` as JSON, and the files that they name.
CREATE TABLE manifests (manifest TEXT PRIMARY KEY, facts TEXT) WITHOUT ROWID;
CREATE TABLE named (file TEXT, manifest TEXT, bytes INTEGER, sha256 TEXT, PRIMARY KEY (manifest, file)) WITHOUT ROWID;
CREATE INDEX named_file ON named (file);
-- The files that compactions replace.
CREATE TABLE replaced (file TEXT, manifest TEXT, sha256 TEXT);
CREATE INDEX replaced_file ON replaced (file);
-- Named files that are not there; a compaction may have removed them meanwhile.
CREATE TABLE gone (file TEXT PRIMARY KEY, manifest TEXT) WITHOUT ROWID;
CREATE TABLE records (id TEXT, file TEXT, offset INTEGER, length INTEGER, kind TEXT, uri TEXT, date TEXT,
    entity TEXT, body TEXT, status INTEGER, codings TEXT, PRIMARY KEY (id, file, offset)) WITHOUT ROWID;
-- The place of the original is that in the metadata record.
CREATE TABLE revisits (file TEXT, offset INTEGER, date TEXT, refers TEXT, refers_uri TEXT, refers_date TEXT,
    entity TEXT, payload TEXT, codings TEXT, original TEXT, original_offset TEXT, original_length TEXT);
CREATE INDEX revisits_refers ON revisits (refers);
CREATE TABLE rows ({ROW}) WITHOUT ROWID;
-- The rows of later extractors, which have versions of their own.
CREATE TABLE reextracted ({ROW}) WITHOUT ROWID;
CREATE INDEX rows_file ON rows (file);
-- Files that differ from their manifests, and the problems of all files; `stem` and `kind` give their order.
CREATE TABLE altered (file TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE findings (stem TEXT, kind INTEGER, file TEXT, offset INTEGER, problem TEXT, is_cause INTEGER);
-- What was read.
CREATE TABLE amounts (files INTEGER, records INTEGER, bytes INTEGER);
"""
KEPT = 1000
# Causes, altered files, then the rest; of a file, what has an offset first.
FIRST = f"""SELECT file, offset, problem FROM findings ORDER BY is_cause DESC, file NOT IN (SELECT file FROM altered),
    stem, kind, offset IS NULL, offset, file, problem LIMIT {KEPT}"""
COUNTS = """SELECT coalesce(sum(files), 0), coalesce(sum(records), 0),
    (SELECT count(*) FROM rows) + (SELECT count(*) FROM reextracted),
    coalesce(sum(bytes), 0),
    (SELECT count(*) FROM (SELECT 1 FROM rows GROUP BY id, version HAVING count(*) > 1)),
    (SELECT count(*) FROM files WHERE checked AND place = 'archive'
        AND kind NOT IN ('manifest', 'runs', 'withheld', 'reextracted') AND key NOT IN (SELECT file FROM named)),
    (SELECT count(*) FROM findings) FROM amounts"""


@dataclass(frozen=True, slots=True)
class ArchiveFinding:
    """One problem and its place.

    `file` is the path below the archive's root or the spool. `offset` is in bytes: of a gzip member in a WARC, of a
    line in an index, of a row among the decompressed lines. It is None if the problem concerns the whole file.
    """

    file: str
    offset: int | None
    problem: str


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The amounts that were read, and the first 1000 problems.

    `repeated` versions are in several rows, as after the return of a lost machine; `unnamed` files of the archive are
    in no manifest: their upload is under way, or their machine is gone. Both are no problems.
    """

    files: int = 0
    records: int = 0
    rows: int = 0
    bytes: int = 0
    repeated: int = 0
    unnamed: int = 0
    # The causes of other problems first, then those in altered files.
    findings: list[ArchiveFinding] = field(default_factory=list)
    findings_total: int = 0

    @property
    def sound(self) -> bool:
        return self.findings_total == 0

    def as_json(self) -> dict[str, Any]:
        return {"ok": self.sound, **asdict(self)}

    def summary(self) -> str:
        read = f"{counted(self.files, 'file')}, {counted(self.records, 'record')}, {counted(self.rows, 'row')}"
        notes = [f"{counted(self.repeated, 'version')} in several rows"] if self.repeated else []
        notes += [f"{counted(self.unnamed, 'file')} in no manifest yet"] if self.unnamed else []
        verdict = counted(self.findings_total, "problem") if self.findings_total else "all sound"
        return ", ".join([f"{read}, {self.bytes / 1e6:.1f} MB: {verdict}", *notes])


class Findings:
    """Facts, and the problems of files: here by table in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)

    def add(self, table: str, *values: Any) -> None:
        self.rows[table].append(values)

    def find(self, file: str, offset: int | None, problem: str, is_cause: bool = False) -> None:
        """Add a problem. A missing, cut or unreadable file is a cause: other problems follow from it."""
        kind = file.partition("/")[0]
        rank = KINDS.index(kind) if kind in KINDS else len(KINDS)
        stem = stem_of(file.removesuffix(OPEN))
        self.add("findings", printable(stem), rank, printable(file), offset, printable(problem), is_cause)

    @contextmanager
    def reading(self, key: str, manifest: str | None = None) -> Iterator[None]:
        """Add a problem if a file cannot be read, or note that a file of a manifest is gone.

        Raises StorageError, OSError if the store or this machine is at fault.
        """
        try:
            yield
        except (OSError, StorageError) as error:
            reason = fault_of_file(error)
            if isinstance(error, FileNotFoundError) and manifest:
                self.add("gone", key, manifest)
            else:
                self.find(key, None, f"the file cannot be read: {reason}", is_cause=True)


class Facts(ScratchDatabase, Findings):
    """The facts of a verification in a scratch database."""

    def __init__(self) -> None:
        super().__init__(TABLES)

    def take(self, findings: Findings) -> None:
        for table, rows in findings.rows.items():
            self.add_all(table, rows)

    def find_all(self, query: str, is_cause: bool = False) -> None:
        """Add the problems that a query selects: file, offset, problem."""
        for file, offset, problem, *_ in self.run(query):
            self.find(file, offset, problem, is_cause)

    def verdicts(self) -> Verdicts:
        *amounts, total = self.one(COUNTS)
        values = [*amounts, [ArchiveFinding(*finding) for finding in self.run(FIRST)], total]
        return Verdicts(*values)
