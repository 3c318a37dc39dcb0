"""Dates in generated texts, with labels, other dates and events around them."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.bengali.dates import Moment, find_date, find_modified, find_published

DHAKA = ZoneInfo("Asia/Dhaka")
FETCHED = datetime(2026, 11, 2, 9, 15, tzinfo=UTC)
MONTHS = [
    "জানুয়ারি জানুয়ারী জানু জানু. জানুঃ January Jan",
    "ফেব্রুয়ারি ফেব্রুয়ারী ফেব্রু ফেব FEBRUARY Feb.",
    "মার্চ March mar",
    "এপ্রিল এপ্রি April Apr",
    "মে May",
    "জুন June Jun",
    "জুলাই জুল July jul.",
    "আগস্ট আগষ্ট অগস্ট অগাস্ট August Aug",
    "সেপ্টেম্বর সেপ্টেম্বার সেপ্টেঃ সেপ্টে September Sept",
    "অক্টোবর অক্টো অক্টোঃ October Oct",
    "নভেম্বর নভে নভেঃ November Nov.",
    "ডিসেম্বর ডিসে December dec",
]
WEEKDAYS = [
    *["সোমবার Monday", "মঙ্গলবার Tuesday", "বুধবার Wed", "বৃহস্পতিবার Thursday", "শুক্রবার Fri", "শনিবার Saturday"],
    "রবিবার রোববার Sunday",
]
LABELS = [
    *["", "", "প্রকাশ: ", "প্রকাশিত : ", "প্রকাশিতঃ ", "প্রকাশের সময় : ", "প্রকাশিত হয়েছে - ", "প্রকাশকাল: ", "তারিখ: "],
    *["প্রকাশ | ", "প্রকাশ ", "আপলোড সময় : ", "পোস্ট করা হয়েছে: ", "প্রথম প্রকাশ: ", "Published : ", "Posted on ", "🕒 "],
    *["ঢাকা, ", "নিজস্ব প্রতিবেদক | ", "অনলাইন ডেস্ক\n", "নদীপথ ডেস্ক; প্রকাশিত: ", "জাতীয় • ", "চট্টগ্রাম "],
]
ENDINGS = [
    *["", "", " | প্রিন্ট সংস্করণ", " | ৫৪৩ বার পঠিত", "\nঅনলাইন সংস্করণ", " | পরীক্ষার তারিখ: ১ জুন ২০২৪", " । ৩ মিনিটে পড়ুন"],
    *[" | আপডেট: ২ নভেম্বর ২০২৬, ০৮:০০", " আপডেট : ২ নভেম্বর ২০২৬", " (সর্বশেষ আপডেট: ২ নভেম্বর ২০২৬)"],
    "\nUpdated: 2 Nov 2026",
    *[", ২৮ আষাঢ় ১৪২৯", " | ২৮শে আষাঢ়, ১৪২৯ বঙ্গাব্দ, ১২ জিলহজ ১৪৪৩ হিজরি", " © ২০২৬", " | জন্ম: ১ মে ১৯৯৯"],
]
TO_BENGALI = {ord("0") + digit: chr(0x09E6 + digit) for digit in range(10)}


def ordinal(day: int) -> str:
    return {1: "লা", 2: "রা", 3: "রা", 4: "ঠা"}.get(day, "ই" if day < 19 else "শে")


def picker(draw: st.DrawFn) -> Callable[..., str]:
    return lambda *choices: draw(st.sampled_from(choices))


@st.composite
def written_days(draw: st.DrawFn, day: date) -> str:
    pick = picker(draw)
    month = pick(*MONTHS[day.month - 1].split())
    number = pick(str(day.day), f"{day.day:02}", f"{day.day}{ordinal(day.day)}", f"{day.day} {ordinal(day.day)}")
    weekday = pick(*WEEKDAYS[day.weekday()].split())
    separator = pick("-", "/", ".")
    form = pick(
        f"{number} {month}{pick(' ', ', ', ',')}{day.year}",
        f"{number} {month} ({weekday}), {day.year}",
        f"{number} {month} {weekday} {day.year}",
        f"{month} {number}{pick(', ', ' ')}{day.year}",
        f"{day.day}-{month}-{day.year}",
        f"{day.day:02}{separator}{day.month:02}{separator}{day.year}",
        f"{day.day}/{day.month}/{day.year}",
        f"{day.day:02} - {day.month:02} - {day.year}",
        f"{day.year}{separator}{day.month:02}{separator}{day.day:02}",
    )
    era = pick("", "", " খ্রিস্টাব্দ", " ইং", " খ্রি.")
    if weekday in form:
        return form + era
    return pick(form + era, f"{weekday}, {form}{era}", f"{weekday} {form}{era}", f"{form}{era}, {weekday}")


def part_of_day(hour: int) -> list[str]:
    parts = {"ভোর": range(4, 6), "সকাল": range(5, 12), "দুপুর": range(12, 16), "বিকাল": range(15, 18)}
    parts |= {"বিকেল": range(15, 18), "সন্ধ্যা": range(17, 20), "রাত": [*range(19, 24), *range(4)]}
    return [name for name, hours in parts.items() if hour in hours]


@st.composite
def written_times(draw: st.DrawFn, at: datetime) -> tuple[str, str]:
    """Draw a time of day and its precision."""
    pick = picker(draw)
    hour, part = at.hour % 12 or 12, pick(*part_of_day(at.hour))
    meridiem = pick(
        *(["এএম", "এ.এম.", "পূর্বাহ্ণ", "পূর্বাহ্ন", "AM", "a.m."] if at.hour < 12 else ["পিএম", "অপরাহ্ণ", "অপরাহ্ন", "PM", "pm"])
    )
    colon = pick(":", ":", ": ", "ঃ", "：", " : ")
    form = pick("24", "seconds", "12", "part", "spoken", "military", "dotted", "zone", "hour")
    texts = {
        "24": f"{at.hour:02}{colon}{at.minute:02}{pick('', ' টায়', ' মিনিট', ' ঘণ্টা')}",
        "seconds": f"{at.hour:02}{colon}{at.minute:02}{colon}{at.second:02}",
        "12": f"{hour:02}{colon}{at.minute:02}{pick(' ', '')}{meridiem}",
        "part": pick(f"{part} {hour}{colon}{at.minute:02}", f"{hour:02}:{at.minute:02} {part}"),
        "spoken": f"{part} {hour}টা {at.minute} {pick('মিনিট', 'মিনিটে')}",
        "military": f"{at.hour:02}{at.minute:02} {pick('ঘণ্টা', 'ঘন্টা')}",
        "dotted": f"{part} {hour}.{at.minute:02}{pick('', ' টায়', ' মিনিট')}",
        "zone": f"{at.hour:02}:{at.minute:02}{pick(' BST', '+06:00', ' GMT+6', ' (UTC+06:00)')}",
        "hour": f"{part} {hour}টা{pick('', 'য়')}",
    }
    return texts[form], {"seconds": "second", "hour": "hour"}.get(form, "minute")


@st.composite
def written_moments(draw: st.DrawFn) -> tuple[str, Moment]:
    """Draw a text with a publication date among other text, and that date."""
    pick = picker(draw)
    at = draw(st.datetimes(datetime(2010, 1, 1), datetime(2026, 10, 30)))
    text = draw(written_days(at.date()))
    unstated = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
    precision = "day"
    if draw(st.booleans()):
        clock, precision = draw(written_times(at))
        joiner = pick(", ", " ", " | ", "; ", " • ", " - ", " – ", "\n", "\u00a0", " এ ", " সময়: ", " । ")
        # Before a date in digits, a clock without a colon could be read as a part of it.
        text = pick(f"{clock}{pick(', ', ' | ', ' • ')}{text}", f"{text}{joiner}{clock}")
        stated = ["hour", "minute", "second"][: ["hour", "minute", "second"].index(precision) + 1]
        unstated = {unit: zero for unit, zero in unstated.items() if unit not in stated}
    text = pick(*LABELS) + text + pick(*ENDINGS)
    digits = draw(st.sampled_from(["bengali", "ascii", "mixed"]))
    if digits == "bengali":
        text = text.translate(TO_BENGALI)
    elif digits == "mixed":
        text = "".join(c.translate(TO_BENGALI) if i % 3 else c for i, c in enumerate(text))
    text = pick(
        text, text.replace("য়", "\u09df").replace("ড়", "\u09dc"), text.replace(" ", "\u00a0"), f"\u200b{text}\u200e"
    )
    return text, Moment(at.replace(tzinfo=DHAKA, **unstated), precision)


@settings(max_examples=300)
@given(written_moments())
def test_a_written_date_is_found_exactly(written):
    text, moment = written
    assert find_date(text, DHAKA, FETCHED) == find_published(text, DHAKA, FETCHED) == moment


EVENTS = [
    *["ফল প্রকাশ: ", "ফলাফল প্রকাশিত হবে ", "প্রকাশিত হবে: ", "গেজেট প্রকাশের তারিখ: ", "পরীক্ষার তারিখ: ", "আবেদনের শেষ তারিখ "],
    *["জন্ম: ", "মৃত্যু: ", "জন্মতারিখ: ", "ভোটগ্রহণ: ", "মুক্তি : ", "শুনানির দিন: ", "মেয়াদ: ", "স্থাপিত: ", "© ", "Exam date: "],
    *["Date of birth: ", "Deadline: ", "Born: ", "সময়সীমা: ", "অনুষ্ঠান: ", "ঘটনার তারিখ: "],
]


@settings(max_examples=150)
@given(st.data(), st.sampled_from(EVENTS), st.datetimes(datetime(2010, 1, 1), datetime(2026, 10, 30)))
def test_an_event_never_yields_a_publication_date(data, event, at):
    text = event + data.draw(written_days(at.date()))
    assert find_date(text, DHAKA, FETCHED) is None
    assert find_modified(text, DHAKA, FETCHED) is None


@pytest.mark.parametrize(
    "unit",
    [
        *["১২", "১২-", "১২/০৭/", "১", "১ ", "১/", "জুলাই ", "১২ জুলাই ", "জুলাই১২", "জুন ১ ", "মে-", "'২২ ", "২ ও ", "১৪২৯ "],
        *["১০:৩০ ", "১০টা ", "১ ঘণ্টা ", "৩ দিন ", "রাত ", "বার ", "রবিবার ", "আষাঢ় ", "+06:00 ", "।", " ", "-", "(", "\n"],
        *["ক", "কর ", "কর তারিখ ", "শেষ তারিখ ", "date ", "প্রকাশ", "প্রকাশ: ", "ফল প্রকাশ: ", "জন্ম ", "ও "],
    ],
)
def test_parsing_takes_linear_time(unit):
    text = unit * (40_000 // len(unit))
    for read in (find_date, find_modified):
        started = time.process_time()
        read(text, DHAKA, FETCHED)
        assert time.process_time() - started < 0.4
