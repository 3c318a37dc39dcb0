"""Fetch a listing and an article of each outlet as a crawl does, without recording anything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.asyncio import run_in_thread
from sqlalchemy.exc import SQLAlchemyError
from twisted.python.failure import Failure

from crawler.crawl.discovery.listed_page import content_type, list_request
from crawler.crawl.live.checks import LiveCheck
from crawler.crawl.politeness.refusals import REASONS, refusal_of
from crawler.crawl.politeness.turns import Turns
from crawler.crawl.spider import NewsSpider
from crawler.crawl.unrecorded import UnrecordedDownloadHandler
from crawler.model.failures import reason_of
from crawler.model.listing import Listing, Page
from crawler.outlets.sources import BrokenSource, Reading, Visit
from crawler.outlets.sources.base import read

# Failures by which an outlet says that it does not want the request.
_UNWANTED = REASONS | {"robots", "host-asks-to-wait"}


class TurnTakingDownloadHandler(UnrecordedDownloadHandler):
    """Waits for the host's turn, which all crawls of this state share, and records nothing."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._turns = crawler.get_extension(Turns)

    async def download_request(self, request: Request) -> Response:
        """Fetch. Raises HostAsksToWait, and whatever the handler without turns raises."""
        async with self._turns.turn(request) if self._turns is not None else nullcontext() as turn:
            response = await super().download_request(request)
            if turn is not None:
                turn.answered(response)
            return response


@dataclass(slots=True)
class Target:
    """An outlet's spider, the first visit to its national listing, and the check; `page` is the fetched article."""

    spider: NewsSpider
    visit: Visit
    check: LiveCheck
    page: Page | None = None


class LiveSpider(Spider):
    """Requests each target's listing, then the first article that it lists."""

    name = "live"

    def __init__(self, targets: Sequence[Target], on_done: Callable[[], None], errors: list[BaseException]) -> None:
        """Append to `errors` those that are not an outlet's."""
        super().__init__()
        self._targets = targets
        self._on_done = on_done
        self._errors = errors

    async def start(self) -> AsyncIterator[Request]:
        self.crawler.signals.connect(self._refuse_leading_away, signals.request_scheduled)
        for target in self._targets:
            yield list_request(target.visit, callback=self.read_listing, errback=self.fail, meta={"target": target})

    async def read_listing(self, response: Response) -> AsyncIterator[Request]:
        target: Target = response.meta["target"]
        listing = await self._listed(target, response)
        if listing is None:
            self._on_done()
        else:
            target.check.article = listing.url
            yield Request(
                target.spider.address_of_text(listing.url),
                callback=self.keep_article,
                errback=self.fail,
                meta={"target": target, "listing": listing},
                dont_filter=True,
            )

    def keep_article(self, response: Response) -> None:
        target: Target = response.meta["target"]
        if reason := refusal_of(response):
            target.check.refused(f"{reason} at {response.url}")
        else:
            target.page = target.spider.article_pages.page(response, response.meta["listing"])
        self._on_done()

    def _refuse_leading_away(self, request: Request) -> None:
        """Raise IgnoreRequest for a redirect from an article that a crawl does not follow."""
        target, listing = request.meta["target"], request.meta.get("listing")
        if listing and "redirect_urls" in request.meta and target.spider.article_pages.leads_away(listing, request.url):
            target.check.broke(f"redirected-away to {request.url}: {target.check.article}")
            self._on_done()
            raise IgnoreRequest("redirected away")

    def fail(self, failure: Failure) -> None:
        """Note why a page could not be fetched."""
        error, request = failure.value, failure.request  # type: ignore[attr-defined]
        check: LiveCheck = request.meta["target"].check
        if isinstance(error, SQLAlchemyError):
            self._errors.append(error)
        reason = reason_of(error)
        if isinstance(error, HttpError):
            reason = refusal_of(error.response) or reason
        (check.refused if reason in _UNWANTED else check.broke)(f"{reason} at {request.url}")
        self._on_done()

    async def _listed(self, target: Target, response: Response) -> Listing | None:
        """Return the first national article of a listing; without one, note the problem and return None."""
        check, spider = target.check, target.spider
        if reason := refusal_of(response):
            check.refused(f"{reason} at {response.url}")
            return None
        try:
            reading = await _read(target.visit, response)
        except BrokenSource as error:
            check.broke(f"the listing can't be used: {error}: {response.url}")
            return None
        keys = {key for listing in reading.listings if (key := spider.key_of(listing.url)) is not None}
        check.links, check.matched = len(reading.listings), len(keys)
        wanted = spider.assignment.selection().articles(reading.listings)
        if wanted:
            return next(iter(wanted.values()))
        if keys:
            check.broke(f"none of {len(keys)} listed articles is national news: {response.url}")
        else:
            check.broke(f"none of {check.links} links has the address of an article: {response.url}")
        return None


async def _read(visit: Visit, response: Response) -> Reading:
    headers = {str(name).lower(): value for name, value in response.headers.to_unicode_dict().items()}
    return await run_in_thread(read, visit, response.body, response.url, content_type(response), headers)
