"""Bring texts to the form in which dates are compared, and list the words of dates in it."""

import re
from functools import lru_cache

from crawler.bengali.text import any_of, data_beside, nfc, words

# The compared form replaces the first characters by the second and drops the last: the nukta and invisible characters.
_SPELLING = str.maketrans(
    "০১২৩৪৫৬৭৮৯ীূণষঃ：∶ː’‘",
    "0123456789িুনস::::''",
    "\u09bc\u200b\u200c\u200d\u200e\u200f\u00ad\ufeff\ufe0e\ufe0f\u2060",
)
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


def _numbered(lines: str, first: int) -> dict[str, int]:
    """Return the words of each line of a list in compared form, with the number of the line."""
    return {word: number for number, line in enumerate(lines.splitlines(), first) for word in compared_words(line)}


_LISTS = data_beside(__file__)
MONTH_NUMBERS = _numbered(_LISTS["months"], 1)
MONTH = any_of(MONTH_NUMBERS)

# Monday is 0.
WEEKDAY_NUMBERS = _numbered(_LISTS["weekdays"], 0)
WEEKDAY = any_of(WEEKDAY_NUMBERS)

# Endings of the day: ১লা, ২রা, ৪ঠা, ৫ই, ১৯শে, 2nd.
ORDINAL = "(?:-?(?:লা|রা|ঠা|ই|শে|শ|st|nd|rd|th))?"

# Letters and signs of the compared form, for a character set.
LETTER = "a-z\u0980-\u0983\u0985-\u09e3\u09f0-\u09ff"
NO_LETTER_BEFORE, NO_LETTER_AFTER = f"(?<![{LETTER}])", f"(?![{LETTER}])"
_OTHER_MONTHS, _OTHER_ERA = any_compared(_LISTS["other_months"]), any_compared(_LISTS["other_eras"])

# Bangla and Hijri dates, with or without a year. The years are those of the last decades in both calendars.
OTHER_CALENDAR = re.compile(
    rf"(?<!\d)\d{{1,2}} ?{ORDINAL},? ?{_OTHER_MONTHS}{NO_LETTER_AFTER}"
    rf"(?:[ ,]*1[345]\d\d(?!\d))?(?:[ ,(]*{_OTHER_ERA}{NO_LETTER_AFTER}\)?)?"
    rf"|{NO_LETTER_BEFORE}{_OTHER_MONTHS} ?\d{{1,2}}{ORDINAL}(?!\d)(?:[ ,]*1[345]\d\d(?!\d))?"
    rf"(?:[ ,(]*{_OTHER_ERA}{NO_LETTER_AFTER}\)?)?"
    rf"|(?<!\d)1[345]\d\d ?{_OTHER_ERA}{NO_LETTER_AFTER}"
)

FILLER = any_compared(_LISTS["fillers"])

# Text between date and time: separators, weekdays and fillers, but no other words or numbers. The bound keeps searches
# linear.
GAP = rf"(?:[^{LETTER}0-9]|{NO_LETTER_BEFORE}(?:{WEEKDAY}|{FILLER}){NO_LETTER_AFTER}){{0,40}}"

# Text between day, month and year.
WITHIN_DATE = rf"(?:[ \n,./'।\-–—]|of |\(?{WEEKDAY}\)?{NO_LETTER_AFTER})*"

# The hours to add to an hour of twelve, by the words for a.m. and p.m.
MERIDIEM = {
    **dict.fromkeys(compared_words(_LISTS["am"]), 0),
    **dict.fromkeys(compared_words(_LISTS["pm"]), 12),
}
_MORNING, NOON, EVENING, NIGHT = (compared_words(_LISTS[part]) for part in ("morning", "noon", "evening", "night"))
DAY_PART = any_of([*MERIDIEM, *_MORNING, *NOON, *EVENING, *NIGHT])
HOURS = any_compared(_LISTS["hours"])
NUMERALS = _numbered(_LISTS["numerals"], 1)
