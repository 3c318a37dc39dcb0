"""Words of a text as search compares them: folded, with the stems that they may have.

Endings are those of nouns: articles, plurals, cases, and the particles ও and ই. Without a dictionary, সড়কে may be সড়ক
with ে or সড় with কে, and ছেলের may come from ছেলে or ছেল. So a word has several stems, itself among them, and two words
match if they share one. Verbs match in the same form only.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from crawler.bengali.text import fold, normalize, words

# Letters and numbers are `\w`, as is the underscore, but marks are not. Joiners do not end a word.
_MARKS = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M")
_WORD = re.compile(rf"\w[\w{_MARKS}\u200c\u200d]*")
# Junk such as encoded data is cut.
LENGTH = 64
# Most words of a text are among the words of the texts before.
CACHED = 1 << 16

_ANYWHERE = words(
    "টি টির টিকে টিতে টা টার টাকে টায় গুলো গুলোর গুলোকে গুলোতে গুলোয় গুলি গুলির গুলিকে গুলিতে সমূহ সমূহের সমূহে সমূহকে রা দের দেরকে কে সহ"
)
_AFTER_VOWEL = words("র তে য় য়ে য়ের য়েরা য়েদের য়েদেরকে")
_AFTER_CONSONANT = words("ে ের েরা েদের েদেরকে")
_PARTICLES = frozenset(words("ও ই"))
# By the last letter: each ending, and whether it follows a vowel (True), a consonant (False) or both (None).
_ENDINGS: dict[str, list[tuple[str, bool | None]]] = {}
for _endings, _follows in ((_ANYWHERE, None), (_AFTER_VOWEL, True), (_AFTER_CONSONANT, False)):
    for _ending in _endings:
        _ENDINGS.setdefault(_ending[-1], []).append((_ending, _follows))
_VOWELS = frozenset("ািীুূৃেৈোৌঅআইঈউঊএঐওঔ")
_HASANTA, _CANDRABINDU = "\u09cd", "\u0981"
# Endings of both kinds follow it, above all those of vowels: শুটিংয়ের.
_ANUSVARA = "\u0982"
# শান্তর, আল্লাহর. But a double consonant is within a word: উত্তর is no form of উত্ত.
_UNWRITTEN_VOWEL = re.compile(rf"(?:(.){_HASANTA}(?!\1).|াহ)$")
_LETTER = re.compile(r"[^\W\d_]")
# ত্ at the end of a stem is a folded ৎ.
_KHANDA_TA = "ত" + _HASANTA


def search_words(text: str) -> list[str]:
    """Return the words of a text, folded: copies that differ in joiners, nukta form or digit script are equal."""
    return list(filter(None, map(_folded, _WORD.findall(normalize(text).replace("_", " ")))))


def placed_words(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the start, the end and the folded form of each word of a normalized text."""
    for match in _WORD.finditer(text.replace("_", " ")):
        if word := _folded(match[0]):
            yield *match.span(), word


def places_of(text: str, wanted: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of each word of a normalized text that may have one of these stems."""
    # A stem is the beginning of a word. Few words begin with such a letter, and only these are folded whole. A mark may
    # compose with the first letter.
    beginnings, letters = tuple(wanted), {stem[0] for stem in wanted}
    answers: dict[str, bool] = {}
    for match in _WORD.finditer(text.replace("_", " ")):
        word = match[0]
        if word not in answers:
            may_have = _folded(word[:2])[:1] in letters and _folded(word).startswith(beginnings)
            answers[word] = may_have and not wanted.isdisjoint(stems_of(_folded(word)))
        if answers[word]:
            yield match.span()


def stems(text: str) -> list[str]:
    """Return the stems that the words of a text may have, in their order."""
    return [stem for word in search_words(text) for stem in stems_of(word)]


@lru_cache(CACHED)
def stems_of(word: str) -> tuple[str, ...]:
    """Return the stems that a folded word may have, itself first."""
    found = [word, *_without_ending(word)]
    if word[-1] in _PARTICLES and _is_stem(left := word[:-1]):
        found += [left, *_without_ending(left)]
    # বিদ্যুৎ has the stem of বিদ্যুতের.
    return tuple(dict.fromkeys(stem.removesuffix(_HASANTA) or stem for stem in found))


def _without_ending(word: str) -> Iterator[str]:
    """Yield the word without each ending that it may have."""
    for ending, follows_vowel in _ENDINGS.get(word[-1], ()):
        stem = word.removesuffix(ending)
        fits = follows_vowel is None or _ends_with_vowel(stem, ending) in (follows_vowel, None)
        if fits and stem != word and _is_stem(stem):
            yield stem


def _ends_with_vowel(stem: str, ending: str) -> bool | None:
    """Return whether a stem ends with a vowel before an ending; None if endings of both kinds may follow."""
    last = stem.rstrip(_CANDRABINDU)[-1:]
    # Letters of another script do not show their sound.
    if stem.isascii() or last == _ANUSVARA:
        return None
    return last in _VOWELS or (ending == "র" and _UNWRITTEN_VOWEL.search(stem) is not None)


def _is_stem(text: str) -> bool:
    """Return whether a text is a number, or has at least two letters and ends with a syllable."""
    if text.isdecimal():
        return True
    return (text[-1:] != _HASANTA or text.endswith(_KHANDA_TA)) and len(_LETTER.findall(text)) > 1


@lru_cache(CACHED)
def _folded(word: str) -> str:
    return fold(word)[:LENGTH]
