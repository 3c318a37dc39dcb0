"""What verification finds wrong: counted without end, kept up to a bound."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from crawler.system.terminal import printable

KEPT = 1000

# What stands elsewhere follows from these.
CONTENT = ("warc/", "articles/")


@dataclass(frozen=True, slots=True)
class ArchiveFinding:
    """One problem and its exact place.

    `file` is the path below the archive's root or the spool; `offset` is in bytes: of a WARC's gzip member, of an
    index line, of a row among the decompressed lines; None when the file as a whole is meant.
    """

    file: str
    offset: int | None
    problem: str


@dataclass(slots=True)
class Verdicts:
    """How much was read, and what was found: the first 1000 problems, and how many there are in all."""

    files: int = 0
    records: int = 0
    rows: int = 0
    bytes: int = 0
    findings: list[ArchiveFinding] = field(default_factory=list)
    total: int = 0
    cause: ArchiveFinding | None = None
    # Files that are not what their manifest says.
    altered: set[str] = field(default_factory=set)

    def add(self, file: str, offset: int | None, problem: str, is_cause: bool = False) -> None:
        """Take a problem; nothing in it or in the file's name steers a terminal.

        A file that is missing, torn or can't be read is a cause: others follow from it.
        """
        self.total += 1
        finding = ArchiveFinding(printable(file), offset, printable(problem))
        if is_cause:
            self.cause = self.cause or finding
        if len(self.findings) < KEPT:
            self.findings.append(finding)

    def is_explained(self, file: str) -> bool:
        """Tell whether a file is what its manifest says, or it was told where it is not."""
        name = printable(file)
        return name not in self.altered or any(one.file == name and one.offset is not None for one in self.findings)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.total == 0

    @property
    def first(self) -> ArchiveFinding | None:
        """The cause of others; else the first in an altered file, with an exact offset, in a WARC or row file."""
        if self.cause is not None:
            return self.cause
        return min(self.findings, key=self._rank, default=None)

    def _rank(self, finding: ArchiveFinding) -> tuple[bool, ...]:
        is_content = finding.file.startswith(CONTENT)
        return finding.file not in self.altered, finding.offset is None, not is_content

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain JSON types."""
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
        """Return the one line that people read."""
        read = f"{_count(self.files, 'file')}, {_count(self.records, 'record')}, {_count(self.rows, 'row')}"
        return f"{read}, {self.bytes / 1e6:.1f} MB: {_count(self.total, 'problem') if self.total else 'all sound'}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
