"""Find when an article was published and modified, from the first source that states it.

The sources are JSON-LD, microdata, meta elements, the story in the page's scripts, elements with a machine-readable
value and lines near the headline or after the text, the listing that led to the page, and its address.

A stated zone or offset is never reinterpreted. A value without a zone is local to the outlet. A day or midnight takes
the time of another source of that day.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from itertools import chain, islice
from typing import Any
from zoneinfo import ZoneInfo

from crawler.bengali.dates import (
    Moment,
    contradicts_weekday,
    find_date,
    find_modified,
    find_published,
    label_of,
    parse_machine_date,
)
from crawler.bengali.language import bengali_share
from crawler.extraction import vocabulary
from crawler.extraction.metadata.surroundings import DateLine, Nearby
from crawler.extraction.page.document import Document
from crawler.extraction.page.naming import is_beside_story
from crawler.extraction.page.page_data import Story
from crawler.extraction.page.structured import types
from crawler.model.addresses import host_of
from crawler.model.article import DateSource, PublicationDate
from crawler.model.listing import Page
from crawler.outlets.outlet import Outlet
from crawler.system import clock

_PUBLISHED_KEYS, _PUBLISHED_META = ("datePublished", "dateCreated", "uploadDate"), vocabulary.meta("published")
_MODIFIED_KEYS, _MODIFIED_META = ("dateModified",), vocabulary.meta("modified")
_PAGE_TYPES = frozenset({"webpage", "itempage", "videoobject"})
# No newspaper here was online before.
_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
# Clocks of servers differ, and a day without a time may begin in another zone.
_LATEST = timedelta(days=1)
# A page states the time of its rendering at most this long before or after its fetch.
_RENDERING = timedelta(minutes=1)
# Pages with more dates, or more objects for pages, have lists of other stories.
_MOST_DATES, _MOST_PAGES = 40, 40
_LONGEST_VALUE = 100
# In a slug a date may be the day of an event, and eight digits in a row may be a key.
_ADDRESS_DATE = re.compile(r"(?<=/)((?:19|20)\d\d)([/-])(\d{1,2})\2(\d{1,2})(?=/|$)")
_COARSE = frozenset({"hour", "day", "month", "year"})
# A page with less than this share of Bengali letters is a page in another language.
_BENGALI = 0.5


class Dates:
    """The dates of one page; values without a zone are local to `zone`, and so are the results."""

    def __init__(self, document: Document, outlet: type[Outlet], page: Page, zone: tzinfo) -> None:
        self.document, self.outlet, self.page, self.zone = document, outlet, page, zone
        self.now = page.fetched_at or clock.now()
        self.today = page.fetched_at and page.fetched_at.astimezone(zone).date()

    def published(self, nearby: Nearby, story: Story | None) -> PublicationDate | None:
        structured = self._structured(_PUBLISHED_KEYS, _PUBLISHED_META, story.published if story else None)
        return self._chosen(chain(structured, self._shown(nearby), self._listed()))

    def modified(self, nearby: Nearby, story: Story | None) -> PublicationDate | None:
        structured = self._structured(_MODIFIED_KEYS, _MODIFIED_META, story.modified if story else None)
        return self._chosen(chain(structured, self._updates(nearby)))

    def _chosen(self, stated: Iterable[PublicationDate]) -> PublicationDate | None:
        """Return the first plausible date, with the time of another statement if it has none."""
        dates = (each for each in stated if _EARLIEST <= each.at <= self.now + _LATEST)
        first = next(dates, None)
        if first is None:
            return None
        chosen = first if self._has_time(first) else self._with_time(first, islice(dates, _MOST_DATES))
        return PublicationDate(chosen.at.astimezone(self.zone), chosen.precision, chosen.source)

    def _with_time(self, chosen: PublicationDate, others: Iterable[PublicationDate]) -> PublicationDate:
        """Return another statement of the same day that has a time, if the chosen one has only the day or midnight."""
        if chosen.precision in {"month", "year"}:
            return chosen
        timed = (other for other in others if self._has_time(other))
        return next((other for other in timed if self._day(other) == self._day(chosen)), chosen)

    def _has_time(self, stated: PublicationDate) -> bool:
        return stated.precision not in _COARSE and stated.at.astimezone(self.zone).time() != time()

    def _day(self, stated: PublicationDate) -> date:
        return stated.at.astimezone(self.zone).date()

    def _structured(self, keys: Sequence[str], metas: Sequence[str], in_story: str | None) -> Iterator[PublicationDate]:
        data = self.document.structured
        described = islice((thing for thing in data.json_ld if types(thing) & _PAGE_TYPES), _MOST_PAGES)
        pages = list(filter(data.is_of_page, described))
        for key in keys:
            for thing in (data.article, *pages):
                yield from self._machines(thing.get(key), "json-ld")
        for element in data.microdata.get(keys[0], ()):
            if not is_beside_story(element):
                value = element.get("content") or element.get("datetime") or element.text_content()
                yield from self._machines(value, "microdata")
        for meta in metas:
            yield from self._machines(data.meta.get(meta), "meta")
        yield from self._machines(in_story, "page-data")

    def _shown(self, nearby: Nearby) -> Iterator[PublicationDate]:
        lines = [line for line in nearby.date_lines if line.label in {"published", "none"}]
        above = [line for line in lines if line.above and not self._is_rendering_time(line)]
        for group in ([line for line in lines if not line.above], above):
            for line in group:
                yield from self._machines(line.machine, "time")
            for line in group:
                moment = find_published(line.text, self.zone, self.page.fetched_at)
                if moment and not self._is_doubtful(line, moment):
                    yield PublicationDate(moment.at, moment.precision, "visible")

    def _updates(self, nearby: Nearby) -> Iterator[PublicationDate]:
        for line in nearby.date_lines:
            moment = find_modified(line.text, self.zone, self.page.fetched_at)
            if line.label == "updated":
                yield from self._machines(line.machine, "time")
                moment = moment or find_date(line.text, self.zone, self.page.fetched_at)
            if moment:
                yield PublicationDate(moment.at, moment.precision, "visible")

    def _is_rendering_time(self, line: DateLine) -> bool:
        """Return whether a date above the headline is the page's own: the day or the time of the fetch."""
        stated = next(self._machines(line.machine, "time"), None)
        if stated is None or self._day(stated) != self.today:
            return False
        return abs(self.now - stated.at) <= _RENDERING or not self._has_time(stated)

    def _is_doubtful(self, line: DateLine, moment: Moment) -> bool:
        """Return whether an unlabelled line may be the page's own date: the day of the fetch, or a wrong weekday."""
        if line.label != "none" or label_of(line.text) != "none":
            return False
        may_be_today = (line.above and line.machine is None) or moment.precision == "day"
        return contradicts_weekday(line.text) or (may_be_today and self.today in (None, moment.at.date()))

    def _listed(self) -> Iterator[PublicationDate]:
        hint = self.page.listing.published if self.page.listing else None
        if isinstance(hint, datetime):
            yield PublicationDate(hint if hint.tzinfo else hint.replace(tzinfo=self.zone), "second", "listing")
        elif isinstance(hint, date):
            yield PublicationDate(datetime.combine(hint, time(), self.zone), "day", "listing")
        if day := self.outlet.day_of(self.page.url) or day_in_address(self.page.url):
            yield PublicationDate(datetime.combine(day, time(), self.zone), "day", "url")

    def _machines(self, value: Any, source: DateSource) -> Iterator[PublicationDate]:
        for each in value if isinstance(value, list) else [value]:
            text = str(each).strip() if isinstance(each, str | int) else ""
            moment = parse_machine_date(text, self.zone)
            if moment is None and len(text) <= _LONGEST_VALUE:
                moment = find_published(text, self.zone)
            if moment:
                yield PublicationDate(moment.at, moment.precision, source)


def zone_of(document: Document, outlet: type[Outlet], *texts: str) -> tzinfo:
    """Return the zone of an outlet's dates; for an unknown site by its dates, its language or its address."""
    if outlet.article is not None or outlet.allowed_domains:
        return ZoneInfo(outlet.time_zone)
    if offset := offset_stated(document):
        return offset
    host = host_of(document.url)
    # A text may quote more English than it has Bengali.
    if not host.endswith(".bd") and all(bengali_share(text) < _BENGALI for text in texts):
        return UTC
    return ZoneInfo("Asia/Kolkata" if host.endswith(".in") else "Asia/Dhaka")


def offset_stated(document: Document) -> tzinfo | None:
    """Return the offset of the page's own dates, or None if they are in UTC or have none."""
    data = document.structured
    stated: list[Any] = [data.article.get("datePublished"), data.article.get("dateModified")]
    stated += [value for name in (*_PUBLISHED_META, *_MODIFIED_META) for value in data.meta.get(name, ())]
    for value in stated:
        with suppress(TypeError, ValueError):
            if offset := datetime.fromisoformat(value).utcoffset():
                return timezone(offset)
    return None


def day_in_address(url: str) -> date | None:
    """Return the day in a path such as /2022/07/12/ or /2022-07-12/."""
    for match in _ADDRESS_DATE.finditer(re.split("[?#]", url)[0]):
        try:
            return date(int(match[1]), int(match[3]), int(match[4]))
        except ValueError:
            continue
    return None
