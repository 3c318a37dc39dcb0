"""Judged searches of the benchmark, and their scores."""

import json
import re

from evaluate.khobor_search import khobor_search
from evaluate.other_searches import plain_search
from evaluate.searches import (
    JUDGEMENTS,
    Document,
    SearchSet,
    search_details,
    search_score,
    search_table,
    searches_below_least,
)

DOCUMENTS = [
    Document("bridge", "সেতুর টোল", "পদ্মায় যান চলাচল"),
    Document("road", "সড়কে যানজট", "সেতুতে নয়"),
    Document("river", "নদীর পানি", "বন্যা"),
]
RELEVANT = {
    "সেতু": frozenset({"bridge", "road"}),
    "স\u09dcক": frozenset({"road"}),
    "নদী পানি": frozenset({"river"}),
}
JUDGED = SearchSet("made up", DOCUMENTS, RELEVANT)


def test_the_reading_room_finds_words_in_every_form():
    assert khobor_search(DOCUMENTS, list(RELEVANT)) == list(map(set, RELEVANT.values()))


def test_plain_search_finds_the_same_form():
    assert plain_search(DOCUMENTS, ["সেতুর", "সেতুতে"]) == [{"bridge"}, {"road"}]


def test_a_score_has_missed_and_wrong_documents():
    score = search_score(JUDGED, lambda documents, queries: [{"bridge", "river"}, set(), {"river"}])
    assert score.recall == (1 / 2 + 0 + 1) / 3
    assert score.precision == (1 / 2 + 1) / 2
    assert list(search_details([score])) == [
        "made up: সেতু: missed road: সড়কে যানজট",
        "made up: সেতু: wrong river: নদীর পানি",
        "made up: স\u09dcক: missed road: সড়কে যানজট",
    ]
    assert "recall 0.500 and precision 0.750" in searches_below_least([score])[0]
    assert search_table({"some": [score]}).splitlines()[2].split("|")[1:-1] == [
        " made up ", " some   ", " 3         ", " 3       ", " 0.500  ", " 0.750     ",
    ]  # fmt: skip


def test_a_right_search_is_not_below_the_least():
    assert searches_below_least([search_score(JUDGED, lambda *_: list(map(set, RELEVANT.values())))]) == []


def test_judgements_are_digests_of_distinct_queries():
    rows = json.loads(JUDGEMENTS.read_text("utf-8"))
    assert len({row["query"] for row in rows}) == len(rows) == 40
    assert all(row["relevant"] and re.fullmatch("(?:[0-9a-f]{12})+", "".join(row["relevant"])) for row in rows)
