"""State rebuilt from the archive: nothing is fetched twice, and nothing is lost that can be read."""

import gzip
import shutil
import signal
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
import sandbox
import warm
from place import Place
from plain_warc import read_records

from crawler.crawl.settings import PROJECT_ROOT
from crawler.model.day_news import DayNews
from crawler.model.listing import Listing
from crawler.model.span import Span
from crawler.state import State
from crawler.state.days import Days

# These are equal in a rebuilt state; timestamps of runs differ by milliseconds.
TABLES = {"articles": "outlet, key", "captures": "outlet, url_digest"}
RUN = "SELECT run, outlet, reason, rows, requests, bytes, files, command FROM runs ORDER BY run"
# Only its lists tell which of its articles are national.
SECTIONLESS = """
from crawler.demo.spiders.demo_portal import DemoPortalSpider


class SectionlessSpider(DemoPortalSpider):
    name = "sectionless"

    @classmethod
    def finish(cls, article, document):
        article.section = article.scope = None
"""
# A rebuild that waits after its first file.
HELD_UP = """
import sys, time
import scrapy.cmdline
from crawler.jobs.output import Bar

def advance(bar, count):
    print("held up", flush=True)
    time.sleep(60)

Bar.advance = advance
scrapy.cmdline.execute(["scrapy", *sys.argv[1:]])
"""


def state_of(place, statement=None):
    """Execute a statement in state and return its rows, by default the rows of all tables that are rebuilt."""
    if statement is None:
        return [state_of(place, f"SELECT * FROM {table} ORDER BY {key}") for table, key in TABLES.items()] + [
            state_of(place, RUN)
        ]
    with closing(sqlite3.connect(place.root / "spool/state.db")) as connection, connection:
        return connection.execute(statement).fetchall()


def lose(place):
    for path in place.spool("state.db*"):
        path.unlink()


def remove_all_but_warcs(place):
    for pattern in ("index/demo_tv/**/*", "articles/outlet=demo_tv/**/*", "runs/**/*demo_tv*", "manifest/**/*demo_tv*"):
        for path in place.files(pattern):
            path.unlink()


def rebuilt(place, exit_code=0):
    done = place.scrapy("state", "--rebuild")
    assert done.returncode == exit_code, done.stdout + done.stderr
    return done


def addresses(place, *paths):
    given = place.root / "addresses"
    given.write_text("".join(f"{place.url}{path}\n" for path in paths))
    done = place.scrapy("crawl", "urls", "-a", f"file={given}")
    assert done.returncode == 0, done.stderr


def requested(place, crawl):
    """Return the addresses that a crawl requests."""
    before = set(place.files("**/*.warc.gz"))
    crawl()
    new = sorted(set(place.files("**/*.warc.gz")) - before)
    return [
        record.get("WARC-Target-URI")
        for path in new
        for record in read_records(path)
        if record.get("WARC-Type") == "request"
    ]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory, demo):
    """Crawls of all kinds: national, everything, recorded only, more of the same, and addresses by hand."""
    place = Place(tmp_path_factory.mktemp("crawled"), demo.url)
    for outlet, *words in (
        ("demo_daily",),
        ("demo_tv", "-a", "scope=all"),
        ("demo_portal", "-s", "EXTRACTION_PROCESSES=0"),
        ("demo_daily", "-a", "scope=all"),
    ):
        done = place.crawl(outlet, *words)
        assert done.returncode == 0, done.stderr
    url = next(row["url"] for row in place.rows() if row["outlet"] == "demo_daily")
    addresses(place, url.removeprefix(place.url), "/daily/rss.xml", "/portal/")
    return place


@pytest.fixture
def place(crawled, tmp_path):
    shutil.copytree(crawled.root, tmp_path, dirs_exist_ok=True)
    return Place(tmp_path, crawled.url)


def test_a_rebuilt_state_equals_the_lost_one(place):
    before = state_of(place)
    assert {row[3] for row in before[0]} >= {"article", "recorded-only"}
    lose(place)
    done = rebuilt(place)
    assert state_of(place) == before
    assert done.stdout.startswith("reading 3 row files and 6 WARC files")
    assert done.stdout.endswith("state is made again\n")
    assert not place.spool("*.rebuild*")


def test_after_a_rebuild_no_article_is_refetched(place):
    lose(place)
    rebuilt(place)
    pages = {row["url"] for row in place.rows()} | {url for (url,) in state_of(place, "SELECT url FROM articles")}
    for outlet in ("demo_daily", "demo_portal"):
        again = requested(place, lambda outlet=outlet: place.crawl(outlet))
        assert again, "its listings"
        assert not pages & set(again)


def test_a_rebuild_names_damage_and_reads_the_rest(place):
    everything = state_of(place)
    rows, *_ = place.files("articles/outlet=demo_tv/**/*.gz")
    lines = gzip.decompress(rows.read_bytes()).splitlines(keepends=True)
    rows.write_bytes(gzip.compress(b"".join([*lines[:3], b'{"outlet": 7}\n', *lines[4:]])))
    warc, *_ = place.files("warc/demo_daily/**/*.gz")
    lines = sorted(int(line.split(b'"offset": "')[1].split(b'"')[0]) for line in index_of(place, warc))
    data = bytearray(warc.read_bytes())
    data[lines[3] + 40 : lines[3] + 60] = b"\xff" * 20
    warc.write_bytes(data)
    run, *_ = place.files("runs/**/*demo_portal*.json")
    run.write_text("{")
    lose(place)
    done = rebuilt(place, 3)
    assert len(done.stderr.splitlines()) == 3
    for path, text in (
        (rows, "line 4: malformed row"),
        (warc, f"at {lines[3]}: the gzip member"),
        (run, "malformed run file"),
    ):
        assert f"khobor: {path.relative_to(place.root / 'archive')}" in done.stderr
        assert text in done.stderr
    found = state_of(place)
    # The page whose row is gone is known by its record; the capture whose record is damaged is not.
    assert [row[:2] for row in found[0]] == [row[:2] for row in everything[0]]
    assert len(found[1]) == len(everything[1]) - 1
    assert len(found[2]) == len(everything[2]) - 1


def index_of(place, warc):
    name = warc.relative_to(place.root / "archive/warc").as_posix().replace(".warc.gz", ".cdxj")
    return (place.root / "archive/index" / name).read_bytes().splitlines()


def test_a_damaged_state_is_replaced_and_kept_aside(place):
    before = state_of(place)
    (place.root / "spool/state.db").write_bytes(b"no database" * 1000)
    done = place.crawl("demo_tv")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "`scrapy state --rebuild` makes it again" in done.stderr
    done = rebuilt(place)
    (aside,) = place.spool("state.db.replaced-*")
    assert aside.read_bytes() == b"no database" * 1000
    assert f"the old one is kept as {aside}" in done.stdout
    assert state_of(place) == before


@contextmanager
def days_of(place):
    with closing(State(f"sqlite:///{place.root}/spool/state.db")) as state:
        yield Days(state.engine, "demo_tv", "all")


@pytest.mark.parametrize("has_rows", [False, True])
def test_closed_days_reopen_when_articles_are_lost(place, has_rows):
    span = Span(date(2026, 11, 22), date(2026, 11, 23), ZoneInfo("Asia/Dhaka"))
    [(key, url)] = state_of(place, "SELECT key, url FROM articles WHERE outlet = 'demo_tv' AND version > 0 LIMIT 1")
    with days_of(place) as days:
        days.write([DayNews(span.since, {key: Listing(url)}), DayNews(span.until, {})])
    rebuilt(place)
    with days_of(place) as days:
        assert days.closed(span) == {span.since, span.until}
    for path in (*(place.files("articles/outlet=demo_tv/**/*.gz") if not has_rows else ()), lost_warc(place)):
        path.unlink()
    rebuilt(place, 3 if has_rows else 0)
    with days_of(place) as days:
        assert days.closed(span) == {span.until}
        assert days.waiting(span.since) == {key: Listing(url)}


def lost_warc(place):
    (warc,) = place.files("warc/demo_tv/**/*.gz")
    return warc


def test_lost_articles_that_only_their_list_calls_national_get_rows_again(tmp_path, paper):
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules/sectionless.py").write_text(SECTIONLESS)
    environment = {"PYTHONPATH": str(tmp_path / "modules"), "SCRAPY_PROJECT": "test"}
    modules = ("-s", "SPIDER_MODULES=crawler.demo.spiders,sectionless,spiders.urls")
    place = Place(tmp_path / "place", paper.url)

    def run(*words):
        return place.scrapy(*words, *modules, environment=environment).returncode

    def known():
        return {(row["id"], row["scope"], row["version"]) for row in place.rows()}

    assert run("crawl", "sectionless") == 0
    before = known()
    for warc in place.files("warc/sectionless/**/*.gz"):
        warc.unlink()
    assert run("state", "--rebuild") == 3
    day = paper.site.newspaper.today - timedelta(days=9)
    assert run("crawl", "sectionless", "-a", f"since={day}", "-a", f"until={day}") == 0
    assert before
    assert known() == before | {(article, scope, 2) for article, scope, _ in before}


def test_files_waiting_in_the_spool_are_read(place):
    before = state_of(place)
    shutil.copytree(place.root / "archive", place.root / "spool", dirs_exist_ok=True)
    shutil.rmtree(place.root / "archive")
    (place.root / "archive").mkdir()
    lose(place)
    rebuilt(place)
    assert {status for (status,) in state_of(place, "SELECT status FROM articles")} == {"recorded"}
    assert len(state_of(place)[0]) == len(before[0])
    for outlet in ("demo_daily", "demo_tv", "demo_portal"):
        assert place.crawl(outlet).returncode == 0
    statuses = state_of(place, "SELECT outlet, status FROM articles WHERE file NOT LIKE 'warc/urls/%'")
    assert {status for _, status in statuses} == {"archived"}


def test_files_of_killed_runs_are_left_to_recovery(place):
    for path in place.files("warc/demo_tv/**/*.gz"):
        target = place.root / "spool" / path.relative_to(place.root / "archive")
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    remove_all_but_warcs(place)
    lose(place)
    rebuilt(place)
    assert state_of(place, "SELECT * FROM articles WHERE outlet = 'demo_tv'") == []


@pytest.mark.parametrize(
    ("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_interrupted_it_leaves_the_old_state_as_it_was(place, number, exit_code):
    before = state_of(place)
    python, _, _, *words = place.command("state", "--rebuild")
    environment = sandbox.environment(PYTHONPATH=str(PROJECT_ROOT))
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with warm.Popen([python, "-c", HELD_UP, *words], cwd=PROJECT_ROOT, env=environment, **pipes) as process:
        assert process.stdout.readline().startswith("reading")
        assert process.stdout.readline() == "held up\n"
        process.send_signal(number)
        _, error = process.communicate(timeout=60)
    assert process.returncode == exit_code
    assert error == ("" if number == signal.SIGKILL else "khobor: interrupted; the old state is as it was\n")
    assert state_of(place) == before
    assert bool(place.spool("*.rebuild")) == (number == signal.SIGKILL)
    rebuilt(place)
    assert state_of(place) == before
    assert not place.spool("*.rebuild")


def test_printing_a_missing_state_creates_none(tmp_path):
    place = Place(tmp_path, "http://127.0.0.1:9")
    done = place.scrapy("state")
    assert (done.returncode, done.stdout) == (0, f"{tmp_path}/spool/state.db: there is no state yet\n")
    assert not list(tmp_path.iterdir())


def test_an_outlet_without_a_spider_is_named(place):
    done = place.scrapy("state", "--rebuild", project="cron")
    assert done.returncode == 3
    assert sorted(done.stderr.splitlines()) == [
        f"khobor: there is no spider for outlet {outlet}: the keys of its articles are unknown"
        for outlet in ("demo_daily", "demo_portal", "demo_tv")
    ]
    assert len(state_of(place)[1]) > 40, "its captures are kept"


def test_the_state_of_a_newer_khobor_is_not_replaced(place):
    state_of(place, "UPDATE alembic_version SET version_num = '9999'")
    done = rebuilt(place, 1)
    assert "STATE_URL can't be used: the state has schema revision 9999" in done.stderr
    assert state_of(place, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_a_state_of_an_older_khobor_is_rebuilt(place):
    before = state_of(place)
    state_of(place, "UPDATE alembic_version SET version_num = '0009'")
    rebuilt(place)
    assert state_of(place) == before
