"""Clusters of copies among texts that come day by day."""

import random

import pytest

from crawler.tools.copies.clusters import DAYS, Text, body_words, clusters
from crawler.tools.copies.signatures import signature

CHANCE = random.Random(11)
STORIES = [signature([f"শব্দ{CHANCE.randint(0, 9999)}" for _ in range(200)]) for _ in range(40)]


def texts(*given):
    """Return texts of (day, outlet, story), numbered from 0 in the order given."""
    return [Text(number, day, outlet, STORIES[story]) for number, (day, outlet, story) in enumerate(given)]


@pytest.mark.parametrize("first", range(100, 100 + DAYS))
@pytest.mark.parametrize(("later", "expected"), [(0, [[0, 1]]), (6, [[0, 1]]), (DAYS, [[0, 1]]), (DAYS + 1, [])])
def test_texts_are_compared_within_seven_days(first, later, expected):
    assert list(clusters(texts((first, "a", 0), (first + later, "b", 0)))) == expected


def test_a_copy_of_a_copy_belongs_to_the_cluster():
    every_six = texts(*((100 + 6 * number, "a", 0) for number in range(20)))
    assert list(clusters(every_six)) == [list(range(20))]


def test_texts_of_two_time_zones_may_change_places():
    days = [100, 104, 105, 104, 105, 104, 105, 106]
    given = texts(*((day, "ab"[number % 2], number % 4) for number, day in enumerate(days)))
    assert list(clusters(given)) == [[0, 4], [1, 5], [2, 6], [3, 7]]


def test_the_same_text_after_a_pause_is_another_cluster():
    given = texts((100, "a", 0), (101, "b", 0), (120, "a", 0), (121, "c", 0))
    assert list(clusters(given)) == [[0, 1], [2, 3]]


def test_across_outlets_a_paper_is_not_compared_with_itself():
    given = texts((100, "a", 0), (101, "a", 0), (100, "a", 1), (102, "b", 1), (103, "a", 1))
    given.sort(key=lambda text: text.day)
    assert list(clusters(given, is_across=True)) == [[2, 3, 4]]
    assert list(clusters(given)) == [[0, 1], [2, 3, 4]]


def test_more_outlets_than_are_compared_form_one_cluster():
    given = texts(*((100, f"paper{number}", 0) for number in range(120)))
    assert list(clusters(given, is_across=True)) == [list(range(120))]


def test_clusters_come_in_order_whatever_the_order_of_numbers():
    given = [Text(99 - number, 100 + number // 25, "ab"[number % 2], STORIES[number % 20]) for number in range(100)]
    found = list(clusters(given))
    assert found == sorted(found)
    assert found[0] == [0, 20, 40, 60, 80]


def test_a_cluster_is_yielded_as_soon_as_it_is_closed():
    read = []

    def reading():
        for text in texts(*((100 + DAYS * number, "a", number // 2) for number in range(40))):
            read.append(text.number)
            yield text

    found = clusters(reading())
    for number in range(5):
        assert next(found) == [2 * number, 2 * number + 1]
        assert len(read) <= 2 * number + 4


def test_no_texts_have_no_clusters():
    assert list(clusters([])) == []


def test_words_of_a_signature_are_those_below_the_title():
    row = {"title": "শিরোনাম", "subtitle": None, "description": "সার কথা।", "text": "পুরো খবর"}
    assert body_words(row) == ["সার", "কথা", "পুরো", "খবর"]


@pytest.mark.parametrize(("one", "other"), [("ব\u09dc", "ব\u09a1\u09bc"), ("র\u200d্যাব", "র্যাব"), ("১২৩", "123")])
def test_words_of_a_signature_are_the_same_in_every_form(one, other):
    rows = [{"subtitle": None, "description": None, "text": word} for word in (one, other)]
    assert body_words(rows[0]) == body_words(rows[1])
