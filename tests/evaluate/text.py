"""Bengali text as the scores compare it, written apart from the code that they judge."""

from __future__ import annotations

import re
import unicodedata

# The currency numerator ৷ is typed for the danda; the others are invisible.
REPLACED = str.maketrans({"\u09f7": "\u0964", **dict.fromkeys("\u00ad\u200b\u200e\u200f\ufeff")})
RA_YAPHALA = re.compile("র[\u200c\u200d]+(?=্য)")
USELESS_JOINER = re.compile("(?<![্র])[\u200c\u200d]")


def written(text: str) -> str:
    """Return the form that the archive promises: NFC, only meaningful joiners, no invisible characters."""
    text = unicodedata.normalize("NFC", text.translate(REPLACED))
    return USELESS_JOINER.sub("", RA_YAPHALA.sub("র\u200d", text))


def folded(text: str) -> str:
    """Return letters, marks and ASCII digits only, in lower case."""
    kept = (character for character in written(text).casefold() if unicodedata.category(character)[0] in "LMN")
    bare = "".join(str(unicodedata.decimal(character, character)) for character in kept)
    # A copy that lost its joiners may have ত্ for ৎ, and a sign may now follow its letter directly.
    return unicodedata.normalize("NFC", bare.replace("ৎ", "ত্"))
