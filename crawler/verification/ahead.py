"""Files of a bucket that are asked for before their turn: of a store that is far away, each answer takes its time."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from io import BufferedReader
from typing import BinaryIO

from crawler.background import in_background
from crawler.storage import DirectoryStorage, Storage

# So many keys are ahead of the one that is read; of each file, memory holds one buffer.
KEYS = 8


class Ahead:
    """Opens files of a store in the background; those of a directory need no asking."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._coming: dict[str, Future[BinaryIO]] = {}

    def ask(self, key: str) -> None:
        """Begin to open a file, from its start."""
        if not isinstance(self._storage, DirectoryStorage) and key not in self._coming:
            self._coming[key] = in_background("khobor-verify", partial(_begun, self._storage, key))

    def open(self, key: str, offset: int = 0) -> BinaryIO:
        """Return what was asked for, or open it now. Raises FileNotFoundError, OSError, StorageError."""
        if offset == 0 and (coming := self._coming.pop(key, None)) is not None:
            return coming.result()
        return self._storage.open(key, offset)


def _begun(storage: Storage, key: str) -> BinaryIO:
    stream = storage.open(key)
    if isinstance(stream, BufferedReader):
        stream.peek()  # a small file is here whole then, and its connection is free
    return stream
