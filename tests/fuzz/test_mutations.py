"""Mutated pages for FUZZ_SECONDS: no crash, no slow page, no row that is not JSON."""

from __future__ import annotations

import os
import random
import time

import pytest

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Emythmakers, Quintype, Wordpress
from fuzz.mutations import good_pages, mutated
from fuzz.reading import check

SECONDS = float(os.environ.get("FUZZ_SECONDS", "20"))
# The same seed makes the same pages.
SEED = int(os.environ.get("FUZZ_SEED", "0"))
OUTLETS = (NewsSpider, NewsSpider, Wordpress, Emythmakers, Quintype)


# One half for each core of a small machine.
@pytest.mark.parametrize("half", [0, 1])
def test_no_mutation_of_a_page_breaks_extraction(half: int) -> None:
    pages, chance = good_pages(), random.Random(2 * SEED + half)
    until, number = time.monotonic() + SECONDS, 0
    while time.monotonic() < until:
        number += 1
        state = chance.getrandbits(64)
        hand = random.Random(state)
        body, outlet = mutated(hand.choice(pages), hand), hand.choice(OUTLETS)
        try:
            check(body, outlet)
        except Exception as error:
            raise AssertionError(f"page {number} of seed {SEED}, {outlet.__name__}, {state}") from error
