"""The measures of a file that was read, compared with its entry in the manifest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.tools.verification.findings import Findings


@dataclass(slots=True)
class FileMeasures:
    """Size, digest, record counts and first and last date of a file."""

    bytes: int = 0
    sha256: str = ""
    records: dict[str, int] = field(default_factory=dict)
    first: str | None = None
    last: str | None = None
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """What a manifest says of a file."""

    file: str
    bytes: int
    sha256: str
    records: dict[str, int]
    first: str | None
    last: str | None


def compare(entry: ManifestEntry, measures: FileMeasures, manifest: str, findings: Findings) -> bool:
    """Report the differences of a file from its manifest; return whether its digest is equal.

    If the digest is equal, the manifest is wrong.
    """
    is_same = entry.sha256 == measures.sha256
    for problem in _differences(entry, measures):
        if is_same:
            findings.add(manifest, None, f"{entry.file}: {problem}")
            continue
        findings.add_altered(entry.file)
        is_cut = problem.startswith("the file ends")
        # In row files, offsets are those of decompressed lines.
        offset = measures.bytes if is_cut and not entry.file.startswith("articles/") else None
        findings.add(entry.file, offset, f"{problem} ({manifest})", is_cut)
    return is_same


def _differences(entry: ManifestEntry, measures: FileMeasures) -> Iterator[str]:
    if measures.bytes < entry.bytes and not measures.damaged:
        yield f"the file ends after {measures.bytes} bytes, its manifest says {entry.bytes}"
    elif entry.bytes != measures.bytes:
        yield f"the file has {measures.bytes} bytes, its manifest says {entry.bytes}"
    if entry.sha256 != measures.sha256:
        yield "the file's SHA-256 differs from its manifest"
    if measures.damaged:
        return
    if entry.records != measures.records:
        yield f"the file holds {_counted(measures.records)}, its manifest says {_counted(entry.records)}"
    if (entry.first, entry.last) != (measures.first, measures.last):
        yield f"the file goes from {measures.first} to {measures.last}, its manifest says {entry.first} to {entry.last}"


def _counted(records: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(records.items())) or "nothing"
