"""Days in state: when they are closed, stay open or are given up, and which articles they wait for."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from test_state_store import SEEN

from crawler.model.day_news import DayNews, Fault, FaultKind, other_days
from crawler.model.failures import Failure
from crawler.model.listing import Listing
from crawler.model.span import Span
from crawler.state import tables
from crawler.state.days import Days
from crawler.state.facts import as_text
from crawler.system import clock

DHAKA = ZoneInfo("Asia/Dhaka")
DAY, BEFORE = date(2022, 7, 12), date(2022, 7, 11)
TODAY = date(2022, 7, 13)
SPAN = Span(BEFORE, TODAY, DHAKA)
GONE = Failure("https://n.example/2", "http-404", is_final=True, day=DAY)
LIST = "https://n.example/2022-07-12"
LATER = Failure("https://n.example/2", "timeout", is_final=False, day=DAY)


@pytest.fixture
def days(state):
    return Days(state.engine, "samakal", "national")


def seen(key, **facts):
    return replace(SEEN, key=key, **facts)


def of_day(days, day=DAY):
    """Return a day as state knows it."""
    [found] = days.of(Span(day, day, DHAKA))
    return found


def written(days, *keys, fault=None, is_settled=True, failed=None, settled=()):
    """Write the news of a whole run for DAY, or of an interrupted one; return the day."""
    days.write([news(DAY, *keys, fault=fault, is_settled=is_settled, kind=FaultKind.BROKEN)], failed or {}, settled)
    return of_day(days)


def news(day, *keys, fault=None, is_settled=True, kind=FaultKind.ABSENT, **more):
    return DayNews(day, listings(*keys), faults_in(fault, kind), is_settled, is_settled, **more)


def listings(*keys):
    return {key: replace(listing(key), source=LIST) for key in keys}


def faults_in(text, kind=FaultKind.BROKEN):
    """Return the faults that a text such as "SOURCE: REASON; SOURCE: REASON" names."""
    parts = (part.partition(": ") for part in (text or "").split("; ") if part)
    return [Fault(source, kind, source, reason) for source, _, reason in parts]


def listing(key):
    return Listing(f"https://n.example/{key}")


# Articles


def test_a_day_is_closed_when_state_accounts_for_every_article(state, days):
    state.recorded([seen("1"), seen("2", outcome="out-of-scope", version=0)])
    day = written(days, "1", "2", "3", failed={"3": GONE})
    assert (day.is_closed, day.listed, day.archived, day.turned_down, day.failed) == (True, 3, 1, 1, 1)
    assert days.closed(SPAN) == {DAY}
    assert Days(state.engine, "samakal", "all").closed(SPAN) == set()
    assert Days(state.engine, "ittefaq", "national").closed(SPAN) == set()


def test_a_day_with_a_broken_source_stays_open_and_faulty(state, days):
    state.recorded([seen("1")])
    assert not written(days, "1", fault="x: not fetched (http-403)").is_closed
    assert written(days, "1", fault="x: not fetched (http-403)").fault == "x: not fetched (http-403)"
    assert not written(days, "1", is_settled=False).is_closed
    assert written(days, "1").is_closed


def test_a_day_forgets_articles_that_its_whole_lists_no_longer_have(state, days):
    state.recorded([seen("1"), seen("2")])
    written(days, "1", "3")
    assert written(days, "2", fault="x: not fetched (http-500)").listed == 3
    assert written(days, "2", is_settled=False).listed == 3
    assert (written(days, "2").listed, days.waiting(DAY).keys()) == (2, {"3"}), "one is still to be requested"
    state.recorded([seen("3")])
    assert (written(days, "2").listed, days.closed(SPAN)) == (1, {DAY})


def test_an_article_with_a_new_key_closes_its_day(state, days):
    written(days, "old", is_settled=False)
    [left] = days.waiting(DAY).values()
    state.recorded([seen("new")])
    days.write([DayNews(DAY, {**listings("new"), "old": left})])
    assert (of_day(days).listed, days.closed(SPAN)) == (1, {DAY})


# Lists of other days

ASTRAY = str(other_days(LIST))


def written_astray(days, *keys, may_be=()):
    days.write([news(DAY, *keys, astray={LIST: set(may_be)})])
    day = of_day(days)
    return "closed" if day.is_closed else "open", day.fault


def test_a_day_with_an_astray_listing_stays_open_and_faulty(state, days):
    state.recorded([seen("1", outcome="out-of-span", version=0)])
    assert written_astray(days, "1") == ("open", ASTRAY)
    assert written(days, is_settled=False).fault == ASTRAY, "an interrupted run finds no other fault"
    state.recorded([seen("2")])
    assert written_astray(days, "1", "2", may_be=["2"]) == ("open", ASTRAY), "an article of another day completes none"
    assert written(days, "1", "2").is_closed


def test_a_dry_run_names_an_astray_listing_and_mends_no_such_fault(days):
    dry = partial(DayNews, DAY, listings("1", "2", "3"), is_settled=False)
    written(days, fault="x: not fetched (http-500)")
    for more in ({"astray": {LIST: set()}}, {}):
        days.write([dry(**more)])
        assert of_day(days).fault == ASTRAY, "it could read all lists"
    days.write([dry(is_read=False, faults=faults_in("x: not fetched (http-500)"))])
    assert of_day(days).fault == f"x: not fetched (http-500); {ASTRAY}"


def test_an_astray_list_is_given_up_after_a_week(state, days):
    written_astray(days)
    age_faults(state, days=8)
    assert written_astray(days) == ("open", ASTRAY)
    assert give_up(days) == {DAY: "closed"}
    assert days.retry(SPAN) == {DAY}


# Days that are given up

NEAR_BY, FAR = DAY - timedelta(days=3), DAY - timedelta(days=30)
MISSING = "x: not fetched (http-404)"


def give_up(days, undecided=()):
    days.give_up(clock.now() - timedelta(minutes=1), undecided)
    return {day.day: "closed" if day.is_closed else "open" for day in days.of(Span(FAR, TODAY, DHAKA))}


def age_faults(state, **time):
    moment = as_text(clock.now() - timedelta(**time))
    with state.engine.begin() as connection:
        connection.execute(update(tables.faults).values(since=moment))


def test_an_unlisted_day_is_given_up_near_listed_days(state, days):
    state.recorded([seen("1")])
    days.write([news(DAY, fault=MISSING), news(NEAR_BY, "1"), news(FAR, fault=MISSING)])
    assert give_up(days) == {DAY: "closed", NEAR_BY: "closed", FAR: "open"}
    assert of_day(days).fault == MISSING
    assert days.retry(SPAN) == {DAY}
    assert days.closed(Span(FAR, TODAY, DHAKA)) == {NEAR_BY}


def test_an_allowed_empty_day_closes_without_fault_near_listed_days(state, days):
    state.recorded([seen("1")])
    empty = partial(news, fault="x: it lists no article", kind=FaultKind.EMPTY)
    days.write([empty(DAY), news(NEAR_BY, "1"), empty(FAR)])
    assert give_up(days) == {DAY: "closed", NEAR_BY: "closed", FAR: "open"}
    assert (of_day(days).fault, of_day(days, FAR).fault) == (None, "x: it lists no article")
    age_faults(state, days=8)
    assert give_up(days)[FAR] == "closed"
    assert days.retry(Span(FAR, FAR, DHAKA)) == {FAR}
    assert days.retry(SPAN) == {DAY}, "an empty list is requested again on retry"
