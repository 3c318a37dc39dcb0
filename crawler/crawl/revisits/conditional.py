"""Conditional requests: a server is asked for what differs from the archived capture of the same address.

Many small questions answered by few calls in a thread."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Generic, Self, TypeVar
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Headers
from scrapy.responsetypes import responsetypes
from scrapy.utils.asyncio import run_in_thread
from sqlalchemy.exc import SQLAlchemyError

from crawler.archive.records import target_uri
from crawler.archive.storage import storage_for
from crawler.crawl.deployment import Deployment
from crawler.crawl.memory import Memory
from crawler.crawl.recorder import Recorder
from crawler.crawl.revisits.originals import Originals

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.model.capture import Original

logger = logging.getLogger(__name__)
CONDITIONS = ("If-None-Match", "If-Modified-Since")

# A request that says one of these itself knows what it wants.
OWN_CONDITIONS = (*CONDITIONS, "If-Match", "If-Unmodified-Since", "If-Range", "Range")

# What a 304 says of the message, and not of the content (RFC 9111 §3.2).
OF_THE_MESSAGE = {b"Content-Encoding", b"Content-Length", b"Content-Range", b"Content-Type", b"Transfer-Encoding"}


class ConditionalGet:
    """Asks conditionally where it can; a 304 comes back as the 200 that it confirms.

    Stands near the downloader, below DownloaderStats, which counts the 304, and below all that looks at bodies.
    Sets `request.meta["original"]`, which the recorder compares the response with; a request with
    `meta["is_new"]` has none. Its methods are no coroutines where nothing is waited for: most pages are new.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        memory = crawler.get_extension(Memory)
        if memory is None:
            raise NotConfigured  # nothing is remembered: `scrapy extract URL`
        self._originals = Originals(memory.state, storage_for(Deployment.from_settings(crawler.settings).archive_url))
        self._found = Batches(partial(self._originals.find, crawler.spidercls.name))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take state from the crawl's memory, content from its archive."""
        return cls(crawler)

    def process_request(self, request: Request) -> Awaitable[None] | None:
        """Look up the original and put its validators into the request."""
        _take_back(request)
        if request.method != "GET" or request.meta.get("is_new") or request.meta.get("unconditional"):
            return None
        return self._compare(request)

    async def _compare(self, request: Request) -> None:
        original = await self._find(target_uri(request.url))
        if original is not None:
            request.meta["original"] = original
            # Scrapy would read the empty body of a 304 as a robots.txt that allows all.
            if not is_robots_txt(request) and not any(name in request.headers for name in OWN_CONDITIONS):
                request.meta["conditional"] = _ask(request, original)

    async def _find(self, url: str) -> Original | None:
        try:
            return await self._found.ask(url)
        except SQLAlchemyError as error:
            recorder = self.crawler.get_extension(Recorder)
            if recorder is not None:
                recorder.fail(error)
            raise IgnoreRequest("state can't be read") from error

    def process_response(self, request: Request, response: Response) -> Response | Awaitable[Request | Response]:
        """Give the original's content for a 304 that was asked for; without it, ask again without condition."""
        original = request.meta.get("original")
        if response.status != 304 or original is None or not request.meta.get("conditional"):
            return response
        return self._confirm(request, response, original)

    async def _confirm(self, request: Request, response: Response, original: Original) -> Request | Response:
        content = await run_in_thread(self._originals.content, original)
        if content is None:
            logger.warning("%s is not modified, but its record in %s can't be read", request.url, original.file)
            return request.replace(dont_filter=True, meta={**request.meta, "unconditional": True})
        self.crawler.stats.inc_value("khobor/not_modified")
        return _confirmed(response, *content)


def is_robots_txt(request: Request) -> bool:
    """Tell whether a request is one for a host's robots.txt, wherever it leads."""
    return any(urlsplit(url).path == "/robots.txt" for url in (request.url, *request.meta.get("redirect_urls", [])))


def _take_back(request: Request) -> None:
    """Remove what this put into the request before: it may come again, or lead elsewhere by a redirect."""
    request.meta.pop("original", None)
    if request.meta.pop("conditional", None):
        for name in CONDITIONS:
            request.headers.pop(name, None)


def _ask(request: Request, original: Original) -> bool:
    for name, value in zip(CONDITIONS, (original.etag, original.last_modified), strict=True):
        if value:
            request.headers[name] = value.encode("latin-1")
    return bool(original.etag or original.last_modified)


def _confirmed(response: Response, fields: list[tuple[str, str]], body: bytes) -> Response:
    """Return the response that a 304 stands for."""
    headers = _merged(fields, response.headers)
    kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
    return kind(
        response.url,
        status=200,
        headers=headers,
        body=body,
        flags=[*response.flags, "not-modified"],
        request=response.request,
        certificate=response.certificate,
        ip_address=response.ip_address,
        protocol=response.protocol,
    )


def _merged(fields: list[tuple[str, str]], fresh: Headers) -> Headers:
    headers = Headers()
    for name, value in fields:
        if name not in ("transfer-encoding", "content-length"):
            headers.appendlist(name, value.encode("latin-1"))
    for name in fresh:
        if name not in OF_THE_MESSAGE:
            headers.setlist(name, fresh.getlist(name))
    return headers


Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Batches(Generic[Question, Answer]):
    """Asks `answer(questions)` in a thread, one call at a time; what is asked meanwhile goes with the next.

    A question without an answer is answered None. What `answer` raises, every question of its call raises.
    """

    def __init__(self, answer: Callable[[Sequence[Question]], Mapping[Question, Answer]]) -> None:
        self._answer = answer
        self._waiting: list[tuple[Question, asyncio.Future[Answer | None]]] = []
        self._work: asyncio.Task[None] | None = None

    async def ask(self, question: Question) -> Answer | None:
        """Return the answer to one question."""
        future: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                answers = await asyncio.to_thread(self._answer, [question for question, _ in batch])
            except Exception as error:  # noqa: BLE001 (handed on to whoever asked)
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
            else:
                for question, future in batch:
                    if not future.done():
                        future.set_result(answers.get(question))
