"""An archive in a directory."""

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

from crawler.archive.storage.base import MARK, MARK_BYTES, StorageError, failing, unwatched
from crawler.system.files import digest_of, make_directory, name_new, sync_path


class DirectoryStorage:
    """An archive in a directory of this machine or a mounted one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.url = str(root)

    def check(self) -> None:
        """Try a file in the directory, or where it would be; an empty directory would be in the way of a mount."""
        with failing(f"ARCHIVE_URL {self.url} can't be written"):
            place = next(folder for folder in (self.root, *self.root.parents) if os.path.lexists(folder))
            with tempfile.TemporaryFile(dir=place) as trial:
                trial.write(b"khobor")
                trial.flush()

    def put(self, local: Path, key: str, sent: Callable[[int], object] = unwatched, sha256: str = "") -> None:
        """Link the file, or copy it to another file system; it is complete before its name appears."""
        target = self.root / key
        with failing(f"{key} can't be put into {self.url}"):
            if sha256:
                check_unchanged(local, digest_of(local), sha256)
            make_directory(target.parent)
            is_there = target.exists() or not _link_or_copy(local, target)
            if is_there and digest_of(target) != digest_of(local):
                raise StorageError(f"{key} is in the archive already, with other content")
            sync_path(target.parent)
            sent(target.stat().st_size)

    def replace(self, local: Path, key: str, sha256: str) -> None:
        """Copy the file beside the damaged one and rename it; links to the damaged one elsewhere keep their content."""
        target = self.root / key
        check_unchanged(local, digest_of(local), sha256)
        _copy(local, target, _name_anew)
        sync_path(target.parent)

    def remove(self, key: str) -> None:
        path = self._path(key)
        with failing(f"{key} can't be removed from {self.url}"):
            path.unlink(missing_ok=True)
            sync_path(path.parent)

    def list(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Walk the directory, links included. A broken link counts as an empty file; none leads around or to /proc."""
        root = Path(os.path.realpath(self.root))
        been = {os.path.realpath(self.root / prefix), *map(str, (root, *root.parents))}
        for folder, folders, names in os.walk(self.root / prefix, onerror=_refuse, followlinks=True):
            folders[:] = sorted(name for name in folders if _is_first(been, os.path.join(folder, name)))
            for name in sorted(names):
                if name.startswith("."):
                    continue  # an interrupted copy
                path, size = Path(folder, name), 0
                with suppress(FileNotFoundError):  # removed at this moment
                    size = path.stat().st_size if path.is_file() else 0
                yield path.relative_to(self.root).as_posix(), size

    def folders(self, prefix: str) -> Iterator[str]:
        _, names, _ = next(os.walk(self.root / prefix, onerror=_refuse), ("", [], []))
        yield from sorted(name for name in names if not name.startswith("."))

    def head(self, key: str) -> int:
        found = self._path(key).stat()
        if stat.S_ISDIR(found.st_mode):
            raise OSError(errno.EISDIR, "not a regular file", key)
        return found.st_size

    def open(self, key: str, offset: int = 0) -> BinaryIO:
        """Open the file and seek. Raises OSError if it is not a regular file."""
        stream = open_file(self._path(key))
        stream.seek(offset)
        return stream

    def marker(self) -> bytes:
        with failing(f"{MARK} in {self.url} can't be read"), suppress(FileNotFoundError), self.open(MARK) as stream:
            return stream.read(MARK_BYTES)
        return b""

    def mark(self, content: bytes, is_replaced: bool = False) -> None:
        with failing(f"{MARK} in {self.url} can't be written"):
            make_directory(self.root)
            with tempfile.NamedTemporaryFile() as marker:
                marker.write(content)
                marker.flush()
                os.chmod(marker.name, 0o644)
                _copy(Path(marker.name), self.root / MARK, _name_anew if is_replaced else name_new)
            sync_path(self.root)

    def _path(self, key: str) -> Path:
        if key.startswith("/") or ".." in key.split("/"):
            raise FileNotFoundError(errno.ENOENT, "not a key of an archive", key)
        return self.root / key


def _is_first(been: set[str], folder: str) -> bool:
    real = os.path.realpath(folder)
    # /proc and its like have no blocks.
    if real in been or (os.path.islink(folder) and os.statvfs(real).f_blocks == 0):
        return False
    been.add(real)
    return True


def _refuse(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise StorageError(f"{error.filename} can't be read: {error.strerror}") from error


def open_file(path: Path) -> BinaryIO:
    """Open a file for reading. Raises OSError for a device, or a pipe, on which a reader would hang."""

    def opener(name: str, flags: int) -> int:
        descriptor = os.open(name, flags | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "not a regular file", name)
        return descriptor

    return open(path, "rb", opener=opener)


def check_unchanged(local: Path, found: str, wanted: str) -> None:
    """Raise StorageError if a file's SHA-256 differs from that of the finished file."""
    if found != wanted:
        raise StorageError(f"{local} has changed on the disk since it was written (SHA-256)")


def _link_or_copy(local: Path, target: Path) -> bool:
    try:
        os.link(local, target)
    except FileExistsError:
        return False
    except OSError:
        return _copy(local, target)  # another file system, or one without links
    return True


def _name_anew(partial: Path, target: Path) -> bool:
    partial.replace(target)
    return True


def _copy(local: Path, target: Path, name: Callable[[Path, Path], bool] = name_new) -> bool:
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".put-", delete=False) as partial:
        try:
            with local.open("rb") as source:
                shutil.copyfileobj(cast(BinaryIO, source), partial, 1 << 20)
            partial.flush()
            os.fsync(partial.fileno())
            shutil.copymode(local, partial.name)
            if digest_of(Path(partial.name)) != digest_of(local):
                raise OSError(errno.EIO, "the copy differs from the file")
            return name(Path(partial.name), target)
        finally:
            Path(partial.name).unlink(missing_ok=True)
