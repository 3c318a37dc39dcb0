"""Signatures of texts, and which texts are copies."""

import random

from crawler.tools.copies.signatures import alike, signature, similarity

CHANCE = random.Random(3)


def words(count=200):
    return [f"শব্দ{CHANCE.randint(0, 9999)}" for _ in range(count)]


def test_a_text_is_like_itself_and_unlike_others():
    one, other = signature(words()), signature(words())
    assert similarity(one, one) == 1
    assert similarity(one, other) < 0.1


def test_only_texts_that_may_pair_are_compared():
    text = signature(words())
    texts = [(1, "a", text), (2, "a", text), (3, "b", text)]
    assert set(alike(texts, lambda one, two: one[1] != two[1])) == {(1, 3), (2, 3)}
