"""Bring texts to the form in which dates are compared, and list the words of dates in it."""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.bengali.text import any_of, nfc, words

_DIGITS = {ord(bengali): ascii_digit for bengali, ascii_digit in zip("০১২৩৪৫৬৭৮৯", "0123456789", strict=True)}

# What the compared form drops (the nukta and invisible characters) or replaces.
_SPELLING = {
    **_DIGITS,
    **dict.fromkeys([0x09BC, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0xAD, 0xFEFF, 0xFE0E, 0xFE0F, 0x2060]),
    **{ord(long): short for long, short in zip("ীূণষ", "িুনস", strict=True)},
    **{ord(colon): ":" for colon in "ঃ：∶ː"},
    0x2019: "'",
    0x2018: "'",
}
_BLANKS = re.compile(r"[^\S\n]+")


# Cached because callers read date, label and weekday from the same line.
@lru_cache(maxsize=64)
def compared(text: str) -> str:
    """Return a text in the form in which dates are compared.

    The form has lower case, ASCII digits, no nukta or joiner, and a colon for the visarga. It has one spelling of the
    vowels and sibilants in which newspapers differ (জানুয়ারী, আগষ্ট, ঘন্টা).
    """
    return _BLANKS.sub(" ", nfc(text).translate(_SPELLING).lower())


def compared_words(text: str) -> list[str]:
    """Return the words of a list in compared form; an underscore stands for a space within a word."""
    return [compared(word) for word in words(text)]


def any_compared(text: str) -> str:
    """Return a regular expression that matches any of the words of a list in compared form."""
    return any_of(compared_words(text))


# The months of the Gregorian calendar, one a line, with the abbreviations and misspellings of newspapers.
_MONTH_NAMES = """
    জানুয়ারি জানুায়ারি জানুয়ারিঃ জানুয়ারি. জানু জানু. জানুঃ january jan jan.
    ফেব্রুয়ারি ফেব্রুয়ারিঃ ফেব্রয়ারি ফেব্রুআরি ফ্রেব্রুয়ারি ফেব্রু ফেব্রু. ফেব্রুঃ ফেব ফেব. february feb feb.
    মার্চ মার্চঃ march mar mar.
    এপ্রিল এপ্রিলঃ এপ্রি এপ্রি. april apr apr.
    মে মেঃ may
    জুন জুনঃ june jun jun.
    জুলাই জুলাইঃ জুলায় জুল july jul jul.
    আগস্ট আগস্টঃ অগস্ট অগাস্ট আগাস্ট আগ আগ. আগঃ august aug aug.
    সেপ্টেম্বর সেপ্টেম্বার সেপ্টম্বর সেপটেম্বর সেপ্টেমবর সেপ্টেঃ সেপ্টে সেপ্টে. সেপ্ট সেপ্ট. সেপ সেপ. september sept sept. sep sep.
    অক্টোবর অক্টোবার অক্টবর আক্টোবর অক্টো অক্টো. অক্টোঃ october oct oct.
    নভেম্বর নভেম্বার নভেম্ভর নবেম্বর নভে নভে. নভেঃ november nov nov.
    ডিসেম্বর ডিসেম্বার ডিসেম্ভর ডিসেমবর ডিসে ডিসে. ডিসেঃ december dec dec.
"""
MONTH_NUMBERS = {
    compared(name): number for number, line in enumerate(_MONTH_NAMES.strip().splitlines(), 1) for name in line.split()
}
MONTH = any_of(MONTH_NUMBERS)

# The weekdays, one a line from Monday on.
_WEEKDAY_NAMES = """
    সোমবার সোম monday mon
    মঙ্গলবার মঙ্গল tuesday tue tues
    বুধবার বুধ wednesday wed
    বৃহস্পতিবার বৃহঃবার বৃহস্পতি বৃহষ্পতিবার বৃহঃ thursday thu thurs thur
    শুক্রবার শুক্র friday fri
    শনিবার শনি saturday sat
    রবিবার রোববার রবি রোব sunday sun
"""
WEEKDAY_NUMBERS = {
    compared(name): number for number, line in enumerate(_WEEKDAY_NAMES.strip().splitlines()) for name in line.split()
}
WEEKDAY = any_of(WEEKDAY_NUMBERS)

# The months of the Bangla and the Hijri calendar, in the spellings of mastheads.
_OTHER_MONTHS = any_compared("""
    বৈশাখ জ্যৈষ্ঠ জৈষ্ঠ জ্যৈষ্ট আষাঢ় শ্রাবণ ভাদ্র আশ্বিন কার্তিক অগ্রহায়ণ অগ্রাহায়ণ অঘ্রান পৌষ মাঘ ফাল্গুন ফাগুন চৈত্র মহররম মুহাররম মুহররম মোহররম সফর
    রবিউল_আউয়াল রবিউল_আওয়াল রবিউল_আউওয়াল রবিউল-আউয়াল রবিউস_সানি রবিউস-সানি রবিউসসানি রবিউল_আখির রবিউল_আখের জমাদিউল_আউয়াল
    জমাদিউল_আওয়াল জমাদিউল-আউয়াল জমাদিউস_সানি জমাদিউস-সানি জমাদিউসসানি জমাদিউল_আখির জমাদিউল_আখের রজব শাবান শা'বান রমজান রমাদান রমযান শাওয়াল
    জিলকদ জিলক্বদ জিলকাদ জ্বিলকদ জিলহজ জিলহজ্জ জিলহজ্ব জ্বিলহজ্জ জ্বিলহজ যিলহজ যিলকদ
    """)

# Endings of the day: ১লা, ২রা, ৪ঠা, ৫ই, ১৯শে, 2nd.
ORDINAL = "(?:-?(?:লা|রা|ঠা|ই|শে|শ|st|nd|rd|th))?"

# Letters and signs of the compared form, for a character set.
LETTER = "a-z\u0980-\u0983\u0985-\u09e3\u09f0-\u09ff"
NO_LETTER_BEFORE, NO_LETTER_AFTER = f"(?<![{LETTER}])", f"(?![{LETTER}])"
_OTHER_ERA = any_compared("বঙ্গাব্দ বাংলা হিজরি হিঃ হি.")

# Bangla and Hijri dates, with or without a year. The years are those of the last decades in both calendars.
OTHER_CALENDAR = re.compile(
    rf"(?<!\d)\d{{1,2}} ?{ORDINAL},? ?{_OTHER_MONTHS}{NO_LETTER_AFTER}"
    rf"(?:[ ,]*1[345]\d\d(?!\d))?(?:[ ,(]*{_OTHER_ERA}{NO_LETTER_AFTER}\)?)?"
    rf"|{NO_LETTER_BEFORE}{_OTHER_MONTHS} ?\d{{1,2}}{ORDINAL}(?!\d)(?:[ ,]*1[345]\d\d(?!\d))?"
    rf"(?:[ ,(]*{_OTHER_ERA}{NO_LETTER_AFTER}\)?)?"
    rf"|(?<!\d)1[345]\d\d ?{_OTHER_ERA}{NO_LETTER_AFTER}"
)

# Words within and around a date that do not change it.
FILLER = any_compared("""
    খ্রিস্টাব্দ খ্রিস্টাব্দে খৃস্টাব্দ খ্রিঃ খ্রি. খ্রি খৃঃ ইং ইং. ইংরেজি সাল সন এ at on the t bst bdst রোজ তারিখ সময় বাংলাদেশ স্থানীয়
    টায় বার ঘটিকা ঘটিকায় প্রায়
    """)

# Text between date and time: separators, weekdays and fillers, but no other words or numbers. The bound keeps searches
# linear.
GAP = rf"(?:[^{LETTER}0-9]|{NO_LETTER_BEFORE}(?:{WEEKDAY}|{FILLER}){NO_LETTER_AFTER}){{0,40}}"

# Text between day, month and year.
WITHIN_DATE = rf"(?:[ \n,./'।\-–—]|of |\(?{WEEKDAY}\)?{NO_LETTER_AFTER})*"

# The hours to add to an hour of twelve, by the words for a.m. and p.m.
MERIDIEM = {
    **dict.fromkeys(compared_words("এএম এ_এম এ.এম. এ.এম এ._এম. am a.m. a.m a_m পূর্বাহ্ণ পূর্বাহ্ন পূর্বাহৃ পুর্বাহ্ন"), 0),
    **dict.fromkeys(compared_words("পিএম পি_এম পি.এম. পি.এম পি._এম. pm p.m. p.m p_m অপরাহ্ণ অপরাহ্ন অপরাহৃ"), 12),
}
_MORNING = compared_words("ভোর ভোরে ভোরবেলা সকাল সকালে সকালবেলা সকাল_বেলা")

# বেলা means the light part of the day: বেলা ১১টা is before noon, বেলা ৩টা after it.
NOON = compared_words("দুপুর দুপুরে দুপুরবেলা দুপুর_বেলা বেলা")
EVENING = compared_words("বিকাল বিকেল বিকালে বিকেলে সন্ধ্যা সন্ধা সন্ধ্যায় সন্ধায় বিকেলবেলা বিকেল_বেলা সন্ধ্যাবেলা সন্ধ্যা_বেলা")
NIGHT = compared_words("রাত রাতে মধ্যরাত মধ্যরাতে গভীর_রাত গভীর_রাতে রাত্রি দিবাগত_রাত দিবাগত_রাতে রাতের_বেলা")
DAY_PART = any_of([*MERIDIEM, *_MORNING, *NOON, *EVENING, *NIGHT])
HOURS = any_compared("ঘন্টা ঘন্টায় ঘ. ঘঃ hours hrs")
