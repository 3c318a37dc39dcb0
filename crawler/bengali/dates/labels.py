"""Find the labels of dates: those of the publication, of an update, and of other events."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from crawler.bengali.dates.words import (
    LETTER,
    MERIDIEM,
    MONTH,
    NO_LETTER_AFTER,
    NO_LETTER_BEFORE,
    WEEKDAY,
    any_compared,
    compared,
    compared_words,
)
from crawler.bengali.text import any_of, data_beside

Label = Literal["published", "updated", "other", "none"]

_LISTS = data_beside(__file__)
_UPDATED, _PUBLISHED = compared_words(_LISTS["updated"]), compared_words(_LISTS["published"])
_FUTURE_VERBS, _RELEASES, _EVENTS, _SUBJECTS, _DATE_WORD, _QUALIFIERS, _LIKE_GENITIVES = (
    any_compared(_LISTS[kind])
    for kind in ("future_verbs", "releases", "events", "subjects", "date_words", "qualifiers", "like_genitives")
)
_FOLLOWED_BY_DATE = rf"(?= ?:| ?[-–—]? ?(?:\d|{MONTH}{NO_LETTER_AFTER}|{WEEKDAY}))"

# Any genitive before the word for a date: পরীক্ষার, শুনানির. Weekdays and these names of persons end like a genitive.
_GENITIVE = rf"(?!(?:{WEEKDAY}|{_LIKE_GENITIVES}) )[{LETTER}]{{1,30}}র"

# The date of an event: পরীক্ষার তারিখ, আবেদনের শেষ তারিখ, শুনানির দিন, exam date; not "রবিবার তারিখ".
_EVENT_DATE = rf"(?:{_GENITIVE}|{_QUALIFIERS}) {_DATE_WORD}{NO_LETTER_AFTER}|[a-z]{{2,20}} date(?![a-z])"
_LABEL = re.compile(
    rf"{NO_LETTER_BEFORE}(?<!সংবাদ )(?<!প্রেস )(?:"
    rf"(?P<release>{_RELEASES}(?:টি)?(?:এর|ের|র)? {any_of(_PUBLISHED)}{NO_LETTER_AFTER}"
    rf"|{any_of(_PUBLISHED)} {_FUTURE_VERBS}{NO_LETTER_AFTER}|date of (?!publi)[a-z]{{2,20}}"
    rf"|{compared('তারিখ ও')} (?!{compared('সময়')}))"
    rf"|(?P<updated>{any_of(_UPDATED)}){NO_LETTER_AFTER}"
    rf"|(?P<published>{any_of(_PUBLISHED)}){NO_LETTER_AFTER}"
    rf"|(?P<event>{_EVENT_DATE}|{_EVENTS}{NO_LETTER_AFTER}{_FOLLOWED_BY_DATE}|{_SUBJECTS} ?:))"
)

# A label follows the word before it directly where the markup has no space: "০৫:০৫ পিএমআপডেট:".
_RUN_TOGETHER = re.compile(rf"({any_of(MERIDIEM)})(?=(?:{any_of([*_UPDATED, *_PUBLISHED])}){NO_LETTER_AFTER})")

# A longer line is a sentence.
_LONGEST_LABEL = 60
_WORD = re.compile(r"\w")

# A separator after words, which ends the label of an event: "ভোট: চট্টগ্রাম | ১২ আগস্ট".
_EVENT_END = re.compile(r"(?:(?<=[^\W_])|(?<=[\u0980-\u09e3]))[ )]*[|\n•·]")


def labelled_parts(text: str) -> Iterator[tuple[Label, str]]:
    """Yield each label of a text in compared form with the text up to the next label; the first label is `none`."""
    text = _RUN_TOGETHER.sub(r"\1 ", text)
    label: Label = "none"
    start = 0
    for match in _LABEL.finditer(text):
        yield from _split_part(label, text[start : match.start()])
        label, start = _label(match), match.end()
    yield from _split_part(label, text[start:])


def _split_part(label: Label, text: str) -> Iterator[tuple[Label, str]]:
    """Yield a part; yield the text after the end of an event first, without a label."""
    end = _EVENT_END.search(text) if label == "other" else None
    if end:
        yield "none", text[end.end() :]
    yield label, text[: end.start()] if end else text


def _label(match: re.Match[str]) -> Label:
    return "updated" if match["updated"] else "published" if match["published"] else "other"


# Cached because several callers request the label of the same line.
@lru_cache(maxsize=64)
def _first_label(text: str) -> re.Match[str] | None:
    return _LABEL.search(compared(text))


def label_of(text: str) -> Label:
    """Return the first label of a text; `none` if it has no label."""
    match = _first_label(text)
    return _label(match) if match else "none"


def opens_with_label(text: str) -> bool:
    """Return whether a text begins with the label of the publication or an update."""
    match = _first_label(text)
    return match is not None and _label(match) != "other" and not _WORD.search(match.string, 0, match.start())


def is_label(text: str) -> bool:
    """Return whether a line is nothing but a label, whose date is on the next line."""
    match = _first_label(text) if len(text) <= _LONGEST_LABEL else None
    if match is None or _WORD.search(match.string, match.end()):
        return False
    # The label of an event has other words before it (আবেদনের শেষ তারিখ).
    return _label(match) == "other" or not _WORD.search(match.string, 0, match.start())
