"""A moment that a page states, and how several of one page are held against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

from crawler.bengali.dates import Moment
from crawler.items import DateSource, PublicationDate

_COARSE = frozenset({"hour", "day", "month", "year"})


@dataclass(frozen=True, slots=True)
class Stated:
    """A moment that a page states, where, and whether it names its zone."""

    at: datetime
    precision: Any
    source: DateSource
    zoned: bool = False

    def dated(self, zone: tzinfo) -> PublicationDate:
        """Return the date of the row, with the offset of `zone`."""
        return PublicationDate(self.at.astimezone(zone), self.precision, self.source)


def stated_of(moment: Moment, source: DateSource, zoned: bool = False) -> Stated:
    """Return a moment that was read, and where it stood."""
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
    """Tell a moment with a time of day; midnight is none."""
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
