"""Decode a page: byte order mark, UTF-16, UTF-8, declared encoding; repair Bengali that was read as windows-1252."""

from __future__ import annotations

import re
from html import unescape

from w3lib.encoding import http_content_type_encoding, read_bom, resolve_encoding

# The HTML standard reads 1,024 bytes for a declaration; real pages have theirs after long scripts.
_DECLARATION_BYTES = 65536
_META = re.compile(rb"""<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.I)
# Python's names of web encodings; its other codecs (rot13, zlib, utf-7) never encode a page.
_KNOWN = re.compile(
    r"cp\d+|iso8859-\d+|koi8-[ru]|mac-(?:roman|cyrillic)|gb(?:k|2312|18030)|big5(?:hkscs)?|hz|"
    r"euc_(?:jp|kr)|(?:iso2022|shift)_jis(?:_\w+)?|iso2022_jp|tis-620|latin-?1"
)
# Without a mark, the first characters show UTF-16 and UTF-32: nearly all are ASCII, Bengali or punctuation.
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_SAMPLE_BYTES, _WIDE_SHARE, _LAST_PLAUSIBLE = 4096, 0.9, 0x20FF
# A page with cut or foreign characters is UTF-8 while it has at most one of them for two whole characters.
_TOLERATED_DAMAGE = 0.5
_CP1252 = {byte: bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0x100)}
# Programs write bytes without a windows-1252 character, and those of Latin-1, as control characters.
_BYTES = {chr(byte): byte for byte in _CP1252} | {character: byte for byte, character in _CP1252.items() if character}


def _signs(first: int, last: int) -> str:
    return "[" + re.escape("".join(sign for sign, byte in _BYTES.items() if first <= byte <= last)) + "]"


# In UTF-8 a Bengali letter is E0 A6 xx or E0 A7 xx: à¦ or à§ and a sign in windows-1252, which no language writes.
# Dandas are E0 A5 A4 and A5; quotes, dashes and joiners E2 80 xx; C2 and C3 begin the letters of Latin-1.
_TAIL = _signs(0x80, 0xBF)
_GARBLED = re.compile(f"à[¦§]{_TAIL}")
_LETTERS = re.compile(f"(?:à[¦§]{_TAIL}|à¥[¤¥]|â[€\x80]{_TAIL}|[ÂÃ]{_signs(0xA0, 0xBF)})+")
# Only the punctuation is still garbled on some pages; Bengali letters beside it prove what it was.
_GARBLED_PUNCTUATION, _BENGALI = re.compile("â[€\x80]|à¥"), re.compile("[\u0985-\u09b9]")
_READ_TWICE = re.compile("Ã[\xa0 ]Â[¦§]")
_RUN = re.compile(f"(?:{_signs(0x80, 0xFF)}|(?<=Ã) (?=Â))+")
_REMAINS = re.compile("à[¦§]|[Ã‚][\xa0 ]?Â[¦§]")
# PHP's htmlentities writes the same signs as entities.
_ENTITIES = re.compile(r"(?:&agrave;&(?:brvbar|sect);|&acirc;(?:&euro;|\x80))(?:&#?\w{2,8};)?|&agrave;&yen;&curren;")


def decode(body: bytes, content_type: str | None = None) -> str:
    """Return the characters of a page without NULs, Bengali read as windows-1252 repaired. Never raises."""
    encoding, mark = read_bom(body)
    if encoding and mark:
        return _clean(body[len(mark) :].decode(encoding, "replace"))
    wide = _wide_encoding(body[:_SAMPLE_BYTES])
    text = None if wide else _as_utf8(body)
    return _clean(text or body.decode(wide or declared_encoding(body, content_type) or "cp1252", "replace"))


def declared_encoding(body: bytes, content_type: str | None = None) -> str | None:
    """Return Python's name of the one-byte or East Asian encoding that the header, else the page, declares."""
    meta = _META.search(body[:_DECLARATION_BYTES])
    declared = (http_content_type_encoding(content_type), meta[1].decode("ascii") if meta else None)
    known = (resolve_encoding(name) for name in declared if name)
    return next((name for name in known if name and _KNOWN.fullmatch(name)), None)


def _wide_encoding(sample: bytes) -> str | None:
    """Return UTF-16 or UTF-32 with the byte order in which a sample is text, else None."""
    for encoding in _WIDE if b"\0" in sample else ():
        text = sample.decode(encoding, "replace")
        if sum(ord(character) <= _LAST_PLAUSIBLE for character in text) > _WIDE_SHARE * len(text):
            return encoding
    return None


def _as_utf8(body: bytes) -> str | None:
    """Return the text if it is UTF-8, declared or not: text in other encodings is hardly ever valid UTF-8."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    damage = text.count("\ufffd")
    whole = len(text) - len(text.encode("ascii", "ignore")) - damage
    return text if damage <= whole * _TOLERATED_DAMAGE else None


def _clean(text: str) -> str:
    text = text.replace("\0", "").removeprefix("\ufeff")
    if "&agrave;&" in text:
        text = _ENTITIES.sub(lambda match: unescape(match[0]), text)
    if not any(start in text for start in "àâÃ"):
        return text
    text = _RUN.sub(_undone, text) if _READ_TWICE.search(text) else text
    if _GARBLED.search(text) or (_GARBLED_PUNCTUATION.search(text) and _BENGALI.search(text)):
        return _LETTERS.sub(lambda match: _bytes_of(match[0]).decode("utf-8"), text)
    return text


def _undone(match: re.Match[str]) -> str:
    """Return a run of signs read as windows-1252 once less, if that gives garbled Bengali."""
    try:
        undone = _bytes_of(match[0]).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
    return undone if _GARBLED.search(undone) or _LETTERS.fullmatch(undone) else match[0]


def _bytes_of(characters: str) -> bytes:
    # A plain space in such a run was a no-break space, byte A0.
    return bytes(_BYTES.get(character, 0xA0) for character in characters)


def is_garbled(text: str) -> bool:
    """Return whether a text still has Bengali read as windows-1252 that lost some of its signs."""
    return any(sign in text for sign in "¦§") and _REMAINS.search(text) is not None
