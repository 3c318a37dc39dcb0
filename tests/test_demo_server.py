"""The demo newspaper on the wire: pages, listings, HTTP, and its actions."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest
from conftest import ROOT
from demo_client import (
    DAY_SITEMAPS,
    NEWS_SITEMAPS,
    ask,
    locations,
    normal,
    paragraphs_of,
)
from sandbox import TODAY

from crawler.demo.newspaper import Newspaper
from crawler.demo.outlets import OUTLETS


@pytest.fixture(scope="module")
def newspaper() -> Newspaper:
    return Newspaper(TODAY)


def test_one_outlet_leaves_the_charset_to_the_page(demo, newspaper):
    types = [ask(demo, newspaper.of(name)[0].path).headers["Content-Type"] for name in OUTLETS]
    assert types == ["text/html", "text/html; charset=utf-8", "text/html; charset=utf-8"]


def test_an_edited_article_has_another_text_date_and_tag(own_demo, newspaper):
    article = newspaper.of("daily")[7]
    first = ask(own_demo, article.path)
    edited = ask(own_demo, f"/_edit?outlet=daily&id={article.id}", "POST")
    assert edited.status == 200
    assert edited.facts["address"] == article.path
    second = ask(own_demo, article.path, If_None_Match=first.headers["ETag"])
    assert second.status == 200
    before, after = (paragraphs_of(answer.body, "daily") for answer in (first, second))
    assert len(set(after) - set(before)) == 1
    assert f"{TODAY}" in second.text.split('"dateModified": "')[1][:10]
    ask(own_demo, f"/_edit?outlet=daily&id={article.id}", "POST")
    assert len(paragraphs_of(ask(own_demo, article.path).body, "daily")) == len(after) + 1


def test_publishing_lists_the_article_first_and_changes_no_other_article(own_demo, newspaper):
    untouched = newspaper.of("tv")[2].path
    before = ask(own_demo, untouched).body
    for section in ("national", "sports"):
        facts = ask(own_demo, f"/_publish?outlet=tv&section={section}", "POST").facts
        assert ask(own_demo, facts["address"]).status == 200
        assert facts["address"] not in {article.path for article in newspaper.articles}
        assert locations(own_demo, NEWS_SITEMAPS["tv"])[0] == own_demo.url + facts["address"]
        assert own_demo.url + facts["address"] in locations(own_demo, DAY_SITEMAPS["tv"].format(TODAY))
        assert facts["address"] in ask(own_demo, f"/tv/category/{section}/").text
    assert ask(own_demo, untouched).body == before


def test_an_outlet_breaks_in_five_ways_and_heals(own_demo, newspaper):
    article = newspaper.of("portal")[6]
    whole = ask(own_demo, article.path).body
    expected = {
        "layout": (200, 200),
        "500": (500, 500),
        "403": (403, 403),
        "challenge": (403, 403),
        "empty": (200, 200),
    }
    for how, statuses in expected.items():
        assert ask(own_demo, f"/_break?outlet=portal&how={how}", "POST").facts["how"] == how
        page, feed = ask(own_demo, article.path), ask(own_demo, "/portal/feed/")
        assert (page.status, feed.status) == statuses
        assert (page.body == whole) == (how == "empty")
        assert ask(own_demo, newspaper.of("tv")[0].path).status == 200
        if how == "layout":
            assert article.paragraphs[0].text not in normal(page.text)
        if how == "challenge":
            assert page.headers["cf-mitigated"] == "challenge"
        if how == "empty":
            assert b"<item>" not in feed.body
            assert locations(own_demo, DAY_SITEMAPS["portal"].format(TODAY)) == []
    assert ask(own_demo, "/_heal", "POST").status == 200
    assert ask(own_demo, article.path).body == whole


def test_invalid_actions_are_rejected(own_demo):
    for action in (
        "/_edit?outlet=daily&id=1",
        "/_edit?outlet=x",
        "/_break?outlet=tv&how=fire",
        "/_publish?outlet=tv&section=x",
    ):
        answer = ask(own_demo, action, "POST")
        assert answer.status == 400
        assert answer.facts["error"]
    assert ask(own_demo, "/_burn", "POST").status == 404


def test_it_starts_within_two_seconds_and_stops_on_a_signal(tmp_path):
    command = [sys.executable, "-m", "crawler.demo", "--port", "0"]
    took = []
    for number in (signal.SIGTERM, signal.SIGINT):
        started = time.monotonic()
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
            took.append(time.monotonic() - started)
            process.send_signal(number)
            assert process.wait(timeout=60) == 0
    assert min(took) < 2


def test_an_invalid_date_and_a_taken_port_are_rejected(demo):
    port = str(urlsplit(demo.url).port)
    for arguments, words in ((["--today", "2026-02-30"], "2026-02-30"), (["--port", port], port)):
        command = [sys.executable, "-m", "crawler.demo", *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert words in done.stderr.splitlines()[-1]
