"""`scrapy outlets --live`: what works, what broke, who refuses, and the file that health and report read."""

import json
import re
import signal
import socket
import subprocess
import time
from contextlib import closing
from datetime import UTC, datetime

import pytest
import sandbox
import warm
from origin import Origin, answer
from paper import ALL
from place import Place

from crawler.crawl.live.checks import COLUMNS, LiveCheck, write_checks
from crawler.crawl.settings import PROJECT_ROOT
from crawler.state import State
from crawler.state.standings import Standings
from crawler.system import clock

HTML = b"Content-Type: text/html; charset=utf-8"
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.fixture
def place(tmp_path, paper):
    return Place(tmp_path, paper.url)


def live(place, *names, **environment):
    done = place.scrapy("outlets", "--live", *names, environment=environment or None)
    header, *rows = [line.split("\t") for line in done.stdout.splitlines()] or [[]]
    assert header == list(COLUMNS) or not header
    return done, {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in rows}


def test_ctrl_c_ends_it_and_keeps_nothing(place, paper):
    paper.site.hanging.add("tv")
    command = place.command("outlets", "--live", "demo_tv")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with warm.Popen(command, cwd=PROJECT_ROOT, env=sandbox.environment(SCRAPY_PROJECT="test"), **pipes) as running:
        end = time.monotonic() + 30
        while "/tv/category/national/" not in paper.site.asked and time.monotonic() < end:
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        time.sleep(0.3)
        paper.site.over.set()
        assert (running.wait(30), running.stdout.read(), running.stderr.read()) == (130, "", "khobor: interrupted\n")
    assert not (place.root / "spool/live.json").exists()


def test_nothing_is_recorded(place):
    assert live(place, "demo_tv")[0].returncode == 0
    assert not (place.root / "archive").exists()
    found = {path.name for path in (place.root / "spool").iterdir()}
    assert {name for name in found if not name.startswith("state.db")} == {"live.json"}


def test_an_outlet_whose_listing_or_article_broke_gives_exit_3(place, paper):
    paper.break_("daily", "layout")
    paper.break_("portal", "empty")
    done, rows = live(place, *ALL)
    assert done.returncode == 3
    assert [rows[name]["result"] for name in ALL] == ["broke", "broke", "works"]
    assert re.match(r"the article can't be read: .* \(\S+\): http", rows["demo_daily"]["problem"])
    assert re.match(r"none of \d+ links has the address of an article: http", rows["demo_portal"]["problem"])
    assert rows["demo_portal"]["matched"] == "0"
    assert [line.split(": ")[:2] for line in done.stderr.splitlines()] == [
        ["demo_daily", "broke"],
        ["demo_portal", "broke"],
    ]


@pytest.mark.parametrize("how", ["403", "challenge"])
def test_an_outlet_that_refuses_gives_exit_4(place, paper, how):
    paper.break_("tv", how)
    done, rows = live(place, *ALL)
    assert (done.returncode, rows["demo_tv"]["result"]) == (4, "refuses")
    assert rows["demo_tv"]["problem"].startswith("challenge at http" if how == "challenge" else "http-403 at http")
    paper.break_("daily", "500")
    assert live(place, *ALL, "-s", "RETRY_TIMES=0")[0].returncode == 3


ODD = """
from crawler.demo.spiders.demo_tv import DemoTvSpider
from crawler.outlets.sources import Section


class RaisingSpider(DemoTvSpider):
    name = "raising"

    @classmethod
    def key_of(cls, url):
        raise ValueError("odd")


class LedAwaySpider(DemoTvSpider):
    name = "led_away"
    article = r"^https?://[^/]+/(?P<key>away)"
"""


def test_a_raising_hook_and_a_redirect_to_another_site_break_the_check(place):
    links = answer(b"<html><body><a href=/away>" + b"x" * 40 + b"</a></body></html>", HTML)
    (place.root / "odd_outlets.py").write_text(ODD)
    with Origin({"/story": answer(b"x", HTML)}, host="127.0.0.2") as elsewhere:
        away = answer(b"", f"Location: {elsewhere.base}/story".encode(), status=b"302 Found")
        with Origin({"/tv/category/national/": links, "/away": away}) as origin:
            words = ("-s", "SPIDER_MODULES=odd_outlets", "-s", f"DEMO_URL={origin.base}", "-s", "RETRY_TIMES=0")
            done, rows = live(place, "raising", "led_away", *words, PYTHONPATH=str(place.root))
    assert done.returncode == 3
    assert rows["raising"]["problem"].startswith("its own code fails: ValueError: odd (")
    assert rows["led_away"]["problem"] == f"redirected-away to {elsewhere.base}/story: {origin.base}/away"


def test_an_outlet_whose_file_is_broken_is_named_and_the_others_are_checked(place):
    (place.root / "awry.py").write_text("1 / 0\n")
    words = ("-s", "SPIDER_MODULES=crawler.demo.spiders,awry")
    done, rows = live(place, "demo_tv", "awry", *words, PYTHONPATH=str(place.root))
    assert done.returncode == 3
    assert "unknown outlet 'awry': `scrapy list` shows all; awry can't be loaded: ZeroDivisionError: " in done.stderr
    assert rows.keys() == {"demo_tv"}


PUBLIC = """
from crawler.crawl.spider import NewsSpider


class PublicSpider(NewsSpider):
    name = "public"
    allowed_domains = ["news.invalid"]
    article = r"^http://news.invalid/(?P<key>\\d+)$"
    national = ["http://news.invalid/national"]
"""


def test_an_outlet_on_a_private_address_is_named_and_the_others_are_checked(place, paper):
    (place.root / "public.py").write_text(PUBLIC)
    words = ("-s", "SPIDER_MODULES=crawler.demo.spiders,public", "-s", "ALLOW_PRIVATE_ADDRESSES=False")
    words += ("-s", "CONTACT=desk@archive.example", "-s", "RETRY_TIMES=0")
    done, rows = live(place, "demo_tv", "public", *words, PYTHONPATH=str(place.root))
    assert (done.returncode, paper.site.asked) == (3, [])
    assert "127.0.0.1 is a private address; ALLOW_PRIVATE_ADDRESSES=True would allow it (" in rows["demo_tv"]["problem"]
    assert " at http://news.invalid/" in rows["public"]["problem"]


def test_an_outlet_that_updates_leave_alone_is_requested_only_by_name(place, paper):
    (place.root / "spool").mkdir()
    with closing(State(f"sqlite:///{place.root}/spool/state.db")) as state:
        Standings(state.engine).refused("demo_tv", "http-403 at http://x", clock.now())
    demo = ("-s", "SPIDER_MODULES=crawler.demo.spiders")
    done = place.scrapy("outlets", *demo, "--live")
    assert done.returncode == 4
    assert re.match(r"demo_tv: refuses: paused until .* UTC \(http-403 at http://x\); not requested\n", done.stderr)
    assert not [target for target in paper.site.asked if "/tv/" in target]
    assert live(place, "demo_tv")[0].returncode == 0


def test_a_refused_article_refuses_too(place, paper):
    paper.site.forbidden = "/daily/national/article"
    done, rows = live(place, "demo_daily")
    assert (done.returncode, rows["demo_daily"]["result"]) == (4, "refuses")
    assert int(rows["demo_daily"]["matched"]) > 0


def test_without_a_network_nothing_is_kept(place):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        place.url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        done, rows = live(place, *ALL, "-s", "RETRY_TIMES=0", "-s", "LOG_LEVEL=CRITICAL")
        assert (done.returncode, rows, done.stderr.count("\n")) == (1, {}, 1)
        assert "not one host of 3 outlets has answered" in done.stderr
        assert not (place.root / "spool/live.json").exists()
        done, rows = live(place, "demo_tv", "-s", "RETRY_TIMES=0")
        assert (done.returncode, rows["demo_tv"]["result"]) == (3, "broke")


def test_the_report_names_outlets_that_broke(place):
    assert place.crawl("demo_tv").returncode == 0
    write_checks(
        place.root / "spool",
        [LiveCheck("demo_tv", NOW, "broke", "no <links>"), LiveCheck("gone", NOW, "broke", "x")],
        {},
    )
    page = place.root / "report.html"
    assert place.scrapy("report", "--to", str(page)).returncode == 0
    html = page.read_text("utf-8")
    assert "broke in the live check of 2026-11-24: no &lt;links&gt;" in html
    assert html.count("live check of") == 1


def test_a_damaged_file_is_one_line_and_written_anew(place):
    (place.root / "spool").mkdir()
    path = place.root / "spool/live.json"
    path.write_text("[1]")
    done = place.scrapy("outlets")
    assert (done.returncode, done.stderr.count("\n"), "demo_tv\t" in done.stdout) == (1, 1, True)
    assert "live.json is damaged (TypeError); scrapy outlets --live replaces it" in done.stderr
    assert live(place, "demo_tv")[0].returncode == 0
    assert list(json.loads(path.read_text("utf-8"))["outlets"]) == ["demo_tv"]


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (["--live", "demo_tw"], 2, "did you mean demo_tv"),
        (["--live", "urls"], 2, "urls has no listing"),
        (["--live", "--classify", "-"], 2, "give one of them"),
        (["--live", "samakal"], 1, "CONTACT is not set"),
        (["--live", "demo_tv", "-s", "STATE_URL=nonsense"], 1, "STATE_URL can't be used"),
    ],
)
def test_a_mistake_is_one_line_and_fetches_nothing(place, paper, words, code, reason):
    done = place.scrapy("outlets", *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    assert reason in done.stderr
    assert paper.site.asked == []
