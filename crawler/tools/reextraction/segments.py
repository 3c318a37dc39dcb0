"""The segments to re-extract: an outlet's, in the order of their captures, with those that overlap together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crawler.archive.names import name_of, stem_of, warc_of
from crawler.archive.rows import is_compaction, manifest_in, manifests_of
from crawler.archive.storage.base import Storage
from crawler.model.span import DateRange


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment with captures from `first` to `last`, in RFC 3339, and size and SHA-256 of its WARC file."""

    stem: str
    warc: str
    bytes: int
    sha256: str
    first: str
    last: str

    def is_of(self, days: DateRange) -> bool:
        """Return whether there may be captures of these days (UTC)."""
        first, last = (datetime.fromisoformat(moment).date() for moment in (self.first, self.last))
        return last >= (days.since or date.min) and first <= (days.until or date.max)


def segments_of(storage: Storage, outlet: str) -> list[Segment]:
    """Return an outlet's segments in the order of their first capture. Raises StorageError, OSError, ValueError."""
    keys = (key for key, _ in storage.list(manifests_of(outlet)) if name_of(key) and not is_compaction(key))
    found = (_segment(key, manifest_in(storage, key)) for key in keys)
    return sorted(filter(None, found), key=lambda segment: (segment.first, segment.stem))


def _segment(key: str, manifest: dict[str, Any] | None) -> Segment | None:
    """Return the segment of a manifest, if there is a capture in it."""
    warc = warc_of(key)
    entries = manifest["files"] if manifest else ()
    entry = next((one for one in entries if one["file"] == warc and one["first"]), None)
    return (
        Segment(stem_of(key), warc, entry["bytes"], entry["sha256"], entry["first"], entry["last"]) if entry else None
    )


def overlapping(segments: Iterable[Segment]) -> Iterator[list[Segment]]:
    """Yield groups of segments whose captures are between one another's, as of two machines; most have one."""
    group: list[Segment] = []
    for segment in segments:
        if group and segment.first > max(one.last for one in group):
            yield group
            group = []
        group.append(segment)
    if group:
        yield group
