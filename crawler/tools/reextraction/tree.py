"""The tree of re-extracted rows in an archive: `reextracted/VERSION/outlet=OUTLET/STEM.jsonl.gz` and its manifest."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from crawler.archive.documents import parsed
from crawler.archive.manifests import FORMAT, LEVEL, FinishedFile, write_final, write_json
from crawler.archive.names import MANIFEST, ROWS, reextracted_folder, reextracted_key
from crawler.archive.rows import lines, manifest_in
from crawler.archive.storage.base import Storage, StorageError, unwatched
from crawler.model.article import Extractor
from crawler.system.files import Measured
from crawler.tools.reextraction.pages import Extracted
from crawler.tools.reextraction.segments import Segment


class Tree:
    """The rows of one extractor in an archive; files go through a folder of the spool."""

    def __init__(self, storage: Storage, folder: Path, extractor: Extractor) -> None:
        self._storage = storage
        self._folder = folder
        self._extractor = extractor
        self._version = extractor.label
        self._keys: set[str] = set()

    def begin(self, outlet: str, segments: Sequence[Segment]) -> None:
        self._keys = {key for key, _ in self._storage.list(reextracted_folder(self._version, outlet))}

    def has(self, segment: Segment) -> bool:
        return self._key(segment, MANIFEST) in self._keys

    def rows(self, segment: Segment) -> Iterator[dict[str, Any]]:
        """Yield the rows of a segment. Raises StorageError for damaged ones."""
        key = self._key(segment, MANIFEST)
        try:
            manifest = manifest_in(self._storage, key) or {"files": []}
            for entry in manifest["files"]:
                with self._storage.open(entry["file"]) as stream:
                    measured = Measured(stream, unwatched)
                    yield from map(parsed, lines(measured))
                if measured.sha256 != entry["sha256"]:
                    raise ValueError("its SHA-256 differs from its manifest")
        except (ValueError, FileNotFoundError) as error:
            raise StorageError(f"{key}: its rows are damaged: {error}; remove it to make them again") from error

    def remove(self, segment: Segment) -> None:
        """Remove what is there of a segment, first the manifest: rows without it do not count."""
        for key in (self._key(segment, MANIFEST), self._key(segment, ROWS)):
            if key in self._keys:
                self._storage.remove(key)
                self._keys.remove(key)

    def take(self, segment: Segment, found: Extracted, rows: Iterable[str]) -> None:
        """Put the rows of a segment, then their manifest; a file without one was left by an earlier try."""
        written = self._write(segment, rows)
        manifest = self._manifest(segment, found, written)
        self.remove(segment)
        for file in (*written, manifest):
            self._storage.put(self._folder / file.file, file.file, sha256=file.sha256)
            (self._folder / file.file).unlink()

    def _write(self, segment: Segment, rows: Iterable[str]) -> list[FinishedFile]:
        """Write the rows into the spool; without any there is no file."""
        count = 0

        def write(stream: BinaryIO) -> None:
            nonlocal count
            with gzip.GzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=stream, mtime=0) as packed:
                for row in rows:
                    packed.write(row.encode() + b"\n")
                    count += 1

        finished = write_final(self._folder, self._key(segment, ROWS), write)
        finished.records = {"rows": count}
        if count:
            return [finished]
        (self._folder / finished.file).unlink()
        return []

    def _manifest(self, segment: Segment, found: Extracted, files: list[FinishedFile]) -> FinishedFile:
        facts: dict[str, Any] = {"format": FORMAT, "segment": segment.stem, "outlet": segment.stem.split("-")[1]}
        facts |= {"extractor": asdict(self._extractor), "pages": found.pages}
        facts |= {"rejected": dict(sorted(found.rejected.items())), "files": [asdict(file) for file in files]}
        return write_json(self._folder, self._key(segment, MANIFEST), facts)

    def _key(self, segment: Segment, suffix: str) -> str:
        return reextracted_key(self._version, segment.stem, suffix)
