"""Find and repair Bengali that a program decoded as windows-1252 (mojibake)."""

import re
from html import unescape

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
# In the bytes of UTF-8, garbled letters begin with à¦, à§ or à¥; those that were read twice hold Â¦.
_LETTERS_IN_BYTES = re.compile(b"\xc3[\xa0\x82]\xc2")


def may_be_garbled(page: bytes) -> bool:
    """Return whether a page in UTF-8 may have something to repair; the page is searched, not decoded."""
    if b"&agrave;&" in page:
        return True
    # à, â and Ã begin with C3, Bengali letters with E0 A6; â beside them may begin a garbled quote.
    if b"\xc3" not in page:
        return False
    return _LETTERS_IN_BYTES.search(page) is not None or (b"\xc3\xa2" in page and b"\xe0\xa6" in page)


def repaired(text: str) -> str:
    """Return a text with the Bengali that was read as windows-1252, once or twice, as it was written."""
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
