"""Lines of JSON that name pages, to one line of JSON each: the article or the error, in order, as they come."""

from __future__ import annotations

import gzip
import json
import re
import threading
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from typing import Any

from crawler.addresses import is_web_address
from crawler.extraction import NotAnArticle
from crawler.extraction.decoding import decode
from crawler.extraction.pool import ExtractionPool
from crawler.items import Article, Page
from crawler.outlets import Outlets

UNKNOWN = "urls"
GZIP = b"\x1f\x8b"
# The page's own word for its address, where nobody gives one.
_OWN_ADDRESS = re.compile(
    r"""<(?:link|meta)\b(?=[^<>]{0,300}?(?:rel=["']?canonical|property=["']?og:url))"""
    r"""[^<>]{0,300}?(?:href|content)=["']?(?P<url>https?://[^"'\s<>]+)""",
    re.I,
)


class BadLine(Exception):
    """A line or page that can't be read; `reason` is the code, the message a sentence."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class PageReader:
    """Makes pages of what a command line or a line of JSON says about them."""

    def __init__(self, outlets: Outlets, folder: Path = Path()) -> None:
        """Relative paths are relative to the current folder, else to `folder`."""
        self.outlets = outlets
        self.folder = folder

    def page_of_line(self, line: bytes) -> Page:
        """Return the page a line of JSON names. Raises BadLine."""
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadLine("bad-line", f"this is no JSON: {error}") from error
        if not isinstance(fields, dict):
            raise BadLine("bad-line", "this is no JSON object")
        texts = {name: _text(fields, name) for name in ("path", "html", "url", "outlet", "fetched_at")}
        if texts["path"] is None and texts["html"] is None:
            raise BadLine("bad-line", "neither path nor html is given")
        body = texts["html"].encode("utf-8", "replace") if texts["html"] is not None else self.read(str(texts["path"]))
        return self.page(body, texts["url"], texts["outlet"], texts["fetched_at"], texts["path"])

    def page(
        self,
        body: bytes,
        url: str | None,
        outlet: str | None,
        fetched: str | None = None,
        path: str | None = None,
    ) -> Page:
        """Return a page; without an address the one it gives itself, without an outlet that of the address."""
        if url is not None and not is_web_address(url):
            raise BadLine("bad-address", f"{url} is no web address")
        address = url or own_address(body) or (Path(path).absolute().as_uri() if path else "about:blank")
        return Page(
            outlet=self.outlet(outlet, address),
            url=address,
            body=body,
            fetched_at=moment(fetched) if fetched else datetime.now(UTC),
        )

    def outlet(self, name: str | None, url: str) -> str:
        """Return the name of the outlet given, or of that whose article an address is. Raises BadLine."""
        if name is None or name == UNKNOWN:
            found = self.outlets.of(url) if name is None else None
            return found.name if found else UNKNOWN
        if self.outlets.named(name) is None:
            raise BadLine("unknown-outlet", f"there is no outlet {name}")
        return name

    def read(self, path: str) -> bytes:
        """Return the content of a file, unpacked when it is gzipped. Raises BadLine."""
        place = Path(path)
        if not place.is_absolute() and not place.exists():
            place = self.folder / place
        try:
            return self.unpacked(path, place.read_bytes())
        except (OSError, ValueError) as error:
            said = error.strerror if isinstance(error, OSError) and error.strerror else error
            raise BadLine("unreadable", f"{path} can't be read: {said}") from error

    def unpacked(self, name: str, content: bytes) -> bytes:
        """Return content as it is, or what is in it when it is gzipped. Raises BadLine."""
        try:
            return gzip.decompress(content) if content.startswith(GZIP) else content
        except (OSError, EOFError, zlib.error) as error:
            raise BadLine("unreadable", f"{name} can't be unpacked: {error}") from error


def results(lines: Iterable[bytes], reader: PageReader, pool: ExtractionPool, ahead: int) -> Iterator[dict[str, Any]]:
    """Yield the answer to each line, in order and as soon as it is there; `ahead` pages wait at most."""
    waiting: Queue[tuple[int, Future[Article] | BadLine] | None] = Queue(ahead)

    def read_on() -> None:
        for number, line in enumerate(lines, 1):
            if line.strip():
                waiting.put((number, _begun(line, reader, pool)))
        waiting.put(None)

    # A thread of its own: an answer must not wait until its asker says something more. A daemon: when nobody reads
    # the answers any more, the process ends although there is more to read.
    threading.Thread(target=read_on, name="pages", daemon=True).start()
    while (begun := waiting.get()) is not None:
        yield _answer(*begun)


def _begun(line: bytes, reader: PageReader, pool: ExtractionPool) -> Future[Article] | BadLine:
    try:
        page = reader.page_of_line(line)
    except BadLine as error:
        return error
    return pool.submit(page, reader.outlets.named(page.outlet) or reader.outlets.unknown)


def _answer(number: int, begun: Future[Article] | BadLine) -> dict[str, Any]:
    """Return the article as JSON types, or the error and the number of its line."""
    error = begun if isinstance(begun, BadLine) else begun.exception()
    if isinstance(error, BadLine | NotAnArticle):
        return {"error": {"reason": error.reason, "message": str(error), "line": number}}
    if error is not None:
        return {"error": {"reason": "internal", "message": f"{type(error).__name__}: {error}", "line": number}}
    assert isinstance(begun, Future)
    return begun.result().as_json()


def own_address(body: bytes) -> str | None:
    """Return the address that a page gives as its own."""
    match = _OWN_ADDRESS.search(decode(body[:200_000]))
    return match["url"].replace("&amp;", "&") if match and is_web_address(match["url"]) else None


def moment(text: str) -> datetime:
    """Return the aware moment of an RFC 3339 text; without an offset it is in UTC. Raises BadLine."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadLine("bad-time", f"{text} is no time like 2026-11-24T10:15:00Z") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _text(fields: dict[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise BadLine("bad-line", f"{name} is no text")
    return value or None
