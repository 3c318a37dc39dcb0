"""One growing WARC file: a gzip member a record."""

from __future__ import annotations

import errno
import fcntl
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from isal import isal_zlib

from crawler.recording import message
from crawler.recording.captures import REVISIT_MIME, capture_at
from crawler.recording.exchange import Capture, Exchange
from crawler.recording.message import Response
from crawler.recording.records import Record, records, target_uri, warcinfo
from crawler.recording.revisits import Place, original_of
from crawler.storage import sync_path

OPEN = ".open"
# ISA-L's best: a fifth of zlib's time for a few hundredths of the size, and pages mostly come packed already.
COMPRESSION = 3
GZIP = 16 + 15
STEP_BYTES = 1 << 18
# Members are written together: each call of the system is a chance for another thread to keep the interpreter.
WAITING_BYTES = 1 << 20


class WarcFile:
    """A WARC file that only its maker appends to, under an flock, named `.open` until it is finished.

    Not thread-safe. Every method raises OSError untouched; after one the file still ends with a whole exchange,
    and at or after the last `sync`.
    """

    def __init__(self, descriptor: int, spool: Path, file: str) -> None:
        self.file = file
        self.created = datetime.now(UTC)
        self.size = 0
        self.counts: Counter[str] = Counter()
        self.first_date: datetime | None = None
        self.last_date: datetime | None = None
        self.warcinfo_id = ""
        self._waiting: list[bytes] = []
        self._written = 0
        self._descriptor = descriptor
        self._path = spool / file

    @classmethod
    def create(cls, spool: Path, file: str, fields: Mapping[str, str]) -> Self:
        """Begin `spool/file.open` with its warcinfo. Raises FileExistsError for a name used before."""
        path = spool / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            raise FileExistsError(errno.EEXIST, "the finished file exists", str(path))
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND
        descriptor = os.open(path.with_name(path.name + OPEN), flags, 0o644)
        warc = cls(descriptor, spool, file)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            first = warcinfo(path.name, fields, warc.created)
            warc.warcinfo_id = first.identifier
            warc._append([first])
            warc._flush()
            sync_path(path.parent)
        except OSError:
            warc.abandon()
            raise
        return warc

    def write(self, exchange: Exchange) -> Capture:
        """Append the records of an exchange and tell where the main one stands; closes the exchange.

        Nothing is durable before `sync`.
        """
        try:
            if exchange.fault is not None:
                raise exchange.fault
            received = message.read(exchange.response, exchange.received)
            made = records(exchange, received, self.warcinfo_id)
            offset, length = self._append(made)
        finally:
            exchange.close()
        self.first_date = min(self.first_date or exchange.started, exchange.started)
        self.last_date = max(self.last_date or exchange.started, exchange.started)
        return self._capture(exchange, received.response, made[0], offset, length)

    def sync(self) -> None:
        """Make all that was written durable."""
        if self._waiting:
            self._flush()
        os.fdatasync(self._descriptor)

    def finish(self) -> Path:
        """Make the file durable under its final name and return its path."""
        self.sync()
        os.fsync(self._descriptor)
        # Renamed while still locked: nobody finds an open file without its writer in between.
        self._path.with_name(self._path.name + OPEN).rename(self._path)
        sync_path(self._path.parent)
        os.close(self._descriptor)
        return self._path

    def abandon(self) -> None:
        """Let go of the file as it is, for recovery to finish."""
        os.close(self._descriptor)

    def _append(self, made: list[Record]) -> tuple[int, int]:
        """Append records, a member each; return offset and length of the first."""
        start = self.size
        members = [_member(record.pieces()) for record in made]
        self._waiting += members
        self.size += sum(map(len, members))
        self.counts.update(record.kind for record in made)
        if self.size - self._written >= WAITING_BYTES:
            self._flush()
        return start, len(members[0])

    def _flush(self) -> None:
        """Write the members that wait, in one go."""
        data = memoryview(b"".join(self._waiting))
        self._check()
        try:
            while data:
                # Less than all is written when the disk is full; going on brings the error.
                data = data[os.write(self._descriptor, data) :]
        except OSError:
            os.ftruncate(self._descriptor, self._written)
            raise
        self._waiting = []
        self._written = self.size

    def _check(self) -> None:
        status = os.fstat(self._descriptor)
        if status.st_size != self._written:
            raise OSError(errno.EIO, "the file does not end where it was left", str(self._path))
        if status.st_nlink == 0:
            raise OSError(errno.ENOENT, "the file was removed while it grew", str(self._path))

    def _capture(
        self, exchange: Exchange, response: Response | None, main: Record, offset: int, length: int
    ) -> Capture:
        place = Place(target_uri(exchange.url), main.identifier, self.file, offset, length)
        if response is None:
            return capture_at(place, exchange.started)
        is_revisit = main.kind == "revisit"
        original = exchange.original if is_revisit else original_of(exchange, response, place)
        digest = original.payload_digest if is_revisit and original else response.entity_digest
        mime = REVISIT_MIME if is_revisit else response.mime
        return capture_at(place, exchange.started, response.status, mime, digest, original)


def _member(pieces: Iterable[bytes]) -> bytes:
    """Return a record as a gzip member of its own."""
    # Each step hands the interpreter to another thread and has to win it back: few and large ones.
    compressor = isal_zlib.compressobj(COMPRESSION, isal_zlib.DEFLATED, GZIP)
    packed: list[bytes] = []
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= STEP_BYTES:
            packed.append(compressor.compress(b"".join(waiting)))
            waiting, size = [], 0
    if not packed:
        return isal_zlib.compress(b"".join(waiting), COMPRESSION, GZIP)
    packed += [compressor.compress(b"".join(waiting)), compressor.flush()]
    return b"".join(packed)
