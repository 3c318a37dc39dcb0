"""Bytes of a page → its characters: byte order mark, UTF-16, UTF-8, declared or guessed encoding, repaired mojibake."""

from __future__ import annotations

import codecs
import re
from codecs import utf_8_decode
from html import unescape

from w3lib.encoding import http_content_type_encoding, resolve_encoding

# Where a page may declare itself; the HTML standard looks at 1024 bytes, real pages declare after their scripts.
_DECLARATION_BYTES = 65536
_META = re.compile(rb"""<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.I)
_KNOWN = re.compile(
    r"cp\d+|iso8859-\d+|koi8-[ru]|mac-(?:roman|cyrillic)|gb(?:k|2312|18030)|big5(?:hkscs)?|hz|"
    r"euc_(?:jp|kr)|(?:iso2022|shift)_jis(?:_\w+)?|iso2022_jp|tis-620|latin-?1"
)
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARKS = tuple(mark for mark, _ in _BYTE_ORDER_MARKS)
_SAMPLE_BYTES = 4096
_UPPER_BYTES = b"\x00\x09\x20"
_WIDE_SHARE = 0.9
# A page with cut or foreign characters is UTF-8 all the same while whole ones outnumber them.
_TOLERATED_DAMAGE = 0.5
_CP1252 = {byte: bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0x100)}
# Programs show the bytes that windows-1252 leaves open, and those of Latin-1, as control characters.
_BYTES = {chr(byte): byte for byte in _CP1252} | {character: byte for byte, character in _CP1252.items() if character}
# All that is repaired begins with one of these.
_STARTS = "\u00e0\u00e2\u00c3"


def _signs(first: int, last: int) -> str:
    return "[" + re.escape("".join(sign for sign, byte in _BYTES.items() if first <= byte <= last)) + "]"


# Bengali letters are E0 A6 xx and E0 A7 xx in UTF-8: à¦ and à§ with a third sign as windows-1252, which no language
# writes. Dandas are E0 A5 A4 and A5, quotes, dashes and joiners E2 80 xx; C2 and C3 begin the signs of Latin-1.
_TAIL = _signs(0x80, 0xBF)
_GARBLED = re.compile(f"à[¦§]{_TAIL}")
_LETTERS = re.compile(f"(?:à[¦§]{_TAIL}|à¥[¤¥]|â[€\x80]{_TAIL}|[ÂÃ]{_signs(0xA0, 0xBF)})+")
# Where only the letters were put right again, the signs between them show what they were.
_SIGN_STARTS, _BENGALI = ("â€", "â\x80", "à¥"), re.compile("[\u0985-\u09b9]")
_READ_TWICE = re.compile("Ã[\xa0 ]Â[¦§]")
_RUN = re.compile(f"(?:{_signs(0x80, 0xFF)}|(?<=Ã) (?=Â))+")
_REMAINS = re.compile("à[¦§]|[Ã‚][\xa0 ]?Â[¦§]")
# PHP's htmlentities wrote such letters as entities.
_AS_ENTITIES = "&agrave;&"
# What is repaired begins so in UTF-8: à before ¦ § ¥, â before € or its control character, Ã before Â.
_GARBLED_BYTES = re.compile(b"\xc3(?:\xa0\xc2|\xa2(?:\xe2\x82\xac|\xc2\x80)|\x83(?:\xc2\xa0| )\xc3\x82)")
_ENTITY_BYTES = re.compile(_AS_ENTITIES.encode())
# The longest of both, and how much is searched where their first byte is, which alone is found much faster.
_LONGEST_GARBLED, _NEARBY = 9, 1024
# So much is decoded at a time where only the bytes are wanted: a text of the whole page is slow where it has an emoji.
_CHUNK = 16384
_ENTITIES = re.compile(r"(?:&agrave;&(?:brvbar|sect);|&acirc;(?:&euro;|\x80))(?:&#?\w{2,8};)?|&agrave;&yen;&curren;")


def decode(body: bytes, content_type: str | None = None) -> str:
    """Return the characters of a page without NULs, Bengali read as windows-1252 repaired. Never raises."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return _clean(body[len(mark) :].decode(encoding, "replace"))
    wide = _wide_encoding(body[:_SAMPLE_BYTES])
    text = body.decode(wide, "replace") if wide else _as_utf8(body)
    if text is None:
        text = body.decode(declared_encoding(body, content_type) or "cp1252", "replace")
    return _clean(text)


def as_utf8(body: bytes, content_type: str | None = None) -> bytes:
    """Return a page's characters, as `decode` does, in UTF-8: the bytes themselves where nothing is to be done."""
    return body if _is_clean(body) else decode(body, content_type).encode("utf-8", "replace")


def _is_clean(body: bytes) -> bool:
    if b"\0" in body or body.startswith(_MARKS) or _holds(body, _ENTITY_BYTES) or _holds(body, _GARBLED_BYTES):
        return False
    view, start = memoryview(body), 0
    try:
        while start < len(body):
            start += utf_8_decode(view[start : start + _CHUNK], "strict", start + _CHUNK >= len(body))[1]
    except UnicodeDecodeError:
        return False
    return True


def _holds(body: bytes, garbled: re.Pattern[bytes]) -> bool:
    first = garbled.pattern[:1]
    place = body.find(first)
    while place >= 0 and not garbled.search(body, place, place + _NEARBY + _LONGEST_GARBLED):
        place = body.find(first, place + _NEARBY)
    return place >= 0


def declared_encoding(body: bytes, content_type: str | None = None) -> str | None:
    """Return the Python name of the one-byte or East Asian encoding that the header, else the page, declares."""
    header = http_content_type_encoding(content_type)
    meta = _META.search(body[:_DECLARATION_BYTES])
    for name in (header, meta[1].decode("ascii") if meta else None):
        known = resolve_encoding(name) if name else None
        if known and _KNOWN.fullmatch(known):
            return known
    return None


def _wide_encoding(sample: bytes) -> str | None:
    """Return UTF-32 or UTF-16 in the order in which the upper bytes of Bengali and ASCII text stand, else None."""
    sample = sample[: len(sample) // 4 * 4]
    if not sample:
        return None
    zeros = [sample[place::4].count(0) * 4 / len(sample) for place in range(4)]
    for places, name in ((zeros[2:], "utf-32-le"), (zeros[:2], "utf-32-be")):
        if min(places) > _WIDE_SHARE:
            return name
    lower, upper = (sum(map(sample[place::2].count, _UPPER_BYTES)) * 2 / len(sample) for place in range(2))
    if b"\0" not in sample or abs(lower - upper) < 1 - _WIDE_SHARE or max(lower, upper) < _WIDE_SHARE:
        return None
    return "utf-16-le" if upper > lower else "utf-16-be"


def _as_utf8(body: bytes) -> str | None:
    """Return the text when it is UTF-8, declared or not: other encodings are hardly ever valid UTF-8 by chance."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    damage = text.count("\ufffd")
    whole = len(text) - len(text.encode("ascii", "ignore")) - damage
    return text if damage <= whole * _TOLERATED_DAMAGE else None


def _clean(text: str) -> str:
    text = text.replace("\0", "").removeprefix("\ufeff")
    text = _ENTITIES.sub(lambda match: unescape(match[0]), text) if _AS_ENTITIES in text else text
    if not any(start in text for start in _STARTS):
        return text
    text = _RUN.sub(_undone, text) if _READ_TWICE.search(text) else text
    if _GARBLED.search(text) or (any(start in text for start in _SIGN_STARTS) and _BENGALI.search(text)):
        return _LETTERS.sub(lambda match: _bytes_of(match[0]).decode("utf-8"), text)
    return text


def _undone(match: re.Match[str]) -> str:
    try:
        undone = _bytes_of(match[0]).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
    return undone if _GARBLED.search(undone) or _LETTERS.fullmatch(undone) else match[0]


def _bytes_of(characters: str) -> bytes:
    # A plain space in such a run was the no-break space that stands for byte A0.
    return bytes(_BYTES.get(character, 0xA0) for character in characters)


def is_garbled(text: str) -> bool:
    """Say whether a text still holds Bengali that was read as windows-1252, whose signs are not all there."""
    return any(sign in text for sign in "¦§") and _REMAINS.search(text) is not None
