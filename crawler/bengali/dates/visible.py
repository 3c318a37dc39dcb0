"""Find the dates that a reader sees, and decide which one is of the publication and which one of the update."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from crawler.bengali.dates.calendar import WrittenDate, short_date, written_dates, written_month
from crawler.bengali.dates.clock import TIME, Moment, aware, clock_beside, read_clock, to_moment
from crawler.bengali.dates.labels import Label, labelled_parts
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
    any_compared,
    compared,
)

# No Bengali newspaper was on the web earlier.
_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)

# A date may be this much later than the fetch, because its zone may be wrong.
_TOLERANCE = timedelta(days=1)

# Words after a date in a sentence or a span: ৫ মে ২০২৬ থেকে, ৫ মে ২০২৬-এর মধ্যে, ৫ মে ২০২৬ - ৯ মে ২০২৬.
_POSTPOSITIONS = any_compared("থেকে হতে পর্যন্ত মধ্যে তারিখে তারিখের জন্ম মৃত্যু until till to")
_SPAN_END = rf" ?[-–—] ?\d{{1,2}}(?: ?{MONTH},? ?|[-/.]\d{{1,2}}[-/.])(?:19|20)\d\d(?!\d)"
_SENTENCE_AFTER = re.compile(
    rf"(?: ?{FILLER})?(?: ?-? ?এর| {_POSTPOSITIONS}){NO_LETTER_AFTER}"
    rf"|{_SPAN_END}"
    rf"|[^\n|]{{0,40}}{NO_LETTER_BEFORE}{any_compared('অনুষ্ঠিত অনুষ্ঠিতব্য অনুষ্ঠেয় হবে হয়েছিল জন্মগ্রহণ তোলা')}"
)
_TO = f"(?:[-–—]|{any_compared('ও থেকে এবং to and')})"

# Words before a date in a sentence (আগামী ৫ মে ২০২৬), and the first date of a span:
# ১০-১২ জুলাই ২০২২, ২৮ মে–৩ জুন ২০২৬, ৫ ও ৬ মে ২০২৬.
_SENTENCE_BEFORE = re.compile(
    rf"(?:{NO_LETTER_BEFORE}{any_compared('আগামী আগামিকাল গত বিগত')}(?: {WEEKDAY}[ ,(]*)?"
    rf"|{NO_LETTER_BEFORE}{any_compared('ছবি ছবিটি আলোকচিত্র ভিডিও photo')} ?[:,]"
    rf"|(?:{MONTH},? ?|[-/.])(?:19|20)\d\d ?{_TO}"
    rf"|(?<![\d:.])\d{{1,2}}{ORDINAL}(?: {MONTH})? ?{_TO}) ?\Z"
)

# Characters before a date in which such words are searched; the longest ones have a month and a weekday.
_LOOK_BEHIND = 25

# Words before numbers that look like a date: registrations, telephones, prices.
_NUMBER_LABELS = any_compared("""
    নং নম্বর নাম্বার no no. number রেজি রেজি. রেজিস্ট্রেশন নিবন্ধন আইএসবিএন isbn এনআইডি nid কোড রোল ধারা
    ফোন টেলিফোন মোবাইল হটলাইন ফ্যাক্স phone mobile মূল্য দাম tk tk.
    """)
_NUMBER_OF = re.compile(rf"(?:{NO_LETTER_BEFORE}{_NUMBER_LABELS}|৳)[ .:#(-]*\Z")

# Units after such a number.
_COUNTED = re.compile(rf" ?{any_compared('টাকা কোটি লাখ লক্ষ হাজার কেজি লিটার জন শতাংশ')}{NO_LETTER_AFTER}")
_DIGITS_ONLY = re.compile(r"[\d\W]+")
_BARE_TIME = re.compile(rf"{GAP}{TIME}")
_NOTHING_ELSE = re.compile(rf"\A{GAP}\Z")

# Replaces the dates of other calendars.
_OTHER_CALENDAR_MARK = "\x1f"


def find_date(text: str, zone: tzinfo, fetched_at: datetime | None = None) -> Moment | None:
    """Return the date of the publication that a text shows, in `zone`, else that of the update, else None.

    Dates of events (পরীক্ষার তারিখ, ফল প্রকাশ, জন্ম) are ignored. Relative times (৩ ঘণ্টা আগে) need `fetched_at`.
    A date that does not exist, is before 1995 or is more than a day after `fetched_at` yields None.
    """
    return _find(text, ("published", "none", "updated"), zone, fetched_at)


def find_published(text: str, zone: tzinfo, fetched_at: datetime | None = None) -> Moment | None:
    """Return the date of the publication that a text shows, by the rules of `find_date`, or None."""
    return _find(text, ("published", "none"), zone, fetched_at)


def find_modified(text: str, zone: tzinfo, fetched_at: datetime | None = None) -> Moment | None:
    """Return the date that a text labels as an update, by the rules of `find_date`, or None.

    An update with only a time is on the day of the publication.
    """
    parts = _parts(text)
    for moment in _moments(parts, "updated", zone, fetched_at):
        return moment if moment and _is_plausible(moment, fetched_at) else None
    updates = [part for label, part in parts if label == "updated"]
    published = find_published(text, zone, fetched_at)
    return _later_that_day(updates[0], published, zone) if updates and published else None


def introduces_other_date(words: str) -> bool:
    """Return whether words before a date make it the date of an event (আগামী, ছবি:) or a number (রেজি নং)."""
    before = compared(words)
    return bool(_SENTENCE_BEFORE.search(before) or _NUMBER_OF.search(before))


def is_masthead(text: str) -> bool:
    """Return whether a text has a Bangla or Hijri date, as the masthead of a page does."""
    return OTHER_CALENDAR.search(compared(text)) is not None


# Cached because callers read publication and update from the same line.
@lru_cache(maxsize=64)
def _parts(text: str) -> list[tuple[Label, str]]:
    """Return the labels of a text, each with the text of its date."""
    return list(labelled_parts(OTHER_CALENDAR.sub(_OTHER_CALENDAR_MARK, compared(text))))


# Cached because pages repeat their date, and callers read each place twice.
@lru_cache(maxsize=16)
def _find(text: str, labels: tuple[Label, ...], zone: tzinfo, fetched_at: datetime | None) -> Moment | None:
    parts = _parts(text)
    moment = next((moment for label in labels for moment in _moments(parts, label, zone, fetched_at)), None)
    return moment if moment and _is_plausible(moment, fetched_at) else None


def _is_plausible(moment: Moment, fetched_at: datetime | None) -> bool:
    return moment.at >= _EARLIEST and (fetched_at is None or moment.at <= aware(fetched_at) + _TOLERANCE)


def _moments(
    parts: list[tuple[Label, str]], label: Label, zone: tzinfo, fetched_at: datetime | None
) -> Iterator[Moment | None]:
    """Yield the moments of the parts with a label, likeliest first; None for a date that does not exist."""
    for text in (text for other, text in parts if other == label):
        written = [date for date in written_dates(text) if not _is_number(date, text)]
        if not written and (short := short_date(text)):
            written = [short]
        dates = [date for date in written if label != "none" or not _is_in_sentence(date, text)]
        dates.sort(key=lambda date: _in_masthead(date, text, zone, fetched_at))
        yield from (_with_clock(date, text, zone) for date in dates)
        if not written and (moment := _month_or_relative_time(text, zone, fetched_at)):
            yield moment


def _is_in_sentence(date: WrittenDate, text: str) -> bool:
    before = text[max(0, date.start - _LOOK_BEHIND) : date.start]
    return bool(_SENTENCE_AFTER.match(text, date.end) or _SENTENCE_BEFORE.search(before))


def _is_number(date: WrittenDate, text: str) -> bool:
    if not _DIGITS_ONLY.fullmatch(text, date.start, date.end):
        return False
    before = text[max(0, date.start - _LOOK_BEHIND) : date.start]
    return bool(_COUNTED.match(text, date.end) or _NUMBER_OF.search(before))


def _month_or_relative_time(text: str, zone: tzinfo, fetched_at: datetime | None) -> Moment | None:
    """Return the month of a text that has nothing else, else its relative time, or None."""
    month = written_month(text)
    if month and _NOTHING_ELSE.match(text[: month.start] + text[month.end :]):
        return to_moment(month.year, month.month, 1, zone, precision="month")
    return relative_moment(text, zone, fetched_at) if fetched_at else None


def _in_masthead(written: WrittenDate, text: str, zone: tzinfo, fetched_at: datetime | None) -> bool:
    """Return whether a date belongs to the masthead of the page.

    Such a date has a date of another calendar in its line, or is the day of the fetch without a time.
    """
    line_end = text.find("\n", written.end)
    line = text[text.rfind("\n", 0, written.start) + 1 : line_end if line_end >= 0 else len(text)]
    if _OTHER_CALENDAR_MARK in line:
        return True
    if fetched_at is None or clock_beside(text, written.start, written.end):
        return False
    return aware(fetched_at).astimezone(zone).timetuple()[:3] == (written.year, written.month, written.day)


def _with_clock(date: WrittenDate, text: str, zone: tzinfo) -> Moment | None:
    return to_moment(date.year, date.month, date.day, zone, clock=clock_beside(text, date.start, date.end))


def _later_that_day(text: str, published: Moment, zone: tzinfo) -> Moment | None:
    match = _BARE_TIME.match(text)
    if not match:
        return None
    day = published.at
    updated = to_moment(day.year, day.month, day.day, zone, clock=read_clock(match))
    return updated if updated and updated.at >= published.at else None
