"""Recognise person names and the initials with which a desk signs the end of a text (এমএইচ/জেআইএম)."""

from __future__ import annotations

import re

from crawler.bengali.bylines.services import agency_code
from crawler.bengali.bylines.vocabulary import (
    COMMON_NAMES,
    HEADLINE_WORDS,
    INFLECTED,
    MEDIA_WORD,
    NAMES_LIKE_INFLECTED,
    ORGANISATION_WORD,
    PAGE_WORDS,
    PAPERS,
    SENTENCE_WORDS,
)
from crawler.bengali.places import is_place
from crawler.bengali.text import any_of, fold, normalize, word_set, words

_WORD = r"[a-zA-Z\u0980-\u09e3\u09f0\u09f1\u200c\u200d\u00c0-\u024f’':.\-–]+"
_NAME = re.compile(rf"{_WORD}(?: {_WORD}){{0,7}}")
_NOT_IN_NAMES = SENTENCE_WORDS | HEADLINE_WORDS | PAGE_WORDS

# The names of the English letters, as Bengali spells abbreviations.
_LETTER_NAMES = any_of(
    words("এ বি সি ডি ই এফ জি এইচ আই জে কে এল এম এন ও পি কিউ আর এস টি ইউ ভি ডব্লিউ ডাব্লিউ এক্স ওয়াই জেড জেট")
)
_SPELLED = re.compile(rf"{_LETTER_NAMES}(?:[ .]?{_LETTER_NAMES})*\.?|[A-Z]{{1,5}}")
_SPELLED_ALONE = re.compile(rf"{_LETTER_NAMES}(?:\.?{_LETTER_NAMES}){{1,5}}\.?")
_ABBREVIATIONS = word_set("বিএনপি এনসিপি সিপিবি এলডিপি বিজেপি সিটি টিভি এমপি ওসি ডিসি এসপি আইজিপি ডিআইজি বিসিবি আইসিসি")
_NOT_IN_SIGNATURES = re.compile("[0-9\u09e6-\u09ef।?!:;,]")
_LONGEST_SIGNATURE = 60


def is_name(name: str) -> bool:
    """Return whether a text can be a person's name.

    A single word is a name only in Bengali script; in Latin script it is a login.
    """
    names = name.split()
    long = sum(len(word) > 3 for word in names)
    # Word look-ups come first because they are faster than patterns.
    if long > 5 or not _NOT_IN_NAMES.isdisjoint(name.lower().split()):
        return False
    if not _NAME.fullmatch(name) or MEDIA_WORD.search(name) or ORGANISATION_WORD.search(name):
        return False
    if long > 3 and not name.isascii() and COMMON_NAMES.isdisjoint(names):
        return False
    if any(INFLECTED.fullmatch(word) and word not in NAMES_LIKE_INFLECTED for word in names):
        return False
    if name.isascii():
        return len(names) > 1 and name.lower() != name
    return len(names) > 1 or len(fold(name)) > 2


def is_initials(line: str) -> bool:
    """Return whether a whole line is the signature of a desk; meant for the last lines of a text.

    A signature is initials (এমএইচ/জেআইএম), names and initials (রহিম উদ্দিন/এফএ), or a name after that of a
    paper, place or agency.
    """
    line = line.strip().strip("()[]")
    if not 0 < len(line) <= _LONGEST_SIGNATURE:
        return False
    line = normalize(line)
    parts = [part.strip() for part in line.split("/") if part.strip()]
    if len(parts) > 1 and agency_code(parts[0]):
        return not all(map(agency_code, parts)) and " " not in line
    if not parts or _NOT_IN_SIGNATURES.search(line):
        return False
    return _are_signatures(parts) if "/" in line else _is_spelled_name(line)


def _is_spelled_name(line: str) -> bool:
    is_known = line in _ABBREVIATIONS or agency_code(line) is not None
    return len(line) > 3 and not is_known and _SPELLED_ALONE.fullmatch(line) is not None


def _are_signatures(parts: list[str]) -> bool:
    if any(len(part.split()) > 4 for part in parts):
        return False
    if any(_SPELLED.fullmatch(part) and part not in _ABBREVIATIONS for part in parts):
        return True
    names_employer = fold(parts[0]) in PAPERS or is_place(parts[0])
    return names_employer and len(parts) > 1 and not any(map(is_place, parts[1:]))
