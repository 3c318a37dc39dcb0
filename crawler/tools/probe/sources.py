"""Find what lists a site's articles: the national section, feeds, news sitemaps, and sitemaps by day."""

from __future__ import annotations

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
from crawler.outlets.sources import BrokenSource, DailySitemap, Feed, NewsSitemap, Source, SourceByDay, Visit, WordPress
from crawler.tools.probe.pages import NOT_GIVEN, is_headline, is_national, last_step, site_host

_FEED_PLACES = ("feed/", "rss.xml", "rss/rss.xml", "feed/rss.xml", "feed")
_SITEMAP_PLACES = ("news_sitemap.xml", "news-sitemap.xml", "sitemap_news.xml", "sitemap.xml", "sitemap_index.xml")
_DAY_PLACES = (
    "sitemap/sitemap-daily-{day:%Y-%m-%d}.xml",
    "daily-sitemap/{day:%Y-%m-%d}/sitemap.xml",
    "sitemap/{day:%Y-%m-%d}.xml",
    "archive_{day:%Y-%m-%d}.xml",
    "{day:%Y-%m-%d}.xml",
)
_FEED_TYPE = re.compile(r"application/(?:rss|atom)\+xml")
_COMMENTS = re.compile(r"/comments?/|[?&]withcomments")
# The forms of a day in the address of a sitemap.
_DAYS = {"%Y-%m-%d": r"20\d\d-\d\d-\d\d", "%Y/%m/%d": r"20\d\d/\d\d/\d\d", "%Y%m%d": r"20\d\d\d\d\d\d"}
# An index of all days has more.
_MOST_NAMED = 50_000
_MOST_ADDRESSES = 100
_EVER = date(1990, 1, 1)


@dataclass(slots=True)
class Sources:
    """The sources found and the links in them, with titles; `notes` are facts for the reader."""

    national: list[str] = field(default_factory=list)
    feeds: list[Feed] = field(default_factory=list)
    news_sitemaps: list[NewsSitemap] = field(default_factory=list)
    days: list[SourceByDay] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def take(self, listings: Iterable[Listing], home: str) -> None:
        mine = [one for one in listings if site_host(one.url) == site_host(home)][:_MOST_ADDRESSES]
        self.links |= {one.url: one.title for one in mine if one.title}


def find_national(links: Mapping[str, str], home: str) -> str | None:
    """Return the page of the national section among the links of a front page."""
    found = [url for url, text in links.items() if url.startswith(home) and not is_headline(text)]
    named = [url for url in found if is_national(url)] or [url for url in found if is_national("", links[url])]
    return min(named, key=len, default=None)


async def find_sources(fetch: Fetch, home: str, national: str | None, pages: Sequence[Document]) -> Sources:
    """Return the sources that a site declares or has at the usual places."""
    found = Sources(national=[national] if national else [])
    await _find_feeds(fetch, home, national, list(_declared(pages)), found)
    await _find_sitemaps(fetch, home, found)
    if not found.days:
        await _find_days(fetch, home, found)
    return found


def _declared(pages: Iterable[Document]) -> Iterator[str]:
    for page in pages:
        for link in page.index.tagged("link"):
            if "alternate" in (link.get("rel") or "") and _FEED_TYPE.match(link.get("type") or ""):
                yield page.absolute(link.get("href") or "")


async def _find_feeds(fetch: Fetch, home: str, national: str | None, declared: Sequence[str], found: Sources) -> None:
    for url in dict.fromkeys(one for one in declared if not _COMMENTS.search(one)):
        await _try_feed(fetch, url, home, found, is_declared=True)
    for place in _FEED_PLACES:
        if any(not feed.national for feed in found.feeds):
            break
        await _try_feed(fetch, urljoin(home, place), home, found)
    if national and found.feeds and not any(feed.national for feed in found.feeds):
        own = urljoin(national, "feed/") if national.endswith("/") else urljoin(home, f"feed/{last_step(national)}")
        await _try_feed(fetch, own, home, found, is_national=True)


async def _try_feed(
    fetch: Fetch, url: str, home: str, found: Sources, is_national: bool = False, is_declared: bool = False
) -> None:
    feed, answer = Feed(url, national=is_national or _names_national(url)), await fetch(url)
    listings = _read(feed, answer)
    if is_declared and answer.failure == NOT_GIVEN:
        found.feeds.append(feed)
        found.notes.append(f"{url} is declared by the page and was not read")
    if any(site_host(one.url) == site_host(home) for one in listings):
        found.feeds.append(feed)
        found.take(listings, home)


def _names_national(url: str) -> bool:
    return any(is_national(step) for step in url.split("/")[3:])


async def _find_sitemaps(fetch: Fetch, home: str, found: Sources) -> None:
    robots = await fetch(urljoin(home, "/robots.txt"))
    text = "" if robots.failure else robots.body.decode("utf-8", "replace")
    named = [url for url in re.findall(r"(?im)^\s*sitemap:\s*(\S+)", text) if url.startswith(home)]
    for url in dict.fromkeys([*named, *(urljoin(home, place) for place in _SITEMAP_PLACES)]):
        if url in named or not (found.news_sitemaps and found.days):
            _take_sitemap(url, await fetch(url), home, found)


def _take_sitemap(url: str, answer: Answer, home: str, found: Sources) -> None:
    """Note a news sitemap, or the sitemaps by day that an index names."""
    source, today = NewsSitemap(url, limit=_MOST_NAMED), datetime.now(Outlet.zone()).date()
    listings = _read(source, answer)
    if any(one.published for one in listings):
        found.news_sitemaps.append(NewsSitemap(url))
        found.take(listings, home)
    elif listings:
        found.notes.append(f"{url} has no dates of publication; not declared")
    else:
        addresses = _named(source, answer, today)
        template, since = _by_day(addresses)
        if template and not found.days:
            found.days.append(DailySitemap(template, since=str(since)))
        elif addresses and not template:
            found.notes.append(f"{url} is an index of {len(addresses)} sitemaps, none by day; not declared")


def _named(source: NewsSitemap, answer: Answer, today: date) -> list[str]:
    if answer.failure:
        return []
    try:
        visit = Visit(source, source.url, Span(_EVER, today + ONE_DAY, Outlet.zone()))
        return [each.url for each in source.further(answer.body, visit)]
    except (BrokenSource, ValueError):
        return []


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


async def _find_days(fetch: Fetch, home: str, found: Sources) -> None:
    """Try the usual addresses of lists by day with the day before yesterday."""
    day = datetime.now(Outlet.zone()).date() - timedelta(days=2)
    sources = [DailySitemap(urljoin(home, place)) for place in _DAY_PLACES]
    for source in (*sources, WordPress(home)):
        span = Span(day, day, Outlet.zone())
        listings = _read(source, await fetch(source.address(span, 1, 0)), span)
        if any(site_host(one.url) == site_host(home) for one in listings):
            found.days.append(source)
            found.take(listings, home)
            found.notes.append(f"{source.url}: the first day that it lists is unknown; add since=")
            return


def _read(source: Source, answer: Answer, span: Span | None = None) -> list[Listing]:
    """Return the entries of an answer, [] if it is not such a list."""
    if answer.failure or answer.refusal:
        return []
    span = span or Span(_EVER, datetime.now(Outlet.zone()).date() + ONE_DAY, Outlet.zone())
    try:
        return source.listings(answer.body, answer.url, answer.content_type, span)
    except (BrokenSource, ValueError, OverflowError) as error:
        return error.listings if isinstance(error, BrokenSource) else []
