"""One growing WARC file: a gzip member a record, written by warcio from raw blocks."""

from __future__ import annotations

import errno
import fcntl
import os
import zlib
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from warcio.recordloader import ArcWarcRecord
from warcio.warcwriter import WARCWriter

from crawler.recording import message
from crawler.recording.cdxj import index_line
from crawler.recording.exchange import Capture, Exchange
from crawler.recording.message import Response
from crawler.recording.records import VERSION, records, target_uri, warcinfo
from crawler.storage import sync_path

OPEN = ".open"
# zlib's 6: warcio's built-in 9 costs twice the time for one hundredth of the size.
COMPRESSION = 6
STEP_BYTES = 1 << 18


class WarcFile:
    """A WARC file that only its maker appends to, under an flock, named `.open` until it is finished.

    Not thread-safe. Every method raises OSError untouched; after one from `write` the file still ends with a
    whole exchange.
    """

    def __init__(self, descriptor: int, spool: Path, file: str) -> None:
        self.file = file
        self.created = datetime.now(UTC)
        self.size = 0
        self.counts: Counter[str] = Counter()
        self.first_date: datetime | None = None
        self.last_date: datetime | None = None
        self.warcinfo_id = ""
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
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            first = warcinfo(path.name, fields, warc.created)
            warc.warcinfo_id = first.rec_headers.get_header("WARC-Record-ID")
            warc._append([first])
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
            received = message.read(exchange)
            made = records(exchange, received, self.warcinfo_id)
            offset, length = self._append(made)
        finally:
            exchange.close()
        self.first_date = min(self.first_date or exchange.started, exchange.started)
        self.last_date = max(self.last_date or exchange.started, exchange.started)
        return self._capture(exchange, received.response, made[0], offset, length)

    def sync(self) -> None:
        """Make all that was written durable."""
        os.fdatasync(self._descriptor)

    def finish(self) -> Path:
        """Make the file durable under its final name and return its path."""
        os.fsync(self._descriptor)
        # Renamed while still locked: nobody finds an open file without its writer in between.
        self._path.with_name(self._path.name + OPEN).rename(self._path)
        sync_path(self._path.parent)
        os.close(self._descriptor)
        return self._path

    def abandon(self) -> None:
        """Let go of the file as it is, for recovery to finish."""
        os.close(self._descriptor)

    def _append(self, made: list[ArcWarcRecord]) -> tuple[int, int]:
        """Write records, a member each, in one go; return offset and length of the first."""
        start = self.size
        if os.fstat(self._descriptor).st_size != start:
            raise OSError(errno.EIO, "the file does not end where it was left", str(self._path))
        members = [_member(record) for record in made]
        data = memoryview(b"".join(members))
        try:
            while data:
                # Less than all is written when the disk is full; going on brings the error.
                data = data[os.write(self._descriptor, data) :]
        except OSError:
            os.ftruncate(self._descriptor, start)
            raise
        self.size += sum(map(len, members))
        self.counts.update(record.rec_type for record in made)
        return start, len(members[0])

    def _capture(
        self, exchange: Exchange, response: Response | None, main: ArcWarcRecord, offset: int, length: int
    ) -> Capture:
        line = ""
        if response is not None:
            line = index_line(
                url=target_uri(exchange.url),
                date=exchange.started,
                file=self.file,
                offset=offset,
                length=length,
                status=response.status,
                mime=response.mime,
                digest=response.entity_digest,
            )
        return Capture(
            url=target_uri(exchange.url),
            date=exchange.started,
            record_id=main.rec_headers.get_header("WARC-Record-ID"),
            file=self.file,
            offset=offset,
            length=length,
            payload_digest=response.entity_digest if response else None,
            http_status=response.status if response else None,
            mime=response.mime if response else None,
            index_line=line,
        )


class _RecordWriter(WARCWriter):  # type: ignore[misc]
    """warcio's writer, with digests left to those who know the payload, and no compression of its own."""

    def __init__(self, out: Any) -> None:
        super().__init__(out, gzip=False, warc_version=VERSION)

    def ensure_digest(self, record: ArcWarcRecord, block: bool = True, payload: bool = True) -> None:
        """Add nothing: warcio would digest the chunks of a chunked payload."""


class _Member:
    """A gzip member in the making, where warcio expects a file.

    Each step of zlib hands the interpreter to another thread and has to win it back: few and large ones.
    """

    def __init__(self) -> None:
        self._compressor = zlib.compressobj(COMPRESSION, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._packed: list[bytes] = []

    def write(self, data: bytes) -> None:
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes >= STEP_BYTES:
            self._packed.append(self._compressor.compress(b"".join(self._waiting)))
            self._waiting, self._waiting_bytes = [], 0

    def flush(self) -> None:
        self._packed.append(self._compressor.compress(b"".join(self._waiting)))
        self._packed.append(self._compressor.flush())

    def join(self) -> bytes:
        return b"".join(self._packed)


def _member(record: ArcWarcRecord) -> bytes:
    member = _Member()
    _RecordWriter(member).write_record(record)
    return member.join()
