"""When an article was published and modified: each statement on the page in the order of trust, with its source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cached_property
from itertools import islice
from typing import Any
from urllib.parse import unquote

from lxml.html import HtmlElement

from crawler.bengali.dates import (
    Moment,
    contradicts_weekday,
    find_date,
    find_modified,
    find_published,
    label_of,
    names_weekday,
    parse_machine_date,
)
from crawler.extraction.blocks.date_lines import DateLine
from crawler.extraction.metadata.surroundings import Nearby
from crawler.extraction.page.document import Document, text_of
from crawler.extraction.page.jsonld import text_value, types
from crawler.extraction.page.page_data import Story
from crawler.extraction.page.structured import similarity
from crawler.model.article import DateSource, PublicationDate
from crawler.model.listing import Page
from crawler.outlets.outlet import Outlet

_PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "article:published", "datepublished", "date_published",
    "publishdate", "publish_date", "publish-date", "pubdate", "published_time", "parsely-pub-date", "sailthru.date",
    "dc.date.issued", "dcterms.created", "dcterms.date", "dc.date", "dc.date.created", "cxenseparse:recs:publishtime",
    "og:pubdate", "og:published_time", "article.published", "date",
)  # fmt: skip
_MODIFIED_META = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "datemodified", "last-modified",
    "dcterms.modified", "lastmod", "article:updated_time",
)  # fmt: skip
_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
# Whole steps of a path only: in a slug it may be the day of what the article is about. And with separators only: eight
# digits in a row may be its key.
_ADDRESS_DATE = re.compile(r"(?<=/)((?:19|20)\d\d)([/-])(\d{1,2})\2(\d{1,2})(?=/|$)")
_ZONED = re.compile(r"(?:[zZ]|[+-]\d{2}:?\d{2}|GMT|UTC)\s*$|^\d{9,13}$")
_RENDERING = timedelta(minutes=1)
# So many visible dates a time element is held against.
_MOST_HELD = 40
_PAGES = frozenset({"webpage", "itempage", "videoobject"})
_SAME_TITLE = 0.7


class Dates:
    def __init__(self, document: Document, outlet: type[Outlet], page: Page, zone: tzinfo) -> None:
        """Dates without a zone are local to `zone`, and so are those of the row."""
        self.document = document
        self.outlet = outlet
        self.page = page
        self.zone = zone
        self.now = page.fetched_at or datetime.now(UTC)

    def published(self, nearby: Nearby, story: Story | None) -> PublicationDate | None:
        shown = [found for found in self._shown(nearby) if self._plausible(found)]
        in_story = story.published if story else None
        data = self._structured("datePublished", _PUBLISHED_META, nearby, in_story)
        stated = (found for found in data if self._plausible(found) and not self._is_rendering(found, shown))
        structured = list(islice(stated, 1))
        if not any(is_sure(found, shown, self.zone) for found in structured):
            structured += stated
        listed = [found for found in self._listed() if self._plausible(found)]
        chosen = agreed(structured, shown, self.zone) or next(iter([*structured, *shown, *listed]), None)
        if chosen is None:
            return None
        timed = finer(chosen, [*structured, *shown, *listed], self.zone)
        return exact(timed, shown, self.zone).dated(self.zone)

    def modified(self, nearby: Nearby, story: Story | None) -> PublicationDate | None:
        shown = [found for found in self._updates(nearby) if self._plausible(found)]
        in_story = story.modified if story else None
        data = self._structured("dateModified", _MODIFIED_META, nearby, in_story)
        stated = list(islice(filter(self._plausible, data), 1))
        chosen = agreed(stated, shown, self.zone) or next(iter([*stated, *shown]), None)
        return exact(chosen, shown, self.zone).dated(self.zone) if chosen else None

    def _updates(self, nearby: Nearby) -> Iterator[Stated]:
        for line in nearby.date_lines:
            moment = find_modified(line.text, self.zone, self.page.fetched_at)
            if line.label == "updated" and moment is None:
                moment = find_date(line.text, self.zone, self.page.fetched_at)
            visible = [stated_of(moment, "visible")] if moment else []
            if line.label == "updated" and (shown := self._machine(line.machine, "time")):
                yield agreed([shown], visible, self.zone) or shown
            yield from visible

    def _structured(self, name: str, metas: Sequence[str], nearby: Nearby, in_story: str | None) -> Iterator[Stated]:
        data = self.document.structured
        keys = (name, "dateCreated", "uploadDate") if name == "datePublished" else (name,)
        for key in keys:
            yield from self._machines(data.article.get(key), "json-ld")
            for thing in self._pages:
                yield from self._machines(thing.get(key), "json-ld")
        for element in data.microdata.get(name, ()):
            # Below a text its footer has the meta of the text.
            aside = self.document.asides.hold(element)
            if not _of_article(element, nearby, unscoped=not aside) or (aside and element.tag != "meta"):
                continue
            value = element.get("content") or element.get("datetime")
            yield from self._machines(value or element.text_content(), "microdata")
        for meta in metas:
            for content in data.meta.get(meta, ()):
                yield from self._machines(content, "meta")
        yield from self._machines(in_story, "page-data")

    def _shown(self, nearby: Nearby) -> Iterator[Stated]:
        told = [line for line in nearby.date_lines if line.label in ("published", "none")]
        above = [line for line in told if line.above and not self._is_head_of_day(line)]
        for lines in ([line for line in told if not line.above], above):
            visible = list(self._visible(lines))
            for line in lines:
                if found := self._machine(line.machine, "time"):
                    yield agreed([found], visible[:_MOST_HELD], self.zone) or found
            yield from visible

    def _visible(self, lines: Sequence[DateLine]) -> Iterator[Stated]:
        for line in lines:
            moment = find_published(line.text, self.zone, self.page.fetched_at)
            if moment and not self._is_doubtful(line, moment):
                yield stated_of(moment, "visible")

    def _is_head_of_day(self, line: DateLine) -> bool:
        """Return whether a line above the headline is the page's own date: that of the fetch."""
        stated = self._machine(line.machine, "time")
        if stated is None or stated.at.astimezone(self.zone).date() != self._today:
            return False
        if abs(self.now - stated.at) <= _RENDERING or not tells_time(stated, self.zone):
            return True
        moment = find_published(line.text, self.zone, self.page.fetched_at)
        return moment is not None and moment.precision == "day" and names_weekday(line.text)

    def _is_doubtful(self, line: DateLine, moment: Moment) -> bool:
        """Tell a bare line that may be the page's head of the day: the day of the fetch, or a weekday not its own."""
        if line.trusted or line.label != "none" or label_of(line.text) != "none":
            return False
        over = line.above and line.machine is None
        if over and self._today is None:
            return True
        at_head = over or moment.precision == "day"
        return contradicts_weekday(line.text) or (at_head and moment.at.date() == self._today)

    def _is_rendering(self, stated: Stated, shown: Sequence[Stated]) -> bool:
        """Tell the moment at which the page was made: that of the fetch, where a reader is shown an earlier day."""
        if self.page.fetched_at is None or abs(self.now - stated.at) > _RENDERING:
            return False
        return any(found.at < self.now - timedelta(days=1) for found in shown)

    @cached_property
    def _today(self) -> date | None:
        return self.page.fetched_at and self.page.fetched_at.astimezone(self.zone).date()

    @cached_property
    def _pages(self) -> list[dict[str, Any]]:
        told = [thing for thing in self.document.structured.json_ld if types(thing) & _PAGES]
        return list(filter(self._is_this_page, told))

    @cached_property
    def _addresses(self) -> set[str]:
        links = [link.get("href") or "" for link in self.document.select("link[rel=canonical]")]
        og_urls = self.document.structured.meta.get("og:url", ())
        return {_bare(address) for address in (self.page.url, *links, *og_urls)} - {""}

    def _is_this_page(self, thing: dict[str, Any]) -> bool:
        data = self.document.structured
        video = "videoobject" in types(thing)
        told = [value for key in ("url", "@id") if isinstance(value := thing.get(key), str)]
        if any(_bare(value) in self._addresses for value in told if not (video and "#" in value)):
            return True
        name = text_value(thing.get("headline")) or text_value(thing.get("name")) or ""
        titles = [*data.meta.get("og:title", ()), *(text_of(heading) for heading in self.document.index.tagged("h1"))]
        return any(similarity(name, title) >= _SAME_TITLE for title in titles)

    def _listed(self) -> Iterator[Stated]:
        hint = self.page.listing.published if self.page.listing else None
        if isinstance(hint, datetime):
            yield self._relabelled(
                Stated(hint if hint.tzinfo else hint.replace(tzinfo=self.zone), "second", "listing", True)
            )
        elif isinstance(hint, date):
            yield Stated(datetime.combine(hint, time(), self.zone), "day", "listing")
        day = self.outlet.day_of(self.page.url) or day_in_address(self.page.url)
        if day:
            yield Stated(datetime.combine(day, time(), self.zone), "day", "url")

    def _machines(self, value: Any, source: DateSource) -> Iterator[Stated]:
        for single in value if isinstance(value, list) else [value]:
            if found := self._machine(single, source):
                yield found

    def _machine(self, value: Any, source: DateSource) -> Stated | None:
        if not isinstance(value, str | int) or isinstance(value, bool):
            return None
        text = str(value).strip()
        moment = parse_machine_date(text, self.zone)
        if moment is None:
            moment = find_published(text, self.zone) if len(text) <= 100 else None
        return self._relabelled(stated_of(moment, source, bool(_ZONED.search(text)))) if moment else None

    def _relabelled(self, stated: Stated) -> Stated:
        """Return a future value that is labelled UTC as the local time it must be (research bengali.md §3.4)."""
        local = stated.at.astimezone(UTC).replace(tzinfo=self.zone)
        if stated.zoned and stated.at > self.now + timedelta(minutes=5) >= local:
            return Stated(local, stated.precision, stated.source)
        return stated

    def _plausible(self, stated: Stated) -> bool:
        return _EARLIEST <= stated.at <= self.now + timedelta(days=1)


def day_in_address(url: str) -> date | None:
    """Return the day that stands in an address as /2022/07/12/ or /2022-07-12/."""
    for match in _ADDRESS_DATE.finditer(re.split("[?#]", url)[0]):
        try:
            return date(int(match[1]), int(match[3]), int(match[4]))
        except ValueError:
            continue
    return None


def offset_stated(document: Document) -> tzinfo | None:
    """Return the offset that the page's own dates carry, None when they are in UTC or carry none."""
    data = document.structured
    values = [
        data.article.get("datePublished"),
        data.article.get("dateModified"),
        *data.meta.get("article:published_time", ()),
    ]
    for value in values:
        match = re.search(r"T\d\d:\d\d.*([+-])(\d\d):?(\d\d)$", value) if isinstance(value, str) else None
        if match and match[2] + match[3] != "0000" and int(match[2]) <= 14:
            minutes = int(match[2]) * 60 + int(match[3])
            return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))
    return None


def _bare(address: str) -> str:
    host, _, path = re.split(r"[?#]", unquote(address).split("://", 1)[-1])[0].strip("/").partition("/")
    return f"{host}/{path}" if path else ""


def _of_article(element: HtmlElement, nearby: Nearby, unscoped: bool) -> bool:
    """Return whether the itemscope around an element holds the headline or text; `unscoped` if there is none."""
    scope = next((around for around in element.iterancestors() if around.get("itemscope") is not None), None)
    anchors = [anchor for anchor in (nearby.headline, *nearby.containers[:1]) if anchor is not None]
    if scope is None:
        return unscoped
    return not anchors or any(scope in (anchor, *anchor.iterancestors()) for anchor in anchors)


_COARSE = frozenset({"hour", "day", "month", "year"})


@dataclass(frozen=True, slots=True)
class Stated:
    """A moment that a page states, where, and whether it names its zone."""

    at: datetime
    precision: Any
    source: DateSource
    zoned: bool = False

    def dated(self, zone: tzinfo) -> PublicationDate:
        return PublicationDate(self.at.astimezone(zone), self.precision, self.source)


def stated_of(moment: Moment, source: DateSource, zoned: bool = False) -> Stated:
    return Stated(moment.at, moment.precision, source, zoned)


def agreed(structured: Sequence[Stated], shown: Sequence[Stated], zone: tzinfo) -> Stated | None:
    """Return the date of a machine that the page's visible one confirms, read as local time where only that fits."""
    seen = [found.at for found in shown if found.precision in {"minute", "second"}]
    for stated in structured:
        if any(timedelta() <= stated.at - at < timedelta(minutes=2) for at in seen):
            return stated
    for stated in structured:
        local = stated.at.astimezone(UTC).replace(tzinfo=zone)
        if stated.zoned and any(timedelta() <= local - at < timedelta(minutes=1) for at in seen):
            return Stated(local, stated.precision, stated.source)
    return None


def is_sure(stated: Stated, shown: Sequence[Stated], zone: tzinfo) -> bool:
    """Tell a first date after which no other is asked: it tells its time, and no time shown is another."""
    timed = [found for found in shown if found.precision in {"minute", "second"}]
    return tells_time(stated, zone) and (not timed or agreed([stated], timed, zone) is stated)


def tells_time(stated: Stated, zone: tzinfo) -> bool:
    return stated.precision not in _COARSE and stated.at.astimezone(zone).time() != time()


def finer(chosen: Stated, others: Sequence[Stated], zone: tzinfo) -> Stated:
    """Return another date of the same day that tells its time, where the chosen one tells none but midnight."""
    local = chosen.at.astimezone(zone)
    if tells_time(chosen, zone) or chosen.precision not in {"hour", "day", "minute", "second"}:
        return chosen
    for other in others:
        there = other.at.astimezone(zone)
        if there.date() == local.date() and other.precision in {"minute", "second"} and there.time() != time():
            return other
    return chosen


def exact(chosen: Stated, shown: Sequence[Stated], zone: tzinfo) -> Stated:
    """Return the midnight that a machine states as the day it is, where a reader is shown that day without a time."""
    if chosen.precision in _COARSE or tells_time(chosen, zone):
        return chosen
    days = {found.at.astimezone(zone).date(): found.precision for found in reversed(shown) if found.source == "visible"}
    return replace(chosen, precision="day") if days.get(chosen.at.astimezone(zone).date()) == "day" else chosen
