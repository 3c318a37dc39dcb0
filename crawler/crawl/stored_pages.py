"""Stored responses become pages and verdicts again, as the crawl's, without spider and network."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import closing, contextmanager, nullcontext, suppress
from datetime import tzinfo
from functools import cached_property
from typing import Protocol, cast

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Headers, HtmlResponse, Response
from scrapy.responsetypes import responsetypes
from scrapy.settings import Settings
from scrapy.statscollectors import StatsCollector
from scrapy.utils.response import get_meta_refresh

from crawler.crawl.article_pages import ArticlePages
from crawler.crawl.decompression import Decompression
from crawler.crawl.large_bodies import beginning_of
from crawler.crawl.settings import Extraction, RevisitPlan
from crawler.crawl.verdicts import look_of, selected, verdict_on
from crawler.model.article import Article
from crawler.model.failures import reason_of
from crawler.model.listing import Page, Verdict
from crawler.model.span import Wanted, read_wanted
from crawler.outlets.loader import Outlets, is_breaking, own_code
from crawler.outlets.outlet import Outlet, own_exit
from crawler.recording.stored_exchanges import StoredExchange
from crawler.state.looks import Look
from crawler.system.terminal import Interrupted

logger = logging.getLogger(__name__)

# Header fields of the message, not of the content: the body comes without transfer coding.
OF_THE_MESSAGE = ("transfer-encoding", "content-length", "connection", "keep-alive")


class Extractions(Protocol):
    """What extracts pages, such as an ExtractionPool."""

    def submit(self, page: Page, outlet: type[Outlet]) -> Future[Article]:
        """Return the future of a page's article; it raises NotAnArticle."""


class StoredPages:
    """Decides an outlet's stored pages; without a pool they are recorded only.

    `undecoded` counts the pages whose content can't be decoded, by reason.
    """

    def __init__(self, outlet: type[Outlet], settings: Settings, pool: Extractions | None) -> None:
        self.zone: tzinfo = outlet.zone()
        self.outlet = outlet
        self.undecoded: Counter[str] = Counter()
        self._settings = settings
        self._pool = pool

    def page(self, stored: StoredExchange) -> Page | None:
        """Return the page of an article, None for another response."""
        listing, url, answer, decoder = stored.listing, stored.place.url, stored.response, self._decoder
        if listing is None or answer is None or (not stored.facts and self.article_pages.key_of(url) is None):
            return None  # no article's, or its metadata was lost
        try:
            response = decoder.response(Request(listing.url), url, answer.status, answer.fields, stored.entity)
        except Exception as error:  # noqa: BLE001 (whatever a decoder raises: one page that failed)
            logger.warning("%s was not decoded: %s", url, reason := reason_of(error))
            self.undecoded[reason] += answer.status == 200
            return None
        if decoder.leads_on(response) or self.article_pages.refusal_of(response, listing):
            return None
        page = self.article_pages.page(response, listing)
        page.fetched_at = stored.date
        own = stored.facts.get("wanted")
        page.wanted = read_wanted(own, self.zone) if own else None
        page.capture = Future()
        page.capture.set_result(stored.capture)
        return page

    def verdicts(
        self, pages: Sequence[Page], wanted: Wanted, is_recorded_only: bool = False
    ) -> Iterator[Verdict | Exception]:
        """Yield the verdicts for a run that wanted this, or the error of a page that our own code can't read.

        A page that was requested under another selection is judged by that.

        Raises the errors that concern all pages.
        """
        pool = None if is_recorded_only else self._pool
        works = [pool.submit(page, self._outlets.rules_of(page.outlet)) if pool else None for page in pages]
        wait(filter(None, works))
        for page, work in zip(pages, works, strict=True):
            try:
                verdict = verdict_on(page, self._outlets.rules_of(page.outlet), work)
                decided: Verdict | Exception = selected(verdict, self.outlet, page.wanted or wanted)
            except Interrupted:
                raise
            except BaseException as error:  # the caller names the page, which keeps its record
                if is_breaking(error):
                    raise
                decided = error if isinstance(error, Exception) else own_exit(error)
            yield decided

    def look_of(self, verdict: Verdict, wanted: Wanted) -> Look | None:
        """Return the revisit of a page that may change, unless revisits are off."""
        after = RevisitPlan.from_settings(self._settings).after
        if not after or not self.outlet.sources():
            return None
        return look_of(verdict, self.outlet, after, wanted.span.is_recent)

    def article_key(self, url: str, canonical_url: str) -> str:
        return self.article_pages.outlet_of(url).article_key(url, canonical_url)

    @cached_property
    def _outlets(self) -> Outlets:
        return Outlets.from_settings(self._settings)

    @cached_property
    def article_pages(self) -> ArticlePages:
        return ArticlePages(self.outlet, self._settings)

    @cached_property
    def _decoder(self) -> Decoder:
        # The log's settings of the outlet would change the log of a crawl of others.
        settings = self._settings.copy()
        settings.frozen = False
        crawler = Crawler(Spider, settings)
        crawler.stats = StatsCollector(crawler)
        with own_code(self.outlet, self.outlet.name):
            cast(type[Spider], self.outlet).update_settings(crawler.settings)
            return Decoder(crawler)


@contextmanager
def stored_pages(outlet: type[Outlet], settings: Settings) -> Iterator[StoredPages]:
    """Open the decisions on an outlet's stored pages, as its crawl makes them."""
    extraction = Extraction.from_settings(settings)
    with closing(extraction.pool()) if extraction.processes else nullcontext() as pool:
        yield StoredPages(outlet, settings, pool)


def headers_of(fields: Iterable[tuple[str, str]]) -> Headers:
    headers = Headers()
    for name, value in fields:
        if name not in OF_THE_MESSAGE:
            headers.appendlist(name, value.encode("latin-1"))
    return headers


class Decoder:
    """Removes content coding with the crawl's own middleware, if that is in use."""

    def __init__(self, crawler: Crawler) -> None:
        self._middleware: Decompression | None = None
        with suppress(NotConfigured):
            self._middleware = Decompression.from_crawler(crawler)
        settings = crawler.settings
        self._refresh_tags = settings.getlist("METAREFRESH_IGNORE_TAGS")
        is_followed = settings.getbool("METAREFRESH_ENABLED")
        self._refresh_delay = settings.getint("METAREFRESH_MAXDELAY") if is_followed else 0

    def leads_on(self, response: Response) -> bool:
        """Return whether Scrapy follows a refresh in a meta element of the page."""
        if not isinstance(response, HtmlResponse):
            return False
        seconds, url = get_meta_refresh(cast(HtmlResponse, beginning_of(response)), ignore_tags=self._refresh_tags)
        return bool(url) and seconds is not None and seconds < self._refresh_delay

    def response(
        self, request: Request, url: str, status: int, fields: Iterable[tuple[str, str]], entity: bytes
    ) -> Response:
        """Return the response with this head and entity. Raises whatever a decoder raises."""
        headers = headers_of(fields)
        kind = responsetypes.from_args(headers=headers, url=url, body=entity)
        request.meta["dont_retry"] = True  # a stored response that is cut short stays so
        response = kind(url, status=status, headers=headers, body=entity, request=request)
        return cast(Response, self._middleware.process_response(request, response)) if self._middleware else response
