"""Backfills end to end: days are closed once, whatever fails or stops them; another run goes on."""

import json
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
from sandbox import TODAY

from crawler.demo.schedule import DHAKA
from crawler.state import State, tables
from crawler.state.days import read_days
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


def sitemap(root, inner, addresses):
    entries = "".join(f"<{inner}><loc>{address}</loc></{inner}>" for address in addresses)
    return answer(f"<{root}>{entries}</{root}>".encode())


def test_a_host_without_robots_txt_delays_only_its_own_articles(place, paper):
    with Origin(lists_on(paper, {day: day for day in BACK[:2]})) as origin:
        path = f"/page/{LAST}"
        origin.routes[path] = answer(origin.routes[path][0].partition(b"\r\n\r\n")[2] + DEAD)
        done = place.backfill_of("silent", origin)()
    assert done.returncode == 3
    assert place.days() == {str(LAST): "open", str(BACK[1]): "closed"}
    assert {row["title"] for row in place.rows()} == wanted(paper, "tv")


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


NO_LINK = answer(b"<nav><a href='/'>x</a></nav><main></main>")


def linked(paper, *days):
    """Return the routes of the lists for some days, whose articles are in the main element of their pages."""
    routes = lists_on(paper, {day: day for day in days})
    for day in days:
        _, _, links = routes[f"/page/{day}"][0].partition(b"\r\n\r\n")
        routes[f"/page/{day}"] = answer(b"<nav><a href='/'>x</a></nav><main>" + links + b"</main>")
    return routes


@pytest.mark.parametrize("holiday", [0, 1])
def test_a_page_without_links_is_given_up_near_listed_days(place, paper, holiday):
    with Origin(linked(paper, *BACK)) as origin:
        origin.routes[f"/page/{BACK[holiday]}"] = NO_LINK
        done = place.backfill_of("linked", origin, days=3)()
    assert (done.returncode, set(place.days().values())) == (0, {"closed"})
    assert f"1 day given up, --retry-failed retries them: {BACK[holiday]}: " in done.stderr


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
