"""Spans of days, and the dates of listings in them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crawler.model.span import BadArgument, Span, read_span
from crawler.system import clock

DHAKA = ZoneInfo("Asia/Dhaka")
JULY = Span(date(2022, 7, 10), date(2022, 7, 12), DHAKA)


def test_the_default_span_is_yesterday_and_today():
    today = clock.today(DHAKA)
    span = read_span(None, None, DHAKA)
    assert list(span.days()) == [today, today - timedelta(days=1)]
    assert span.is_recent


def test_both_ends_are_included_and_days_are_newest_first():
    span = read_span("2022-07-10", "2022-07-12", DHAKA)
    assert list(span.days()) == [date(2022, 7, 12), date(2022, 7, 11), date(2022, 7, 10)]
    assert not span.is_recent


def test_one_argument_is_enough():
    assert read_span("2022-07-10", None, DHAKA).until == clock.today(DHAKA)
    assert read_span(None, "2022-07-12", DHAKA).since == date(2022, 7, 11)


def test_an_end_in_the_future_is_cut_to_today():
    assert read_span("2022-07-10", "2099-01-01", DHAKA).until == clock.today(DHAKA)


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


def test_a_moment_counts_in_the_outlets_own_zone():
    first_minute = datetime(2022, 7, 9, 18, 1, tzinfo=UTC)
    assert JULY.holds(first_minute)
    assert JULY.holds_moment(first_minute)
    assert not JULY.holds(first_minute - timedelta(minutes=2))


def test_local_time_labelled_as_utc_still_counts():
    labelled_utc = datetime(2022, 7, 12, 23, 30, tzinfo=UTC)
    assert JULY.holds(labelled_utc)
    assert not JULY.holds_moment(labelled_utc)


def test_a_plain_day_counts_and_no_date_may_belong():
    assert JULY.holds(date(2022, 7, 10))
    assert not JULY.holds(date(2022, 7, 13))
    assert JULY.holds(None)


def test_only_a_dated_article_is_before_the_span():
    assert JULY.begins_after(date(2022, 7, 9))
    assert not JULY.begins_after(date(2022, 7, 10))
    assert not JULY.begins_after(None)


def test_a_span_is_cut_to_the_reachable_days():
    assert JULY.cut(date(2022, 7, 11), None) == Span(date(2022, 7, 11), date(2022, 7, 12), DHAKA)
    assert JULY.cut(None, date(2022, 7, 10)) == Span(date(2022, 7, 10), date(2022, 7, 10), DHAKA)
    assert JULY.cut(date(2023, 1, 1), None) is None
