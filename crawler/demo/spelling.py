"""The ways in which publishing systems spell one text: both forms of ড় ঢ় য়, and stray joiners."""

from __future__ import annotations

import itertools
import re

NUKTA = {"\u09a1\u09bc": "\u09dc", "\u09a2\u09bc": "\u09dd", "\u09af\u09bc": "\u09df"}
DECOMPOSED = re.compile("|".join(NUKTA))


def precomposed(text: str) -> str:
    """Return the text with ড় ঢ় য় as one character each, which no normal form keeps."""
    return DECOMPOSED.sub(lambda match: NUKTA[match[0]], text)


def mixed(text: str) -> str:
    """Return the text with two of three ড় ঢ় য় as one character."""
    turn = itertools.cycle((True, True, False))
    return DECOMPOSED.sub(lambda match: NUKTA[match[0]] if next(turn) else match[0], text)


def with_stray_joiners(text: str) -> str:
    """Return the text with a meaningless ZWNJ inside common verbs, as some editors leave it."""
    return text.replace("হয়ে", "হ\u200cয়ে").replace("করে", "ক\u200cরে")
