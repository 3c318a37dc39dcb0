"""The vocabulary of extraction, from vocabulary.toml: the only place with words of pages in many languages."""

import re
from typing import Any

from crawler.bengali.text import data_beside, patterns, word_set

_DATA: dict[str, dict[str, Any]] = data_beside(__file__)


def tokens(name: str) -> frozenset[str]:
    """Return class names and ids, in lower case, that are compared as a whole."""
    return word_set(_DATA["tokens"][name])


def name_words(name: str) -> frozenset[str]:
    """Return words in class names and ids."""
    return word_set(_DATA["words"][name])


def meta(name: str) -> tuple[str, ...]:
    """Return the names of meta elements, the surest first."""
    return tuple(_DATA["meta"][name].split())


def keys(name: str) -> tuple[str, ...]:
    """Return keys and types of JSON, the best first."""
    return tuple(_DATA["keys"][name].split())


def line(name: str) -> re.Pattern[str]:
    """Return the pattern that matches a whole line, apart from the signs around it."""
    return patterns(rf"^\W*(?:{'|'.join(_DATA['lines'][name])})\W*$", flags=re.I)


def pattern(name: str) -> re.Pattern[str]:
    """Return the pattern that is searched in a line."""
    return patterns(*_DATA["patterns"][name], flags=re.I)
