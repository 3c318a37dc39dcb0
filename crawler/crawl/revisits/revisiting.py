"""Revisits: the articles of the last days are requested again, so that edits become versions and failures rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider, NotConfigured
from scrapy.utils.asyncio import run_in_thread

from crawler.crawl.component import Component
from crawler.crawl.health.facts import GROUPS, counts
from crawler.crawl.health.shares import unread
from crawler.crawl.memory import Memory
from crawler.crawl.politeness.refusals import Refusals
from crawler.crawl.politeness.robots import is_robots_txt
from crawler.crawl.recorder import Recorder
from crawler.crawl.settings import RevisitPlan
from crawler.crawl.spider import NewsSpider
from crawler.crawl.verdicts import look_of
from crawler.model.failures import Failure
from crawler.model.listing import Listing, Verdict
from crawler.state.looks import Look, Looks
from crawler.system import clock

# The number of articles read before that shows whether a layout has changed, or all articles are refused.
SAMPLE = 3


class Revisiting(Component):
    """Requests articles again after all new ones, failed ones first: at most REVISIT_SHARE of a run's requests."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        is_outlet = issubclass(crawler.spidercls, NewsSpider) and bool(crawler.spidercls.sources())
        plan = RevisitPlan.from_settings(crawler.settings)
        if not is_outlet or not plan.after:
            raise NotConfigured
        self._after, self._share = plan.after, plan.share
        self._has_begun = False
        self._looked: list[str] = []
        # The articles that this run requested, by key: as they were listed, and where redirects led.
        self._requested: set[str] = set()
        self._requests = self._articles = self._dated = 0
        self.listen(
            "request_scheduled", "request_reached_downloader", "response_received", "spider_idle", "spider_closed"
        )

    async def note(self, verdict: Verdict) -> None:
        """Count a verdict, and remember a page that may change: a recent article, or a passing failure."""
        page, article, spider = verdict.page, verdict.article, self._spider
        if article is not None:
            self._articles += 1
            self._dated += article.published is not None
        look = look_of(verdict, spider, self._after, spider.span.is_recent)
        if look is not None:
            await run_in_thread(self._looks.begin, spider.name, look, clock.now(), page.aliases)

    async def note_failures(self, failed: Mapping[str, Failure]) -> None:
        """Remember articles, by key, that failed for now: listings may drop them before they are back."""
        spider, now = self._spider, clock.now()
        for key, one in failed.items() if spider.span.is_recent and not spider.backfill else ():
            if not one.is_final:
                look = Look(key, one.url, None, spider.known.confirmed(Listing(one.url)).national)
                await run_in_thread(self._looks.begin, spider.name, look, now)

    def request_scheduled(self, request: Request) -> None:
        listing, spider = request.meta.get("listing"), self._spider
        # Only a run of recent days has revisits.
        if listing is not None and spider.span.is_recent:
            self._requested.update(map(spider.listed_key, (listing.url, request.url)))

    def request_reached_downloader(self, request: Request) -> None:
        self._requests += not is_robots_txt(request)

    def response_received(self, request: Request) -> None:
        """Note that an article was revisited, with any status; one without a response stays due."""
        if "revisit" in request.meta:
            self._looked.append(request.meta["revisit"])

    def spider_idle(self) -> None:
        """Request the articles that are due, once, after lost ones. Raises DontCloseSpider if there are any."""
        spider, engine = self._spider, self.crawler.engine
        # An outlet whose listings can't be read gets no further requests.
        if self._has_begun or not spider.span.is_recent or not spider.known.has_listed:
            return
        # Those are requested as the run that lost them wanted them.
        if Recorder.of(self.crawler).has_lost_articles:
            return
        self._has_begun, due = True, []
        with Recorder.of(self.crawler).failing_with_state():
            due = self._due(spider.name, int(self._requests * self._share / (1 - self._share)))
        for look in due:
            self.crawler.stats.inc_value("khobor/revisits")
            engine.crawl(_request(spider, look))
        if due:
            raise DontCloseSpider

    def _due(self, outlet: str, most: int) -> list[Look]:
        """Return the articles that are due, and the newest ones if pages are unreadable or refused: they show why."""
        asked = len(self._requested)
        due = self._unrequested(self._looks.due(outlet, self._after, clock.now(), most + asked))[:most]
        # All pages gave no article with a date: the layout may have changed.
        rejected = unread({"rejected": counts(self.crawler.stats.get_stats(), GROUPS["rejected"])}).bad
        reads_badly = bool(rejected or self._articles) and not self._dated
        # An article was refused for the first time and none was let through.
        refusals = self.crawler.get_downloader_middleware(Refusals)
        is_refused = refusals is not None and refusals.has_new and not self._articles
        if (reads_badly or is_refused) and len(due) < min(most, SAMPLE):
            newest = self._unrequested(self._looks.newest(outlet, SAMPLE + asked))
            due = list(dict.fromkeys([*due, *newest]))[: min(most, SAMPLE)]
        return due

    def _unrequested(self, looks: list[Look]) -> list[Look]:
        return [look for look in looks if look.key not in self._requested]

    async def spider_closed(self) -> None:
        recorder = Recorder.of(self.crawler)
        if recorder.failure is None:
            with recorder.failing_with_state():
                await run_in_thread(self._looks.made, self._spider.name, self._looked, self._after, clock.now())

    @property
    def _spider(self) -> NewsSpider:
        assert isinstance(self.crawler.spider, NewsSpider)
        return self.crawler.spider

    @property
    def _looks(self) -> Looks:
        return Looks(Memory.of(self.crawler).state.engine)


def _request(spider: NewsSpider, look: Look) -> Request:
    published: datetime | date | None = None
    if look.published:
        published = (datetime if "T" in look.published else date).fromisoformat(look.published)
    request = spider.discovery.article_request(Listing(look.url, published, national=look.national))
    # A revisited article was wanted before, whatever the days of this run.
    wanted = replace(spider.assignment.wanted, is_span_strict=False)
    return request.replace(meta={**request.meta, "revisit": look.key, "wanted": wanted})
