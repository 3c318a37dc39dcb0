"""How an outlet's declarations become requests, and responses pages."""

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, DownloadTimeoutError, IgnoreRequest
from scrapy.http import HtmlResponse, Response, XmlResponse
from scrapy.settings import Settings
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.test import get_crawler
from test_state_store import SEEN
from twisted.python.failure import Failure as TwistedFailure

from crawler.crawl.assignment import Assignment
from crawler.crawl.discovery.day_ledger import DayLedger
from crawler.crawl.discovery.discovery import Discovery, KnownByNow
from crawler.crawl.discovery.known_articles import KnownArticles
from crawler.crawl.discovery.source_health import SourceHealth
from crawler.crawl.ending import CrawlEnds
from crawler.crawl.memory import Memory
from crawler.crawl.politeness.robots import RobotsUnavailable
from crawler.crawl.settings import PROJECT_ROOT
from crawler.crawl.spider import NewsSpider
from crawler.model.day_news import FaultKind
from crawler.model.failures import ROW, Failure
from crawler.model.listing import Listing
from crawler.model.span import BadArgument
from crawler.outlets.sources import ArchivePage, DailySitemap, Feed, JsonListing, NewsSitemap, Section, WordPress
from crawler.outlets.sources.base import Paging
from crawler.state import Known
from crawler.state.days import Days
from crawler.system import clock

DHAKA = ZoneInfo("Asia/Dhaka")
SITE = "https://n.example"


class Daily(NewsSpider):
    name = "daily"
    title = "দৈনিক"
    allowed_domains = ["n.example"]
    article = r"^https?://(?:www\.)?n\.example/(?:m/)?(?P<section>[a-z-]+)/(?P<key>\d+)(?:[/?#]|$)"
    canonical = "https://n.example/{section}/{key}"
    national = [f"{SITE}/national"]
    pages = "?page={page}"
    feeds = [Feed(f"{SITE}/rss.xml")]
    news_sitemaps = [NewsSitemap(f"{SITE}/news.xml")]
    sections = [Section(f"{SITE}/sports")]
    days = [DailySitemap(f"{SITE}/days/{{day:%Y-%m-%d}}.xml", since="2019-09-30")]


class Slugs(NewsSpider):
    name = "slugs"
    country = "IN"
    article = r"^https://s\.example/(?P<key>[^/?#]+)/"
    feeds = [Feed("https://s.example/feed")]


def spider(outlet=Daily, settings=None, **arguments):
    return outlet.from_crawler(get_crawler(outlet, settings), **arguments)


def stats(daily):
    return {
        name.removeprefix("khobor/"): value
        for name, value in daily.crawler.stats.get_stats().items()
        if name.startswith("khobor/") and value and not name.startswith(("khobor/example/", "khobor/by-source"))
    }


def visited(outlet=Daily, **arguments):
    """Return the addresses of the first visits, without the site."""
    return [visit.url.removeprefix(SITE) for visit in Assignment(outlet, **arguments).visits()]


def collected(requests):
    async def collect():
        return [request async for request in requests]

    return asyncio.run(collect())


def parse(daily, response):
    return collected(daily.discovery.parse_listing(response))


def listed(daily, html, visit=None):
    visit = visit or next(daily.assignment.visits())
    request = daily.discovery.source_request(visit)
    return parse(daily, HtmlResponse(visit.url, body=html.encode(), encoding="utf-8", request=request))


def links(*paths):
    return "".join(f"<a href='/{path}'>খবর</a>" for path in paths)


def paths(requests):
    return [request.url.removeprefix(SITE) for request in requests]


# The assignment


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"since": "2026-02-30"}, "not a day of the calendar"),
        ({"since": "গতকাল"}, "not a date"),
        ({"since": "2022-07-12", "until": "2022-07-10"}, "is after"),
        ({"scope": "sports"}, "neither national nor all"),
        ({"backfill": "all"}, "neither open nor retry nor count"),
        ({"sinse": "2022-07-12"}, "has no argument sinse"),
        ({"missed": "2022-07-12"}, "no JSON object of lists of days"),
        ({"missed": '{"/days": "গতকাল"}'}, "no JSON object of lists of days"),
        ({"since": "2015-01-01", "until": "2015-12-31"}, "2019-09-30 to today"),
    ],
)
def test_an_invalid_argument_is_refused_in_one_sentence(arguments, sentence):
    with pytest.raises(BadArgument, match=sentence) as caught:
        Daily(**arguments)
    assert "\n" not in str(caught.value)


def test_a_span_is_cut_to_the_reach_of_the_sources(caplog):
    caplog.set_level("INFO")
    span = Assignment(Daily, since="2019-01-01", until="2019-10-02").span
    assert (span.since, span.until) == (date(2019, 9, 30), date(2019, 10, 2))
    assert "cut to 2019-09-30 to 2019-10-02" in caplog.text


def test_an_outlet_without_sources_by_day_takes_any_span():
    assert Assignment(Slugs, since="2012-01-01", until="2012-01-02").span.since == date(2012, 1, 1)
    assert visited(Slugs, since="2012-01-01", until="2012-01-02") == ["https://s.example/feed"]


def test_a_run_without_dates_visits_current_lists_and_two_days():
    today = clock.today(DHAKA)
    days = [f"/days/{today}.xml", f"/days/{today - timedelta(days=1)}.xml"]
    assert visited() == ["/national", "/rss.xml", "/news.xml", *days]


def test_past_days_are_visited_newest_first():
    assert visited(since="2022-07-11", until="2022-07-12") == ["/days/2022-07-12.xml", "/days/2022-07-11.xml"]


def test_a_span_that_reaches_today_visits_current_lists_too():
    since = clock.today(DHAKA) - timedelta(days=3)
    assert visited(since=str(since))[:3] == ["/national", "/rss.xml", "/news.xml"]


def test_other_sections_are_read_for_scope_all_only():
    assert "/sports" not in visited()
    assert "/sports" in visited(scope="all")


def test_an_update_visits_the_missed_days_of_a_source():
    today = clock.today(DHAKA)
    source = f"{SITE}/archive/{{day:%Y-%m-%d}}"
    old = str(today - timedelta(days=5))
    outlet = type("Weekly", (Daily,), {"days": [ArchivePage(source)]})
    assignment = Assignment(outlet, since=old, missed=json.dumps({source: [old]}))
    assignment.is_update = True
    missing = [visit.span.since for visit in assignment.visits() if assignment.is_missing(visit)]
    assert date.fromisoformat(old) in missing
    assert today - timedelta(days=4) not in missing
    assert assignment.looks_back(next(visit for visit in assignment.visits() if old in visit.url))


def test_sections_take_the_outlets_way_of_paging():
    assert {source.pages for source in Daily.sources() if isinstance(source, Section)} == {"?page={page}"}


def test_every_day_is_finished_before_the_day_before_it():
    daily = spider(since="2022-07-11", until="2022-07-12")
    later, earlier = map(daily.discovery.source_request, daily.assignment.visits())
    of_later = daily.discovery.article_request(Listing(f"{SITE}/national/1", date(2022, 7, 12)))
    of_earlier = daily.discovery.article_request(Listing(f"{SITE}/national/2", date(2022, 7, 11)))
    priorities = [request.priority for request in (later, of_later, earlier, of_earlier)]
    assert priorities == sorted(set(priorities), reverse=True)


def test_a_time_zone_follows_the_country():
    assert (Daily.time_zone, Slugs.time_zone) == ("Asia/Dhaka", "Asia/Kolkata")


# Known articles


@pytest.fixture
def memory(tmp_path):
    settings = Settings()
    # get_project_settings() would change the environment of every later test.
    settings.setmodule("settings.base")
    settings.set("STATE_URL", f"sqlite:///{tmp_path}/state.db")
    memory = Memory(Crawler(Spider, settings))
    yield memory
    memory.engine_stopped()


def known_articles(memory=None, is_update=False, **arguments):
    """Return the known articles of an assignment, and the counts that they keep."""
    crawler = get_crawler()
    crawler.extensions.middlewares = (memory,) if memory else ()
    assignment = Assignment(Daily, **arguments)
    assignment.is_update = is_update
    return KnownArticles(assignment, crawler), crawler.stats


def test_known_articles_count_as_listed_and_need_no_request():
    known, stats = known_articles()
    wanted = {key: Listing(f"{SITE}/national/{key}") for key in ("1", "2")}
    assert list(known.unlisted(wanted, known={"1"})) == [wanted["2"]]
    assert list(known.unlisted(wanted, known={"1"})) == []
    assert stats.get_stats() == {"khobor/listed": 2, "khobor/known": 1, "khobor/requested": 1}


def test_nothing_is_known_without_a_memory():
    known, _ = known_articles(backfill="open")
    assert asyncio.run(known.look_up(["1"])) == Known(set(), set())
    assert not asyncio.run(known.is_done("1"))
    assert asyncio.run(known.closed_days()) == set()


@pytest.mark.parametrize(
    ("how", "done"),
    [
        ({}, {"1"}),
        ({"backfill": "open"}, {"1", "2"}),
        ({"backfill": "retry"}, {"1"}),
        ({"is_update": True}, {"1", "2", "3"}),
    ],
)
def test_failed_articles_are_known_to_backfills_and_updates(memory, how, done):
    memory.state.recorded([replace(SEEN, outlet="daily", key="1")])
    failed = {key: Failure(f"{SITE}/national/{key}", "timeout", is_final=key == "2") for key in ("2", "3")}
    Days(memory.state.engine, "daily", "national").write([], failed)
    known, stats = known_articles(memory, since="2022-07-11", until="2022-07-12", **how)
    assert asyncio.run(known.look_up(["1", "2", "3", "4"])).done == done
    assert asyncio.run(known.is_done("1"))
    for key, one in failed.items():
        known.begin(key, is_new=True)
        known.came_to(Listing(one.url), "http-404")
    # A dead link that failed before an update too counts for nothing.
    assert stats.get_value("khobor/fruitless/http-404") == (None if "is_update" in how else 2)


def test_only_a_first_try_counts_as_fruitless():
    known, stats = known_articles()
    for key, is_first in (("1", True), ("2", False), ("3", True)):
        known.begin(key, is_first)
    for key, reason in (("1", "http-404"), ("2", "http-404"), ("3", ROW), ("4", ROW)):
        known.came_to(Listing(f"{SITE}/national/{key}"), reason)
    counts = {name: value for name, value in stats.get_stats().items() if "example" not in name}
    assert counts == {"khobor/fruitless/http-404": 1, "khobor/fruitful": 1}


# The health of sources


def source_health(outlet=Daily, is_update=False, **arguments):
    crawler = get_crawler()
    assignment = Assignment(outlet, **arguments)
    assignment.is_update = is_update
    return SourceHealth(assignment, crawler), assignment, crawler.stats


def test_an_outlet_is_faulty_until_a_source_returns_a_listing():
    health, assignment, stats = source_health()
    first, second, *_ = assignment.visits()
    assert health.fault is None
    health.list_failed(first, "not fetched (http-503)", is_absent=False)
    assert (
        health.fault
        == stats.get_value("khobor/by-source")[first.url]["broken"]
        == f"{first.url} not fetched (http-503)"
    )
    health.count_source(second, assignment.selection(), [Listing(f"{SITE}/national/1")])
    assert health.fault is None
    assert stats.get_value("khobor/by-source")[second.url]["listed"] == 1


@pytest.mark.parametrize(("is_update", "broken"), [(False, 1), (True, None)])
def test_an_update_judges_an_absent_list_after_all_others(is_update, broken):
    health, assignment, stats = source_health(is_update=is_update)
    visit = next(one for one in assignment.visits() if isinstance(one.source, DailySitemap))
    health.list_failed(visit, "not fetched (http-404)", is_absent=True)
    assert stats.get_value("khobor/sources/broken") == broken
    health.judge_lists()
    # A list of today may come later.
    assert stats.get_value("khobor/sources/broken") == broken
    assert stats.get_value("khobor/sources/absent") == (1 if is_update else None)


# Listings


def test_a_listing_becomes_requests_for_the_wanted_articles():
    daily = spider()
    html = links("national/1/x", "national/2", "national/1/y", "sports/3", "about") + "<a href='https://o.example/4'>"
    *articles, following = listed(daily, html)
    assert paths(articles) == ["/national/1/x", "/national/2"]
    assert all(request.meta["listing"].national for request in articles)
    assert paths([following]) == ["/national?page=2"]
    assert stats(daily) == {
        "listed": 2,
        "requested": 2,
        "passed-over/out-of-scope": 1,
        "passed-over/no-article": 1,
        "passed-over/off-site": 1,
    }


def test_an_article_in_several_listings_is_requested_once_per_run():
    daily = spider()
    listed(daily, links("national/1"))
    assert paths(listed(daily, links("m/national/1/slug", "national/2")))[0] == "/national/2"
    assert stats(daily)["listed"] == 2


def test_an_article_that_another_run_fetched_meanwhile_is_refused(memory):
    known, stats = known_articles(memory)
    assignment = Assignment(Daily)
    ledger = DayLedger(assignment, known.confirmed)
    health = SourceHealth(assignment, get_crawler())
    discovery = Discovery(assignment, known, ledger, health, get_crawler(), print, print)
    [request] = discovery.first_requests([Listing(f"{SITE}/national/1")], None, met=set())
    asyncio.run(request.meta["refuse_known"](request))
    memory.state.recorded([replace(SEEN, outlet="daily", key="1")])
    with pytest.raises(KnownByNow):
        asyncio.run(request.meta["refuse_known"](request))
    assert ledger.notes().settled == ["1"]
    assert stats.get_stats() == {"khobor/requested": -1, "khobor/known": 1}


def test_paging_ends_at_a_page_without_new_articles():
    daily = spider()
    second = listed(daily, links("national/1", "national/2"))[-1].meta["source"]
    third = listed(daily, links("national/2", "national/3"), second)[-1].meta["source"]
    assert third.paging.page == 3
    assert listed(daily, links("national/2", "national/1"), third) == []


def test_paging_goes_on_after_articles_that_another_source_listed():
    daily = spider()
    listed(daily, links("national/1"))
    assert paths(listed(daily, links("national/1"))) == ["/national?page=2"]


def test_paging_ends_where_all_new_articles_precede_the_span():
    daily = spider()
    pinned = f"<p><a href='/national/9'></a><time datetime='{clock.now(DHAKA):%Y-%m-%dT%H:%M:%S%z}'></time></p>"
    old = "<p><a href='/national/1'></a><time datetime='2022-07-12'></time></p>"
    section = Section(f"{SITE}/national", national=True, pages="?page={page}", dates="time")
    visit = next(section.visits(daily.assignment.span))
    assert paths(listed(daily, pinned + old, visit)) == ["/national/9", "/national?page=2"]
    second = section.next_page(visit, 2, {})
    seen_before = replace(second, paging=replace(second.paging, seen=frozenset({"9"})))
    assert listed(daily, pinned + old, seen_before) == []


def test_a_feed_that_answers_with_html_is_counted_and_logged(caplog):
    daily = spider()
    feed = next(visit for visit in daily.assignment.visits() if visit.url.endswith("rss.xml"))
    assert listed(daily, "<html><body><a href='/national/1'>x</a></body></html>", feed) == []
    assert stats(daily) == {"sources/broken": 1}
    assert f"{SITE}/rss.xml is broken: it answered with an HTML page instead of a feed" in caplog.text


def test_a_source_that_lists_no_article_is_counted_and_logged(caplog):
    daily = spider()
    assert listed(daily, links("about", "contact")) == []
    assert stats(daily)["sources/empty"] == 1
    assert f"{SITE}/national lists no article" in caplog.text


def test_a_missing_second_page_does_not_break_a_source():
    daily = spider()
    visit = next(daily.assignment.visits())
    for number in (1, 2):
        fail(daily, daily.discovery.source_request(replace(visit, paging=Paging(number))), 404)
    assert stats(daily) == {"sources/broken": 1, "sources/absent": 1}


def test_a_daily_source_may_be_absent_early_in_its_day():
    daily = spider()
    by_day = [visit for visit in daily.assignment.visits() if isinstance(visit.source, DailySitemap)]
    for visit in by_day:
        fail(daily, daily.discovery.source_request(visit), 404)
    assert len(by_day) == 2
    assert stats(daily) == {"sources/broken": 1, "sources/absent": 1}


# Days


class Archive(Daily):
    name = "archive"
    feeds = [Feed(f"{SITE}/rss.xml")]
    days = [
        DailySitemap(f"{SITE}/days/{{day:%Y-%m-%d}}.xml", since="2019-09-30"),
        ArchivePage(f"{SITE}/archive/{{day:%Y-%m-%d}}?page={{page}}", since="2022-07-11", until="2022-07-12"),
    ]


def backfill(outlet=Archive, since="2022-07-12", until="2022-07-12", how="open", **arguments):
    return spider(outlet, since=since, until=until, backfill=how, **arguments)


def asked(daily):
    return collected(daily.start())


def answer(daily, request, body):
    cls = XmlResponse if request.url.endswith(".xml") else HtmlResponse
    return parse(daily, cls(request.url, body=body.encode(), encoding="utf-8", request=request))


def by_day(source, **arguments):
    """Return the backfill of a day of an outlet with one source, and the request of its list."""
    daily = backfill(type("Listed", (Daily,), {"days": [source]}), **arguments)
    [request] = asked(daily)
    return daily, request


def sitemap(*paths):
    return f"<urlset>{''.join(f'<url><loc>{SITE}/{path}</loc></url>' for path in paths)}</urlset>"


def fail(daily, request, error):
    """Let a request fail with a status or an exception; return the requests that a source has then."""
    if isinstance(error, int):
        error = HttpError(Response(request.url, status=error, request=request))
    failure = TwistedFailure(error)
    failure.request = request
    if "source" in request.meta:
        return collected(daily.discovery.source_failed(failure))
    return daily.article_failed(failure)


def news(daily):
    found = daily.ledger.notes().days
    return {str(one.day): (set(one.listings), next(map(str, one.faults), None), one.is_settled) for one in found}


def test_a_backfill_requests_sources_by_day_alone():
    today = clock.today(DHAKA)
    assert paths(asked(backfill(since=str(today), until=str(today)))) == [f"/days/{today}.xml"]
    assert paths(asked(backfill(since="2022-07-10"))) == [
        "/days/2022-07-12.xml",
        "/days/2022-07-11.xml",
        "/days/2022-07-10.xml",
        "/archive/2022-07-12?page=1",
        "/archive/2022-07-11?page=1",
    ]


def test_only_a_run_for_past_days_visits_archive_pages():
    assert not [path for path in visited(Archive) if path.startswith("/archive")]
    assert "/archive/2022-07-12?page=1" in visited(Archive, since="2022-07-12", until="2022-07-12")


def test_an_outlet_without_sources_by_day_refuses_a_backfill():
    with pytest.raises(BadArgument, match="slugs has no source that lists past days"):
        backfill(Slugs)


def test_a_backfill_of_days_that_no_source_lists_is_refused():
    class Ended(Daily):
        name = "ended"
        days = [DailySitemap(f"{SITE}/days/{{day:%Y-%m-%d}}.xml", until="2022-12-31")]

    today = clock.today(DHAKA)
    with pytest.raises(BadArgument, match="ended lists the beginning to 2022-12-31: no day from"):
        backfill(Ended, since=str(today), until=str(today))


def test_pages_of_a_day_are_read_until_none_is_new():
    daily = backfill()
    _, first = asked(daily)
    *_, second = answer(daily, first, links("sports/1", "sports/2"))
    assert second.url.endswith("?page=2")
    article, third = answer(daily, second, links("sports/2", "national/3"))
    assert (article.url, third.url[-1]) == (f"{SITE}/national/3", "3")
    assert answer(daily, third, links("national/3", "sports/1")) == []


def items(*names):
    return json.dumps({"items": [{"url": f"{SITE}/{name}"} for name in names]})


def posts(*names):
    return json.dumps([{"link": f"{SITE}/{name}"} for name in names])


def rows(*names):
    return "<ul><li>" + "</li><li>".join(links(name) for name in names) + "</ul>"


# Archive pages, one of them with a selector for its entries.
PAGED = ArchivePage(f"{SITE}/archive?date={{day}}&page={{page}}")
ROWS = replace(PAGED, links="li a")


@pytest.mark.parametrize(
    ("source", "page"),
    [
        (JsonListing(f"{SITE}/api/{{day}}?page={{page}}"), items),
        (WordPress(SITE), posts),
        (ROWS, rows),
        (PAGED, links),
        (ArchivePage(f"{SITE}/?m={{day:%Y%m%d}}&paged={{page}}"), links),
    ],
)
def test_a_page_without_articles_does_not_end_a_day(source, page):
    daily, first = by_day(source)
    *_, second = answer(daily, first, page("national/1", "national/2"))
    [third] = answer(daily, second, page("video/clip-1", "video/clip-2"))
    article, fourth = answer(daily, third, page("national/3"))
    assert article.url == f"{SITE}/national/3"
    assert answer(daily, fourth, page("video/clip-2", "national/1")) == []
    assert news(daily)["2022-07-12"][0] == {"1", "2", "3"}


CHALLENGE = "<title>Just a moment...</title><nav><a href='/'>x</a></nav><script>window._cf_chl_opt={}</script>"
MAINTENANCE = "<nav><a href='/'>x</a></nav><div>Service temporarily unavailable</div>"
SORRY = "<div><a href='/menu'>x</a></div><p>সাময়িক অসুবিধার জন্য আমরা আন্তরিকভাবে দুঃখিত।</p>"


def fault_of_a_last_page(body, source=PAGED):
    """Return the fault of a day whose second page has a body, and the page's request."""
    daily, first = by_day(source)
    article, second = answer(daily, first, rows("national/1"))
    daily.ledger.settle(article.meta["listing"])
    assert answer(daily, second, body) == []
    [(keys, fault, is_settled)] = news(daily).values()
    assert (keys, is_settled) == ({"1"}, True)
    return fault, second


@pytest.mark.parametrize("source", [PAGED, ROWS])
@pytest.mark.parametrize(
    ("page", "said"), [(CHALLENGE, "a challenge"), (MAINTENANCE, "an error page"), (SORRY, "an error page")]
)
def test_a_challenge_or_error_page_is_not_a_listing_page(page, said, source):
    complaint = f"it answered with {said} instead of a listing"
    daily, first = by_day(source)
    assert answer(daily, first, page) == []
    [fault] = daily.ledger.notes().days[0].faults
    assert (str(fault), fault.kind) == (f"{first.url}: {complaint}", FaultKind.BROKEN)
    assert stats(daily)["sources/broken"] == 1
    fault, second = fault_of_a_last_page(page, source)
    assert fault == f"{second.url}: {complaint}"


@pytest.mark.parametrize(
    "words",
    [
        "<p>Coming soon</p>",
        "<div class='modal d-none'><p>দুঃখিত, পাতাটি পাওয়া যায়নি</p></div>",
        "<div hidden><h1>Error</h1></div>",
        "<div style='display: none'>Something went wrong.</div>",
    ],
)
def test_hidden_words_after_the_last_page_are_no_error(words):
    assert fault_of_a_last_page(f"<nav><a href='/menu'>x</a></nav>{words}")[0] is None


@pytest.mark.parametrize("holder", ["<div class='overflow-hidden md:hidden'>", "<div style='overflow:hidden'>"])
def test_clipped_words_are_visible(holder):
    fault, _ = fault_of_a_last_page(f"<nav><a href='/menu'>x</a></nav>{holder}<h1>503 Service Unavailable</h1></div>")
    assert fault.endswith("an error page instead of a listing")


@pytest.mark.parametrize(
    "source",
    [
        Feed(f"{SITE}/rss"),
        NewsSitemap(f"{SITE}/sitemap"),
        Section(f"{SITE}/section"),
        JsonListing(f"{SITE}/json/{{day}}"),
        DailySitemap(f"{SITE}/{{day}}"),
    ],
)
def test_a_challenge_is_named_in_place_of_any_source(source, caplog):
    daily = spider()
    listed(daily, CHALLENGE, next(source.visits(daily.span)))
    assert "is broken: it answered with a challenge instead of a listing" in caplog.text
    assert stats(daily)["sources/broken"] == 1


def test_words_in_headlines_are_no_sign_of_an_error():
    daily, first = by_day(ArchivePage(f"{SITE}/a/{{day}}"))
    assert answer(daily, first, SORRY + links("national/1"))
    assert news(daily)["2022-07-12"][1] is None


@pytest.mark.parametrize(
    ("second", "fault"),
    [
        ([], "it lists nothing on page 2 of 3"),
        (["national/1"], "it lists nothing new on page 2 of 3"),
        (400, "not fetched (http-400)"),
        (404, "not fetched (http-404)"),
    ],
)
def test_every_page_that_wordpress_announces_must_list_something_new(second, fault):
    daily, first = by_day(WordPress(SITE))

    def answered(request, names):
        body, headers = posts(*names).encode(), {"X-WP-TotalPages": "3"}
        return parse(daily, Response(request.url, headers=headers, body=body, request=request))

    article, page = answered(first, ["national/1"])
    daily.ledger.settle(article.meta["listing"])
    assert (fail(daily, page, second) if isinstance(second, int) else answered(page, second)) == []
    assert news(daily)["2022-07-12"][1] == f"{page.url}: {fault}"


def dated_json(*days):
    return json.dumps({"items": [{"url": f"{SITE}/national/{day[-2:]}", "at": f"{day}T12:00:00"} for day in days]})


@pytest.mark.parametrize(
    ("address", "listed", "is_astray"),
    [
        ("{day}", ["2022-07-08", "2022-07-09", "2022-07-14"], True),
        ("{day}", ["2022-07-08", "2022-07-09", "2022-07-11", "2022-07-13"], False),
        ("{day}", ["2022-07-08", "2022-07-09", "2022-07-14", "2022-07-12"], False),
        ("{day}", [], False),
        ("{day:%Y-%m}", ["2022-07-01", "2022-07-30", "2022-07-31"], False),
        ("{day:%Y-%m}", ["2022-06-28", "2022-06-29", "2022-08-02"], True),
    ],
)
def test_a_list_without_articles_of_its_days_is_astray(address, listed, is_astray):
    daily, request = by_day(JsonListing(f"{SITE}/{address}", published="at"))
    for article in answer(daily, request, dated_json(*listed)):
        daily.ledger.settle(article.meta["listing"])
    [found] = daily.ledger.notes(is_over=True).days
    assert set(found.astray) == ({request.url} if is_astray else set())


def test_a_listing_of_another_scope_is_not_a_fault():
    daily, request = by_day(JsonListing(f"{SITE}/{{day}}", published="at"))
    answer(daily, request, dated_json("2022-07-11").replace("national", "sports"))
    assert news(daily) == {"2022-07-12": (set(), None, True)}


def test_pages_that_go_on_without_articles_end_a_day():
    daily, visit = by_day(ROWS)
    *_, visit = answer(daily, visit, rows("national/1"))
    [visit] = answer(daily, visit, rows("poll?t=1", "national/1"))
    [visit] = answer(daily, visit, rows("poll?t=2"))
    assert answer(daily, visit, rows("poll?t=3")) == []


def test_the_first_page_of_a_day_may_list_no_article():
    daily, first = by_day(PAGED)
    [second] = answer(daily, first, links("video/clip-1"))
    article, third = answer(daily, second, links("national/1"))
    fail(daily, third, 404)
    daily.ledger.settle(article.meta["listing"])
    assert news(daily) == {"2022-07-12": ({"1"}, None, True)}
    assert stats(daily).keys() & {"sources/empty", "sources/broken"} == set()


@pytest.mark.parametrize("end", [404, links("video/clip-1"), links("video/clip-2")])
def test_a_day_whose_pages_list_no_article_has_no_listing(end):
    daily, first = by_day(PAGED)
    [page] = answer(daily, first, links("video/clip-1"))
    if end == 404:
        fail(daily, page, end)
    else:
        for further in answer(daily, page, end):
            answer(daily, further, end)
    [found] = daily.ledger.notes().days
    [fault] = found.faults
    assert (fault.kind, fault.source, found.listings) == (FaultKind.ABSENT, first.url, {})
    assert str(fault).endswith(": it lists no article on any of its pages up to there")
    assert stats(daily)["sources/empty"] == 1


def test_links_to_other_sites_are_no_entries_of_a_day():
    daily, first = by_day(PAGED)
    *_, second = answer(daily, first, links("national/1"))
    assert answer(daily, second, '<a href="https://ads.example/click?cb=928374">x</a>') == []


@pytest.mark.parametrize(
    ("address", "others"),
    [
        ("/archive?date={day:%d%%2F%m%%2F%Y}&page={page}", ["{0}", "en/{0}", "login?back={1}"]),
        ("/archive/day-{day:%Y/%m/%d}/page/{page}/", ["{0}", "en/{0}", "login?back={1}"]),
        ("/?m={day:%Y%m%d}&paged={page}", ["?m=20220712&paged=7", "?paged=8&m=20220712"]),
    ],
)
def test_links_to_other_archive_pages_are_no_entries(address, others):
    daily, first = by_day(ArchivePage(f"{SITE}{address}"))
    *_, second = answer(daily, first, links("national/1"))
    past_the_last = second.url.replace("2", "7").removeprefix(f"{SITE}/")
    names = [other.format(past_the_last, quote(f"/{past_the_last}", safe="")) for other in others]
    assert answer(daily, second, links(*names)) == []


def test_an_article_is_requested_with_the_day_that_lists_it():
    daily = backfill(since="2022-07-01")
    request = next(one for one in asked(daily) if "/days/2022-07-12" in one.url)
    body = sitemap("national/1").replace("</loc>", "</loc><news><publication_date>2022-07-02</publication_date></news>")
    [article] = answer(daily, request, body)
    assert article.meta["listing"].published == date(2022, 7, 2)
    assert article.priority < request.priority
    of_its_day = daily.discovery.article_request(Listing(f"{SITE}/national/9", date(2022, 7, 12)))
    assert article.priority == of_its_day.priority


def test_a_day_is_settled_after_all_its_sources_and_articles():
    daily = backfill()
    by_sitemap, by_archive = asked(daily)
    first, second = answer(daily, by_sitemap, sitemap("national/1", "national/2", "sports/3"))
    assert news(daily) == {"2022-07-12": ({"1", "2"}, None, False)}
    third, page = answer(daily, by_archive, links("national/2", "national/4"))
    fail(daily, page, 404)
    fail(daily, first, 404)
    daily.ledger.settle(second.meta["listing"])
    assert news(daily) == {"2022-07-12": ({"1", "2", "4"}, None, False)}
    daily.ledger.settle(third.meta["listing"], "rejected", "static-page")
    notes = daily.ledger.notes()
    assert [one.is_settled for one in notes.days] == [True]
    assert [(key, failure.reason, failure.is_final) for key, failure in notes.failed.items()] == [
        ("4", "static-page", True)
    ]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<html><body>নেই</body></html>", "it answered with <html> instead of a sitemap"),
        (sitemap("national/1")[:-9], "it is cut short"),
        (sitemap(), "it lists no article"),
        (sitemap("about"), "it lists no article"),
        (" ", "it answered with an empty body"),
        (503, "not fetched (http-503)"),
    ],
)
def test_a_day_with_an_incomplete_or_invalid_listing_is_faulty(body, fault):
    daily = backfill(Daily)
    [request] = asked(daily)
    (fail if isinstance(body, int) else answer)(daily, request, body)
    [(_, found, _)] = news(daily).values()
    assert found == f"{SITE}/days/2022-07-12.xml: {fault}"


def test_a_listing_unrequested_by_a_stopped_crawl_has_no_fault():
    daily = backfill(Daily)
    [request] = asked(daily)
    fail(daily, request, CrawlEnds())
    assert news(daily) == {}


@pytest.mark.parametrize(
    ("depth", "status", "kind"), [(0, 404, "absent"), (0, 410, "absent"), (0, 503, "broken"), (1, 404, "broken")]
)
def test_only_the_list_of_a_day_itself_can_be_absent(depth, status, kind):
    daily = backfill(Daily)
    [request] = asked(daily)
    request.meta["source"] = replace(request.meta["source"], depth=depth)
    fail(daily, request, status)
    [fault] = daily.ledger.notes().days[0].faults
    assert fault.kind == kind


def test_a_list_that_robots_txt_keeps_unrequested_is_not_broken():
    daily = backfill(Daily)
    [request] = asked(daily)
    fail(daily, request, RobotsUnavailable("n.example", "http-503"))
    [fault] = daily.ledger.notes().days[0].faults
    assert (fault.kind, str(fault)) == ("not-requested", f"{request.url}: not fetched (robots-unavailable)")


def test_a_failure_belongs_to_the_day_in_the_outlet_timezone():
    daily = spider()
    listing = Listing(f"{SITE}/national/5", datetime(2022, 7, 12, 3, tzinfo=DHAKA))
    [request] = daily.discovery.first_requests([listing], None, met=set())
    fail(daily, request, 404)
    assert daily.ledger.notes().failed["5"].day == date(2022, 7, 12)


def test_a_dry_run_requests_no_article():
    daily = backfill(Daily, how="count")
    [request] = asked(daily)
    assert answer(daily, request, sitemap("national/1", "national/2")) == []
    assert news(daily)["2022-07-12"][0] == {"1", "2"}


# Pages


def fetched(daily, listing, url=None, cls=HtmlResponse, body="<html><p>খবর", **options):
    request = daily.discovery.article_request(listing)
    response = cls(url or listing.url, body=body.encode(), request=request, **options)
    return list(daily.parse_article(response))


def test_a_response_becomes_a_page_with_the_outlets_key():
    daily = spider()
    listing = Listing(f"{SITE}/national/5/slug", title="সেতু")
    [page] = fetched(daily, listing, headers={"Content-Type": "text/html; charset=utf-8"})
    assert (page.outlet, page.url, page.key, page.aliases) == ("daily", listing.url, "5", ())
    assert page.body == "<html><p>খবর".encode()
    assert page.content_type == "text/html; charset=utf-8"
    assert page.listing == listing
    assert stats(daily) == {"pages": 1}


def test_a_redirected_page_has_the_key_of_its_last_address():
    [page] = fetched(spider(), Listing(f"{SITE}/national/5"), f"{SITE}/national/7")
    assert (page.key, page.aliases, page.url) == ("7", ("5",), f"{SITE}/national/7")


def test_an_article_listed_nationally_later_in_the_run_is_national():
    daily = spider()
    listed(daily, links("national/5"))
    [page] = fetched(daily, Listing(f"{SITE}/national/5"))
    assert page.listing.national


@pytest.mark.parametrize("url", [f"{SITE}/", "https://o.example/national/5"])
def test_a_page_that_leads_away_is_no_article(url):
    daily = spider()
    assert fetched(daily, Listing(f"{SITE}/national/5"), url) == []
    assert stats(daily) == {"rejected/redirected-away": 1}


def test_a_redirect_away_is_not_followed():
    daily = spider()
    request = daily.discovery.article_request(Listing(f"{SITE}/national/5"))
    hop = request.replace(meta={**request.meta, "redirect_urls": [request.url]})
    daily.refuse_leading_away(request)
    daily.refuse_leading_away(hop.replace(url=f"{SITE}/sports/5"))
    for address in (f"{SITE}/", "https://o.example/x"):
        with pytest.raises(IgnoreRequest):
            daily.refuse_leading_away(hop.replace(url=address))
    assert stats(daily) == {"rejected/redirected-away": 2}


def test_a_file_that_is_no_html_is_not_extracted():
    daily = spider()
    assert fetched(daily, Listing(f"{SITE}/national/5"), cls=Response, body="%PDF-1.4") == []
    assert fetched(daily, Listing(f"{SITE}/national/6"), cls=XmlResponse, body="<?xml version='1.0'?><a/>") == []
    assert stats(daily) == {"rejected/not-html": 2}


def test_html_under_a_wrong_type_is_html():
    [page] = fetched(spider(), Listing(f"{SITE}/national/5"), cls=Response, body="<!DOCTYPE html><html><p>খ")
    assert page.key == "5"


def test_a_status_other_than_200_is_a_failure():
    daily = spider()
    assert fetched(daily, Listing(f"{SITE}/national/5"), status=206) == []
    assert stats(daily) == {"failed/http-206": 1}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (HttpError(Response(SITE, status=404)), "http-404"),
        (IgnoreRequest("Forbidden by robots.txt"), "robots"),
        (IgnoreRequest("max redirections reached"), "redirect-loop"),
        (DownloadTimeoutError(), "timeout"),
        (CannotResolveHostError(), "no-such-host"),
        (ConnectionResetError(), "connection-reset-error"),
    ],
)
def test_a_failure_is_counted_and_logged_by_its_reason(error, reason, caplog):
    caplog.set_level("INFO")
    daily = spider()
    fail(daily, Request(f"{SITE}/national/5"), error)
    assert stats(daily) == {f"failed/{reason}": 1}
    assert f"failed: {reason}: {SITE}/national/5" in caplog.text


# Addresses


def test_key_section_and_canonical_address_come_from_the_pattern():
    address = "http://www.n.example/m/national/5/%E0%A6%B8?utm_source=rss"
    assert (Daily.key_of(address), Daily.section_of(address)) == ("5", "national")
    assert Daily.canonical_url(address) == "https://n.example/national/5"
    assert Daily.key_of("https://n.example/about") is None
    assert Daily.canonical_url("https://n.example/about?utm_source=rss") == "https://n.example/about"


def test_a_slug_is_one_key_however_it_is_escaped():
    keys = {Slugs.key_of(f"https://s.example/{slug}/") for slug in ("ক-খ", "%e0%a6%95-%E0%A6%96")}
    assert keys == {"%E0%A6%95-%E0%A6%96"}


def test_the_workers_of_extraction_load_no_state():
    code = "import sys, crawler.crawl.spider; sys.exit(any(name.startswith('crawler.state') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, check=False).returncode == 0


def test_the_base_class_knows_no_article():
    assert NewsSpider.key_of("https://n.example/national/5") is None
    assert NewsSpider.canonical_url("https://n.example/5?fbclid=1#c") == "https://n.example/5"
    assert NewsSpider.sources() == []
