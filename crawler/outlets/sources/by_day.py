"""Sources with a list for each day, from the first day that they list to the last."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from string import Formatter
from typing import Any
from urllib.parse import unquote, urlsplit

from crawler.model.span import ONE_DAY, Span, read_date
from crawler.outlets.sources.base import FIRST_PAGE, BrokenSource, Paging, Source, Visit

# No day has more: a site with such a page links in a circle.
MOST_PAGES = 1000
DIGITS = re.compile(r"\d+")

# A list for more days than these is the list for all days.
MOST_DAYS = 366
MILLISECOND = timedelta(milliseconds=1)

# Days that differ in year, month, day and weekday.
FIRST_DAY, ANOTHER_DAY = date(1, 1, 2), date(2023, 11, 17)


@dataclass(frozen=True)
class SourceByDay(Source):
    """A source that lists the articles of one day, for the days from `since` to `until` (YYYY-MM-DD).

    Its address is a template: `{day:%Y-%m-%d}`, or any other form of strftime, such as `{day:%d%%2F%m%%2F%Y}` for
    12%2F07%2F2022; `{after}` and `{before}` are the last moment before the day and the first after it in the
    outlet's time, `{after_ms}` and `{before_ms}` the same in milliseconds since 1970. `{page}` (from 1) or
    `{offset}` (the number of entries on the pages before) are for a source with pages.
    """

    since: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for an invalid declaration when its module is loaded."""
        super().__post_init__()
        first, another = Span(FIRST_DAY, FIRST_DAY), Span(ANOTHER_DAY, ANOTHER_DAY)
        problem = template_problem(self.template, _values(first, FIRST_PAGE))
        if not problem and self.address(first) == self.address(another):
            problem = "is one address for all days: it needs the day, such as {day:%Y-%m-%d}"
        if problem:
            raise ValueError(f"{self.template!r} {problem}")
        for name, day in (("since", self.since), ("until", self.until)):
            if day is not None:
                read_date(name, day)
        if self.since and self.until and self.since > self.until:
            raise ValueError(f"since={self.since!r} is after until={self.until!r}")

    @property
    def period(self) -> str:
        return f"{self.since or 'the beginning'} to {self.until or 'today'}"

    @property
    def template(self) -> str:
        return self.url

    def reach(self, span: Span) -> Span | None:
        first = date.fromisoformat(self.since) if self.since else None
        last = date.fromisoformat(self.until) if self.until else None
        return span.cut(first, last)

    def visits(self, span: Span) -> Iterator[Visit]:
        reached = self.reach(span)
        for day in reached.days() if reached else ():
            of_day = replace(span, since=day, until=day)
            yield Visit(self, self.address(of_day), of_day)

    def address(self, span: Span, paging: Paging = FIRST_PAGE) -> str:
        return self.template.format(**_values(span, paging))

    def days_alike(self, span: Span) -> Span:
        """Return the days with the same list as a day: its month, if each month has one list."""
        return replace(span, since=self._last_alike(span, -ONE_DAY), until=self._last_alike(span, ONE_DAY))

    def _last_alike(self, span: Span, step: timedelta) -> date:
        day, address = span.since, self.address(span)
        for _ in range(MOST_DAYS):
            if self.address(replace(span, since=day + step)) != address:
                break
            day += step
        return day

    def next_page(self, visit: Visit, listed: int, headers: Mapping[str, str]) -> Visit | None:
        paging = visit.paging.after(listed)
        url = self.address(visit.span, paging)
        # The address of a sitemap in an index does not match the template.
        if visit.depth or url == self.address(visit.span, visit.paging) or not listed:
            return None
        if paging.page > MOST_PAGES:
            raise BrokenSource(f"it has more than {MOST_PAGES} pages")
        return replace(visit, url=url, paging=paging)

    def leads_elsewhere(self, visit: Visit, url: str) -> bool:
        """Return whether the address where a visit ended names another day or page."""
        requested = _numbers(visit.url)
        if visit.paging.page == 1 and "{page" in self.template:
            requested -= Counter("1")  # many sites redirect their first page to the address without a page
        return super().leads_elsewhere(visit, url) or bool(requested - _numbers(url))


def _values(span: Span, paging: Paging) -> dict[str, Any]:
    """Return the variables of an address."""
    after = datetime.combine(span.since, time(), span.zone) - MILLISECOND
    before = datetime.combine(span.since + ONE_DAY, time(), span.zone)
    return {
        "day": span.since,
        "page": paging.page,
        "offset": paging.offset,
        "after": after,
        "before": before,
        "after_ms": round(after.timestamp() * 1000),
        "before_ms": round(before.timestamp() * 1000),
    }


def _numbers(url: str) -> Counter[str]:
    """Return the numbers in an address without leading zeros: 3 is the same month as 03."""
    parts = urlsplit(url)
    numbers = DIGITS.findall(unquote(f"{parts.path}?{parts.query}"))
    return Counter(filter(None, (number.lstrip("0") for number in numbers)))


def template_problem(template: str, values: Mapping[str, Any], needed: Sequence[str] = ()) -> str | None:
    """Return the predicate of the sentence about a template that can't be filled, or has none of some variables."""
    try:
        places = [(name, form) for _, name, form, _ in Formatter().parse(template) if name is not None]
        if any("{" in (form or "") for _, form in places):
            return "has a variable within another"
        used = {name for name, _ in places}
        if unknown := used.difference(values):
            known = ", ".join(f"{{{name}}}" for name in values) or "none"
            return f"has the variable {{{min(unknown)}}}; known here: {known}"
        template.format(**values)
    except ValueError as error:
        return f"is not a template: {error}"
    return None if not needed or used.intersection(needed) else f"has no {{{needed[0]}}}"
