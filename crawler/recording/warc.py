"""A growing WARC file with a gzip member for each record."""

import errno
import fcntl
import hashlib
import os
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Self

from warcio.recordloader import ArcWarcRecord

from crawler.archive import message
from crawler.archive.manifests import FinishedFile
from crawler.archive.names import OPEN, moment_of, stem_of
from crawler.archive.records import RecordWriter, target_uri, warcinfo
from crawler.model.capture import Capture, Place
from crawler.model.span import rfc3339
from crawler.recording.encoding import capture_of, records
from crawler.recording.exchange import Exchange
from crawler.system import clock
from crawler.system.files import make_directory, sync_path

# Members are written together: at each system call another thread may take the interpreter.
WAITING_BYTES = 1 << 20


class WarcFile:
    """A WARC file that only its maker appends to, under an flock, named `.open` until it is finished.

    Not thread-safe. Every method raises OSError; the file then still ends with a whole exchange, at or after the last
    `sync`.
    """

    def __init__(self, descriptor: int, spool: Path, file: str) -> None:
        self.file = file
        self.created = clock.now()
        self.size = 0
        self._counts: Counter[str] = Counter()
        self._first: datetime | None = None
        self._last: datetime | None = None
        self.warcinfo_id = ""
        self._writer = RecordWriter()
        self._waiting: list[bytes] = []
        self._written = 0
        self._digest = hashlib.sha256()
        self._descriptor = descriptor
        self._path = spool / file

    @classmethod
    def create(cls, spool: Path, file: str, fields: Mapping[str, str]) -> Self:
        """Start `spool/file.open` with its warcinfo. Raises FileExistsError for a used name."""
        path = spool / file
        make_directory(path.parent)
        if path.exists():
            raise FileExistsError(errno.EEXIST, "the finished file exists", str(path))
        growing = path.with_name(path.name + OPEN)
        warc = cls(_new_locked(growing), spool, file)
        try:
            warc.begin(fields)
        except OSError:
            growing.unlink()
            warc.abandon()
            raise
        sync_path(path.parent)
        return warc

    def begin(self, fields: Mapping[str, str]) -> None:
        """Write the warcinfo of a run."""
        first = warcinfo(self._path.name, fields, clock.now())
        self.warcinfo_id = first.rec_headers["WARC-Record-ID"]
        self._append([first], self._writer.members([first]))
        self._flush()

    @classmethod
    def reopen(
        cls,
        descriptor: int,
        spool: Path,
        file: str,
        counts: Counter[str],
        first: datetime | None,
        last: datetime | None,
    ) -> Self:
        """Go on with a file whose flock the descriptor has; it holds whole records, `counts` by type."""
        warc = cls(descriptor, spool, file)
        warc.created = moment_of(stem_of(file))
        warc.size = warc._written = os.fstat(descriptor).st_size
        warc._counts, warc._first, warc._last = counts, first, last
        with warc._path.with_name(warc._path.name + OPEN).open("rb") as stream:
            warc._digest = hashlib.file_digest(stream, "sha256")
        return warc

    def write(self, exchange: Exchange) -> Capture:
        """Append the records of an exchange and close it; return its capture. Only `sync` makes it durable."""
        try:
            if exchange.fault is not None:
                raise exchange.fault
            received = message.read(exchange.response, exchange.received)
            made = records(exchange, received, self.warcinfo_id)
            members = self._writer.members(made)
            offset = self._append(made, members)
        finally:
            exchange.close()
        self._first = min(self._first or exchange.started, exchange.started)
        self._last = max(self._last or exchange.started, exchange.started)
        main = made[0].rec_headers
        place = Place(target_uri(exchange.url), main["WARC-Record-ID"], self.file, offset, len(members[0]))
        return capture_of(exchange, received.response, place, main["WARC-Type"] == "revisit")

    def sync(self) -> None:
        if self._waiting:
            self._flush()
        os.fdatasync(self._descriptor)

    def finish(self) -> FinishedFile:
        """Give the file its final name durably; the lock stays until `abandon`.

        Its SHA-256 is that of the written bytes, to compare with the bytes on disk.
        """
        self.sync()
        os.fsync(self._descriptor)
        self._path.with_name(self._path.name + OPEN).rename(self._path)
        sync_path(self._path.parent)
        first, last = (rfc3339(date) if date else None for date in (self._first, self._last))
        return FinishedFile(self.file, self.size, self._digest.hexdigest(), dict(self._counts), first, last)

    def abandon(self) -> None:
        """Release the file for recovery."""
        os.close(self._descriptor)

    def _append(self, made: list[ArcWarcRecord], members: list[bytes]) -> int:
        start = self.size
        self._waiting += members
        self.size += sum(map(len, members))
        self._counts.update(record.rec_headers["WARC-Type"] for record in made)
        if self.size - self._written >= WAITING_BYTES:
            self._flush()
        return start

    def _flush(self) -> None:
        members = b"".join(self._waiting)
        data = memoryview(members)
        self._check()
        try:
            while data:
                # A full disk takes a part; the next write raises.
                data = data[os.write(self._descriptor, data) :]
        except OSError as error:
            os.ftruncate(self._descriptor, self._written)
            raise OSError(error.errno, error.strerror, str(self._path)) from error
        self._digest.update(members)
        self._waiting = []
        self._written = self.size

    def _check(self) -> None:
        status = os.fstat(self._descriptor)
        if status.st_size != self._written:
            raise OSError(errno.EIO, "the file does not end where it was left", str(self._path))
        if status.st_nlink == 0:
            raise OSError(errno.ENOENT, "the file was removed while it grew", str(self._path))


def _new_locked(path: Path) -> int:
    """Return a descriptor with the flock on a new file. Raises FileExistsError for a used name, OSError."""
    while True:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o644)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor
        os.close(descriptor)  # a recovery removed the empty file before it was locked
