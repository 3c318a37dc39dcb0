"""The outlets' section words, slugs and Bengali names alike, to scope, IPTC Media Topics and genre."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar
from urllib.parse import unquote

from crawler.bengali.places import is_district
from crawler.bengali.section_words import GENRES, SCOPES, TOPICS
from crawler.bengali.text import fold, nfc, words
from crawler.bengali.values import Scope

# Formats, not sections: they say nothing of where the news is from.
_FORMATS = frozenset({"photo", "video"})

# Sites have a few hundred section words, and say them on every page.
_WORDS = 2048

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class _Step:
    """A word, or one of several parted by slashes: folded, as it is looked up, and the parts of an enumeration."""

    folded: str
    keys: tuple[str, str]
    parts: tuple[_Step, ...]


def _index(table: dict[Value, str]) -> dict[str, list[Value]]:
    """Return folded word → the values it stands under."""
    index: dict[str, list[Value]] = {}
    for value, names in table.items():
        for name in words(names):
            values = index.setdefault(fold(name), [])
            if value not in values:
                values.append(value)
    return index


_SCOPE_INDEX, _TOPIC_INDEX, _GENRE_INDEX = _index(SCOPES), _index(TOPICS), _index(GENRES)
_STEPS = re.compile(r"[/>›»→|]+")
_CONJUNCTIONS = re.compile(nfc(r"\s+(?:ও|এবং|and|&)\s+|-and-|[,;&+]"))
_PADDING = re.compile(
    nfc(r"(?:এর|র)?(?:খবর|সংবাদ|নিউজ|জগত্|জগত|দুনিয়া|পাতা|news|(?:19|20)\d\d)$|^(?:সর্বশেষ|আজকের|latest|tp(?=[a-z]))")
)
_ADMINISTRATIVE = re.compile(nfc(r"^(?:বৃহত্তর|greater)|(?:বিভাগ|জেলা|মহানগর|division|district)$"))


@lru_cache(maxsize=_WORDS)
def scope_of(word: str) -> Scope | None:
    """Return the scope a section's slug, path or name states; the first step of a path decides."""
    for step in _steps(word):
        scopes = _found(step, _SCOPE_INDEX.get)
        if scopes:
            return scopes[0]
        if is_district(_ADMINISTRATIVE.sub("", step.folded)):
            return "local"
    return None


def topics_of(word: str) -> list[str]:
    """Return the IPTC Media Topics (`medtop:11000000`) a section's slug, path or name stands for."""
    return list(_topics(word))


@lru_cache(maxsize=_WORDS)
def _topics(word: str) -> tuple[str, ...]:
    codes = [code for step in _steps(word) for code in _found(step, _TOPIC_INDEX.get)]
    return tuple(f"medtop:{code}" for code in dict.fromkeys(codes))


@lru_cache(maxsize=_WORDS)
def genre_of(word: str) -> str:
    """Return the genre of a section; `news` where it states none. The last step of a path is the nearest."""
    for step in reversed(_steps(word)):
        genres = _found(step, _GENRE_INDEX.get)
        if genres:
            return genres[0]
    return "news"


def is_other(word: str) -> bool:
    """Say whether a word names a known section that is not national: sport, world, opinion, a district."""
    scope = scope_of(word)
    if scope:
        return scope != "national"
    return bool(topics_of(word)) or genre_of(word) not in {"news", *_FORMATS}


@lru_cache(maxsize=_WORDS)
def _steps(word: str) -> tuple[_Step, ...]:
    # Kept, for scope, topics and genre are asked of the same words.
    return tuple(step for step in map(_step, _STEPS.split(unquote(word))) if step.folded)


def _step(text: str) -> _Step:
    folded = fold(text)
    key = folded.rstrip("ঃ")
    parts = _CONJUNCTIONS.split(text.strip())
    return _Step(folded, (key, _PADDING.sub("", key)), tuple(map(_step, parts)) if len(parts) > 1 else ())


def _found(step: _Step, look_up: Callable[[str], list[Value] | None]) -> list[Value]:
    """Look a step up whole, then without words like খবর, then each part of an enumeration."""
    found = next(filter(None, map(look_up, step.keys)), None)
    return found or [value for part in step.parts for value in _found(part, look_up)]
