"""Judged searches of the benchmark, and their scores."""

import json
import re

from evaluate.other_searches import plain_search
from evaluate.searches import (
    JUDGEMENTS,
    Document,
)

DOCUMENTS = [
    Document("bridge", "সেতুর টোল", "পদ্মায় যান চলাচল"),
    Document("road", "সড়কে যানজট", "সেতুতে নয়"),
    Document("river", "নদীর পানি", "বন্যা"),
]


def test_plain_search_finds_the_same_form():
    assert plain_search(DOCUMENTS, ["সেতুর", "সেতুতে"]) == [{"bridge"}, {"road"}]


def test_judgements_are_digests_of_distinct_queries():
    rows = json.loads(JUDGEMENTS.read_text("utf-8"))
    assert len({row["query"] for row in rows}) == len(rows) == 40
    assert all(row["relevant"] and re.fullmatch("(?:[0-9a-f]{12})+", "".join(row["relevant"])) for row in rows)
