"""Outlets that refuse us, by an error, a challenge or a long Retry-After: the crawl ends, and updates pause them."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.http import Response
from scrapy.utils.asyncio import run_in_thread

from crawler.crawl.component import Component
from crawler.crawl.ending import Ending
from crawler.crawl.memory import Memory
from crawler.crawl.politeness.pace import LONGEST_RETRY_AFTER, LONGEST_WAIT, OVERLOADED, TOO_MANY_REQUESTS
from crawler.crawl.politeness.robots import is_robots_txt
from crawler.crawl.politeness.turns import HostAsksToWait, wish_of
from crawler.crawl.recorder import Recorder
from crawler.crawl.settings import Pace, run_command
from crawler.model.listing import Listing
from crawler.outlets.signs import is_challenge, raw_title, title_reason
from crawler.recording.downloads import is_resource
from crawler.state.history import History
from crawler.state.standings import Standings
from crawler.system import clock

logger = logging.getLogger(__name__)
REASON = "refused"

# RFC 9110 §15.5.2 and §15.5.4, RFC 6585 §4, RFC 7725 §3. 503 refuses only with Retry-After.
REFUSING = frozenset({401, 403, 429, 451})
UNAVAILABLE = 503

# This many refused articles without one success are a wall before the articles, even if listings are open.
FEWEST_ARTICLES = 3
CHALLENGE = "challenge"

# Reasons of failures that were refusals, and how recent a run's articles must be to show that the outlet is open.
REASONS = {CHALLENGE, *(f"http-{status}" for status in (*REFUSING, UNAVAILABLE))}
RECENT = timedelta(days=2)

# Challenge pages are smaller.
CHALLENGE_BYTES = 1 << 16


class Refusals(Component):
    """The outermost downloader middleware: ends a crawl that is refused, and keeps the outlet's standing.

    A run is refused by REFUSALS_IN_A_ROW answers without a success between them, by all of its answers, or by all of
    at least three articles. Articles that an earlier run was refused, when others succeeded, do not count, nor do page
    resources.
    """

    def __init__(self, crawler: Crawler) -> None:
        """Raise NotConfigured without state or outlet."""
        super().__init__(crawler)
        memory = crawler.get_extension(Memory)
        if memory is None or not getattr(crawler.spidercls, "allowed_domains", None):
            raise NotConfigured
        self._memory = memory
        self._standings = Standings(memory.state.engine)
        self._most = Pace.from_settings(crawler.settings).refusals
        self._is_backfill = run_command(crawler.settings) == "backfill"
        self._began = clock.now()
        self._in_a_row = self._successes = self._refused_articles = 0
        # Whether anything was refused but articles that an earlier run was refused too.
        self.has_new = self._has_article = False
        self._until: datetime | None = None
        # The last refusal that says something of the outlet.
        self.refused: str | None = None
        self.listen("spider_opened", "spider_idle", "spider_closed", "item_scraped", "item_dropped", "item_error")

    async def process_response(self, request: Request, response: Response) -> Response:
        """Count a refusal or success; pages of articles count after extraction, and of robots.txt only 429."""
        is_page = "listing" in request.meta and response.status < 400
        is_unchanged = is_page and "revisit" in request.meta and "not-modified" in response.flags
        is_rules = is_robots_txt(request) and response.status != TOO_MANY_REQUESTS
        if (is_page and not is_unchanged) or is_rules or is_resource(request):
            return response
        reason = refusal_of(response)
        if reason is not None:
            if not await self._refused(reason, response.url, request.meta.get("listing"), named_by(response)):
                self.crawler.stats.inc_value("khobor/refused-again")
        elif is_unchanged:
            self.item_scraped()
        elif response.status < 400:
            self._successes += 1
            if not self._refused_articles:
                # Otherwise only the articles may be refused: an open listing proves nothing.
                self._in_a_row = 0
        return response

    async def process_exception(self, request: Request, exception: Exception) -> None:
        if isinstance(exception, HostAsksToWait) and not is_resource(request):
            await self._refused("asks to be left alone", request.url, until=exception.until)

    def item_scraped(self) -> None:
        self._has_article = True
        self._in_a_row = self._refused_articles = 0
        self._successes += 1

    # Our own code failed: the page itself was no refusal.
    item_error = item_scraped

    async def item_dropped(self, exception: Exception, response: Response | None) -> None:
        if not str(exception).startswith(f"{CHALLENGE}:"):
            self.item_scraped()
        elif response is not None:
            await self._refused(CHALLENGE, response.url, response.meta.get("listing"))

    def spider_opened(self, spider: Spider) -> None:
        """Warn if updates pause the outlet: a crawl by hand goes on."""
        standing = None
        with Recorder.of(self.crawler).failing_with_state():
            standing = self._standings.of([spider.name]).get(spider.name)
        if standing and standing.is_waiting(clock.now()):
            since, until = standing.since.date(), f"{standing.refused_until:%Y-%m-%d %H:%M}"
            message = "%s refuses us since %s (%s); updates leave it alone until %s UTC"
            logger.warning(message, spider.name, since, standing.reason, until)

    def spider_idle(self) -> None:
        """Raise CloseSpider if nothing succeeded, or no article."""
        is_wall = self._refused_articles >= FEWEST_ARTICLES and not self._has_article
        if is_wall or (self._in_a_row and not self._successes):
            raise CloseSpider(REASON)

    def spider_closed(self, spider: Spider, reason: str) -> None:
        """Keep the outlet's standing, unless the crawl has failed."""
        recorder = Recorder.of(self.crawler)
        if recorder.failure is not None:
            return
        with recorder.failing_with_state():
            if reason == REASON:
                # An outlet may close only its archive to backfills; updates go on.
                if not (self._is_backfill and self._is_open_to_others):
                    self._standings.refused(spider.name, str(self.refused), clock.now(), self._until)
            elif self._successes:
                self._standings.cleared(spider.name)

    async def _refused(
        self, reason: str, url: str, article: Listing | None = None, until: datetime | None = None
    ) -> bool:
        """Count a refusal; return whether it counts against the outlet."""
        stats = self.crawler.stats
        stats.inc_value("khobor/refusals")
        if article is not None and await run_in_thread(self._is_refused_alone, article):
            return False
        self.has_new = True
        self._refused_articles += article is not None
        self._in_a_row += 1
        self._until = until
        self.refused = f"{reason} at {url}"
        stats.set_value("khobor/refused", self.refused)
        if self._in_a_row >= self._most and Ending.of(self.crawler).end(REASON):
            logger.warning("%s: %d refusals in a row, the crawl ends", url, self._in_a_row)
        return True

    def _is_refused_alone(self, article: Listing) -> bool:
        """Return whether an article was refused in an earlier run when others succeeded."""
        spider: Any = self.crawler.spider
        reason = self._memory.failures.reason(spider.name, spider.listed_key(article.url), self._began)
        return reason in REASONS and self._is_open_to_others

    @cached_property
    def _is_open_to_others(self) -> bool:
        """Whether the outlet has no standing of refusal, and its last run with new articles got some."""
        outlet = self.crawler.spidercls.name
        if self._standings.of([outlet]):
            return False
        history = History(self._memory.state.engine).before(self._began, outlet, days=0)
        for facts in (run.facts for run in history if run.started > self._began - RECENT):
            if facts.get("articles") or facts.get("confirmed"):
                return True
            if facts.get("refusals", 0) > facts.get("refused_again", 0):
                return False
            # It requested no article, or only ones refused before.
        return False


def named_by(response: Response) -> datetime | None:
    """Return the end of an answer's Retry-After, None if a run can wait for it."""
    wish = min(wish_of(response) or 0.0, LONGEST_RETRY_AFTER) if response.status in OVERLOADED else 0.0
    return clock.now() + timedelta(seconds=wish) if wish > LONGEST_WAIT else None


def refusal_of(response: Response) -> str | None:
    """Return how an answer refuses us: `challenge` or `http-403` and the like; None if it does not."""
    text = response.body.decode("utf-8", "replace") if len(response.body) < CHALLENGE_BYTES else ""
    if (response.headers.get("cf-mitigated") or b"").lower() == b"challenge" or is_challenge(text):
        return CHALLENGE
    asks_to_wait = response.status == UNAVAILABLE and "Retry-After" in response.headers
    if response.status in REFUSING or asks_to_wait:
        return f"http-{response.status}"
    return CHALLENGE if title_reason(raw_title(text)) == CHALLENGE else None
