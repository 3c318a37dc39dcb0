"""The days a run asks for: by date of publication, in the outlet's own time zone, both ends inclusive.

What flows through the crawl: listings, fetched pages, and the article row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Self

ONE_DAY = timedelta(days=1)


class BadArgument(ValueError):
    """An argument of a crawl that can't be meant; its text is one sentence for the person who gave it."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days from `since` to `until`, both included, as they begin and end in `zone`."""

    since: date
    until: date
    zone: tzinfo = UTC

    def days(self) -> Iterator[date]:
        """Yield the days, newest first."""
        for offset in range((self.until - self.since).days + 1):
            yield self.until - offset * ONE_DAY

    @property
    def is_recent(self) -> bool:
        """Tell whether the span reaches yesterday or today, the days that feeds and front pages list."""
        return self.until >= datetime.now(self.zone).date() - ONE_DAY

    def holds(self, published: datetime | date | None) -> bool:
        """Tell whether an article may belong here by the date its source gives; one without a date may."""
        if published is None:
            return True
        return any(self.since <= day <= self.until for day in days_of(published, self.zone))

    def holds_moment(self, published: datetime) -> bool:
        """Tell whether a moment that is known for sure lies within these days."""
        return self.since <= published.astimezone(self.zone).date() <= self.until

    def begins_after(self, published: datetime | date | None) -> bool:
        """Tell whether a date is known and lies before the first day."""
        return published is not None and max(days_of(published, self.zone)) < self.since

    def cut(self, since: date | None, until: date | None) -> Span | None:
        """Return the part of the span between two days, or None when nothing is left of it."""
        first = max(self.since, since) if since else self.since
        last = min(self.until, until) if until else self.until
        return replace(self, since=first, until=last) if first <= last else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run wants of an outlet: the articles of a span of days, within a scope ("national" or "all").

    With `is_span_strict` an article gets no row if its page dates it outside the span.
    """

    span: Span
    scope: str
    is_span_strict: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return the form that run files and state hold."""
        span = {"since": self.span.since.isoformat(), "until": self.span.until.isoformat()}
        return {**span, "scope": self.scope, "is_span_asked": self.is_span_strict}

    @classmethod
    def from_json(cls, facts: Mapping[str, Any], zone: tzinfo) -> Self:
        """Read the form that `as_json` returns. Raises KeyError, TypeError, ValueError."""
        since, until = (date.fromisoformat(facts[name]) for name in ("since", "until"))
        return cls(Span(since, until, zone), facts["scope"], facts["is_span_asked"])


def local_day(published: datetime | date, zone: tzinfo) -> date:
    """Return the calendar day of a date in a zone."""
    return published.astimezone(zone).date() if isinstance(published, datetime) else published


def days_of(published: datetime | date, zone: tzinfo) -> set[date]:
    """Return the calendar days that a source's hint may mean.

    Feeds label local time as UTC: a time counts on its day in the outlet's zone and on its day in UTC.
    """
    if not isinstance(published, datetime):
        return {published}
    return {published.astimezone(zone).date(), published.astimezone(UTC).date()}


def read_span(since: str | None, until: str | None, zone: tzinfo) -> Span:
    """Return the span two arguments ask for; by default yesterday and today. Raises BadArgument."""
    today = datetime.now(zone).date()
    last = min(read_date("until", until), today) if until else today
    first = read_date("since", since) if since else last - ONE_DAY
    if first > today:
        raise BadArgument(f"since={since} is still to come: today is {today}.")
    if first > last:
        raise BadArgument(f"since={since} is after until={until}.")
    return Span(first, last, zone)


def read_date(name: str, text: str) -> date:
    """Return the day an argument names as YYYY-MM-DD. Raises BadArgument."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise BadArgument(f"{name}={text} is no day of the calendar.") from None
    raise BadArgument(f"{name}={text} is no date: write YYYY-MM-DD, such as 2026-07-12.")


def rfc3339(moment: datetime) -> str:
    """Return an aware moment in UTC with microseconds and `Z`, as WARC-Date has it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
