"""What can be a person's name, and what is none for all its looks."""

from __future__ import annotations

import re

from crawler.bengali.bylines.vocabulary import (
    COMMON_NAMES,
    HEADLINE_WORDS,
    INFLECTED,
    MEDIA_WORD,
    NAMES_LIKE_INFLECTED,
    ORGANISATION_WORD,
    PAGE_WORDS,
    SENTENCE_WORDS,
)
from crawler.bengali.sections import genre_of, scope_of, topics_of
from crawler.bengali.text import fold

_WORD = r"[a-zA-Z\u0980-\u09e3\u09f0\u09f1\u200c\u200d\u00c0-\u024f’':.\-–]+"
_NAME = re.compile(rf"{_WORD}(?: {_WORD}){{0,7}}")
_NO_NAMES = SENTENCE_WORDS | HEADLINE_WORDS | PAGE_WORDS


def is_name(name: str) -> bool:
    """Say whether a text can be a person's name; one word alone only in Bengali: others are logins."""
    names = name.split()
    long = sum(len(word) > 3 for word in names)
    # To look for words takes less time than to look for patterns.
    if long > 5 or not _NO_NAMES.isdisjoint(name.lower().split()):
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


def is_section(name: str) -> bool:
    """Say whether a text is the name of a section, whatever person could be called so."""
    return bool(scope_of(name) or topics_of(name)) or genre_of(name) != "news"
