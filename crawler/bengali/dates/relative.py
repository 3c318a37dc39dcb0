"""Parse times that are relative to the fetch: ৩ ঘণ্টা আগে, গতকাল ২২:৫০, এইমাত্র."""

import re
from calendar import monthrange
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from crawler.bengali.dates.clock import TIME, Moment, Precision, aware, read_clock, to_moment
from crawler.bengali.dates.words import GAP, LETTER, NO_LETTER_AFTER, NUMERALS, any_compared, compared_words
from crawler.bengali.text import any_of

_Unit = Literal["second", "minute", "hour", "day", "week", "month", "year"]
_UNIT_NAMES: dict[_Unit, str] = {
    "second": "সেকেন্ড second seconds sec secs",
    "minute": "মিনিট minute minutes min mins",
    "hour": "ঘন্টা hour hours hour(s) hr hrs",
    "day": "দিন day days day(s)",
    "week": "সপ্তাহ week weeks week(s)",
    "month": "মাস month months month(s)",
    "year": "বছর বৎসর year years year(s)",
}
_UNITS: dict[str, _Unit] = {name: unit for unit, names in _UNIT_NAMES.items() for name in compared_words(names)}
_SHORT_UNITS: dict[str, _Unit] = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "y": "year"}

# Characters that are searched. Relative times are in short lines; a longer text is prose.
_SEARCHED = 1000
_COUNT = rf"(\d{{1,4}}|{any_of(NUMERALS)}) ?({any_of(_UNITS)}){NO_LETTER_AFTER}"
_COUNTED = re.compile(_COUNT)
_AGO = any_compared("আগে পূর্বে ago")

# A phrase must be between separators, so that "৫ বছর আগে তিনি" in a sentence does not match.
_OPENING = rf"(?:\A|(?<=[^{LETTER}0-9 ])|(?<=\n)){GAP}"
_CLOSING = rf" ?(?=\Z|[^{LETTER}0-9 ])"
_AGO_PHRASE = re.compile(rf"{_OPENING}(?P<counts>{_COUNT}(?:[ ,]*{_COUNT})*) ?{_AGO}{NO_LETTER_AFTER}{_CLOSING}")
_SHORT = re.compile(r"\A\W*(\d{1,4}) ?(?:([smhdwy])(?: ago)?|(hour\(s\)|day\(s\)|min\(s\)))\W*\Z")
_NOW = re.compile(rf"{_OPENING}{any_compared('এইমাত্র এই_মাত্র এখনই এখন just_now')}{_CLOSING}")

# Words for days, each with the number of days before the fetch.
_DAYS_AGO = {
    **dict.fromkeys(compared_words("আজ আজকে today"), 0),
    **dict.fromkeys(compared_words("গতকাল গতকালকে yesterday"), 1),
    **dict.fromkeys(compared_words("পরশু গত_পরশু"), 2),
}
_DAY = re.compile(rf"{_OPENING}(?P<word>{any_of(_DAYS_AGO)}){NO_LETTER_AFTER}{GAP}(?:{TIME})?{_CLOSING}")


def relative_moment(text: str, zone: tzinfo, fetched_at: datetime) -> Moment | None:
    """Return the moment that a text in compared form states relative to `fetched_at`, or None.

    The precision is the smallest unit that the text counts.
    """
    text, now = text[:_SEARCHED], aware(fetched_at).astimezone(zone)
    try:
        return _counted(text, now) or _named_day(text, now, zone) or _just_now(text, now)
    except OverflowError:
        return None


def _counted(text: str, now: datetime) -> Moment | None:
    phrase = _AGO_PHRASE.search(text)
    if phrase:
        counts = [(_number(n), _UNITS[unit]) for n, unit in _COUNTED.findall(phrase["counts"])]
        return _moment_before(now, counts)
    short = _SHORT.match(text)
    if short:
        unit: _Unit = _SHORT_UNITS[short[2] or short[3][0]]
        return _moment_before(now, [(int(short[1]), unit)])
    return None


def _number(word: str) -> int:
    return int(word) if word.isdigit() else NUMERALS[word]


def _moment_before(now: datetime, counts: list[tuple[int, _Unit]]) -> Moment | None:
    at = now
    for number, unit in counts:
        at = _earlier(at, number, unit)
    smallest = counts[-1][1]
    # A rounded count of weeks is off by days.
    precision: Precision = "month" if smallest == "week" else smallest
    return Moment(_truncated(at, precision), precision)


def _earlier(at: datetime, number: int, unit: _Unit) -> datetime:
    """Return the time some units earlier; months and years are those of the calendar."""
    if unit in {"month", "year"}:
        months = at.year * 12 + at.month - 1 - number * (12 if unit == "year" else 1)
        year, month = divmod(months, 12)
        if year < 1:
            raise OverflowError
        return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))
    return at - timedelta(**{f"{unit}s": number})


def _truncated(at: datetime, precision: Precision) -> datetime:
    """Return the time without the units that a count of this precision does not state."""
    if precision in {"day", "month", "year"}:
        return at.replace(hour=0, minute=0, second=0, microsecond=0)
    return at.replace(second=at.second if precision == "second" else 0, microsecond=0)


def _named_day(text: str, now: datetime, zone: tzinfo) -> Moment | None:
    match = _DAY.search(text)
    if not match:
        return None
    day = now.date() - timedelta(days=_DAYS_AGO[match["word"]])
    has_time = match["hour"] or match["dotted_hour"] or match["spoken_hour"] or match["military"]
    moment = to_moment(day.year, day.month, day.day, zone, clock=read_clock(match) if has_time else None)
    # A time later today belongs to an event.
    return moment if moment and moment.at <= now else None


def _just_now(text: str, now: datetime) -> Moment | None:
    return Moment(_truncated(now, "minute"), "minute") if _NOW.search(text) else None
