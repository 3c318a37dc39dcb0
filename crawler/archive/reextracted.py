"""Re-extracted rows: which of them count, and which rows of the crawl they replace.

The rows that a later extractor read of a segment are in `reextracted/VERSION/outlet=OUTLET/STEM.jsonl.gz`. They count
once their manifest is beside them, and then replace all rows of their segment that an older version or the crawl wrote.
"""

import re
from collections.abc import Iterator, Sequence

from crawler.archive.names import (
    MANIFEST,
    REEXTRACTED,
    ROWS,
    manifest_of,
    name_of,
    reextracted_folder,
    reextracted_key,
    stem_of,
)
from crawler.archive.rows import is_compaction, manifest_in
from crawler.archive.storage.base import Storage

# Lines of a file: starts and ends as in slices.
Spans = Sequence[Sequence[int]]


class Reextracted:
    """The newest re-extraction of each segment of an outlet.

    `manifests` are their keys, `rows` those of the row files that count. Raises StorageError.
    """

    def __init__(self, storage: Storage, outlet: str) -> None:
        self._storage = storage
        versions: dict[str, str] = {}
        listed: set[str] = set()
        for version in sorted(storage.folders(f"{REEXTRACTED}/"), key=_age):
            keys = [key for key, _ in storage.list(reextracted_folder(version, outlet)) if name_of(key)]
            versions |= {stem_of(key): version for key in keys if key.endswith(MANIFEST)}
            listed.update(keys)
        self._segments = versions.keys()
        self.manifests = [reextracted_key(version, stem, MANIFEST) for stem, version in sorted(versions.items())]
        rows = (reextracted_key(version, stem, ROWS) for stem, version in sorted(versions.items()))
        self.rows = [key for key in rows if key in listed]

    def replaced(self, key: str) -> Spans | None:
        """Return which lines of a row file of the crawl do not count; None if no line counts.

        Raises StorageError, OSError, ValueError for the damaged manifest of a compaction.
        """
        if not is_compaction(key):
            return None if stem_of(key) in self._segments else ()
        parts = list(parts_of(self._storage, key)) if self._segments else []
        spans = [(start, stop) for segment, start, stop in parts if segment in self._segments]
        return spans if not parts or len(spans) < len(parts) else None


def parts_of(storage: Storage, compaction: str) -> Iterator[tuple[str, int, int]]:
    """Yield the segments whose rows are in a compaction, and where in its lines.

    Raises StorageError, OSError, ValueError for a damaged manifest.
    """
    end = 0
    for segment, count in _segments_in(storage, compaction):
        yield segment, end, end + count
        end += count


def _segments_in(storage: Storage, compaction: str) -> Iterator[tuple[str, int]]:
    manifest = manifest_in(storage, manifest_of(compaction))
    for entry in manifest["replaces"] if manifest else ():
        if is_compaction(entry["file"]):
            yield from _segments_in(storage, entry["file"])
        else:
            yield stem_of(entry["file"]), entry["records"]["rows"]


def _age(version: str) -> tuple[list[int], str]:
    """Return what orders versions, such as `14+trafilatura-2.0.0`, by their numbers."""
    return [int(number) for number in re.findall(r"\d+", version)], version


def is_in(number: int, spans: Spans) -> bool:
    """Return whether a line, counted from 1, is in one of the spans."""
    return any(start < number <= stop for start, stop in spans)
