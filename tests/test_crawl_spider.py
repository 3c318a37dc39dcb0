"""How an outlet's declarations become requests, and responses pages."""

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response, XmlResponse
from scrapy.settings import Settings
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.test import get_crawler
from twisted.python.failure import Failure as TwistedFailure

from crawler.crawl.assignment import Assignment
from crawler.crawl.discovery.known_articles import KnownArticles
from crawler.crawl.discovery.source_health import SourceHealth
from crawler.crawl.memory import Memory
from crawler.crawl.settings import PROJECT_ROOT
from crawler.crawl.spider import NewsSpider
from crawler.model.day_news import FaultKind
from crawler.model.listing import Listing
from crawler.model.span import BadArgument
from crawler.outlets.sources import ArchivePage, DailySitemap, Feed, JsonListing, NewsSitemap, Section, WordPress

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


# The health of sources


def source_health(outlet=Daily, is_update=False, **arguments):
    crawler = get_crawler()
    assignment = Assignment(outlet, **arguments)
    assignment.is_update = is_update
    return SourceHealth(assignment, crawler), assignment, crawler.stats


# Listings


def test_a_feed_that_answers_with_html_is_counted_and_logged(caplog):
    daily = spider()
    feed = next(visit for visit in daily.assignment.visits() if visit.url.endswith("rss.xml"))
    assert listed(daily, "<html><body><a href='/national/1'>x</a></body></html>", feed) == []
    assert stats(daily) == {"sources/broken": 1}
    assert f"{SITE}/rss.xml is broken: it answered with an HTML page instead of a feed" in caplog.text


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


def fault_of_a_last_page(body, source=PAGED):
    """Return the fault of a day whose second page has a body, and the page's request."""
    daily, first = by_day(source)
    article, second = answer(daily, first, rows("national/1"))
    daily.ledger.settle(article.meta["listing"])
    assert answer(daily, second, body) == []
    [(keys, fault, is_settled)] = news(daily).values()
    assert (keys, is_settled) == ({"1"}, True)
    return fault, second


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


# Pages


def fetched(daily, listing, url=None, cls=HtmlResponse, body="<html><p>খবর", **options):
    request = daily.discovery.article_request(listing)
    response = cls(url or listing.url, body=body.encode(), request=request, **options)
    return list(daily.parse_article(response))


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


def test_a_status_other_than_200_is_a_failure():
    daily = spider()
    assert fetched(daily, Listing(f"{SITE}/national/5"), status=206) == []
    assert stats(daily) == {"failed/http-206": 1}


# Addresses


def test_the_workers_of_extraction_load_no_state():
    code = "import sys, crawler.crawl.spider; sys.exit(any(name.startswith('crawler.state') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, check=False).returncode == 0
