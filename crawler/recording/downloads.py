"""The exchanges of a download, recorded when it ends."""

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self
from urllib.parse import urldefrag, urlsplit

from scrapy import Request
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError, IgnoreRequest, StopDownload

from crawler.recording.exchange import Exchange, Outcome
from crawler.recording.robots import split

# FastWARC stops at a record head of over 32 kB, and revisits contain the address twice.
ADDRESS_CHARACTERS = 12_000

# The key of a request's meta that marks a page resource, such as a stylesheet: its hops from the page, each an E. Its
# failure counts against nothing.
RESOURCE_HOPS = "resource_hops"

# Outcomes that only the downloader knows.
OUTCOMES: list[tuple[type[BaseException], Outcome]] = [
    (DownloadTimeoutError, "timeout"),
    (DownloadCancelledError, "too-large"),
    (StopDownload, "stopped"),
]


class AddressTooLong(IgnoreRequest):
    """The address would make a record head that readers reject."""


class Download:
    """The exchanges of one request, handed over when it ends in any way; two if a kept connection was dead."""

    def __init__(
        self, request: Request, record: Callable[[Exchange], None], new_exchange: Callable[..., Exchange]
    ) -> None:
        """Take what makes an exchange of its own facts, with those of the run."""
        self.stopped = False
        self._request = request
        self._record = record
        self._new_exchange = new_exchange
        self._exchanges: list[Exchange] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._exchanges:
            return
        for exchange in self._exchanges:
            exchange.conclude(None)
        last = self._exchanges[-1]
        outcome = next((outcome for kind, outcome in OUTCOMES if isinstance(error, kind)), None)
        last.conclude("stopped" if self.stopped else outcome)
        if last.request:
            self._request.meta["capture"] = last.capture
        with ExitStack() as others:  # a failure does not keep the others back
            for exchange in reversed(self._exchanges):
                others.callback(self._record, exchange) if exchange.request else exchange.close()

    def begin(self) -> Exchange:
        request, meta = self._request, self._request.meta
        exchange = self._new_exchange(
            url=urldefrag(request.url).url,
            method=request.method,
            via=_via(request),
            hops=_hops(request),
            listing=meta.get("listing"),
            wanted=meta.get("wanted"),
            original=meta.get("original"),
            is_conditional=bool(meta.get("conditional")),
            proxied=bool(meta.get("proxy")),
            robots_of=_robots_of(request),
        )
        self._exchanges.append(exchange)
        return exchange


def _via(request: Request) -> str | None:
    """Return the address that led here: the redirect, the listing or the linking page."""
    redirects = request.meta.get("redirect_urls")
    if redirects:
        return str(redirects[-1])
    return str(request.headers.get("Referer") or b"", "latin-1") or None


def _hops(request: Request) -> str:
    if _is_prerequisite(request, request.url):
        return "P"
    meta = request.meta
    return "L" * int(meta.get("depth", 0)) + str(meta.get(RESOURCE_HOPS, "")) + "R" * int(meta.get("redirect_times", 0))


def is_resource(request: Request) -> bool:
    """Return whether a request is for a resource of a page, or for the robots.txt that it needs."""
    return RESOURCE_HOPS in request.meta


def _robots_of(request: Request) -> tuple[str, ...]:
    """Return the hosts whose robots.txt a request is for; a redirect target counts for the first host too."""
    addresses = [*request.meta.get("redirect_urls", ()), request.url]
    if not _is_prerequisite(request, addresses[0]):
        return ()
    return tuple(dict.fromkeys(split(address)[0] for address in addresses))


def _is_prerequisite(request: Request, url: str) -> bool:
    return bool(request.meta.get("dont_obey_robotstxt")) and urlsplit(url).path == "/robots.txt"
