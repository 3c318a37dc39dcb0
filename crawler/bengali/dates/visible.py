"""The dates a reader sees: which one is the publication, which the update."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal

from crawler.bengali.dates.calendar import WrittenDate, names_another_weekday, written_dates, written_month
from crawler.bengali.dates.clock import TIME, clock_beside, read_clock
from crawler.bengali.dates.moment import Moment, aware, moment
from crawler.bengali.dates.relative import relative_moment
from crawler.bengali.dates.words import (
    GAP,
    MERIDIEM,
    NO_LETTER_AFTER,
    NO_LETTER_BEFORE,
    OTHER_CALENDAR,
    compared,
    compared_words,
)
from crawler.bengali.text import any_of

Label = Literal["published", "updated", "none"]

_UPDATED = compared_words("""
    সর্বশেষ_আপডেট সবশেষ_আপডেট আপডেট_টাইম আপডেট_সময় আপডেটের_সময় আপডেটের_তারিখ আপডেট_করা_হয়েছে
    আপডেট_হয়েছে আপডেটেড আপডেট
    সর্বশেষ_হালনাগাদ হালনাগাদ_করা_হয়েছে হালনাগাদ সর্বশেষ_সম্পাদনা সম্পাদিত সংশোধিত পরিমার্জিত
    সর্বশেষ_পরিবর্তন
    last_updated last_update last_modified updated_on updated_at updated update_time update
    modified_on modified
""")
_PUBLISHED = compared_words("""
    প্রকাশের_সময় প্রকাশের_তারিখ প্রকাশিত_হয়েছে প্রকাশিত_সময় প্রকাশিত_তারিখ প্রকাশ_করা_হয়েছে
    প্রকাশকাল প্রকাশ_কাল প্রকাশ_সময় প্রকাশিত
    প্রকাশ আপলোড_সময় আপলোডের_সময় আপলোড_টাইম আপলোড পোস্ট_করা_হয়েছে পোস্টের_সময় পোস্ট_টাইম
    পোস্ট তারিখ
    published_on published_at publish_date published_date publish_time published publish
    posted_on posted_at posted
    date_published date_posted date
""")
_LABEL = re.compile(
    rf"{NO_LETTER_BEFORE}(?:(?P<updated>{any_of(_UPDATED)})"
    rf"|(?P<published>{any_of(_PUBLISHED)})){NO_LETTER_AFTER}"
)
# Markup without spaces runs a label into the word before it: "০৫:০৫ পিএমআপডেট:".
_RUN_TOGETHER = re.compile(rf"({any_of(MERIDIEM)})(?=(?:{any_of([*_UPDATED, *_PUBLISHED])}){NO_LETTER_AFTER})")
_BARE_TIME = re.compile(rf"{GAP}{TIME}")
_NOTHING_ELSE = re.compile(rf"\A{GAP}\Z")
_ELSEWHERE = "\x1f"


@dataclass(frozen=True)
class _Part:
    """What one label says: the text up to the next label."""

    label: Label
    text: str


def find_date(text: str, zone: tzinfo, fetched_at: datetime | None = None) -> Moment | None:
    """Return the publication date a text shows, in `zone`; a date labelled as that of an update is none.

    Relative times are read against `fetched_at` only. A date that does not exist gives None.
    """
    parts = list(_parts(text))
    labels: tuple[Label, ...] = ("published", "none")
    return next((found for label in labels for found in _stated(parts, label, zone, fetched_at)), None)


def find_modified(text: str, zone: tzinfo, fetched_at: datetime | None = None) -> Moment | None:
    """Return the date of the update a text labels as such, or None."""
    parts = list(_parts(text))
    for found in _stated(parts, "updated", zone, fetched_at):
        return found
    updates = [part.text for part in parts if part.label == "updated"]
    published = find_date(text, zone, fetched_at)
    return _later_that_day(updates[0], published, zone) if updates and published else None


def label_of(text: str) -> Label:
    """Return what the first label of a text says of its date."""
    match = _LABEL.search(compared(text))
    return "none" if match is None else "updated" if match["updated"] else "published"


def is_label(text: str) -> bool:
    """Tell a line that is a label and nothing else: its date stands on the next line."""
    match = _LABEL.search(compared(text))
    return bool(match and not re.search(r"\w", compared(text)[: match.start()] + compared(text)[match.end() :]))


def contradicts_weekday(text: str) -> bool:
    """Say whether a weekday in a text is not that of the date beside it."""
    return names_another_weekday(compared(text))


def is_masthead(text: str) -> bool:
    """Say whether a text has a Bangla or Hijri date: the page's head of the day, not an article's date."""
    return OTHER_CALENDAR.search(compared(text)) is not None


def _parts(text: str) -> Iterator[_Part]:
    text = _RUN_TOGETHER.sub(r"\1 ", OTHER_CALENDAR.sub(_ELSEWHERE, compared(text)))
    label: Label = "none"
    start = 0
    for match in _LABEL.finditer(text):
        yield _Part(label, text[start : match.start()])
        label, start = "updated" if match["updated"] else "published", match.end()
    yield _Part(label, text[start:])


def _stated(parts: list[_Part], label: Label, zone: tzinfo, fetched_at: datetime | None) -> Iterator[Moment | None]:
    """Yield what the parts under a label state, likeliest first; None for a date that does not exist."""
    for text in (part.text for part in parts if part.label == label):
        dates = sorted(written_dates(text), key=lambda date: _in_masthead(date, text, zone, fetched_at))
        yield from (_complete(date, text, zone) for date in dates)
        if dates:
            continue
        month = written_month(text)
        if month and _NOTHING_ELSE.match(text[: month.start] + text[month.end :]):
            yield moment(month.year, month.month, 1, zone, precision="month")
        elif fetched_at and (relative := relative_moment(text, zone, fetched_at)):
            yield relative


def _in_masthead(written: WrittenDate, text: str, zone: tzinfo, fetched_at: datetime | None) -> bool:
    """Say whether a date is the page's head of the day: beside another calendar's date on its line, or the
    day of the fetch without a time."""
    line_end = text.find("\n", written.end)
    line = text[text.rfind("\n", 0, written.start) + 1 : line_end if line_end >= 0 else len(text)]
    if _ELSEWHERE in line:
        return True
    if fetched_at is None or clock_beside(text, written.start, written.end):
        return False
    return aware(fetched_at).astimezone(zone).timetuple()[:3] == (written.year, written.month, written.day)


def _complete(date: WrittenDate, text: str, zone: tzinfo) -> Moment | None:
    return moment(date.year, date.month, date.day, zone, clock=clock_beside(text, date.start, date.end))


def _later_that_day(text: str, published: Moment, zone: tzinfo) -> Moment | None:
    """Read an update that gives its time only: the day is that of the publication."""
    match = _BARE_TIME.match(text)
    if not match:
        return None
    day = published.at
    updated = moment(day.year, day.month, day.day, zone, clock=read_clock(match))
    return updated if updated and updated.at >= published.at else None
