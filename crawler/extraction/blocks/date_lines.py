"""Which lines and elements are dates: alone, with a label, or beside the name of an author."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from lxml.html import HtmlElement

from crawler.bengali.bylines import parse_byline
from crawler.bengali.dates import Label, introduces_other_date, is_label, label_of
from crawler.bengali.dates.words import DAY_PART, MONTH, OTHER_CALENDAR, WEEKDAY, compared
from crawler.bengali.text import patterns
from crawler.extraction.blocks.block import Block
from crawler.extraction.page.document import text_of

LABELLED = patterns(
    r"প্রকাশ|আপডেট|হালনাগাদ|আপলোড|পোস্ট(?:ের)? (?:টাইম|সময়|তারিখ)|পোস্ট করা|^\W*তারিখ|publish(?:ed)?|updated|posted|upload",
    flags=re.I,
)
# Any other "date of": of an examination, of a meeting.
_DATE_OF = patterns(r"তারিখ|\bdate\b", flags=re.I)
IN_TEXT = patterns(
    r"^\W*(?:(?:সর্বশেষ|সবশেষ|last) )?(?:প্রকাশ|আপডেট|হালনাগাদ|আপলোড|published|updated|posted)"
    # banglanews24's sign-off: বাংলাদেশ সময়: ২৩০২ ঘণ্টা, জুলাই ২৭, ২০২৪.
    r"|^বাংলাদেশ সময় ?[:ঃ,]? ?[০-৯\d]{4} ?(?:ঘণ্টা|ঘন্টা)",
    flags=re.I,
)
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
# A colon after মি is that of মিঃ, as some write minutes.
_LABEL_AND_COLON = re.compile(rf"(?:{_DATE_WORDS.pattern}|(?<!\S)মি)\s*:")
_CLOCK_TOLD = re.compile(r"\d ?: ?\d\d")
_CLOCK = re.compile(rf"(?:{compared('সময়')}\W*)?(?:{DAY_PART})?\W*\d{{1,2}}\s?[:.]\s?\d\d\W*(?:{DAY_PART})?\W*")
_NAME_BEFORE = re.compile(r"^[^\d০-৯,:।]{3,60}[,:]\s*")
# Some write a danda for the bar, with a space before it, as no sentence has one.
_PARTS = re.compile(r"\s*[|•·॥]\s*|\s+[/–—।-]\s+")
_DESK = re.compile(compared("ডেস্ক|প্রতিবেদক|প্রতিনিধি|রিপোর্টার|সংবাদদাতা|করেসপন্ডেন্ট|করেসপনডেন্ট"))
_LONGEST_REST, _NAME_WORDS = 60, 4
DIGIT = re.compile(r"[\d০-৯]")
_LETTER, _YEAR = re.compile(r"[^\W\d_]"), re.compile(r"\d{4}")
# Of আগে the beginning is that of a month.
_DAY, _DAY_OR_CLOCK = (re.compile(rf"{MONTH}|\d[/.-]\d|\bago\b{clock}") for clock in ("", r"|:\d\d"))
_CLOCK_OR_LIST, _SUBJECT = re.compile(r"\d:\d\d|[|•·,॥]"), re.compile(r"[^\W\d_]\W{0,3}:")


def with_labels(lines: Sequence[str]) -> list[str]:
    return [
        f"{before} {line}" if is_date_line(line) and is_label(before) else line
        for before, line in zip(["", *lines], lines, strict=False)
    ]


def with_clocks(lines: Sequence[str]) -> list[str]:
    """Return the lines, a day joined to the time that stands alone in the line after it, or in two, one its label."""
    return [
        line if tells_clock(line) or not is_date_line(line) else _with_clock(line, lines[number : number + 2])
        for number, line in enumerate(lines, 1)
    ]


def tells_clock(line: str) -> bool:
    return _CLOCK_TOLD.search(line) is not None


def _with_clock(line: str, after: Sequence[str]) -> str:
    clock = next((told for told in (*after[:1], " ".join(after)) if _CLOCK.fullmatch(compared(told))), None)
    return f"{line}, {clock}" if clock else line


def is_publication_line(line: str) -> bool:
    """Tell a line of the text that is a label of publication or update and its date, and nothing else."""
    if not IN_TEXT.search(line) or not is_date_line(line):
        return False
    return not _LETTER.search(_beside_date(compared(line)))


# A line is asked by several, beside the one before and the one after it.
@lru_cache(maxsize=256)
def is_date_line(line: str) -> bool:
    """Tell a line that is a date, its labels included, and nothing else."""
    if len(line) > 120 or not DIGIT.search(line):
        return False
    told = compared(line)
    if not _DAY_OR_CLOCK.search(told):
        return False
    rest = _beside_date(told)
    other = [word for word in rest.split() if _LETTER.search(word)]
    return len(other) <= 1 and len(_LETTER.findall(rest)) <= 6 and not _tells_of_event(told)


def _beside_date(told: str) -> str:
    return _DATE_WORDS.sub(" ", OTHER_CALENDAR.sub(" ", told))


def is_dated_line(line: str) -> bool:
    """Return whether a line is a date, or a date beside a label, a desk, an author or a place."""
    if is_date_line(line) or _follows_byline(line):
        return True
    if len(line) > 120 or not DIGIT.search(line):
        return False
    told = compared(line)
    if not _DAY.search(told):
        return False
    named = IN_TEXT.search(line) or _DESK.search(told) or _name_and_date(told)
    return bool(named) and may_be_date(line)


def names_day(line: str) -> bool:
    return is_dated_line(line) and _DAY.search(compared(line)) is not None


def _name_and_date(line: str) -> bool:
    if not _YEAR.search(line) or not _CLOCK_OR_LIST.search(line) or _tells_of_event(line):
        return False
    return len([word for word in _beside_date(line).split() if _LETTER.search(word)]) <= _NAME_WORDS


def _tells_of_event(told: str) -> bool:
    """Tell words before a colon that are no label of a date: পরীক্ষা শুরু: ১ ডিসেম্বর ২০২৬."""
    return ":" in told and _SUBJECT.search(_LABEL_AND_COLON.sub(" ", told)) is not None


def dates_among(lines: Sequence[Block]) -> list[str]:
    joined = [
        replace(line, text=text)
        for line, text in zip(lines, with_clocks(with_labels([line.text for line in lines])), strict=True)
    ]
    labelled = [line.text for line in joined if LABELLED.search(line.text) and may_be_date(line.text)]
    return labelled + [date for line in joined if (date := bare_date(line))]


def bare_date(line: Block) -> str | None:
    """Return the date that a line is, or has beside a name (নিজস্ব প্রতিবেদক | ২৪ নভেম্বর ২০২৬, ১০:৩৪)."""
    if not DIGIT.search(line.text) or LABELLED.search(line.text) or _DATE_OF.search(line.text):
        return None
    if label_of(line.text) == "other":
        return _after_name(line.text) if _follows_byline(line.text) else None
    if is_date_line(line.text):
        return line.text
    dated = [part for part in _PARTS.split(line.text) if DIGIT.search(part)]
    texts = (" | ".join(dated), *dated, _after_name(line.text))
    return next(filter(is_date_line, dict.fromkeys(texts)), None)


def _follows_byline(line: str) -> bool:
    """Tell a date after a colon and the name of an author: মো. জসিম উদ্দিন : ২৪ নভেম্বর ২০২৬, ১০:৩৪."""
    name = _NAME_BEFORE.match(line)
    if name is None or not is_date_line(line[name.end() :]):
        return False
    return any(author.kind != "person" or " " in author.name for author in parse_byline(name[0].rstrip(" :,")))


def _after_name(line: str) -> str:
    """Return what follows a name (নিজস্ব প্রতিবেদক, ২৪ নভেম্বর ২০২৬); a weekday is none and stays."""
    name = _NAME_BEFORE.match(line)
    if name is None or introduces_other_date(name[0]) or _DATE_WORDS.search(compared(name[0])):
        return line
    return line[name.end() :]


def may_be_date(line: str) -> bool:
    if "।" in line or not DIGIT.search(line):
        return False
    return len(_LETTER.findall(_beside_date(compared(line)))) <= _LONGEST_REST


MACHINE_ATTRIBUTES = ("datetime", "data-published", "data-datetime", "data-time", "data-date", "content")
_ONLY_NAMES = {"entry-date", "post-published"}
_UPDATE_NAMES, _PUBLISHED_NAMES = {"updated", "modified", "datemodified"}, {"published", "datepublished"}


@dataclass(frozen=True, slots=True)
class DateLine:
    """A line that may show a date; `machine` is its machine-readable value, `label` is outside the text.

    The outlet's own selector names `trusted` lines. The page's own date may be among the unlabelled lines `above`.
    """

    text: str
    machine: str | None = None
    label: Label = "none"
    trusted: bool = False
    above: bool = False


def date_line(element: HtmlElement, trusted: bool = False) -> DateLine:
    names = (*MACHINE_ATTRIBUTES, "title") if element.tag == "abbr" else MACHINE_ATTRIBUTES
    machine = next((value for name in names if (value := element.get(name))), None)
    return DateLine(text_of(element), machine, label_beside(element), trusted)


def label_beside(element: HtmlElement) -> Label:
    """Return the label of an element that shows a date: its names, or the words it opens with or stands behind."""
    names = set(f"{element.get('class') or ''} {element.get('itemprop') or ''}".lower().split())
    if names & _PUBLISHED_NAMES or element.get("data-published"):
        return "published"
    # Themes say "entry-date updated", "post-published updated" of the only date they show.
    if names & _UPDATE_NAMES and not names & _ONLY_NAMES:
        return "updated"
    text = text_of(element)
    opening = text if IN_TEXT.search(text) else _text_before(element)
    return label_of(opening)


def _text_before(element: HtmlElement) -> str:
    previous, parent = element.getprevious(), element.getparent()
    if previous is None:
        return (parent.text or "") if parent is not None else ""
    tail = previous.tail or ""
    if re.search(r"\w", tail) or not isinstance(previous.tag, str):
        return tail
    told = text_of(previous)
    return told if is_label(told) else ""
