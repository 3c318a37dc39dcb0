"""The report: its numbers against rows that are written here, and the page they stand in."""

import gzip
import json
import re
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from subprocess import PIPE

import pytest
import warm

from crawler.archive.storage.directory import DirectoryStorage
from crawler.crawl.deployment import PROJECT_ROOT
from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import DailySitemap, Feed
from crawler.tools.report import heat
from crawler.tools.report.figures import RowFigures, Usual
from crawler.tools.report.gaps import gaps_of, joined, shortened
from crawler.tools.report.gathering import Gathering, Wanted
from crawler.tools.report.markup import text
from crawler.tools.report.page import page, report_of
from crawler.tools.report.state_facts import DayFacts, StateFacts

DAY = date(2026, 11, 10)
MADE = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
TITLE = "র‍্যাব ক্ষ স্ত্র <b>&"


class Samakal(NewsSpider):
    name = "samakal"
    title = TITLE
    allowed_domains = ["samakal.com"]
    days = [DailySitemap("https://samakal.com/{day:%Y-%m-%d}.xml", since="2026-11-04")]


class Anandabazar(NewsSpider):
    name = "anandabazar"
    title = "আনন্দবাজার"
    country = "IN"
    allowed_domains = ["anandabazar.com"]
    feeds = [Feed("https://anandabazar.com/feed")]


DECLARED = {spider.name: spider for spider in (Samakal, Anandabazar)}


def row(at="2026-11-10T13:30:00+06:00", outlet="samakal", precision="minute", fetched=None, version=1):
    published = {"at": at, "precision": precision, "source": "meta"} if at else None
    fetched_at = fetched or "2026-11-10T09:00:00.000000Z"
    return {"outlet": outlet, "published": published, "fetched_at": fetched_at, "version": version}


class Archive:
    """An archive of rows and runs, and the state beside it."""

    def __init__(self, root):
        self.root = root
        self.files = 0

    def rows(self, *rows, outlet="samakal", month="2026-11"):
        self.files += 1
        stem = f"khobor-{outlet}-20261101T000000{self.files:03}-vm"
        path = self.root / f"archive/articles/outlet={outlet}/crawl_month={month}/{stem}.jsonl.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(b"".join(json.dumps(one).encode() + b"\n" for one in rows)))
        return path

    def run(self, started, outlet="samakal", since=None, **stats):
        self.files += 1
        path = self.root / f"archive/runs/2026/11/khobor-{outlet}-20261101T000000{self.files:03}-vm.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        wanted = {"wanted": {"since": since}} if since else {}
        path.write_text(json.dumps({"outlet": outlet, "started": started, "stats": stats, **wanted}))

    def state(self, *statements):
        path = self.root / "spool/state.db"
        path.parent.mkdir(exist_ok=True)
        with closing(sqlite3.connect(path)) as database:
            for statement in statements:
                database.execute(statement)
            database.commit()

    def gathered(self, wanted=None):
        storage = DirectoryStorage(self.root / "archive")
        gathering = Gathering(storage, DECLARED, wanted or Wanted(), lambda files: None)
        gathering.read_archive()
        with closing(StateFacts(f"sqlite:///{self.root}/spool/state.db")) as facts:
            gathering.read_state(facts)
        return gathering.gathered

    def page(self, since=None, until=None):
        return "".join(page(report_of(self.gathered(), DECLARED, since, until, MADE)))


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path)


def test_articles_count_on_their_day_in_the_outlets_own_zone_and_later_versions_apart(archive):
    archive.rows(
        row("2026-11-10T19:00:00+00:00"),  # the 11th in Dhaka
        row("2026-11-10T00:10:00+06:00"),
        row("2026-11-10T00:20:00+06:00", precision="day"),
        row(None, fetched="2026-11-10T20:00:00.000000Z"),  # fetched on the 11th there
        row("2026-11-10T00:10:00+06:00", version=2, fetched="2026-11-12T20:00:00.000000Z"),
    )
    archive.rows(row("2026-11-10T18:20:00+00:00", outlet="anandabazar"), outlet="anandabazar")
    outlets = archive.gathered().outlets
    rows = outlets["samakal"].rows
    assert rows.articles == {DAY: 2, DAY + timedelta(days=1): 2}
    assert rows.dated == Counter({DAY: 2, DAY + timedelta(days=1): 1})
    assert rows.edits == {date(2026, 11, 13): 1}
    assert rows.hours == {1: 1, 0: 1}
    assert rows.versions == {1: 4, 2: 1}
    # Half an hour later in Kolkata than in Dhaka: still the 10th.
    assert outlets["anandabazar"].rows.articles == {DAY: 1}


def test_a_month_or_year_is_no_date_of_a_day(archive):
    figures = RowFigures()
    for precision in ("year", "month", "day", "hour"):
        figures.take(row(precision=precision), Samakal.zone())
    assert (figures.articles[DAY], figures.dated[DAY], figures.hours) == (4, 2, {13: 1})


def test_addresses_given_by_hand_count_for_their_outlet(archive):
    archive.rows(row(), row(outlet="urls"), outlet="urls")
    outlets = archive.gathered(Wanted(frozenset(["samakal"]))).outlets
    assert outlets["samakal"].rows.articles == {DAY: 1}
    assert [one.name for one in report_of(archive.gathered(), DECLARED, None, None, MADE).outlets] == ["samakal"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-6],
        lambda data: data[:40] + b"\x00" + data[41:],
        lambda data: b"",
        lambda data: gzip.compress(b'{"outlet": "samakal"}\n'),
        lambda data: gzip.compress(b"[]\n"),
        lambda data: gzip.compress(json.dumps(row("yesterday")).encode() + b"\n"),
        lambda data: gzip.compress(json.dumps(row("0001-01-01T00:00:00+09:00")).encode() + b"\n"),
        lambda data: gzip.compress(json.dumps(row("2026-11-10T10:00:00")).encode() + b"\n"),
    ],
)
def test_a_damaged_row_file_is_named_and_counts_for_nothing(archive, spoil):
    archive.rows(row())
    path = archive.rows(*[row()] * 50)
    path.write_bytes(spoil(path.read_bytes()))
    gathered = archive.gathered()
    (line,) = gathered.damaged
    assert line.startswith(f"{path.relative_to(archive.root / 'archive')}: ")
    assert gathered.outlets["samakal"].rows.articles == {DAY: 1}


def test_runs_of_a_day_add_up_and_what_had_no_answer_is_counted(archive):
    count = "downloader/request_count"
    code = "downloader/response_status_count/"
    archive.run("2026-11-09T20:00:00.000000Z", **{"khobor/listed": 30, count: 10, f"{code}200": 6, f"{code}503": 2})
    archive.run("2026-11-10T03:00:00.000000Z", **{"khobor/articles": 5, "khobor/dated": 4, count: 1, f"{code}304": 1})
    (figures,) = archive.gathered().outlets.values()
    run = figures.runs[DAY]
    assert (run.runs, run.listed, run.articles, run.dated, run.requests, run.answered) == (2, 30, 5, 4, 11, 7)
    assert run.codes == {"200": 6, "503": 2, "304": 1, "no answer": 2}


def test_what_is_usual_is_that_of_the_same_weekday_where_there_are_enough():
    fridays = {DAY + timedelta(days=3 + 7 * week): 4 for week in range(4)}
    others = {DAY + timedelta(days=7 * week): 10 for week in range(4)}
    usual = Usual({**fridays, **others, DAY + timedelta(days=1): 12, DAY + timedelta(days=2): 0})
    assert usual(date(2026, 12, 25)) == 4
    assert usual(DAY) == 10
    assert usual(DAY + timedelta(days=2)) == 10
    assert Usual({})(DAY) == 0


@pytest.mark.parametrize(
    ("part", "whole", "level"),
    [(0, 0, None), (3, 0, 3), (0, 4, 0), (1, 4, 1), (2, 4, 2), (89, 100, 2), (9, 10, 3), (12, 10, 3)],
)
def test_the_class_of_a_cell_is_its_share_of_what_there_should_be(part, whole, level):
    assert heat.Share(part, whole, True).level == level


def test_what_is_known_of_a_day_goes_before_what_is_usual(archive):
    archive.rows(*[row()] * 3)
    figures = archive.gathered().outlets["samakal"]
    figures.days[DAY] = DayFacts(listed=9, archived=6, turned_down=2, failed=1, is_closed=False)
    assert str(heat.archived(figures, DAY)) == "6 of 7"
    assert str(heat.extracted(figures, DAY)) == "3 of 6"
    assert str(heat.extracted(figures, DAY + timedelta(days=1))) == "0 (usual: 3)"


def daily(archive, counts, since="2026-11-01"):
    """Keep so many articles of each day from the 1st of November on; the runs asked for all of them."""
    for number, count in enumerate(counts):
        archive.rows(*[row(f"2026-11-{number + 1:02}T10:00:00+06:00")] * count)
    archive.run("2026-11-01T00:00:00Z", since=since)
    return archive.gathered().outlets["samakal"]


def test_gaps_are_the_days_without_or_with_few_articles_joined_when_close(archive):
    figures = daily(archive, [9, 9, 9, 9, 0, 2, 9, 9, 9, 9, 9, 9, 9, 9, 0, 9])
    gaps = gaps_of(figures, Samakal, date(2026, 11, 1), date(2026, 11, 16))
    assert [(gap.since.day, gap.until.day, gap.days) for gap in gaps] == [(15, 15, 1), (5, 6, 2)]
    assert gaps[1].reason == "1 day without an article, 1 day with few articles"
    assert gaps[1].command == "scrapy backfill samakal --since 2026-11-05 --until 2026-11-06"


def test_days_that_no_source_reaches_are_told_without_a_command(archive):
    figures = daily(archive, [0, 0, 0, 0, 0, 9, 9, 9])
    reached, beyond = gaps_of(figures, Samakal, date(2026, 11, 1), date(2026, 11, 8))
    assert (reached.since.day, reached.until.day, reached.command is None) == (4, 5, False)
    assert (beyond.since.day, beyond.until.day, beyond.command) == (1, 3, None)
    assert {gap.command for gap in gaps_of(figures, None, date(2026, 11, 1), date(2026, 11, 8))} == {None}


class Moved(Samakal):
    """Its old archive ended two days before the new one began."""

    days = [
        DailySitemap("https://samakal.com/old/{day}.xml", until="2026-11-05"),
        DailySitemap("https://samakal.com/{day}.xml", since="2026-11-08"),
    ]


def test_no_backfill_is_offered_for_days_between_what_two_sources_list(archive):
    figures = daily(archive, [9, 9, 9, 0, 0, 0, 0, 0, 9, 9, 9])
    gaps = gaps_of(figures, Moved, date(2026, 11, 1), date(2026, 11, 11))
    assert [(gap.since.day, gap.until.day, gap.days, gap.command) for gap in gaps] == [
        (8, 8, 1, "scrapy backfill samakal --since 2026-11-08 --until 2026-11-08"),
        (6, 7, 2, None),
        (4, 5, 2, "scrapy backfill samakal --since 2026-11-04 --until 2026-11-05"),
    ]


def test_a_command_does_not_run_over_whole_days_that_no_source_lists(archive):
    figures = daily(archive, [9, 9, 9, 9, 0, 9, 9, 0, 9, 9, 9])
    gaps = gaps_of(figures, Moved, date(2026, 11, 1), date(2026, 11, 11))
    assert [(gap.since.day, gap.until.day) for gap in gaps] == [(8, 8), (5, 5)]


def test_days_that_were_given_up_are_asked_for_again_only_where_a_source_still_lists_them(archive):
    figures = daily(archive, [9] * 11)
    figures.days = {date(2026, 11, day): DayFacts(0, 0, 0, 0, True, "x: not fetched (http-500)") for day in (6, 7)}
    figures.failures = Counter({(date(2026, 11, 7), "http-500"): 2, (date(2026, 11, 9), "http-500"): 1})
    given_up, failed = gaps_of(figures, Moved, date(2026, 11, 1), date(2026, 11, 11))
    assert (given_up.days, given_up.command) == (2, None)
    assert failed.command == "scrapy backfill samakal --since 2026-11-09 --until 2026-11-09 --retry-failed"


def test_many_gaps_are_one_whose_command_leaves_out_what_no_source_lists(archive):
    figures = daily(archive, [0, 0, 9, 9, 9, 9, 0, 9, 9, 9, 9])
    one = joined(gaps_of(figures, Samakal, date(2026, 11, 1), date(2026, 11, 11)))
    assert (one.since.day, one.until.day, one.days, one.reason) == (1, 7, 3, "2 more spans")
    assert one.command == "scrapy backfill samakal --since 2026-11-07 --until 2026-11-07"


def test_however_many_gaps_there_are_what_was_given_up_or_failed_keeps_commands_that_try_it_again(archive):
    figures = daily(archive, [0, 9, 9, 9, 9, 9, 0, 9, 9, 9, 0])
    figures.days = {date(2026, 11, 8): DayFacts(0, 0, 0, 0, True, "x: not fetched (http-500)")}
    figures.failures = Counter({(date(2026, 11, 9), "http-500"): 2})
    rows = shortened(gaps_of(figures, Samakal, date(2026, 11, 1), date(2026, 11, 11)), 1)
    span = "scrapy backfill samakal --since 2026-11-{} --until 2026-11-{}"
    assert [(row.days, row.command) for row in rows] == [
        (1, span.format("11", "11")),
        (2, span.format("07", "07")),
        (1, span.format("08", "08") + " --retry-failed"),
        (1, span.format("09", "09") + " --retry-failed"),
    ]


def test_a_day_that_state_calls_closed_is_no_gap_and_an_open_one_is(archive):
    figures = daily(archive, [9, 0, 9, 9])
    figures.days = {date(2026, 11, 2): DayFacts(0, 0, 0, 0, True), date(2026, 11, 4): DayFacts(12, 9, 0, 1, False)}
    (gap,) = gaps_of(figures, Samakal, date(2026, 11, 1), date(2026, 11, 4))
    assert (gap.since.day, gap.reason) == (4, "listed but not finished")


def test_a_day_that_was_given_up_can_be_asked_for_again(archive):
    figures = daily(archive, [9, 9, 9, 9, 0, 9])
    figures.days = {date(2026, 11, 5): DayFacts(0, 0, 0, 0, True, "x: not fetched (http-500)")}
    (gap,) = gaps_of(figures, Samakal, date(2026, 11, 1), date(2026, 11, 6))
    assert (gap.since.day, gap.reason) == (5, "given up: x: not fetched (http-500)")
    assert gap.command.endswith(" --retry-failed")


def test_an_old_article_that_nobody_asked_for_begins_no_coverage(archive):
    archive.rows(row("2011-03-01T10:00:00+06:00"))
    figures = daily(archive, [9, 9])
    assert figures.first == date(2026, 11, 1)


def test_an_article_dated_before_there_were_news_sites_begins_no_coverage(archive):
    archive.rows(row("0100-03-01T10:00:00+06:00"), row())
    assert archive.gathered().outlets["samakal"].first == DAY


STATE = (
    "create table days (outlet, scope, day, status, listed, archived, turned_down, failed, fault)",
    "insert into days values ('samakal', 'national', '2026-11-10', 'open', 9, 6, 2, 1, 'the feed is silent <u>')",
    "insert into days values ('samakal', 'all', '2026-11-10', 'closed', 4, 4, 0, 0, null)",
    "create table failures (outlet, key, url, scope, day, reason, is_final, tries, at)",
    "insert into failures values ('samakal', '1', 'u', 'national', '2026-11-06', 'timeout', 0, 1, 'x')",
    "insert into failures values ('samakal', '2', 'u', 'national', '2026-11-07', 'http-404', 1, 1, 'x')",
    "insert into failures values ('samakal', '3', 'u', 'national', '2026-11-08', 'short-text', 1, 1, 'x')",
    "create table standings (outlet, refusals, refused_until, reason, since)",
    "insert into standings values ('samakal', 2, '2026-11-21T00:00:00+00:00', 'http-403', '2026-11-19T00:00:00+00:00')",
    "create table reports (outlet, finding, since, told)",
    "insert into reports values ('samakal', 'lost its dates <i>', '2026-11-18T00:00:00+00:00', 'x')",
)


def test_what_state_knows_is_in_the_page(archive):
    archive.rows(row())
    archive.state(*STATE)
    figures = archive.gathered().outlets["samakal"]
    assert figures.days == {DAY: DayFacts(9, 6, 2, 1, False, "the feed is silent <u>")}
    assert figures.failures == {(date(2026, 11, 7), "http-404"): 1, (date(2026, 11, 8), "short-text"): 1}
    made = archive.page()
    assert "lost its dates &lt;i&gt;" in made
    assert "refuses us (http-403); left alone until 2026-11-21 00:00" in made
    assert "the feed is silent &lt;u&gt;" in made
    # What is gone is no gap that a backfill would fill.
    assert "failed for good: 1 short-text<" in made
    assert "--until 2026-11-08" in made


def test_a_state_of_another_version_is_read_as_far_as_it_goes(archive):
    archive.rows(row())
    archive.state("create table reports (outlet, finding)", "insert into reports values ('samakal', 'is silent')")
    assert "is silent" in archive.page()


def test_the_page_names_nothing_outside_of_itself_and_runs_nothing(archive):
    archive.rows(row())
    made = archive.page()
    assert made.startswith("<!DOCTYPE html>")
    for forbidden in ("<script", "@import", "url(", "<img", "<iframe", "<object", "javascript:"):
        assert forbidden not in made
    references = set(re.findall(r'(?:href|src)="([^"]*)"', made)) - {"data:,"}
    assert all(reference.startswith("#") for reference in references)


def test_bengali_stays_text_and_markup_in_it_is_shown_not_obeyed(archive):
    archive.rows(row())
    made = archive.page()
    assert '<span lang="bn">র‍্যাব ক্ষ স্ত্র &lt;b&gt;&amp;</span>' in made
    assert "<text" in made
    assert ">র‍্যাব ক্ষ স্ত্র &lt;b&gt;&amp;</text>" in made
    assert "<b>" not in made


def test_directional_marks_in_a_finding_are_spelled_out():
    assert text("a\u202eb\x1b[2J") == "a\\u202eb\\x1b[2J"


def test_every_cell_says_its_day_and_its_numbers(archive):
    daily(archive, [9, 0, 4])
    made = archive.page(until=date(2026, 11, 3))
    assert "<title>2026-11-01: 9 (usual: 6)</title>" in made
    assert "<title>2026-11-02: 0 (usual: 6)</title>" in made


def test_long_spans_of_many_outlets_are_drawn_in_weeks_or_months():
    first = date(2026, 1, 1)
    assert heat.step_for(3, 4, first, first + timedelta(days=400)) == 1
    assert heat.step_for(1, 1, first, first + timedelta(days=600)) == 7
    assert heat.step_for(40, 4, first, first + timedelta(days=400)) == 7
    assert heat.step_for(40, 4, first, first + timedelta(days=9000)) == 30


def test_only_the_days_asked_for_count(archive):
    daily(archive, [1, 2, 3, 4])
    wanted = Wanted(since=date(2026, 11, 2), until=date(2026, 11, 3))
    assert archive.gathered(wanted).outlets["samakal"].rows.articles.total() == 5


def command(archive, *words, **options):
    environment = warm.environment()
    places = {"KHOBOR_ARCHIVE_URL": str(archive.root / "archive"), "KHOBOR_SPOOL_DIR": str(archive.root / "spool")}
    pipes = {"stdout": PIPE, "stderr": PIPE, **options}
    command = [sys.executable, "-m", "scrapy", "report", *map(str, words)]
    return warm.run(command, cwd=PROJECT_ROOT, env=environment | places, text=True, timeout=60, **pipes)


def test_the_command_writes_a_new_file_and_never_over_one_that_is_there(archive):
    archive.rows(row())
    path = archive.root / "report.html"
    done = command(archive, "--to", path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{path}: 1 outlet, 2026-11-10 to ")
    before = path.read_bytes()
    assert command(archive, "--to", path).returncode == 2
    assert path.read_bytes() == before
    assert not Path(archive.root / "spool").exists(), "a report made a state"


def test_a_damaged_file_is_named_and_the_exit_code_is_3(archive):
    archive.rows(row())
    damaged = archive.rows(row())
    damaged.write_bytes(damaged.read_bytes()[:-4])
    done = command(archive, "--to", "-")
    assert (done.returncode, done.stderr.count("\n"), damaged.name in done.stderr) == (3, 1, True)
    assert damaged.name in done.stdout


def test_without_a_readable_state_the_page_is_made_and_the_exit_code_is_1(archive):
    archive.rows(row())
    (archive.root / "spool").mkdir()
    (archive.root / "spool/state.db").write_bytes(b"no database at all" * 300)
    done = command(archive, "--to", "-")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "state can&#x27;t be read" in done.stdout
    assert done.stdout.endswith("</html>\n")


@pytest.mark.parametrize(
    ("words", "exit_code", "told"),
    [
        (["--to", "report.pdf"], 2, "ends with .html"),
        (["--to", "-", "--since", "2026-02-02", "--until", "2026-02-01"], 2, "is after"),
        (["--to", "-", "--outlet", "samakall"], 2, "did you mean"),
        (["--to", "-", "--outlet", "ittefaq"], 1, "nothing"),
        (["--to", "/nowhere/report.html"], 1, "No such file"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(archive, words, exit_code, told):
    archive.rows(row())
    done = command(archive, *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (exit_code, "", 1)
    assert told in done.stderr
