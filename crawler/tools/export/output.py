"""Where an export goes: a new file that appears whole or not at all, or standard output.

What leaves the archive for other programs: rows as tables; `crawler.tools.wacz` makes its slices of the same rows."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from scrapy.exceptions import UsageError

from crawler.system.files import sync_path

PARTIAL = ".partial"


@contextmanager
def output_to(name: str) -> Iterator[IO[bytes]]:
    """Give a stream to write to. Raises UsageError for a file that is there already, OSError."""
    if name == "-":
        if sys.stdout is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF), name)
        with _standard_output() as stream:
            yield stream
        return
    path = Path(name)
    if os.path.lexists(path):
        raise UsageError(f"{name} is there already: remove it or choose another name")
    partial = path.with_name(path.name + PARTIAL)
    with partial.open("ab") as stream:
        _take(stream, partial)
        try:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            with _undisturbed():
                _name(partial, path)
                partial.unlink(missing_ok=True)
                sync_path(path.parent)
        finally:
            partial.unlink(missing_ok=True)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put off what would stop the process: the file has its name, and only that, or it has not."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _take(stream: IO[bytes], partial: Path) -> None:
    """Make a file ours; what an export that was killed left in it is given up."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Unless it is still there, it has become, under its final name, the file of an export that ended just now.
        is_ours = os.path.samestat(os.fstat(stream.fileno()), partial.stat())
    except (BlockingIOError, FileNotFoundError):
        is_ours = False
    if not is_ours:
        raise UsageError(f"{partial}: another export is writing it")
    stream.truncate(0)


def _name(partial: Path, path: Path) -> None:
    # A link refuses a name that was taken meanwhile; file systems without links get a check and a rename.
    try:
        os.link(partial, path)
    except FileExistsError:
        raise UsageError(f"{path} has come to be there meanwhile and is left alone") from None
    except OSError:
        if path.exists():
            raise FileExistsError(errno.EEXIST, "it is there already", str(path)) from None
        partial.rename(path)


@contextmanager
def _standard_output() -> Iterator[IO[bytes]]:
    stream = sys.stdout.buffer
    try:
        yield stream
        stream.flush()
    except OSError:
        # What is left in Python's buffer must not be tried again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


class ExportFailed(Exception):
    """The export would not be whole; the message is the one line that tells what is wrong and where."""
