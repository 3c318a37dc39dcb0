"""Outlets that refuse us: forbidden, challenged, or asked to stay away. Nothing is done against it but to stay away."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.utils.asyncio import run_in_thread

from crawler.crawl.ending import ending_of
from crawler.crawl.memory import Memory, memory_of
from crawler.crawl.politeness.pace import LONGEST_RETRY_AFTER, LONGEST_WAIT, OVERLOADED, TOO_MANY_REQUESTS
from crawler.crawl.politeness.turns import HostAsksToWait, wish_of
from crawler.crawl.recorder import FAILURE
from crawler.crawl.revisits.conditional import is_robots_txt
from crawler.outlets.signs import is_challenge, raw_title, title_reason
from crawler.state.failures import Failures
from crawler.state.history import History
from crawler.state.standings import Standings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from sqlalchemy import Engine

    from crawler.model.listing import Listing

logger = logging.getLogger(__name__)
REASON = "refused"

# RFC 9110 §15.5.2 and §15.5.4, RFC 6585 §4, RFC 7725 §3; 503 where it says when to come again.
REFUSING = frozenset({401, 403, 429, 451})
UNAVAILABLE = 503

# So many refused articles, and not one let through, are a wall before the articles, whatever the listings say.
FEWEST_ARTICLES = 3
CHALLENGE = "challenge"

# Why an article that was refused failed, and for how long an outlet that gave articles counts as one that does.
REASONS = {CHALLENGE, *(f"http-{status}" for status in (*REFUSING, UNAVAILABLE))}
LATELY = timedelta(days=2)

# A page of this size may be a challenge; looking for the marks of one costs little.
CHALLENGE_BYTES = 1 << 16


class Refusals:
    """The outermost downloader middleware: ends a crawl that is refused, and keeps the outlet's standing.

    A run is refused by REFUSALS_IN_A_ROW answers without one that was let through between them, or by all of them, or
    by all of some articles, those included that revisits request again because of it. Articles that were
    refused in an earlier run, while others were let through, are no sign.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._most = crawler.settings.getint("REFUSALS_IN_A_ROW")
        self._began = datetime.now(UTC)
        self._in_a_row = 0
        self._let_through = 0
        self._refused_articles = 0
        self._has_article = False
        self._until: datetime | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to what becomes of pages and of the crawl. Raises NotConfigured without state or outlet."""
        if crawler.get_extension(Memory) is None or not getattr(crawler.spidercls, "allowed_domains", None):
            raise NotConfigured
        refusals = cls(crawler)
        crawler.signals.connect(refusals.spider_opened, signals.spider_opened)
        crawler.signals.connect(refusals.spider_idle, signals.spider_idle)
        crawler.signals.connect(refusals.spider_closed, signals.spider_closed)
        crawler.signals.connect(refusals.item_scraped, signals.item_scraped)
        crawler.signals.connect(refusals.item_dropped, signals.item_dropped)
        crawler.signals.connect(refusals.item_error, signals.item_error)
        return refusals

    async def process_response(self, request: Request, response: Response) -> Response:
        """Count an answer, unless it is one whose extraction tells what it is.

        A robots.txt that is kept from us is as good as none (RFC 9309 §2.3.1.3); one asked for too often refuses us.
        """
        is_page = "listing" in request.meta and response.status < 400
        is_unchanged = is_page and "revisit" in request.meta and "not-modified" in response.flags
        is_rules = is_robots_txt(request) and response.status != TOO_MANY_REQUESTS
        if (is_page and not is_unchanged) or is_rules:
            return response
        reason = refusal_of(response)
        if reason is not None:
            if not await self._refused(reason, response.url, request.meta.get("listing"), named_by(response)):
                self.crawler.stats.inc_value("khobor/refused-again")
        elif is_unchanged:
            self._article_passed()
        elif response.status < 400:
            self._let_through += 1
            if not self._refused_articles:
                # Otherwise there may be a wall before the articles alone, of which an open listing says nothing.
                self._in_a_row = 0
        return response

    async def process_exception(self, request: Request, exception: Exception) -> None:
        """Count a host that wants to be left alone for long."""
        if isinstance(exception, HostAsksToWait):
            await self._refused("asks to be left alone", request.url, until=exception.until)

    def item_scraped(self) -> None:
        """Count a page that is an article."""
        self._article_passed()

    def item_error(self) -> None:
        """Count a page on which our own code failed: whatever it is, it was let through."""
        self._article_passed()

    async def item_dropped(self, exception: Exception, response: Response | None) -> None:
        """Count a page that is none."""
        if str(exception).startswith(f"{CHALLENGE}:"):
            meta, url = (response.meta, response.url) if response is not None else ({}, "")
            await self._refused(CHALLENGE, url, meta.get("listing"))
        else:
            self._article_passed()

    def spider_opened(self, spider: Spider) -> None:
        """Say so when the outlet wants to be left alone: whoever crawls it by hand has a reason."""
        standing = self._standings.of([spider.name]).get(spider.name)
        if standing and standing.is_waiting(datetime.now(UTC)):
            logger.warning(
                "%s refuses us since %s (%s); updates leave it alone until %s UTC",
                spider.name,
                standing.since.date(),
                standing.reason,
                f"{standing.refused_until:%Y-%m-%d %H:%M}",
            )

    def spider_idle(self) -> None:
        """End the crawl as refused when nothing was let through, or no article. Raises CloseSpider."""
        is_wall = self._refused_articles >= FEWEST_ARTICLES and not self._has_article
        if is_wall or (self._in_a_row and not self._let_through):
            raise CloseSpider(REASON)

    def spider_closed(self, spider: Spider, reason: str) -> None:
        """Keep the outlet's standing, unless the crawl has failed."""
        if self.crawler.stats.get_value(FAILURE) is not None:
            return
        if reason == REASON:
            if self._is_of_outlet():
                told = str(self.crawler.stats.get_value("khobor/refused"))
                self._standings.refused(spider.name, told, datetime.now(UTC), self._until)
        elif self._let_through:
            self._standings.cleared(spider.name)

    def _is_of_outlet(self) -> bool:
        """Tell whether the outlet refuses us: its archive alone may be closed to backfills, and updates go on."""
        return self.crawler.settings.get("RUN_COMMAND") != "backfill" or not self._lets_others_through

    @property
    def _standings(self) -> Standings:
        return Standings(self._engine)

    @property
    def _engine(self) -> Engine:
        return memory_of(self.crawler).state.engine

    def _article_passed(self) -> None:
        self._has_article = True
        self._in_a_row = self._refused_articles = 0
        self._let_through += 1

    async def _refused(
        self, reason: str, url: str, article: Listing | None = None, until: datetime | None = None
    ) -> bool:
        """Count a refusal, which may say until when; return whether it says anything of the outlet."""
        stats = self.crawler.stats
        stats.inc_value("khobor/refusals")
        if article is not None and await run_in_thread(self._is_refused_alone, article):
            return False
        self._refused_articles += article is not None
        self._in_a_row += 1
        self._until = until
        stats.set_value("khobor/refused", f"{reason} at {url}")
        if self._in_a_row >= self._most and ending_of(self.crawler).end(REASON):
            logger.warning("%s: %d refusals in a row, the crawl ends", url, self._in_a_row)
        return True

    def _is_refused_alone(self, article: Listing) -> bool:
        """Tell whether an article was refused in an earlier run, while others were let through."""
        spider: Any = self.crawler.spider
        reason = Failures(self._engine).reason(spider.name, spider.listed_key(article), self._began)
        return reason in REASONS and self._lets_others_through

    @cached_property
    def _lets_others_through(self) -> bool:
        """Whether the outlet gave articles when it last was asked for new ones, and does not stand as refusing us."""
        outlet = self.crawler.spidercls.name
        if self._standings.of([outlet]):
            return False
        history = History(self._engine).before(self._began, outlet, days=0)
        lately = [run.facts for run in history if run.started > self._began - LATELY]
        told = (gave for facts in lately if (gave := gave_articles(facts)) is not None)
        return next(told, False)


def gave_articles(facts: Mapping[str, Any]) -> bool | None:
    """Tell whether a run was given articles, None when it asked for none but such as had been refused before."""
    if facts.get("articles") or facts.get("confirmed"):
        return True
    return False if facts.get("refusals", 0) > facts.get("refused_again", 0) else None


def named_by(response: Response) -> datetime | None:
    """Return the moment until which an answer asks to be left alone, None where a run can wait for it."""
    wish = min(wish_of(response) or 0.0, LONGEST_RETRY_AFTER) if response.status in OVERLOADED else 0.0
    return datetime.now(UTC) + timedelta(seconds=wish) if wish > LONGEST_WAIT else None


def refusal_of(response: Response) -> str | None:
    """Return how an answer refuses us: `challenge` or `http-403` and the like; None when it doesn't."""
    text = response.body.decode("utf-8", "replace") if len(response.body) < CHALLENGE_BYTES else ""
    if (response.headers.get("cf-mitigated") or b"").lower() == b"challenge" or is_challenge(text):
        return CHALLENGE
    asks_to_wait = response.status == UNAVAILABLE and "Retry-After" in response.headers
    if response.status in REFUSING or asks_to_wait:
        return f"http-{response.status}"
    return CHALLENGE if title_reason(raw_title(text)) == CHALLENGE else None
