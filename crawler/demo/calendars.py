"""Days as Bengali newspapers write them: Gregorian, Bangla (rule of 2019) and tabular Hijri."""

from datetime import date, datetime, timedelta

from crawler.demo.words import digits

MONTHS = (
    "জানুয়ারি", "ফেব্রুয়ারি", "মার্চ", "এপ্রিল", "মে", "জুন", "জুলাই",
    "আগস্ট", "সেপ্টেম্বর", "অক্টোবর", "নভেম্বর", "ডিসেম্বর",
)  # fmt: skip
WEEKDAYS = ("সোমবার", "মঙ্গলবার", "বুধবার", "বৃহস্পতিবার", "শুক্রবার", "শনিবার", "রোববার")
BANGLA_MONTHS = (
    "বৈশাখ", "জ্যৈষ্ঠ", "আষাঢ়", "শ্রাবণ", "ভাদ্র", "আশ্বিন",
    "কার্তিক", "অগ্রহায়ণ", "পৌষ", "মাঘ", "ফাল্গুন", "চৈত্র",
)  # fmt: skip
HIJRI_MONTHS = (
    "মহররম", "সফর", "রবিউল আউয়াল", "রবিউস সানি", "জমাদিউল আউয়াল", "জমাদিউস সানি",
    "রজব", "শাবান", "রমজান", "শাওয়াল", "জিলকদ", "জিলহজ",
)  # fmt: skip
DAY_PARTS = ((4, "রাত"), (6, "ভোর"), (12, "সকাল"), (15, "দুপুর"), (18, "বিকাল"), (20, "সন্ধ্যা"), (24, "রাত"))


def long_date(day: date) -> str:
    """Return ২৪ নভেম্বর ২০২৬."""
    return f"{digits(day.day)} {MONTHS[day.month - 1]} {digits(day.year)}"


def month_first(day: date) -> str:
    """Return নভেম্বর ২৪, ২০২৬."""
    return f"{MONTHS[day.month - 1]} {digits(day.day)}, {digits(day.year)}"


def time_of_day(moment: datetime) -> str:
    """Return ১২:৪৯ of the 24-hour clock."""
    return digits(f"{moment:%H:%M}")


def clock_half(moment: datetime) -> str:
    """Return ০৫:২১ পিএম."""
    return digits(f"{moment:%I:%M}") + (" এএম" if moment.hour < 12 else " পিএম")


def clock_spoken(moment: datetime) -> str:
    """Return বিকাল ০৫:২১: the part of the day and the 12-hour clock."""
    part = next(name for end, name in DAY_PARTS if moment.hour < end)
    return f"{part} {digits(f'{moment:%I:%M}')}"


def bangla(day: date) -> str:
    """Return ২৮ আষাঢ় ১৪২৯, by the calendar of Bangladesh since 2019."""
    start = date(day.year, 4, 14)
    if day < start:
        start = date(day.year - 1, 4, 14)
    rest = (day - start).days
    for month, length in zip(BANGLA_MONTHS, _bangla_lengths(start.year), strict=True):
        if rest < length:
            return f"{digits(rest + 1)} {month} {digits(start.year - 593)}"
        rest -= length
    raise AssertionError("a Bangla year is as long as the Gregorian year that it overlaps")


def _bangla_lengths(year: int) -> list[int]:
    leap = (date(year + 1, 3, 1) - timedelta(days=1)).day == 29
    return [31] * 6 + [30] * 4 + [30 if leap else 29, 30]


def hijri(day: date) -> str:
    """Return ১২ জিলহজ ১৪৪৩ by the tabular calendar; the sighted moon may differ by a day."""
    days = day.toordinal() - date(622, 7, 19).toordinal()
    year = (30 * days + 10646) // 10631
    rest = days - (354 * (year - 1) + (11 * year + 3) // 30)
    month = min(12, int(rest / 29.5) + 1)
    first = (59 * (month - 1) + 1) // 2
    return f"{digits(rest - first + 1)} {HIJRI_MONTHS[month - 1]} {digits(year)}"


def masthead(day: date) -> str:
    """Return the line above a newspaper's name: weekday and the three calendars."""
    return f"{WEEKDAYS[day.weekday()]}, {long_date(day)}, {bangla(day)}, {hijri(day)}"
