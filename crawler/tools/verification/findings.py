"""The findings of a verification: all are counted, the first 1000 are kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from crawler.archive.names import KINDS, OPEN, stem_of
from crawler.system.terminal import counted, printable
from crawler.tools.verification.database import ScratchDatabase

KEPT = 1000
ORDER = "stem, kind, offset IS NULL, offset, file, problem"
FIRST = f"""SELECT file, offset, problem FROM findings ORDER BY is_cause DESC, file NOT IN (SELECT file FROM altered),
    offset IS NULL, file NOT LIKE 'warc/%' AND file NOT LIKE 'articles/%', {ORDER} LIMIT 1"""


class Facts(Protocol):
    """Where the checks of segments put what they find, by table of the scratch database."""

    def add(self, table: str, *values: Any) -> object: ...


@dataclass(frozen=True, slots=True)
class ArchiveFinding:
    """One problem and its place.

    `file` is the path below the archive's root or the spool. `offset` is in bytes: of a gzip member in a WARC, of a
    line in an index, of a row among the decompressed lines. It is None if the problem concerns the whole file.
    """

    file: str
    offset: int | None
    problem: str


class Findings:
    """Adds problems to the facts; `located` are the files with a problem that has an offset."""

    def __init__(self, facts: Facts) -> None:
        self.located: set[str] = set()
        self._facts = facts

    def add(self, file: str, offset: int | None, problem: str, is_cause: bool = False) -> None:
        """Add a problem. A missing, cut or unreadable file is a cause: other problems follow from it."""
        if offset is not None:
            self.located.add(file)
        kind = file.partition("/")[0]
        rank = KINDS.index(kind) if kind in KINDS else len(KINDS)
        stem = stem_of(file.removesuffix(OPEN))
        self._facts.add(
            "findings", *map(printable, (stem,)), rank, printable(file), offset, printable(problem), is_cause
        )

    def add_altered(self, file: str) -> None:
        """Note that a file differs from its manifest."""
        self._facts.add("altered", printable(file))


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The amounts that were read, the first 1000 problems, and the first one to look at.

    `repeated` versions are in several rows, as after the return of a lost machine; `unnamed` files of the archive are
    in no manifest: their upload is under way, or their machine is gone. Both are no problems.
    """

    files: int = 0
    records: int = 0
    rows: int = 0
    bytes: int = 0
    repeated: int = 0
    unnamed: int = 0
    findings: list[ArchiveFinding] = field(default_factory=list)
    total: int = 0
    # The cause of other problems, else the first in an altered file, with an offset, in a WARC or row file.
    first: ArchiveFinding | None = None

    @property
    def sound(self) -> bool:
        return self.total == 0

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.sound,
            "files": self.files,
            "records": self.records,
            "rows": self.rows,
            "bytes": self.bytes,
            "repeated": self.repeated,
            "unnamed": self.unnamed,
            "findings": [asdict(finding) for finding in self.findings],
            "findings_total": self.total,
        }

    def summary(self) -> str:
        read = f"{counted(self.files, 'file')}, {counted(self.records, 'record')}, {counted(self.rows, 'row')}"
        notes = [f"{counted(self.repeated, 'version')} in several rows"] if self.repeated else []
        notes += [f"{counted(self.unnamed, 'file')} in no manifest yet"] if self.unnamed else []
        verdict = counted(self.total, "problem") if self.total else "all sound"
        return ", ".join([f"{read}, {self.bytes / 1e6:.1f} MB: {verdict}", *notes])


def verdicts_of(database: ScratchDatabase, repeated: int, unnamed: int) -> Verdicts:
    """Return the verdicts from the facts in the scratch database."""
    amounts = database.one(
        "SELECT coalesce(sum(files), 0), coalesce(sum(records), 0), coalesce(sum(bytes), 0) FROM amounts"
    )
    (rows,), (total,) = (database.one(f"SELECT count(*) FROM {table}") for table in ("rows", "findings"))
    kept = database.run(f"SELECT file, offset, problem FROM findings ORDER BY {ORDER} LIMIT {KEPT}")
    findings = [ArchiveFinding(*finding) for finding in kept]
    first = ArchiveFinding(*database.one(FIRST)) if total else None
    files, records, size = amounts
    return Verdicts(files, records, rows, size, repeated, unnamed, findings, total, first)
