"""From a slice to its WACZ: pages, the records behind them, their index, and the signed list of it all."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, groupby
from typing import IO, Self

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from crawler.archive.names import index_of
from crawler.archive.records import target_uri, warcinfo
from crawler.archive.storage.base import Storage
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import RowDays
from crawler.tools.wacz.captures import FileIndex, StoredCapture, index_lines, read_capture, read_warcinfo
from crawler.tools.wacz.package import Member, Package
from crawler.tools.wacz.slice import Pointer, Slice

PAGES_HEADER = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": True}


@dataclass(frozen=True, slots=True)
class Label:
    """What a WACZ says of itself: title, description, software, and the operator's contact, which may be empty."""

    title: str
    description: str
    software: str
    operator: str

    @classmethod
    def of(cls, outlets: str, days: RowDays, software: str, contact: str) -> Self:
        """Describe the slice of some outlets that holds these days."""
        span = str(days.since) if days.since == days.until else f"{days.since} to {days.until}"
        keeper = f"khobor for {contact}" if contact else "khobor"
        description = f"What {outlets} published, {span}, as the servers sent it, recorded by {keeper}."
        return cls(f"{outlets}, {span}", description, software, contact)


@dataclass(slots=True)
class Written:
    """What an export wrote."""

    pages: int = 0
    captures: int = 0


class Export:
    """Writes one slice; a slice can be exported once."""

    def __init__(self, storage: Storage, slice_: Slice, label: Label, warc_size: int) -> None:
        self.written = Written()
        self._storage = storage
        self._slice = slice_
        self._label = label
        self._warc_size = warc_size
        self._created = datetime.now(UTC)
        self._index: FileIndex | None = None
        self._serial = 0
        self._name = ""

    def write(self, stream: IO[bytes], key: EllipticCurvePrivateKey, on_page: Callable[[], None]) -> None:
        """Write the WACZ to a stream that need not seek. Raises ExportFailed, StorageError, OSError."""
        package = Package(stream, self._created)
        try:
            self._write_archive(package, on_page)
            with package.member("pages/pages.jsonl") as member:
                member.write(_lines(chain([json.dumps(PAGES_HEADER)], self._slice.page_lines())))
            with package.member("indexes/index.cdxj") as member:
                member.write(_lines(self._slice.entries()))
            package.finish(self._facts(), key)
        except BaseException:
            package.cut()
            raise

    def _facts(self) -> dict[str, str]:
        main = self._slice.main_page
        return {
            "software": self._label.software,
            "title": self._label.title,
            "description": self._label.description,
            "mainPageUrl": main.url,
            "mainPageDate": main.ts,
        }

    def _write_archive(self, package: Package, on_page: Callable[[], None]) -> None:
        """Write the captures into WARCs, a new one when the last is full."""
        with ExitStack() as stack:
            member: Member | None = None
            for pointer in self._in_order():
                if member is None or member.size >= self._warc_size:
                    stack.close()
                    member = stack.enter_context(package.member(self._next_file()))
                    member.write([self._own_warcinfo()])
                self._copy_page(pointer, member)
                on_page()

    def _in_order(self) -> Iterator[Pointer]:
        for file, group in groupby(self._slice.pointers(), key=lambda pointer: pointer.file):
            pointers = list(group)
            wanted = {pointer.offset for pointer in pointers}
            self._index = FileIndex(self._storage, file, wanted, self._slice.digests.get(index_of(file)))
            yield from pointers

    def _copy_page(self, pointer: Pointer, member: Member) -> None:
        assert self._index is not None
        capture = read_capture(self._storage, pointer.file, pointer.offset)
        _compare(pointer, capture)
        self._slice.date(pointer.record, capture.fields.get("warc-date", ""))
        for redirect in reversed(list(self._redirects_to(capture, self._index))):
            self._copy(redirect, self._index.line(redirect.offset), member)
        if capture.fields["warc-type"] == "revisit":
            self._copy(*self._original_of(capture), member)
        self._copy(capture, self._index.line(pointer.offset), member)
        self.written.pages += 1

    def _redirects_to(self, capture: StoredCapture, index: FileIndex) -> Iterator[StoredCapture]:
        """Yield the captures of the redirects that led to a page, the last first, as far as its file has them.

        That the index names them all is known by its digest, what it says of them from the records themselves.
        """
        while capture.facts.get("hopsFromSeed", "").endswith("R"):
            offset = index.redirect(target_uri(capture.facts.get("via", "")), capture.offset)
            if offset is None:
                return
            capture = read_capture(self._storage, capture.file, offset)
            yield capture

    def _original_of(self, revisit: StoredCapture) -> tuple[StoredCapture, str]:
        """Return the capture that a revisit refers to and its index line. Raises ExportFailed."""
        url, moment = revisit.fields.get("warc-refers-to-target-uri"), revisit.fields.get("warc-refers-to-date", "")
        stamp = _digits(moment)[:14]
        for file in _files_before(self._storage, revisit.file):
            for line, fields in index_lines(self._storage, file):
                if fields["url"] == url and line.split(" ", 2)[1] == stamp and fields["mime"] != "warc/revisit":
                    capture = read_capture(self._storage, file, int(fields["offset"]))
                    if capture.record == revisit.fields.get("warc-refers-to"):
                        return capture, line
        raise ExportFailed(
            f"{revisit.file} at {revisit.offset}: the archive lacks the original of this revisit, {url} of {moment}"
        )

    def _copy(self, capture: StoredCapture, line: str, member: Member) -> None:
        capture.check_line(line)
        if not self._slice.claim(capture.file, capture.offset):
            capture.raw.close()
            return
        if self._slice.claim(capture.file, 0):
            member.write(read_warcinfo(self._storage, capture.file).pieces())
        self._slice.add_entry(_moved(line, capture, self._name, member.size))
        member.write(capture.pieces())
        self.written.captures += 1

    def _next_file(self) -> str:
        self._serial += 1
        self._name = f"khobor-{self._created:%Y%m%d%H%M%S}-{self._serial:05}.warc.gz"
        return f"archive/{self._name}"

    def _own_warcinfo(self) -> bytes:
        fields = {
            "software": self._label.software,
            "format": "WARC File Format 1.1",
            "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "operator": self._label.operator,
            "isPartOf": self._label.title,
            "description": f"{self._label.description} Records are copied as they stand in the archive.",
        }
        kept = {name: value for name, value in fields.items() if value}
        return gzip.compress(b"".join(warcinfo(self._name, kept, self._created).pieces()), mtime=0)


def _compare(pointer: Pointer, capture: StoredCapture) -> None:
    """Raise ExportFailed unless a capture is what its row says."""
    place = f"{pointer.file} at {pointer.offset}"
    if capture.record != pointer.record:
        raise ExportFailed(f"{place}: {capture.record} stands where {pointer.record} should")
    found = (capture.fields.get("warc-target-uri"), capture.main.length, capture.entity or pointer.digest)
    for name, told, true in zip(("url", "length", "payload_digest"), pointer[3:], found, strict=True):
        if told != true:
            raise ExportFailed(f"{place}: the row's {name} is {told}, the record's is {true}")


def _files_before(storage: Storage, file: str) -> Iterator[str]:
    """Yield the WARCs begun no later than a file, the latest first: those of its outlet, then all others."""
    folder = "/".join(file.split("/")[:2]) + "/"
    own = [key for key, _ in storage.list(folder)]
    yield from sorted(_not_later(own, file), key=_begun, reverse=True)
    others = (key for key, _ in storage.list("warc/") if not key.startswith(folder))
    yield from sorted(_not_later(others, file), key=_begun, reverse=True)


def _not_later(keys: Iterable[str], file: str) -> list[str]:
    return [key for key in keys if key.endswith(".warc.gz") and _begun(key) <= _begun(file)]


def _begun(file: str) -> list[str]:
    # Every name is khobor-OUTLET-TIME-SERIAL-HOST.
    return file.rpartition("/")[2].split("-")[2:]


def _moved(line: str, capture: StoredCapture, name: str, offset: int) -> str:
    """Return a capture's index line for its new place.

    Its timestamp has milliseconds (CDXJ 0.1.0 knows both): ReplayWeb.page looks for a revisit's original from the exact
    moment on, and with whole seconds in the index takes the next capture for it.
    """
    key, _, text = line.split(" ", 2)
    fields = {**json.loads(text), "offset": str(offset), "filename": name}
    return f"{key} {_digits(capture.fields['warc-date'])[:17]} {json.dumps(fields)}"


def _digits(moment: str) -> str:
    return "".join(filter(str.isdigit, moment))


def _lines(lines: Iterable[str]) -> Iterator[bytes]:
    return (line.encode("utf-8", "replace") + b"\n" for line in lines)
