"""Find calendar dates, in words or numbers, in every order of day, month and year that pages use."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as calendar_date

from crawler.bengali.dates.words import (
    DAY_PART,
    FILLER,
    GAP,
    MONTH,
    MONTH_NUMBERS,
    NO_LETTER_AFTER,
    NO_LETTER_BEFORE,
    ORDINAL,
    WEEKDAY,
    WEEKDAY_NUMBERS,
    WITHIN_DATE,
    compared,
)
from crawler.bengali.text import any_of

_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)(?! ?সালে)"
_DAY = rf"(?<!\d)(?P<day>\d{{1,2}})(?!\d) ?{ORDINAL}"
_NO_NUMBER_BEFORE = r"(?<!\d)(?<!\d[./\-])"
_SEPARATOR = " ?[-/.।–—] ?"
_FORMS = [
    re.compile(rf"{_DAY}{WITHIN_DATE}(?P<month>{MONTH}){WITHIN_DATE}{_YEAR}"),
    re.compile(rf"{NO_LETTER_BEFORE}(?P<month>{MONTH})[ ./\-]*{_DAY}{NO_LETTER_AFTER}{WITHIN_DATE}{_YEAR}"),
    re.compile(rf"(?<!\d){_YEAR}[ ,\-/]*(?P<month>{MONTH})[ ,\-/]*{_DAY}(?![\d:])"),
    re.compile(rf"{_NO_NUMBER_BEFORE}{_YEAR}{_SEPARATOR}(?P<number>\d{{1,2}}){_SEPARATOR}(?P<day>\d{{1,2}})(?!\d)"),
    re.compile(rf"{_NO_NUMBER_BEFORE}(?P<day>\d{{1,2}}){_SEPARATOR}(?P<number>\d{{1,2}}){_SEPARATOR}{_YEAR}(?!\.\d)"),
]

# A year of two digits. Small numbers are often scores and counts, so such a date must begin its text and
# have no other number beside it.
_SHORT_YEAR = r"(?P<year>\d\d)(?![\d:/.\-])"
_CLOSED = r" ?(?:\Z|[,|;•·\n()]"
_SHORT_FORMS = [
    re.compile(
        rf"\A{GAP}(?P<day>\d{{1,2}})(?P<separator>[-/])(?P<number>\d{{1,2}})(?P=separator){_SHORT_YEAR}"
        rf"(?={_CLOSED}|\d|(?:{WEEKDAY}|{FILLER}|{DAY_PART}){NO_LETTER_AFTER}))"
    ),
    re.compile(rf"\A{GAP}{_DAY}[ ,/\-]*(?P<month>{MONTH})[ ,./\-]*'?{_SHORT_YEAR}(?={_CLOSED}))"),
]
_MONTH_AND_YEAR = re.compile(rf"{NO_LETTER_BEFORE}(?P<month>{MONTH})[ ,.'\-]*{_YEAR}")

# Without the short Bengali names and "sun": রবি is also a man's name, and "Sun" a newspaper's.
_WHOLE_WEEKDAYS = any_of(
    name for name in WEEKDAY_NUMBERS if name.endswith(compared("বার")) or (name.isascii() and name != "sun")
)
_ANY_WEEKDAY = re.compile(_WHOLE_WEEKDAYS)
_WEEKDAY = re.compile(rf"{NO_LETTER_BEFORE}({_WHOLE_WEEKDAYS}){NO_LETTER_AFTER}")

# Characters before and after a date in which a weekday belongs to it; a label or a city can be between.
_WEEKDAY_DISTANCE = 40
_OTHER_DATE = re.compile(r"\n|(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True)
class WrittenDate:
    """A calendar date as written; `start` and `end` are its offsets in the text. It may not exist (৩০ ফেব্রুয়ারি)."""

    year: int
    month: int
    day: int
    start: int
    end: int


def written_dates(text: str) -> Iterator[WrittenDate]:
    """Yield the dates of a text in compared form, in order of their offsets and without overlaps."""
    matches = sorted((m for form in _FORMS for m in form.finditer(text)), key=lambda m: (m.start(), -m.end()))
    end = 0
    for match in matches:
        if match.start() >= end:
            end = match.end()
            yield _to_date(match, text)


def short_date(text: str) -> WrittenDate | None:
    """Return the date with a two-digit year (১২/০৭/২২) at the start of a text, unless a weekday contradicts it."""
    match = next((m for form in _SHORT_FORMS if (m := form.match(text))), None)
    date = _to_date(match, text) if match else None
    return None if date is None or _is_contradicted(date, text) else date


def _to_date(match: re.Match[str], text: str) -> WrittenDate:
    fields = match.groupdict()
    year, day = int(fields["year"]), int(fields["day"])
    year += 2000 if year < 100 else 0
    if fields.get("month"):
        return WrittenDate(year, MONTH_NUMBERS[fields["month"]], day, match.start(), match.end())
    month = int(fields["number"])
    if match.start("day") < match.start("number") and _is_month_first(year, day, month, match, text):
        month, day = day, month
    return WrittenDate(year, month, day, match.start(), match.end())


def _is_month_first(year: int, first: int, second: int, match: re.Match[str], text: str) -> bool:
    """Return whether the weekday beside a date proves that its first number is the month."""
    weekdays = _weekdays_beside(text, match.start(), match.end())
    return (
        bool(weekdays) and _weekday(year, second, first) not in weekdays and _weekday(year, first, second) in weekdays
    )


def contradicts_weekday(text: str) -> bool:
    """Return whether all weekdays beside a date of a text are wrong for it."""
    text = compared(text)
    # Most texts name no weekday, and parsing their dates is slow.
    dates = written_dates(text) if _ANY_WEEKDAY.search(text) else ()
    return any(_is_contradicted(date, text) for date in dates)


def _is_contradicted(date: WrittenDate, text: str) -> bool:
    weekdays = _weekdays_beside(text, date.start, date.end)
    return bool(weekdays) and _weekday(date.year, date.month, date.day) not in weekdays


def _weekdays_beside(text: str, start: int, end: int) -> set[int]:
    """Return the weekdays (Monday is 0) within and beside a date, up to the end of its line or the next date."""
    before = _OTHER_DATE.split(text[max(0, start - _WEEKDAY_DISTANCE) : start])[-1]
    after = _OTHER_DATE.split(text[end : end + _WEEKDAY_DISTANCE])[0]
    return {WEEKDAY_NUMBERS[name] for name in _WEEKDAY.findall(f"{before}{text[start:end]}{after}")}


def _weekday(year: int, month: int, day: int) -> int | None:
    try:
        return calendar_date(year, month, day).weekday()
    except ValueError:
        return None


def written_month(text: str) -> WrittenDate | None:
    """Return the first month and year without a day (জুলাই ২০২২) as the first of the month, or None."""
    match = _MONTH_AND_YEAR.search(text)
    if not match:
        return None
    return WrittenDate(int(match["year"]), MONTH_NUMBERS[match["month"]], 1, match.start(), match.end())
