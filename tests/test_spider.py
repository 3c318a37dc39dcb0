"""How an outlet's declarations become requests, and responses pages."""

import asyncio
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from scrapy import Request
from scrapy.exceptions import CannotResolveHostError, DownloadTimeoutError, IgnoreRequest
from scrapy.http import HtmlResponse, Response, XmlResponse
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.test import get_crawler
from twisted.python.failure import Failure

from crawler.crawl.ending import CrawlEnds
from crawler.crawl.spider import NewsSpider
from crawler.model.listing import Listing
from crawler.model.span import BadArgument
from crawler.outlets.sources import ArchivePage, DailySitemap, Feed, JsonListing, NewsSitemap, Section, WordPress
from crawler.outlets.sources.base import Paging

pytestmark = pytest.mark.days
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
        if name.startswith("khobor/") and value and not name.startswith(("khobor/example/", "khobor/source/"))
    }


def visited(daily):
    return [visit.url.removeprefix(SITE) for visit in daily.visits()]


def parse(daily, response):
    async def collect():
        return [request async for request in daily.parse_listing(response)]

    return asyncio.run(collect())


def listed(daily, html, visit=None, url=None):
    visit = visit or next(daily.visits())
    request = daily.source_request(visit)
    response = HtmlResponse(url or visit.url, body=html.encode(), encoding="utf-8", request=request)
    return parse(daily, response)


def links(*paths):
    return "".join(f"<a href='/{path}'>খবর</a>" for path in paths)


def paths(requests):
    return [request.url.removeprefix(SITE) for request in requests]


# Arguments


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"since": "2026-02-30"}, "not a day of the calendar"),
        ({"since": "গতকাল"}, "no date"),
        ({"since": "2022-07-12", "until": "2022-07-10"}, "is after"),
        ({"scope": "sports"}, "neither national nor all"),
        ({"sinse": "2022-07-12"}, "has no argument sinse"),
        ({"missed": "2022-07-12"}, "no JSON object of lists of days"),
        ({"missed": '{"/days": "গতকাল"}'}, "no JSON object of lists of days"),
        ({"since": "2015-01-01", "until": "2015-12-31"}, "2019-09-30 to today"),
    ],
)
def test_an_argument_that_cannot_be_meant_is_refused_in_one_sentence(arguments, sentence):
    with pytest.raises(BadArgument, match=sentence) as caught:
        Daily(**arguments)
    assert "\n" not in str(caught.value)


def test_a_span_is_cut_to_what_the_sources_reach_and_that_is_said(caplog):
    caplog.set_level("INFO")
    daily = Daily(since="2019-01-01", until="2019-10-02")
    assert (daily.span.since, daily.span.until) == (date(2019, 9, 30), date(2019, 10, 2))
    assert "cut to 2019-09-30 to 2019-10-02" in caplog.text


def test_an_outlet_without_sitemaps_by_day_takes_any_span():
    assert Slugs(since="2012-01-01", until="2012-01-02").span.since == date(2012, 1, 1)


# Sources


def test_a_run_without_dates_asks_what_is_current_and_the_two_days():
    today = datetime.now(DHAKA).date()
    assert visited(spider()) == [
        "/national",
        "/rss.xml",
        "/news.xml",
        f"/days/{today}.xml",
        f"/days/{today - timedelta(days=1)}.xml",
    ]


def test_past_days_are_asked_of_the_sitemaps_by_day_alone_newest_first():
    assert visited(spider(since="2022-07-11", until="2022-07-12")) == [
        "/days/2022-07-12.xml",
        "/days/2022-07-11.xml",
    ]


def test_a_span_that_reaches_today_asks_the_current_lists_too():
    since = datetime.now(DHAKA).date() - timedelta(days=3)
    assert visited(spider(since=str(since)))[:3] == ["/national", "/rss.xml", "/news.xml"]


def test_an_outlet_without_sitemaps_by_day_asks_its_lists_for_any_span():
    old = spider(Slugs, since="2012-01-01", until="2012-01-02")
    assert [visit.url for visit in old.visits()] == ["https://s.example/feed"]


def test_sections_that_are_not_national_are_read_for_scope_all_only():
    assert "/sports" not in visited(spider())
    assert "/sports" in visited(spider(scope="all"))


def test_sections_take_the_outlets_way_of_paging():
    assert {source.pages for source in Daily.sources() if isinstance(source, Section)} == {"?page={page}"}


def test_every_day_is_finished_before_the_day_before_it():
    daily = spider(since="2022-07-11", until="2022-07-12")
    later, earlier = map(daily.source_request, daily.visits())
    of_later = daily.article_request(Listing(f"{SITE}/national/1", date(2022, 7, 12)))
    of_earlier = daily.article_request(Listing(f"{SITE}/national/2", date(2022, 7, 11)))
    priorities = [request.priority for request in (later, of_later, earlier, of_earlier)]
    assert priorities == sorted(set(priorities), reverse=True)


def test_a_time_zone_follows_the_country():
    assert Daily.time_zone == "Asia/Dhaka"
    assert Slugs.time_zone == "Asia/Kolkata"


# Listings


def test_a_listing_becomes_requests_for_the_articles_that_are_wanted():
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


def test_an_article_is_asked_for_once_in_a_run_whatever_lists_it():
    daily = spider()
    listed(daily, links("national/1"))
    assert paths(listed(daily, links("m/national/1/slug", "national/2")))[0] == "/national/2"
    assert stats(daily)["listed"] == 2


def test_what_state_knows_counts_as_listed_and_is_not_asked_for():
    daily = spider()
    wanted = {key: Listing(f"{SITE}/national/{key}") for key in ("1", "2")}
    assert list(daily.unlisted(wanted, known={"1"})) == [wanted["2"]]
    assert stats(daily) == {"listed": 2, "known": 1, "requested": 1}


def test_paging_ends_where_a_page_lists_nothing_that_the_pages_before_did_not():
    daily = spider()
    second = listed(daily, links("national/1", "national/2"))[-1].meta["source"]
    third = listed(daily, links("national/2", "national/3"), second)[-1].meta["source"]
    assert third.paging.page == 3
    assert listed(daily, links("national/2", "national/1"), third) == []


def test_paging_goes_on_where_another_source_has_listed_the_page_already():
    daily = spider()
    listed(daily, links("national/1"))
    assert paths(listed(daily, links("national/1"))) == ["/national?page=2"]


def test_paging_ends_where_all_that_is_new_is_older_than_the_span():
    daily = spider()
    first = next(daily.visits())
    pinned = f"<p><a href='/national/9'></a><time datetime='{datetime.now(DHAKA):%Y-%m-%dT%H:%M:%S%z}'></time></p>"
    old = "<p><a href='/national/1'></a><time datetime='2022-07-12'></time></p>"
    section = Section(first.url, national=True, pages="?page={page}", dates="time")
    visit = next(section.visits(daily.span))
    assert paths(listed(daily, pinned + old, visit)) == ["/national/9", "/national?page=2"]
    second = section.next_page(visit, 2, {})
    seen_before = replace(second, paging=replace(second.paging, seen=frozenset({"9"})))
    assert listed(daily, pinned + old, seen_before) == []


def test_a_feed_that_answers_with_html_is_counted_and_said(caplog):
    daily = spider()
    feed = next(visit for visit in daily.visits() if visit.url.endswith("rss.xml"))
    assert listed(daily, "<html><body><a href='/national/1'>x</a></body></html>", feed) == []
    assert stats(daily) == {"sources/broken": 1}
    assert f"{SITE}/rss.xml is broken: it answered with an HTML page instead of a feed" in caplog.text


def test_a_source_that_lists_no_article_is_counted_and_said(caplog):
    daily = spider()
    assert listed(daily, links("about", "contact")) == []
    assert stats(daily)["sources/empty"] == 1
    assert f"{SITE}/national lists no article" in caplog.text


def test_a_source_that_cannot_be_fetched_is_broken_but_not_the_page_after_the_last():
    daily = spider()
    visit = next(daily.visits())
    for number in (1, 2):
        not_found(daily, replace(visit, paging=Paging(number)))
    assert stats(daily) == {"sources/broken": 1, "sources/absent": 1}


def test_a_source_by_day_may_be_absent_while_its_day_is_young():
    daily = spider()
    by_day = [visit for visit in daily.visits() if isinstance(visit.source, DailySitemap)]
    for visit in by_day:
        not_found(daily, visit)
    assert len(by_day) == 2
    assert stats(daily) == {"sources/broken": 1, "sources/absent": 1}


def not_found(daily, visit):
    request = daily.source_request(visit)
    failure = Failure(HttpError(Response(visit.url, status=404, request=request)))
    failure.request = request
    source_failed(daily, failure)


def source_failed(daily, failure):
    """Return the requests for which a source asks that could not be fetched."""

    async def collect():
        return [request async for request in daily.source_failed(failure)]

    return asyncio.run(collect())


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
    async def collect():
        return [request async for request in daily.start()]

    return asyncio.run(collect())


def answer(daily, request, body):
    cls = XmlResponse if request.url.endswith(".xml") else HtmlResponse
    return parse(daily, cls(request.url, body=body.encode(), encoding="utf-8", request=request))


def sitemap(*paths):
    return f"<urlset>{''.join(f'<url><loc>{SITE}/{path}</loc></url>' for path in paths)}</urlset>"


def fail(daily, request, status):
    failure = Failure(HttpError(Response(request.url, status=status, request=request)))
    failure.request = request
    return source_failed(daily, failure) if "source" in request.meta else daily.article_failed(failure)


def news(daily):
    return {str(one.day): (set(one.keys), one.fault, one.is_settled) for one in daily.notes().days}


def test_a_backfill_asks_the_sources_by_day_alone_however_recent_the_days_are():
    today = datetime.now(DHAKA).date()
    assert paths(asked(backfill(since=str(today), until=str(today)))) == [f"/days/{today}.xml"]
    assert paths(asked(backfill(since="2022-07-10"))) == [
        "/days/2022-07-12.xml",
        "/days/2022-07-11.xml",
        "/days/2022-07-10.xml",
        "/archive/2022-07-12?page=1",
        "/archive/2022-07-11?page=1",
    ]


def test_a_run_for_what_is_new_leaves_archive_pages_alone_and_one_for_past_days_does_not():
    assert not [path for path in visited(spider(Archive)) if path.startswith("/archive")]
    assert "/archive/2022-07-12?page=1" in visited(spider(Archive, since="2022-07-12", until="2022-07-12"))


def test_an_outlet_without_sources_by_day_refuses_a_backfill():
    with pytest.raises(BadArgument, match="slugs has no source that lists past days"):
        backfill(Slugs)


def test_a_backfill_of_recent_days_that_no_source_lists_is_refused():
    class Ended(Daily):
        name = "ended"
        days = [DailySitemap(f"{SITE}/days/{{day:%Y-%m-%d}}.xml", until="2022-12-31")]

    today = datetime.now(DHAKA).date()
    with pytest.raises(BadArgument, match="ended lists the beginning to 2022-12-31: no day from"):
        backfill(Ended, since=str(today), until=str(today))


def test_every_page_of_a_day_is_read_whatever_is_known_or_in_scope_until_one_lists_nothing_new():
    daily = backfill()
    _, first = asked(daily)
    *_, second = answer(daily, first, links("sports/1", "sports/2"))
    assert second.url.endswith("?page=2")
    article, third = answer(daily, second, links("sports/2", "national/3"))
    assert (article.url, third.url[-1]) == (f"{SITE}/national/3", "3")
    assert answer(daily, third, links("national/3", "sports/1")) == []


def addressed(names):
    return [{"url": f"{SITE}/{name}"} for name in names]


def rows(*names):
    return "<ul><li>" + "</li><li>".join(links(name) for name in names) + "</ul>"


@pytest.mark.parametrize(
    ("source", "page"),
    [
        (JsonListing(f"{SITE}/api/{{day}}?page={{page}}"), lambda *names: json.dumps({"items": addressed(names)})),
        (WordPress(SITE), lambda *names: json.dumps([{"link": one["url"]} for one in addressed(names)])),
        (ArchivePage(f"{SITE}/archive?date={{day}}&page={{page}}", links="li a"), rows),
        (ArchivePage(f"{SITE}/archive?date={{day}}&page={{page}}"), links),
        (ArchivePage(f"{SITE}/?m={{day:%Y%m%d}}&paged={{page}}"), links),
    ],
)
def test_a_page_of_a_day_that_lists_no_article_does_not_end_its_pages(source, page):
    daily = backfill(type("Mixed", (Daily,), {"days": [source]}))
    [first] = asked(daily)
    *_, second = answer(daily, first, page("national/1", "national/2"))
    [third] = answer(daily, second, page("video/clip-1", "video/clip-2"))
    article, fourth = answer(daily, third, page("national/3"))
    assert article.url == f"{SITE}/national/3"
    assert answer(daily, fourth, page("video/clip-2", "national/1")) == []
    assert news(daily)["2022-07-12"][0] == {"1", "2", "3"}


CHALLENGE = "<title>Just a moment...</title><nav><a href='/'>x</a></nav><script>window._cf_chl_opt={}</script>"
MAINTENANCE = "<nav><a href='/'>x</a></nav><div>Service temporarily unavailable</div>"
SORRY = "<div><a href='/menu'>x</a></div><p>সাময়িক অসুবিধার জন্য আমরা আন্তরিকভাবে দুঃখিত।</p>"


@pytest.mark.parametrize("links_of", [None, "li a"])
@pytest.mark.parametrize(
    ("page", "said"), [(CHALLENGE, "a challenge"), (MAINTENANCE, "an error page"), (SORRY, "an error page")]
)
def test_a_challenge_or_an_error_page_is_no_page_of_a_day_whichever_it_stands_for(page, said, links_of):
    outlet = type("Paged", (Daily,), {"days": [ArchivePage(f"{SITE}/a/{{day}}?page={{page}}", links=links_of)]})
    complaint = f"it answered with {said} instead of a listing"
    daily = backfill(outlet)
    [first] = asked(daily)
    assert answer(daily, first, page) == []
    [told] = daily.notes().days
    assert (told.fault, told.is_absent) == (f"{first.url}: {complaint}", False)
    daily = backfill(outlet)
    [first] = asked(daily)
    article, second = answer(daily, first, rows("national/1"))
    daily.settle(article.meta["listing"])
    assert answer(daily, second, page) == []
    assert news(daily) == {"2022-07-12": ({"1"}, f"{second.url}: {complaint}", True)}
    assert stats(daily)["sources/broken"] == 1


@pytest.mark.parametrize(
    "words",
    [
        "<p>Coming soon</p>",
        "<div class='modal d-none'><p>দুঃখিত, পাতাটি পাওয়া যায়নি</p></div>",
        "<div hidden><h1>Error</h1></div>",
        "<div style='display: none'>Something went wrong.</div>",
    ],
)
def test_what_stands_hidden_in_a_page_after_the_last_is_no_error(words):
    assert fault_of_a_last_page(words) is None


@pytest.mark.parametrize("holder", ["<div class='overflow-hidden md:hidden'>", "<div style='overflow:hidden'>"])
def test_what_is_cut_off_at_its_edges_is_shown(holder):
    fault = fault_of_a_last_page(f"{holder}<h1>503 Service Unavailable</h1></div>")
    assert fault.endswith("an error page instead of a listing")


def fault_of_a_last_page(words):
    outlet = type("Paged", (Daily,), {"days": [ArchivePage(f"{SITE}/a/{{day}}?page={{page}}")]})
    daily = backfill(outlet)
    [first] = asked(daily)
    article, second = answer(daily, first, rows("national/1"))
    daily.settle(article.meta["listing"])
    assert answer(daily, second, f"<nav><a href='/menu'>x</a></nav>{words}") == []
    return news(daily)["2022-07-12"][1]


@pytest.mark.parametrize(
    "source",
    [
        Feed(f"{SITE}/rss"),
        NewsSitemap(f"{SITE}/sitemap"),
        Section(f"{SITE}/section"),
        JsonListing(f"{SITE}/json"),
        DailySitemap(f"{SITE}/{{day}}"),
    ],
)
def test_a_challenge_is_named_whatever_it_came_instead_of(source, caplog):
    daily = spider()
    listed(daily, CHALLENGE, next(source.visits(daily.span)))
    assert "is broken: it answered with a challenge instead of a listing" in caplog.text
    assert stats(daily)["sources/broken"] == 1


def test_what_the_headlines_of_a_listing_say_is_no_sign_of_an_error():
    daily = backfill(type("Paged", (Daily,), {"days": [ArchivePage(f"{SITE}/a/{{day}}")]}))
    [first] = asked(daily)
    assert answer(daily, first, SORRY + links("national/1"))
    assert news(daily)["2022-07-12"][1] is None


@pytest.mark.parametrize("second", [[], ["national/1"]])
def test_every_page_that_wordpress_tells_of_is_read_and_lists_something_new(second):
    daily = backfill(type("Posts", (Daily,), {"days": [WordPress(SITE)]}))
    [first] = asked(daily)

    def posts(request, *names):
        body = json.dumps([{"link": one["url"]} for one in addressed(names)]).encode()
        return parse(daily, Response(request.url, headers={"X-WP-TotalPages": "3"}, body=body, request=request))

    article, page = posts(first, "national/1")
    daily.settle(article.meta["listing"])
    assert posts(page, *second) == []
    assert news(daily)["2022-07-12"][1].rpartition(": ")[2] in {
        "it lists nothing on page 2 of 3",
        "it lists nothing new on page 2 of 3",
    }


@pytest.mark.parametrize("status", [400, 404])
def test_a_page_that_wordpress_has_told_of_and_does_not_give_leaves_the_day_open(status):
    daily = backfill(type("Posts", (Daily,), {"days": [WordPress(SITE)]}))
    [first] = asked(daily)
    body = json.dumps([{"link": f"{SITE}/national/1"}]).encode()
    article, page = parse(daily, Response(first.url, headers={"X-WP-TotalPages": "3"}, body=body, request=first))
    daily.settle(article.meta["listing"])
    fail(daily, page, status)
    assert news(daily)["2022-07-12"][1] == f"{page.url}: not fetched (http-{status})"


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
def test_a_list_without_anything_of_the_days_it_stands_for_is_a_list_of_others(address, listed, is_astray):
    source = JsonListing(f"{SITE}/{address}", published="at")
    daily = backfill(type("Ignoring", (Daily,), {"days": [source]}))
    [request] = asked(daily)
    for article in answer(daily, request, dated_json(*listed)):
        daily.settle(article.meta["listing"])
    [told] = daily.notes(is_over=True).days
    assert set(told.astray) == ({request.url} if is_astray else set())


def test_a_list_of_another_scope_says_nothing_against_its_day():
    daily = backfill(type("Sports", (Daily,), {"days": [JsonListing(f"{SITE}/{{day}}", published="at")]}))
    [request] = asked(daily)
    answer(daily, request, dated_json("2022-07-11").replace("national", "sports"))
    assert news(daily) == {"2022-07-12": (set(), None, True)}


def test_pages_that_go_on_without_articles_end_a_day():
    source = ArchivePage(f"{SITE}/archive?date={{day}}&page={{page}}", links="li a")
    daily = backfill(type("Endless", (Daily,), {"days": [source]}))
    [visit] = asked(daily)
    *_, visit = answer(daily, visit, rows("national/1"))
    [visit] = answer(daily, visit, rows("poll?t=1", "national/1"))
    [visit] = answer(daily, visit, rows("poll?t=2"))
    assert answer(daily, visit, rows("poll?t=3")) == []


def test_a_day_whose_first_page_lists_no_article_is_as_good_as_its_later_pages():
    daily = backfill(type("Mixed", (Daily,), {"days": [ArchivePage(f"{SITE}/archive/{{day}}?page={{page}}")]}))
    [first] = asked(daily)
    [second] = answer(daily, first, links("video/clip-1"))
    article, third = answer(daily, second, links("national/1"))
    fail(daily, third, 404)
    daily.settle(article.meta["listing"])
    assert news(daily) == {"2022-07-12": ({"1"}, None, True)}
    assert stats(daily).keys() & {"sources/empty", "sources/broken"} == set()


@pytest.mark.parametrize("end", [404, links("video/clip-1"), links("video/clip-2")])
def test_a_day_none_of_whose_pages_lists_an_article_has_no_list(end):
    daily = backfill(type("Mixed", (Daily,), {"days": [ArchivePage(f"{SITE}/archive/{{day}}?page={{page}}")]}))
    [first] = asked(daily)
    [page] = answer(daily, first, links("video/clip-1"))
    if end == 404:
        fail(daily, page, end)
    else:
        for further in answer(daily, page, end):
            answer(daily, further, end)
    [told] = daily.notes().days
    assert told.fault.endswith(": it lists no article on any of its pages up to there")
    assert (told.keys, told.is_absent, told.at_fault) == (set(), True, {first.url})
    assert stats(daily)["sources/empty"] == 1


def test_what_other_sites_have_is_no_entry_of_a_day():
    daily = backfill(type("Paged", (Daily,), {"days": [ArchivePage(f"{SITE}/archive?date={{day}}&page={{page}}")]}))
    [first] = asked(daily)
    *_, second = answer(daily, first, links("national/1"))
    assert answer(daily, second, '<a href="https://ads.example/click?cb=928374">x</a>') == []


@pytest.mark.parametrize(
    "address", ["/archive?date={day:%d%%2F%m%%2F%Y}&page={page}", "/archive/day-{day:%Y/%m/%d}/page/{page}/"]
)
def test_links_to_other_pages_of_an_archive_are_no_entries_of_its_day(address):
    daily = backfill(type("Paged", (Daily,), {"days": [ArchivePage(f"{SITE}{address}")]}))
    [first] = asked(daily)
    *_, second = answer(daily, first, links("national/1"))
    past_the_last = second.url.replace("2", "7").removeprefix(f"{SITE}/")
    back = quote(f"/{past_the_last}", safe="")
    assert answer(daily, second, links(past_the_last, f"en/{past_the_last}", f"login?back={back}")) == []


def test_links_to_other_pages_of_an_archive_at_the_sites_root_are_told_by_their_query():
    daily = backfill(type("Root", (Daily,), {"days": [ArchivePage(f"{SITE}/?m={{day:%Y%m%d}}&paged={{page}}")]}))
    [first] = asked(daily)
    *_, second = answer(daily, first, links("national/1"))
    assert answer(daily, second, links("?m=20220712&paged=7", "?paged=8&m=20220712")) == []


def test_articles_that_a_source_lists_elsewhere_in_the_span_come_with_its_day():
    daily = backfill(since="2022-07-01")
    request = next(one for one in asked(daily) if "/days/2022-07-12" in one.url)
    body = sitemap("national/1").replace("</loc>", "</loc><news><publication_date>2022-07-02</publication_date></news>")
    [article] = answer(daily, request, body)
    assert article.meta["listing"].published == date(2022, 7, 2)
    assert article.priority < request.priority
    assert article.priority == daily.article_request(Listing(f"{SITE}/national/9", date(2022, 7, 12))).priority


def test_a_day_is_settled_when_all_its_sources_are_read_and_all_they_list_has_come_to_something():
    daily = backfill()
    by_sitemap, by_archive = asked(daily)
    first, second = answer(daily, by_sitemap, sitemap("national/1", "national/2", "sports/3"))
    assert news(daily) == {"2022-07-12": ({"1", "2"}, None, False)}
    third, page = answer(daily, by_archive, links("national/2", "national/4"))
    fail(daily, page, 404)
    fail(daily, first, 404)
    daily.settle(second.meta["listing"])
    assert news(daily) == {"2022-07-12": ({"1", "2", "4"}, None, False)}
    daily.settle(third.meta["listing"], "rejected", "static-page")
    notes = daily.notes()
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
    ],
)
def test_a_day_with_a_source_that_is_no_whole_listing_has_a_fault(body, fault):
    daily = backfill(Daily)
    [request] = asked(daily)
    answer(daily, request, body)
    [(_, told, _)] = news(daily).values()
    assert told == f"{SITE}/days/2022-07-12.xml: {fault}"


def test_a_source_that_could_not_be_fetched_is_a_fault_of_its_day_unless_the_crawl_was_stopped():
    daily = backfill(since="2022-07-11")
    later, earlier, *_ = asked(daily)
    fail(daily, later, 503)
    assert news(daily)["2022-07-12"][1] == f"{SITE}/days/2022-07-12.xml: not fetched (http-503)"
    failure = Failure(CrawlEnds())
    failure.request = earlier
    source_failed(daily, failure)
    assert news(daily) == {}


def test_a_failure_of_a_run_for_what_is_new_is_of_the_day_in_the_outlets_own_zone():
    daily = spider()
    listing = Listing(f"{SITE}/national/5", datetime(2022, 7, 12, 3, tzinfo=DHAKA))
    [request] = daily.first_requests([listing], None, met=set())
    fail(daily, request, 404)
    assert daily.notes().failed["5"].day == date(2022, 7, 12)


def test_a_dry_run_asks_for_no_article():
    daily = backfill(Daily, how="count")
    [request] = asked(daily)
    assert answer(daily, request, sitemap("national/1", "national/2")) == []
    assert news(daily)["2022-07-12"][0] == {"1", "2"}


# Pages


def fetched(daily, listing, url=None, cls=HtmlResponse, body="<html><p>খবর", **options):
    request = daily.article_request(listing)
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


def test_a_redirected_page_has_the_key_of_where_it_ended_and_remembers_the_other():
    [page] = fetched(spider(), Listing(f"{SITE}/national/5"), f"{SITE}/national/7")
    assert (page.key, page.aliases, page.url) == ("7", ("5",), f"{SITE}/national/7")


def test_an_article_listed_nationally_later_in_the_run_is_national():
    daily = spider()
    listed(daily, links("national/5"))
    [page] = fetched(daily, Listing(f"{SITE}/national/5"))
    assert page.listing.national


@pytest.mark.parametrize(
    ("url", "counted"),
    [(f"{SITE}/", "rejected/redirected-away"), ("https://o.example/national/5", "rejected/redirected-away")],
)
def test_a_page_that_leads_away_is_no_article(url, counted):
    daily = spider()
    assert fetched(daily, Listing(f"{SITE}/national/5"), url) == []
    assert stats(daily) == {counted: 1}


def test_a_redirect_away_is_not_followed():
    daily = spider()
    request = daily.article_request(Listing(f"{SITE}/national/5"))
    hop = request.replace(meta={**request.meta, "redirect_urls": [request.url]})
    daily.refuse_leading_away(request)
    daily.refuse_leading_away(hop.replace(url=f"{SITE}/sports/5"))
    for address in (f"{SITE}/", "https://o.example/x"):
        with pytest.raises(IgnoreRequest):
            daily.refuse_leading_away(hop.replace(url=address))
    assert stats(daily) == {"rejected/redirected-away": 2}


def test_a_file_that_is_no_html_is_counted_and_not_extracted():
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
def test_a_failure_is_counted_by_its_reason_and_said(error, reason, caplog):
    caplog.set_level("INFO")
    daily = spider()
    failure = Failure(error)
    failure.request = Request(f"{SITE}/national/5")
    daily.article_failed(failure)
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


def test_the_base_class_knows_no_article():
    assert NewsSpider.key_of("https://n.example/national/5") is None
    assert NewsSpider.canonical_url("https://n.example/5?fbclid=1#c") == "https://n.example/5"
    assert NewsSpider.sources() == []


@pytest.mark.parametrize(
    ("depth", "status", "is_absent"), [(0, 404, True), (0, 410, True), (0, 503, False), (1, 404, False)]
)
def test_only_the_list_of_a_day_itself_can_be_said_to_be_absent(depth, status, is_absent):
    daily = backfill(outlet=type("Young", (Archive,), {"days": Archive.days[:1]}))
    [request] = asked(daily)
    request.meta["source"] = replace(request.meta["source"], depth=depth)
    fail(daily, request, status)
    [one] = daily.notes().days
    assert one.is_absent is is_absent
