"""What a browser needs to show a capture: the capture, its stylesheets and pictures, and the originals of revisits."""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, cast
from urllib.parse import urljoin

import brotli
from lxml import etree, html

from crawler.archive.storage.base import Storage
from crawler.room.index.captures import IndexedCapture, nearest
from crawler.room.interfaces.archived import (
    ArchivedResponse,
    NotReadable,
    archived_response,
    opened_record,
    original_of,
)

# What is looked at of a page or stylesheet, and how many addresses in it.
CONTENT_BYTES, MOST_ADDRESSES, MOST_STYLESHEETS = 4 << 20, 400, 20
LINKED = "//link[contains(concat(' ', @rel, ' '), ' stylesheet ') or contains(@rel, 'icon')]/@href"
SHOWN = "//img/@src | //img/@data-src | //source/@src | //video/@poster | //input[@type='image']/@src"
SIZES = "//img/@srcset | //source/@srcset"
STYLES = "//style/text() | //@style"
CSS_ADDRESS = re.compile(r"""url\(\s*["']?([^"'()\s]{1,2000})|@import\s+["']([^"']{1,2000})""", re.IGNORECASE)


def replay_lines(connection: sqlite3.Connection, storage: Storage, page: IndexedCapture) -> list[str]:
    """Return the sorted index lines of a page and of what it shows; the files have no folders. Raises NotReadable."""
    captures = {one.number: one for one in _with_original(connection, storage, page)}
    content = _content(archived_response(connection, storage, page))
    stylesheets: list[IndexedCapture] = []
    for one in _nearest(connection, addresses_in_page(content, page.url), page):
        kept = _kept(connection, storage, one)
        captures |= {two.number: two for two in kept}
        if kept and "css" in kept[-1].mime:
            stylesheets.append(one)
    for one in stylesheets[:MOST_STYLESHEETS]:
        style = _content(archived_response(connection, storage, one)).decode("utf-8", "replace")
        for two in _nearest(connection, addresses_in_style(style, one.url), page):
            captures |= {three.number: three for three in _kept(connection, storage, two)}
    return sorted(map(_line, captures.values()))


def _kept(connection: sqlite3.Connection, storage: Storage, capture: IndexedCapture) -> list[IndexedCapture]:
    """Return a capture of what a page shows, and its original; nothing if the archive lacks that."""
    try:
        return _with_original(connection, storage, capture)
    except NotReadable:
        return []


def _with_original(connection: sqlite3.Connection, storage: Storage, capture: IndexedCapture) -> list[IndexedCapture]:
    if not capture.is_revisit:
        return [capture]
    with opened_record(storage, capture) as record:
        return [capture, original_of(connection, storage, capture, record)]


def addresses_in_page(content: bytes, url: str) -> list[str]:
    """Return the addresses of what a page shows, without duplicates, in order."""
    try:
        page = html.document_fromstring(content)
    except (etree.LxmlError, ValueError):  # empty, or nothing but control characters
        return []
    base = next(_texts(page, "//base/@href"), "")
    found = [*_texts(page, LINKED), *_texts(page, SHOWN)]
    found += [part.split()[0] for sizes in _texts(page, SIZES) for part in sizes.split(",") if part.split()]
    found += [address for style in _texts(page, STYLES) for address in _css_addresses(style)]
    return _absolute(found, _joined(url, base) or url)


def addresses_in_style(style: str, url: str) -> list[str]:
    """Return the addresses in a stylesheet."""
    return _absolute(_css_addresses(style), url)


def _texts(page: html.HtmlElement, path: str) -> Iterator[str]:
    return map(str, cast(list[Any], page.xpath(path)))


def _css_addresses(style: str) -> Iterator[str]:
    return (first or second for first, second in CSS_ADDRESS.findall(style))


def _absolute(addresses: Iterable[str], base: str) -> list[str]:
    urls = (_joined(base, address.strip()) for address in addresses)
    webs = (url for url in urls if url and url.startswith(("http://", "https://")))
    return list(islice(dict.fromkeys(webs), MOST_ADDRESSES))


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:  # a bracket in the host
        return ""


def _nearest(connection: sqlite3.Connection, urls: Iterable[str], page: IndexedCapture) -> Iterator[IndexedCapture]:
    found = (nearest(connection, url, page.moment) for url in urls)
    return (one for one in found if one is not None)


def _content(response: ArchivedResponse) -> bytes:
    """Return the beginning of the content, without content coding; empty if it can't be decoded."""
    coding = response.head.value("content-encoding").lower()
    data = b"".join(_up_to(CONTENT_BYTES, response.pieces()))
    try:
        if coding in ("gzip", "x-gzip"):
            return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, CONTENT_BYTES)
        if coding == "deflate":
            return zlib.decompressobj().decompress(data, CONTENT_BYTES)
        if coding == "br":
            return bytes(brotli.Decompressor().process(data, output_buffer_limit=CONTENT_BYTES))
    except (zlib.error, brotli.error):
        return b""
    return data


def _up_to(most: int, pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece
        most -= len(piece)
        if most <= 0:
            return


def _line(capture: IndexedCapture) -> str:
    fields = {
        "url": capture.url,
        "mime": capture.mime,
        "status": capture.status,
        "digest": capture.digest,
        "length": str(capture.length),
        "offset": str(capture.offset),
        "filename": capture.name,
    }
    return f"{capture.surt} {capture.timestamp:014} {json.dumps(fields)}\n"
