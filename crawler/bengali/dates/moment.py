"""Values of dates: moments with their precision, and times of day as written."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Literal

Precision = Literal["second", "minute", "hour", "day", "month", "year"]

# The patterns of dates read years of these two centuries. Others are placeholders, such as 0001 and 9999.
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2099


@dataclass(frozen=True)
class Moment:
    """An aware time and its smallest unit that the text states."""

    at: datetime
    precision: Precision


@dataclass(frozen=True)
class Clock:
    """A time of day as written; `offset` is set if the text names a zone or an offset from UTC."""

    hour: int
    minute: int
    second: int
    precision: Precision
    offset: timedelta | None = None


def to_moment(
    year: int, month: int, day: int, zone: tzinfo, *, clock: Clock | None = None, precision: Precision = "day"
) -> Moment | None:
    """Return the moment in `zone`, or None if the calendar or the clock has no such time or the year is implausible.

    `precision` applies to a date without a clock.
    """
    if not _EARLIEST_YEAR <= year <= _LATEST_YEAR:
        return None
    try:
        if clock is None:
            return Moment(datetime(year, month, day, tzinfo=zone), precision)
        written_in = zone if clock.offset is None else timezone(clock.offset)
        at = datetime(year, month, day, clock.hour, clock.minute, clock.second, tzinfo=written_in)
    except ValueError:
        return None
    return Moment(at.astimezone(zone), clock.precision)


def aware(at: datetime) -> datetime:
    """Return `at`, in UTC if it is naive."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)
