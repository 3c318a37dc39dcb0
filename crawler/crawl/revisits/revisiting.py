"""Re-visits: the articles of the last days are asked for again, so that edits become versions and failures rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import DontCloseSpider, NotConfigured
from scrapy.utils.asyncio import run_in_thread

from crawler.crawl.health.facts import counts
from crawler.crawl.health.shares import unread
from crawler.crawl.memory import memory_of
from crawler.crawl.recorder import FAILURE
from crawler.crawl.settings import RevisitPlan
from crawler.crawl.spider import NewsSpider
from crawler.model.failures import PASSING_REJECTIONS, UNFINISHED_REJECTIONS
from crawler.model.listing import Listing, Verdict
from crawler.state import ARTICLE
from crawler.state.looks import Look, Looks

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

    from crawler.model.failures import Failure

# So many articles that could be read before tell whether a layout has changed, or a wall stands before all of them.
SAMPLE = 3

# What a page of the last days came to that may give another article another time, or one at last.
MAY_CHANGE = PASSING_REJECTIONS | UNFINISHED_REJECTIONS | {ARTICLE}


class Revisiting:
    """Asks again when a run has asked for all that is new: no more than REVISIT_SHARE of its requests.

    What failed comes first, then the newest.
    """

    def __init__(self, crawler: Crawler, plan: RevisitPlan) -> None:
        self.crawler = crawler
        self._after, self._share = plan.after, plan.share
        self._is_asked = False
        self._looked: list[str] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen for the end of what is new. Raises NotConfigured without times, or for a spider that is no outlet."""
        is_outlet = issubclass(crawler.spidercls, NewsSpider) and bool(crawler.spidercls.sources())
        plan = RevisitPlan.from_settings(crawler.settings)
        if not is_outlet or not plan.after:
            raise NotConfigured
        revisiting = cls(crawler, plan)
        crawler.signals.connect(revisiting.spider_idle, signals.spider_idle)
        crawler.signals.connect(revisiting.response_received, signals.response_received)
        crawler.signals.connect(revisiting.spider_closed, signals.spider_closed)
        return revisiting

    async def note(self, verdict: Verdict) -> None:
        """Remember a page that may change: an article of the last days, or what gave none for a passing reason."""
        page, spider = verdict.page, self._spider
        if page.key is None or page.outlet != spider.name or not self._may_change(verdict):
            return
        listing = page.listing or Listing(page.url)
        is_national = listing.national or (verdict.article is not None and verdict.article.scope == "national")
        published = listing.published.isoformat() if listing.published else None
        look = Look(page.key, page.url, published, is_national)
        await run_in_thread(self._looks.begin, spider.name, look, datetime.now(UTC))

    async def note_failures(self, failed: Mapping[str, Failure]) -> None:
        """Remember articles, by key, that came to nothing for now: their listing may have dropped them by and by."""
        spider, now = self._spider, datetime.now(UTC)
        for key, failure in failed.items() if spider.span.is_recent and not spider.backfill else ():
            if not failure.is_final:
                look = Look(key, failure.url, None, spider.confirmed(Listing(failure.url)).national)
                await run_in_thread(self._looks.begin, spider.name, look, now)

    def spider_idle(self) -> None:
        """Ask for what is due, once. Raises DontCloseSpider when something is."""
        spider, engine = self._spider, self.crawler.engine
        if self._is_asked or not spider.span.is_recent or not self._has_listed():
            return
        self._is_asked = True
        due = self._due(spider.name, self._most())
        for look in due:
            self.crawler.stats.inc_value("khobor/revisits")
            engine.crawl(_request(spider, look))
        if due:
            raise DontCloseSpider

    def _due(self, outlet: str, most: int) -> list[Look]:
        """Return what is due, and the newest ones as well where pages read badly or are refused: they tell why."""
        now = datetime.now(UTC)
        due = self._looks.due(outlet, self._after, now, most)
        if (self._reads_badly() or self._is_refused()) and len(due) < min(most, SAMPLE):
            due = list(dict.fromkeys([*due, *self._looks.newest(outlet, SAMPLE)]))[: min(most, SAMPLE)]
        return due

    def response_received(self, request: Request) -> None:
        """Note that an article was looked at, whatever came of it; one that nobody answered for stays due."""
        if "revisit" in request.meta:
            self._looked.append(request.meta["revisit"])

    async def spider_closed(self) -> None:
        """Remember what was looked at, unless the crawl has failed."""
        if self.crawler.stats.get_value(FAILURE) is None:
            await run_in_thread(self._looks.made, self._spider.name, self._looked, self._after, datetime.now(UTC))

    @property
    def _spider(self) -> NewsSpider:
        spider = self.crawler.spider
        if not isinstance(spider, NewsSpider):
            raise AssertionError("only outlets are visited again")
        return spider

    @property
    def _looks(self) -> Looks:
        return Looks(memory_of(self.crawler).state.engine)

    def _may_change(self, verdict: Verdict) -> bool:
        published = verdict.article.published if verdict.article else None
        if published is not None:
            return published.at > datetime.now(UTC) - max(self._after)
        return self._spider.span.is_recent and verdict.outcome in MAY_CHANGE

    def _has_listed(self) -> bool:
        """Tell whether the outlet lets us read anything: where it doesn't, nothing else is asked of it."""
        return bool(self.crawler.stats.get_value("khobor/listed"))

    def _reads_badly(self) -> bool:
        """Tell whether there were pages and none of them gave an article with a date: the layout may have changed."""
        stats = self.crawler.stats.get_stats()
        rejected = unread({"rejected": counts(stats, "khobor/rejected/")}).bad
        return bool(rejected or stats.get("khobor/articles")) and not stats.get("khobor/dated")

    def _is_refused(self) -> bool:
        """Tell whether something new was refused and no article let through: a wall, or for subscribers only."""
        stats = self.crawler.stats.get_stats()
        is_new = stats.get("khobor/refusals", 0) > stats.get("khobor/refused-again", 0)
        return is_new and not stats.get("khobor/articles")

    def _most(self) -> int:
        """Return how many re-visits make up their share of the run's requests."""
        stats = self.crawler.stats
        asked = stats.get_value("downloader/request_count", 0) - stats.get_value("robotstxt/request_count", 0)
        return int(asked * self._share / (1 - self._share))


def _request(spider: NewsSpider, look: Look) -> Request:
    published = _moment(look.published) if look.published else None
    request = spider.article_request(Listing(look.url, published, national=look.national))
    return request.replace(meta={**request.meta, "revisit": look.key})


def _moment(text: str) -> datetime | date:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
