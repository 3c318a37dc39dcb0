"""The initials with which a desk signs the end of a text: এমএইচ/জেআইএম."""

from __future__ import annotations

import re

from crawler.bengali.bylines.services import agency_code
from crawler.bengali.bylines.vocabulary import PAPERS
from crawler.bengali.places import is_place
from crawler.bengali.text import any_of, fold, normalize, words

# The names of the English letters, as Bengali spells abbreviations.
_LETTER_NAMES = any_of(
    words("এ বি সি ডি ই এফ জি এইচ আই জে কে এল এম এন ও পি কিউ আর এস টি ইউ ভি ডব্লিউ ডাব্লিউ এক্স ওয়াই জেড জেট")
)
_SPELLED = re.compile(rf"{_LETTER_NAMES}(?:[ .]?{_LETTER_NAMES})*\.?|[A-Z]{{1,5}}")
_ALONE = re.compile(rf"{_LETTER_NAMES}(?:\.?{_LETTER_NAMES}){{1,5}}\.?")
_ABBREVIATIONS = frozenset(
    words("বিএনপি এনসিপি সিপিবি এলডিপি বিজেপি সিটি টিভি এমপি ওসি ডিসি এসপি আইজিপি ডিআইজি বিসিবি আইসিসি")
)
_NO_SIGNATURE = re.compile("[0-9\u09e6-\u09ef।?!:;,]")
_LONGEST = 60


def is_initials(line: str) -> bool:
    """Say whether a whole line signs for a desk; meant for the last lines of a text.

    Initials, names before them (রহিম উদ্দিন/এফএ), or a name after that of a paper, place or agency.
    """
    line = line.strip().strip("()[]")
    if not 0 < len(line) <= _LONGEST:
        return False
    line = normalize(line)
    parts = [part.strip() for part in line.split("/") if part.strip()]
    if len(parts) > 1 and agency_code(parts[0]):
        return not all(map(agency_code, parts)) and " " not in line
    if not parts or _NO_SIGNATURE.search(line):
        return False
    return _are_signatures(parts) if "/" in line else _is_spelled_name(line)


def _is_spelled_name(line: str) -> bool:
    known = line in _ABBREVIATIONS or agency_code(line) is not None
    return len(line) > 3 and not known and _ALONE.fullmatch(line) is not None


def _are_signatures(parts: list[str]) -> bool:
    if any(len(part.split()) > 4 for part in parts):
        return False
    if any(_SPELLED.fullmatch(part) and part not in _ABBREVIATIONS for part in parts):
        return True
    signed_for = fold(parts[0]) in PAPERS or is_place(parts[0])
    return signed_for and len(parts) > 1 and not any(map(is_place, parts[1:]))
