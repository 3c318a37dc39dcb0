"""What there is to verify: the files of archive and spool, by what their names say.

Files of a bucket that are asked for before their turn: of a store that is far away, each answer takes its time."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import BinaryIO

from crawler.archive.names import NAMED_SUFFIX, OPEN, name_of, outlet_of
from crawler.archive.rows import is_compaction
from crawler.archive.storage.base import MARK, Storage
from crawler.archive.storage.directory import DirectoryStorage, open_file
from crawler.recording.claims import is_young_and_empty
from crawler.system.files import READ_BYTES, digest_of
from crawler.system.processes import in_background
from crawler.tools.verification.scratch import Scratch

MANIFESTS = "manifest/"

# An index gets its name after its WARC: listed before it, none seems to be without.
SUFFIX = {"manifest": ".json", "index": NAMED_SUFFIX["index"], **NAMED_SUFFIX}
SUFFIXES = tuple(SUFFIX.values())
STRAY = "stray"

# A copy on its way into the archive has a hidden name; one that has it for a day was cut off.
COPY = ".put-"
COPY_SECONDS = 86400.0
PARTIAL = ".partial" + OPEN

# What this machine is short of says nothing of the archive.
OURS = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM}


class Holdings:
    """The files of an archive and of the spool before it, listed into the scratch database."""

    def __init__(self, storage: Storage, spool: Path, scratch: Scratch) -> None:
        self.storage = storage
        self.spool = spool
        self.scratch = scratch
        self._ahead = Ahead(storage)

    def survey(self) -> Iterator[str]:
        """List the spool, then the archive, and yield what dead runs left open. Raises StorageError, OSError.

        In this order a file that is brought up meanwhile is met at least once.
        """
        dead = list(self._list_spool())
        # Manifests first: whatever a manifest names has arrived before it, and is found by the later listing.
        for key, size in self.storage.list(MANIFESTS):
            self._add(key, size, "archive")
        for key, size in self.storage.list():
            if key and not key.startswith(MANIFESTS):  # S3 may have an object for the folder itself
                self._add(key, size, "archive")
        if isinstance(self.storage, DirectoryStorage):
            self._list_hidden(self.storage.root)
        yield from dead

    def differs(self, key: str) -> bool:
        """Tell whether the spool and the archive hold a file with different content. Raises OSError, StorageError."""
        try:
            waiting = digest_of(self.spool / key)
        except FileNotFoundError:
            return False
        with self.storage.open(key) as stream:
            hasher = hashlib.sha256()
            while piece := stream.read(READ_BYTES):
                hasher.update(piece)
        return hasher.hexdigest() != waiting

    def open(self, key: str, offset: int = 0) -> BinaryIO:
        """Open a file where it stands. Raises FileNotFoundError, OSError, StorageError."""
        place, size = self.scratch.one("SELECT place, bytes FROM files WHERE key = ?", key) or (None, None)
        if size is not None and offset >= size:
            if place == "archive":
                self.storage.head(key)  # a link to nothing is listed as an empty file
            return BytesIO()  # S3 refuses to read nothing
        if place != "archive":
            # One that was not there when the spool was listed may be there now; brought up, it is in the archive.
            with suppress(FileNotFoundError):
                stream = open_file(self.spool / key)
                stream.seek(offset)
                return stream
        return self._ahead.open(key, offset)

    def ahead(self, keys: Iterator[str], files_of: Callable[[str], Iterable[str]]) -> Iterator[str]:
        """Yield keys in their order, while the archive is asked for the files of those to come."""
        waiting: deque[str] = deque()
        for key in keys:
            for file in files_of(key):
                if self.scratch.one("SELECT 1 FROM files WHERE key = ? AND place = 'archive' AND bytes > 0", file):
                    self._ahead.ask(file)
            waiting.append(key)
            if len(waiting) > KEYS:
                yield waiting.popleft()
        yield from waiting

    def add_named(self, manifest: str) -> Iterator[str]:
        """Take in, and yield, the row file of a compaction whose manifest came up after the listing."""
        if not is_compaction(manifest):
            return
        for file, size in self.scratch.run("SELECT file, bytes FROM named WHERE manifest = ?", manifest).fetchall():
            if not self.scratch.one("SELECT 1 FROM files WHERE key = ?", file) and self.stands(file):
                self._add(file, size, "archive")
                yield file

    def stands(self, key: str) -> bool:
        """Tell whether a file is there now."""
        try:
            if not (self.spool / key).is_file():
                self.storage.head(key)
        except OSError as error:
            if is_ours(error):
                raise
            return False
        return True

    def finished(self, kind: str) -> Iterator[str]:
        """Yield the finished files of a kind in the spool."""
        for path in self._spooled(kind):
            if path.name.endswith(SUFFIXES) and path.is_file():
                yield path.relative_to(self.spool).as_posix()

    def lives(self, run: str | None) -> bool:
        """Tell whether a run was at work when the spool was listed, or is now."""
        if run is None:
            return False
        if self.scratch.one("SELECT 1 FROM living WHERE run = ?", run):
            return True
        claim = run + ".json" + OPEN
        return any(path.name == claim and is_held(path) for path in self._spooled("runs"))

    def _spooled(self, kind: str) -> list[Path]:
        """Return what lies in a folder of the spool but hidden files. Raises OSError for folders that can't be read."""
        found = os.walk(self.spool / kind, onerror=_refuse)
        return sorted(Path(folder, name) for folder, _, names in found for name in names if not name.startswith("."))

    def _list_spool(self) -> Iterator[str]:
        for kind in SUFFIX:
            for path in self._spooled(kind):
                if path.name.endswith(OPEN):
                    yield from self._open_file(path, path.relative_to(self.spool).as_posix())
            for key in self.finished(kind):
                with suppress(FileNotFoundError):
                    self._add(key, (self.spool / key).stat().st_size, "spool")

    def _list_hidden(self, root: Path) -> None:
        """Take in what a listing passes over, but for copies that are being written."""
        for path in root.rglob(".*"):
            with suppress(FileNotFoundError):
                is_copy = path.name.startswith(COPY) and time.time() - path.stat().st_mtime < COPY_SECONDS
                is_mark = path == root / MARK  # of a bucket that this is a copy of
                if not is_copy and not is_mark and not path.is_dir():
                    self._add(path.relative_to(root).as_posix(), path.stat().st_size, "archive")

    def _open_file(self, path: Path, key: str) -> Iterator[str]:
        if not is_living(path):
            if path.exists():
                yield key
        elif key.startswith("runs/"):
            self.scratch.run("INSERT OR IGNORE INTO living VALUES (?)", path.name.removesuffix(".json" + OPEN))

    def _add(self, key: str, size: int, place: str) -> None:
        # A name that is no text can't be one of ours.
        key = key.encode("utf-8", "replace").decode()
        name = name_of(key)
        kind, slash, _ = key.partition("/")
        if not slash or kind not in SUFFIX or not key.endswith(SUFFIX[kind]):
            kind = STRAY
        if place == "archive" and self.scratch.one("SELECT 1 FROM files WHERE key = ? AND place = 'spool'", key):
            self.scratch.run("INSERT OR IGNORE INTO twins VALUES (?)", key)
        run = name["run"] if name and kind not in ("warc", "index") else None
        self.scratch.run(
            "INSERT OR REPLACE INTO files (key, bytes, place, kind, outlet, stamp, run) VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(key, size, place, kind, outlet_of(key), name["stamp"] if name else None, run),
        )


def _refuse(error: OSError) -> None:
    """Let no folder be passed over that is there."""
    if not isinstance(error, FileNotFoundError):
        raise error


def is_ours(error: Exception) -> bool:
    """Tell whether reading failed since this process is out of space, memory or descriptors."""
    return isinstance(error, OSError) and error.errno in OURS


def is_living(path: Path) -> bool:
    """Tell whether a growing file has its writer, or is too young to tell. Raises OSError when it can't be read."""
    try:
        # A growing file is locked right after it appears; asking before that would get in its writer's way.
        if is_young_and_empty(path.stat()) or is_held(path):
            return True
    except FileNotFoundError:
        return False
    # A final form is written beside the file that its writer holds.
    base = path.name.removesuffix(PARTIAL).removesuffix(".gz") + OPEN
    return path.name.endswith(PARTIAL) and path.with_name(base).exists() and is_held(path.with_name(base))


def is_held(path: Path) -> bool:
    """Tell whether a process holds the flock of a file. Raises OSError when it can't be read."""
    if not path.is_file():
        return False
    try:
        with open_file(path) as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


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
