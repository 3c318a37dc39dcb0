"""Compare one page's answer with the expected one: shares from 0 to 1, and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from evaluate.answer import Answer
from evaluate.page import Expected
from evaluate.text import folded, written

DHAKA = ZoneInfo("Asia/Dhaka")
# A line that has this many letters besides gold is junk.
LEFTOVER = 4
CUTS = {"second": 19, "minute": 16, "hour": 13, "day": 10, "month": 7, "year": 10}
ORDER = ("year", "month", "day", "hour", "minute", "second")


@dataclass(frozen=True, slots=True)
class Score:
    """The verdict on one page; the date is `right`, `coarse` (the day only), `missing` or `wrong`."""

    missing: int
    gold: int
    junk: int
    f1: float
    rouge_l: float
    letters: bool
    title: bool
    date: str
    author: bool
    section: bool
    agency: bool
    crashed: bool


def score(answer: Answer, expected: Expected) -> Score:
    """Return the verdict on an answer; an error lost the whole page."""
    gold = [folded(text) for text in expected.paragraphs]
    found = [text for text in (folded(line) for line in answer.paragraphs) if text]
    running = "".join(found)
    return Score(
        missing=sum(text not in running for text in gold),
        gold=len(gold),
        junk=sum(_is_junk(line, gold) for line in found),
        f1=_f1(found, gold),
        rouge_l=_rouge_l(" ".join(answer.paragraphs), " ".join(expected.paragraphs)),
        letters={written(text) for text in expected.paragraphs} <= set(answer.paragraphs),
        title=written(answer.title or "") == written(expected.title),
        date=judge_date(answer, expected),
        author=_authors_right(answer, expected),
        section=_same(answer.sections, [expected.section] if expected.section else [], any_of=True),
        agency=_same(answer.agencies, expected.agencies),
        crashed=answer.error is not None,
    )


def judge_date(answer: Answer, expected: Expected) -> str:
    """Return the verdict on a date; a claim of more precision than the page's is wrong."""
    if not answer.date or expected.published is None:
        return "wrong" if answer.date else "right" if expected.published is None else "missing"
    found, wanted = _local(answer.date), expected.published.astimezone(DHAKA)
    if found is None or found.date() != wanted.date():
        return "wrong"
    precision = expected.precision or "day"
    if answer.precision and ORDER.index(answer.precision) > ORDER.index(precision):
        return "wrong"
    exact = found.isoformat()[: CUTS[precision]] == wanted.isoformat()[: CUTS[precision]]
    if exact and (not answer.precision or answer.precision == precision):
        return "right"
    midnight = (found.hour, found.minute) == (0, 0)
    return "coarse" if midnight or exact else "wrong"


def _local(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(DHAKA) if moment.tzinfo else moment.replace(tzinfo=DHAKA)


def _is_junk(line: str, gold: Sequence[str]) -> bool:
    if any(line in text for text in gold):
        return False
    for text in sorted(gold, key=len, reverse=True):
        line = line.replace(text, "")
    return len(line) >= LEFTOVER


def _f1(found: Sequence[str], gold: Sequence[str]) -> float:
    """Return F1 over whole paragraphs."""
    same = sum((Counter(found) & Counter(gold)).values())
    return 2 * same / (len(found) + len(gold)) if found or gold else 1.0


def _rouge_l(found: str, gold: str) -> float:
    """Return ROUGE-L (F1 of the longest common subsequence of words) over the whole text."""
    one, other = found.split(), gold.split()
    if not one or not other:
        return 0.0
    return 2 * _common(one, other) / (len(one) + len(other))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest common subsequence (bit-parallel, Hyyrö 2004)."""
    places: dict[str, int] = {}
    for position, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << position
    whole = (1 << len(one)) - 1
    row = whole
    for word in other:
        matched = row & places.get(word, 0)
        row = ((row + matched) | (row - matched)) & whole
    return len(one) - row.bit_count()


def _authors_right(answer: Answer, expected: Expected) -> bool:
    names = _same(answer.authors, [credit.name for credit in expected.credits])
    return names and (answer.kinds is None or sorted(answer.kinds) == sorted(each.kind for each in expected.credits))


def _same(found: Iterable[str], wanted: Iterable[str], any_of: bool = False) -> bool:
    answered, right = ({written(value) for value in values} for values in (found, wanted))
    return right <= answered if any_of and right else answered == right
