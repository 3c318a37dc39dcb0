"""Stem words by bangla-stemmer, in the peers' own environment: a JSON list of words in, one of stems out.

This script imports nothing of the project.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys

from bangla_stemmer.stemmer.stemmer import BanglaStemmer

# The stemmer's rules have each of these letters as one character; NFC has two.
COMPOSED = {"\u09a1\u09bc": "\u09dc", "\u09a2\u09bc": "\u09dd", "\u09af\u09bc": "\u09df"}


def composed(word: str) -> str:
    for parts, letter in COMPOSED.items():
        word = word.replace(parts, letter)
    return word


def main() -> None:
    stemmer = BanglaStemmer()
    # The stemmer prints each rule that it applies.
    with contextlib.redirect_stdout(io.StringIO()):
        stems = [stemmer.stem(composed(word)) for word in json.load(sys.stdin)]
    json.dump(stems, sys.stdout)


if __name__ == "__main__":
    main()
