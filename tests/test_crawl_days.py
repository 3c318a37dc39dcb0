"""Days in a crawl: the ledger that a run keeps of them, and how it judges their lists."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from crawler.crawl.assignment import Assignment
from crawler.crawl.discovery.day_ledger import DayLedger, DayList, DayLists
from crawler.model.day_news import FaultKind
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


def news_of(one):
    return {news.day: news for news in one.notes().days}


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


def test_an_article_that_no_list_has_any_more_names_no_list():
    one = listed(ledger(), DAY, "1")
    one.asked(visit(DAY))
    one.answered(visit(DAY), {"1": listing("1")}, {"1": listing("1"), "2": listing("2")})
    assert {key: found.source for key, found in news_of(one)[DAY].listings.items()} == {"1": visit(DAY).url, "2": None}


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


def test_one_source_is_astray_beside_one_that_is_not():
    lists = list_of("1", "2", "3", source="https://n.example/other", is_of_day=True) | list_of(*"456", others="456")
    assert judge({DAY: lists}).astray(DAY, lists).keys() == {LIST}
