"""Texts of others on our terminals and in our logs."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """Return a text in which nothing steers a terminal or hides: control and directional marks are spelled out."""
    return "".join(_spelled(character) if _steers(character) else character for character in text)


def _steers(character: str) -> bool:
    # Joiners are Bengali spelling; the other format characters turn the direction of text or are not seen.
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in "\u200c\u200d"


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
