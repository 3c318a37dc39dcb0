"""Sources by day: each is asked for one day at a time, from the first day that it lists to the last."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import unquote, urlsplit

from crawler.model.span import ONE_DAY, Span
from crawler.outlets.sources.base import BrokenSource, Source, Visit

# More than any day has: a site that gives such a page leads us round in a circle.
MOST_PAGES = 1000
DIGITS = re.compile(r"\d+")

# A list that stands for more days than these stands for all of them.
MOST_DAYS = 366
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class SourceByDay(Source):
    """A source that lists the articles of one day, for the days from `since` to `until` (YYYY-MM-DD).

    Its address is a template: `{day:%Y-%m-%d}`, or any other form of strftime, such as `{day:%d%%2F%m%%2F%Y}` for
    12%2F07%2F2022; `{after}` and `{before}` are the last moment before the day and the first after it in the
    outlet's time, `{after_ms}` and `{before_ms}` the same in milliseconds since 1970. `{page}` (from 1) or
    `{offset}` (what the pages before listed) stand where it has pages.
    """

    since: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        """Raise ValueError or KeyError for what can't be meant: its module is loaded long before a day is asked for."""
        days = [date.fromisoformat(day) for day in (self.since, self.until) if day] or [date.min + timedelta(days=1)]
        self.address(Span(days[0], days[0]), 1, 0)

    @property
    def period(self) -> str:
        """The days that the source lists, in words."""
        return f"{self.since or 'the beginning'} to {self.until or 'today'}"

    @property
    def template(self) -> str:
        """The template of its addresses."""
        return self.url

    def reach(self, span: Span) -> Span | None:
        """Return the part of a span that the source lists, or None."""
        first = date.fromisoformat(self.since) if self.since else None
        last = date.fromisoformat(self.until) if self.until else None
        return span.cut(first, last)

    def visits(self, span: Span) -> Iterator[Visit]:
        """Yield the first request of each day, newest first."""
        reached = self.reach(span)
        for day in reached.days() if reached else ():
            of_day = replace(span, since=day, until=day)
            yield Visit(self, self.address(of_day, 1, 0), of_day)

    def address(self, span: Span, page: int, offset: int) -> str:
        """Return the address of a page of a day."""
        after = datetime.combine(span.since, time(), span.zone) - MILLISECOND
        before = datetime.combine(span.since + timedelta(days=1), time(), span.zone)
        return self.template.format(
            day=span.since,
            after=after,
            before=before,
            after_ms=_milliseconds(after),
            before_ms=_milliseconds(before),
            page=page,
            offset=offset,
        )

    def days_alike(self, span: Span) -> Span:
        """Return the days that have the same list as a day: a month, where each month has one."""
        return replace(span, since=self._last_alike(span, -ONE_DAY), until=self._last_alike(span, ONE_DAY))

    def _last_alike(self, span: Span, step: timedelta) -> date:
        day, address = span.since, self.address(span, 1, 0)
        for _ in range(MOST_DAYS):
            if self.address(replace(span, since=day + step), 1, 0) != address:
                break
            day += step
        return day

    def next_page(self, visit: Visit, listed: int, headers: Mapping[str, str]) -> Visit | None:
        """Return the request for the page after this one, where the source has pages. Raises BrokenSource."""
        here, paging = visit.paging, visit.paging.after(listed)
        url = self.address(visit.span, paging.page, paging.offset)
        # A sitemap of an index stands elsewhere than any page of its day.
        if visit.depth or url == self.address(visit.span, here.page, here.offset) or not listed:
            return None
        if paging.page > MOST_PAGES:
            raise BrokenSource(f"it has more than {MOST_PAGES} pages")
        return replace(visit, url=url, paging=paging)

    def leads_elsewhere(self, visit: Visit, url: str) -> bool:
        """Tell whether the address where a visit ended doesn't name the day or page that was asked for."""
        asked = _numbers(visit.url)
        if visit.paging.page == 1 and "{page" in self.template:
            asked -= Counter("1")  # many sites lead from their first page to the address without a page
        return super().leads_elsewhere(visit, url) or bool(asked - _numbers(url))


def _milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // MILLISECOND


def _numbers(url: str) -> Counter[str]:
    """Return the numbers in an address, without zeros before them: 3 is the month that 03 is."""
    parts = urlsplit(url)
    numbers = DIGITS.findall(unquote(f"{parts.path}?{parts.query}"))
    return Counter(filter(None, (number.lstrip("0") for number in numbers)))
