"""The days and the scope that a run crawls."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from crawler.system import clock

logger = logging.getLogger(__name__)
ONE_DAY = timedelta(days=1)
# The most that an article's date may be after its capture; extraction takes no later one.
AHEAD = timedelta(days=2)


class BadArgument(ValueError):
    """An argument of a crawl is invalid; the message is one sentence for the person who gave it."""


class OutOfReach(BadArgument):
    """No source of this outlet lists the days; other outlets may have them."""


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days from `since` to `until`, both included; None is open."""

    since: date | None = None
    until: date | None = None

    def hold(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    @property
    def first_month(self) -> str:
        """The first month of capture (`2026-11`) that may have articles of these days; empty for any.

        A segment takes captures of one month.
        """
        return f"{max(self.since, date.min + AHEAD) - AHEAD:%Y-%m}" if self.since else ""

    def __str__(self) -> str:
        parts = [f"from {self.since}" if self.since else "", f"to {self.until}" if self.until else ""]
        return " ".join(filter(None, parts)) or "of any day"


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
        """Whether the span reaches yesterday or today, the days that feeds and front pages list."""
        return self.until >= clock.today(self.zone) - ONE_DAY

    def holds(self, published: datetime | date | None) -> bool:
        """Return whether an article may be of these days by the date in its listing; True without a date."""
        return published is None or any(self.since <= day <= self.until for day in days_of(published, self.zone))

    def holds_moment(self, published: datetime) -> bool:
        return self.since <= published.astimezone(self.zone).date() <= self.until

    def begins_after(self, published: datetime | date | None) -> bool:
        """Return whether a date is known and before the first day."""
        return published is not None and max(days_of(published, self.zone)) < self.since

    def cut(self, since: date | None, until: date | None) -> Span | None:
        """Return the part of the span between two days, None if they share no day."""
        first = max(self.since, since) if since else self.since
        last = min(self.until, until) if until else self.until
        return replace(self, since=first, until=last) if first <= last else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A span and scope ("national" or "all"); if `is_span_strict`, a page dated outside the span gets no row."""

    span: Span
    scope: str
    is_span_strict: bool = True

    def as_json(self) -> dict[str, Any]:
        span = {"since": self.span.since.isoformat(), "until": self.span.until.isoformat()}
        return {**span, "scope": self.scope, "is_span_asked": self.is_span_strict}


def read_wanted(text: str | None, zone: tzinfo) -> Wanted:
    """Return the parameters of a run from their JSON, those of an update if they are unknown."""
    try:
        facts = json.loads(text or "null")
        since, until = (date.fromisoformat(facts[name]) for name in ("since", "until"))
        return Wanted(Span(since, until, zone), facts["scope"], facts["is_span_asked"])
    except (TypeError, KeyError, ValueError):
        if text:
            logger.warning("a run has invalid parameters: %s; its pages are judged as those of an update", text)
        return Wanted(read_span(None, None, zone), "national", is_span_strict=False)


def local_day(published: datetime | date, zone: tzinfo) -> date:
    return published.astimezone(zone).date() if isinstance(published, datetime) else published


def days_of(published: datetime | date, zone: tzinfo) -> set[date]:
    """Return the days that a listing's date may mean: local time may be labelled as UTC, so it counts in both."""
    return {local_day(published, zone), local_day(published, UTC)}


def read_span(since: str | None, until: str | None, zone: tzinfo) -> Span:
    """Return the span of two arguments; by default yesterday and today. Raises BadArgument."""
    today = clock.today(zone)
    last = min(read_date("until", until), today) if until is not None else today
    first = read_date("since", since) if since is not None else last - ONE_DAY
    if first > today:
        raise BadArgument(f"since={since} is in the future: today is {today}.")
    if first > last:
        raise BadArgument(f"since={since} is after until={until}.")
    return Span(first, last, zone)


def read_date(name: str, text: str) -> date:
    """Return the day of an argument YYYY-MM-DD. Raises BadArgument."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise BadArgument(f"{name}={text} is not a day of the calendar.") from None
    raise BadArgument(f"{name}={text} is not a date: write YYYY-MM-DD, such as 2026-07-12.")


def read_first_date(name: str, text: str) -> date:
    """Return the first day of a span of what is archived. Raises BadArgument, also for a day in the future."""
    day = read_date(name, text)
    # East of Greenwich tomorrow has begun.
    if day > clock.today(UTC) + ONE_DAY:
        raise BadArgument(f"{name}={text} is in the future.")
    return day


def rfc3339(moment: datetime) -> str:
    """Return an aware moment in UTC with microseconds and `Z`, the form of WARC-Date."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
