"""Days in a crawl: the ledger that a run keeps of them, and how it judges their lists."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from crawler.crawl.assignment import Assignment
from crawler.crawl.discovery.day_ledger import DayLedger, DayList, DayLists
from crawler.model.day_news import DayNews, FaultKind
from crawler.model.failures import failure_of
from crawler.model.listing import Listing
from crawler.model.span import ONE_DAY, Span
from crawler.outlets.outlet import Outlet
from crawler.outlets.sources import ArchivePage, JsonListing
from crawler.system import clock

DHAKA = ZoneInfo("Asia/Dhaka")
DAY, BEFORE = date(2022, 7, 12), date(2022, 7, 11)
TODAY = date(2022, 7, 13)
LIST = "https://n.example/2022-07-12"


# The ledger of a run


class Daily(Outlet):
    name = "daily"
    article = r"^https://n\.example/(?P<key>\d+)$"
    days = [JsonListing("https://n.example/{day}"), ArchivePage("https://n.example/archive/{day}?page={page}")]


def ledger(backfill="open"):
    assignment = Assignment(Daily, since="2022-07-01", until="2022-07-31", backfill=backfill)
    return DayLedger(assignment, confirmed=lambda listing: listing)


def visit(day, source=Daily.days[0]):
    return next(source.visits(Span(day, day, DHAKA)))


def listing(key):
    return Listing(f"https://n.example/{key}")


def listed(one, day, *keys, pending=(), fault=None, kind=FaultKind.BROKEN, source=Daily.days[0]):
    """Let a source list articles for a day, some of which are requested."""
    one.asked(visit(day, source))
    for key in pending:
        one.requested(key, day)
    articles = {key: listing(key) for key in keys}
    one.note_list(visit(day, source), Assignment(Daily).selection(), articles, articles)
    one.answered(visit(day, source), articles, fault=fault, kind=kind)
    return one


def listings_of(visit, *keys):
    return {key: replace(listing(key), source=visit.url) for key in keys}


def news_of(one):
    return {news.day: news for news in one.notes().days}


def test_a_day_is_settled_after_its_lists_and_articles():
    one = listed(ledger(), DAY, "1", "2", pending=["1"])
    assert news_of(one)[DAY] == DayNews(DAY, listings_of(visit(DAY), "1", "2"), [], is_settled=False)
    one.settle(listing("1"))
    assert news_of(one)[DAY].is_settled
    assert news_of(one) == {}


def test_a_day_waits_for_the_further_pages_of_its_sources():
    one = ledger()
    one.asked(visit(DAY))
    listed(one, DAY, "1")
    assert not news_of(one)[DAY].is_settled
    assert one.is_last(DAY)
    one.answered(visit(DAY), {"2": listing("2")})
    assert news_of(one)[DAY] == DayNews(DAY, listings_of(visit(DAY), "1", "2"), [])


def test_an_article_that_two_days_list_keeps_both_waiting():
    one = listed(listed(ledger(), DAY, "1", pending=["1"]), BEFORE, "1")
    assert {news.is_settled for news in news_of(one).values()} == {False}
    one.settle(listing("1"))
    assert {day: news.is_settled for day, news in news_of(one).items()} == {DAY: True, BEFORE: True}


@pytest.mark.parametrize("ahead", [0, 1])
def test_today_and_days_to_come_are_never_settled(ahead):
    day = clock.today(DHAKA) + ahead * ONE_DAY
    assert not news_of(listed(ledger(), day, "1"))[day].is_settled


def test_a_run_that_only_counts_settles_no_day():
    assert not news_of(listed(ledger("count"), DAY, "1"))[DAY].is_settled


def test_a_run_without_a_backfill_notes_articles_and_no_days():
    one = listed(ledger(backfill=None), DAY, "1", pending=["1"])
    one.settle(listing("1"))
    assert one.notes().settled == ["1"]
    assert not one.notes()


def test_a_fault_names_the_page_and_the_list():
    source = Daily.days[1]
    second = source.next_page(visit(DAY, source), 1, {})
    one = listed(ledger(), DAY, "1", source=source)
    one.asked(second)
    one.answered(second, {}, fault="not fetched (http-503)")
    [fault] = news_of(one)[DAY].faults
    assert (str(fault), fault.source) == (f"{second.url}: not fetched (http-503)", visit(DAY, source).url)


def test_a_failure_belongs_to_the_day_that_listed_the_article():
    one = listed(ledger(), DAY, "1", "2", pending=["1", "2"])
    one.requested("3", None)
    for key in ("1", "3"):
        one.settle(replace(listing(key), published=BEFORE), "failed", "http-404")
    one.settle(listing("2"))
    notes = one.notes()
    assert {key: failure.day for key, failure in notes.failed.items()} == {"1": DAY, "3": BEFORE}
    assert notes.settled == ["2"]


def test_a_failed_revisit_is_no_failure_of_the_article():
    one = listed(ledger(), DAY, "1")
    one.settle(listing("1"), "failed", "http-500")
    assert one.notes().failed == {}


def test_an_article_moves_only_to_a_day_beside_its_listing():
    one = listed(ledger(), DAY, pending=["1", "2", "3"])
    for key, of in (("1", BEFORE), ("2", BEFORE - ONE_DAY), ("3", DAY + ONE_DAY), ("4", BEFORE)):
        one.dated(listing(key), of, is_outside=True)
    assert one.notes().moved.keys() == {(BEFORE, "1"), (TODAY, "3")}
    assert not one.notes().moved


def test_listed_dates_beside_a_day_are_found():
    dated = {key: Listing("https://n.example/1", day) for key, day in (("1", BEFORE), ("2", BEFORE - ONE_DAY))}
    assert ledger().days_beside(visit(DAY), dated | {"3": listing("3")}) == {"1": BEFORE}
    assert ledger("count").days_beside(visit(DAY), dated) == {}


@pytest.mark.parametrize("dated", [{}, {"1": DAY}])
def test_the_first_list_waits_for_another_to_compare_with(dated):
    one = ledger()
    for key, published in dated.items():
        one.dated(listing(key), published)
    listed(one, DAY, "1", "2", "3")
    assert not one.notes()
    listed(one, BEFORE - ONE_DAY)
    assert news_of(one).keys() == {BEFORE - ONE_DAY}, "an empty list compares with nothing"
    listed(one, BEFORE, "1", "2", "3")
    found = {day: (news.is_settled, set(news.astray)) for day, news in news_of(one).items()}
    assert found == {
        DAY: (True, set() if dated else {visit(DAY).url}),
        BEFORE: (True, {visit(BEFORE).url}),
    }
    listed(one, BEFORE - ONE_DAY, "4", "5", "6")
    assert news_of(one)[BEFORE - ONE_DAY].is_settled


def test_an_article_that_no_list_has_any_more_names_no_list():
    one = listed(ledger(), DAY, "1")
    one.asked(visit(DAY))
    one.answered(visit(DAY), {"1": listing("1")}, {"1": listing("1"), "2": listing("2")})
    assert {key: found.source for key, found in news_of(one)[DAY].listings.items()} == {"1": visit(DAY).url, "2": None}


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
def test_a_failure_of_the_article_itself_is_final(outcome, reason, is_final):
    assert failure_of(outcome, reason, "https://n.example/1").is_final is is_final


# Lists of other days


def list_of(*keys, of_day=None, others=(), is_of_day=False, source=LIST):
    """Return the list of a source by its address; all of its articles may be of the day, or `of_day`."""
    return {source: DayList(set(keys), set(keys if of_day is None else of_day), set(others), is_of_day)}


def judge(lists, dated=()):
    """Return the judge of the lists of days, and of articles with the dates of their pages."""
    found = DayLists()
    for key, published in dict(dated).items():
        found.dated(key, published)
    for day, of_day in lists.items():
        found.read(day, of_day)
    return found


def astray(*keys, dated=(), **more):
    """Return the sources that list no article of the day; one source lists the keys."""
    lists = list_of(*keys, **more)
    return judge({DAY: lists}, dated).astray(DAY, lists)


def test_a_listing_of_articles_of_other_days_is_astray():
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


@pytest.mark.parametrize(
    ("dated", "expected"), [({}, {DAY, BEFORE}), ({"1": DAY}, {BEFORE}), ({"1": TODAY}, {DAY, BEFORE})]
)
def test_a_listing_shared_by_two_days_is_astray_unless_dated(dated, expected):
    lists = {day: list_of("1", "2", "3", source=f"https://n.example/{day}") for day in (DAY, BEFORE)}
    found = judge(lists | {TODAY: list_of("1", "2", "4")}, dated)
    assert {day for day, of_day in lists.items() if found.astray(day, of_day)} == expected
    assert found.astray(BEFORE, lists[BEFORE]) == {f"https://n.example/{BEFORE}": set()}


def test_a_short_list_may_be_the_same_for_two_days():
    lists = {day: list_of("1", "2") for day in (DAY, BEFORE)}
    assert not any(judge(lists).astray(day, of_day) for day, of_day in lists.items())


@pytest.mark.parametrize(("dated", "unsure"), [({}, {LIST}), ({"1": BEFORE}, set()), ({"1": DAY}, set())])
def test_the_only_listing_needs_an_article_near_its_day(dated, unsure):
    lists, short = list_of("1", "2", "3"), list_of("4")
    assert judge({DAY: lists}, dated).unsure(DAY, lists) == unsure
    both = judge({DAY: lists, BEFORE: short}, dated)
    assert both.unsure(DAY, lists) == both.unsure(BEFORE, short) == set()


def test_one_source_is_astray_beside_one_that_is_not():
    lists = list_of("1", "2", "3", source="https://n.example/other", is_of_day=True) | list_of(*"456", others="456")
    assert judge({DAY: lists}).astray(DAY, lists).keys() == {LIST}
