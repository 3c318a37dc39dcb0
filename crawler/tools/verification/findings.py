"""The findings of a verification: all are counted, the first 1000 are kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from crawler.system.terminal import counted, printable

KEPT = 1000

# Damage elsewhere often follows from damage to these.
CONTENT = ("warc/", "articles/")


@dataclass(frozen=True, slots=True)
class ArchiveFinding:
    """One problem and its place.

    `file` is the path below the archive's root or the spool. `offset` is in bytes: of a gzip member in a WARC, of a
    line in an index, of a row among the decompressed lines. It is None if the problem concerns the whole file.
    """

    file: str
    offset: int | None
    problem: str


@dataclass(slots=True)
class Verdicts:
    """The amounts that were read, the first 1000 problems, and the files that differ from their manifests."""

    files: int = 0
    records: int = 0
    rows: int = 0
    bytes: int = 0
    findings: list[ArchiveFinding] = field(default_factory=list)
    total: int = 0
    cause: ArchiveFinding | None = None
    altered: set[str] = field(default_factory=set)

    def add(self, file: str, offset: int | None, problem: str, is_cause: bool = False) -> None:
        """Add a problem. A missing, cut or unreadable file is a cause: other problems follow from it."""
        self.total += 1
        finding = ArchiveFinding(printable(file), offset, printable(problem))
        if is_cause:
            self.cause = self.cause or finding
        if len(self.findings) < KEPT:
            self.findings.append(finding)

    def is_explained(self, file: str) -> bool:
        """Return whether a file matches its manifest, or a finding has the offset where it does not."""
        name = printable(file)
        return name not in self.altered or any(one.file == name and one.offset is not None for one in self.findings)

    @property
    def sound(self) -> bool:
        return self.total == 0

    @property
    def first(self) -> ArchiveFinding | None:
        """The cause of other problems, else the first in an altered file, with an offset, in a WARC or row file."""
        return self.cause or min(self.findings, key=self._rank, default=None)

    def _rank(self, finding: ArchiveFinding) -> tuple[bool, ...]:
        return finding.file not in self.altered, finding.offset is None, not finding.file.startswith(CONTENT)

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.sound,
            "files": self.files,
            "records": self.records,
            "rows": self.rows,
            "bytes": self.bytes,
            "findings": [asdict(finding) for finding in self.findings],
            "findings_total": self.total,
        }

    def summary(self) -> str:
        read = f"{counted(self.files, 'file')}, {counted(self.records, 'record')}, {counted(self.rows, 'row')}"
        return f"{read}, {self.bytes / 1e6:.1f} MB: {counted(self.total, 'problem') if self.total else 'all sound'}"
