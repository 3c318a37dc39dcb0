"""Map the sections of Bengali outlets, slugs and names alike, to scopes, IPTC Media Topics and genres."""

import re
from collections import defaultdict
from functools import lru_cache
from typing import TypeVar
from urllib.parse import unquote

from crawler.bengali.places import is_district
from crawler.bengali.text import data_beside, fold, nfc, words
from crawler.model.article import Scope

# These genres are formats and not sections: their articles can be of any place.
_FORMATS = frozenset({"photo", "video"})

# Outlets repeat their section words, a few hundred each, on every page.
_CACHED_WORDS = 2048
_Value = TypeVar("_Value")


def _index(table: dict[_Value, str]) -> dict[str, list[_Value]]:
    """Return the values of a table by the folded names in it."""
    index = defaultdict[str, list[_Value]](list)
    for value, names in table.items():
        for name in words(names):
            index[fold(name)].append(value)
    return index


_DATA = data_beside(__file__)
_SCOPES: dict[str, list[Scope]] = _index(_DATA["scopes"])
_TOPICS: dict[str, list[str]] = _index(_DATA["topics"])
_GENRES: dict[str, list[str]] = _index(_DATA["genres"])
_STEP_SEPARATOR = re.compile(r"[/>›»→|]+")
_CONJUNCTIONS = re.compile(nfc(r"\s+(?:ও|এবং|and|&)\s+|-and-|[,;&+]"))

# Words that outlets add to the name of a section: খেলার খবর, সর্বশেষ রাজনীতি. `tp` marks the printed edition.
_PADDING = re.compile(
    nfc(r"(?:এর|র)?(?:খবর|সংবাদ|নিউজ|জগত্|জগত|দুনিয়া|পাতা|news|(?:19|20)\d\d)$|^(?:সর্বশেষ|আজকের|latest|tp(?=[a-z]))")
)

# Words beside the name of a district: নাটোর জেলা, বৃহত্তর চট্টগ্রাম.
_ADMINISTRATIVE = re.compile(nfc(r"^(?:বৃহত্তর|greater)|(?:বিভাগ|জেলা|মহানগর|division|district)$"))


@lru_cache(maxsize=_CACHED_WORDS)
def scope_of(word: str) -> Scope | None:
    """Return the scope of a section's slug, path or name, or None if it is unknown.

    The first known step of a path decides. The names of districts and divisions are local.
    """
    for step in _steps(word):
        scopes = _look_up(step, _SCOPES)
        if scopes:
            return scopes[0]
        if is_district(_ADMINISTRATIVE.sub("", fold(step))):
            return "local"
    return None


@lru_cache(maxsize=_CACHED_WORDS)
def topics_of(word: str) -> tuple[str, ...]:
    """Return the IPTC Media Topics of a section's slug, path or name, such as `medtop:11000000`."""
    codes = [code for step in _steps(word) for code in _look_up(step, _TOPICS)]
    return tuple(f"medtop:{code}" for code in dict.fromkeys(codes))


@lru_cache(maxsize=_CACHED_WORDS)
def genre_of(word: str) -> str:
    """Return the genre of a section's slug, path or name; `news` if it is unknown.

    The last known step of a path decides.
    """
    for step in reversed(_steps(word)):
        genres = _look_up(step, _GENRES)
        if genres:
            return genres[0]
    return "news"


def is_section(word: str) -> bool:
    """Return whether a word names a known section; photo and video are formats, not sections."""
    return bool(scope_of(word)) or _has_topic_or_genre(word)


def is_other(word: str) -> bool:
    """Return whether a word names a known section other than the national one: sport, world, opinion, a district."""
    scope = scope_of(word)
    return scope != "national" if scope else _has_topic_or_genre(word)


def _has_topic_or_genre(word: str) -> bool:
    return bool(topics_of(word)) or genre_of(word) not in {"news", *_FORMATS}


def _steps(word: str) -> list[str]:
    return list(filter(fold, _STEP_SEPARATOR.split(unquote(word))))


def _look_up(step: str, index: dict[str, list[_Value]]) -> list[_Value]:
    """Return the values of a step, else those of the step without padding, else those of its parts."""
    key = fold(step).rstrip("ঃ")
    if found := index.get(key) or index.get(_PADDING.sub("", key)):
        return found
    parts = _CONJUNCTIONS.split(step.strip())
    return [value for part in parts for value in _look_up(part, index)] if len(parts) > 1 else []
