"""Days and failures: when a day is closed, by what a run found out and by what state itself knows."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from test_state import SEEN, state_url  # noqa: F401

from crawler.crawl.discovery.day_ledger import DayBook
from crawler.crawl.discovery.day_lists import DayList
from crawler.model.day_news import DayNews, Fault
from crawler.model.failures import Failure, failure_of
from crawler.model.listing import Listing
from crawler.model.span import ONE_DAY, Span
from crawler.state import State, tables
from crawler.state.days import Days, open_again
from crawler.state.facts import as_text
from crawler.state.failures import Failures

DHAKA = ZoneInfo("Asia/Dhaka")
DAY, BEFORE = date(2022, 7, 12), date(2022, 7, 11)
TODAY = date(2022, 7, 13)
SPAN = Span(BEFORE, TODAY, DHAKA)
GONE = Failure("https://n.example/2", "http-404", is_final=True, day=DAY)
LIST = "https://n.example/2022-07-12"
LATER = Failure("https://n.example/2", "timeout", is_final=False, day=DAY)


@pytest.fixture
def state(state_url):  # noqa: F811
    state = State(state_url)
    yield state
    state.close()


@pytest.fixture
def days(state):
    return Days(state.engine, "samakal", "national")


def seen(key, **facts):
    return replace(SEEN, key=key, **facts)


def told(days, *keys, fault=None, is_settled=True, failed=None, settled=()):
    days.tell([DayNews(DAY, keys, fault, is_settled, at_fault=sources_in(fault))], failed or {}, settled)
    (day,) = days.of(Span(DAY, DAY, DHAKA))
    return day


def sources_in(fault):
    return {part.partition(": ")[0] for part in fault.split("; ")} if fault else set()


# The book of a run


def book(*keys, pending=()):
    """Return the book of a day whose only source has listed articles, some of which are under way."""
    book = DayBook()
    book.asked(DAY)
    for key in pending:
        book.requested(key, DAY)
    book.answered(DAY, keys)
    return book


def news_of(book, today=TODAY):
    return {news.day: news for news in book.notes(today).days}


def test_a_day_is_settled_when_its_sources_are_read_and_its_articles_came_to_something():
    one = book("1", "2", pending=["1"])
    assert news_of(one)[DAY] == DayNews(DAY, {"1", "2"}, None, is_settled=False)
    one.settle("1")
    assert news_of(one)[DAY].is_settled
    assert news_of(one) == {}


def test_a_day_waits_for_the_further_pages_of_its_sources():
    one = DayBook()
    one.asked(DAY)
    one.asked(DAY)
    one.answered(DAY, ["1"])
    assert not news_of(one)[DAY].is_settled
    assert one.is_last(DAY)
    one.answered(DAY, ["2"])
    assert news_of(one)[DAY] == DayNews(DAY, {"1", "2"}, None, is_settled=True)


def test_an_article_that_two_days_list_keeps_both_waiting():
    one = book("1", pending=["1"])
    one.asked(BEFORE)
    one.answered(BEFORE, ["1"])
    assert {news.is_settled for news in news_of(one).values()} == {False}
    one.settle("1")
    assert {day: news.is_settled for day, news in news_of(one).items()} == {DAY: True, BEFORE: True}


def test_today_and_days_to_come_are_never_settled():
    assert not news_of(book("1"), today=DAY)[DAY].is_settled
    assert not news_of(book("1"), today=BEFORE)[DAY].is_settled


def test_what_is_wrong_with_a_source_is_part_of_the_news():
    one = DayBook()
    one.asked(DAY)
    one.asked(DAY)
    one.answered(DAY, ["1"])
    one.answered(DAY, [], Fault(LIST, f"{LIST}?page=2: not fetched (http-503)"))
    told = news_of(one)[DAY]
    assert (told.fault, told.at_fault) == (f"{LIST}?page=2: not fetched (http-503)", {LIST})


def test_a_failure_is_of_the_day_whose_source_listed_the_article():
    one = book("1", "2", pending=["1", "2"])
    one.requested("3", None)
    for key in ("1", "3"):
        one.settle(key, failure_of("failed", "http-404", f"https://n.example/{key}", BEFORE))
    one.settle("2")
    notes = one.notes(TODAY)
    assert {key: failure.day for key, failure in notes.failed.items()} == {"1": DAY, "3": BEFORE}
    assert notes.settled == ["2"]


def test_what_is_looked_at_again_in_vain_has_not_failed():
    one = book("1")
    one.settle("1", failure_of("failed", "http-500", "https://n.example/1"))
    assert one.notes(TODAY).failed == {}


@pytest.mark.parametrize(
    ("outcome", "reason", "is_final"),
    [
        ("failed", "http-404", True),
        ("failed", "http-410", True),
        ("failed", "robots", True),
        ("failed", "redirect-loop", True),
        ("failed", "http-403", False),
        ("failed", "http-500", False),
        ("failed", "timeout", False),
        ("rejected", "no-headline", True),
        ("failed", "empty-body", False),
        ("rejected", "redirected-away", True),
        ("rejected", "challenge", False),
        ("rejected", "crash", False),
    ],
)
def test_what_says_something_of_the_article_itself_is_for_good(outcome, reason, is_final):
    assert failure_of(outcome, reason, "https://n.example/1").is_final is is_final


# State


def test_a_day_is_closed_when_state_accounts_for_every_article(state, days):
    state.recorded([seen("1"), seen("2", outcome="out-of-scope", version=0)])
    day = told(days, "1", "2", "3", failed={"3": GONE})
    assert (day.status, day.listed, day.archived, day.turned_down, day.failed) == ("closed", 3, 1, 1, 1)
    assert days.closed(SPAN) == {DAY}
    assert Days(state.engine, "samakal", "all").closed(SPAN) == set()
    assert Days(state.engine, "ittefaq", "national").closed(SPAN) == set()


def test_a_day_with_an_article_that_state_does_not_know_stays_open(state, days):
    state.recorded([seen("1")])
    day = told(days, "1", "2")
    assert (day.status, day.unknown) == ("open", 1)


def test_a_day_with_a_broken_source_stays_open_and_says_why(state, days):
    state.recorded([seen("1")])
    assert told(days, "1", fault="x: not fetched (http-403)").status == "open"
    assert told(days, "1", fault="x: not fetched (http-403)").fault == "x: not fetched (http-403)"
    assert told(days, "1", is_settled=False).status == "open"
    assert told(days, "1").status == "closed"


def test_a_failure_for_now_keeps_its_day_open_until_it_is_made_good(state, days):
    state.recorded([seen("1")])
    day = told(days, "1", "2", failed={"2": LATER})
    assert (day.status, day.failed, day.fault) == ("open", 1, "1 of 2 articles failed for now")
    failures = Failures(state.engine)
    assert failures.waiting("samakal", "national", DAY) == {"2": Listing("https://n.example/2")}
    assert failures.of("samakal", ["1", "2"]) == {"2": False}
    state.recorded([seen("2")])
    assert told(days, "1", "2", settled=["2"]).status == "closed"
    assert failures.of("samakal", ["1", "2"]) == {}


def test_what_a_national_listing_had_before_it_failed_is_still_told_so_when_another_listing_has_it(state, days):
    failures = Failures(state.engine)
    for national in (False, True, False):
        told(days, "2", failed={"2": replace(LATER, national=national)})
    assert failures.waiting("samakal", "national", DAY) == {"2": Listing(LATER.url, national=True)}
    with state.engine.begin() as connection:
        connection.execute(update(tables.failures).values(national=None))  # an older khobor's
    assert failures.waiting("samakal", "national", DAY) == {"2": Listing(LATER.url)}
    told(days, "2", failed={"2": replace(LATER, national=True)})
    assert failures.waiting("samakal", "national", DAY) == {"2": Listing(LATER.url, national=True)}


def test_a_page_turned_down_earlier_that_now_fails_is_a_failure(state, days):
    state.recorded([seen("2", outcome="out-of-span", version=0)])
    assert told(days, "2", failed={"2": LATER}).status == "open"


def test_what_failed_for_good_opens_its_day_again_only_when_asked_for(state, days):
    assert told(days, "2", failed={"2": GONE}).status == "closed"
    assert Failures(state.engine).waiting("samakal", "national", DAY) == {}
    assert days.retry(Span(BEFORE, BEFORE, DHAKA)) == set()
    assert days.closed(SPAN) == {DAY}
    assert days.retry(SPAN) == {DAY}
    assert days.closed(SPAN) == set()
    assert Failures(state.engine).waiting("samakal", "national", DAY) == {"2": Listing(GONE.url)}


def test_what_failed_in_another_scope_or_without_a_day_is_retried_with_the_day_that_counts_it(state, days):
    began = datetime.now(UTC)
    elsewhere = Days(state.engine, "samakal", "all")
    elsewhere.tell([], {"2": replace(GONE, day=None), "3": replace(GONE, url="https://n.example/3")}, [])
    day = told(days, "2", "3")
    assert (day.status, day.failed) == ("closed", 2)
    failures = Failures(state.engine)
    assert failures.final("samakal", ["2", "3"]) == {"2", "3"}
    assert days.retry(SPAN) == {DAY}
    assert days.closed(SPAN) == set()
    assert failures.final("samakal", ["2", "3"]) == {"2"}
    assert failures.final("samakal", ["2", "3"], datetime.now(UTC)) == set(), "what failed before is tried again"
    assert failures.final("samakal", ["2", "3"], began) == {"2"}


def test_an_article_of_another_day_opens_that_day_and_keeps_open_none_that_listed_it(state, days):
    days.tell([DayNews(DAY, [], None, is_settled=True)], {}, [])
    state.recorded([seen("1", outcome="out-of-span", version=0), seen("2")])
    moved = {key: Failure(f"https://n.example/{key}", "out-of-span", is_final=False, day=DAY) for key in ("1", "2")}
    days.tell([DayNews(BEFORE, ["1", "2"], None, is_settled=True)], {}, [], moved)
    assert days.closed(SPAN) == {BEFORE}
    failures = Failures(state.engine)
    assert failures.waiting("samakal", "national", DAY).keys() == {"1"}, "the other is archived"
    assert failures.resting("samakal", ["1"], datetime.now(UTC)) == set()
    state.recorded([seen("1")])
    assert told(days, "1", settled=["1"]).status == "closed"


def test_only_what_is_of_a_day_beside_its_list_is_noted_for_that_day():
    one = book(pending=["1", "2", "3"])
    for key, of in (("1", BEFORE), ("2", BEFORE - ONE_DAY), ("3", DAY + ONE_DAY), ("4", BEFORE)):
        one.moved(key, Listing(f"https://n.example/{key}"), of)
    assert {key: failure.day for key, failure in one.notes(TODAY).moved.items()} == {"1": BEFORE, "3": TODAY}
    assert not one.notes(TODAY).moved


def test_days_are_told_newest_first_and_by_when_they_were_written(days):
    days.tell([DayNews(day, [], None, is_settled=True) for day in (BEFORE, DAY)], {}, [])
    assert [day.day for day in days.of(SPAN)] == [DAY, BEFORE]
    moment = datetime.now(UTC)
    assert len(days.of(SPAN, moment - timedelta(minutes=1))) == 2
    assert days.of(SPAN, moment + timedelta(minutes=1)) == []


def test_days_that_rest_on_what_was_lost_are_opened_again(state, days):
    days.tell([DayNews(DAY, [], None, is_settled=True)], {}, [])
    open_again(state.engine, "samakal", datetime.now(UTC) + timedelta(minutes=1))
    assert days.closed(SPAN) == {DAY}
    open_again(state.engine, "samakal", datetime.now(UTC) - timedelta(minutes=1))
    assert days.closed(SPAN) == set()


def test_more_articles_than_a_query_can_name_are_accounted_for(state, days):
    keys = [str(number) for number in range(1700)]
    state.recorded([seen(key) for key in keys])
    assert told(days, *keys, settled=keys).status == "closed"


# Lists of other days

ASTRAY = f"{LIST}: it lists only articles of other days"


def listing(one, *keys, day=DAY, source=LIST, of_day=None, others=(), is_of_day=False):
    """Let a source list keys for a day; what may be of it is all, or `of_day`."""
    one.asked(day)
    one.listed(day, source, DayList(set(keys), set(keys if of_day is None else of_day), set(others), is_of_day))
    one.answered(day, keys)


def astray(*keys, dated=(), **more):
    """Return the sources that list nothing of the day, of which one source lists the keys."""
    one = DayBook()
    for key, published in dict(dated).items():
        one.dated(key, published)
    listing(one, *keys, **more)
    return judged(one)[DAY].astray


def judged(one):
    return {news.day: news for news in one.notes(TODAY, is_over=True).days}


def test_a_list_is_of_other_days_when_some_are_known_to_be_and_none_to_be_of_its_own():
    assert astray("1", "2", "3", others="123", of_day=()) == {LIST: set()}
    assert astray("1", "2", "3", "4", dated=dict.fromkeys("123", DAY - 2 * ONE_DAY)) == {LIST: {"4"}}
    assert astray("1", "2", "3", "4", dated={"1": DAY - 2 * ONE_DAY}, others="23", of_day="4") == {LIST: {"4"}}
    assert astray("1", "2", "3", others="12", dated={"1": DAY - 2 * ONE_DAY}) == {}, "few were published once more"
    assert astray("1", "2", dated=dict.fromkeys("12", DAY - 9 * ONE_DAY)) == {}, "few were published once more"
    assert astray("1", "2", "3", "4", dated=dict.fromkeys("1234", BEFORE)) == {}, "a paper holds the evening before"
    assert astray("1", "2", "3", "4", dated=dict.fromkeys("1234", TODAY)) == {}
    assert astray("1", "2", "3", "4", others="234", dated={"1": DAY}) == {}
    assert astray("1", "2", "3", others="123", is_of_day=True) == {}
    assert astray() == astray("1", "2", "3") == {}


def test_a_list_that_another_day_has_too_is_of_neither_unless_it_is_known_to_be():
    for dated, expected in (({}, {DAY, BEFORE}), ({"1": DAY}, {BEFORE}), ({"1": TODAY}, {DAY, BEFORE})):
        one = DayBook()
        for key, published in dated.items():
            one.dated(key, published)
        for day in (DAY, BEFORE):
            listing(one, "1", "2", "3", day=day, source=f"https://n.example/{day}")
        listing(one, "1", "2", "4", day=TODAY)
        found = judged(one)
        assert {day for day in (DAY, BEFORE) if found[day].astray} == expected
        assert found[BEFORE].astray == {f"https://n.example/{BEFORE}": set()}
    one = DayBook()
    for day in (DAY, BEFORE):
        listing(one, "1", "2", day=day)
    assert not any(news.astray for news in judged(one).values()), "few are published once more"


@pytest.mark.parametrize("dated", [{}, {"1": DAY}])
def test_the_first_list_waits_for_that_of_another_day_and_both_are_told_at_once(dated):
    one = DayBook()
    for key, published in dated.items():
        one.dated(key, published)
    listing(one, "1", "2", "3")
    assert not one.notes(TODAY)
    listing(one, day=BEFORE - ONE_DAY)
    assert news_of(one).keys() == {BEFORE - ONE_DAY}, "there is nothing to compare with"
    listing(one, "1", "2", "3", day=BEFORE)
    found = {day: (news.is_settled, set(news.astray)) for day, news in news_of(one).items()}
    assert found == {DAY: (True, set() if dated else {LIST}), BEFORE: (True, {LIST})}
    listing(one, "4", "5", "6", day=BEFORE - ONE_DAY)
    assert news_of(one)[BEFORE - ONE_DAY].is_settled


def test_a_list_that_is_all_that_a_run_has_read_and_has_nothing_dated_near_its_day_tells_of_none():
    one = DayBook()
    listing(one, "1", "2", "3")
    assert judged(one)[DAY].unsure == {LIST}
    for dated in (BEFORE, DAY):
        one = DayBook()
        one.dated("1", dated)
        listing(one, "1", "2", "3")
        assert judged(one)[DAY].unsure == set()
    one = DayBook()
    listing(one, "1", "2", "3")
    listing(one, "4", day=BEFORE)
    assert [set(news.unsure) for news in judged(one).values()] == [set(), set()]


def test_a_source_that_lists_other_days_is_a_fault_of_its_own_beside_one_that_lists_the_day():
    one = DayBook()
    listing(one, "1", "2", "3", source="https://n.example/other", is_of_day=True)
    listing(one, "4", "5", "6", others="456")
    assert judged(one)[DAY].astray.keys() == {LIST}


def told_astray(days, *keys, of_day=(), is_settled=True, **more):
    days.tell([DayNews(DAY, keys, None, is_settled, astray={LIST: set(of_day)}, **more)], {}, [])
    (day,) = days.of(Span(DAY, DAY, DHAKA))
    return day.status, day.fault


def test_a_day_whose_list_is_of_other_days_stays_open_and_names_the_source(state, days):
    state.recorded([seen("1", outcome="out-of-span", version=0)])
    assert told_astray(days, "1") == ("open", ASTRAY)
    assert told(days, is_settled=False).fault == ASTRAY, "a run that is cut has not found another"
    state.recorded([seen("2")])
    assert told_astray(days, "1", "2", of_day=["2"]) == ("open", ASTRAY), "what is kept of other days fills none"
    assert told(days, "1", "2").status == "closed"


def test_a_list_of_other_days_is_mended_by_one_that_tells_its_day_or_is_compared_with_another(state, days):
    state.recorded([seen("1"), seen("2"), seen("3")])
    unsure = DayNews(DAY, ["1", "2", "3"], None, is_settled=True, unsure={LIST})
    days.tell([unsure], {}, [])
    assert days.closed(SPAN) == {DAY}, "it had no fault"
    told_astray(days, "1", "2", "3")
    days.tell([unsure], {}, [])
    [day] = days.of(Span(DAY, DAY, DHAKA))
    assert (day.status, day.fault) == ("open", ASTRAY)
    age_faults(state, days=8)
    days.tell([replace(unsure, astray={LIST: set()})], {}, [])
    assert give_up(days) == {DAY: "closed"}, "it is one and the same fault for a week"
    days.tell([replace(unsure, unsure=())], {}, [])
    assert days.of(Span(DAY, DAY, DHAKA))[0].fault is None


def test_what_was_archived_earlier_may_be_all_there_is_of_a_day(state, days):
    state.recorded([seen("1", outcome="out-of-span", version=0), seen("2")])
    assert told_astray(days, "1", "2", of_day=["2"]) == ("closed", None)


def test_a_list_of_other_days_is_given_up_after_a_week_in_vain(state, days):
    told_astray(days)
    age_faults(state, days=8)
    assert told_astray(days) == ("open", ASTRAY)
    assert give_up(days) == {DAY: "closed"}
    assert days.retry(SPAN) == {DAY}


# What is given up

NEAR_BY, FAR = DAY - timedelta(days=3), DAY - timedelta(days=30)
MISSING = "x: not fetched (http-404)"


def news(day, *keys, fault=None):
    return DayNews(day, keys, fault, is_settled=True, is_absent=fault is not None, at_fault=sources_in(fault))


def give_up(days, *absent):
    days.give_up(dict.fromkeys(absent, False), datetime.now(UTC) - timedelta(minutes=1))
    return {day.day: day.status for day in days.of(Span(FAR, TODAY, DHAKA))}


def age_faults(state, **time):
    moment = as_text(datetime.now(UTC) - timedelta(**time))
    with state.engine.begin() as connection:
        connection.execute(update(tables.days).values(fault_since=moment))


def age_failures(state, **time):
    moment = as_text(datetime.now(UTC) - timedelta(**time))
    with state.engine.begin() as connection:
        connection.execute(update(tables.failures).values(since=moment))


def test_a_day_without_a_list_is_given_up_where_days_near_it_have_one(state, days):
    state.recorded([seen("1")])
    days.tell([news(DAY, fault=MISSING), news(NEAR_BY, "1"), news(FAR, fault=MISSING)], {}, [])
    assert give_up(days, DAY, FAR) == {DAY: "closed", NEAR_BY: "closed", FAR: "open"}
    assert days.of(Span(DAY, DAY, DHAKA))[0].fault == MISSING
    assert days.retry(SPAN) == {DAY}
    assert days.closed(Span(FAR, TODAY, DHAKA)) == {NEAR_BY}


def test_days_without_a_list_near_days_that_have_one_are_told_from_faults_before_they_are_given_up(state, days):
    state.recorded([seen("1")])
    fault = news(BEFORE, fault="x: not fetched (http-500)")
    days.tell([news(DAY, fault=MISSING), news(NEAR_BY, "1"), news(FAR, fault=MISSING)], {}, [])
    days.tell([replace(fault, is_absent=False), news(TODAY, "2", fault=MISSING)], {"2": LATER}, [])
    assert days.gaps(Span(FAR, TODAY, DHAKA)) == {DAY}, "another fault is none, nor is what failed for now"
    assert days.gaps(Span(FAR, BEFORE, DHAKA)) == set()
    days.tell([news(DAY, "1")], {}, [])
    assert days.gaps(SPAN) == set()


def test_a_day_that_may_be_empty_is_closed_like_any_other_beside_days_that_are_not(state, days):
    state.recorded([seen("1")])
    empty = partial(news, fault="x: it lists no article")
    days.tell([empty(DAY), news(NEAR_BY, "1"), empty(FAR)], {}, [])
    days.give_up({DAY: True, FAR: True}, datetime.now(UTC) - timedelta(minutes=1))
    told = {day.day: (day.status, day.fault) for day in days.of(Span(FAR, TODAY, DHAKA))}
    assert told == {DAY: ("closed", None), NEAR_BY: ("closed", None), FAR: ("open", "x: it lists no article")}
    age_faults(state, days=8)
    assert give_up(days)[FAR] == "closed"
    assert days.retry(Span(FAR, FAR, DHAKA)) == {FAR}
    assert days.retry(SPAN) == {DAY}, "what lists nothing is asked again when that is wanted"


def test_a_day_without_one_of_its_lists_waits_for_what_the_others_list(state, days):
    state.recorded([seen("1"), seen("3")])
    for may_be_empty in (True, False):
        days.tell([news(DAY, "1", "2", fault=MISSING), news(NEAR_BY, "3")], {"2": LATER}, [])
        days.give_up({DAY: may_be_empty}, datetime.now(UTC) - timedelta(minutes=1))
        assert days.closed(SPAN) == set()
        assert days.of(SPAN)[0].fault == f"{MISSING}; 1 of 2 articles failed for now"
        assert Failures(state.engine).of("samakal", ["2"]) == {"2": False}
    days.tell([news(DAY, "1", "2", "4", fault=MISSING)], {}, ["2"])
    state.recorded([seen("2")])
    assert give_up(days, DAY)[DAY] == "open", "of one article nothing is known"
    days.tell([news(DAY, "1", "2", fault=MISSING)], {}, [])
    assert give_up(days, DAY)[DAY] == "closed"


def test_an_article_has_failed_for_good_a_week_after_it_first_did_and_with_three_tries(state, days):
    told(days, "2", fault="x: not fetched (http-500)")
    age_faults(state, days=8)
    for moment in ("first", "second"):
        day = told(days, "2", failed={"2": LATER})
        assert (day.status, give_up(days)) == ("open", {DAY: "open"}), f"its {moment} try, however old the day is"
        age_failures(state, days=6)
    assert told(days, "2", failed={"2": LATER}).status == "open", "three tries in less than a week"
    age_failures(state, days=8)
    day = told(days, "2", failed={"2": LATER})
    assert (day.status, day.fault, day.failed) == ("closed", None, 1)
    assert Failures(state.engine).of("samakal", ["2"]) == {"2": True}
    assert days.retry(SPAN) == {DAY}
    assert told(days, "2", failed={"2": LATER}).status == "open", "who asks gives it another week"


def test_what_was_not_asked_for_is_no_try_of_an_article(state, days):
    aside = replace(LATER, reason="robots-unavailable")
    for _ in range(3):
        told(days, "2", failed={"2": aside})
        age_failures(state, days=8)
    for _ in range(2):
        assert told(days, "2", failed={"2": LATER}).status == "open"
        age_failures(state, days=8)
    assert told(days, "2", failed={"2": aside}).status == "open"


def test_a_list_is_given_up_a_week_after_its_own_fault_began(state, days):
    fault = "https://n.example/{}: not fetched (http-{})".format
    told(days, fault=fault(1, 500))
    age_faults(state, days=6)
    told(days, fault=fault(1, 502))
    told(days, is_settled=False)  # a run that is cut is no reason to begin the week anew
    assert give_up(days) == {DAY: "open"}
    age_faults(state, days=8)
    told(days, fault=f"{fault(1, 500)}; {fault(2, 500)}")
    assert give_up(days) == {DAY: "open"}, "another list fails for the first time"
    age_faults(state, days=8)
    told(days, fault=fault(2, 500))
    assert give_up(days) == {DAY: "closed"}
    assert days.retry(SPAN) == {DAY}
    told(days, fault=fault(2, 500))
    assert give_up(days) == {DAY: "open"}, "another try has another week"


def test_a_list_whose_fault_moves_between_its_pages_has_one_week(state, days):
    for page in (2, 3):
        one = DayBook()
        one.asked(DAY)
        one.answered(DAY, [], Fault(LIST, f"{LIST}?page={page}: not fetched (http-500)"))
        days.tell(one.notes(TODAY).days, {}, [])
        assert days.of(SPAN)[0].fault == f"{LIST}?page={page}: not fetched (http-500)"
        assert give_up(days) == {DAY: "open" if page == 2 else "closed"}
        age_faults(state, days=8)


def test_a_day_of_which_a_run_told_nothing_is_not_given_up(state, days):
    told(days, fault="x: not fetched (http-500)")
    age_faults(state, days=8)
    days.give_up({DAY: False}, datetime.now(UTC) + timedelta(minutes=1))
    assert days.closed(SPAN) == set()


def test_a_list_is_absent_only_when_every_fault_of_its_day_says_so():
    one = book()
    one.asked(DAY)
    one.answered(DAY, [], Fault("x", MISSING, is_absent=True))
    assert news_of(one)[DAY] == replace(news(DAY, fault=MISSING), keys=frozenset())
    for _ in range(2):
        one.asked(DAY)
    one.answered(DAY, [], Fault("x", MISSING, is_absent=True))
    one.answered(DAY, [], Fault("y", "y: not fetched (http-500)"))
    assert not news_of(one)[DAY].is_absent


@pytest.mark.parametrize(("others", "may_be_empty"), [([], True), ([True], True), ([False], False)])
def test_a_day_may_be_empty_only_if_each_of_its_lists_may(others, may_be_empty):
    one = DayBook()
    for each in [True, *others]:
        one.asked(DAY)
        one.answered(DAY, [], Fault("x", f"{each}: it lists no article", is_absent=True, may_be_empty=each))
    told = news_of(one)[DAY]
    assert (told.is_absent, told.may_be_empty) == (True, may_be_empty)
