"""Bengali text in one stated Unicode form, its folded form for digests and search, and its language."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

ZWNJ, ZWJ = "\u200c", "\u200d"
HASANTA, NUKTA, KHANDA_TA = "\u09cd", "\u09bc", "\u09ce"

_DROPPED = [
    *range(0x00, 0x09),
    *range(0x0E, 0x20),
    *(0x7F, 0xAD, 0x34F, 0x61C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFE0E, 0xFE0F, 0xFEFF),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2065),
    *range(0x2066, 0x2070),
]
_SPACES = [0x09, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000]
_LINE_ENDS = [0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029]
_REPLACED = {
    **dict.fromkeys(map(chr, _DROPPED), ""),
    **dict.fromkeys(map(chr, _SPACES), " "),
    **dict.fromkeys(map(chr, _LINE_ENDS), "\n"),
    "\u09f7": "\u0964",  # the currency numerator ৷, typed for the danda
}
_UNWANTED = re.compile("[" + "".join(map(re.escape, _REPLACED)) + "]")

_CONSONANTS = "\u0995-\u09b9\u09f0\u09f1"
_SIGNS = "\u0981-\u0983\u09be-\u09cc\u09d7"
_JOINERS = re.compile("[\u200c\u200d]+")
_OLD_KHANDA_TA = re.compile("\u09a4\u200c*\u200d*\u09cd\u200c*\u200d[\u200c\u200d]*")
_OLD_RA_YAPHALA = re.compile("([\u09b0\u09f0])[\u200c\u200d]*\u09cd\u200c*\u200d[\u200c\u200d]*(?=\u09af)")
_LATE_NUKTA = re.compile(f"[{_SIGNS}{NUKTA}]{NUKTA}")
_NUKTA_AMONG_SIGNS = re.compile(f"([{_CONSONANTS}])([{_SIGNS}{NUKTA}]*{NUKTA}[{_SIGNS}{NUKTA}]*)")
_CONSONANT = re.compile(f"[{_CONSONANTS}]")
_EMOJI = re.compile("[\u2190-\u2bff\U0001f000-\U0001faff]")
# Scripts in which joiners spell: Arabic, Syriac and their neighbours, the other Indic scripts.
_OTHER_JOINING = re.compile("[\u0600-\u08ff\u0900-\u097f\u0a00-\u0dff]")


def nfc(text: str) -> str:
    """Return the NFC form, in which ড় ঢ় য় are always two characters; for words and patterns in code."""
    return unicodedata.normalize("NFC", text)


def patterns(*expressions: str, flags: int = 0) -> re.Pattern[str]:
    """Return one compiled pattern that matches any of the expressions, NFC like the text it will meet."""
    return re.compile("|".join(map(nfc, expressions)), flags)


def words(text: str) -> tuple[str, ...]:
    """Return the NFC words of a list written with spaces; an underscore stands for a space in a word."""
    return tuple(word.replace("_", " ") for word in nfc(text).split())


def any_of(alternatives: Iterable[str]) -> str:
    """Return a regular expression, without a group's name, for any of the words; longest first."""
    ordered = sorted({nfc(word) for word in alternatives}, key=len, reverse=True)
    return "(?:" + "|".join(map(re.escape, ordered)) + ")"


def normalize(text: str) -> str:
    """Return `text` in the archive's form: NFC, meaningful joiners kept, invisible characters dropped.

    Line ends become `\\n` and stay; quotes, dashes, digits, ৳ and pipes are untouched. Idempotent.
    """
    text = nfc(_UNWANTED.sub(_replacement, text.replace("\r\n", "\n")))
    if ZWJ in text or ZWNJ in text:
        settled = _settle_joiners(text)
        text = text if settled == text else nfc(settled)
    return _with_nukta_in_place(text)


def _with_nukta_in_place(text: str) -> str:
    return nfc(_NUKTA_AMONG_SIGNS.sub(_nukta_first, text)) if _LATE_NUKTA.search(text) else text


def _replacement(match: re.Match[str]) -> str:
    return _REPLACED[match[0]]


def _settle_joiners(text: str) -> str:
    text = _OLD_KHANDA_TA.sub(KHANDA_TA, text)
    text = _OLD_RA_YAPHALA.sub(rf"\1{ZWJ}{HASANTA}", text)
    return _JOINERS.sub(_kept_joiner, text)


def _kept_joiner(match: re.Match[str]) -> str:
    """Return the joiner a run stands for: research §2.2 says where one changes what is read."""
    text, start, end = match.string, match.start(), match.end()
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    if before in {"\u09b0", "\u09f0"} and text.startswith(HASANTA + "\u09af", end):
        return ZWJ
    if before == HASANTA and _CONSONANT.match(after):
        return ZWNJ if ZWNJ in match[0] else ZWJ
    if _EMOJI.match(before) and _EMOJI.match(after):
        return ZWJ if ZWJ in match[0] else ""
    if _OTHER_JOINING.match(before) and _OTHER_JOINING.match(after):
        return match[0][0]
    return ""


def _nukta_first(match: re.Match[str]) -> str:
    return match[1] + NUKTA + match[2].replace(NUKTA, "")


class _Folding(dict[int, str | None]):
    """A translation table that decides on each character when it first meets it."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        kept: str | None = character
        if unicodedata.category(character) == "Nd":
            kept = str(unicodedata.decimal(character))
        elif unicodedata.category(character)[0] not in "LMN":
            kept = None
        self[code] = kept
        return kept


# Copies that lost their joiners have ত্ where others have ৎ.
_FOLDING = _Folding({ord(KHANDA_TA): "\u09a4\u09cd"})


def fold(text: str) -> str:
    """Return letters, marks and ASCII digits only, in lower case: equal for copies that differ in joiners,
    spaces, punctuation, digit script, case or nukta form."""
    return _with_nukta_in_place(nfc(normalize(text).casefold().translate(_FOLDING)))


def _counts(text: str) -> tuple[Counter[str], int]:
    counts = Counter(text)
    return counts, sum(n for character, n in counts.items() if unicodedata.category(character)[0] in "LM")


def bengali_share(text: str) -> float:
    """Return the share of U+0980 to U+09FF among letters and marks, 0 to 1; 0 for a text with neither."""
    counts, total = _counts(text)
    bengali = sum(
        n
        for character, n in counts.items()
        if "\u0980" <= character <= "\u09ff" and unicodedata.category(character)[0] in "LM"
    )
    return bengali / total if total else 0.0


_WORD = re.compile("[a-zA-Z\u0980-\u09e3\u09f0\u09f1\u200c\u200d’']+")
_ASSAMESE_WORDS = frozenset(
    words("হৈছে হৈছিল হ’ব হ'ব কৈছে কৈছিল লৈছে তেওঁ তেওঁলোক তেওঁলোকে পাছত মাজত লগত নহয় হৈ আহিছে গৈছে নাছিল সকলো")
)
_BENGALI_WORDS = frozenset(
    words("হয়েছে করে তার তাঁর থেকে এবং ছিল বলেন জন্য তিনি হবে পর না এই একটি করা নিয়ে সঙ্গে বলেছেন হয় ও কথা হয়ে")
)
_ENGLISH_WORDS = frozenset(
    words("the of to and in a is for that on was with said as by at from it be are has have he his an this will")
)


def language(text: str) -> str:
    """Return `bn`, `as`, `en` or `und`, by the share of scripts first and common words second."""
    text = nfc(text)
    if bengali_share(text) >= 0.5:
        return "as" if _is_assamese(text) else "bn"
    found = [word.lower() for word in _WORD.findall(text)]
    latin = [word for word in found if word[0].isascii()]
    common = sum(word in _ENGLISH_WORDS for word in latin)
    return "en" if len(latin) * 2 > len(found) and common * 12 >= len(latin) > 0 else "und"


def _is_assamese(text: str) -> bool:
    """ৰ never occurs in Bengali, র never in Assamese; short texts without either are told by their words."""
    ro_assamese, ro_bengali = text.count("\u09f0") + text.count("\u09f1"), text.count("\u09b0")
    if ro_assamese or ro_bengali:
        return ro_assamese > ro_bengali
    found = _WORD.findall(text)
    assamese = sum(word in _ASSAMESE_WORDS for word in found)
    return assamese > 1 and assamese > sum(word in _BENGALI_WORDS for word in found)
