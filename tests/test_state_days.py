"""Days in state: when they are closed, stay open or are given up, and which articles they wait for."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from test_state_store import SEEN

from crawler.model.day_news import DayNews, Fault, FaultKind, other_days
from crawler.model.failures import Failure
from crawler.model.listing import Listing
from crawler.model.span import Span
from crawler.state import SpooledSegment, tables
from crawler.state.days import Days
from crawler.state.engine import snapshot
from crawler.state.facts import as_text
from crawler.state.failures import Failures
from crawler.state.leases import Leases
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


def test_a_snapshot_reads_one_moment(state, days):
    written(days, "1", fault="x")
    with snapshot(state.engine) as connection:
        before = connection.execute(select(tables.faults)).all()
        written(days, "1")
        assert connection.execute(select(tables.faults)).all() == before != []
    assert of_day(days).faults == ()


def test_a_day_is_closed_when_state_accounts_for_every_article(state, days):
    state.recorded([seen("1"), seen("2", outcome="out-of-scope", version=0)])
    day = written(days, "1", "2", "3", failed={"3": GONE})
    assert (day.is_closed, day.listed, day.archived, day.turned_down, day.failed) == (True, 3, 1, 1, 1)
    assert days.closed(SPAN) == {DAY}
    assert Days(state.engine, "samakal", "all").closed(SPAN) == set()
    assert Days(state.engine, "ittefaq", "national").closed(SPAN) == set()


def test_a_day_with_an_unknown_article_stays_open(state, days):
    state.recorded([seen("1")])
    day = written(days, "1", "2")
    assert (day.is_closed, day.unknown) == (False, 1)


def test_a_day_with_a_broken_source_stays_open_and_faulty(state, days):
    state.recorded([seen("1")])
    assert not written(days, "1", fault="x: not fetched (http-403)").is_closed
    assert written(days, "1", fault="x: not fetched (http-403)").fault == "x: not fetched (http-403)"
    assert not written(days, "1", is_settled=False).is_closed
    assert written(days, "1").is_closed


def test_a_temporary_failure_keeps_its_day_open_until_it_ends(state, days):
    state.recorded([seen("1")])
    day = written(days, "1", "2", failed={"2": LATER})
    assert (day.is_closed, day.failed, day.fault) == (False, 1, "1 of 2 articles failed for now")
    failures = Failures(state.engine)
    assert days.waiting(DAY) == {"2": Listing("https://n.example/2")}
    assert failures.of("samakal", ["1", "2"]) == {"2"}
    assert failures.final("samakal", ["1", "2"]) == set()
    state.recorded([seen("2")])
    assert written(days, "1", "2", settled=["2"]).is_closed
    assert failures.of("samakal", ["1", "2"]) == set()


def test_a_failed_article_of_a_national_listing_stays_national(state, days):
    for national in (False, True, False):
        days.write([], {"2": replace(LATER, national=national)})
    assert days.waiting(DAY) == {"2": Listing(LATER.url, national=True)}


def test_a_rejected_page_that_now_fails_is_a_failure(state, days):
    state.recorded([seen("2", outcome="out-of-span", version=0)])
    assert not written(days, "2", failed={"2": LATER}).is_closed


def test_a_final_failure_reopens_its_day_only_on_retry(state, days):
    assert written(days, "2", failed={"2": GONE}).is_closed
    assert days.waiting(DAY) == {}
    assert days.retry(Span(BEFORE, BEFORE, DHAKA)) == set()
    assert days.closed(SPAN) == {DAY}
    assert days.retry(SPAN) == {DAY}
    assert days.closed(SPAN) == set()
    assert days.waiting(DAY) == {"2": Listing(GONE.url)}


def test_failures_of_other_scopes_are_retried_with_their_day(state, days):
    began = clock.now()
    elsewhere = Days(state.engine, "samakal", "all")
    elsewhere.write([], {"2": replace(GONE, day=None), "3": replace(GONE, url="https://n.example/3")})
    day = written(days, "2", "3")
    assert (day.is_closed, day.failed) == (True, 2)
    failures = Failures(state.engine)
    assert failures.final("samakal", ["2", "3"]) == {"2", "3"}
    assert days.retry(SPAN) == {DAY}
    assert days.closed(SPAN) == set()
    assert failures.final("samakal", ["2", "3"]) == set()
    days.write([], {"2": GONE})
    assert failures.final("samakal", ["2", "3"], clock.now()) == set(), "earlier failures are retried"
    assert failures.final("samakal", ["2", "3"], began) == {"2"}


def test_a_moved_article_opens_its_own_day_only(state, days):
    days.write([news(DAY)])
    state.recorded([seen("1", outcome="out-of-span", version=0)])
    days.write([news(BEFORE, "1")], {}, [], {(DAY, "1"): listing("1")})
    assert (days.closed(SPAN), days.waiting(DAY)) == ({BEFORE}, {"1": listing("1")})
    state.recorded([seen("1")])
    assert (days.closed(SPAN), of_day(days).archived) == ({BEFORE, DAY}, 1)


def test_a_moved_article_waits_until_its_own_day_is_settled(state, days):
    state.recorded([seen("1", outcome="out-of-span", version=0)])
    days.write([], {}, [], {(DAY, "1"): listing("1")})
    for is_settled in (False, True):
        assert days.waiting(DAY).keys() == {"1"}
        days.write([DayNews(DAY, {"1": listing("1")}, is_settled=is_settled)])
    assert (days.closed(SPAN), days.waiting(DAY)) == ({DAY}, {}), "it is of another day again"


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


def test_days_are_read_newest_first_and_by_write_time(days):
    days.write([news(day) for day in (BEFORE, DAY)])
    assert [day.day for day in days.of(SPAN)] == [DAY, BEFORE]
    moment = clock.now()
    assert len(days.of(SPAN, moment - timedelta(minutes=1))) == 2
    assert days.of(SPAN, moment + timedelta(minutes=1)) == []


def test_a_day_is_open_while_a_lost_spool_has_an_article_of_it(state, days):
    state.recorded([seen("1"), seen("2")], [], [SpooledSegment(SEEN.file, "samakal", SEEN.run, "theirs")])
    days.write([news(DAY, "1"), news(BEFORE, "2")])
    assert days.closed(SPAN) == set()
    Leases(state.engine, "theirs", timedelta(minutes=15)).renew()
    assert days.closed(SPAN) == {DAY, BEFORE}
    state.archived(SEEN.file)
    assert days.closed(SPAN) == {DAY, BEFORE}


def test_a_day_reopens_when_an_article_of_it_is_lost(state, days):
    state.recorded([seen("1"), seen("2")])
    days.write([news(DAY, "1"), news(BEFORE, "2")])
    assert days.closed(SPAN) == {DAY, BEFORE}
    state.take_back(one for one in state.entries_in(SEEN.file) if one.key == "1")
    assert days.closed(SPAN) == {BEFORE}
    assert days.waiting(DAY) == {"1": listing("1")}


def test_a_day_may_have_more_articles_than_sql_query_parameters(state, days):
    keys = [str(number) for number in range(1700)]
    state.recorded([seen(key) for key in keys])
    assert written(days, *keys, settled=keys).is_closed


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


def test_only_a_certain_listing_clears_an_astray_listing_fault(state, days):
    state.recorded([seen("1"), seen("2"), seen("3")])
    unsure = news(DAY, "1", "2", "3", unsure={LIST})
    days.write([unsure])
    assert days.closed(SPAN) == {DAY}, "it had no fault"
    written_astray(days, "1", "2", "3")
    days.write([unsure])
    day = of_day(days)
    assert (day.is_closed, day.fault) == (False, ASTRAY)
    age_faults(state, days=8)
    days.write([replace(unsure, astray={LIST: set()})])
    assert give_up(days) == {DAY: "closed"}, "the fault has lasted a week"
    days.write([replace(unsure, unsure=())])
    assert of_day(days).fault is None


def test_articles_archived_earlier_may_complete_a_day(state, days):
    state.recorded([seen("1", outcome="out-of-span", version=0), seen("2")])
    assert written_astray(days, "1", "2", may_be=["2"]) == ("closed", None)


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


def age_failures(state, **time):
    moment = as_text(clock.now() - timedelta(**time))
    with state.engine.begin() as connection:
        connection.execute(update(tables.failures).values(since=moment))


def test_an_unlisted_day_is_given_up_near_listed_days(state, days):
    state.recorded([seen("1")])
    days.write([news(DAY, fault=MISSING), news(NEAR_BY, "1"), news(FAR, fault=MISSING)])
    assert give_up(days) == {DAY: "closed", NEAR_BY: "closed", FAR: "open"}
    assert of_day(days).fault == MISSING
    assert days.retry(SPAN) == {DAY}
    assert days.closed(Span(FAR, TODAY, DHAKA)) == {NEAR_BY}


def test_a_gap_is_a_missing_list_near_listed_days(state, days):
    state.recorded([seen("1")])
    fault = news(BEFORE, fault="x: not fetched (http-500)", kind=FaultKind.BROKEN)
    days.write([news(DAY, fault=MISSING), news(NEAR_BY, "1"), news(FAR, fault=MISSING)])
    days.write([fault, news(TODAY, "2", fault=MISSING)], {"2": replace(LATER, day=TODAY)})
    assert days.gaps(Span(FAR, TODAY, DHAKA)) == {DAY}, "neither another fault nor a passing failure is a gap"
    assert days.gaps(Span(FAR, BEFORE, DHAKA)) == set()
    days.write([news(DAY, "1")])
    assert days.gaps(SPAN) == set()


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


def test_a_day_missing_one_listing_waits_for_all_listed_articles(state, days):
    state.recorded([seen("1"), seen("3")])
    for kind in (FaultKind.EMPTY, FaultKind.ABSENT):
        days.write([news(DAY, "1", "2", fault=MISSING, kind=kind), news(NEAR_BY, "3")], {"2": LATER})
        assert give_up(days)[DAY] == "open"
        assert days.of(SPAN)[0].fault == f"{MISSING}; 1 of 2 articles failed for now"
        assert Failures(state.engine).of("samakal", ["2"]) == {"2"}
        assert not Failures(state.engine).final("samakal", ["2"])
    days.write([news(DAY, "1", "2", "4", fault=MISSING)], {}, ["2"])
    state.recorded([seen("2")])
    assert give_up(days)[DAY] == "open", "one article is unknown"
    state.recorded([seen("4")])
    assert give_up(days)[DAY] == "closed"


def test_an_article_fails_finally_after_a_week_and_three_tries(state, days):
    written(days, "2", fault="x: not fetched (http-500)")
    age_faults(state, days=8)
    for moment in ("first", "second"):
        day = written(days, "2", failed={"2": LATER})
        assert (day.is_closed, give_up(days)) == (False, {DAY: "open"}), f"its {moment} try, however old the day is"
        age_failures(state, days=6)
    assert not written(days, "2", failed={"2": LATER}).is_closed, "three tries in less than a week"
    age_failures(state, days=8)
    day = written(days, "2", failed={"2": LATER})
    assert (day.is_closed, day.fault, day.failed) == (True, None, 1)
    assert Failures(state.engine).of("samakal", ["2"]) == {"2"}
    assert Failures(state.engine).final("samakal", ["2"]) == {"2"}
    assert days.retry(SPAN) == {DAY}
    assert not written(days, "2", failed={"2": LATER}).is_closed, "a retry gives it another week"


def test_a_skipped_request_is_no_try_of_an_article(state, days):
    aside = replace(LATER, reason="robots-unavailable")
    for _ in range(3):
        written(days, "2", failed={"2": aside})
        age_failures(state, days=8)
    for _ in range(2):
        assert not written(days, "2", failed={"2": LATER}).is_closed
        age_failures(state, days=8)
    assert not written(days, "2", failed={"2": aside}).is_closed


def test_a_faulty_listing_is_given_up_after_a_week(state, days):
    fault = "https://n.example/{}: not fetched (http-{})".format
    written(days, fault=fault(1, 500))
    age_faults(state, days=6)
    written(days, fault=fault(1, 502))
    written(days, is_settled=False)  # an interrupted run does not restart the week
    assert give_up(days) == {DAY: "open"}
    age_faults(state, days=8)
    written(days, fault=f"{fault(1, 500)}; {fault(2, 500)}")
    assert give_up(days) == {DAY: "open"}, "another list fails for the first time"
    age_faults(state, days=8)
    written(days, fault=fault(2, 500))
    assert give_up(days) == {DAY: "closed"}
    assert days.retry(SPAN) == {DAY}
    written(days, fault=fault(2, 500))
    assert give_up(days) == {DAY: "open"}, "another try has another week"


def test_a_fault_that_moves_between_pages_has_one_week(state, days):
    for page in (2, 3):
        fault = Fault(LIST, FaultKind.BROKEN, f"{LIST}?page={page}", "not fetched (http-500)")
        days.write([DayNews(DAY, {}, [fault])])
        assert of_day(days).fault == str(fault)
        assert give_up(days) == {DAY: "open" if page == 2 else "closed"}
        age_faults(state, days=8)


def test_a_day_not_visited_in_the_run_stays_open(state, days):
    written(days, fault="x: not fetched (http-500)")
    age_faults(state, days=8)
    days.give_up(clock.now() + timedelta(minutes=1))
    assert days.closed(SPAN) == set()
