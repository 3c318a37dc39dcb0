"""Calendar dates: day and month in words or numbers, in the orders pages use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from crawler.bengali.dates.words import (
    MONTH,
    MONTH_NUMBERS,
    NO_LETTER_AFTER,
    NO_LETTER_BEFORE,
    ORDINAL,
    WEEKDAY,
    WEEKDAY_NUMBERS,
    WITHIN_DATE,
)

_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)(?! ?সালে)"
_DAY = rf"(?<!\d)(?P<day>\d{{1,2}})(?!\d) ?{ORDINAL}"
_NO_NUMBER_BEFORE = r"(?<!\d)(?<!\d[./\-])"
_FORMS = [
    re.compile(rf"{_DAY}{WITHIN_DATE}(?P<month>{MONTH}){WITHIN_DATE}{_YEAR}"),
    re.compile(rf"{NO_LETTER_BEFORE}(?P<month>{MONTH})[ ./\-]*{_DAY}{NO_LETTER_AFTER}{WITHIN_DATE}{_YEAR}"),
    re.compile(rf"(?<!\d){_YEAR}[ ,\-/]*(?P<month>{MONTH})[ ,\-/]*{_DAY}(?![\d:])"),
    re.compile(rf"{_NO_NUMBER_BEFORE}{_YEAR} ?[-/.] ?(?P<number>\d{{1,2}}) ?[-/.] ?(?P<day>\d{{1,2}})(?!\d)"),
    re.compile(rf"{_NO_NUMBER_BEFORE}(?P<day>\d{{1,2}}) ?[-/.] ?(?P<number>\d{{1,2}}) ?[-/.] ?{_YEAR}"),
]
_MONTH_AND_YEAR = re.compile(rf"{NO_LETTER_BEFORE}(?P<month>{MONTH})[ ,.'\-]*{_YEAR}")
_WEEKDAY = re.compile(rf"{NO_LETTER_BEFORE}({WEEKDAY}){NO_LETTER_AFTER}")
_NEAR = 40


@dataclass(frozen=True)
class WrittenDate:
    """A calendar date as it stands in a text, not yet known to exist; `start` and `end` are its place."""

    year: int
    month: int
    day: int
    start: int
    end: int


def written_dates(text: str) -> Iterator[WrittenDate]:
    """Yield the dates of a text in compared form, in their order, none inside another."""
    matches = sorted((m for form in _FORMS for m in form.finditer(text)), key=lambda m: (m.start(), -m.end()))
    reached = 0
    for match in matches:
        if match.start() >= reached:
            reached = match.end()
            yield _written(match, text)


def _written(match: re.Match[str], text: str) -> WrittenDate:
    found = match.groupdict()
    year, day = int(found["year"]), int(found["day"])
    if found.get("month"):
        return WrittenDate(year, MONTH_NUMBERS[found["month"]], day, match.start(), match.end())
    month = int(found["number"])
    if match.start("day") < match.start("number") and _month_first(year, day, month, match, text):
        month, day = day, month
    return WrittenDate(year, month, day, match.start(), match.end())


def _month_first(year: int, first: int, second: int, match: re.Match[str], text: str) -> bool:
    """Say whether the weekday beside a numeric date fits only when its first number is the month."""
    weekdays = _weekdays_beside(text, match.start(), match.end())
    return (
        bool(weekdays) and _weekday(year, second, first) not in weekdays and _weekday(year, first, second) in weekdays
    )


def names_another_weekday(text: str) -> bool:
    """Say whether a date of a text in compared form stands beside weekdays that are not its own."""
    return any(
        (named := _weekdays_beside(text, written.start, written.end))
        and _weekday(written.year, written.month, written.day) not in named
        for written in written_dates(text)
    )


def _weekdays_beside(text: str, start: int, end: int) -> set[int]:
    """Return the weekdays, Monday 0, that stand before, in and after the date at `start` to `end`."""
    return {WEEKDAY_NUMBERS[name] for name in _WEEKDAY.findall(text[max(0, start - _NEAR) : end + _NEAR])}


def _weekday(year: int, month: int, day: int) -> int | None:
    try:
        return date(year, month, day).weekday()
    except ValueError:
        return None


def written_month(text: str) -> WrittenDate | None:
    """Return the first month and year without a day (জুলাই ২০২২), as the first of the month."""
    match = _MONTH_AND_YEAR.search(text)
    if not match:
        return None
    return WrittenDate(int(match["year"]), MONTH_NUMBERS[match["month"]], 1, match.start(), match.end())
