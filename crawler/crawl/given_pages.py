"""Pages that the user gives: read them from files or lines of JSON, and extract many of them in order."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import stat
import threading
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from queue import Queue
from typing import Any, BinaryIO

from crawler.crawl.extraction_pool import ExtractionPool
from crawler.extraction import NotAnArticle
from crawler.extraction.page.decoding import decode
from crawler.model.addresses import is_web_address
from crawler.model.article import Article
from crawler.model.exit_codes import FAILED, BrokenOutlet, Refused
from crawler.model.listing import GIVEN, Page
from crawler.outlets.loader import Outlets
from crawler.outlets.outlet import text_of

GZIP = b"\x1f\x8b"
LARGEST_PAGE = 64 * 1024 * 1024
NO_ADDRESS = "about:blank"
# Web archives begin in 1996; the end keeps dates within the calendar.
_YEARS = range(1996, 2100)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_OWN_ADDRESS = re.compile(
    r"""<(?:link|meta)\b(?=[^<>]{0,300}?(?:rel=["']?canonical|property=["']?og:url))"""
    r"""[^<>]{0,300}?(?:href|content)=["']?(?P<url>https?://[^"'\s<>]+)""",
    re.I,
)


class BadLine(Refused):
    """A line or page that can't be read; `reason` is the code, the message a sentence."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message, FAILED)
        self.reason = reason


class PageReader:
    """Reads pages from files, standard input and lines of JSON, and finds their outlets."""

    def __init__(self, outlets: Outlets, folder: Path = Path()) -> None:
        """Take relative paths from the current folder, then from `folder`."""
        self.outlets = outlets
        self.folder = folder

    def page_of_line(self, line: bytes) -> Page:
        """Return the page that a line of JSON describes. Raises BadLine."""
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadLine("bad-line", f"the line is not JSON: {error}") from error
        if not isinstance(fields, dict):
            raise BadLine("bad-line", "the line is not a JSON object")
        texts = {name: _text(fields, name) for name in ("path", "html", "url", "outlet", "fetched_at")}
        if texts["path"] is None and texts["html"] is None:
            raise BadLine("bad-line", "neither path nor html is given")
        body = texts["html"].encode("utf-8", "replace") if texts["html"] is not None else self.read(str(texts["path"]))
        return self.page(body, texts["url"], texts["outlet"], texts["fetched_at"], texts["path"])

    def page(
        self, body: bytes, url: str | None, outlet: str | None, fetched: str | None = None, path: str | None = None
    ) -> Page:
        """Return a page; an unknown address or outlet is read from the page or the address. Raises BadLine."""
        if url is not None and not is_usable(url):
            raise BadLine("bad-address", f"{_CONTROL.sub(' ', url)} is not a web address")
        if len(body) > LARGEST_PAGE:
            raise BadLine("too-large", "the page has more than 64 MiB")
        address = url or own_address(body) or (Path(path).absolute().as_uri() if path else NO_ADDRESS)
        return Page(
            outlet=self.outlet(outlet, address),
            url=address,
            body=body,
            # Pages without an address would all be the same article.
            key="sha256:" + hashlib.sha256(body).hexdigest() if address == NO_ADDRESS else None,
            fetched_at=moment(fetched) if fetched else None,
        )

    def outlet(self, name: str | None, url: str) -> str:
        """Return the given outlet's name, else the name of the outlet that has the address. Raises BadLine."""
        if name is None or name == GIVEN:
            found = self.outlets.of(url) if name is None else None
            return found.name if found else GIVEN
        if self.outlets.named(name) is None:
            raise BadLine("unknown-outlet", f"there is no outlet {name}")
        return name

    def read(self, path: str) -> bytes:
        """Return the content of a file, unpacked if it is gzipped. Raises BadLine."""
        try:
            place = self._place(path)
            if not stat.S_ISREG(place.stat().st_mode):
                raise BadLine("unreadable", f"{path} can't be read: it is not a regular file")
            with place.open("rb") as file:
                return self.unpacked(path, file)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            raise BadLine("unreadable", f"{path} can't be read: {reason}") from error

    def unpacked(self, name: str, file: BinaryIO) -> bytes:
        """Return the content of an open file, unpacked if it is gzipped. Raises BadLine."""
        content = file.read(LARGEST_PAGE + 1)
        try:
            if content.startswith(GZIP) and len(content) <= LARGEST_PAGE:
                content = gzip.GzipFile(fileobj=BytesIO(content)).read(LARGEST_PAGE + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise BadLine("unreadable", f"{name} can't be unpacked: {error}") from error
        if len(content) > LARGEST_PAGE:
            raise BadLine("too-large", f"{name} has more than 64 MiB")
        return content

    def _place(self, path: str) -> Path:
        place = Path(path)
        return place if place.is_absolute() or place.exists() else self.folder / place


def results(lines: Iterable[bytes], reader: PageReader, pool: ExtractionPool, ahead: int) -> Iterator[dict[str, Any]]:
    """Yield the article or error of each line, in order, as soon as it is known; at most `ahead` pages wait.

    Raises Refused after the last line that can be read, if lines follow that can't.
    """
    waiting: Queue[tuple[int, str | None, Future[Article]] | Exception | None] = Queue(ahead)

    def read_on() -> None:
        # The future of a line holds its error. The end is announced in any case.
        end: Exception | None = None
        try:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    waiting.put((number, *_begin(line, reader, pool)))
        except Exception as error:  # noqa: BLE001 (of the file: the caller's thread raises it)
            end = error
        finally:
            waiting.put(end)

    # In a thread, so that an answer does not wait for the next line. A daemon, so that the process ends although there
    # is more to read.
    threading.Thread(target=read_on, name="pages", daemon=True).start()
    while (begun := waiting.get()) is not None:
        if isinstance(begun, Exception):
            raise Refused(f"the lines can't be read to their end: {begun}", FAILED) from begun
        yield _answer(*begun)


def _begin(line: bytes, reader: PageReader, pool: ExtractionPool) -> tuple[str | None, Future[Article]]:
    """Return the outlet of a line's page, if it is known, and the page's article."""
    outlet = None
    try:
        page = reader.page_of_line(line)
        outlet = page.outlet
        return outlet, pool.submit(page, reader.outlets.rules_of(outlet))
    except Exception as error:  # noqa: BLE001 (it is the answer to this line)
        failed: Future[Article] = Future()
        failed.set_exception(error)
        return outlet, failed


def _answer(number: int, outlet: str | None, begun: Future[Article]) -> dict[str, Any]:
    error = begun.exception()
    if error is None:
        return begun.result().as_json()
    reason, message = reason_and_message(error)
    return {"error": {"reason": reason, "message": message, "line": number, "outlet": outlet}}


def reason_and_message(error: BaseException) -> tuple[str, str]:
    if isinstance(error, BadLine | NotAnArticle):
        return error.reason, str(error)
    return "internal", str(error) if isinstance(error, BrokenOutlet) else f"{type(error).__name__}: {text_of(error)}"


def is_usable(url: str) -> bool:
    return is_web_address(url) and not _CONTROL.search(url)


def own_address(body: bytes) -> str | None:
    match = _OWN_ADDRESS.search(decode(body[:200_000]))
    return match["url"].replace("&amp;", "&") if match and is_usable(match["url"]) else None


def moment(text: str) -> datetime:
    """Return the moment of an RFC 3339 text in UTC; a text without an offset is in UTC. Raises BadLine."""
    try:
        at = datetime.fromisoformat(text)
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise BadLine("bad-time", f"{text} is not a time like 2026-11-24T10:15:00Z") from error
    if at.year not in _YEARS:
        raise BadLine("bad-time", f"{text} is not a time at which a web page was fetched")
    return at


def _text(fields: dict[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise BadLine("bad-line", f"{name} is not a text")
    return value or None
