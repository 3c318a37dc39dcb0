"""Print the speed of `normalize` and `fold` on one core in characters per second."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from crawler.bengali.text import fold, normalize

CLEAN = "নদীর পাড়ে আজ সকালে র\u200d্যাব অভিযান চালিয়েছে; উদ্\u200cযাপন হয়েছে নানা আয়োজনে।\n"
# As on pages: both nukta forms, junk joiners, no-break and zero-width spaces, a nukta after its vowel sign.
TYPICAL = CLEAN * 20 + "হ\u09dfেছে আষা\u09dd ডিএম\u200cপি র\u200c্যাব\u00a0বা\u09a1\u09be\u09bc উত্\u200dসব\u200b।\n"
WORST = "হ\u200cয়ে\u200cছে ডিএম\u200cপি র\u200c্যাব\u00a0বা\u09a1\u09be\u09bc উত্\u200dসব\u200b।\n"
LENGTH, ROUNDS, SLICE = 2_000_000, 5, 4_000


def rate(function: Callable[[str], str], text: str) -> float:
    """Return millions of characters per CPU second, the best of ROUNDS, in pieces as long as articles."""
    whole = (text * (LENGTH // len(text) + 1))[:LENGTH]
    pieces = [whole[start : start + SLICE] for start in range(0, LENGTH, SLICE)]
    spent = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for piece in pieces:
            function(piece)
        spent.append(time.process_time() - started)
    return LENGTH / min(spent) / 1e6


if __name__ == "__main__":
    for name, text in (("clean", CLEAN), ("typical", TYPICAL), ("worst", WORST)):
        rates = f"normalize {rate(normalize, text):5.1f}  fold {rate(fold, text):5.1f}"
        print(f"{name:8} {rates}  million characters per second")
