"""An outlet whose own code fails: every command names it in one line and completes the others."""

import json
import shutil
from datetime import timedelta

import pytest
import sandbox
from place import UNREACHABLE, Place, wait_for

from crawler.system import clock

SPIDER = """
from asyncio import CancelledError

from scrapy.exceptions import DropItem
from sqlalchemy.exc import SQLAlchemyError

from crawler.crawl.spider import NewsSpider
from crawler.extraction import NotAnArticle
from crawler.model.span import BadArgument
from crawler.outlets.sources import DailySitemap


class AwrySpider(NewsSpider):
    name = "awry"
    title = "টলমল"
    allowed_domains = ["127.0.0.1"]
    article = r"^{url}/daily/(?:(?P<section>[a-z-]+)/)?article/(?P<key>\\d+)"
    national = ["{url}/daily/national"]
    days = [DailySitemap("{url}/daily/sitemap/sitemap-daily-{{day:%Y-%m-%d}}.xml")]
"""
RAISING = """
    @classmethod
    def {method}(cls, *given):
        raise {error}
"""
# Most of them a command could take for a fault in its own work, or for its end.
ERRORS = (
    "RuntimeError('no way')",
    "OSError('no way')",
    "SQLAlchemyError('no way')",
    "SystemExit(0)",
    "KeyboardInterrupt('no way')",
    "GeneratorExit('no way')",
    "StopIteration('no way')",
    "CancelledError('no way')",
)
END = "__import__('os')._exit(3)"
OUTLETS = ("-s", "SPIDER_MODULES=crawler.demo.spiders,awry,spiders.urls")
NO_MODULE = "    1 / 0\n"


def failing(*methods, error=ERRORS[0]):
    """Return code that fails in these class methods."""
    return "".join(RAISING.format(method=method, error=error) for method in methods)


def run(place, code, *words):
    """Run a command beside an outlet with some code of its own."""
    return place.scrapy(*words, *OUTLETS, environment=environment(place, code))


def environment(place, code):
    modules = place.root.parent / "modules"
    # Python would take the compiled module for one of the same second and size.
    shutil.rmtree(modules, ignore_errors=True)
    modules.mkdir()
    (modules / "awry.py").write_text(SPIDER.format(url=place.url) + code)
    return {"PYTHONPATH": str(modules), "SCRAPY_PROJECT": "test"}


@pytest.fixture(scope="module")
def whole(demo, tmp_path_factory):
    """A place where the outlet and a good one were crawled, which no test changes."""
    place = Place(tmp_path_factory.mktemp("whole") / "place", demo.url)
    for outlet in ("awry", "demo_tv"):
        done = run(place, "", "crawl", outlet, "-a", "since=2026-11-22", "-a", "until=2026-11-24")
        assert (done.returncode, done.stderr) == (0, "")
    assert {row["outlet"] for row in place.rows()} == {"awry", "demo_tv"}
    return place


@pytest.fixture
def place(whole, tmp_path):
    shutil.copytree(whole.root, tmp_path / "place")
    return Place(tmp_path / "place", whole.url)


def address_of(place, outlet):
    return next(row["url"] for row in place.rows() if row["outlet"] == outlet)


def named(done, code=1):
    """Return the one line about the outlet, and check the exit code."""
    assert done.returncode == code, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("khobor: awry can't be ")
    assert "awry.py, line " in line
    return line


EVERYTHING = [failing("zone", "key_of", "article_key", "section_of", "sources", error=error) for error in ERRORS[:5]]


def test_a_name_that_is_neither_archived_nor_an_outlets_is_refused(place):
    done = run(place, "", "wacz", "--outlet", "demo_tw", "--to", str(place.root / "new.wacz"))
    assert done.returncode == 2
    assert done.stderr.startswith("khobor: unknown outlet 'demo_tw': did you mean demo_tv")


def test_a_report_names_a_failing_outlet_and_has_its_articles(place, monkeypatch):
    monkeypatch.setenv(clock.SHIFT, sandbox.later(timedelta(days=9)))
    file = place.root / "report.html"
    whole = run(place, "", "report", "--to", str(file))
    assert (whole.returncode, whole.stderr) == (0, "")
    assert "scrapy backfill awry" in file.read_text()
    for code in (*EVERYTHING, NO_MODULE):
        done = run(place, code, "report", "--force", "--to", str(file))
        assert named(done).endswith("; its gaps are without commands")
        assert done.stdout.split(", ")[:2] == whole.stdout.split(", ")[:2]
        assert "scrapy backfill awry" not in file.read_text()
        assert "scrapy backfill demo_tv" in file.read_text()


def test_state_is_rebuilt_beside_a_module_that_fails(place):
    done = run(place, NO_MODULE, "state", "--rebuild")
    unknown, broken = done.stderr.splitlines()
    assert done.returncode == 1
    assert "there is no spider for outlet awry" in unknown
    assert broken.startswith("khobor: awry can't be loaded: ZeroDivisionError")


@pytest.mark.parametrize("code", [*EVERYTHING, NO_MODULE])
def test_an_article_is_withheld_beside_a_failing_outlet(place, code):
    address = address_of(place, "demo_tv")
    done = run(place, code, "withhold", address, "--reason", "x")
    assert named(done).endswith("; the address is searched without its article key")
    assert done.stdout.startswith("withheld: ")
    assert len(place.files("withheld/*.json")) == 1


def test_an_address_that_only_a_failing_outlet_may_have_has_no_kind(place):
    (place.root / "addresses").write_text(f"{place.url}/nothing")
    done = run(place, EVERYTHING[0], "outlets", "--classify", str(place.root / "addresses"))
    named(done)
    assert done.stdout.rstrip("\n").split("\t")[1:] == ["awry", "-", "-", "-"]


@pytest.mark.parametrize(("method", "jobs"), [("key_of", "1"), ("key_of", "2"), ("section_of", "2"), ("finish", "1")])
def test_segments_of_others_are_reextracted_beside_an_outlet_that_ends_its_process(place, method, jobs):
    words = ("reextract", "--to", str(place.root / "target"), "--jobs", jobs)
    done = run(place, failing(method, error=END), *words)
    *pages, line = done.stderr.splitlines()
    assert (done.returncode, line.startswith("khobor: warc/awry/")) == (1, True), line
    assert "ended the process" in line
    assert all(f"process: {place.url}/daily" in page or "trying again: " in page for page in pages)
    assert [path.name for path in (place.root / "target").glob("reextracted/*/*")] == ["outlet=demo_tv"]


def test_segments_of_others_are_reextracted_beside_a_module_that_fails(place):
    done = run(place, NO_MODULE, "reextract", "--diff")
    unknown, broken = done.stderr.splitlines()
    assert done.returncode == 1
    assert unknown == "khobor: awry: no spider declares this outlet; left out"
    assert broken.startswith("khobor: awry can't be loaded: ZeroDivisionError")


@pytest.mark.parametrize("error", ERRORS)
def test_pages_of_others_are_extracted_beside_a_failing_outlet(place, error):
    text = "".join(f"<p>বরিশালে মাটির নিচে বৌদ্ধবিহারের চিহ্ন মিলেছে, খনন চলছে {word}।</p>" for word in "কখগঘঙ")
    page = f"<html><body><h1>কাঁঠালিয়ায় বৌদ্ধবিহারের চিহ্ন</h1>{text}</body></html>"
    urls = [f"{place.url}/nothing", address_of(place, "demo_tv"), address_of(place, "demo_tv")]
    lines = [json.dumps({"html": page, "url": url}) for url in urls]
    lines.append(json.dumps({"html": page, "url": address_of(place, "awry"), "outlet": "awry"}))
    (place.root / "pages.jsonl").write_text("\n".join(lines))
    for method, failed in (("key_of", {0, 3}), ("finish", {3})):
        done = run(place, failing(method, error=error), "extract", "--jsonl", str(place.root / "pages.jsonl"))
        found = [json.loads(line) for line in done.stdout.splitlines()]
        assert [number for number, one in enumerate(found) if "error" in one] == sorted(failed), done.stdout
        assert {one["error"]["reason"] for one in found if "error" in one} == {"internal"}
        assert {one["outlet"] for one in found[1:3]} == {"demo_tv"}
        assert done.returncode == 1
        assert done.stderr.startswith("khobor: ")


@pytest.mark.parametrize(
    "code",
    [
        failing("finish", error=END),
        failing("finish", error="SQLAlchemyError('no way')"),
        failing("finish", error="DropItem('no way')"),
        failing("canonical_url", error="OSError('no way')")
        + failing("prepare", error="NotAnArticle('empty', 'no way')"),
    ],
)
def test_addresses_of_others_are_crawled_beside_an_outlet_whose_pages_fail(whole, tmp_path, code):
    place = Place(tmp_path / "place", whole.url)
    (tmp_path / "addresses").write_text("\n".join(row["url"] for row in whole.rows()))
    done = run(place, code, "crawl", "urls", "-a", f"file={tmp_path / 'addresses'}")
    assert done.returncode == 0, done.stderr
    urls = {row["url"] for row in whole.rows() if row["outlet"] == "demo_tv"}
    assert {row["url"] for row in place.rows()} == urls
    assert all(row["url"] in done.stderr for row in whole.rows() if row["outlet"] == "awry")


@pytest.mark.parametrize(
    "code",
    [
        failing("zone", error="StopIteration('no way')"),
        failing("key_of"),
        '    custom_settings = {"COMPRESSION_ENABLED": "soon", "LOG_LEVEL": "NOPE"}',
    ],
)
def test_addresses_of_others_are_crawled_beside_a_segment_that_waits_for_its_outlet(whole, tmp_path, code):
    place, file = Place(tmp_path / "place", whole.url), f"file={tmp_path / 'addresses'}"
    (tmp_path / "addresses").write_text(address_of(whole, "awry"))
    slow = failing("finish", error="__import__('time').sleep(19)")
    with place.start("crawl", "urls", "-a", file, *OUTLETS, environment=environment(place, slow)) as crawl:
        wait_for(lambda: any("/article/" in path.read_text() for path in place.root.glob("spool/index/awry/**/*.open")))
        crawl.kill()
    (tmp_path / "addresses").write_text(address_of(whole, "demo_tv"))
    done = run(place, code, "crawl", "urls", "-a", file)
    line = done.stderr.splitlines()[-1]
    assert (
        done.returncode,
        "awry.py, line " in line,
        line.endswith("; segments of killed runs wait for its next crawl"),
    ) == (0, True, True), done.stderr
    assert [row["url"] for row in place.rows()] == [address_of(whole, "demo_tv")]
    done = run(place, "", "crawl", "urls", "-a", file)
    assert done.returncode == 0
    assert {row["url"] for row in place.rows()} == {address_of(whole, "awry"), address_of(whole, "demo_tv")}


def test_one_page_of_a_failing_outlet_costs_one_line(place):
    (place.root / "page.html").write_text("<html><body><h1>ক</h1></body></html>")
    for error in ERRORS:
        code = failing("key_of", error=error)
        named(run(place, code, "extract", str(place.root / "page.html"), "--url", f"{place.url}/nothing"))


@pytest.mark.parametrize("error", ["SystemExit(0)", "BadArgument(0)", "KeyboardInterrupt(0)", "CancelledError(0)"])
@pytest.mark.parametrize("method", ["sources", "key_of", "section_of"])
def test_others_are_checked_live_beside_a_failing_outlet(place, method, error):
    done = run(place, failing(method, error=error), "outlets", "--live", "awry", "demo_tv")
    assert done.returncode == 3
    assert [line.split("\t")[:2] for line in done.stdout.splitlines()[1:]] == [["awry", "broke"], ["demo_tv", "works"]]
    (line,) = done.stderr.splitlines()
    assert line.startswith("awry: broke: ")
    assert error.partition("(")[0] in line
    assert "awry.py, line " in line


def cut(path):
    path.write_bytes(path.read_bytes()[:40])


def loop(path):
    path.unlink()
    path.symlink_to(path)


@pytest.mark.parametrize(("kind", "damage"), [("manifest", cut), ("manifest", loop), ("runs", loop)])
def test_a_file_that_can_not_be_read_is_named_and_the_files_of_others_are_uploaded(tmp_path, demo, kind, damage):
    place = Place(tmp_path, demo.url)
    for outlet in ("demo_daily", "demo_tv"):
        done = place.crawl(outlet, "-s", "ARCHIVE_URL=s3://bucket/kept", environment=UNREACHABLE)
        assert done.returncode == 0
    (file,) = place.spool(f"{kind}/**/khobor-demo_daily-*.json")
    damage(file)
    for _ in range(2):
        done = place.scrapy("push")
        assert done.returncode == 1
        assert done.stderr.startswith("khobor: demo_daily: ")
        assert (done.stderr.count("\n"), file.name in done.stderr) == (1, True)
    assert place.files("manifest/demo_tv/**/*.json")
    assert place.files(f"{kind}/**/khobor-demo_daily-*.json") == []
    done = place.scrapy("update", "demo_tv")
    assert (done.returncode, "demo_daily/spool: can't be uploaded" in done.stderr) == (1, True)
    assert done.stdout.startswith("1 outlet, 0 new rows, ")
