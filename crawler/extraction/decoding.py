"""Bytes of a page → its characters: byte order mark, UTF-8, declared or guessed encoding, repaired mojibake."""

from __future__ import annotations

import codecs
import re

from w3lib.encoding import http_content_type_encoding, resolve_encoding

# Where a page may declare itself; the HTML standard looks at 1024 bytes, real pages declare later.
_DECLARATION_BYTES = 8192
_META = re.compile(rb"""<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.I)
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# A page cut in the middle of a character (descriptions shortened by bytes) is UTF-8 all the same.
_TOLERATED_DAMAGE = 0.05

_CP1252_BYTES = {bytes([byte]).decode("cp1252", "replace"): byte for byte in range(0x80, 0x100)}
_CP1252_BYTES |= {chr(byte): byte for byte in range(0x80, 0x100) if chr(byte) not in _CP1252_BYTES}
_CP1252_BYTES.pop("\ufffd", None)
# What was bytes from 0x80 up. Bengali letters are E0 A6 xx and E0 A7 xx in UTF-8: à¦ and à§ as windows-1252.
_HIGH_RUN = re.compile("[" + re.escape("".join(_CP1252_BYTES)) + "]{2,}")


def decode(body: bytes, content_type: str | None = None) -> str:
    """Return the characters of a page, whatever its bytes are; NULs are dropped. Never raises."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return _clean(body[len(mark) :].decode(encoding, "replace"))
    text = _as_utf8(body)
    if text is None:
        text = body.decode(declared_encoding(body, content_type) or _guess(body), "replace")
    return _clean(text)


def declared_encoding(body: bytes, content_type: str | None = None) -> str | None:
    """Return the Python name of the encoding that the header, else the page, declares and Python knows."""
    header = http_content_type_encoding(content_type)
    meta = _META.search(body[:_DECLARATION_BYTES])
    for name in (header, meta[1].decode("ascii") if meta else None):
        known = resolve_encoding(name) if name else None
        if known and known not in {"utf-8", "ascii"}:
            return known
    return None


def _as_utf8(body: bytes) -> str | None:
    """Return the text when it is UTF-8, declared or not: other encodings are hardly ever valid UTF-8 by chance."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
        damage = text.count("\ufffd")
        whole = sum(1 for character in text if character > "\x7f") - damage
        return text if damage <= whole * _TOLERATED_DAMAGE else None
    # UTF-16 of plain English is valid UTF-8 full of NULs.
    return None if "\0" in text and text.count("\0") * 4 > len(text) else text


def _guess(body: bytes) -> str:
    """Return UTF-16 for text full of NULs, else windows-1252, the web's fallback."""
    sample = body[:4096]
    if sample.count(b"\0") * 4 > len(sample):
        return "utf-16-be" if sample[:1] == b"\0" else "utf-16-le"
    return "cp1252"


def _clean(text: str) -> str:
    text = text.replace("\0", "").removeprefix("\ufeff")
    return _HIGH_RUN.sub(_repaired, text) if "à¦" in text else text


def _repaired(match: re.Match[str]) -> str:
    """Return a run that was read as windows-1252 once too often; what does not decode strictly stays."""
    try:
        return bytes(_CP1252_BYTES[character] for character in match[0]).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
