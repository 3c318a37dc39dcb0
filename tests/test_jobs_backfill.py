"""Backfills end to end: days are closed once, whatever fails or stops them; another run goes on."""

import json
import math
import os
import re
import signal
import time
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from datetime import time as clock
from functools import partial

import pytest
from killing import judge, kill_all, kill_alone, kill_at_random
from origin import Origin, answer
from paper import Updates
from plain_warc import read_records
from sandbox import TODAY

from crawler.demo.schedule import DHAKA
from crawler.demo.spiders.demo_tv import DemoTvSpider
from crawler.model.failures import Failure
from crawler.state import State, tables
from crawler.state.days import Days, read_days
from crawler.system.locks import backfill_lock, outlet_lock

LAST = TODAY - timedelta(days=1)
BACK = [LAST - timedelta(days=number) for number in range(3)]
# Outlets whose archives are at the address in ARCHIVE, and their articles in the newspaper.
ARCHIVED = """
import os

from crawler.demo.spiders.demo_tv import DemoTvSpider
from crawler.outlets.sources import ArchivePage, DailySitemap, JsonListing

ARCHIVE = os.environ["ARCHIVE"]

class Paged(DemoTvSpider):
    name = "paged"
    days = [ArchivePage(ARCHIVE + "/{day}/{page}", national=True)]

class Numbered(DemoTvSpider):
    name = "numbered"
    days = [JsonListing(ARCHIVE + "/json/{day}/{page}", published="at", national=True)]

class Plain(Numbered):
    # Its pages name no section.
    name = "plain"
    article = r"^https?://[^/]+/(?P<key>[0-9]+)$"

class Telling(DemoTvSpider):
    # Its lists have the dates of their articles.
    name = "telling"
    days = [JsonListing(ARCHIVE + "/json/{day}", published="at", national=True)]

class Silent(DemoTvSpider):
    name = "silent"
    days = [ArchivePage(ARCHIVE + "/page/{day}", national=True)]

class Two(DemoTvSpider):
    name = "two"
    days = [
        ArchivePage(ARCHIVE + "/page/{day}", links=".day a", national=True),
        JsonListing(ARCHIVE + "/json/{day}", national=True),
    ]

class Index(DemoTvSpider):
    name = "index"
    days = [DailySitemap(ARCHIVE + "/{day}.xml", national=True)]

class Linked(DemoTvSpider):
    name = "linked"
    days = [ArchivePage(ARCHIVE + "/page/{day}", links="main a", national=True)]

class Beside(Linked):
    name = "beside"
    days = [*Linked.days, *Telling.days]

class Pages(DemoTvSpider):
    name = "pages"
    days = [JsonListing(ARCHIVE + "/json/{day}/{page}", national=True)]
"""

# A link to an article on a host that is not there.
DEAD = b"<a href='http://127.0.0.1:9/tv/999999'>x</a>"


class Backfills(Updates):
    """A place where backfills run; the logs of their crawls are kept in files."""

    def backfill(self, *words, days=2, until=LAST, **options):
        span = ["--since", str(until - timedelta(days=days - 1)), "--until", str(until)]
        return self.scrapy("backfill", *words, *span, **options)

    def backfill_of(self, outlet, origin, **options):
        """Return what runs a backfill of an outlet whose archive the origin has."""
        (self.root / "archived.py").write_text(ARCHIVED)
        environment = {"PYTHONPATH": str(self.root), "ARCHIVE": origin.base}
        return partial(self.backfill, outlet, "-s", "SPIDER_MODULES=archived", environment=environment, **options)

    def forget_days(self):
        for table in ("days", "listings", "faults"):
            self.sql(f"delete from {table}")

    def days(self, outlet=None):
        """Return by date whether a day is open or closed; with `outlet`, of that one alone."""
        with closing(State(f"sqlite:///{self.root}/spool/state.db")) as state, state.engine.connect() as connection:
            found = read_days(connection, *([tables.days.c.outlet == outlet] if outlet else []))
        return {str(day.day): "closed" if day.is_closed else "open" for day in found}


@pytest.fixture
def place(tmp_path, paper):
    return Backfills(tmp_path, paper.url)


def wanted(paper, outlet, days=2, until=LAST):
    since = until - timedelta(days=days - 1)
    articles = paper.site.newspaper.of(outlet)
    return {one.title for one in articles if one.national and since <= one.published.date() <= until}


def articles_asked(paper, outlet):
    return [target for target in paper.site.asked if re.match(rf"/{outlet}/\d", target)]


def articles_of(paper, *days):
    return [one for one in paper.site.newspaper.of("tv") if one.national and one.published.date() in days]


def lists_of(paper, day, of):
    """Return the routes of the lists for a day, with the articles of some days."""
    return lists_with(paper, day, articles_of(paper, *of))


def lists_with(paper, day, articles):
    """Return the routes of the lists for a day, with some articles."""
    items = [{"url": paper.url + one.path, "at": one.published.isoformat()} for one in articles]
    page = "".join(f"<a href='{one['url']}'>x</a>" for one in items)
    return {f"/json/{day}": answer(json.dumps({"items": items}).encode()), f"/page/{day}": answer(page.encode())}


def lists_on(paper, routes):
    """Return the routes of the lists for some days, each with the articles of a day of its own."""
    return {path: reply for day, of in routes.items() for path, reply in lists_of(paper, day, {of}).items()}


def test_closed_days_are_skipped_and_failures_retried_only_on_request(place, paper):
    withdrawn = paper.site.newspaper.withdrawn
    withdrawn["tv"] = replace(withdrawn["tv"], published=datetime.combine(LAST, clock(12), DHAKA))
    first = place.backfill("demo_tv")
    assert (first.returncode, first.stderr) == (0, "")
    *closed, summary = first.stdout.splitlines()
    assert {line.partition(":")[0] for line in closed} == {f"demo_tv {day}" for day in place.days()}
    assert any(re.fullmatch(r"demo_tv \S+: \d listed, \d archived, (1 turned down, )?1 failed", one) for one in closed)
    assert summary.endswith("2 of 2 days closed, 1 article failed for good")
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv")
    [(url, reason, is_final, tries)] = place.sql("select url, reason, is_final, tries from failures")
    assert (reason, is_final, tries) == ("http-404", 1, 1)
    [(day,)] = place.sql("select day from listings where url = ?", url)

    paper.site.asked.clear()
    again = place.backfill("demo_tv")
    assert (again.returncode, again.stderr, paper.site.asked) == (0, "", [])

    retried = place.backfill("demo_tv", "--retry-failed")
    assert (retried.returncode, retried.stderr) == (0, "")
    assert articles_asked(paper, "tv") == [url.removeprefix(paper.url)]
    assert [target for target in paper.site.asked if "sitemap/" in target] == [f"/tv/sitemap/{day}.xml"]
    assert place.sql("select tries, is_final from failures") == [(2, 1)]


def test_retry_failed_includes_failures_of_updates_and_other_scopes(place, paper):
    withdrawn = paper.site.newspaper.withdrawn
    withdrawn["tv"] = replace(withdrawn["tv"], published=datetime.combine(LAST, clock(12), DHAKA))
    url = paper.url + withdrawn["tv"].path
    for day in (LAST, TODAY, None):
        with closing(State(f"sqlite:///{place.root}/spool/state.db")) as state:
            place.forget_days()
            place.sql("delete from failures")
            failed = {DemoTvSpider.listed_key(url): Failure(url, "http-404", is_final=True, day=day)}
            Days(state.engine, "demo_tv", "all").write([], failed)
        paper.site.asked.clear()
        assert place.backfill("demo_tv").stdout.endswith("1 article failed for good\n")
        assert url.removeprefix(paper.url) not in articles_asked(paper, "tv")
        paper.site.asked.clear()
        retried = place.backfill("demo_tv", "--retry-failed")
        assert retried.stdout.endswith("1 article failed for good\n")
        assert len(articles_asked(paper, "tv")) == 1


BROKEN = """
from crawler.demo.spiders.demo_tv import DemoTvSpider

class Broken(DemoTvSpider):
    name = "broken"

    def __init__(self, **arguments):
        raise RuntimeError("not today")

class Whole(DemoTvSpider):
    name = "whole"

class Current(DemoTvSpider):
    name = "current"
    days = []
"""


def test_a_broken_outlet_is_named_and_the_others_are_crawled(place, paper):
    (place.root / "two.py").write_text(BROKEN)
    run = partial(place.backfill, "broken", "whole", "-s", "SPIDER_MODULES=two", days=1)
    for words in ([], ["--dry-run"]):
        done = run(*words, environment={"PYTHONPATH": str(place.root)})
        assert done.returncode == 3
        assert re.fullmatch(r"broken: can't be used \(RuntimeError: not today \(\S+two.py, line 8\)\)\n", done.stderr)
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv", days=1)
    assert set(place.days().values()) == {"closed"}


def test_an_outlet_that_lists_other_days_is_named_and_the_others_are_crawled(place, paper):
    (place.root / "two.py").write_text(BROKEN)
    run = partial(place.backfill, "-s", "SPIDER_MODULES=two", days=1, environment={"PYTHONPATH": str(place.root)})
    done = run("current", "whole")
    assert done.returncode == 3
    assert done.stderr == (
        "current: can't be used (current has no source that lists past days: it can't be backfilled.)\n"
    )
    assert set(place.days().values()) == {"closed"}
    assert run("current").returncode == 2


def test_the_next_run_retries_only_failed_articles_of_open_days(place, paper):
    no_retry = ("-s", "RETRY_TIMES=0")
    first = place.backfill("demo_portal", *no_retry)
    assert first.returncode == 3
    assert re.fullmatch(r"demo_portal: 1 of 2 days stays open: \S+ 1 of \d articles failed for now\n", first.stderr)
    rows = len(place.rows())
    paper.site.asked.clear()
    assert place.backfill("demo_portal", *no_retry).returncode == 3
    assert len(articles_asked(paper, "portal")) == 1
    last = place.backfill("demo_portal", *no_retry)
    assert (last.returncode, last.stderr) == (0, "")
    assert len(place.rows()) == rows + 1
    assert {row["title"] for row in place.rows()} == wanted(paper, "portal")
    assert place.sql("select reason from failures where not is_final") == []


def test_a_backfill_without_robots_txt_stops_and_fails_no_article(place, paper):
    paper.site.most_robots = 1
    slow = ("-s", "ROBOTSTXT_MAX_AGE=2", "-s", "RETRY_TIMES=0", "-s", "DOWNLOAD_DELAY=0.3")
    answer = place.backfill("demo_tv", *slow, days=9)
    assert answer.returncode == 3
    moment = r"since [\d-]+ [\d:]+ UTC \(http-500\)"
    said = rf"demo_tv: \d of 9 days stays? open: {paper.url}/robots.txt can't be fetched {moment}\n"
    assert re.fullmatch(said, answer.stderr)
    assert paper.site.asked[-1] == "/robots.txt"
    assert set(place.sql("select reason from failures")) <= {("http-404",)}
    assert place.rows()
    # It can't be had at all: nothing else is asked for, and that is what keeps the days open.
    paper.site.most_robots = 0
    paper.site.asked.clear()
    again = place.backfill("demo_tv", *slow, days=9)
    assert (again.returncode, set(paper.site.asked)) == (3, {"/robots.txt"})
    assert f" open: {paper.url}/robots.txt can't be fetched since " in again.stderr
    paper.site.most_robots = math.inf
    assert place.backfill("demo_tv", days=9).returncode == 0
    assert sorted(row["title"] for row in place.rows()) == sorted(wanted(paper, "tv", days=9))


@pytest.mark.parametrize(("how", "code", "said"), [("500", 3, "not fetched (http-500)"), ("403", 4, "it refuses us")])
def test_a_broken_source_is_named_and_its_days_stay_open(place, paper, how, code, said):
    paper.break_("tv", how)
    answer = place.backfill("demo_tv", "demo_daily", "-s", "RETRY_TIMES=0")
    assert answer.returncode == code
    assert answer.stderr.startswith("demo_tv: 2 of 2 days stay open: ")
    assert said in answer.stderr
    assert answer.stderr.count("\n") == 1, "the other outlet is unharmed"
    assert {row["title"] for row in place.rows()} == wanted(paper, "daily")
    if how == "500":
        paper.heal()
        assert place.backfill("demo_tv", "demo_daily").returncode == 0
        assert {row["title"] for row in place.rows()} == wanted(paper, "tv") | wanted(paper, "daily")


def test_a_day_whose_sources_list_nothing_stays_open(place, paper):
    paper.break_("portal", "empty")
    alerted = place.root / "alerted"
    answer = place.backfill(
        "demo_portal", "-s", f"ALERT_COMMAND=(echo $KHOBOR_EXIT_CODE $KHOBOR_TOLD; cat) > {alerted}"
    )
    assert answer.returncode == 3
    assert f"{LAST}.xml: it lists no article" in answer.stderr
    assert alerted.read_text() == f"3 demo_portal\n{answer.stdout}{answer.stderr}"


def test_the_first_page_may_list_videos_but_not_be_empty(place, paper):
    paths = [one.path for one in articles_of(paper, LAST)]
    routes = {
        f"/{LAST}/1": answer(b"<ul><li><a href='/tv/video/clip-1'>x</a></ul>"),
        f"/{LAST}/2": answer("".join(f"<a href='{paper.url}{path}'>x</a>" for path in paths).encode()),
        f"/{LAST - timedelta(days=1)}/1": answer(b"<div id=app></div>"),
    }
    with Origin(routes) as origin:
        done = place.backfill_of("paged", origin)()
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv", days=1)
    assert place.days() == {str(LAST): "closed", str(LAST - timedelta(days=1)): "open"}
    assert done.returncode == 3
    assert done.stderr.startswith("paged: 1 of 2 days stays open: ")
    assert done.stderr.endswith("it answered with a page that has no links to articles\n")


@pytest.mark.parametrize("after", ["missing", "empty", "copy"])
def test_endless_pagination_ends_when_a_page_lists_nothing_new(place, paper, after):
    """And a page that was not there once, between others, is read."""
    articles = articles_of(paper, LAST)
    links = [f"<a href='{paper.url}{one.path}'>x</a>" for one in articles]
    assert len(links) > 1
    second = answer(f"<body>{''.join(links[1:])}<a href='/{LAST}/3'>›</a>".encode())
    missing = answer(b"no", status=b"404 Not Found")
    routes = {
        f"/{LAST}/1": answer(f"<body>{links[0]}<a href='/{LAST}/2'>›</a>".encode()),
        f"/{LAST}/2": (missing, second),
        f"/{LAST}/3": {"missing": missing, "empty": answer(b"<body><a href='/'>x</a>"), "copy": second}[after],
    }
    with Origin(routes) as origin:
        done = place.backfill_of("paged", origin, days=1)()
    assert (done.returncode, done.stderr, place.days()) == (0, "", {str(LAST): "closed"})
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv", days=1)


def test_articles_with_an_empty_body_are_refetched(place, paper):
    answer = paper.site.get

    def get(target, base):
        reply = answer(target, base)
        return replace(reply, body=b"\n") if re.match(r"/tv/\d", target) else reply

    paper.site.get = get
    first = place.backfill("demo_tv")
    assert first.returncode == 3
    assert re.match(r"demo_tv: 2 of 2 days stay open: .*: \d of \d articles failed for now", first.stderr)
    assert ("empty-body", 0) in place.sql("select distinct reason, is_final from failures")
    paper.site.get = answer
    second = place.backfill("demo_tv")
    assert (second.returncode, second.stderr) == (0, "")
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv")


def test_a_past_day_without_a_listing_is_given_up_once(place, paper):
    paper.site.missing = f"{LAST}"
    first = place.backfill("demo_tv")
    assert first.returncode == 0
    assert re.fullmatch(
        rf"demo_tv: 1 day given up, --retry-failed retries them: {LAST}: \S+: not fetched \(http-404\)\n",
        first.stderr,
    )
    assert "2 of 2 days closed" in first.stdout
    paper.site.missing = "nothing"
    assert place.backfill("demo_tv", "--retry-failed").returncode == 0
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv")


@pytest.mark.parametrize("other", [answer(b'{"items": []}'), answer(b"gone", status=b"404 Not Found")])
def test_a_failed_article_is_retried_though_another_listing_is_empty(place, paper, other):
    articles = articles_of(paper, LAST)
    links = "".join(f"<a href='{paper.url}{one.path}'>x</a>" for one in articles)
    routes = {f"/page/{LAST}": answer(f"<div class=day>{links}</div>".encode()), f"/json/{LAST}": other}
    with Origin(routes) as origin:
        run = place.backfill_of("two", origin, days=1)
        paper.site.unavailable = {articles[0].path}
        first = run("-s", "RETRY_TIMES=0")
        assert (first.returncode, place.days()) == (3, {str(LAST): "open"})
        assert first.stderr.endswith(f"; 1 of {len(articles)} articles failed for now\n")
        paper.site.unavailable = set()
        assert run().returncode == 0
    assert place.days() == {str(LAST): "closed"}
    assert {row["title"] for row in place.rows()} == {one.title for one in articles}


@pytest.mark.parametrize(
    ("outlet", "path", "end", "status"),
    [
        ("paged", "", answer(b"no", status=b"404 Not Found"), "closed"),
        ("paged", "", answer(b"no", status=b"500 Internal Server Error"), "open"),
        ("numbered", "/json", answer(b'{"message": "no such page"}', status=b"400 Bad Request"), "closed"),
    ],
)
def test_failed_articles_are_retried_whatever_the_last_page_returns(place, paper, outlet, path, end, status):
    articles = articles_of(paper, LAST)
    with Origin({f"{path}/{LAST}/2": end}) as origin:
        run = place.backfill_of(outlet, origin, days=1)
        for listed, unavailable in ((articles, {articles[0].path}), (articles[1:], set())):
            origin.routes[f"{path}/{LAST}/1"] = lists_with(paper, LAST, listed)[f"{path or '/page'}/{LAST}"]
            paper.site.unavailable = unavailable
            done = run("-s", "RETRY_TIMES=0")
    assert (done.returncode, place.days()) == ({"closed": 0, "open": 3}[status], {str(LAST): status})
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv", days=1)
    assert place.sql("select url from failures") == []


def test_a_misplaced_article_is_archived_despite_a_missing_last_page(place, paper):
    before = LAST - timedelta(days=1)
    late, *others = articles_of(paper, LAST)
    of_before = articles_of(paper, before)
    with Origin({}) as origin:
        for day, listed in ((LAST, others), (before, [*of_before, late])):
            origin.routes[f"/{day}/1"] = lists_with(paper, day, listed)[f"/page/{day}"]
        for day in (before, LAST):
            done = place.backfill_of("paged", origin, days=1, until=day)()
            assert (done.returncode, done.stderr) == (0, "")
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv")
    assert (set(place.days().values()), place.sql("select * from failures")) == ({"closed"}, [])


def plain_story(number):
    """Return a page of LAST that names no section."""
    published = f"<meta property='article:published_time' content='{LAST}T00:20:00+06:00'>"
    text = "<p>সকালে স্থানীয় প্রশাসন জানায়, কাজটি সময়মতো শেষ হবে এবং সবাই উপকৃত হবেন বলে আশা করা হচ্ছে।</p>" * 5
    head = f"<meta charset=utf-8><title>গ্রামের খবর {number}</title>{published}"
    body = f"<article><h1>গ্রামের খবর {number}</h1><div class=entry-content>{text}</div></article>"
    page = f"<!doctype html><html lang=bn><head>{head}</head><body>{body}</body></html>"
    return answer(page.encode(), b"Content-Type: text/html; charset=utf-8")


def test_a_retried_article_keeps_the_scope_of_its_listing(place):
    before, busy = LAST - timedelta(days=1), answer(b"x", status=b"503 Busy")
    with Origin({f"/{number}": plain_story(number) for number in (1, 2, 3)}) as origin:
        run = place.backfill_of("plain", origin, days=1)
        origin.routes["/2"] = (busy, origin.routes["/2"])
        for day, numbers in ((before, [1]), (LAST, [2, 3]), (LAST, [3])):
            items = [{"url": f"{origin.base}/{number}", "at": f"{LAST}T00:20:00+06:00"} for number in numbers]
            origin.routes[f"/json/{day}/1"] = answer(json.dumps({"items": items}).encode())
            run("-s", "RETRY_TIMES=0", until=day)
    assert {row["title"] for row in place.rows()} == {f"গ্রামের খবর {number}" for number in (1, 2, 3)}
    assert (place.days()[str(LAST)], place.sql("select * from failures")) == ("closed", [])


def sitemap(root, inner, addresses):
    entries = "".join(f"<{inner}><loc>{address}</loc></{inner}>" for address in addresses)
    return answer(f"<{root}>{entries}</{root}>".encode())


def test_a_sitemap_index_is_requested_once_and_closes_its_day(place, paper):
    paths = [one.path for one in articles_of(paper, LAST)]
    with Origin({}) as origin:
        parts = {f"/parts/{number}.xml": paths[number::2] for number in range(2)}
        for part, listed in parts.items():
            origin.routes[part] = sitemap("urlset", "url", [paper.url + path for path in listed])
        origin.routes[f"/{LAST}.xml"] = sitemap("sitemapindex", "sitemap", [origin.base + part for part in parts])
        done = place.backfill_of("index", origin, days=1)()
        assert (done.returncode, done.stderr, place.days()) == (0, "", {str(LAST): "closed"})
        asked = [one.target for one in origin.log if one.target != "/robots.txt"]
    assert sorted(asked) == sorted([f"/{LAST}.xml", *parts])
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv", days=1)


def test_a_host_without_robots_txt_delays_only_its_own_articles(place, paper):
    with Origin(lists_on(paper, {day: day for day in BACK[:2]})) as origin:
        path = f"/page/{LAST}"
        origin.routes[path] = answer(origin.routes[path][0].partition(b"\r\n\r\n")[2] + DEAD)
        done = place.backfill_of("silent", origin)()
    assert done.returncode == 3
    assert place.days() == {str(LAST): "open", str(BACK[1]): "closed"}
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv")


@pytest.mark.parametrize("outlet", ["telling", "silent"])
def test_days_stay_open_while_their_source_ignores_the_date(place, paper, outlet):
    kept = wanted(paper, "tv", days=1)
    with Origin({}) as origin:
        run = place.backfill_of(outlet, origin, days=3)
        for day in BACK:
            origin.routes |= lists_of(paper, day, {TODAY, LAST})
        for _ in range(2):
            done = run()
            assert done.returncode == 3
            assert done.stderr.startswith(f"{outlet}: 2 of 3 days stay open: ")
            assert len(re.findall(OF_OTHER_DAYS, done.stderr)) == 2
            assert place.days() == {str(LAST): "closed", str(BACK[1]): "open", str(BACK[2]): "open"}
            assert {row["title"] for row in place.rows()} == kept
        assert run("--dry-run").returncode == 3
        assert place.days()[str(BACK[1])] == "open"
        for day in BACK:
            # The day before and after midnight in another zone is no fault.
            origin.routes |= lists_of(paper, day, {day, day + timedelta(days=1), day - timedelta(days=1)})
        mended = run()
    assert (mended.returncode, mended.stderr) == (0, "")
    assert set(place.days().values()) == {"closed"}
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv", days=3)


OF_OTHER_DAYS = r"/\S+: it lists only articles of other days"


def assert_open(done, *days):
    """Assert that a backfill has left days of three open, and named the list of each."""
    verb = "stays" if len(days) == 1 else "stay"
    assert (done.returncode, f"{len(days)} of 3 days {verb} open: " in done.stderr) == (3, True), done.stderr
    assert len(re.findall(OF_OTHER_DAYS, done.stderr)) == len(days)
    assert all(re.search(rf"/{day}: it lists only", done.stderr) for day in days)


@pytest.mark.parametrize("outlet", ["telling", "silent"])
def test_an_archive_repeating_the_newest_day_leaves_other_days_open(place, paper, outlet):
    with Origin(lists_on(paper, dict.fromkeys(BACK, LAST))) as origin:
        run = place.backfill_of(outlet, origin, days=3)
        for _ in range(3):
            assert_open(run(), *BACK[1:])
        # What all is kept already when the archive is mended.
        origin.routes |= lists_on(paper, {day: day for day in BACK})
        crawl = ["-a", f"since={BACK[-1]}", "-a", f"until={LAST}", "-s", "SPIDER_MODULES=archived"]
        assert place.scrapy("crawl", outlet, *crawl, environment=run.keywords["environment"]).returncode == 0
        paper.site.asked.clear()
        mended = run()
        assert (mended.returncode, mended.stderr, articles_asked(paper, "tv")) == (0, "", [])
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv", days=3)


def test_days_stay_open_though_an_update_archived_the_listed_articles(place, paper):
    with Origin(lists_on(paper, dict.fromkeys(BACK, LAST))) as origin:
        run = place.backfill_of("silent", origin, days=3)
        words = ["silent", "-s", "SPIDER_MODULES=archived"]
        assert place.scrapy("update", *words, environment=run.keywords["environment"]).returncode == 0
        paper.site.asked.clear()
        for _ in range(2):
            assert_open(run(), *BACK)
        assert articles_asked(paper, "tv") == []
        origin.routes |= lists_on(paper, {day: day for day in BACK})
        assert (run().returncode, set(place.days().values())) == (0, {"closed"})
    assert wanted(paper, "tv", days=3) <= {row["title"] for row in place.rows()}


def test_the_last_open_day_stays_open_until_its_archive_works(place, paper):
    with Origin(lists_on(paper, dict.fromkeys(BACK[:2], LAST))) as origin:
        run = place.backfill_of("silent", origin, days=2)
        for _ in range(3):
            done = run()
            assert (done.returncode, len(re.findall(OF_OTHER_DAYS, done.stderr))) == (3, 1)
            assert place.days() == {str(BACK[0]): "closed", str(BACK[1]): "open"}
        origin.routes |= lists_on(paper, {BACK[1]: BACK[1]})
        assert (run().returncode, set(place.days().values())) == (0, {"closed"})


@pytest.mark.parametrize("outlet", ["telling", "silent"])
@pytest.mark.parametrize("of", [-1, 1])
def test_days_that_list_articles_of_an_adjacent_day_are_closed(place, paper, outlet, of):
    until = LAST - timedelta(days=1)
    days = [until - timedelta(days=number) for number in range(3)]
    with Origin(lists_on(paper, {day: day + timedelta(days=of) for day in days})) as origin:
        run = place.backfill_of(outlet, origin, days=3, until=until)
        for _ in range(2):
            done = run()
            assert (done.returncode, done.stderr, set(place.days().values())) == (0, "", {"closed"})
            # As a kill leaves it that comes before state is told of the days.
            place.forget_days()
    inner = {day + timedelta(days=of) for day in days} & set(days)
    kept = {one.title for one in articles_of(paper, *inner)}
    assert kept <= {row["title"] for row in place.rows()}


def test_days_that_repeat_two_old_articles_are_closed(place, paper):
    old = [one for one in paper.site.newspaper.of("tv") if one.national and one.published.date() < BACK[-1]][:2]
    with Origin({}) as origin:
        for day in BACK:
            origin.routes |= lists_with(paper, day, old)
        for outlet in ("telling", "silent"):
            done = place.backfill_of(outlet, origin, days=3)()
            assert (done.returncode, done.stderr) == (0, ""), outlet
    assert [set(place.days(outlet).values()) for outlet in ("telling", "silent")] == [{"closed"}] * 2


@pytest.mark.parametrize("is_honest", [True, False])
def test_killed_backfills_still_recognize_a_listing_of_other_days(place, paper, is_honest):
    lists = {day: day for day in BACK} if is_honest else dict.fromkeys(BACK, LAST)
    with Origin(lists_on(paper, lists)) as origin:
        run = place.backfill_of("silent", origin, days=3)
        words = ["backfill", *run.args, "--since", str(BACK[-1]), "--until", str(LAST), "-s", "DOWNLOAD_DELAY=0.05"]
        environment = run.keywords["environment"]
        kill_at_random(place, [words], 3, seed=os.getpid(), longest=5.0, environment=environment)
        done = run()
        if is_honest:
            assert (done.returncode, done.stderr, set(place.days().values())) == (0, "", {"closed"})
        else:
            assert done.returncode == 3
            assert {place.days()[str(day)] for day in BACK[1:]} == {"open"}


def test_without_a_network_the_line_of_each_outlet_says_so(place):
    nowhere = {"DEMO_URL": "http://newspaper.invalid", "CONTACT": "archive@example.org"}
    options = [part for name, value in nowhere.items() for part in ("-s", f"{name}={value}")]
    answer = place.backfill("demo_daily,demo_tv", *options, days=1)
    assert answer.returncode == 3
    outlets = [line.partition(": 1 of 1 day stays open: ") for line in answer.stderr.splitlines()]
    assert [outlet for outlet, *_ in outlets] == ["demo_daily", "demo_tv"]
    assert all(why.startswith("http://newspaper.invalid/robots.txt can't be fetched since ") for *_, why in outlets)
    assert all(why.endswith(" UTC (no-such-host)") for *_, why in outlets)


@pytest.mark.parametrize("order", [(1, 0), (0, 1, 0)])
@pytest.mark.parametrize("outlet", ["telling", "silent"])
def test_an_article_listed_a_day_early_is_archived(place, paper, outlet, order):
    days = [LAST, LAST - timedelta(days=1)]
    with Origin({}) as origin:
        run = place.backfill_of(outlet, origin, days=1)
        late, *others = articles_of(paper, LAST)
        assert others
        before = articles_of(paper, days[1])
        origin.routes |= lists_with(paper, LAST, others) | lists_with(paper, days[1], [*before, late])
        for back in order:
            done = run(until=days[back])
            assert (done.returncode, done.stderr) == (0, "")
        assert {row["title"] for row in place.rows()} == wanted(paper, "tv")
        assert (set(place.days().values()), place.sql("select * from failures")) == ({"closed"}, [])
        paper.site.asked.clear()
        assert (run(until=LAST).returncode, paper.site.asked) == (0, [])


def test_retrying_articles_of_a_day_does_not_replace_its_listing(place, paper):
    failing, *others = articles_of(paper, LAST)
    with Origin({}) as origin:
        run = place.backfill_of("silent", origin, days=1)
        origin.routes = lists_with(paper, LAST, [failing])
        paper.site.unavailable = {failing.path}
        assert run("-s", "RETRY_TIMES=0").returncode == 3
        paper.site.unavailable, origin.routes = set(), {}
        assert run().returncode == 3
        assert {row["title"] for row in place.rows()} == {failing.title}
        origin.routes = lists_with(paper, LAST, [failing, *others])
        assert run().returncode == 0
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv", days=1)


def test_a_source_empty_on_every_day_is_named(place, paper):
    with Origin({}) as origin:
        run = place.backfill_of("telling", origin, days=3)
        for day in BACK:
            origin.routes |= lists_with(paper, day, [])
        done = run()
        assert done.returncode == 3
        assert re.fullmatch(r"telling: 3 of 3 days stay open: (\S+ \S+: it lists no article(; )?){3}\n", done.stderr), (
            done.stderr
        )
        assert run("--dry-run").returncode == 3
        origin.routes |= lists_on(paper, {day: day for day in (BACK[0], BACK[2])})
        counted = run("--dry-run")
        assert (counted.returncode, counted.stderr) == (0, "")
        assert re.search(rf"telling {BACK[1]}: empty, 0 listed, 0 unknown, \S+: it lists no article\n", counted.stdout)
        mended = run()
        assert (mended.returncode, mended.stderr) == (0, "")
        assert set(place.days().values()) == {"closed"}
        origin.routes |= lists_of(paper, BACK[1], {BACK[1]})
        assert run("--retry-failed").returncode == 0
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv", days=3)


NO_LINK = answer(b"<nav><a href='/'>x</a></nav><main></main>")


def linked(paper, *days):
    """Return the routes of the lists for some days, whose articles are in the main element of their pages."""
    routes = lists_on(paper, {day: day for day in days})
    for day in days:
        _, _, links = routes[f"/page/{day}"][0].partition(b"\r\n\r\n")
        routes[f"/page/{day}"] = answer(b"<nav><a href='/'>x</a></nav><main>" + links + b"</main>")
    return routes


def test_a_null_listing_counts_as_an_empty_day(place, paper):
    null = answer(b'{"items": null, "message": "success"}')
    with Origin({f"/json/{day}": null for day in BACK}) as origin:
        run = place.backfill_of("telling", origin, days=3)
        assert (run().returncode, set(place.days().values())) == (3, {"open"}), "nothing is listed on any day"
        origin.routes |= lists_on(paper, {day: day for day in (BACK[0], BACK[2])})
        done = run()
    assert (done.returncode, done.stderr, set(place.days().values())) == (0, "", {"closed"})


@pytest.mark.parametrize("holiday", [0, 1])
def test_a_page_without_links_is_given_up_near_listed_days(place, paper, holiday):
    with Origin(linked(paper, *BACK)) as origin:
        origin.routes[f"/page/{BACK[holiday]}"] = NO_LINK
        done = place.backfill_of("linked", origin, days=3)()
    assert (done.returncode, set(place.days().values())) == (0, {"closed"})
    assert f"1 day given up, --retry-failed retries them: {BACK[holiday]}: " in done.stderr


@pytest.mark.parametrize("to", [b"/", b"/login"])
def test_a_day_whose_page_redirects_is_not_given_up(place, paper, to):
    with Origin(linked(paper, *BACK) | {"/": NO_LINK, "/login": NO_LINK}) as origin:
        run = place.backfill_of("linked", origin, days=3)
        origin.routes[f"/page/{BACK[1]}"] = answer(b"", b"Location: " + to, status=b"302 Found")
        assert run().returncode == 3
        assert place.days()[str(BACK[1])] == "open"
        origin.routes |= linked(paper, BACK[1])
        assert run().returncode == 0
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv", days=3)


@pytest.mark.parametrize("outlet", ["linked", "beside"])
def test_pages_without_article_links_on_all_days_keep_them_open(place, paper, outlet):
    with Origin(linked(paper, *BACK)) as origin:
        run = place.backfill_of(outlet, origin)
        assert run(days=1, until=BACK[2]).returncode == 0
        origin.routes |= {f"/page/{day}": NO_LINK for day in BACK[:2]}
        broken = run(days=3)
        assert broken.returncode == 3
        assert broken.stderr.startswith(f"{outlet}: 2 of 3 days stay open: ")
        origin.routes |= linked(paper, *BACK[:2])
        assert run(days=3).returncode == 0
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv", days=3)


@pytest.mark.parametrize("end", [b'{"items": null, "message": "success"}', b'{"message": "no more"}', b'{"items": {}}'])
def test_a_reply_without_items_ends_json_pagination(place, paper, end):
    routes = lists_of(paper, LAST, {LAST})
    with Origin({f"/json/{LAST}/1": routes[f"/json/{LAST}"], f"/json/{LAST}/2": answer(end)}) as origin:
        done = place.backfill_of("pages", origin, days=1)()
    assert (done.returncode, done.stderr, place.days()) == (0, "", {str(LAST): "closed"})
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv", days=1)


def test_today_is_requested_and_never_closed(place, paper):
    answer = place.backfill("demo_tv", days=1, until=TODAY)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert place.days() == {str(TODAY): "open"}
    paper.publish("tv")
    assert place.backfill("demo_tv", days=1, until=TODAY).returncode == 0
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv", 1, TODAY)


def test_a_dry_run_asks_the_sources_and_no_article(place, paper):
    assert place.backfill("demo_daily", days=1).returncode == 0
    paper.site.asked.clear()
    answer = place.backfill("demo_daily", "demo_tv", "--dry-run")
    assert (answer.returncode, answer.stderr) == (0, "")
    lines = answer.stdout.splitlines()
    assert re.fullmatch(rf"demo_daily {LAST}: closed, \d listed, 0 unknown", lines[0])
    assert [re.sub(r"\d+ ", "", line) for line in lines[1:4]] == [
        f"demo_daily {LAST - timedelta(days=1)}: open, listed, unknown",
        f"demo_tv {LAST}: open, listed, unknown",
        f"demo_tv {LAST - timedelta(days=1)}: open, listed, unknown",
    ]
    assert lines[-1].startswith("3 of 4 days open, ")
    assert {target.rpartition("/")[2] for target in paper.site.asked} == {
        "robots.txt",
        f"sitemap-daily-{LAST - timedelta(days=1)}.xml",
        f"{LAST}.xml",
        f"{LAST - timedelta(days=1)}.xml",
    }
    assert place.files("warc/demo_tv/**/*.warc.gz"), "what the sources answered is recorded as always"


def test_days_to_come_are_said_to_be_left_out(place, paper):
    answer = place.backfill("demo_tv", "--dry-run", days=2, until=TODAY + timedelta(days=1))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith(f"demo_tv: cut to {TODAY} to {TODAY}: no source lists more\n")


def test_a_second_backfill_of_an_outlet_is_rejected(place, paper):
    spool = place.root / "spool"
    with outlet_lock(spool, "demo_tv"):
        assert place.backfill("demo_tv", days=1).returncode == 0
    with backfill_lock(spool, "demo_tv"):
        answer = place.backfill("demo_tv", "demo_daily")
        assert (answer.returncode, answer.stderr) == (75, "demo_tv: another backfill of this outlet is running\n")
        dry = place.backfill("demo_tv", "--dry-run")
        assert (dry.returncode, dry.stderr) == (answer.returncode, answer.stderr)
    assert {row["outlet"] for row in place.rows()} == {"demo_tv", "demo_daily"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_backfill_exits_quickly_and_resumes(place, paper, number):
    span = ["--since", str(LAST - timedelta(days=9)), "--until", str(LAST)]
    with place.start("backfill", "demo_daily", *span, "-s", "DOWNLOAD_DELAY=0.15") as process:
        process.stdout.readline()
        process.send_signal(number)
        began = time.monotonic()
        output, errors = process.communicate(timeout=40)
    assert time.monotonic() - began < 30
    assert (process.returncode, errors) == (5, "")
    assert output.endswith("stopped early\n")
    closed = {day for day, status in place.days().items() if status == "closed"}
    assert 1 <= len(closed) < 10
    paper.site.asked.clear()
    assert place.backfill("demo_daily", days=10).returncode == 0
    assert not [target for target in paper.site.asked if any(day in target for day in closed)]
    assert {row["title"] for row in place.rows()} == wanted(paper, "daily", 10)


def test_a_deadline_ends_a_backfill_early(place):
    answer = place.backfill("demo_daily", "--max-minutes", "0.05", "-s", "DOWNLOAD_DELAY=1", days=20)
    assert answer.returncode == 5
    assert "stopped early" in answer.stdout


def test_a_crawl_that_fails_is_named_with_what_it_said(place):
    (place.root / "archive").mkdir()
    (place.root / "archive" / "warc").write_text("in the way")
    answer = place.backfill("demo_tv", days=1)
    assert answer.returncode == 1
    assert answer.stderr.startswith("demo_tv: its crawl failed with exit 1 (")


@pytest.mark.parametrize(("kill", "kills", "longest"), [(kill_all, 2, 4.0), (kill_alone, 2, 3.0)])
def test_a_backfill_killed_at_random_moments_archives_every_article_once(place, paper, kill, kills, longest):
    words = ["backfill", "demo_tv", "--since", str(LAST - timedelta(days=5)), "--until", str(LAST)]
    slowly = [*words, "-s", "DOWNLOAD_DELAY=0.1"]
    acknowledged = kill_at_random(place, [slowly], kills, seed=os.getpid(), longest=longest, kill=kill)
    last = place.scrapy(*words)
    assert last.returncode == 0, last.stderr
    judge(place, acknowledged, wanted(paper, "tv", 6))
    assert set(place.days().values()) == {"closed"}


def side_by_side(place, outlet, days=6):
    """Run a crawl and a backfill of the same days at once; return the exit codes."""
    span = ["-a", f"since={LAST - timedelta(days=days - 1)}", "-a", f"until={LAST}"]
    running = []
    for name, more in {"crawl": [], "backfill": ["-a", "backfill=open"]}.items():
        with (place.root / f"{name}.log").open("wb") as log:
            running.append(place.start("crawl", outlet, *span, *more, stdout=None, stderr=log))
    codes = [process.wait(100) for process in running]
    for log in place.root.glob("*.log"):
        print(log.name, log.read_text()[-4000:], sep=":\n")
    return codes


def test_a_concurrent_crawl_and_backfill_write_no_row_twice(place, paper):
    assert side_by_side(place, "demo_portal") == [0, 0]
    rows = [(row["id"], row["version"]) for row in place.rows()]
    assert len(set(rows)) == len(rows) == len(wanted(paper, "portal", 6))
    assert not place.spool("*.open")
    asked = [run["stats"]["downloader/response_status_count/200"] for run in place.runs()]
    assert min(asked) > 0, "both have fetched"
    for path in place.files("manifest/**/*.json"):
        assert not [file for file in json.loads(path.read_text())["files"] if file.get("recovered")]
    assert place.scrapy("verify").returncode == 0


def test_a_concurrent_crawl_and_backfill_recover_files_of_dead_runs(place, paper):
    words = ["backfill", "demo_tv", "--since", str(LAST - timedelta(days=5)), "--until", str(LAST)]
    acknowledged = kill_at_random(place, [[*words, "-s", "DOWNLOAD_DELAY=0.1"]], 2, seed=os.getpid(), longest=5.0)
    assert side_by_side(place, "demo_tv") == [0, 0]
    rows = [row["title"] for row in place.rows()]
    assert len(set(rows)) == len(rows)
    assert set(rows) == wanted(paper, "tv", 6)
    assert not place.spool("*.open")
    archived = {record.get("WARC-Record-ID") for path in place.files("**/*.warc.gz") for record in read_records(path)}
    assert acknowledged <= archived
    assert place.scrapy("verify").returncode == 0
