"""Recognise names of persons, and the initials with which desks sign the end of a text (এমএইচ/জেআইএম)."""

import re

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
    agency_code,
)
from crawler.bengali.places import is_place
from crawler.bengali.text import any_of, fold, normalize, word_set, words

# The letters of names in both scripts, with accents and the signs of initials and double names.
_WORD = r"[a-zA-Z\u0980-\u09e3\u09f0\u09f1\u200c\u200d\u00c0-\u024f’':.\-–]+"
_NAME = re.compile(rf"{_WORD}(?: {_WORD}){{0,7}}")
_NOT_IN_NAMES = SENTENCE_WORDS | HEADLINE_WORDS | PAGE_WORDS

# The names of the English letters, with which Bengali spells abbreviations.
_LETTER_NAMES = any_of(
    words("এ বি সি ডি ই এফ জি এইচ আই জে কে এল এম এন ও পি কিউ আর এস টি ইউ ভি ডব্লিউ ডাব্লিউ এক্স ওয়াই জেড জেট")
)
_SPELLED = re.compile(rf"{_LETTER_NAMES}(?:[ .]?{_LETTER_NAMES})*\.?|[A-Z]{{1,5}}")
_SPELLED_ALONE = re.compile(rf"{_LETTER_NAMES}(?:\.?{_LETTER_NAMES}){{1,5}}\.?")

# Parties, offices and boards in the news whose abbreviations look like initials.
_ABBREVIATIONS = word_set("বিএনপি এনসিপি সিপিবি এলডিপি বিজেপি সিটি টিভি এমপি ওসি ডিসি এসপি আইজিপি ডিআইজি বিসিবি আইসিসি")
_NOT_IN_SIGNATURES = re.compile("[0-9\u09e6-\u09ef।?!:;,]")

# A longer line is a sentence.
_LONGEST_SIGNATURE = 60

# Words of the longest name in a signature, with titles: মো. আশফাক রহমান খান.
_MOST_SIGNATURE_WORDS = 4

# Longer lines of spelled letters are initials; shorter ones are also words (এই, আর).
_LONGEST_SPELLED_WORD = 3

# A word with more characters counts as long. Short words of names are titles, initials and particles (মো., এ কে, দে).
_LONGEST_SHORT_WORD = 3

# Long words of the longest names. More than three, without a common name among them, are a headline.
_MOST_LONG_WORDS, _MOST_LONG_WORDS_WITHOUT_COMMON_NAME = 5, 3

# A single word with fewer letters and signs is not a name.
_SHORTEST_NAME = 3


def is_name(name: str) -> bool:
    """Return whether a text can be a person's name.

    A single word is a name only in Bengali script; in Latin script it is a login.
    """
    names = name.split()
    long_words = count_long_words(name)
    # Word look-ups come first because they are faster than patterns.
    if long_words > _MOST_LONG_WORDS or not _NOT_IN_NAMES.isdisjoint(name.lower().split()):
        return False
    if not _NAME.fullmatch(name) or MEDIA_WORD.search(name) or ORGANISATION_WORD.search(name):
        return False
    is_long = long_words > _MOST_LONG_WORDS_WITHOUT_COMMON_NAME
    if is_long and not name.isascii() and COMMON_NAMES.isdisjoint(names):
        return False
    if any(INFLECTED.fullmatch(word) and word not in NAMES_LIKE_INFLECTED for word in names):
        return False
    if name.isascii():
        return len(names) > 1 and name.lower() != name
    return len(names) > 1 or len(fold(name)) >= _SHORTEST_NAME


def count_long_words(text: str) -> int:
    """Return the number of words that are too long for titles, initials and particles of names."""
    return sum(len(word) > _LONGEST_SHORT_WORD for word in text.split())


def is_initials(line: str) -> bool:
    """Return whether a whole line, one of the last of a text, is the signature of a desk.

    A signature has initials (এমএইচ/জেআইএম), names and initials (রহিম উদ্দিন/এফএ), or a newspaper, place or agency and
    a name (ঢাকা/নাজনীন).
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
    return len(line) > _LONGEST_SPELLED_WORD and not is_known and _SPELLED_ALONE.fullmatch(line) is not None


def _are_signatures(parts: list[str]) -> bool:
    if any(len(part.split()) > _MOST_SIGNATURE_WORDS for part in parts):
        return False
    if any(_SPELLED.fullmatch(part) and part not in _ABBREVIATIONS for part in parts):
        return True
    begins_with_employer = fold(parts[0]) in PAPERS or is_place(parts[0])
    return begins_with_employer and len(parts) > 1 and not any(map(is_place, parts[1:]))
