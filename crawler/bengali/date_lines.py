"""Recognise lines that are dates: alone, with a label, or beside the name of an author."""

import re
from collections.abc import Sequence
from functools import lru_cache

from crawler.bengali.bylines import parse_byline
from crawler.bengali.dates import introduces_other_date, is_label, label_of, opens_with_label
from crawler.bengali.dates.words import DAY_PART, MONTH, OTHER_CALENDAR, WEEKDAY, compared
from crawler.bengali.text import patterns

_OWN_LABELS = ("published", "updated")
DIGIT = re.compile(r"[\d০-৯]")
# banglanews24 signs with বাংলাদেশ সময়: ২৩০২ ঘণ্টা, জুলাই ২৭, ২০২৪.
_SIGNED_TIME = patterns(r"^বাংলাদেশ সময় ?[:ঃ,]? ?[০-৯\d]{4} ?(?:ঘণ্টা|ঘন্টা)")
_DATE_WORDS = re.compile(
    rf"{MONTH}|{WEEKDAY}|{DAY_PART}|\d+|"
    + compared(
        "প্রকাশিত|প্রকাশের|প্রকাশ|আপলোডের|আপলোডেড|আপলোড|পোস্টের|পোস্ট করা|পোস্ট|টাইম|আপডেটেড|আপডেট"
        "|হালনাগাদ|সর্বশেষ|তারিখ|সময়|টায়|টা|মিনিট|ঘণ্টা|ঘণ্টায়|আগে|খ্রিস্টাব্দ|খ্রিষ্টাব্দ|খ্রি"
        "|অনলাইন|প্রিন্ট|সংস্করণ|ভার্সন|ঢাকা|বাংলাদেশ"
        "|published|updated|uploaded|upload|posted|time|last|update|date|on|at|st|nd|rd|th|হয়েছে|ইং|asia/dhaka|asia/kolkata"
        "|seconds|second|minutes|minute|hours|hour|days|day|weeks|week|months|month|years|year|ago"
    )
)
# The colon after মি is a visarga: মিঃ abbreviates মিনিট.
_LABEL_AND_COLON = re.compile(rf"(?:{_DATE_WORDS.pattern}|(?<!\S)মি)\s*:")
_SHOWN_CLOCK = re.compile(r"\d ?: ?\d\d")
_CLOCK_ALONE = re.compile(rf"(?:{compared('সময়')}\W*)?(?:{DAY_PART})?\W*\d{{1,2}}\s?[:.]\s?\d\d\W*(?:{DAY_PART})?\W*")
_NAME_BEFORE = re.compile(r"^[^\d০-৯,:।]{3,60}[,:]\s*")
# Some pages use a danda as a bar, with a space before it; no sentence has that space.
_PARTS = re.compile(r"\s*[|•·॥]\s*|\s+[/–—।-]\s+")
_DESK = re.compile(compared("ডেস্ক|প্রতিবেদক|প্রতিনিধি|রিপোর্টার|সংবাদদাতা|করেসপন্ডেন্ট|করেসপনডেন্ট"))
_LETTER, _YEAR = re.compile(r"[^\W\d_]"), re.compile(r"\d{4}")
# The word আগে begins like the month আগস্ট, so only the English "ago" is a sign of a day.
_DAY = re.compile(rf"{MONTH}|\d[/.-]\d|\bago\b")
_DAY_OR_CLOCK = re.compile(rf"{_DAY.pattern}|:\d\d")
_CLOCK_OR_LIST, _SUBJECT = re.compile(r"\d:\d\d|[|•·,॥]"), re.compile(r"[^\W\d_]\W{0,3}:")
# A date with label, author and place fits into this; longer lines are sentences.
_LONGEST = 120
# Beside its words a date may have one short word, such as an abbreviated weekday or place.
_OTHER_WORDS, _OTHER_LETTERS = 1, 6
# Beside a date with year and time an author's name and role may have these many words.
_NAME_WORDS = 4
# A name, a role and a place together have fewer letters.
_LONGEST_REST = 60


def is_dated_line(line: str) -> bool:
    """Return whether a line is a date, or a date beside a label, a desk, an author or a place."""
    if is_date_line(line) or _follows_byline(line):
        return True
    text = compared(line)
    if not may_be_date(line) or len(line) > _LONGEST or not _DAY.search(text):
        return False
    is_labelled = opens_with_label(line) or _SIGNED_TIME.search(line) is not None
    return is_labelled or _DESK.search(text) is not None or _has_name_and_date(text)


# Cached because a line is checked again with the line before and after it.
@lru_cache(maxsize=256)
def is_date_line(line: str) -> bool:
    """Return whether a line is a date, with its labels, and nothing else."""
    text = compared(line)
    if len(line) > _LONGEST or not DIGIT.search(line) or not _DAY_OR_CLOCK.search(text) or _has_subject(text):
        return False
    rest = _beside_date(text)
    return len(_words(rest)) <= _OTHER_WORDS and len(_LETTER.findall(rest)) <= _OTHER_LETTERS


def is_publication_line(line: str) -> bool:
    """Return whether a line is a label of publication or update with its date, and nothing else."""
    return (
        (opens_with_label(line) or _SIGNED_TIME.search(line) is not None)
        and is_date_line(line)
        and not _LETTER.search(_beside_date(compared(line)))
    )


def is_labelled_date(line: str) -> bool:
    """Return whether a line has a label of publication or update, and little text beside a date."""
    return label_of(line) in _OWN_LABELS and may_be_date(line)


def may_be_date(line: str) -> bool:
    """Return whether a line has a digit and little text beside a date."""
    if "।" in line or not DIGIT.search(line):
        return False
    return len(_LETTER.findall(_beside_date(compared(line)))) <= _LONGEST_REST


def bare_date(line: str) -> str | None:
    """Return the unlabelled date that a line is or has beside a name: নিজস্ব প্রতিবেদক | ২৪ নভেম্বর ২০২৬, ১০:৩৪."""
    label = label_of(line)
    if not DIGIT.search(line) or label in _OWN_LABELS:
        return None
    if label == "other":
        return _after_name(line) if _follows_byline(line) else None
    dated = [part for part in _PARTS.split(line) if DIGIT.search(part)]
    return next(filter(is_date_line, (line, " | ".join(dated), *dated, _after_name(line))), None)


def joined(lines: Sequence[str]) -> list[str]:
    """Return the lines, each date with the label on the line before it and the time on the next one or two."""
    labelled = [
        f"{before} {line}" if is_label(before) and is_date_line(line) else line
        for before, line in zip(["", *lines], lines, strict=False)
    ]
    return [_with_clock(line, labelled[place : place + 2]) for place, line in enumerate(labelled, 1)]


def has_clock(line: str) -> bool:
    """Return whether a line shows a time of the day."""
    return _SHOWN_CLOCK.search(line) is not None


def _with_clock(line: str, after: Sequence[str]) -> str:
    if has_clock(line) or not is_date_line(line):
        return line
    clock = next((text for text in (*after[:1], " ".join(after)) if _CLOCK_ALONE.fullmatch(compared(text))), None)
    return f"{line}, {clock}" if clock else line


def _beside_date(text: str) -> str:
    return _DATE_WORDS.sub(" ", OTHER_CALENDAR.sub(" ", text))


def _words(text: str) -> list[str]:
    return [word for word in text.split() if _LETTER.search(word)]


def _has_name_and_date(text: str) -> bool:
    if not _YEAR.search(text) or not _CLOCK_OR_LIST.search(text) or _has_subject(text):
        return False
    return len(_words(_beside_date(text))) <= _NAME_WORDS


def _has_subject(text: str) -> bool:
    """Return whether words before a colon are no label of a date: পরীক্ষা শুরু: ১ ডিসেম্বর ২০২৬."""
    return ":" in text and _SUBJECT.search(_LABEL_AND_COLON.sub(" ", text)) is not None


def _follows_byline(line: str) -> bool:
    """Return whether a line is an author, a colon and a date: মো. জসিম উদ্দিন : ২৪ নভেম্বর ২০২৬, ১০:৩৪."""
    name = _NAME_BEFORE.match(line)
    if name is None or not is_date_line(line[name.end() :]):
        return False
    return any(author.kind != "person" or " " in author.name for author in parse_byline(name[0].rstrip(" :,")))


def _after_name(line: str) -> str:
    """Return a line without the name before its date; a weekday is no name and stays."""
    name = _NAME_BEFORE.match(line)
    if name is None or introduces_other_date(name[0]) or _DATE_WORDS.search(compared(name[0])):
        return line
    return line[name.end() :]
