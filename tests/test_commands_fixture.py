"""`scrapy fixture` as a user runs it: what it writes, and what it refuses."""

import json
import sys
from pathlib import Path
from subprocess import PIPE

import pytest
import sandbox
import warm
from saved_pages import load

from crawler.crawl.settings import PROJECT_ROOT
from crawler.tools.fixtures import FIELDS

PAGES = Path(__file__).parent / "pages"
PAGE, CHALLENGE = PAGES / "generic.html", PAGES / "refused_challenge.html"
TITLE = json.loads((PAGES / "generic.json").read_text("utf-8"))["title"]
SAMAKAL = "https://samakal.com/bangladesh/article/340205/slug"
URL = ("--url", SAMAKAL)


@pytest.fixture
def fixture(tmp_path):
    """Run `scrapy fixture`, which saves below an empty folder."""

    def run(*words, **variables):
        command = [sys.executable, "-m", "scrapy", "fixture", *map(str, words), "--to", str(tmp_path / "pages")]
        environment = sandbox.environment(KHOBOR_SPOOL_DIR=str(tmp_path / "spool"), **variables)
        return warm.run(command, cwd=PROJECT_ROOT, env=environment, stdout=PIPE, stderr=PIPE, text=True, timeout=60)

    return run


def saved(tmp_path, name="340205"):
    return load(tmp_path / "pages/samakal" / f"{name}.json")


def test_a_page_is_saved_with_an_unreviewed_expectation(fixture, tmp_path):
    done = fixture("samakal", PAGE, *URL, "--fetched", "2026-11-24T10:15:00Z")
    assert (done.returncode, done.stderr) == (0, "")
    assert [Path(line).name for line in done.stdout.splitlines()] == ["340205.html", "340205.json"]
    one = saved(tmp_path)
    assert not one.is_reviewed
    assert one.page.body == PAGE.read_bytes()
    assert (one.page.outlet, one.page.url) == ("samakal", SAMAKAL)
    assert one.page.fetched_at.isoformat() == "2026-11-24T10:15:00+00:00"
    assert list(one.expected) == list(FIELDS)
    assert (one.expected["title"], one.expected["section"]) == (TITLE, "bangladesh")
    assert one.expected["published"].keys() == {"at", "precision"}
    assert len(one.expected["paragraphs"]) > 1
    assert list(tmp_path.iterdir()) == [tmp_path / "pages"]


def test_existing_files_are_replaced_only_by_force(fixture, tmp_path):
    assert fixture("samakal", PAGE, *URL).returncode == 0
    facts = tmp_path / "pages/samakal/340205.json"
    facts.write_text(facts.read_text("utf-8").replace('"reviewed": false', '"reviewed": true'), "utf-8")
    refused = fixture("samakal", PAGE, *URL)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert "340205.html exists: give another --name, or --force to replace it" in refused.stderr
    assert saved(tmp_path).is_reviewed
    assert fixture("samakal", PAGE, *URL, "--name", "other").returncode == 0
    assert fixture("samakal", PAGE, *URL, "--force").returncode == 0
    assert not saved(tmp_path).is_reviewed


def test_a_platform_has_pages_as_an_outlet_has(fixture, tmp_path):
    done = fixture("east_west_media", PAGE, "--url", "https://ewm.example/1", "--name", "plain")
    assert (done.returncode, done.stderr) == (0, "")
    assert load(tmp_path / "pages/east_west_media/plain.json").page.outlet == "east_west_media"


def test_an_address_is_fetched_as_extract_fetches_it(fixture, tmp_path, paper):
    [story] = paper.publish("daily")
    address = f"{paper.url}/daily/national/article/{story.id}"
    options = ("-s", f"DEMO_URL={paper.url}", "-s", "DOWNLOAD_DELAY=0")
    assert fixture("demo_daily", address, *options, "--name", "new").returncode == 0
    one = load(tmp_path / "pages/demo_daily/new.json")
    assert (one.expected["title"], one.page.content_type) == (story.title, "text/html")
    assert one.page.url.startswith(address)
    assert one.page.fetched_at
    printed = f"{paper.url}/daily/print/article/{paper.site.newspaper.printed.id}"
    for words, reason in ((options, "robots"), ((*options, "-s", "ALLOW_PRIVATE_ADDRESSES=False"), "private address")):
        refused = fixture("demo_daily", printed, *words)
        assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
        assert reason in refused.stderr
    assert paper.site.asked.count(f"/daily/print/article/{paper.site.newspaper.printed.id}") == 0


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        ([], 2, "an outlet and one page"),
        (["samakal"], 2, "an outlet and one page"),
        (["samakl", PAGE], 2, "did you mean samakal?"),
        (["samakal", PAGE], 2, "give one with --url"),
        (["samakal", PAGE, *URL, "--name", "../x"], 2, "--name ../x"),
        (["samakal", PAGE, *URL, "--name", ""], 2, "--name"),
        (["samakal", CHALLENGE, *URL], 1, "(challenge)"),
        (["samakal", "no-such-file.html", *URL], 1, "no-such-file.html can't be read"),
        (["samakal", PAGE, "--url", "nonsense"], 1, "nonsense is not a web address"),
    ],
)
def test_a_mistake_is_one_line_and_saves_nothing(fixture, tmp_path, words, code, reason):
    done = fixture(*words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    assert reason in done.stderr
    assert list(tmp_path.iterdir()) == []
