"""Parse dates for programs: ISO 8601, RFC 3339, RFC 2822, epochs, and dates in words that sites use instead."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from crawler.bengali.dates.calendar import written_dates
from crawler.bengali.dates.clock import Clock, Moment, Precision, clock_beside, to_moment
from crawler.bengali.dates.words import compared

# The sign of an offset is optional because decoding a query string turns `+` into a space.
_ZONE = r"(?:z|utc|gmt|(?P<sign>[+-])?(?P<off_hour>\d{2}):?(?P<off_minute>\d{2})?)(?P<zoned>)"
_ISO = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2})"
    r"(?:(?:t| t?)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    rf"(?: ?{_ZONE})?)?)?)?(?:\[.*\])?"
)
_COMPACT = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?P<month>\d{2})(?P<day>\d{2})"
    rf"(?:t?(?P<hour>\d{{2}})(?P<minute>\d{{2}})(?P<second>\d{{2}})?(?:{_ZONE})?)?"
)

# Seconds or milliseconds since 1973. Shorter numbers are counters or placeholders.
_EPOCH = re.compile(r"(?P<seconds>\d{9,10})(?:\.\d+)?|(?P<milliseconds>\d{12,13})")


# Cached because pages repeat one value in several places.
@lru_cache(maxsize=8)
def parse_machine_date(text: str, zone: tzinfo) -> Moment | None:
    """Return the moment of a machine-readable value, in `zone`, or None if it is not an existing date.

    A value without a zone is local to `zone`. Dates like 09/03/2021 have the day first. Digits can be Bengali.
    Epochs are seconds (9 or 10 digits) or milliseconds (12 or 13 digits) since 1970.
    """
    value = compared(text).strip()
    iso = _ISO.fullmatch(value) or _COMPACT.fullmatch(value)
    if iso:
        return _from_fields(iso, zone)
    epoch = _EPOCH.fullmatch(value)
    if epoch:
        return _from_epoch(epoch, zone)
    for date in written_dates(value):
        return to_moment(date.year, date.month, date.day, zone, clock=clock_beside(value, date.start, date.end))
    return None


def _from_fields(match: re.Match[str], zone: tzinfo) -> Moment | None:
    fields = match.groupdict()
    precision: Precision = "day" if fields["day"] else "month" if fields["month"] else "year"
    year, month, day = int(fields["year"]), int(fields["month"] or 1), int(fields["day"] or 1)
    return to_moment(year, month, day, zone, clock=_clock(fields), precision=precision)


def _clock(fields: dict[str, str | None]) -> Clock | None:
    if not fields["hour"]:
        return None
    offset = None
    if fields["zoned"] is not None:
        offset = timedelta(hours=int(fields["off_hour"] or 0), minutes=int(fields["off_minute"] or 0))
        offset = -offset if fields["sign"] == "-" else offset
    hour, minute, second = (int(fields[unit] or 0) for unit in ("hour", "minute", "second"))
    return Clock(hour, minute, second, "second" if fields["second"] else "minute", offset)


def _from_epoch(match: re.Match[str], zone: tzinfo) -> Moment | None:
    seconds = int(match["seconds"] or match["milliseconds"]) // (1 if match["seconds"] else 1000)
    return Moment((datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(zone), "second")
