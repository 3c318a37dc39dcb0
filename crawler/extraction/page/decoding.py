"""Decode a page: byte order mark, UTF-16, UTF-8, declared encoding; then Bengali read as windows-1252 is repaired."""

import re
from codecs import BOM_UTF8
from contextlib import suppress

from w3lib.encoding import http_content_type_encoding, read_bom, resolve_encoding

from crawler.bengali.mojibake import may_be_garbled, repaired

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


def decode(body: bytes, content_type: str | None = None) -> str:
    """Return the characters of a page without NULs, Bengali read as windows-1252 repaired. Never raises."""
    encoding, mark = read_bom(body)
    if encoding and mark:
        text = body[len(mark) :].decode(encoding, "replace")
    else:
        wide = _wide_encoding(body[:_SAMPLE_BYTES])
        utf8 = None if wide else _as_utf8(body)
        text = utf8 or body.decode(wide or declared_encoding(body, content_type) or "cp1252", "replace")
    return repaired(text.replace("\0", "").removeprefix("\ufeff"))


def to_utf8(body: bytes, content_type: str | None = None) -> bytes:
    """Return `decode`'s characters as UTF-8: the page itself if it is plain UTF-8, as nearly all are."""
    if not body.startswith(BOM_UTF8) and b"\0" not in body and not may_be_garbled(body):
        with suppress(UnicodeDecodeError):
            body.decode("utf-8")
            return body
    return decode(body, content_type).encode("utf-8", "replace")


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
