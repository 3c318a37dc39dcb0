"""The files of an archive and of the spool before it: listed, opened, and classified by their names."""

import fcntl
import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

from crawler.archive.names import (
    MANIFEST,
    OPEN,
    REEXTRACTED,
    ROWS,
    SUFFIX,
    WITHHELD,
    is_decision,
    manifest_of,
    moment_of,
    name_of,
    outlet_of,
    stem_of,
)
from crawler.archive.storage import manifests_first
from crawler.archive.storage.base import Storage, fault_of_file
from crawler.archive.storage.directory import DirectoryStorage, open_file
from crawler.system import clock
from crawler.system.files import digest_of
from crawler.system.processes import in_background
from crawler.tools.verification.database import ScratchDatabase

STRAY = "stray"
REEXTRACTED_ROWS = "reextracted rows"

FILES = """
-- Every file in spool and archive, and the WARCs of killed runs, in a `place`: archive, spool or dead. It is `checked`
-- if it is selected, `is_twin` if it is in spool and archive.
CREATE TABLE files (key TEXT PRIMARY KEY, bytes INTEGER, place TEXT, kind TEXT, outlet TEXT, stamp TEXT,
    checked INTEGER, is_twin INTEGER) WITHOUT ROWID
"""

# The keys whose files are opened ahead; memory holds one buffer of each file.
AHEAD = 8


class ArchiveFiles:
    """The files of an archive and its spool, listed into the scratch database."""

    def __init__(
        self, storage: Storage, spool: Path, database: ScratchDatabase, continued: timedelta = timedelta()
    ) -> None:
        """Later runs go on with an unfinished segment that is younger than `continued`."""
        self.storage = storage
        self.spool = spool
        self.database = database
        self._spooled = DirectoryStorage(spool)
        self._continued = continued
        # Whether the spool has unfinished segments.
        self.is_growing = False
        self._opening: dict[str, Future[BinaryIO]] = {}
        database.run(FILES)

    def survey(self) -> None:
        """List the spool, then the archive, so that no file is missed."""
        self._list_spool()
        for key, size in manifests_first(self.storage):
            self.add(key, size, "archive")

    def differs(self, key: str) -> bool:
        """Return whether the spool's copy differs from the archive's. Raises OSError, StorageError."""
        with suppress(FileNotFoundError):
            waiting = digest_of(self.spool / key)
            with self.storage.open(key) as stream:
                return hashlib.file_digest(cast(BufferedReader, stream), "sha256").hexdigest() != waiting
        return False

    def open(self, key: str, offset: int = 0) -> BinaryIO:
        """Open a file from an offset. Raises FileNotFoundError, OSError, StorageError."""
        if offset == 0 and (opening := self._opening.pop(key, None)) is not None:
            return opening.result()
        return self._open(key, offset)

    def _open(self, key: str, offset: int) -> BinaryIO:
        with suppress(FileNotFoundError):
            return self.storage.open(key, offset)
        with suppress(FileNotFoundError):
            return self._spooled.open(key, offset)
        # It was uploaded in between.
        return self.storage.open(key, offset)

    def prefetched(self, keys: Iterator[str], files_of: Callable[[str], Iterable[str]]) -> Iterator[str]:
        """Yield keys in order, while a store that is not a directory opens the files of the next keys."""
        waiting: deque[str] = deque()
        is_local = isinstance(self.storage, DirectoryStorage)
        for key in keys:
            for file in () if is_local else files_of(key):
                self._opening[file] = in_background("khobor-verify", partial(self._open_ahead, file))
            waiting.append(key)
            if len(waiting) > AHEAD:
                yield waiting.popleft()
        yield from waiting

    def _open_ahead(self, key: str) -> BinaryIO:
        stream = self._open(key, 0)
        if isinstance(stream, BufferedReader):
            stream.peek()  # reads a small file whole, which frees its connection
        return stream

    def is_listed(self, key: str) -> bool:
        return self._place_of(key) is not None

    def has_appeared(self, key: str) -> bool:
        """Add a file that the listing lacks, if it is in the spool or the archive by now; return whether it is."""
        for store, place in ((self._spooled, "spool"), (self.storage, "archive")):
            try:
                self.add(key, store.head(key), place, is_checked=True)
            except OSError as error:
                fault_of_file(error)
            else:
                return True
        return False

    def _place_of(self, key: str) -> str | None:
        found = self.database.one("SELECT place FROM files WHERE key = ?", key)
        return found and str(found[0])

    def _list_spool(self) -> None:
        unfinished = set()
        for key, _ in self._spooled.list("warc"):
            if name_of(key.removesuffix(OPEN)) and not self._is_finished(key):
                unfinished.add(stem_of(key))
                self.is_growing = True
                # An uploaded segment has no manifest here.
                path, age = self.spool / key, clock.now() - moment_of(stem_of(key))
                is_continued = timedelta() <= age < self._continued
                is_dead = not is_continued and not is_held(path) and path.exists()
                # Its writer may have finished it meanwhile.
                if is_dead and not self._is_finished(key):
                    self.add(key, 0, "dead")
        for kind, suffix in SUFFIX.items():
            for key, size in self._spooled.list(kind):
                if key.endswith(suffix) and stem_of(key) not in unfinished:
                    self.add(key, size, "spool")

    def _is_finished(self, key: str) -> bool:
        return (self.spool / manifest_of(key)).exists()

    def add(self, key: str, size: int, place: str, is_checked: bool = False) -> None:
        # A name that is not UTF-8 is not one of ours.
        key = key.encode("utf-8", "replace").decode()
        name = name_of(key.removesuffix(OPEN))
        kind, slash, _ = key.partition("/")
        is_ours = slash and kind in SUFFIX and name is not None and key.endswith(SUFFIX[kind])
        if kind == REEXTRACTED and name is not None and key.endswith((MANIFEST, ROWS)):
            is_ours, kind = True, REEXTRACTED if key.endswith(MANIFEST) else REEXTRACTED_ROWS
        if not is_ours:
            kind = WITHHELD if is_decision(key) else STRAY
        is_twin = place == "archive" and self._place_of(key) == "spool"
        values = (key, size, place, kind, outlet_of(key), name and name["stamp"], is_checked, is_twin)
        self.database.run("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *values)


def is_held(path: Path) -> bool:
    if path.is_file():
        with suppress(FileNotFoundError), open_file(path) as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
    return False
