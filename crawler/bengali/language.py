"""Detect the language of a text by its script, its letters and its common words."""

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

# Frequent words of news. The other language has few of them, because it spells them otherwise (হৈছে, হয়েছে).
_ASSAMESE_WORDS = word_set(
    "হৈছে হৈছিল হ’ব হ'ব কৈছে কৈছিল লৈছে তেওঁ তেওঁলোক তেওঁলোকে পাছত মাজত লগত নহয় হৈ আহিছে গৈছে নাছিল সকলো বাবে এজন"
)
_BENGALI_WORDS = word_set("হয়েছে করে তার তাঁর থেকে এবং ছিল বলেন জন্য তিনি হবে পর না এই একটি করা নিয়ে সঙ্গে বলেছেন হয় ও কথা হয়ে")

# The most frequent words of English.
_ENGLISH_WORDS = word_set(
    "the of to and in a is for that on was with said as by at from it be are has have he his an this will"
)

# An English text has a common word among this many Latin words. Running English has one among six or fewer; German and
# romanized Bengali have hardly any.
_WORDS_PER_COMMON_WORD = 12

# A text is in Bengali script from this share of Bengali letters.
_LEAST_BENGALI = 0.5

# The shares of Bengali letters of a mixed text. Foreign names and quotations stay below three tenths.
_LEAST_MIXED, _MOST_MIXED = 0.3, 0.7

# If one language has this many times the letters of the other, common words are not counted. Quoted names have a few
# letters of the other language.
_CLEAR_MAJORITY = 4

# A single common word may be a name or a quotation.
_FEWEST_COMMON_WORDS = 2

# Text that was typed for the fonts of Bijoy (SutonnyMJ and others) has these signs beside Latin letters, and capitals
# inside words. Signs that other languages use too (« ¿ “ •) are no evidence.
_LEGACY_SIGNS = "†‡ˆ‰Š‹Œ¨©ª¬¯±²³´µ¶·¸¹¼¾¢¤¥¦®~"
_LEGACY_WORD = re.compile(rf"[A-Za-z`&][{_LEGACY_SIGNS}Ö×ÿ]|[{_LEGACY_SIGNS}][A-Za-z`]")
_LEGACY_SIGN = re.compile(rf"[{_LEGACY_SIGNS}Ö×ÿ]")
_CAPITAL_INSIDE = re.compile("[a-z`][A-Z]")

# A shorter text may be a formula or a part number.
_FEWEST_LEGACY_WORDS = 4

# Text for Bijoy has more signs a word than this, and a larger share of words with a sign beside a letter. It has about
# one sign a word, and one beside a letter in more than half of its words; other languages have hardly any there.
_LEAST_SIGNS = 0.2

# The sum of the shares of words with signs and of words with capitals inside is larger than this: 0.8 and more in text
# for Bijoy.
_LEAST_EVIDENCE = 0.4

# A text with more Bengali letters is Unicode that quotes such signs.
_MOST_UNICODE = 0.3


# Cached because callers request the share of one text several times in a row.
@lru_cache(maxsize=2)
def bengali_share(text: str) -> float:
    """Return the share of Bengali letters and marks (U+0980 to U+09FF) among all letters and marks, 0 to 1."""
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
    if bengali_share(text) >= _LEAST_BENGALI:
        return "as" if _is_assamese(text) else "bn"
    words = _WORD.findall(text)
    latin = [word for word in words if word[0].isascii()]
    common = sum(map(_ENGLISH_WORDS.__contains__, map(str.lower, latin)))
    is_latin = len(latin) * 2 > len(words)
    return "en" if is_latin and common * _WORDS_PER_COMMON_WORD >= len(latin) else "und"


def is_mixed(text: str) -> bool:
    """Return whether Bengali and other scripts each have a large share of a text's letters."""
    return _LEAST_MIXED <= bengali_share(text) <= _MOST_MIXED


def _is_assamese(text: str) -> bool:
    """Return whether a text in Bengali script is Assamese, which has ৰ and ৱ but no র.

    If neither language has a clear majority of these letters, common words count too.
    """
    assamese, bengali = text.count("\u09f0") + text.count("\u09f1"), text.count("\u09b0")
    if max(assamese, bengali) > _CLEAR_MAJORITY * min(assamese, bengali):
        return assamese > bengali
    words = _WORD.findall(text)
    common = sum(word in _ASSAMESE_WORDS for word in words)
    is_common = common >= _FEWEST_COMMON_WORDS
    return is_common and common + assamese > sum(word in _BENGALI_WORDS for word in words) + bengali


def is_legacy(text: str) -> bool:
    """Return whether a text was typed for the fonts of Bijoy, which show Bengali letters for Latin ones."""
    if _LEGACY_SIGN.search(text) is None:
        return False
    words = text.split()
    has_few_signs = len(_LEGACY_SIGN.findall(text)) <= _LEAST_SIGNS * len(words)
    if has_few_signs or len(words) < _FEWEST_LEGACY_WORDS or bengali_share(text) > _MOST_UNICODE:
        return False
    with_sign = sum(_LEGACY_WORD.search(word) is not None for word in words) / len(words)
    if with_sign <= _LEAST_SIGNS:
        return False
    with_capital = sum(_CAPITAL_INSIDE.search(word) is not None for word in words) / len(words)
    return with_sign + with_capital > _LEAST_EVIDENCE
