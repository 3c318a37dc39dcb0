"""Detect the language of a text by its scripts first, and by letters and common words second."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from crawler.bengali.text import nfc, word_set

_BENGALI = re.compile("[\u0980-\u09ff]")
_NOT_BENGALI = re.compile(
    f"[^{''.join(c for c in map(chr, range(0x0980, 0x0A00)) if unicodedata.category(c)[0] in 'LM')}]+"
)
_WORD = re.compile("[a-zA-Z\u0980-\u09e3\u09f0\u09f1\u200c\u200d’']+")
_ASSAMESE_WORDS = word_set(
    "হৈছে হৈছিল হ’ব হ'ব কৈছে কৈছিল লৈছে তেওঁ তেওঁলোক তেওঁলোকে পাছত মাজত লগত নহয় হৈ আহিছে গৈছে নাছিল সকলো বাবে এজন"
)
_BENGALI_WORDS = word_set("হয়েছে করে তার তাঁর থেকে এবং ছিল বলেন জন্য তিনি হবে পর না এই একটি করা নিয়ে সঙ্গে বলেছেন হয় ও কথা হয়ে")
_ENGLISH_WORDS = word_set(
    "the of to and in a is for that on was with said as by at from it be are has have he his an this will"
)

# How many times as many letters of one language than of the other decide without common words.
_CLEAR_MAJORITY = 4

# Text typed with Bijoy's keyboard for its fonts (SutonnyMJ and others) has these signs beside Latin letters, and
# capitals inside words. Signs that other languages use too (« ¿ “ •) are no evidence.
_SIGN = "†‡ˆ‰Š‹Œ¨©ª¬¯±²³´µ¶·¸¹¼¾¢¤¥¦®~"
_LEGACY_WORD = re.compile(rf"[A-Za-z`&][{_SIGN}Ö×ÿ]|[{_SIGN}][A-Za-z`]")
_LEGACY_SIGN = re.compile(rf"[{_SIGN}Ö×ÿ]")
_CAPITAL_INSIDE = re.compile("[a-z`][A-Z]")
_FEWEST_LEGACY_WORDS = 4


@lru_cache(maxsize=2)
def bengali_share(text: str) -> float:
    """Return the share of Bengali letters and marks (U+0980 to U+09FF) among all, 0 to 1; 0 if there are none."""
    # This search takes a tenth of the time of the count.
    if not _BENGALI.search(text):
        return 0.0
    rest = "".join(_NOT_BENGALI.findall(text))
    others = sum(n for c, n in Counter(rest).items() if unicodedata.category(c)[0] in "LM")
    bengali = len(text) - len(rest)
    return bengali / (bengali + others) if bengali else 0.0


def language(text: str) -> str:
    """Return the BCP 47 code of a text's language: `bn`, `as`, `en`, or `und` for all others."""
    text = nfc(text)
    if bengali_share(text) >= 0.5:
        return "as" if _is_assamese(text) else "bn"
    found = _WORD.findall(text)
    latin = [word for word in found if word[0].isascii()]
    common = sum(map(_ENGLISH_WORDS.__contains__, map(str.lower, latin)))
    return "en" if len(latin) * 2 > len(found) and common * 12 >= len(latin) > 0 else "und"


def is_mixed(text: str) -> bool:
    """Return whether Bengali and other scripts each have at least three tenths of a text's letters."""
    return 0.3 <= bengali_share(text) <= 0.7


def _is_assamese(text: str) -> bool:
    """Return whether a text in Bengali script is Assamese, which has ৰ and ৱ but no র; common words decide if close."""
    assamese, bengali = text.count("\u09f0") + text.count("\u09f1"), text.count("\u09b0")
    if max(assamese, bengali) > _CLEAR_MAJORITY * min(assamese, bengali):
        return assamese > bengali
    found = _WORD.findall(text)
    common = sum(word in _ASSAMESE_WORDS for word in found)
    return common > 1 and common + assamese > sum(word in _BENGALI_WORDS for word in found) + bengali


def is_legacy(text: str, font_named: bool = False) -> bool:
    """Return whether a text was typed for Bijoy's fonts, which show Bengali letters for Latin ones.

    `font_named`: the page names such a font, so less evidence is enough.
    """
    if _LEGACY_SIGN.search(text) is None:
        return False
    found = text.split()
    few = len(_LEGACY_SIGN.findall(text)) <= 0.2 * len(found)
    if few or len(found) < _FEWEST_LEGACY_WORDS or bengali_share(text) > 0.3:
        return False
    signed = sum(_LEGACY_WORD.search(word) is not None for word in found) / len(found)
    if signed <= 0.2:
        return False
    shaped = sum(_CAPITAL_INSIDE.search(word) is not None for word in found) / len(found)
    return signed + shaped > (0.2 if font_named else 0.4)
