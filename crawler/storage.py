"""Where finished files go: one small interface, a directory or S3 behind it, chosen by URL."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

if TYPE_CHECKING:
    from crawler.s3.options import Options


# The archive's marker, which holds its ID (`crawler.archive_identity`); a bucket is tried out on it. No listing of ours
# has it. It stays: deleting takes a right of its own, and leaves more behind where versions are kept.
MARK = ".khobor"
# How every marker begins; an older one ends there.
MARK_LINE = b"khobor keeps an archive below this place.\n"
# A marker is shorter.
MARK_BYTES = 1000


class StorageError(Exception):
    """The store can't keep its promise: refused, full, misconfigured, or holding something else already."""


class StoreUnreachable(StorageError):
    """The store gives no answer at the moment; finished files wait in the spool."""


class NoAccess(StorageError):
    """The store gives nothing to who asks as we do (token, keys, clock, bucket, region): no matter of one file."""


def unwatched(count: int) -> None:
    """Take note of nothing, where nobody watches how many bytes have arrived."""


class Storage(Protocol):
    """A place for finished files, named by keys: paths below the archive's root with `/` between parts."""

    url: str

    def check(self) -> None:
        """Raise StorageError when nothing could be put here."""

    def put(self, local: Path, key: str, sent: Callable[[int], object] = unwatched, sha256: str = "") -> None:
        """Keep a copy of a finished file, verified; never overwrite. Raises StorageError, OSError.

        `sent` is called with numbers of bytes as they arrive. `sha256`, where it is known, is what the file must have.
        """

    def remove(self, key: str) -> None:
        """Remove a file that another one has replaced; one that is not there is none. Raises StorageError."""

    def list(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Yield (key, bytes) of what lies below a prefix.

        A bucket is listed in key order, a directory folder by folder, the files of each in order before its folders.
        """

    def head(self, key: str) -> int:
        """Return the bytes of a kept file. Raises FileNotFoundError."""

    def open(self, key: str, offset: int = 0) -> BinaryIO:
        """Open a kept file for reading from an offset. Raises FileNotFoundError."""

    def marker(self) -> bytes:
        """Return the content of the archive's marker, empty where there is none. Raises StorageError."""

    def mark(self, content: bytes) -> None:
        """Write the archive's marker, in the place of one that is there. Raises StorageError."""


def storage_for(url: str, options: Options | None = None) -> Storage:
    """Return the store at a URL: a directory's path or `s3://bucket/prefix`. Raises StorageError.

    `options` say how files are sent to a bucket; what only reads needs none.
    """
    # With a slash too few it would be a directory of this machine.
    if "://" not in url and not url.startswith("s3:"):
        return DirectoryStorage(Path(url))
    if url.startswith("s3://"):
        from crawler.s3.storage import S3Storage  # noqa: PLC0415 (boto3 takes half a second to import)

        return S3Storage(url, options)
    raise StorageError(f"ARCHIVE_URL {url.partition(':')[0]}:…: a directory or s3://bucket/prefix is needed")


class DirectoryStorage:
    """An archive in a directory of this machine or a mounted one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.url = str(root)

    def check(self) -> None:
        """Try a file in the directory, or where it would be made: root may write anywhere, and a disk may be full.

        Nothing is made: an empty directory would be in the way of the archive that is renamed back or mounted.
        """
        try:
            place = next(folder for folder in (self.root, *self.root.parents) if os.path.lexists(folder))
            with tempfile.TemporaryFile(dir=place) as trial:
                trial.write(b"khobor")
                trial.flush()
        except OSError as error:
            raise StorageError(f"ARCHIVE_URL {self.url} can't be written: {error.strerror}") from error

    def put(self, local: Path, key: str, sent: Callable[[int], object] = unwatched, sha256: str = "") -> None:
        """Link the file in, or copy it where linking can't be; both are complete before the name appears."""
        target = self.root / key
        try:
            if sha256:
                check_unchanged(local, digest_of(local), sha256)
            make_directory(target.parent)
            if target.exists() or not _link_or_copy(local, target):
                self._compare(local, key)
            sync_path(target.parent)
            sent(target.stat().st_size)
        except OSError as error:
            raise StorageError(f"{key} can't be put into {self.url}: {error.strerror}") from error

    def remove(self, key: str) -> None:
        """Unlink the file, durably."""
        path = self._path(key)
        try:
            path.unlink(missing_ok=True)
            sync_path(path.parent)
        except OSError as error:
            raise StorageError(f"{key} can't be removed from {self.url}: {error.strerror}") from error

    def _compare(self, local: Path, key: str) -> None:
        if digest_of(self.root / key) != digest_of(local):
            raise StorageError(f"{key} is in the archive already, with other content")

    def list(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Walk the directory, and what links in it lead to.

        A link to nothing counts as an empty file, and so does one to a folder that the archive lies in or that is of
        no disk: below these there is no end.
        """
        been = {os.path.realpath(self.root / prefix)}
        for folder, folders, names in os.walk(self.root / prefix, onerror=_refuse, followlinks=True):
            names += [name for name in folders if self._leads_away(os.path.join(folder, name))]
            folders[:] = [name for name in folders if name not in names]
            # A folder can be reached twice by links, and for ever by one to a folder above it.
            folders[:] = sorted(name for name in folders if _is_first(been, os.path.join(folder, name)))
            for name in sorted(names):
                if name.startswith("."):
                    continue  # a copy that was cut off
                path = Path(folder, name)
                yield path.relative_to(self.root).as_posix(), path.stat().st_size if path.is_file() else 0

    def head(self, key: str) -> int:
        """Ask the file system."""
        return self._path(key).stat().st_size

    def open(self, key: str, offset: int = 0) -> BinaryIO:
        """Open the file and seek. Raises OSError for what is no file."""
        stream = open_file(self._path(key))
        stream.seek(offset)
        return stream

    def marker(self) -> bytes:
        """Read the file."""
        try:
            with self.open(MARK) as stream:
                return stream.read(MARK_BYTES)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise StorageError(f"{MARK} in {self.url} can't be read: {error.strerror}") from error

    def mark(self, content: bytes) -> None:
        """Write a file beside the marker and rename it."""
        partial = self.root / f".put-{os.getpid()}"
        try:
            make_directory(self.root)
            partial.write_bytes(content)
            sync_path(partial)
            partial.replace(self.root / MARK)
            sync_path(self.root)
        except OSError as error:
            raise StorageError(f"{MARK} in {self.url} can't be written: {error.strerror}") from error

    def _leads_away(self, folder: str) -> bool:
        if not os.path.islink(folder):
            return False
        real = os.path.realpath(folder)
        # Only the file systems that the kernel makes up, like /proc, have no blocks.
        return Path(real) in self.root.resolve().parents or os.statvfs(real).f_blocks == 0

    def _path(self, key: str) -> Path:
        if key.startswith("/") or ".." in key.split("/"):
            raise FileNotFoundError(errno.ENOENT, "no key of an archive", key)
        return self.root / key


def _is_first(been: set[str], folder: str) -> bool:
    real = os.path.realpath(folder)
    if real in been:
        return False
    been.add(real)
    return True


def _refuse(error: OSError) -> None:
    """Let no folder be passed over that is there."""
    if not isinstance(error, FileNotFoundError):
        raise StorageError(f"{error.filename} can't be read: {error.strerror}") from error


def open_file(path: Path) -> BinaryIO:
    """Open a file for reading; a pipe, for which one would wait for ever, or a device raises OSError."""

    def opener(name: str, flags: int) -> int:
        descriptor = os.open(name, flags | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "it is no regular file", name)
        return descriptor

    return open(path, "rb", opener=opener)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_unchanged(local: Path, found: str, wanted: str) -> None:
    """Raise StorageError when a file's SHA-256 is not what it was when the file was finished."""
    if found != wanted:
        raise StorageError(f"{local} is not what was written (SHA-256): the disk has changed it")


def sync_path(path: Path) -> None:
    """Make a file's content or a directory's names durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(path: Path) -> None:
    """Make a directory whose names, its own included, survive a power cut."""
    if not path.is_dir():
        make_directory(path.parent)
        path.mkdir(exist_ok=True)
        sync_path(path.parent)


def _link_or_copy(local: Path, target: Path) -> bool:
    """Return whether the file now has its new name: not when somebody else took it in between."""
    try:
        os.link(local, target)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS):
            raise
        return _copy(local, target)
    return True


def _copy(local: Path, target: Path) -> bool:
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".put-", delete=False) as partial:
        try:
            with local.open("rb") as source:
                shutil.copyfileobj(cast(BinaryIO, source), partial, 1 << 20)
            partial.flush()
            os.fsync(partial.fileno())
            shutil.copymode(local, partial.name)
            if digest_of(Path(partial.name)) != digest_of(local):
                raise OSError(errno.EIO, "the copy differs from the file")
            return _name_new(Path(partial.name), target)
        finally:
            Path(partial.name).unlink(missing_ok=True)


def _name_new(partial: Path, target: Path) -> bool:
    # A link refuses an existing name in one step; file systems without links get a check and a rename.
    try:
        os.link(partial, target)
    except FileExistsError:
        return False
    except OSError:
        if target.exists():
            return False
        partial.rename(target)
    return True
