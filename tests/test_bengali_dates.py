from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.bengali.date_lines import is_dated_line
from crawler.bengali.dates import (
    Moment,
    contradicts_weekday,
    find_date,
    find_modified,
    find_published,
    parse_machine_date,
)
from crawler.bengali.text import words

DHAKA = ZoneInfo("Asia/Dhaka")
KOLKATA = ZoneInfo("Asia/Kolkata")
# A Wednesday afternoon in Dhaka.
FETCHED = datetime(2023, 5, 17, 9, 42, 31, tzinfo=UTC)


def in_dhaka(precision: str, *fields: int) -> Moment:
    return Moment(datetime(*fields, tzinfo=DHAKA), precision)


second, minute, hour, day, month, year = (
    partial(in_dhaka, precision) for precision in ("second", "minute", "hour", "day", "month", "year")
)


def found(text: str) -> Moment | None:
    return find_date(text, DHAKA, FETCHED)


def with_one_character(text: str) -> str:
    """Return the text with য় and ড় as one character, which NFC splits into two."""
    return text.replace("য়", "\u09df").replace("ড়", "\u09dc")


# 9 March 2021.
DAYS = (
    "৯ মার্চ ২০২১ | ০৯ মার্চ, ২০২১ | 9 মার্চ 2021 | ৯ মার্চ 2021 | ০9 মার্চ ২০21 | ৯ই মার্চ ২০২১ | ৯-ই মার্চ, ২০২১"
    " | মার্চ ৯, ২০২১ | মার্চ ৯ ২০২১ | ২০২১-০৩-০৯ | ০৯-০৩-২০২১ | ০৯/০৩/২০২১ | ৯/৩/২০২১ | ৯.৩.২০২১ | ০৯ - ০৩ - ২০২১"
    " | 2021/03/09 | ৯-মার্চ-২০২১ | মঙ্গলবার, ৯ মার্চ ২০২১ | মঙ্গলবার ৯ মার্চ, ২০২১ | ৯ মার্চ (মঙ্গলবার), ২০২১"
    " | মঙ্গলবার । ৯ মার্চ । ২০২১ | ৯ মার্চ মঙ্গলবার ২০২১ | ৯ মার্চ ২০২১, মঙ্গলবার | ঢাকা, মঙ্গলবার, ৯ মার্চ ২০২১ ইং"
    " | ৯ মার্চ, ২০২১ খ্রিস্টাব্দ | ৯ মার্চ ২০২১ খ্রি. | তারিখ: ০৯-০৩-২০২১ | তারিখঃ ৯ মার্চ ২০২১ ইং"
    " | প্রকাশ: ৯ মার্চ ২০২১ | প্রকাশিত : ৯ মার্চ ২০২১ | প্রকাশিতঃ ৯ মার্চ ২০২১"
    " | প্রকাশের সময় : মঙ্গলবার, ৯ মার্চ, ২০২১ | প্রকাশিত হয়েছে - ৯ মার্চ ২০২১ | প্রকাশকাল: ৯ মার্চ ২০২১"
    " | আপলোড সময় : ০৯-০৩-২০২১ | প্রকাশনার তারিখ: ৯ মার্চ ২০২১ | পোস্ট করার তারিখ : ৯ মার্চ ২০২১"
    " | সংবাদের তারিখ: ৯ মার্চ ২০২১ | সংবাদ প্রকাশের তারিখ: ৯ মার্চ ২০২১ | অগ্নি রায় প্রকাশ: ৯ মার্চ ২০২১"
    " | Creation date: 9 March 2021 | Published: 9 March 2021 | Posted on March 9th, 2021 | Tuesday, March 9, 2021"
    " | 9 Mar 2021 | Mar. 9, 2021 | 09-Mar-2021 | 2021 March 9 | ৯\u00a0মার্চ\u00a0২০২১"
)
# 9 March 2021, 17:05.
TIMES = (
    "৯ মার্চ ২০২১, ১৭:০৫ | ৯ মার্চ ২০২১ ১৭:০৫ | ৯ মার্চ ২০২১; ১৭:০৫ | ৯ মার্চ ২০২১ • ১৭:০৫"
    " | ৯ মার্চ ২০২১ । ৫:০৫ অপরাহ্ণ | ৯ মার্চ ২০২১, ১৭: ০৫ | ৯ মার্চ ২০২১, ১৭ঃ০৫ | ৯ মার্চ ২০২১, ১৭.০৫"
    " | ৯ মার্চ ২০২১, ৫.০৫ পিএম | ৯ মার্চ ২০২১, ৫:০৫ পিএম | ৯ মার্চ ২০২১, ০৫:০৫পিএম | ৯ মার্চ ২০২১, ০৫:০৫ পি.এম."
    " | ৯ মার্চ ২০২১, ০৫:০৫ পি এম | ৯ মার্চ ২০২১, ০৫:০৫ PM | ৯ মার্চ ২০২১, ০৫:০৫ p.m. | ৯ মার্চ ২০২১, ০৫:০৫ অপরাহ্ন"
    " | ৯ মার্চ ২০২১, ০৫:০৫ অপরাহ্ণ | ৯ মার্চ ২০২১, ০৫:০৫ বিকাল | ৯ মার্চ ২০২১, বিকেল ৫:০৫"
    " | ৯ মার্চ ২০২১, বিকাল ০৫টা ০৫ মিনিট | ৯ মার্চ ২০২১, বিকেল ৫টা ৫ মিনিটে | ৯ মার্চ ২০২১ বিকাল ৫.০৫ মিনিট"
    " | ৯ মার্চ ২০২১ বিকাল ৫.০৫ টায় | ৯ মার্চ ২০২১, ১৭০৫ ঘণ্টা | ১৭০৫ ঘণ্টা, মার্চ ৯, ২০২১"
    " | বাংলাদেশ সময়: ১৭০৫ ঘণ্টা, মার্চ ৯, ২০২১ | ১৭:০৫, ৯ মার্চ ২০২১"
    " | প্রকাশ: ১৭:০৫, মঙ্গলবার, ৯ মার্চ, ২০২১ আপডেট: | প্রকাশিত: ৫:০৫ অপরাহ্ণ, মার্চ ৯, ২০২১"
    " | প্রকাশিত: ০৫:০৫ পিএম, ৯ মার্চ ২০২১ | ০৯-০৩-২০২১ ১৭:০৫ | 2021-03-09 17:05 | 9 Mar 2021, 5:05 PM"
    " | March 9, 2021 at 5:05 pm | 9th of March, 2021, 5:05 pm | Published : 9 Mar 2021, 05:05 PM"
    " | ৯ মার্চ ২০২১ এ ৫:০৫ PM | ৯ মার্চ ২০২১ সময়: ১৭:০৫ | ৯ মার্চ ২০২১, ২৪ ফাল্গুন ১৪২৭, ১৭:০৫"
    " | ৯ মার্চ ২০২১, বিকেল ৫টা ০৫ | 09–03–2021, 17:05 | ৯।৩।২০২১, ১৭:০৫ | ৯ মার্চ ২০২১, ১১:০৫ জিএমটি"
    " | March 9, 2021, 11:05 GMT | March 9, 2021, 11:05 (GMT) | ৯ মার্চ ২০২১, ১৬:৩৫ আইএসটি"
    " | ৯ মার্চ ২০২১, ১৭:০৫ (বিএসটি) | 17:05 BST, 9 Mar 2021 | 9 Mar 2021 17:05 +06:00"
    " | ৯ মার্চ ২০২১, ০৫:০৫ পিএমনিজস্ব প্রতিবেদক | Published: March 9, 2021 at 05:05 PMনিজস্ব প্রতিবেদক"
)
DAY_PARTS = (
    "ভোর ৪:৩০ = 04:30 | সকাল ১০:১৫ = 10:15 | দুপুর ১২:০৫ = 12:05 | দুপুর ২:৪০ = 14:40 | দুপুর ১১:৫০ = 11:50"
    " | বেলা ১১টা ৫ মিনিট = 11:05 | বেলা সাড়ে ৩টা = 15:30 | রাতের বেলা ১১টা ৫ মিনিট = 23:05 | সন্ধ্যা ৭:২০ = 19:20"
    " | সন্ধা ৬:২০ = 18:20 | রাত ৮:৪৫ = 20:45 | রাত ১১:৫৯ = 23:59 | রাত ১২:১০ = 00:10 | রাত ২:৩০ = 02:30"
    " | ১২:০০ এএম = 00:00 | ১২:০০ পিএম = 12:00 | ১২:৩০ পূর্বাহ্ণ = 00:30 | ১২:৩০ অপরাহ্ন = 12:30"
    " | রাত ০৯:১৫ পিএম = 21:15 | ১৪:২০ পিএম = 14:20 | ০০:১৫ পিএম = 12:15 | সকাল ১১টা বেজে ৫ মিনিট = 11:05"
    " | রাত ১১ টা বেজে ৫ মিনিটে = 23:05 | সকাল সাড়ে ১০টা = 10:30 | বিকেল সোয়া ৪টা = 16:15 | রাত পৌনে ৯টা = 20:45"
    " | এ. এম. ৯:০৫ = 09:05"
)
MONTHS = [
    "জানুয়ারি জানুয়ারী জানুায়ারি জানু জানু. জানুঃ january",
    "ফেব্রুয়ারি ফেব্রুয়ারী ফেব্রু ফ্রেব্রুয়ারি ফেব",
    "মার্চ",
    "এপ্রিল এপ্রি",
    "মে",
    "জুন",
    "জুলাই জুলায় জুল",
    "আগস্ট আগষ্ট অগস্ট অগাস্ট",
    "সেপ্টেম্বর সেপ্টেম্বার সেপ্টেঃ সেপ্টে. সেপটেম্বর সেপ SEPT",
    "অক্টোবর আক্টোবর অক্টো অক্টোঃ",
    "নভেম্বর নবেম্বর নভেম্ভর নভে",
    "ডিসেম্বর ডিসেম্ভর ডিসেমবর ডিসে Dec.",
]
NO_DATES = (
    "নিজস্ব প্রতিবেদক | ২৮ আষাঢ় ১৪২৯ | ২৮শে আষাঢ়, ১৪২৯ বঙ্গাব্দ | ১২ জিলহজ ১৪৪৩ | ৩০শে রবিউল আউয়াল, ১৪৪৬ হিজরি"
    " | প্রকাশ: ১৯ আশ্বিন ১৪৩১ | © ২০২২ | © 2026 সর্বস্বত্ব সংরক্ষিত | ৩০ ফেব্রুয়ারি ২০২২ | ৩১ এপ্রিল ২০২২"
    " | ২৯ ফেব্রুয়ারি ২০২৩ | ৩২/০১/২০২২ | ১৫/১৩/২০২২ | ০০-০০-২০২২ | 2022-13-01 | 2022-00-10 | 0000-00-00 00:00:00"
    " | ৫ বছর আগে তিনি ঢাকায় আসেন | ঘটনাটি ঘটে ৫ বছর আগে | আজ সকালে বৃষ্টি হতে পারে | ১২৩৪৫ বার পড়া হয়েছে"
    " | ০১৭১২-১২-২০২২৩৪ | রেজি নং: ১২-০৭-২০১১ | দৈনিক নদীপথ (রেজি: নং ১২-০৭-২০১১) | ডিক্লারেশন নং ১২/০৭/২০১২"
    " | মামলা নং-১২/০৭/২০২১ | Reg. No: 12-07-2011 | ফোন: ১২-০৭-২০২২ | মূল্য ১২.০৭.২০২২ টাকা | ১২.০৭.২০২২ কোটি"
    " | ৳ ১২.০৭.২০২২ | ১০:৩৪ | প্রকাশ: আপডেট: | ৯৯৯৯ বছর আগে"
)
EVENTS = (
    "ফল প্রকাশ: ৫ মে ২০২২ | ফলাফল প্রকাশের তারিখ: ৫ মে ২০২২ | বৃত্তির ফল প্রকাশিত: ৫ মে ২০২২, ১০:৩০"
    " | গেজেট প্রকাশ : ০৫-০৫-২০২২ | বইটির প্রকাশকাল: ৫ মে ২০২২ | প্রকাশিত হবে ৫ মে ২০২২"
    " | তালিকা প্রকাশ করা হবে ৫ মে ২০২২ | পরীক্ষার তারিখ: ৫ মে ২০২২ | আবেদনের শেষ তারিখ ৫ মে, ২০২২"
    " | ভর্তির সম্ভাব্য তারিখ: ৫ মে ২০২২ | শুনানির দিন: ৫ মে ২০২২ | তারিখ ও স্থান: ৫ মে ২০২২, ঢাকা"
    " | টিকার তারিখ: ৫ মে ২০২২ | সেবার তারিখ: ৫ মে ২০২২ | আবেদনের সময়সীমা: ৫ মে ২০২২ | ভোটগ্রহণ: ৫ মে ২০২২"
    " | মুক্তি: ৫ মে ২০২২ | জন্ম: ৫ মে ১৯৯৮ | জন্ম ৫ মে ১৯৯৮ | জন্মতারিখ: ০৫/০৫/১৯৯৮ | মৃত্যু: ৫ মে ২০২২"
    " | স্থাপিত: ৫ মে ২০০২ | কপিরাইট © ১ জানুয়ারি ২০২২ | © 1 January 2022 | Exam date: 5 May 2022"
    " | Date of birth: 5 May 1998 | Born 5 May 1998 | Deadline: May 5, 2022 | আজকের তারিখ: ৫ মে ২০২২"
    " | ছাপার তারিখ: ৫ মে ২০২২ | অনুষ্ঠিত হবে ৫ মে ২০২২ | ৫ মে ২০২২ তারিখে পরীক্ষা হয়"
    " | ৫ মে ২০২২-এর মধ্যে আবেদন করতে হবে | ৫ মে ২০২২ থেকে ৯ মে ২০২২ পর্যন্ত | ৫-৯ মে ২০২২ | ৮ ও ৯ মে ২০২২"
    " | আগামী ৫ মে ২০২২ | গত ৫ মে ২০২২ | আগামী বৃহস্পতিবার, ৫ মে ২০২২ | গত বৃহস্পতিবার (৫ মে ২০২২)"
    " | ৫ মে ২০২২ইং তারিখে পরীক্ষা | ৫ মে ২০২২ - ৯ মে ২০২২ | 5 May 2022 to 9 May 2022 | ৫ মে ২০২২ থেকে ৯ মে ২০২২"
    " | 5th to 9th May 2022 | ০৫/০৫/২০২২ – ০৯/০৫/২০২২ | (৫ মে ১৯৯৮ - ৯ মে ২০২২) | ছবি: ৫ মে ২০২২"
    " | ছবিটি ৫ মে ২০২২ তোলা | মুদ্রিত: ৫ মে ২০২২ | Joined 5 May 2022 | Valid till 5 May 2022"
    " | ৫ মে ২০২২ সকাল ১০টায় অনুষ্ঠিত হবে | ৫ মে ২০২২ অনুষ্ঠেয় সভা | আজ রাত ১১টা | ২৮ মে-৩ জুন ২০২১"
    " | ৮ জুন – ১০ জুন, ২০২১ | ২৮ সেপ্টেম্বর থেকে ৩ অক্টোবর ২০২১"
)


@pytest.mark.parametrize(
    "text",
    [
        "প্রকাশিত | ৯ মার্চ ২০২১",
        "৯ মার্চ ২০২১ | প্রিন্ট সংস্করণ",
        "৯ মার্চ ২০২১ | ১২৪৫ বার পঠিত",
        "৯ মার্চ\n২০২১",
        *DAYS.split(" | "),
    ],
)
def test_a_day_is_read_in_every_order_and_script(text):
    assert found(text) == day(2021, 3, 9)


@pytest.mark.parametrize("text", ["৯ মার্চ ২০২১ | ১৭:০৫", "৯ মার্চ ২০২১\n১৭:০৫", *TIMES.split(" | ")])
def test_a_time_is_read_before_or_after_its_day(text):
    assert found(text) == minute(2021, 3, 9, 17, 5)


@pytest.mark.parametrize(("text", "clock"), [part.split(" = ") for part in DAY_PARTS.split(" | ")])
def test_parts_of_the_day_give_the_hour(text, clock):
    expected = minute(2022, 6, 1, *map(int, clock.split(":")))
    assert found(f"১ জুন ২০২২, {text}") == expected
    assert found(f"{text}, ১ জুন ২০২২") == expected


FIRST, LATER = minute(2022, 5, 3, 10, 5), minute(2022, 5, 4, 11, 6)


@pytest.mark.parametrize(
    ("text", "published", "modified"),
    [
        ("প্রকাশ: ৩ মে ২০২২, ১০:০৫ | আপডেট: ৪ মে ২০২২, ১১:০৬", FIRST, LATER),
        ("আপডেট: ৪ মে ২০২২, ১১:০৬ | প্রকাশ: ৩ মে ২০২২, ১০:০৫", FIRST, LATER),
        ("প্রকাশিত:মঙ্গলবার ০৩ মে ২০২২ | হালনাগাদ:বুধবার ০৪ মে ২০২২ | অনলাইন সংস্করণ", day(2022, 5, 3), day(2022, 5, 4)),
        ("প্রকাশ: ০০:০০, মঙ্গলবার, ৩ মে, ২০২২ আপডেট:", minute(2022, 5, 3, 0, 0), None),
        ("প্রকাশ: আপডেট: ৪ মে ২০২২, ১১:০৬", None, LATER),
        ("আপডেট : ৪ মে ২০২২, ১১: ০৬", None, LATER),
        ("সর্বশেষ আপডেট: ৪ মে ২০২২", None, day(2022, 5, 4)),
        ("৩ মে ২০২২, ১০:০৫ (আপডেট: ৪ মে ২০২২, ১১:০৬)", FIRST, LATER),
        ("প্রকাশ: ৩ মে ২০২২, ১০:০৫ এএম | আপডেট: ১১:০৬ এএম", FIRST, minute(2022, 5, 3, 11, 6)),
        ("Published : 3 May 2022, 10:05 AM\nUpdated : 4 May 2022, 11:06 AM", FIRST, LATER),
        ("৩ মে ২০২২", day(2022, 5, 3), None),
        ("প্রকাশ: ৩ মে ২০২২, ১০:০৫ পিএমআপডেট: ৪ মে ২০২২, ১১:০৬", minute(2022, 5, 3, 22, 5), LATER),
        ("প্রকাশ: ২ দিন আগে, আপডেট: ৩ ঘণ্টা আগে", day(2023, 5, 15), hour(2023, 5, 17, 12, 42)),
    ],
)
def test_publication_wins_over_update(text, published, modified):
    assert find_published(text, DHAKA, FETCHED) == published
    assert found(text) == (published or modified)
    assert find_modified(text, DHAKA, FETCHED) == modified


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("৩০ সেকেন্ড আগে", second(2023, 5, 17, 15, 42, 1)),
        ("৫ মিনিট আগে", minute(2023, 5, 17, 15, 37)),
        ("৩ ঘণ্টা আগে", hour(2023, 5, 17, 12, 42)),
        ("৩ ঘন্টা পূর্বে", hour(2023, 5, 17, 12, 42)),
        ("১৬ ঘণ্টা আগে", hour(2023, 5, 16, 23, 42)),
        ("দুই ঘণ্টা আগে", hour(2023, 5, 17, 13, 42)),
        ("১ ঘণ্টা ২০ মিনিট আগে", minute(2023, 5, 17, 14, 22)),
        ("২ দিন আগে", day(2023, 5, 15)),
        ("২ মাস আগে", month(2023, 3, 17)),
        ("৩ মাস আগে", month(2023, 2, 17)),
        ("২ বছর আগে", year(2021, 5, 17)),
        ("প্রকাশ: ৩ ঘণ্টা আগে", hour(2023, 5, 17, 12, 42)),
        ("জাতীয় • ৩ ঘণ্টা আগে", hour(2023, 5, 17, 12, 42)),
        ("অনলাইন ডেস্ক | ৩ ঘণ্টা আগে", hour(2023, 5, 17, 12, 42)),
        ("৩ ঘণ্টা আগে প্রকাশিত", hour(2023, 5, 17, 12, 42)),
        ("3 hours ago", hour(2023, 5, 17, 12, 42)),
        ("an hour ago", hour(2023, 5, 17, 14, 42)),
        ("3 HOUR(s)", hour(2023, 5, 17, 12, 42)),
        ("3h", hour(2023, 5, 17, 12, 42)),
        ("6m", minute(2023, 5, 17, 15, 36)),
        ("এইমাত্র", minute(2023, 5, 17, 15, 42)),
        ("আজ", day(2023, 5, 17)),
        ("আজ ১০:৩৪", minute(2023, 5, 17, 10, 34)),
        ("গতকাল", day(2023, 5, 16)),
        ("গতকাল, রাত ১০:৩০", minute(2023, 5, 16, 22, 30)),
        ("Yesterday", day(2023, 5, 16)),
    ],
)
def test_relative_times_count_from_the_fetch(text, expected):
    assert found(text) == expected
    assert find_date(text, DHAKA, None) is None


def test_relative_days_are_in_the_outlets_zone():
    late = datetime(2023, 5, 17, 19, 30, tzinfo=UTC)  # half past one in Dhaka, the next day
    assert find_date("আজ", DHAKA, late) == day(2023, 5, 18)
    assert find_date("১ দিন আগে", DHAKA, late) == day(2023, 5, 17)


def test_a_month_ago_is_no_later_than_the_months_end():
    assert find_date("১ মাস আগে", DHAKA, datetime(2023, 3, 31, 12, tzinfo=DHAKA)) == month(2023, 2, 28)
    assert find_date("১ বছর আগে", DHAKA, datetime(2024, 2, 29, 12, tzinfo=DHAKA)) == year(2023, 2, 28)


@pytest.mark.parametrize("text", ["", *NO_DATES.split(" | ")])
def test_missing_and_impossible_dates_yield_none(text):
    assert found(text) is None


@pytest.mark.parametrize("place", ["চট্টগ্রাম", "রাজশাহী সিটি"])
def test_a_separator_ends_the_label_of_an_event(place):
    assert found(f"ভোট: {place} | ১২ আগস্ট ২০২২, ১০:৩০") == minute(2022, 8, 12, 10, 30)


@pytest.mark.parametrize("text", EVENTS.split(" | "))
def test_event_dates_are_not_publication_dates(text):
    for form in (text, with_one_character(text)):
        assert found(form) is None
        assert find_modified(form, DHAKA, FETCHED) is None


@pytest.mark.parametrize(
    "text",
    [
        "পরীক্ষার তারিখ: ৫ জুন ২০২২ | প্রকাশ: ৩ মে ২০২২, ১০:৩০",
        "প্রকাশ: ৩ মে ২০২২, ১০:৩০ | পরীক্ষার তারিখ: ৫ জুন ২০২২",
        "জন্ম: ৫ মে ১৯৯৮ | ৩ মে ২০২২, ১০:৩০",
        "ফল প্রকাশ: ৫ এপ্রিল ২০২২\n৩ মে ২০২২, ১০:৩০",
        "নিজস্ব প্রতিবেদক প্রকাশ: ৩ মে ২০২২, ১০:৩০",
        "সংবাদ বিজ্ঞপ্তি প্রকাশ: ৩ মে ২০২২, ১০:৩০",
        "প্রথম প্রকাশ: ৩ মে ২০২২, ১০:৩০",
        "তারিখ ও সময়: ৩ মে ২০২২, ১০:৩০",
        "মঙ্গলবার তারিখ: ৩ মে ২০২২, ১০:৩০",
        "নাজনীন আক্তার তারিখ: ৩ মে ২০২২, ১০:৩০",
        "নির্বাচন ৩ মে ২০২২, ১০:৩০",
        "রেজি নং: ১২-০৭-২০১১, ৩ মে ২০২২, ১০:৩০",
        "ওয়ার্ড নং ৫, ০৩.০৫.২০২২ ১০:৩০",
        "মোবাইল ডেস্ক | ০৩/০৫/২০২২ - ১০:৩০",
        "৩ মে ২০২২ - ১০:৩০",
    ],
)
def test_a_publication_beside_an_event_is_found(text):
    assert found(text) == minute(2022, 5, 3, 10, 30)


@pytest.mark.parametrize(
    "text",
    ["১৯ মে ২০২৩", "প্রকাশ: ৫ জানুয়ারি ২০২৪, ১০:৩০", "আপডেট: ৫ জানুয়ারি ২০২৪", "১৬ ডিসেম্বর ১৯৭১", "26 March 1971, 10:00 AM"],
)
def test_dates_after_the_fetch_or_before_the_web_yield_none(text):
    assert found(text) is None
    assert find_modified(text, DHAKA, FETCHED) is None


SHORT_YEARS = (
    "০৯/০৩/২১ | ৯-৩-২১ | প্রকাশ: ০৯-০৩-২১ | মঙ্গলবার, ০৯/০৩/২১ | ০৯/০৩/২১ মঙ্গলবার"
    " | ৯ মার্চ ’২১ | ৯ মার্চ '২১ | 9-Mar-21 | 09/03/21 ইং"
)


@pytest.mark.parametrize("text", SHORT_YEARS.split(" | "))
def test_a_year_of_two_digits_is_in_this_century(text):
    assert found(text) == day(2021, 3, 9)
    assert found(f"{text}, ১৭:০৫") == minute(2021, 3, 9, 17, 5)


OTHER_NUMBERS = (
    "৯ মার্চ ২১:৩০ | ৯ মার্চ, ২১ জন আহত | সোমবার, ০৯/০৩/২১ | স্কোর ১০/১২/২১ | ০৯/০৩/২১ জন | ০৯/০৩/৯৯ | ০১-০২-০৩-০৪ | ০৯.০৩.২১"
)


@pytest.mark.parametrize("text", OTHER_NUMBERS.split(" | "))
def test_other_small_numbers_are_not_years(text):
    assert found(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("রবিবার, ০৩/০৪/২০২২", day(2022, 4, 3)),
        ("শুক্রবার, ০৩/০৪/২০২২", day(2022, 3, 4)),
        ("Friday 03/04/2022", day(2022, 3, 4)),
        ("০৩/০৪/২০২২ শুক্রবার", day(2022, 3, 4)),
        ("সোমবার, ০৩/০৪/২০২২", day(2022, 4, 3)),
        ("০৩/০৪/২০২২", day(2022, 4, 3)),
    ],
)
def test_the_weekday_decides_which_number_is_the_month(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize("before", ["রবি শংকর | ", "The Daily Sun, ", "রবিবার\n", "আপডেট: রবিবার, ৫ জুন ২০২২ | প্রকাশ: "])
def test_names_and_other_dates_are_not_weekdays(before):
    assert found(f"{before}০৬/০৫/২০২২") == day(2022, 5, 6)
    assert not contradicts_weekday(f"{before}০৬/০৫/২০২২")


def test_an_impossible_clock_leaves_the_day():
    assert found("৯ মার্চ ২০২১, ২৭:৬৫") == day(2021, 3, 9)


def test_a_time_far_from_the_day_is_ignored():
    assert found("৯ মার্চ ২০২১ প্রধান সড়কে যানজট ছিল, ১৭:০৫ মিনিটে") == day(2021, 3, 9)


def test_an_hour_without_minutes_has_hour_precision():
    assert found("৯ মার্চ ২০২১, রাত ৮টা") == hour(2021, 3, 9, 20)


def test_a_month_without_a_day_has_month_precision():
    assert found("জুলাই ২০২২") == month(2022, 7, 1)
    assert found("তিনি জুলাই ২০২২ থেকে কাজ করছেন") is None


def test_dhaka_had_summer_time_in_2009():
    assert found("১ অক্টোবর ২০০৯, ১০:০০").at.utcoffset() == timedelta(hours=7)
    assert found("১ অক্টোবর ২০১০, ১০:০০").at.utcoffset() == timedelta(hours=6)


def test_a_date_is_local_to_the_given_zone():
    assert find_date("৯ মার্চ ২০২১, ১৭:০৫", KOLKATA, None).at == datetime(2021, 3, 9, 11, 35, tzinfo=UTC)


# 9 March 2021, 17:05:08 in Dhaka.
SECONDS = (
    "2021-03-09T17:05:08 | 2021-03-09 17:05:08 | 2021-03-09T17:05:08+06:00 | 2021-03-09T17:05:08+0600"
    " | 2021-03-09T17:05:08 06:00 | 2021-03-09T17:05:08.123+06:00 | 2021-03-09T11:05:08Z | 2021-03-09t11:05:08z"
    " | 2021-03-09T11:05:08.000000Z | 2021-03-09 11:05:08 UTC | 2021-03-09T06:05:08-05:00 | 20210309T110508Z"
    " | ২০২১-০৩-০৯T১৭:০৫:০৮+০৬:০০ | 09-03-2021 17:05:08 | Tue, 09 Mar 2021 17:05:08 +0600"
    " | Tue, 09 Mar 2021 11:05:08 GMT | Tue, 09 Mar 2021 06:05:08 EST"
    " | Tue Mar 09 2021 17:05:08 GMT+0600 (Bangladesh Standard Time) | 1615287908 | 1615287908123"
)


@pytest.mark.parametrize("value", ["  2021-03-09T11:05:08Z\n", *SECONDS.split(" | ")])
def test_machine_dates_are_read_to_the_second(value):
    assert parse_machine_date(value, DHAKA) == second(2021, 3, 9, 17, 5, 8)


NO_MACHINE_DATES = (
    "now | null | 0000-00-00 00:00:00 | -0001-11-30T00:00:00+00:00 | 0001-01-01T00:00:00Z | 9999-12-31T23:59:59Z"
    " | 2021-02-30 | 2021-03-09T25:00:00 | 2021-03-09T10:00:00+99:99 | 0 | 12345 | 3 hours ago | সর্বশেষ খবর"
)


@pytest.mark.parametrize("value", ["", *NO_MACHINE_DATES.split(" | ")])
def test_missing_and_impossible_machine_dates_yield_none(value):
    assert parse_machine_date(value, DHAKA) is None


PIECES = st.sampled_from(
    [
        *words("প্রকাশ: আপডেট: ১২ ৩১ ২০২২ 2022 জুলাই মে আষাঢ় জিলহজ ১৪২৯ মঙ্গলবার ১০:৩৪ ২৩০২ ঘণ্টা আগে রাত পিএম"),
        *words("| , / - . + ৯৯৯৯ বছর মাস আজ গতকাল টা মিনিট Z GMT +0600 T"),
        "\n",
    ]
)


@settings(max_examples=300)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=12).map(" ".join), st.lists(PIECES, max_size=12).map("".join)))
def test_no_text_raises(text):
    for moment in (
        find_date(text, DHAKA, FETCHED),
        find_modified(text, DHAKA, FETCHED),
        parse_machine_date(text, DHAKA),
    ):
        assert moment is None or moment.at.tzinfo is DHAKA


@pytest.mark.parametrize(
    "line",
    [
        "২১ আগস্ট গ্রেনেড হামলা মামলার আপিলের রায় আজ",
        "১৬ ডিসেম্বর বিজয় দিবসে কর্মসূচি ঘোষণা বিএনপির",
        "আবেদনের শেষ তারিখ: ৩০ নভেম্বর ২০২৬",
        "সোমবার ২৪ নভেম্বর ২০২৬ ছুটি ঘোষণা",
        "১ ডিসেম্বর বিশ্ব এইডস দিবস",
    ],
)
def test_a_title_with_a_day_is_no_dated_line(line):
    assert not is_dated_line(line)
