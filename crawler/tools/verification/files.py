"""The files of an archive and of the spool before it: listed, opened, and classified by their names."""

import fcntl
import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

from crawler.archive.names import OPEN, SUFFIX, manifest_of, moment_of, name_of, outlet_of, stem_of
from crawler.archive.storage.base import Storage, fault_of_file
from crawler.archive.storage.directory import DirectoryStorage, open_file
from crawler.system.files import digest_of
from crawler.system.processes import in_background
from crawler.tools.verification.database import ScratchDatabase

MANIFESTS = "manifest/"

STRAY = "stray"

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
        self._continued = continued
        # Whether the spool has unfinished segments.
        self.is_growing = False
        self._opening: dict[str, Future[BinaryIO]] = {}
        database.run(FILES)

    def survey(self) -> None:
        """List the spool, then the archive, so that no file is missed."""
        self._list_spool()
        # Manifests first: a file arrives before the manifest that names it, so the later listing has it.
        for key, size in self.storage.list(MANIFESTS):
            self.add(key, size, "archive")
        for key, size in self.storage.list():
            if key and not key.startswith(MANIFESTS):  # S3 may have an object for the folder itself
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
        if self._place_of(key) != "archive":
            # The spool may hold a file by now that it did not list; an uploaded one is in the archive.
            with suppress(FileNotFoundError):
                stream = open_file(self.spool / key)
                stream.seek(offset)
                return stream
        if offset == 0 and (opening := self._opening.pop(key, None)) is not None:
            return opening.result()
        return self.storage.open(key, offset)

    def prefetched(self, keys: Iterator[str], files_of: Callable[[str], Iterable[str]]) -> Iterator[str]:
        """Yield keys in order, while a store that is not a directory opens the files of the next keys."""
        waiting: deque[str] = deque()
        is_local = isinstance(self.storage, DirectoryStorage)
        for key in keys:
            for file in () if is_local else files_of(key):
                if file not in self._opening and self._place_of(file) == "archive":
                    self._opening[file] = in_background("khobor-verify", partial(_opened, self.storage, file))
            waiting.append(key)
            if len(waiting) > AHEAD:
                yield waiting.popleft()
        yield from waiting

    def is_listed(self, key: str) -> bool:
        return self._place_of(key) is not None

    def has_appeared(self, key: str) -> bool:
        """Add a file that the listing lacks, if it is in the spool or the archive by now; return whether it is."""
        path = self.spool / key
        try:
            size, place = (path.stat().st_size, "spool") if path.is_file() else (self.storage.head(key), "archive")
        except OSError as error:
            fault_of_file(error)
            return False
        self.add(key, size, place, is_checked=True)
        return True

    def _place_of(self, key: str) -> str | None:
        found = self.database.one("SELECT place FROM files WHERE key = ?", key)
        return found and str(found[0])

    def _spooled(self, kind: str) -> list[Path]:
        """Return the files in a folder of the spool, except hidden ones. Raises OSError for an unreadable folder."""
        found = os.walk(self.spool / kind, onerror=_refuse)
        return sorted(Path(folder, name) for folder, _, names in found for name in names if not name.startswith("."))

    def _list_spool(self) -> None:
        unfinished = set()
        for path in self._spooled("warc"):
            key = path.relative_to(self.spool).as_posix()
            if name_of(key.removesuffix(OPEN)) and not (self.spool / manifest_of(key)).exists():
                unfinished.add(stem_of(key))
                self.is_growing = True
                # An uploaded segment has no manifest here.
                is_young = datetime.now(UTC) - moment_of(stem_of(key)) < self._continued
                is_dead = not is_young and not is_held(path) and path.exists()
                # Its writer may have finished it meanwhile.
                if is_dead and not (self.spool / manifest_of(key)).exists():
                    self.add(key, 0, "dead")
        for kind, suffix in SUFFIX.items():
            for path in self._spooled(kind):
                key = path.relative_to(self.spool).as_posix()
                with suppress(FileNotFoundError):
                    if key.endswith(suffix) and path.is_file() and stem_of(key) not in unfinished:
                        self.add(key, path.stat().st_size, "spool")

    def add(self, key: str, size: int, place: str, is_checked: bool = False) -> None:
        # A name that is not UTF-8 is not one of ours.
        key = key.encode("utf-8", "replace").decode()
        name = name_of(key.removesuffix(OPEN))
        kind, slash, _ = key.partition("/")
        if not slash or kind not in SUFFIX or name is None or not key.endswith(SUFFIX[kind]):
            kind = STRAY
        is_twin = place == "archive" and self._place_of(key) == "spool"
        values = (key, size, place, kind, outlet_of(key), name and name["stamp"], is_checked, is_twin)
        self.database.run("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *values)


def _refuse(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def is_held(path: Path) -> bool:
    try:
        if path.is_file():
            with open_file(path) as stream:
                fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def _opened(storage: Storage, key: str) -> BinaryIO:
    stream = storage.open(key)
    if isinstance(stream, BufferedReader):
        stream.peek()  # reads a small file whole, which frees its connection
    return stream
