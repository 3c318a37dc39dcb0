"""`scrapy outlets`: the outlets at a glance, and whose article an address is."""

import json
import os
import pty
import re
import sqlite3
import sys
import unicodedata
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from subprocess import PIPE
from threading import Thread

import pytest
import sandbox
import warm
from rich.cells import cell_len

from crawler.crawl.settings import PROJECT_ROOT
from crawler.crawl.spider import NewsSpider
from crawler.outlets.loader import Outlets
from crawler.outlets.sources import DailySitemap, Feed
from crawler.state import State
from crawler.tools.report.overview import COLUMNS, overviews
from crawler.tools.report.state_facts import StateFacts

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


class Old(NewsSpider):
    name = "old"
    title = "র‍্যাব দৈনিক"
    allowed_domains = ["old.example"]
    national = ["https://old.example/national"]
    feeds = [Feed("https://old.example/a"), Feed("https://old.example/b")]
    days = [
        DailySitemap("https://old.example/{day:%Y-%m-%d}.xml", since="2019-09-30"),
        DailySitemap("https://old.example/old/{day:%Y-%m-%d}.xml", since="2014-01-01", until="2019-09-29"),
    ]


class New(NewsSpider):
    name = "new"
    title = "নতুন"
    allowed_domains = ["new.example"]


def state(path):
    State(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as database:
        database.executemany(
            "insert into runs (run, outlet, started) values (?, ?, ?)",
            [("1", "old", "2026-11-20T02:00:00.000000+00:00"), ("2", "old", "2026-11-23T02:00:00.000000+00:00")],
        )
        for outlet, hours in (("old", 5), ("new", -5)):
            moment = (NOW + timedelta(hours=hours)).isoformat()
            database.execute("insert into standings values (?, 1, ?, 'http-403', ?)", (outlet, moment, moment))
        for finding, day in (("listed nothing", 21), ("lost its dates", 23), ("is slow", 22)):
            since = f"2026-11-{day}T00:00:00+00:00"
            database.execute("insert into reports values ('old', ?, ?, ?)", (finding, since, since))
        database.commit()
    return StateFacts(f"sqlite:///{path}")


def test_state_gives_last_run_newest_finding_and_present_refusal(tmp_path):
    with closing(state(tmp_path / "state.db")) as facts:
        lines = overviews(Outlets([Old, New]), facts, NOW, {})
    old, new = (dict(zip(COLUMNS, cells, strict=True)) for cells in lines)
    assert [old[name] for name in ("last run", "finding", "refused until")] == [
        "2026-11-23T02:00Z",
        "lost its dates",
        "2026-11-24T15:00Z",
    ]
    assert [new[name] for name in ("last run", "finding", "refused until")] == ["", "", ""]


def command(tmp_path, *words, columns=160, terminal="xterm", **options):
    environment = sandbox.environment(KHOBOR_SPOOL_DIR=str(tmp_path / "spool"), COLUMNS=str(columns), TERM=terminal)
    pipes = {"stdout": PIPE, "stderr": PIPE, **options}
    command = [sys.executable, "-m", "scrapy", "outlets", *words]
    return warm.run(command, cwd=PROJECT_ROOT, env=environment, timeout=60, **pipes)


def drain(reader, shown):
    with suppress(OSError):  # the terminal's other end is closed
        while piece := os.read(reader, 1 << 16):
            shown += piece


def on_terminal(tmp_path, *words, terminal="xterm"):
    """Return the lines that a terminal of 80 columns gets."""
    reader, writer = pty.openpty()
    shown = bytearray()
    # A terminal takes little before it is read.
    reading = Thread(target=drain, args=(reader, shown))
    reading.start()
    done = command(tmp_path, *words, columns=80, terminal=terminal, stdout=writer)
    os.close(writer)
    reading.join()
    os.close(reader)
    assert done.returncode == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).splitlines()


def widest(line):
    """Return the width of a line in terminals that give spacing vowel signs a place of their own, as xterm does."""
    return sum(unicodedata.category(character) not in ("Mn", "Me", "Cf") for character in line)


def test_a_terminal_gets_a_table_of_80_columns(tmp_path):
    names = [line.split("\t")[0] for line in command(tmp_path).stdout.decode().splitlines()[1:]]
    path, moment = tmp_path / "spool/state.db", NOW.isoformat()
    State(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany(
            "insert into runs (run, outlet, started) values (?, ?, ?)", [(n, n, moment) for n in names]
        )
        database.executemany(
            "insert into reports values (?, 'no-source', ?, ?)", [(name, moment, moment) for name in names]
        )
    lines = on_terminal(tmp_path)
    assert lines[0].split() == ["outlet", "last", "run", "finding", "title"]
    assert max(map(widest, lines)) <= 80
    assert "no-source" in lines[1]
    # One line for each outlet, with its title whole.
    assert len(lines) == len(command(tmp_path).stdout.splitlines())
    assert [line for line in lines if "samakal " in line and "সমকাল" in line]
    assert "\t" not in "".join(lines)


def test_a_terminal_that_can_do_nothing_gets_the_table(tmp_path):
    lines = on_terminal(tmp_path, terminal="dumb")
    assert max(map(widest, lines)) <= 80
    assert [line for line in lines if "samakal " in line and "সমকাল" in line]


def test_wide_shows_all_columns_in_long_lines(tmp_path):
    lines = on_terminal(tmp_path, "--wide")
    assert lines[0].split("  ")[-1].strip() == "live check"
    assert len(lines) == len(command(tmp_path).stdout.splitlines())
    assert max(map(cell_len, lines)) > 80


def test_json_has_an_object_a_line(tmp_path):
    objects = [json.loads(line) for line in command(tmp_path, "--json").stdout.splitlines()]
    named = {one["outlet"]: one for one in objects}
    assert list(named["samakal"]) == [name.replace(" ", "_") for name in COLUMNS]
    assert (named["samakal"]["title"], named["samakal"]["last_run"]) == ("সমকাল", None)


def test_addresses_are_classified_in_their_order(tmp_path):
    site = b"https://samakal.com/bangladesh"
    addresses = b"# mine\n\n%b/article/340205\n%b\nhttps://example.com/x\n\xff\x1b[2J\n" % (site, site)
    done = command(tmp_path, "--classify", "-", input=addresses)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines() == [
        "https://samakal.com/bangladesh/article/340205\tsamakal\tarticle\t340205\tbangladesh",
        "https://samakal.com/bangladesh\tsamakal\tother\t-\t-",
        "https://example.com/x\t-\tother\t-\t-",
        "\\xff\\x1b[2J\t-\tother\t-\t-",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["samakal"],
        ["--classify", "/nowhere/file"],
        ["--classify", ""],
        ["--wide", "--json"],
        ["--classify", "-", "--json"],
    ],
)
def test_a_mistake_is_one_line_and_exit_2(tmp_path, words):
    done = command(tmp_path, *words)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)


def test_a_damaged_state_is_reported_and_the_table_printed(tmp_path):
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool/state.db").write_bytes(b"no database at all" * 300)
    done = command(tmp_path)
    assert (done.returncode, done.stderr.count(b"\n"), b"samakal\t" in done.stdout) == (1, 1, True)
