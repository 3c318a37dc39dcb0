"""The query language."""

import re
from datetime import date

from crawler.bengali.text import fold
from crawler.room.language import filter_codes
from crawler.room.search.query import Filters, parse

# A part of an expression: words only ever within quotes.
QUOTED = r'"[^"]*"'
PART = re.compile(rf"\((?:exact : {QUOTED}|{QUOTED}(?: OR {QUOTED})*)\)|{QUOTED}")


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
