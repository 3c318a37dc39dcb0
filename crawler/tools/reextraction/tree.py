"""The tree of re-extracted rows in an archive: `reextracted/VERSION/outlet=OUTLET/STEM.jsonl.gz` and its manifest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crawler.archive.manifests import FORMAT, FinishedFile, write_json
from crawler.archive.names import MANIFEST, ROWS, reextracted_folder, reextracted_key
from crawler.archive.rows import manifest_in, write_rows
from crawler.archive.storage.base import Storage, StorageError
from crawler.model.article import Extractor
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import RowFile, file_rows
from crawler.tools.reextraction.pages import Extracted
from crawler.tools.reextraction.segments import Segment


class Tree:
    """The rows of one extractor in an archive; files go through a folder of the spool."""

    def __init__(self, storage: Storage, folder: Path, extractor: Extractor) -> None:
        self.folder = folder
        self._storage = storage
        self._extractor = extractor
        self._version = extractor.label
        self._keys: set[str] = set()

    def begin(self, outlet: str) -> None:
        """Find what is there of an outlet. Raises StorageError."""
        self._keys = {key for key, _ in self._storage.list(reextracted_folder(self._version, outlet))}

    def has(self, segment: Segment) -> bool:
        return self._key(segment, MANIFEST) in self._keys

    def rows(self, segment: Segment) -> Iterator[dict[str, Any]]:
        """Yield the rows of a segment. Raises StorageError for damaged ones."""
        key = self._key(segment, MANIFEST)
        try:
            manifest = manifest_in(self._storage, key) or {"files": []}
            for entry in manifest["files"]:
                for row in file_rows(self._storage, RowFile(entry["file"], entry["sha256"])):
                    yield row.fields
        except (ValueError, ExportFailed) as error:
            raise StorageError(f"{key}: its rows are damaged: {error}; remove it to make them again") from error

    def remove(self, segment: Segment) -> None:
        """Remove what is there of a segment, first the manifest: rows without it do not count."""
        for key in (self._key(segment, MANIFEST), self._key(segment, ROWS)):
            if key in self._keys:
                self._storage.remove(key)
                self._keys.remove(key)

    def put(self, segment: Segment, found: Extracted, rows: Iterable[str]) -> int:
        """Put the rows of a segment, then their manifest, and return the number of rows.

        A file without a manifest was left by an earlier try. Raises StorageError, OSError.
        """
        written = write_rows(self.folder, self._key(segment, ROWS), (row.encode() + b"\n" for row in rows))
        # Without any row there is no file.
        files = [written] if written.records["rows"] else []
        manifest = self._manifest(segment, found, files)
        self.remove(segment)
        for file in (*files, manifest):
            self._storage.put(self.folder / file.file, file.file, sha256=file.sha256)
            self._keys.add(file.file)
        for file in (written, manifest):
            (self.folder / file.file).unlink()
        return written.records["rows"]

    def _manifest(self, segment: Segment, found: Extracted, files: list[FinishedFile]) -> FinishedFile:
        facts: dict[str, Any] = {"format": FORMAT, "segment": segment.stem, "outlet": segment.stem.split("-")[1]}
        facts |= {"extractor": asdict(self._extractor), "pages": found.pages}
        facts |= {"rejected": dict(sorted(found.rejected.items())), "files": [asdict(file) for file in files]}
        return write_json(self.folder, self._key(segment, MANIFEST), facts)

    def _key(self, segment: Segment, suffix: str) -> str:
        return reextracted_key(self._version, segment.stem, suffix)
