"""Clusters of copies among texts that come day by day."""

import random

from crawler.tools.copies.clusters import Text, clusters
from crawler.tools.copies.signatures import signature

CHANCE = random.Random(11)
STORIES = [signature([f"শব্দ{CHANCE.randint(0, 9999)}" for _ in range(200)]) for _ in range(40)]


def texts(*given):
    """Return texts of (day, outlet, story), numbered from 0 in the order given."""
    return [Text(number, day, outlet, STORIES[story]) for number, (day, outlet, story) in enumerate(given)]


def test_texts_of_two_time_zones_may_change_places():
    days = [100, 104, 105, 104, 105, 104, 105, 106]
    given = texts(*((day, "ab"[number % 2], number % 4) for number, day in enumerate(days)))
    assert list(clusters(given)) == [[0, 4], [1, 5], [2, 6], [3, 7]]


def test_the_same_text_after_a_pause_is_another_cluster():
    given = texts((100, "a", 0), (101, "b", 0), (120, "a", 0), (121, "c", 0))
    assert list(clusters(given)) == [[0, 1], [2, 3]]


def test_clusters_come_in_order_whatever_the_order_of_numbers():
    given = [Text(99 - number, 100 + number // 25, "ab"[number % 2], STORIES[number % 20]) for number in range(100)]
    found = list(clusters(given))
    assert found == sorted(found)
    assert found[0] == [0, 20, 40, 60, 80]
