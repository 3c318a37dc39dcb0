"""The export of a slice as WACZ: its pages, their records and redirects, the index, and the signed list of files."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from datetime import datetime
from itertools import chain, groupby
from typing import IO, cast

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from crawler.archive.cdxj import index_line
from crawler.archive.message import Response
from crawler.archive.records import RecordWriter, software, target_uri, warcinfo
from crawler.archive.storage.base import Storage
from crawler.model.capture import Place
from crawler.model.span import DateRange
from crawler.system import clock
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import RowSelection, day_of
from crawler.tools.wacz.captures import StoredCapture, read_capture, redirects_in
from crawler.tools.wacz.package import Member, Package, signing_key
from crawler.tools.wacz.slice import Pointer, Slice

PAGES = "pages/pages.jsonl"
PAGES_HEADER = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": True}


def export_slice(
    storage: Storage,
    withheld: Collection[str],
    outlets: Mapping[str, str],
    days: DateRange,
    stream: IO[bytes],
    *,
    contact: str,
    signing_key_file: str,
    warc_size: int,
    begin: Callable[[int], None],
    on_page: Callable[[], None],
) -> tuple[int, int, int]:
    """Write the articles of some outlets, given with their titles, and days, without those of `withheld` IDs.

    Returns the numbers of pages, captures and articles left out. Raises ExportFailed, StorageError.
    """
    with closing(Slice()) as slice_, closing(RowSelection(storage, outlets, days, withheld)) as rows:
        rows.find(outlets)
        for row in rows.rows():
            slice_.add_page(row)
        if not slice_.size:
            found = f"all articles {days} are withheld" if rows.left_out else _days_there(storage, outlets, days)
            raise ExportFailed(f"{', '.join(outlets)}: {found}")
        export = Export(storage, slice_, ", ".join(outlets.values()), contact, warc_size)
        key = signing_key(signing_key_file)
        begin(slice_.size)
        export.write(stream, key, on_page)
        return slice_.size, export.captures, len(rows.left_out)


def _days_there(storage: Storage, outlets: Collection[str], days: DateRange) -> str:
    """Return the sentence about days without rows, with those that have some."""
    with closing(RowSelection(storage, outlets, DateRange())) as rows:
        rows.find(outlets)
        there = sorted({day_of(row.fields) for row in rows.rows()})
    if not there:
        return f"there are no rows in {storage.url}"
    return f"no rows {days}; there are rows from {there[0]} to {there[-1]}"


class Export:
    def __init__(self, storage: Storage, slice_: Slice, outlets: str, contact: str, warc_size: int) -> None:
        days, keeper = slice_.days, f"khobor for {contact}" if contact else "khobor"
        span = str(days.since) if days.since == days.until else f"{days.since} to {days.until}"
        description = f"Articles published by {outlets}, {span}, as the servers sent them, recorded by {keeper}."
        self.captures = 0
        self._facts = {"software": software(), "title": f"{outlets}, {span}", "description": description}
        self._contact = contact
        self._storage = storage
        self._slice = slice_
        self._warc_size = warc_size
        self._created = clock.now()
        self._serial = 0
        self._name = ""

    def write(self, stream: IO[bytes], key: EllipticCurvePrivateKey, on_page: Callable[[], None]) -> None:
        """Write the WACZ to a stream without seeking. Raises ExportFailed, StorageError, OSError."""
        package = Package(stream, self._created)
        try:
            self._write_archive(package, on_page)
            with package.member(PAGES, is_compressed=True) as member:
                member.write(_encoded(chain([json.dumps(PAGES_HEADER)], self._slice.page_lines())))
            with package.member("indexes/index.cdxj") as member:
                member.write(_encoded(self._slice.entries()))
            url, moment = self._slice.main_page
            package.finish({**self._facts, "mainPageUrl": url, "mainPageDate": moment}, key)
        except BaseException:
            package.cut()
            raise

    def _write_archive(self, package: Package, on_page: Callable[[], None]) -> None:
        with ExitStack() as stack:
            member: Member | None = None
            for file, pointers in groupby(self._slice.pointers(), key=lambda pointer: pointer.file):
                redirects = redirects_in(self._storage, file)
                for pointer in pointers:
                    if member is None or member.size >= self._warc_size:
                        stack.close()
                        member = stack.enter_context(package.member(self._next_file()))
                        member.write(self._own_warcinfo())
                    self._copy_page(pointer, redirects, member)
                    on_page()

    def _copy_page(self, pointer: Pointer, redirects: dict[str, list[int]], member: Member) -> None:
        capture = read_capture(self._storage, pointer.file, pointer.offset)
        _compare(pointer, capture)
        self._slice.date(pointer.record, capture.main.record.get("WARC-Date"))
        for one in [*reversed(list(self._redirects_to(capture, redirects))), capture]:
            self._copy(one, member)

    def _redirects_to(self, capture: StoredCapture, redirects: dict[str, list[int]]) -> Iterator[StoredCapture]:
        """Yield the redirects to a page that are in its file, the last first."""
        while capture.fact("hopsFromSeed").endswith("R"):
            offsets = redirects.get(target_uri(capture.fact("via")), [])
            offset = max((offset for offset in offsets if offset < capture.offset), default=None)
            if offset is None:
                return
            capture = read_capture(self._storage, capture.file, offset)
            yield capture

    def _copy(self, capture: StoredCapture, member: Member) -> None:
        if not self._slice.claim(capture.file, capture.offset):
            capture.raw.close()
            return
        if self._slice.claim(capture.file, 0):
            member.write(read_capture(self._storage, capture.file, 0, ("warcinfo",)).pieces())
        self._slice.add("entry", _entry(capture, self._name, member.size))
        member.write(capture.pieces())
        self.captures += 1

    def _next_file(self) -> str:
        self._serial += 1
        self._name = f"khobor-{self._created:%Y%m%d%H%M%S}-{self._serial:05}.warc.gz"
        return f"archive/{self._name}"

    def _own_warcinfo(self) -> list[bytes]:
        fields = {
            "software": self._facts["software"],
            "format": "WARC File Format 1.1",
            "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "operator": self._contact,
            "isPartOf": self._facts["title"],
            "description": f"{self._facts['description']} Records are copied unchanged from the archive.",
        }
        kept = {name: value for name, value in fields.items() if value}
        return RecordWriter().members([warcinfo(self._name, kept, self._created)])


def _compare(pointer: Pointer, capture: StoredCapture) -> None:
    record = capture.main.record
    found = (record.get("WARC-Record-ID"), record.get("WARC-Target-URI"), record.length, capture.main.entity)
    for name, stated, true in zip(("record_id", "url", "length", "payload_digest"), pointer[2:], found, strict=True):
        if stated != true:
            raise ExportFailed(f"{capture.place}: the row's {name} is {stated}, the record's is {true}")


def _entry(capture: StoredCapture, file: str, offset: int) -> str:
    """Return the index line of a capture in its new place."""
    record, date = capture.main.record, capture.main.record.get("WARC-Date")
    place = Place(record.get("WARC-Target-URI"), record.get("WARC-Record-ID"), file, offset, record.length)
    response = cast(Response, capture.main.response)
    try:
        moment = datetime.fromisoformat(date)
        line = index_line(place, moment, response.status, response.mime, response.entity_digest)
    except ValueError as error:
        raise ExportFailed(f"{capture.place}: {error}") from error
    key, _, fields = line.split(" ", 2)
    # In milliseconds, which CDXJ 0.1.0 allows: a page is found by the time of its capture.
    return f"{key} {''.join(filter(str.isdigit, date))[:17]} {fields}"


def _encoded(lines: Iterable[str]) -> Iterator[bytes]:
    return (line.encode("utf-8", "replace") + b"\n" for line in lines)
