"""Signatures of texts, and which texts are copies."""

import random

import pytest

from crawler.tools.copies.signatures import ALIKE, LEAST_WORDS, alike, signature, similarity

CHANCE = random.Random(3)


def words(count=200):
    return [f"শব্দ{CHANCE.randint(0, 9999)}" for _ in range(count)]


def test_a_text_is_like_itself_and_unlike_others():
    one, other = signature(words()), signature(words())
    assert similarity(one, one) == 1
    assert similarity(one, other) < 0.1


@pytest.mark.parametrize("count", [0, LEAST_WORDS - 1])
def test_a_short_text_has_no_signature(count):
    assert signature(words(count)) is None


def test_a_text_in_more_outlets_than_are_compared_is_one_story():
    text, other = signature(words()), signature(words())
    texts = [(number, f"paper{number}", text) for number in range(3 * ALIKE)]
    texts.append((len(texts), "unrelated", other))
    story = {0}
    for one, two in sorted(alike(texts, lambda one, two: one[1] != two[1])):
        story |= {one, two} if story & {one, two} else set()
    assert story == set(range(3 * ALIKE))


def test_only_texts_that_may_pair_are_compared():
    text = signature(words())
    texts = [(1, "a", text), (2, "a", text), (3, "b", text)]
    assert set(alike(texts, lambda one, two: one[1] != two[1])) == {(1, 3), (2, 3)}
