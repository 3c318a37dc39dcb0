"""Monsters at several sizes, in random order, for FUZZ_SECONDS."""

from __future__ import annotations

import itertools
import random
import resource
import sys
import time

import pytest

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Wordpress
from fuzz.monsters import MONSTERS, WHOLE
from fuzz.reading import check
from fuzz.test_mutations import SECONDS, SEED

# The whole, and just below the limits for bytes, text and elements.
SIZES = (WHOLE, 14_900_000, 3_300_000, 400_000, 100_000)
MOST_MEMORY = 1_000_000_000


def memory() -> int:
    """Return the peak memory of this process in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@pytest.mark.parametrize("half", [0, 1])
def test_no_monster_takes_long_or_much_memory(half: int) -> None:
    monsters = list(itertools.product(MONSTERS, SIZES))
    random.Random(SEED).shuffle(monsters)
    until = time.monotonic() + SECONDS
    for name, size in itertools.takewhile(lambda _: time.monotonic() < until, monsters[half::2]):
        body = MONSTERS[name](size)
        before = memory()
        try:
            check(body, NewsSpider if "alone" in name else Wordpress)
        except Exception as error:
            raise AssertionError(f"{name}, {size:,} bytes, seed {SEED}") from error
        assert memory() - before < MOST_MEMORY, f"{name}, {size:,} bytes"
