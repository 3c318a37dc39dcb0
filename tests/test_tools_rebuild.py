"""State rebuilt from the archive: nothing is fetched twice, and nothing is lost that can be read."""

import gzip
import json
import shutil
import signal
import sqlite3
import subprocess
import uuid
from contextlib import closing, contextmanager
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
import sandbox
import warm
from demo_client import ask
from place import Place
from plain_warc import read_records

from crawler.archive.names import stem_of
from crawler.crawl.settings import PROJECT_ROOT
from crawler.model.day_news import DayNews
from crawler.model.listing import Listing
from crawler.model.span import Span
from crawler.state import State
from crawler.state.days import Days
from crawler.system.locks import crawling, outlet_lock, rebuild_lock, update_lock

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


def test_after_a_rebuild_an_edited_article_is_the_next_version(tmp_path, own_demo):
    place = Place(tmp_path, own_demo.url)
    assert place.crawl("demo_tv").returncode == 0
    first, second = place.rows()[:2]
    lose(place)
    rebuilt(place)
    ask(own_demo, f"/_edit?outlet=tv&id={first['url'].removeprefix(place.url).split('/')[2]}", "POST")
    before = set(place.files("**/*.warc.gz"))
    addresses(place, *(row["url"].removeprefix(place.url) for row in (first, second)))
    versions = {row["url"]: (row["version"], row["previous"]) for row in place.rows() if row["version"] > 1}
    assert versions == {first["url"]: (2, first["text_digest"])}
    (warc,) = set(place.files("warc/demo_tv/**/*.warc.gz")) - before
    kinds = {record.get("WARC-Target-URI"): record.get("WARC-Type") for record in reversed(read_records(warc))}
    assert kinds[second["url"]] == "revisit"


def test_revisits_refer_to_captures_of_a_rebuilt_state(place):
    lose(place)
    rebuilt(place)
    before = set(place.files("**/*.warc.gz"))
    addresses(place, "/daily/rss.xml")
    (warc,) = set(place.files("**/*.warc.gz")) - before
    (record,) = [one for one in read_records(warc) if one.get("WARC-Target-URI") == f"{place.url}/daily/rss.xml"][:1]
    assert record.get("WARC-Type") == "revisit"


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


def test_state_that_no_archive_holds_is_carried_over(place):
    state_of(place, "INSERT INTO hosts (host, free_at) VALUES ('samakal.com', 1.5)")
    rebuilt(place)
    assert ("samakal.com", 1.5) in state_of(place, "SELECT host, free_at FROM hosts")


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


def crawl_another_day(place):
    done = place.scrapy("crawl", "demo_tv", "-a", "since=2026-11-20", "-a", "until=2026-11-20")
    assert (done.returncode, done.stderr) == (0, "")


def test_articles_of_a_lost_warc_are_refetched_by_address(place):
    lost = {row["url"]: row for row in place.rows() if row["outlet"] == "demo_tv"}
    warc = lost_warc(place)
    file = warc.relative_to(place.root / "archive").as_posix()
    warc.unlink()
    first, *_ = json.loads(place.scrapy("verify", "--json").stdout)["findings"]
    assert (first["file"], first["problem"].startswith("the file is missing; ")) == (file, True)
    done = rebuilt(place, 3)
    assert done.stderr == f"khobor: {file} is missing, though rows refer to it: their articles will be refetched\n"
    assert set(lost) <= set(requested(place, lambda: crawl_another_day(place)))
    new = {row["url"]: row for row in place.rows() if row["url"] in lost and row["version"] == 2}
    assert {url: (row["id"], row["text_digest"]) for url, row in new.items()} == {
        url: (row["id"], row["text_digest"]) for url, row in lost.items()
    }
    assert all(
        row["previous"] is None and (place.root / "archive" / row["warc"]["file"]).exists() for row in new.values()
    )
    problems = json.loads(place.scrapy("verify", "--json").stdout)["findings"]
    rows = {one["file"] for one in problems} - {file}
    assert {stem_of(one) for one in rows} == {stem_of(file)}, "only the rows whose records are lost"
    rebuilt(place, 3)
    assert not set(lost) & set(requested(place, lambda: crawl_another_day(place)))


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


def test_a_lost_row_of_another_id_does_not_count_as_a_version(place):
    """Its article has another ID when it is fetched by its address, so the version before would be missing."""
    rows, *_ = place.files("articles/outlet=demo_tv/**/*.gz")
    first, *others = map(json.loads, gzip.decompress(rows.read_bytes()).splitlines())
    first["id"] = str(uuid.uuid4())
    rows.write_bytes(gzip.compress(b"".join(json.dumps(one).encode() + b"\n" for one in (first, *others))))
    lost_warc(place).unlink()
    rebuilt(place, 3)
    versions = dict(state_of(place, "SELECT url, version FROM articles WHERE outcome = 'lost'"))
    assert versions == {first["url"]: 0, **{one["url"]: 1 for one in others}}


def test_a_backfill_fetches_the_articles_of_a_lost_warc_again(tmp_path, demo):
    place = Place(tmp_path, demo.url)
    words = ["backfill", "demo_tv", "--since", "2026-11-20", "--until", "2026-11-23"]
    assert "4 of 4 days closed" in place.scrapy(*words).stdout
    titles = {row["title"] for row in place.rows()}
    lost_warc(place).unlink()
    rebuilt(place, 3)
    assert "4 of 4 days open" in place.scrapy(*words, "--dry-run").stdout
    assert "4 of 4 days closed" in place.scrapy(*words).stdout
    assert {row["title"] for row in place.rows() if row["version"] == 2} == titles
    assert "0 outlets" in place.scrapy(*words).stdout


def test_a_lost_article_that_is_gone_is_requested_once(place, demo):
    warc = lost_warc(place)
    warc.unlink()
    rebuilt(place, 3)
    state_of(place, "UPDATE articles SET url = url || '-gone' WHERE outcome = 'lost'")
    count = len(state_of(place, "SELECT url FROM articles WHERE outcome = 'lost'"))
    first = requested(
        place, lambda: place.scrapy("crawl", "demo_tv", "-a", "since=2026-11-20", "-a", "until=2026-11-20")
    )
    assert sum(url.endswith("-gone") for url in first) == count > 0
    assert state_of(place, "SELECT url FROM articles WHERE outcome = 'lost'") == []


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


def test_files_without_a_manifest_are_ignored_and_their_pages_refetched(place):
    pages = {row["url"] for row in place.rows() if row["outlet"] == "demo_tv"}
    (manifest,) = place.files("manifest/demo_tv/**/*")
    manifest.unlink()
    lose(place)
    assert rebuilt(place).stderr == ""
    for table in ("articles", "captures"):
        assert state_of(place, f"SELECT * FROM {table} WHERE outlet = 'demo_tv'") == []
    assert pages <= set(requested(place, lambda: place.crawl("demo_tv", "-a", "scope=all")))
    assert pages == {row["url"] for row in place.rows() if row["outlet"] == "demo_tv"}


def test_a_rebuild_is_refused_while_a_crawl_or_update_runs(place):
    spool = place.root / "spool"
    for lock, what in ((crawling(spool, None), "a crawl is running"), (update_lock(spool), "an update is running")):
        with lock:
            done = rebuilt(place, 75)
        assert done.stderr == f"khobor: {what} in this spool\n"
    with crawling(spool, outlet_lock(spool, "demo_tv")), crawling(spool, None):
        pass  # crawls do not hinder each other


def test_no_crawl_starts_during_a_rebuild(place):
    with rebuild_lock(place.root / "spool"):
        done = place.crawl("demo_tv")
    assert (done.returncode, done.stderr) == (75, "khobor: state is being rebuilt\n")


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


def test_state_prints_its_contents(place):
    done = place.scrapy("state")
    assert done.returncode == 0
    first, *lines = done.stdout.splitlines()
    assert first.startswith(f"sqlite:///{place.root}/spool/state.db: schema 0")
    assert [line.partition(":")[0] for line in lines] == ["demo_daily", "demo_portal", "demo_tv", "urls"]
    assert " articles, " in lines[0]
    assert " addresses captured, last run 20" in lines[0]


def test_printing_a_missing_state_creates_none(tmp_path):
    place = Place(tmp_path, "http://127.0.0.1:9")
    done = place.scrapy("state")
    assert (done.returncode, done.stdout) == (0, f"{tmp_path}/spool/state.db: there is no state yet\n")
    assert not list(tmp_path.iterdir())


def test_a_rebuild_without_an_archive_fails(tmp_path):
    place = Place(tmp_path, "http://127.0.0.1:9")
    failed = "khobor: the archive can't be used"
    assert rebuilt(place, 1).stderr == f"{failed}: {tmp_path}/archive: No such file or directory\n"
    (tmp_path / "archive").mkdir()
    assert rebuilt(place, 1).stderr == f"{failed}: there is no archive in {tmp_path}/archive\n"
    assert not (tmp_path / "spool/state.db").exists()


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


@pytest.mark.parametrize("words", [["now"], ["--rebuild", "all"]])
def test_mistakes_are_one_line(tmp_path, words):
    done = Place(tmp_path, "http://127.0.0.1:9").scrapy("state", *words)
    assert (done.returncode, done.stderr) == (
        2,
        f"khobor: state takes options only, not {words[-1]!r}; see scrapy state --help\n",
    )
