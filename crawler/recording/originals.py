"""Originals: the archived captures that a request may be compared with, and their content."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from crawler.recording import message
from crawler.recording.reading import Damaged, StoredRecord, walk
from crawler.recording.revisits import Original
from crawler.state import State
from crawler.storage import Storage, StorageError


class Originals:
    """Finds originals that state calls archived and that can be read; safe to use from several threads."""

    def __init__(self, state: State, storage: Storage) -> None:
        self._state = state
        self._storage = storage

    def find(self, outlet: str, urls: Sequence[str]) -> dict[str, Original]:
        """Return by address what new captures may refer to. Raises SQLAlchemyError."""
        found = self._state.originals(outlet, urls)
        # Read before it is referred to: a record that is damaged, or in an archive elsewhere, is not known to be safe.
        return {url: original for url, original in found.items() if self.content(original) is not None}

    def content(self, original: Original) -> tuple[list[tuple[str, str]], bytes] | None:
        """Return header fields and entity (content coding kept) of an original, None when it can't be read."""
        try:
            with (
                closing(self._storage.open(original.file, original.offset)) as stream,
                closing(walk(stream, original.offset)) as records,
            ):
                record = next(records, None)
                return _content(record, original) if record else None
        except (OSError, StorageError, Damaged):
            return None


def _content(record: StoredRecord, original: Original) -> tuple[list[tuple[str, str]], bytes] | None:
    response = message.read(record.block, record.size).response
    is_it = record.get("WARC-Record-ID") == original.record_id
    if response is None or not is_it or response.entity_digest != original.payload_digest:
        return None
    return response.fields, message.entity_of(record.block, response)
