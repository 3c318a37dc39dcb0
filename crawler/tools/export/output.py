"""The destination of an export: a new file that appears whole or not at all, or standard output."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO

from scrapy.exceptions import UsageError

from crawler.model.exit_codes import FAILED, Refused
from crawler.system.files import name_new, sync_path
from crawler.system.terminal import Interrupted, standard_output

PARTIAL = ".partial"


class ExportFailed(Refused):
    """The export would not be whole; the message is one line with the problem and its place."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, FAILED)


class ForwardStream:
    """A stream without seeking that knows its position and can be cut off."""

    closed = False

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._position = 0

    def write(self, data: bytes) -> int:
        self._stream.write(data)
        self._position += len(data)
        return len(data)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        self._stream.flush()

    def cut(self) -> None:
        """Discard what is written from now on."""
        self._stream = BytesIO()

    def close(self) -> None:
        """Leave the stream open for its owner."""
        self.closed = True


@contextmanager
def new_file(name: str, is_forced: bool = False) -> Iterator[IO[bytes]]:
    """Yield a file that appears whole or not at all, `-` for standard output. Raises UsageError, OSError.

    It replaces an existing file only if it `is_forced`. An interruption is raised with a note that says what is there.
    Raises ReaderGone if nobody reads standard output any more.
    """
    if not name or "://" in name:
        raise UsageError(f"{name!r} is not the name of a file on this machine")
    ours: os.stat_result | None = None
    if name != "-" and os.path.islink(name) and os.path.isfile(name):
        # The link stays, and leads to the new file: /dev/stdout is one.
        name = os.path.realpath(name)
    try:
        if name == "-":
            with standard_output(is_needed_whole=True) as text:
                yield text.buffer
            return
        with _whole_file(Path(name), is_forced) as stream:
            ours = os.fstat(stream.fileno())
            yield stream
    except Interrupted as error:
        error.add_note("the output is incomplete" if name == "-" else _state_of(Path(name), ours))
        raise
    except OSError as error:
        if error.filename in (None, name + PARTIAL):
            error.filename = name
        raise


def _state_of(path: Path, ours: os.stat_result | None) -> str:
    """Return what an interrupted export has left at a path; `ours` is its own file."""
    if not os.path.lexists(path):
        return "nothing is left of the file"
    is_whole = ours is not None and os.path.samestat(ours, path.lstat())
    return f"{path} is whole" if is_whole else f"{path} is as it was"


@contextmanager
def _whole_file(path: Path, is_forced: bool) -> Iterator[IO[bytes]]:
    _check_free(path, is_forced)
    partial = path.with_name(path.name + PARTIAL)
    with partial.open("ab") as stream:
        _take(stream, partial)
        try:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            if is_forced:
                partial.replace(path)
            elif not name_new(partial, path):
                raise UsageError(f"{path} appeared during the export; not overwritten")
            partial.unlink(missing_ok=True)
            sync_path(path.parent)
        finally:
            partial.unlink(missing_ok=True)


def _check_free(path: Path, is_forced: bool) -> None:
    """Raise UsageError for a path that exists; if the new file `is_forced`, only unless it is a file."""
    if not os.path.lexists(path):
        return
    if not is_forced:
        raise UsageError(f"{path} already exists; --force replaces it")
    if not path.is_file():
        raise UsageError(f"{path} is not a file; --force replaces only files")


def _take(stream: IO[bytes], partial: Path) -> None:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # If the name is gone, the export that held the lock has just finished, and this is its file.
        is_ours = os.path.samestat(os.fstat(stream.fileno()), partial.stat())
    except (BlockingIOError, FileNotFoundError):
        is_ours = False
    if not is_ours:
        raise UsageError(f"{partial}: another export is writing it")
    stream.truncate(0)
