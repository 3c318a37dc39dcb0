"""What verification finds wrong: counted without end, kept up to a bound."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

KEPT = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem and its exact place.

    `file` is the path below the archive's root or the spool; `offset` is in bytes: of a WARC's gzip member, of an
    index line, of a row among the decompressed lines; None when the file as a whole is meant.
    """

    file: str
    offset: int | None
    problem: str


@dataclass(slots=True)
class Report:
    """How much was read, and what was found: the first 1000 problems, and how many there are in all."""

    files: int = 0
    records: int = 0
    rows: int = 0
    bytes: int = 0
    findings: list[Finding] = field(default_factory=list)
    total: int = 0

    def add(self, file: str, offset: int | None, problem: str) -> None:
        """Take a problem; control characters in it become spaces."""
        self.total += 1
        if len(self.findings) < KEPT:
            line = "".join(character if character.isprintable() else " " for character in problem)
            self.findings.append(Finding(file, offset, line))

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.total == 0

    @property
    def first(self) -> Finding | None:
        """The first problem with an exact offset, else the first."""
        located = (finding for finding in self.findings if finding.offset is not None)
        return next(located, self.findings[0] if self.findings else None)

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
