"""Spans of days, and the dates of listings in them."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from crawler.model.span import BadArgument, Span, read_span

DHAKA = ZoneInfo("Asia/Dhaka")
JULY = Span(date(2022, 7, 10), date(2022, 7, 12), DHAKA)


@pytest.mark.parametrize(
    ("since", "until", "sentence"),
    [
        ("2026-02-30", None, "since=2026-02-30 is not a day of the calendar."),
        (None, "yesterday", "until=yesterday is not a date: write YYYY-MM-DD, such as 2026-07-12."),
        ("২০২২-০৭-১০", None, "since=২০২২-০৭-১০ is not a date: write YYYY-MM-DD, such as 2026-07-12."),
        ("20220710", None, "since=20220710 is not a date: write YYYY-MM-DD, such as 2026-07-12."),
        ("2022-07-12", "2022-07-10", "since=2022-07-12 is after until=2022-07-10."),
    ],
)
def test_an_invalid_date_is_one_clear_sentence(since, until, sentence):
    with pytest.raises(BadArgument) as caught:
        read_span(since, until, DHAKA)
    assert str(caught.value) == sentence


def test_a_beginning_in_the_future_is_refused():
    with pytest.raises(BadArgument, match="in the future"):
        read_span("2099-01-01", None, DHAKA)
