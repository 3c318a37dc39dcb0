"""The dates a reader sees: which one is the publication, which the update."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from crawler.bengali.dates.calendar import (
    WrittenDate,
    has_weekday,
    names_another_weekday,
    short_date,
    written_dates,
    written_month,
)
from crawler.bengali.dates.clock import TIME, clock_beside, read_clock
from crawler.bengali.dates.labels import Label, Part, parts
from crawler.bengali.dates.moment import Moment, aware, moment
from crawler.bengali.dates.relative import relative_moment
from crawler.bengali.dates.words import (
    FILLER,
    GAP,
    MONTH,
    NO_LETTER_AFTER,
    NO_LETTER_BEFORE,
    ORDINAL,
    OTHER_CALENDAR,
    WEEKDAY,
    compared,
    compared_words,
)
from crawler.bengali.text import any_of

# Before the first of them no Bengali outlet was on the web; after the fetch a clock may be wrong by a zone.
_EARLIEST, _TOLERANCE = datetime(1995, 1, 1, tzinfo=UTC), timedelta(days=1)
# Words after a date that make it a part of a sentence: ৫ মে ২০২৬ থেকে, ৫ মে ২০২৬-এর মধ্যে; or the end of a span.
_OF_SENTENCE = any_of(compared_words("থেকে হতে পর্যন্ত মধ্যে তারিখে তারিখের জন্ম মৃত্যু until till to"))
_END = rf" ?[-–—] ?\d{{1,2}}(?: ?{MONTH},? ?|[-/.]\d{{1,2}}[-/.])(?:19|20)\d\d(?!\d)"
_IN_SENTENCE = re.compile(
    rf"(?: ?{FILLER})?(?: ?-? ?এর| {_OF_SENTENCE}){NO_LETTER_AFTER}"
    rf"|{_END}"
    rf"|[^\n|]{{0,40}}{NO_LETTER_BEFORE}{any_of(compared_words('অনুষ্ঠিত অনুষ্ঠিতব্য অনুষ্ঠেয় হবে হয়েছিল জন্মগ্রহণ তোলা'))}"
)
_TO = f"(?:[-–—]|{any_of(compared_words('ও থেকে এবং to and'))})"
# Words before it (আগামী ৫ মে ২০২৬), and the first days of a span: ১০-১২ জুলাই ২০২২, ২৮ মে–৩ জুন ২০২৬, ৫ ও ৬ মে ২০২৬.
_LED_IN = re.compile(
    rf"(?:{NO_LETTER_BEFORE}{any_of(compared_words('আগামী আগামিকাল গত বিগত'))}(?: {WEEKDAY}[ ,(]*)?"
    rf"|{NO_LETTER_BEFORE}{any_of(compared_words('ছবি ছবিটি আলোকচিত্র ভিডিও photo'))} ?[:,]"
    rf"|(?:{MONTH},? ?|[-/.])(?:19|20)\d\d ?{_TO}"
    rf"|(?<![\d:.])\d{{1,2}}{ORDINAL}(?: {MONTH})? ?{_TO}) ?\Z"
)
_LEAD = 25
# Numbers with the signs of a date: of a registration, a telephone, a price, a count.
_NUMBERED = any_of(
    compared_words("""
    নং নম্বর নাম্বার no no. number রেজি রেজি. রেজিস্ট্রেশন নিবন্ধন আইএসবিএন isbn এনআইডি nid কোড রোল ধারা
    ফোন টেলিফোন মোবাইল হটলাইন ফ্যাক্স phone mobile মূল্য দাম tk tk.
    """)
)
_NUMBER_OF = re.compile(rf"(?:{NO_LETTER_BEFORE}{_NUMBERED}|৳)[ .:#(-]*\Z")
_COUNTED = re.compile(rf" ?{any_of(compared_words('টাকা কোটি লাখ লক্ষ হাজার কেজি লিটার জন শতাংশ'))}{NO_LETTER_AFTER}")
_DIGITS_ONLY = re.compile(r"[\d\W]+")
_BARE_TIME = re.compile(rf"{GAP}{TIME}")
_NOTHING_ELSE = re.compile(rf"\A{GAP}\Z")
_ELSEWHERE = "\x1f"


def find_date(text: str, zone: tzinfo, fetched_at: datetime | None = None) -> Moment | None:
    """Return the date a text shows, in `zone`: that of the publication, else that of the update.

    Dates of events (পরীক্ষার তারিখ, ফল প্রকাশ, জন্ম) are none, nor are those before 1995 and after `fetched_at`,
    against which alone relative times are read. A date that does not exist gives None.
    """
    return _first(text, ("published", "none", "updated"), zone, fetched_at)


def find_published(text: str, zone: tzinfo, fetched_at: datetime | None = None) -> Moment | None:
    """Return the publication date a text shows; unlike `find_date`, None where it shows an update's only."""
    return _first(text, ("published", "none"), zone, fetched_at)


def find_modified(text: str, zone: tzinfo, fetched_at: datetime | None = None) -> Moment | None:
    """Return the date of the update a text labels as such, or None."""
    shown = _parts(text)
    for found in _stated(shown, "updated", zone, fetched_at):
        return found if found and _is_plausible(found, fetched_at) else None
    updates = [part.text for part in shown if part.label == "updated"]
    published = find_published(text, zone, fetched_at)
    return _later_that_day(updates[0], published, zone) if updates and published else None


def contradicts_weekday(text: str) -> bool:
    """Say whether a weekday in a text is not that of the date beside it."""
    return names_another_weekday(compared(text))


def names_weekday(text: str) -> bool:
    """Say whether a weekday stands in a text."""
    return has_weekday(compared(text))


def tells_of_other(words: str) -> bool:
    """Say whether words right before a date make it that of something else (আগামী, ছবি:), or no date (রেজি নং)."""
    before = compared(words)
    return bool(_LED_IN.search(before) or _NUMBER_OF.search(before))


def is_masthead(text: str) -> bool:
    """Say whether a text has a Bangla or Hijri date: the page's head of the day, not an article's date."""
    return OTHER_CALENDAR.search(compared(text)) is not None


# A line is asked for its publication and for its update.
@lru_cache(maxsize=64)
def _parts(text: str) -> list[Part]:
    return list(parts(OTHER_CALENDAR.sub(_ELSEWHERE, compared(text))))


# A page has its date in several places, and each is asked for its publication twice.
@lru_cache(maxsize=16)
def _first(text: str, labels: tuple[Label, ...], zone: tzinfo, fetched_at: datetime | None) -> Moment | None:
    shown = _parts(text)
    found = next((found for label in labels for found in _stated(shown, label, zone, fetched_at)), None)
    return found if found and _is_plausible(found, fetched_at) else None


def _is_plausible(found: Moment, fetched_at: datetime | None) -> bool:
    return found.at >= _EARLIEST and (fetched_at is None or found.at <= aware(fetched_at) + _TOLERANCE)


def _stated(shown: list[Part], label: Label, zone: tzinfo, fetched_at: datetime | None) -> Iterator[Moment | None]:
    """Yield what the parts under a label state, likeliest first; None for a date that does not exist."""
    for text in (part.text for part in shown if part.label == label):
        written = [date for date in written_dates(text) if not _is_number(date, text)] or [
            date for date in [short_date(text)] if date
        ]
        dates = [date for date in written if label != "none" or not _is_in_sentence(date, text)]
        dates.sort(key=lambda date: _in_masthead(date, text, zone, fetched_at))
        yield from (_complete(date, text, zone) for date in dates)
        if not written and (coarse := _coarse(text, zone, fetched_at)):
            yield coarse


def _is_in_sentence(date: WrittenDate, text: str) -> bool:
    """Say whether an unlabelled date is told of something: by the words around it, or as the end of a span."""
    before = text[max(0, date.start - _LEAD) : date.start]
    return bool(_IN_SENTENCE.match(text, date.end) or _LED_IN.search(before))


def _is_number(date: WrittenDate, text: str) -> bool:
    """Say whether a date in digits is the number or count of something, by the words beside it."""
    if not _DIGITS_ONLY.fullmatch(text, date.start, date.end):
        return False
    before = text[max(0, date.start - _LEAD) : date.start]
    return bool(_COUNTED.match(text, date.end) or _NUMBER_OF.search(before))


def _coarse(text: str, zone: tzinfo, fetched_at: datetime | None) -> Moment | None:
    """Read a month without a day, where nothing else stands beside it, or a relative time."""
    month = written_month(text)
    if month and _NOTHING_ELSE.match(text[: month.start] + text[month.end :]):
        return moment(month.year, month.month, 1, zone, precision="month")
    return relative_moment(text, zone, fetched_at) if fetched_at else None


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
