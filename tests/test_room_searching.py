"""Search in an index of a few articles."""

from contextlib import closing

import pytest
from indexed_rows import article_row, indexed

from crawler.room.index.database import connect
from crawler.room.search import searching
from crawler.room.search.searching import search

ROWS = [
    article_row(
        1,
        "পদ্মা সেতুর টোল বাড়ল",
        "ঢাকায় বিভাগের কর্মকর্তারা এ কথা জানান।",
        "2022-07-12T10:15:00+06:00",
        authors=[{"name": "আব্দুর রহিম", "kind": "person"}, {"name": "ইউএনবি", "kind": "agency"}],
        agencies=["UNB"],
        section="জাতীয়",
        scope="national",
    ),
    article_row(2, "র‍্যাবের অভিযান", "বাড়ির মালিক হঠাৎ সেতু পার হন।", "2022-07-13T00:05:00+06:00", outlet="ittefaq"),
    article_row(3, "Budget passed", "The Finance Minister spoke.", "2022-09-01T12:00:00+06:00", language="en"),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    with closing(connect(indexed(tmp_path_factory.mktemp("index"), *ROWS))) as connection:
        yield connection


def titles(results):
    return ["".join(part.text for part in hit.title) for hit in results.hits]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("সেতু", [1, 2]),
        ("সেতুতে", [1, 2]),
        ("বাড়িতে", [2]),
        ("র্যাব", [2]),
        ("হঠাত্", [2]),
        ('"সেতুর টোল"', [1]),
        ('"সেতু টোল"', []),
        ('"বাড়ল ঢাকায়"', []),
        ("budget MINISTER", [3]),
        ("সেতু budget", []),
        ("author:রহিম", [1]),
        ('author:"আব্দুর রহিম"', [1]),
        ("author: রহিম", [1]),
        ('author:"রহিম ইউসুফ"', []),
        ("outlet:ittefaq", [2]),
        ("outlet:ittefaq outlet:samakal সেতু", [1, 2]),
        ("since:2022-07-13", [3, 2]),
        ("since:২০২২-০৭ until:2022-07", [2, 1]),
        ("agency:UNB", [1]),
        ("section:জাতীয়", [1]),
        ("language:en", [3]),
        ("scope:national until:2022-07-11", []),
        ("", [3, 2, 1]),
    ],
)
def test_a_query_finds_its_articles(index, query, numbers):
    assert titles(search(index, query)) == [ROWS[number - 1]["title"] for number in numbers]


def test_words_that_are_common_rank_by_the_title(index, monkeypatch):
    monkeypatch.setattr(searching, "COMMON", 1)
    assert titles(search(index, "সেতু")) == [ROWS[0]["title"], ROWS[1]["title"]]


def test_many_articles_of_one_minute_keep_their_day(tmp_path):
    rows = [article_row(number, "খবর", at="2022-07-12T00:00:00+06:00") for number in range(300)]
    with closing(connect(indexed(tmp_path, *rows))) as connection:
        assert search(connection, "until:2022-07-12").total == 300
        assert search(connection, "since:2022-07-12").facets["day"] == [("2022-07-12", 300)]


def test_many_words_are_searched_year_by_year_for_some_seconds(tmp_path, monkeypatch):
    words = " ".join(f"শব্দ{number}" for number in range(20))
    rows = [article_row(year, str(year), words, f"{year}-03-01T10:00:00+06:00") for year in range(2010, 2023, 3)]
    with closing(connect(indexed(tmp_path, *rows))) as connection:
        assert titles(search(connection, words, sort="newest")) == ["2022", "2019", "2016", "2013", "2010"]
        assert titles(search(connection, words, sort="oldest")) == ["2010", "2013", "2016", "2019", "2022"]
        assert titles(search(connection, f"{words} since:2012 until:2018")) == ["2016", "2013"]
        assert titles(search(connection, f"{words} until:2001")) == []
        monkeypatch.setattr(searching, "SECONDS", -1.0)
        late = search(connection, words)
        assert (titles(late), late.is_capped) == (["2022"], True)
        assert not search(connection, "শব্দ1").is_capped
