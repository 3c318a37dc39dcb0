"""Find what lists a site's articles: the national section, feeds, news sitemaps, and sitemaps by day."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urljoin

from crawler.crawl.unrecorded import Answer, Fetch
from crawler.extraction.page.document import Document
from crawler.model.listing import Listing
from crawler.model.span import ONE_DAY, Span
from crawler.outlets.outlet import Outlet
from crawler.outlets.sources import (
    DailySitemap,
    Feed,
    NewsSitemap,
    Reading,
    Source,
    SourceByDay,
    Visit,
    WordPress,
)
from crawler.system import clock
from crawler.tools.probe.addresses import Pattern
from crawler.tools.probe.pages import (
    NOT_GIVEN,
    is_below,
    is_headline,
    is_national,
    is_same,
    last_step,
    reading_of,
    site_host,
)

SOURCES = ("national", "feeds", "news_sitemaps", "days")
# Places that several known sites use.
_FEED_PLACES = ("feed/", "rss.xml", "rss/rss.xml", "feed")
_SITEMAP_PLACES = ("news_sitemap.xml", "news-sitemap.xml", "sitemap_news.xml", "sitemap.xml", "sitemap_index.xml")
_DAY_PLACES = ("sitemap/sitemap-daily-{day:%Y-%m-%d}.xml", "daily-sitemap/{day:%Y-%m-%d}/sitemap.xml")
_FEED_TYPE = re.compile(r"application/(?:rss|atom)\+xml")
_COMMENTS = re.compile(r"/comments?/|[?&]withcomments")
# The forms of a day in the address of a sitemap.
_DAYS = {"%Y-%m-%d": r"20\d\d-\d\d-\d\d", "%Y/%m/%d": r"20\d\d/\d\d/\d\d", "%Y%m%d": r"20\d\d\d\d\d\d"}
# An index of all days has more.
_MOST_NAMED = 50_000
_MOST_ADDRESSES = 100
_EVER = date(1990, 1, 1)


def find_national(links: Mapping[str, str], home: str) -> str | None:
    """Return the page of the national section among the links of a front page, if there is one below it."""
    found = [url for url, text in links.items() if not is_same(url, home) and not is_headline(text)]
    named = [url for url in found if is_national(url)] or [url for url in found if is_national("", links[url])]
    return min(named, key=lambda url: (not is_below(url, home), len(url)), default=None)


@dataclass(slots=True)
class Sources:
    """The sources of the articles that a pattern matches; without one, of all addresses of the site.

    `links` are the addresses in them with titles, `notes` are facts for the reader.
    """

    fetch: Fetch
    home: str
    pattern: Pattern | None
    national: list[str]
    feeds: list[Feed] = field(default_factory=list)
    news_sitemaps: list[NewsSitemap] = field(default_factory=list)
    days: list[SourceByDay] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def places(self, *names: str) -> list[str]:
        """Return addresses beside the front page, then at the root."""
        bases = dict.fromkeys((f"{self.home.rstrip('/')}/", urljoin(self.home, "/")))
        return [urljoin(base, name) for base in bases for name in names]

    async def answer(self, url: str) -> Answer:
        """Return the answer of an address that the site names, and note a failure."""
        answer = await self.fetch(url)
        if answer.failure and answer.failure != NOT_GIVEN:
            self.notes.append(f"{url} could not be fetched: {answer.refusal or answer.failure}")
        return answer

    def has_articles(self, listings: Iterable[Listing]) -> bool:
        """Return whether a list has articles, and keep these."""
        mine = [one for one in listings if site_host(one.url) == site_host(self.home)]
        mine = [one for one in mine if self.pattern is None or self.pattern.matches(one.url)]
        self.links.update({one.url: one.title for one in mine[:_MOST_ADDRESSES] if one.title})
        return bool(mine)

    async def find_feeds(self, national: str | None, declared: Sequence[str]) -> None:
        for url in dict.fromkeys(declared):
            answer = await self.answer(url)
            if answer.failure == NOT_GIVEN:
                self.feeds.append(Feed(url, national=_names_national(url)))
                self.notes.append(f"{url} is declared by the page and was not read")
            elif not self.take_feed(url, answer) and not answer.failure:
                self.notes.append(f"{url} is declared by the page and lists no articles; not declared")
        for url in self.places(*_FEED_PLACES):
            if not any(not feed.national for feed in self.feeds):
                self.take_feed(url, await self.fetch(url))
        if national and self.feeds and not any(feed.national for feed in self.feeds):
            own = f"{national}feed/" if national.endswith("/") else self.places(f"feed/{last_step(national)}")[0]
            self.take_feed(own, await self.fetch(own), is_national=True)

    def take_feed(self, url: str, answer: Answer, is_national: bool = False) -> bool:
        feed = Feed(url, national=is_national or _names_national(url))
        is_feed = self.has_articles(_reading(feed, answer).listings)
        self.feeds.extend([feed] if is_feed else [])
        return is_feed

    async def find_sitemaps(self) -> None:
        robots = await self.fetch(urljoin(self.home, "/robots.txt"))
        text = "" if robots.failure else robots.body.decode("utf-8", "replace")
        urls = [url for url in re.findall(r"(?im)^\s*sitemap:\s*(\S+)", text) if site_host(url) == site_host(self.home)]
        named = dict.fromkeys(sorted(urls, key=lambda url: not is_below(url, self.home)))
        for url in named:
            self.take_sitemap(url, await self.answer(url))
        for url in self.places(*_SITEMAP_PLACES):
            if url not in named and not (self.news_sitemaps and self.days):
                self.take_sitemap(url, await self.fetch(url))

    def take_sitemap(self, url: str, answer: Answer) -> None:
        """Declare a news sitemap, or the sitemaps by day that an index names."""
        reading, notes = _reading(NewsSitemap(url, limit=_MOST_NAMED), answer), self.notes
        named, is_dated = [visit.url for visit in reading.further], any(one.published for one in reading.listings)
        template, since = _by_day(named)
        if self.has_articles(reading.listings):
            self.news_sitemaps.extend([NewsSitemap(url)] if is_dated else [])
            notes.extend([] if is_dated else [f"{url} has no dates of publication; not declared"])
        elif template and not self.days:
            self.days.append(DailySitemap(template, since=str(since)))
        elif named and not template:
            notes.append(f"{url} is an index, and its sitemaps are not by day: add a source by hand")

    async def find_days(self) -> None:
        """Try the usual addresses of lists by day with the day before yesterday."""
        day = clock.today(Outlet.zone()) - timedelta(days=2)
        span = Span(day, day, Outlet.zone())
        sources = [*map(DailySitemap, self.places(*_DAY_PLACES)), *map(WordPress, self.places(""))]
        for source in sources:
            answer = await self.fetch(source.address(span))
            if self.has_articles(_reading(source, answer, span).listings):
                self.days.append(source)
                self.notes.append(f"{source.url}: the first day that it lists is unknown; add since=")
                return


async def find_sources(
    fetch: Fetch, home: str, national: str | None, pages: Sequence[Document], pattern: Pattern | None
) -> Sources:
    """Return the sources that a site declares or has at the usual places, if they list articles."""
    found = Sources(fetch, home, pattern, [national] if national else [])
    await found.find_feeds(national, [one for one in _declared(pages) if not _COMMENTS.search(one)])
    await found.find_sitemaps()
    if not found.days:
        await found.find_days()
    return found


def _declared(pages: Iterable[Document]) -> Iterator[str]:
    for page in pages:
        for link in page.index.tagged("link"):
            if "alternate" in (link.get("rel") or "") and _FEED_TYPE.match(link.get("type") or ""):
                yield page.absolute(link.get("href") or "")


def _names_national(url: str) -> bool:
    return any(is_national(step) for step in url.split("/")[3:])


def _by_day(addresses: Iterable[str]) -> tuple[str | None, date | None]:
    """Return the template of most addresses with a day, and the first day."""
    days: dict[str, set[date]] = defaultdict(set)
    for address in addresses:
        for form, digits in _DAYS.items():
            if match := re.search(rf"(?<!\d){digits}(?!\d)", address):
                try:
                    day = datetime.strptime(match[0], form).date()
                except ValueError:
                    continue
                days[f"{address[: match.start()]}{{day:{form}}}{address[match.end() :]}"].add(day)
                break
    template = max(days, key=lambda one: len(days[one]), default=None)
    return (template, min(days[template])) if template and len(days[template]) > 1 else (None, None)


def _reading(source: Source, answer: Answer, span: Span | None = None) -> Reading:
    """Return the entries of an answer, none if it is not such a list."""
    span = span or Span(_EVER, clock.today(Outlet.zone()) + ONE_DAY, Outlet.zone())
    return reading_of(Visit(source, source.url, span), answer)[0]
