"""Bengali text in one stated Unicode form, and its folded form for digests and search."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

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
# Looked for from its rarer end.
_LATE_NUKTA = re.compile(f"{NUKTA}(?<=[{_SIGNS}{NUKTA}].)")
_NUKTA_AMONG_SIGNS = re.compile(f"([{_CONSONANTS}])([{_SIGNS}{NUKTA}]*{NUKTA}[{_SIGNS}{NUKTA}]*)")
_CONSONANT = re.compile(f"[{_CONSONANTS}]")
_EMOJI_SIGNS = "\u2190-\u2bff\U0001f000-\U0001faff"
# Scripts in which joiners spell: Arabic, Syriac and their neighbours, the other Indic scripts.
_JOINING_LETTERS = "\u0600-\u08ff\u0900-\u097f\u0a00-\u0dff"
_EMOJI, _OTHER_JOINING = re.compile(f"[{_EMOJI_SIGNS}]"), re.compile(f"[{_JOINING_LETTERS}]")
# Joiners to respell or in a row, which `_kept_joiner` decides on; where there are none, these are the ones to drop,
# found by what stands before (the lookbehinds see the joiner too) and after them.
_IRREGULAR = re.compile(
    "[\u200c\u200d](?:[\u200c\u200d]|(?<=[\u09a4\u09b0\u09f0]\u09cd\u200d)"
    "|(?<=[\u09b0\u09f0]\u200c)(?=\u09cd\u09af)|(?<=[\u09a4\u09b0\u09f0].)(?=\u09cd[\u200c\u200d]))"
)
_JUNK_JOINER = re.compile(
    f"[\u200c\u200d](?:(?<=\u09cd.)(?![{_CONSONANTS}])|(?<=[\u09b0\u09f0].)(?!\u09cd\u09af)"
    f"|(?<=[{_EMOJI_SIGNS}]\u200c)|(?<=[{_EMOJI_SIGNS}].)(?![{_EMOJI_SIGNS}])"
    f"|(?<=[{_JOINING_LETTERS}].)(?![{_JOINING_LETTERS}])"
    f"|(?<![\u09cd\u09b0\u09f0{_EMOJI_SIGNS}{_JOINING_LETTERS}].))",
    re.DOTALL,
)
# A joiner before anything but a letter or vowel sign that composes with nothing: without it NFC may change.
_KEPT_APART = re.compile(
    "[\u200c\u200d](?![\u0980-\u09bb\u09bd\u09bf-\u09cc\u09ce-\u09d6\u09d8-\u09ff \n।,.]|\\Z"
    f"|(?<=[{_CONSONANTS}].)\u09cd)",
    re.DOTALL,
)


# What is in NFC whatever stands beside it, up to the pairs below: to see that takes a fifth of the time to settle it.
_ARABIC, _PICTURES = "\u060c\u061b\u061e-\u064a", "\U0001f300-\U0001faff"
_UNSETTLED = re.compile(
    f"[^\x00-\u02ff{_ARABIC}\u0964\u0965\u0980-\u09db\u09e0-\u09fd\u2002-\u2027\u2030-\u205e\u20a0-\u20c0{_PICTURES}]"
)
_UNSETTLED_PAIRS = ("\u09c7\u09be", "\u09c7\u09d7", HASANTA + NUKTA)
# Letters that NFC writes as two characters wherever they stand: most Bengali text has them and nothing else to settle.
_LETTERS_OF_TWO = {"\u09dc": "\u09a1" + NUKTA, "\u09dd": "\u09a2" + NUKTA, "\u09df": "\u09af" + NUKTA}


def _settled(first: int, last: int, is_wanted: Callable[[str], bool]) -> str:
    """Return, for a set in a pattern, the wanted ones among some characters that are in NFC."""
    return re.escape("".join(c for c in map(chr, range(first, last)) if is_wanted(c) and not _UNSETTLED.match(c)))


# What nearly all texts consist of: nothing to settle and nothing to replace, which one search tells.
_UNPLAIN = re.compile(f"[^{_settled(0, 0x2060, lambda character: character not in _REPLACED)}]")


def nfc(text: str) -> str:
    """Return the NFC form, in which ড় ঢ় য় are always two characters; for words and patterns in code."""
    if text.isascii() or not _has(text, _UNSETTLED):
        return text
    for letter, parts in _LETTERS_OF_TWO.items():
        text = text.replace(letter, parts)
    return unicodedata.normalize("NFC", text) if _has(text, _UNSETTLED) else text


def _has(text: str, unsettled: re.Pattern[str]) -> bool:
    """Tell a text with anything unsettled, or with one of the pairs."""
    return _has_pair(text) or unsettled.search(text) is not None


def _has_pair(text: str) -> bool:
    one, other, late = _UNSETTLED_PAIRS
    return one in text or other in text or late in text


def patterns(*expressions: str, flags: int = 0) -> re.Pattern[str]:
    """Return one compiled pattern that matches any of the expressions, NFC like the text it will meet."""
    return re.compile("|".join(map(nfc, expressions)), flags)


def words(text: str) -> tuple[str, ...]:
    """Return the NFC words of a list written with spaces; an underscore stands for a space in a word."""
    return tuple(word.replace("_", " ") for word in nfc(text).split())


def any_of(alternatives: Iterable[str]) -> str:
    """Return a regular expression, without a group's name, for any of the words; longest first."""
    # By their first letters: one look at a character passes over all that begin with another.
    rests: dict[str, list[str]] = {}
    for word in sorted({nfc(word) for word in alternatives}, key=len, reverse=True):
        rests.setdefault(word[:1], []).append(re.escape(word[1:]))
    return "(?:" + "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in rests.items()) + ")"


def normalize(text: str) -> str:
    """Return `text` in the archive's form: NFC, meaningful joiners kept, invisible characters dropped.

    Line ends become `\\n` and stay; quotes, dashes, digits, ৳ and pipes are untouched. Idempotent.
    """
    if text.isascii() and text.isprintable():
        return text
    if _has(text, _UNPLAIN):
        text = nfc(_UNWANTED.sub(lambda match: _REPLACED[match[0]], text.replace("\r\n", "\n")))
    if ZWJ in text or ZWNJ in text:
        settled = _settle_joiners(text) if _IRREGULAR.search(text) else _JUNK_JOINER.sub("", text)
        if settled != text and _KEPT_APART.search(text):
            # Signs that the joiners held apart take their places, which can leave another joiner without use.
            return normalize(settled)
        text = settled
    return _with_nukta_in_place(text)


def _with_nukta_in_place(text: str) -> str:
    return _NUKTA_AMONG_SIGNS.sub(_nukta_first, text) if NUKTA in text and _LATE_NUKTA.search(text) else text


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
    return nfc(match[1] + NUKTA + match[2].replace(NUKTA, ""))


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


# Copies that lost their joiners have ত্ where others have ৎ. The others are no letters, whatever their category.
_FOLDING = _Folding({ord(KHANDA_TA): "\u09a4\u09cd", **dict.fromkeys(map(ord, _REPLACED))})
# What nearly all texts have of what folds: to replace these one by one takes a quarter of the time of a translation.
_USUAL_SIGNS = f" \n,.।‘’“”-–—():;\"'?!%…/|{ZWNJ}{ZWJ}০১২৩৪৫৬৭৮৯{KHANDA_TA}"
_USUAL = {c: _FOLDING[ord(c)] or "" for c in _USUAL_SIGNS} | _LETTERS_OF_TWO
_UNUSUAL = re.compile(f"[^{_settled(ord('0'), 0xA00, lambda character: _FOLDING[ord(character)] == character)}]")
# What else folds to nothing, pictures among it: many texts have a few kinds of these and nothing to translate.
_DROPPED_SIGNS = re.compile(f"[{_settled(0, 0x20C1, lambda character: _FOLDING[ord(character)] is None)}{_PICTURES}]")
_FEW_SIGNS = 20
# A letter with which what is folded begins too, whatever follows it.
_FIRST_LETTER = re.compile(
    "[\u0985-\u098c\u098f\u0990\u0993-\u09a8\u09aa-\u09b0\u09b2\u09b6-\u09b9]|[0-9A-Za-z](?=[0-9A-Za-z])"
)


def fold(text: str) -> str:
    """Return letters, marks and ASCII digits only, in lower case: equal for copies that differ in joiners,
    spaces, punctuation, digit script, case or nukta form."""
    if text.isascii():
        return text.lower().translate(_FOLDING)
    folded = _without_signs(_usually_folded(text))
    if folded is None:
        folded = nfc(_usually_folded(nfc(text)).translate(_FOLDING))
    return _with_nukta_in_place(folded)


def folds_to(text: str, folded: str) -> bool:
    """Tell whether this is what a text folds to; that most begin with another letter is seen faster."""
    first = _FIRST_LETTER.match(text)
    return (first is None or first[0].lower() == folded[:1]) and fold(text) == folded


def _without_signs(folded: str) -> str | None:
    """Return what is usually folded without the few other signs in it, None when it has more to fold or to settle."""
    start = 0
    for _ in range(_FEW_SIGNS):
        unusual = _UNUSUAL.search(folded, start)
        if unusual is None:
            return None if _has_pair(folded) else folded
        if not _DROPPED_SIGNS.match(unusual[0]):
            return None
        start, folded = unusual.start(), folded.replace(unusual[0], "")
    return None


def _usually_folded(text: str) -> str:
    text = text.casefold()
    for character, folded in _USUAL.items():
        if character in text:
            text = text.replace(character, folded)
    return text
