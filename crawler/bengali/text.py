"""Normalize Bengali text to one Unicode form, fold it for digests and search, and build patterns for it.

Sources of the rules: UAX #15 (normalization) and The Unicode Standard, section 12.2 (Bengali).
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_ZWNJ, _ZWJ = "\u200c", "\u200d"
_HASANTA, _NUKTA, _KHANDA_TA = "\u09cd", "\u09bc", "\u09ce"

# Control and format characters (categories Cc and Cf), the grapheme joiner and the variation selectors of pictures.
# The joiners U+200C and U+200D are not among them because Bengali spelling needs them.
_INVISIBLE = [*range(0x09), *range(0x0E, 0x20), *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x2070)]
_INVISIBLE += [0x7F, 0xAD, 0x34F, 0x61C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFE0E, 0xFE0F, 0xFEFF]

# The tab, and the space separators (category Zs) besides the plain space.
_SPACES = [0x09, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000]

# The mandatory line breaks of UAX #14.
_LINE_ENDS = [0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029]
_REPLACEMENTS = {
    **dict.fromkeys(map(chr, _INVISIBLE), ""),
    **dict.fromkeys(map(chr, _SPACES), " "),
    **dict.fromkeys(map(chr, _LINE_ENDS), "\n"),
    # Halves of surrogate pairs, which JSON may have, are no characters of UTF-8.
    **dict.fromkeys(map(chr, range(0xD800, 0xE000)), "\ufffd"),
    "\u09f7": "\u0964",  # Typists use the currency numerator ৷ for the danda.
}
_REPLACED = re.compile("[" + "".join(map(re.escape, _REPLACEMENTS)) + "]")
_CONSONANTS = "\u0995-\u09b9\u09f0\u09f1"
_SIGNS = "\u0981-\u0983\u09be-\u09cc\u09d7"
_JOINERS = re.compile("[\u200c\u200d]+")

# Older texts write khanda ta as ত্ with a joiner, because its letter dates from Unicode 4.1, and have the joiner of ra
# with yaphala in other places.
_OLD_KHANDA_TA = re.compile("\u09a4\u200c*\u200d*\u09cd\u200c*\u200d[\u200c\u200d]*")
_OLD_RA_YAPHALA = re.compile("([\u09b0\u09f0])[\u200c\u200d]*\u09cd\u200c*\u200d[\u200c\u200d]*(?=\u09af)")

# A nukta behind a sign. A nukta is rarer than a sign, so the search begins at the nukta and looks back.
_LATE_NUKTA = re.compile(f"{_NUKTA}(?<=[{_SIGNS}{_NUKTA}].)")
_NUKTA_AMONG_SIGNS = re.compile(f"([{_CONSONANTS}])([{_SIGNS}{_NUKTA}]*{_NUKTA}[{_SIGNS}{_NUKTA}]*)")
_CONSONANT = re.compile(f"[{_CONSONANTS}]")
_EMOJI = re.compile("[\u2190-\u2bff\U0001f000-\U0001faff]")

# Scripts whose spelling needs joiners: Arabic, Syriac and their neighbouring blocks, and the other Indic scripts.
_OTHER_JOINING = re.compile("[\u0600-\u08ff\u0900-\u097f\u0a00-\u0dff]")

# Joiners other than the plain ones between hasanta and consonant, or of ra with yaphala.
_DOUBTFUL_JOINER = re.compile(
    f"[\u200c\u200d](?!(?<=[^\u09a4\u09b0\u09f0]\u09cd.)[{_CONSONANTS}]|(?<=[\u09b0\u09f0]\u200d)\u09cd\u09af)"
)

# Characters that NFC may change. All others are stable beside any neighbour, except in the pairs below.
# This search takes a fifth of the time of `unicodedata.normalize`.
_ARABIC, _PICTURES = "\u060c\u061b\u061e-\u064a", "\U0001f300-\U0001faff"
_UNSTABLE = re.compile(
    f"[^\x00-\u02ff{_ARABIC}\u0964\u0965\u0980-\u09db\u09e0-\u09fd\u2002-\u2027\u2030-\u205e\u20a0-\u20c0{_PICTURES}]"
)
_UNSTABLE_PAIRS = ("\u09c7\u09be", "\u09c7\u09d7", _HASANTA + _NUKTA)

# Composition exclusions of UAX #15: NFC writes these letters as two characters. Replacing them here saves the slower
# `unicodedata.normalize`, because most Bengali texts have no other unstable characters.
_DECOMPOSED = {"\u09dc": "\u09a1" + _NUKTA, "\u09dd": "\u09a2" + _NUKTA, "\u09df": "\u09af" + _NUKTA}


def _stable(first: int, end: int, is_member: Callable[[str], bool]) -> str:
    """Return the members of a range that NFC never changes, escaped for a character set; `end` is exclusive."""
    return re.escape("".join(c for c in map(chr, range(first, end)) if is_member(c) and not _UNSTABLE.match(c)))


# Characters that may need NFC or a replacement. Most texts have none, and one search finds that out.
_NOT_PLAIN = re.compile(f"[^{_stable(0, 0x2060, lambda character: character not in _REPLACEMENTS)}]")


def nfc(text: str) -> str:
    """Return the NFC form of a text; it has ড় ঢ় য় as two characters each."""
    if text.isascii() or not _may_change(text, _UNSTABLE):
        return text
    for letter, parts in _DECOMPOSED.items():
        text = text.replace(letter, parts)
    return unicodedata.normalize("NFC", text) if _may_change(text, _UNSTABLE) else text


def _may_change(text: str, unstable: re.Pattern[str]) -> bool:
    # Three plain searches are faster than any() or a pattern.
    vowel_o, vowel_au, nukta = _UNSTABLE_PAIRS
    return vowel_o in text or vowel_au in text or nukta in text or unstable.search(text) is not None


def patterns(*expressions: str, flags: int = 0) -> re.Pattern[str]:
    """Return one compiled pattern that matches any of the expressions in NFC."""
    return re.compile("|".join(map(nfc, expressions)), flags)


def data_beside(module: str) -> dict[str, Any]:
    """Return the content of the TOML file beside a module; `module` is the module's `__file__`."""
    return tomllib.loads(Path(module).with_suffix(".toml").read_text("utf-8"))


def words(text: str) -> tuple[str, ...]:
    """Return the NFC words of a list separated by whitespace; an underscore stands for a space within a word."""
    return tuple(word.replace("_", " ") for word in nfc(text).split())


def word_set(text: str) -> frozenset[str]:
    """Return the set of the words that `words` reads from a list."""
    return frozenset(words(text))


def any_of(alternatives: Iterable[str]) -> str:
    """Return a regular expression, one non-capturing group, that matches any of the words, the longest first."""
    # Grouping by the first letter lets one comparison reject all words that begin with another letter.
    rests: dict[str, list[str]] = {}
    for word in sorted({nfc(word) for word in alternatives}, key=len, reverse=True):
        rests.setdefault(word[:1], []).append(re.escape(word[1:]))
    return "(?:" + "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in rests.items()) + ")"


def normalize(text: str) -> str:
    """Return `text` in the form of the archive: NFC, without invisible characters and meaningless joiners.

    Line ends become `\\n`; every other space becomes a plain space. Quotes, dashes, digits, ৳ and pipes stay.
    A lone surrogate becomes U+FFFD. Idempotent.
    """
    if text.isascii() and text.isprintable():
        return text
    if _may_change(text, _NOT_PLAIN):
        text = nfc(_REPLACED.sub(lambda match: _REPLACEMENTS[match[0]], text.replace("\r\n", "\n")))
    if (_ZWJ in text or _ZWNJ in text) and _DOUBTFUL_JOINER.search(text):
        respelled = _respell_joiners(text)
        if respelled != text:
            # NFC may compose or reorder the signs that joiners separated, which may make another joiner junk.
            return normalize(respelled)
    return _with_nukta_in_place(text)


def _with_nukta_in_place(text: str) -> str:
    return _NUKTA_AMONG_SIGNS.sub(_nukta_first, text) if _NUKTA in text and _LATE_NUKTA.search(text) else text


def _respell_joiners(text: str) -> str:
    text = _OLD_KHANDA_TA.sub(_KHANDA_TA, text)
    text = _OLD_RA_YAPHALA.sub(rf"\1{_ZWJ}{_HASANTA}", text)
    return _JOINERS.sub(_kept_joiner, text)


def _kept_joiner(match: re.Match[str]) -> str:
    """Return the one joiner that replaces a run of joiners, or an empty string if the run is meaningless."""
    text, start, end = match.string, match.start(), match.end()
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    if before in {"\u09b0", "\u09f0"} and text.startswith(_HASANTA + "\u09af", end):
        return _ZWJ
    if before == _HASANTA and _CONSONANT.match(after):
        return _ZWNJ if _ZWNJ in match[0] else _ZWJ
    if _EMOJI.match(before) and _EMOJI.match(after):
        return _ZWJ if _ZWJ in match[0] else ""
    if _OTHER_JOINING.match(before) and _OTHER_JOINING.match(after):
        return match[0][0]
    return ""


def _nukta_first(match: re.Match[str]) -> str:
    return nfc(match[1] + _NUKTA + match[2].replace(_NUKTA, ""))


class _FoldingTable(dict[int, str | None]):
    """A translation table that computes the entry of a character on first use."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        kept: str | None = character
        if unicodedata.category(character) == "Nd":
            kept = str(unicodedata.decimal(character))
        elif unicodedata.category(character)[0] not in "LMN":
            kept = None
        self[code] = kept
        return kept


# ৎ folds to ত্ because copies that lost their joiners have ত্. The characters that `normalize` replaces are dropped
# whatever their category.
_FOLDING = _FoldingTable({ord(_KHANDA_TA): "\u09a4\u09cd", **dict.fromkeys(map(ord, _REPLACEMENTS))})

# Foldable characters of most texts. Replacing them one by one takes a quarter of the time of a translation.
_COMMON_SIGNS = f" \n,.।‘’“”-–—():;\"'?!%…/|\u00a0\u200b{_ZWNJ}{_ZWJ}০১২৩৪৫৬৭৮৯{_KHANDA_TA}"
_COMMON = {c: _FOLDING[ord(c)] or "" for c in _COMMON_SIGNS} | _DECOMPOSED
_RARE = re.compile(f"[^{_stable(ord('0'), 0xA00, lambda character: _FOLDING[ord(character)] == character)}]")


def fold(text: str) -> str:
    """Return only the letters, marks and digits of `text`, in lower case and with ASCII digits.

    Copies that differ in joiners, spaces, punctuation, digit script, case or nukta form have equal results.
    Idempotent; accepts any string.
    """
    if text.isascii():
        return text.lower().translate(_FOLDING)
    folded = _fold_common(text)
    if _may_change(folded, _RARE):
        folded = nfc(_fold_common(nfc(text)).translate(_FOLDING))
    return _with_nukta_in_place(folded)


def folded_words(text: str) -> frozenset[str]:
    """Return the set of the words that `words` reads from a list, each folded."""
    return frozenset(map(fold, words(text)))


def _fold_common(text: str) -> str:
    text = text.casefold()
    for character, folded in _COMMON.items():
        if character in text:
            text = text.replace(character, folded)
    return text
