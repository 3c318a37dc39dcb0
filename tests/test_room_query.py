"""The query language."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.bengali.text import fold
from crawler.room.language import filter_codes
from crawler.room.search.query import WORDS, Filters, parse
from crawler.room.search.searching import expression

# A part of an expression: words only ever within quotes.
QUOTED = r'"[^"]*"'
PART = re.compile(rf"\((?:exact : {QUOTED}|{QUOTED}(?: OR {QUOTED})*)\)|{QUOTED}")


@pytest.mark.parametrize(
    ("text", "phrases", "words"),
    [
        ("পদ্মা সেতু", (), ("পদ্মা", "সেতু")),
        ("সেতু সেতু", (), ("সেতু",)),
        ('"পদ্মা সেতু" টোল', (("পদ্মা", "সেতু"),), ("টোল",)),
        ("“পদ্মা সেতু” «টোল»", (("পদ্মা", "সেতু"), ("টোল",)), ()),
        ('"পদ্মা', (("পদ্মা",),), ()),
        ('সেতু"টোল"ঢাকা', (("টোল",),), ("সেতু", "ঢাকা")),
        ("আওয়ামী-লীগ", (), ("আওয\u09bcামী", "লীগ")),
        ("১২ই Budget", (), ("12ই", "budget")),
        ("word:x", (), ("word", "x")),
        ('"" - !', (), ()),
    ],
)
def test_words_and_phrases(text, phrases, words):
    query = parse(text)
    assert (query.phrases, query.words, query.filters) == (phrases, words, Filters())


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("outlet:samakal", Filters(outlet=("samakal",))),
        ("OUTLET:samakal outlet:ittefaq", Filters(outlet=("samakal", "ittefaq"))),
        ('author:"আব্দুর রহিম" agency:BSS', Filters(author=("আব্দুর রহিম",), agency=("BSS",))),
        ("author:“আব্দুর রহিম”", Filters(author=("আব্দুর রহিম",))),
        ("section:জাতীয় scope:national language:bn", Filters(section=("জাতীয়",), scope=("national",), language=("bn",))),
        ("since:2022-07-12 until:2022-07-13", Filters(since=date(2022, 7, 12), until=date(2022, 7, 13))),
        ("since:2022-2 until:২০২৪-০২", Filters(since=date(2022, 2, 1), until=date(2024, 2, 29))),
        ("since:2022 until:2022", Filters(since=date(2022, 1, 1), until=date(2022, 12, 31))),
        ("since:2020 since:2021 until:2023 until:2022", Filters(since=date(2021, 1, 1), until=date(2022, 12, 31))),
    ],
)
def test_filters(text, filters):
    query = parse(text)
    assert (query.phrases, query.words, query.filters, query.ignored) == ((), (), filters, ())


def test_a_filter_without_a_value_takes_none_from_the_next():
    query = parse("outlet: since:2022 খবর")
    assert (query.ignored, query.filters) == (("outlet:",), Filters(since=date(2022, 1, 1)))
    assert parse("outlet: samakal").filters == Filters(outlet=("samakal",))


def test_a_name_stands_for_its_code():
    codes = filter_codes() | {"outlet": {fold("প্রথম আলো"): "prothom_alo"}}
    query = parse('outlet:"প্রথম আলো" agency:রয়টার্স agency:UNB scope:জাতীয় outlet:samakal', codes)
    expected = Filters(outlet=("prothom_alo", "samakal"), agency=("REUTERS", "UNB"), scope=("national",))
    assert query.filters == expected


def test_a_filter_without_a_valid_value_is_ignored_and_named():
    query = parse("since:2022-02-30 until:tomorrow author:- সেতু outlet:")
    assert query.ignored == ("since:2022-02-30", "until:tomorrow", "author:-", "outlet:")
    assert (query.words, query.filters) == (("সেতু",), Filters())


def test_a_long_query_is_cut():
    query = parse(" ".join(f"শব্দ{number}" for number in range(10_000)))
    assert (len(query.words), query.was_cut) == (WORDS, True)
    phrase = parse('"' + "শব্দ " * 10_000)
    assert (len(phrase.phrases[0]), phrase.was_cut) == (WORDS, True)


@given(
    st.text(alphabet='ab"“: :-()*^{}+ANDORNOTNEAR\0\ud800কি্\u200doutletsince:20-', max_size=60) | st.text(max_size=60)
)
def test_any_text_is_a_query_whose_words_are_quoted(text):
    query = parse(text)
    assert PART.sub("", expression(query, query.filters)).replace(" AND ", "") == ""
