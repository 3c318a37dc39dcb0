"""The result of a verification: all problems are counted, the first 1000 are kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from crawler.system.terminal import counted

KEPT = 1000


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
    total: int = 0
    findings: list[ArchiveFinding] = field(default_factory=list)
    # The cause of other problems, else the first in an altered file, with an offset, in a WARC or row file.
    first: ArchiveFinding | None = None

    @property
    def sound(self) -> bool:
        return self.total == 0

    def as_json(self) -> dict[str, Any]:
        value = {"ok": self.sound, **asdict(self)}
        del value["first"]
        value["findings_total"] = value.pop("total")
        return value

    def summary(self) -> str:
        read = f"{counted(self.files, 'file')}, {counted(self.records, 'record')}, {counted(self.rows, 'row')}"
        notes = [f"{counted(self.repeated, 'version')} in several rows"] if self.repeated else []
        notes += [f"{counted(self.unnamed, 'file')} in no manifest yet"] if self.unnamed else []
        verdict = counted(self.total, "problem") if self.total else "all sound"
        return ", ".join([f"{read}, {self.bytes / 1e6:.1f} MB: {verdict}", *notes])
