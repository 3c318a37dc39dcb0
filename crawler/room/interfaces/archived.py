"""Archived responses as they were sent: head and body of a capture, of a revisit's original where needed."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urljoin

from crawler.archive import message
from crawler.archive.message import Response
from crawler.archive.storage.base import Storage, StorageError
from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.room.index.captures import IndexedCapture, find, timestamp_of

logger = logging.getLogger(__name__)

# All visible ASCII characters stay.
VISIBLE = "".join(map(chr, range(0x21, 0x7F)))


class NotReadable(Exception):
    """The record of a capture cannot be read; the message is a sentence about it."""


class NotKept(NotReadable):
    """The archive has no record of the page."""


@dataclass(frozen=True, slots=True)
class ArchivedResponse:
    """The head of a response, and the record with its body, which `pieces` reads once; `close` unless it is read."""

    head: Response
    original: Response
    record: StoredRecord
    opened: ExitStack

    @property
    def length(self) -> int | None:
        """The bytes of the body; None for a chunked one, whose bytes are not counted."""
        return None if self.original.transfer_coded else self.original.end - self.original.body

    def pieces(self) -> Iterator[bytes]:
        """Yield the body without its transfer coding, with its content coding."""
        with self.opened:
            body = message.pieces(self.record.block, self.original.body, self.original.end)
            yield from message.dechunked(body) if self.original.transfer_coded else body

    def close(self) -> None:
        self.opened.close()


def archived_response(connection: sqlite3.Connection, storage: Storage, capture: IndexedCapture) -> ArchivedResponse:
    """Return the response of a capture; that of its original, with its own head if it has one, for a revisit.

    Raises NotReadable.
    """
    opened = ExitStack()
    try:
        record = opened.enter_context(opened_record(storage, capture))
        head = message.read(record.block, record.size).response
        original = head
        if record.kind == "revisit":
            source = original_of(connection, storage, capture, record)
            record = opened.enter_context(opened_record(storage, source))
            original = message.read(record.block, record.size).response
        if original is None:
            raise NotReadable(f"The record of {capture.url} has no response.")
    except BaseException:
        opened.close()
        raise
    return ArchivedResponse(head or original, original, record, opened)


@contextmanager
def opened_record(storage: Storage, capture: IndexedCapture) -> Iterator[StoredRecord]:
    """Provide the record of a capture. Raises NotReadable."""
    with (
        faults_of(capture),
        storage.open(capture.key, capture.offset) as stream,
        closing(walk(stream, capture.offset)) as records,
    ):
        record = next(records, None)
        if record is None or record.get("WARC-Target-URI") != capture.url:
            raise NotReadable(f"{capture.name} has another record at {capture.offset} than {capture.url}.")
        yield record


@contextmanager
def faults_of(capture: IndexedCapture) -> Iterator[None]:
    """Raise NotReadable in place of an error of the file in which a capture is."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotKept(f"{capture.name}, which has {capture.url}, is not in the archive.") from error
    except DamagedRecord as error:
        raise NotReadable(f"{capture.name} is damaged {error}.") from error
    except (OSError, StorageError) as error:
        # Where the archive is concerns its keeper only.
        logger.warning("%s can't be read: %s", capture.key, error)
        raise NotReadable(f"{capture.name} cannot be read at the moment.") from error


def original_of(
    connection: sqlite3.Connection, storage: Storage, capture: IndexedCapture, revisit: StoredRecord
) -> IndexedCapture:
    """Return the capture to which a revisit refers. Raises NotKept, NotReadable."""
    url, wanted = revisit.get("WARC-Refers-To-Target-URI"), revisit.get("WARC-Refers-To")
    for candidate in _captures_at(connection, url, revisit.get("WARC-Refers-To-Date")):
        with opened_record(storage, candidate) as record:
            if record.get("WARC-Record-ID") == wanted:
                return candidate
    raise NotKept(f"{capture.url} of {capture.timestamp} is a revisit; its original is not in the archive.")


def _captures_at(connection: sqlite3.Connection, url: str, date: str) -> Iterable[IndexedCapture]:
    try:
        stamp = timestamp_of(datetime.fromisoformat(date))
    except ValueError:
        return []
    found = find(connection, url, since=stamp, until=stamp)
    return [one for one in found if one.url == url and not one.is_revisit]


def location_of(response: Response, url: str) -> str | None:
    """Return the web address to which a response at `url` redirects, None without one."""
    location = next((value for name, value in response.fields if name == "location"), "")
    if not 300 <= response.status < 400 or not location:
        return None
    # A head is read as Latin-1: these are the bytes that were sent.
    try:
        target = urljoin(url, quote(location.encode("latin-1"), safe=VISIBLE))
    except ValueError:
        return None
    return target if target.lower().startswith(("http://", "https://")) else None
