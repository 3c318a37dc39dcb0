"""`scrapy report`: its numbers for rows that are written here, and its page."""

import gzip
import json
import random
import re
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from subprocess import PIPE

import pytest
import sandbox
import warm
from indexed_rows import article_row
from markupsafe import escape
from test_state_store import SEEN
from verify_tools import give_manifest

from crawler.archive.storage.directory import DirectoryStorage
from crawler.archive.withheld import WITHHOLD, Decision, put_decision
from crawler.crawl.settings import PROJECT_ROOT
from crawler.crawl.spider import NewsSpider
from crawler.model.day_news import DayNews, Fault, FaultKind
from crawler.model.failures import Failure
from crawler.model.listing import Listing
from crawler.model.span import DateRange, rfc3339
from crawler.outlets.loader import Outlets
from crawler.outlets.sources import DailySitemap, Feed
from crawler.state import State
from crawler.state.day_policy import Day
from crawler.state.days import Days
from crawler.tools.report.figures import RowFigures, answered, archived, codes_of, extracted, step_for
from crawler.tools.report.gaps import gaps_of, shortened
from crawler.tools.report.gathering import Report
from crawler.tools.report.page import FOLLOWING, page
from crawler.tools.report.state_facts import StateFacts

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


DECLARED = Outlets([Samakal, Anandabazar])


def november(day):
    return date(2026, 11, day)


def row(at="2026-11-10T13:30:00+06:00", outlet="samakal", precision="minute", fetched=None, version=1):
    published = {"at": at, "precision": precision, "source": "meta"} if at else None
    fetched_at = fetched or "2026-11-10T09:00:00.000000Z"
    fields = {"outlet": outlet, "published": published, "fetched_at": fetched_at, "version": version}
    return article_row("1", "শিরোনাম") | fields


SILENT = Fault("https://samakal.com/feed", FaultKind.BROKEN, "https://samakal.com/feed", "silent <u>")


def a_day(**facts):
    counts = dict.fromkeys(("listed", "archived", "turned_down", "failed", "passing"), 0)
    return Day("samakal", DAY, **{"is_settled": False, "is_given_up": False, "updated": MADE, **counts, **facts})


class Archive:
    """An archive of rows and runs with its state."""

    def __init__(self, root):
        self.root = root
        self.files = 0

    def rows(self, *rows, outlet="samakal", month="2026-11"):
        self.files += 1
        stem = f"khobor-{outlet}-{month.replace('-', '')}01T000000{self.files:03}-vm"
        path = self.root / f"archive/articles/outlet={outlet}/crawl_month={month}/{stem}.jsonl.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(b"".join(json.dumps(one).encode() + b"\n" for one in rows)))
        give_manifest(self.root / "archive", path.relative_to(self.root / "archive").as_posix())
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

    def report(self, outlets=(), since=None, until=None):
        report = Report(DECLARED, outlets, DateRange(since, until), MADE)
        report.read_archive(DirectoryStorage(self.root / "archive"), lambda files: None)
        with closing(StateFacts(f"sqlite:///{self.root}/spool/state.db")) as facts:
            report.read_state(facts)
        return report

    def page(self, until=None):
        return page(self.report(until=until))


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path)


def test_articles_count_on_their_day_in_the_outlets_zone(archive):
    archive.rows(
        row("2026-11-11T01:00:00+06:00"),  # the 10th in UTC
        row("2026-11-10T00:10:00+06:00"),
        row("2026-11-10T00:20:00+06:00", precision="day"),
        row(None, fetched="2026-11-10T20:00:00.000000Z"),  # fetched on the 11th there
        row("2026-11-10T00:10:00+06:00", version=2, fetched="2026-11-12T20:00:00.000000Z"),
    )
    archive.rows(row("2026-11-10T23:50:00+05:30", outlet="anandabazar"), outlet="anandabazar")
    outlets = archive.report().figures
    rows = outlets["samakal"].rows
    assert rows.articles == {DAY: 2, DAY + timedelta(days=1): 2}
    assert rows.dated == Counter({DAY: 2, DAY + timedelta(days=1): 1})
    assert rows.edits == {november(13): 1}
    assert rows.hours == {1: 1, 0: 1}
    assert rows.versions == {1: 4, 2: 1}
    # Half an hour later in Kolkata than in Dhaka: still the 10th.
    assert outlets["anandabazar"].rows.articles == {DAY: 1}


def test_a_month_or_year_does_not_count_as_a_date(archive):
    figures = RowFigures()
    for precision in ("year", "month", "day", "hour"):
        figures.take(row(precision=precision), DateRange())
    assert (figures.articles[DAY], figures.dated[DAY], figures.hours) == (4, 2, {13: 1})


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
def test_a_damaged_row_file_is_named_and_not_counted(archive, spoil):
    archive.rows(row())
    path = archive.rows(*[row()] * 50)
    path.write_bytes(spoil(path.read_bytes()))
    report = archive.report()
    (line,) = report.damaged
    assert line.startswith(f"{path.relative_to(archive.root / 'archive')}: ")
    assert report.figures["samakal"].rows.articles == {DAY: 1}


def test_runs_of_a_day_are_added_with_requests_without_response(archive):
    count = "downloader/request_count"
    code = "downloader/response_status_count/"
    archive.run("2026-11-09T20:00:00.000000Z", **{"khobor/listed": 30, count: 10, f"{code}200": 6, f"{code}503": 2})
    archive.run("2026-11-10T03:00:00.000000Z", **{"khobor/articles": 5, "khobor/dated": 4, count: 1, f"{code}304": 1})
    (figures,) = archive.report().figures.values()
    stats = figures.runs[DAY]
    assert (stats["khobor/listed"], stats["khobor/articles"], stats["khobor/dated"]) == (30, 5, 4)
    assert str(answered(figures, DAY)) == "7 of 11"
    assert codes_of(stats) == {"200": 6, "503": 2, "304": 1, "no response": 2}


def test_a_known_number_takes_precedence_over_the_usual_one(archive):
    archive.rows(*[row()] * 3)
    figures = archive.report().figures["samakal"]
    figures.days[DAY] = a_day(listed=9, archived=6, turned_down=2, failed=1)
    assert str(archived(figures, DAY)) == "6 of 7"
    assert str(extracted(figures, DAY)) == "3 of 6"
    assert str(extracted(figures, DAY + timedelta(days=1))) == "0 (usual: 3)"


def daily(archive, counts, declared=Samakal, days=None, failures=None):
    """Archive counts of articles from 1 November on and a run that requested these days; return figures and gaps."""
    for number, count in enumerate(counts):
        archive.rows(*[row(f"2026-11-{number + 1:02}T10:00:00+06:00")] * count)
    archive.run("2026-11-01T00:00:00Z", since="2026-11-01")
    figures = archive.report().figures["samakal"]
    figures.days = {november(day): one for day, one in (days or {}).items()}
    figures.failures = Counter({(november(day), "http-500"): number for day, number in (failures or {}).items()})
    return figures, gaps_of(figures, declared, november(1), november(len(counts)))


def backfill(since, until, *options):
    return " ".join([f"scrapy backfill samakal --since 2026-11-{since:02} --until 2026-11-{until:02}", *options])


class Moved(Samakal):
    """Its old archive ended two days before the new one began."""

    days = [
        DailySitemap("https://samakal.com/old/{day}.xml", until="2026-11-05"),
        DailySitemap("https://samakal.com/{day}.xml", since="2026-11-08"),
    ]


GIVEN_UP = a_day(is_settled=True, is_given_up=True, faults=[SILENT])


def test_days_given_up_are_retried_if_a_source_lists_them(archive):
    _, (given_up, failed) = daily(archive, [9] * 11, Moved, {6: GIVEN_UP, 7: GIVEN_UP}, {7: 2, 9: 1})
    assert (len(given_up.dates), given_up.command) == (2, None)
    assert failed.command == backfill(9, 9, "--retry-failed")
    _, (given_up,) = daily(archive, [9, 9, 9, 9, 0, 9], days={5: GIVEN_UP})
    assert (given_up.since.day, given_up.reason) == (5, f"given up: {SILENT}")
    assert given_up.command == backfill(5, 5, "--retry-failed")


def test_joined_gaps_have_a_command_for_listed_days_only(archive):
    _, gaps = daily(archive, [0, 0, 9, 9, 9, 9, 0, 9, 9, 9, 9])
    (one,) = shortened(gaps, 0)
    assert (one.since.day, one.until.day, len(one.dates), one.reason) == (1, 7, 3, "2 more spans")
    assert one.command == backfill(7, 7)


def test_retries_keep_their_commands_among_many_gaps(archive):
    _, gaps = daily(archive, [0, 9, 9, 9, 9, 9, 0, 9, 9, 9, 0], days={8: GIVEN_UP}, failures={9: 2})
    assert [(len(gap.dates), gap.command) for gap in shortened(gaps, 1)] == [
        (1, backfill(11, 11)),
        (2, backfill(7, 7)),
        (1, backfill(8, 8, "--retry-failed")),
        (1, backfill(9, 9, "--retry-failed")),
    ]


STATE = (
    "insert into standings values ('samakal', 2, '2026-11-21T00:00:00+00:00', 'http-403', '2026-11-19T00:00:00+00:00')",
    "insert into reports values ('samakal', 'lost its dates <i>', '2026-11-18T00:00:00+00:00', 'x')",
)


def listed(*keys):
    return {key: Listing(f"https://samakal.com/{key}") for key in keys}


def fill(state):
    """Write a day whose feed is silent, in two scopes, and articles of other days that failed."""
    state.recorded([replace(SEEN, key=key) for key in "abcdef"])
    state.recorded([replace(SEEN, key=key, outcome="out-of-scope", version=0) for key in "gh"])
    national, everything = (Days(state.engine, "samakal", scope) for scope in ("national", "all"))
    failed = {
        "i": Failure("https://samakal.com/x", "timeout", is_final=False, day=DAY),
        "1": Failure("https://samakal.com/x", "timeout", is_final=False, day=november(6)),
        "2": Failure("https://samakal.com/x", "http-404", is_final=True, day=november(7)),
        "3": Failure("https://samakal.com/x", "short-text", is_final=True, day=november(8)),
    }
    national.write([DayNews(DAY, listed(*"abcdefghi"), [SILENT])], failed)
    everything.write([DayNews(DAY, listed(*"abcd"))], {"3": failed["3"]})


def write_state(archive):
    (archive.root / "spool").mkdir()
    with closing(State(f"sqlite:///{archive.root}/spool/state.db")) as state:
        fill(state)
    archive.state(*STATE)


def test_the_page_has_the_facts_of_state(archive):
    archive.rows(row())
    write_state(archive)
    figures = archive.report().figures["samakal"]
    day = figures.days[DAY]
    assert (day.listed, day.archived, day.turned_down, day.failed, day.is_closed) == (9, 6, 2, 1, False)
    assert figures.failures == {(november(7), "http-404"): 1, (november(8), "short-text"): 1}
    made = archive.page()
    assert "lost its dates &lt;i&gt;" in made
    assert "refuses our requests (http-403); paused until 2026-11-21 00:00" in made
    assert "feed: silent &lt;u&gt;; 1 of 9 articles failed for now" in made
    # What is gone is no gap that a backfill would fill.
    assert "failed permanently: 1 short-text<" in made
    assert "--until 2026-11-08" in made


def test_the_state_of_another_khobor_is_named_and_left_out(archive):
    archive.rows(row())
    write_state(archive)
    archive.state("update alembic_version set version_num = '9999'")
    done = command(archive, "--to", "-")
    said = "khobor: state can't be read: the state has schema revision 9999; this khobor reads"
    assert (done.returncode, done.stderr.count("\n"), done.stderr.startswith(said)) == (1, 1, True)
    assert "lost its dates" not in done.stdout


def test_the_page_has_no_scripts_and_no_outside_references(archive):
    archive.rows(row())
    made = archive.page()
    assert made.startswith("<!DOCTYPE html>")
    for forbidden in ("<script", "@import", "url(", "<img", "<iframe", "<object", "javascript:"):
        assert forbidden not in made
    references = set(re.findall(r'(?:href|src)="([^"]*)"', made)) - {"data:,"}
    assert all(reference.startswith("#") for reference in references)


def test_bengali_stays_text_and_markup_in_it_is_escaped(archive):
    archive.rows(row())
    report = archive.report()
    report.without = "a\u202eb\x1b[2J"
    made = page(report)
    assert '<span lang="bn">র‍্যাব ক্ষ স্ত্র &lt;b&gt;&amp;</span>' in made
    assert "<text" in made
    assert ">র‍্যাব ক্ষ স্ত্র &lt;b&gt;&amp;</text>" in made
    assert "<b>" not in made
    assert not re.search(r'="[^"]*<', made), "markup in an attribute"
    assert "<strong>a\\u202eb\\x1b[2J</strong>" in made


def test_long_spans_of_many_outlets_use_weeks_or_months():
    first = date(2026, 1, 1)
    assert step_for(3, 4, first, first + timedelta(days=400)) == 1
    assert step_for(1, 1, first, first + timedelta(days=600)) == 7
    assert step_for(40, 4, first, first + timedelta(days=400)) == 7
    assert step_for(40, 4, first, first + timedelta(days=9000)) == 30


def story(number, *outlets, day=10, agency=()):
    """Return rows of one story, an hour apart; the outlets in `agency` credit one."""
    chance = random.Random(number)
    text = " ".join(f"শব্দ{chance.randint(0, 9999)}" for _ in range(60))
    rows = []
    for hour, outlet in enumerate(outlets):
        one = row(f"2026-11-{day:02}T{10 + hour}:00:00+06:00", outlet)
        rows.append(
            one
            | {"id": article_row(f"{number}-{hour}", "")["id"], "text": text, "agencies": ["BSS"] * (outlet in agency)}
        )
    return rows


def published(archive, *stories):
    rows = [one for rows in stories for one in rows]
    for outlet in sorted({one["outlet"] for one in rows}):
        archive.rows(*(one for one in rows if one["outlet"] == outlet), outlet=outlet)


THREE = [
    story(1, "samakal", "anandabazar", agency=["anandabazar"]),
    story(2, "samakal", "anandabazar"),
    story(3, "anandabazar", "samakal", "samakal", "ittefaq", agency=["samakal"]),
    story(4, "samakal"),
]


def test_the_page_has_a_table_and_a_chart_of_copies(archive):
    published(archive, *THREE)
    text = archive.page()
    section = text[text.index('<section id="copies">') : text.index('<section id="withdrawn">')]
    assert "Stories in several outlets: 3." in section
    title = re.escape(str(escape(TITLE)))
    assert re.search(
        rf"আনন্দবাজার</span></th><td><span lang=\"bn\">{title}</span></td><td class=\"number\">2</td><td>50", section
    )
    assert f"<title>আনন্দবাজার after {escape(TITLE)}: 2</title>" in section
    assert "after আনন্দবাজার: 1</title>" in section
    assert "<title>আনন্দবাজার after আনন্দবাজার" not in section
    assert "আনন্দবাজার</text>" in section


def test_many_outlets_are_a_legible_matrix(archive):
    names = [f"paper{number:02}" for number in range(40)]
    published(archive, *(story(number, first, second) for number, (first, second) in enumerate(pairwise(names))))
    text = archive.page()
    assert text.count(" after paper") <= FOLLOWING**2
    assert text.count("</text>") < 5 * FOLLOWING + 200


def test_no_story_of_withheld_articles_other_days_or_hand_given_addresses(archive):
    published(
        archive,
        story(1, "samakal", "anandabazar"),
        story(2, "samakal", "anandabazar", day=1),
        story(3, "samakal", "urls"),
        story(4, "samakal", "anandabazar"),
    )
    one = story(4, "samakal")[0]
    decision = Decision(one["id"], "samakal", one["url"], WITHHOLD, "x", rfc3339(MADE), "")
    put_decision(DirectoryStorage(archive.root / "archive"), decision)
    report = archive.report(since=november(5))
    assert report.followings.pairs == {("anandabazar", "samakal"): 1}


def test_a_story_counts_only_rows_of_whole_files_and_newest_versions(archive):
    published(archive, story(1, "samakal", "anandabazar"), story(2, "samakal", "anandabazar"))
    edited = story(2, "samakal")[0] | {"text": story(5, "samakal")[0]["text"], "version": 2}
    archive.rows(edited | {"fetched_at": "2026-11-11T09:00:00.000000Z"})
    damaged = archive.rows(*story(6, "ittefaq"), *story(1, "ittefaq"), outlet="ittefaq")
    damaged.write_bytes(damaged.read_bytes()[:-4])
    report = archive.report()
    assert len(report.damaged) == 1
    assert report.followings.pairs == {("anandabazar", "samakal"): 1}


def test_only_requested_days_count(archive):
    daily(archive, [1, 2, 3, 4])
    assert archive.report(since=november(2), until=november(3)).figures["samakal"].rows.articles.total() == 5


def command(archive, *words, **options):
    environment = sandbox.environment()
    places = {"KHOBOR_ARCHIVE_URL": str(archive.root / "archive"), "KHOBOR_SPOOL_DIR": str(archive.root / "spool")}
    pipes = {"stdout": PIPE, "stderr": PIPE, **options}
    command = [sys.executable, "-m", "scrapy", "report", *map(str, words)]
    return warm.run(command, cwd=PROJECT_ROOT, env=environment | places, text=True, timeout=60, **pipes)


def test_a_damaged_file_is_named_with_exit_code_3(archive):
    archive.rows(row())
    damaged = archive.rows(row())
    damaged.write_bytes(damaged.read_bytes()[:-4])
    done = command(archive, "--to", "-")
    assert (done.returncode, done.stderr.count("\n"), damaged.name in done.stderr) == (3, 1, True)
    assert damaged.name in done.stdout


def test_unreadable_state_still_writes_the_page_with_exit_code_1(archive):
    archive.rows(row())
    (archive.root / "spool").mkdir()
    (archive.root / "spool/state.db").write_bytes(b"no database at all" * 300)
    done = command(archive, "--to", "-")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "state can&#39;t be read" in done.stdout
    assert done.stdout.endswith("</html>\n")


@pytest.mark.parametrize(
    ("words", "exit_code", "message"),
    [
        (["--to", "report.pdf"], 2, "ends with .html"),
        (["--to", "-", "--since", "2026-02-02", "--until", "2026-02-01"], 2, "is after"),
        (["--to", "-", "--outlet", "samakall"], 2, "did you mean"),
        (["--to", "-", "--outlet", "ittefaq"], 1, "nothing"),
        (["--to", "/nowhere/report.html"], 1, "No such file"),
    ],
)
def test_a_mistake_is_one_line_without_output(archive, words, exit_code, message):
    archive.rows(row())
    done = command(archive, *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (exit_code, "", 1)
    assert message in done.stderr
