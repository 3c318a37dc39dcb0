"""Parse times of day (10:34, ১০টা ৩৪ মিনিট, ১৬৩৪ ঘণ্টা, with day parts, meridiem and zone), and make moments of them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Literal

from crawler.bengali.dates.words import (
    DAY_PART,
    EVENING,
    GAP,
    HOURS,
    MERIDIEM,
    NIGHT,
    NO_LETTER_AFTER,
    NO_LETTER_BEFORE,
    NOON,
    any_compared,
    compared,
    compared_words,
)
from crawler.bengali.text import any_of

Precision = Literal["second", "minute", "hour", "day", "month", "year"]

# The patterns of dates read years of these two centuries. Others are placeholders, such as 0001 and 9999.
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2099


# The zones that newspapers and their programs write, in hours from UTC. BST is not among them: in Bangladesh it is the
# local time.
_ZONE_HOURS = {
    "gmt utc z জিএমটি ইউটিসি": 0.0,
    "bdt": 6,
    "ist আইএসটি": 5.5,
    "edt": -4,
    "est cdt": -5,
    "cst": -6,
    "pdt": -7,
    "pst": -8,
}
_ZONES = {name: hours for names, hours in _ZONE_HOURS.items() for name in compared_words(names)}

# Without the name of a zone, an offset needs a plus sign or seconds before it: 10:00-11:30 is a range of hours.
_ZONE = (
    rf"(?: ?\(?(?P<zone>{any_of(_ZONES)}){NO_LETTER_AFTER} ?(?P<zone_offset>[+-]\d{{1,2}}(?::?\d\d)?(?!\d))?\)?"
    r"| ?\(?(?P<offset>\+\d\d:?\d\d)(?!\d)\)?|(?<=:\d\d)(?P<behind>-\d\d:?\d\d)(?!\d))?"
)
_OCLOCK = any_compared("টা টায় টার")
_MINUTES = any_compared("মিনিট মিনিটে মিনিটের মি. মিঃ মি")

# Minutes to add to the hour after these words: সাড়ে ১০টা is 10:30, পৌনে ১০টা 9:45.
_FRACTIONS = {compared("সাড়ে"): 30, compared("সোয়া"): 15, compared("পৌনে"): -15}
_DIGITAL = (
    r"(?P<hour>\d{1,2}) ?: ?(?P<minute>\d{2})(?: ?: ?(?P<second>\d{2})(?:[.,]\d+)?)?(?!\d)"
    rf"(?: ?(?:{HOURS}|{_OCLOCK}|{_MINUTES}){NO_LETTER_AFTER})?"
)
_DOTTED = (
    r"(?P<dotted_hour>\d{1,2})\.(?P<dotted_minute>\d{2})(?![\d.])"
    rf"(?: ?(?:{_OCLOCK}|{_MINUTES}){NO_LETTER_AFTER})?"
)
_SPOKEN = (
    rf"(?:(?P<fraction>{any_of(_FRACTIONS)}) ?)?(?P<spoken_hour>\d{{1,2}}) ?{_OCLOCK}(?: {compared('বেজে')})?"
    rf"(?: ?(?P<spoken_minute>\d{{1,2}}) ?{_MINUTES}|(?: ?(?P<bare_minute>\d\d)(?= ?(?:\Z|[,|)\n]))))?{NO_LETTER_AFTER}"
)

# Four digits: ১৬৩৪ ঘণ্টা.
_MILITARY = rf"(?P<military>[0-2]\d[0-5]\d) ?{HOURS}{NO_LETTER_AFTER}"

# The next word follows the meridiem directly where the markup has no space: "০২:৫৮ পিএমনিজস্ব প্রতিবেদক".
_RUN_ON = rf"(?<={compared('পিএম')})|(?<={compared('এএম')})|(?<=[ap]m)(?![a-z])"
TIME = (
    rf"(?:{NO_LETTER_BEFORE}(?P<before>{DAY_PART})[ ,:]*)?(?<![\d.:])"
    rf"(?:{_DIGITAL}|{_DOTTED}|{_SPOKEN}|{_MILITARY})"
    rf"(?: ?\(?(?P<after>{DAY_PART})(?:{NO_LETTER_AFTER}|{_RUN_ON})\)?)?{_ZONE}"
)
_AFTER_DATE = re.compile(rf"{GAP}{TIME}")
_BEFORE_DATE = re.compile(rf"{TIME}{GAP}\Z")

# Characters before a date in which its time can begin: a time with its zone, and a gap.
_LONGEST_TIME_BEFORE = 80

# Words like "night" and "noon" name a turn of the day at twelve. Hours from this one on precede the turn (রাত ১১টা),
# smaller ones follow it (রাত ২টা).
_FIRST_HOUR_BEFORE_TURN = 6


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


def clock_beside(text: str, start: int, end: int) -> Clock | None:
    """Return the time right after or right before the date at `start` to `end` of `text`, or None."""
    match = _AFTER_DATE.match(text, end) or _BEFORE_DATE.search(text[max(0, start - _LONGEST_TIME_BEFORE) : start])
    return read_clock(match) if match else None


def read_clock(match: re.Match[str]) -> Clock | None:
    """Return the time that TIME matched, or None if no clock can show it."""
    fields = match.groupdict()
    hour, minute = _numbers(fields)
    minutes = _hour_of_day(hour, fields["after"], fields["before"]) * 60 + minute
    if fields["fraction"]:
        minutes += _FRACTIONS[fields["fraction"]]
    second = int(fields["second"] or 0)
    if minutes < 0 or minutes >= 24 * 60 or minute > 59 or second > 59:
        return None
    return Clock(minutes // 60, minutes % 60, second, _precision(fields), _offset(fields))


def _numbers(fields: dict[str, str | None]) -> tuple[int, int]:
    military = fields["military"]
    if military:
        return int(military[:2]), int(military[2:])
    hour = fields["hour"] or fields["dotted_hour"] or fields["spoken_hour"] or "0"
    minute = fields["minute"] or fields["dotted_minute"] or fields["spoken_minute"] or fields["bare_minute"] or "0"
    return int(hour), int(minute)


def _precision(fields: dict[str, str | None]) -> Precision:
    if fields["second"]:
        return "second"
    by_the_hour = fields["spoken_hour"] and not (fields["spoken_minute"] or fields["bare_minute"] or fields["fraction"])
    return "hour" if by_the_hour else "minute"


def _hour_of_day(hour: int, *parts: str | None) -> int:
    """Return the hour, 0 to 23. An hour past 12 overrides a meridiem, and a meridiem overrides a day part."""
    words = [part for part in parts if part]
    meridiem = next((MERIDIEM[word] for word in words if word in MERIDIEM), None)
    if hour > 12 or not words:
        return hour
    if meridiem is not None:
        return hour % 12 + meridiem
    part = words[0]
    if part in NIGHT:
        return 0 if hour == 12 else hour + 12 if hour >= _FIRST_HOUR_BEFORE_TURN else hour
    if part in NOON:
        return hour + 12 if hour < _FIRST_HOUR_BEFORE_TURN else hour
    return hour + 12 if part in EVENING and hour < 12 else hour


def _offset(fields: dict[str, str | None]) -> timedelta | None:
    offset = fields["zone_offset"] or fields["offset"] or fields["behind"]
    if not offset:
        return timedelta(hours=_ZONES[fields["zone"]]) if fields["zone"] else None
    digits = offset[1:].replace(":", "")
    hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
    distance = timedelta(hours=int(hours), minutes=int(minutes))
    return None if distance >= timedelta(days=1) else -distance if offset[0] == "-" else distance


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
