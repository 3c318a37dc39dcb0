"""An outlet whose own code fails: every command names it in one line and completes the others."""

import gzip
import json
import shutil
import zipfile
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


@pytest.mark.parametrize("code", [EVERYTHING[0], NO_MODULE])
def test_an_archive_is_exported_without_the_code_of_its_outlets(place, code):
    for option in ((), ("--since", "2026-11-22"), ("--latest",)):
        done = run(place, code, "export", "--to", "-", *option)
        assert (done.returncode, done.stderr) == (0, "")
        assert sorted(map(json.loads, done.stdout.splitlines()), key=str) == sorted(place.rows(), key=str)
    file = place.root / "both.wacz"
    done = run(place, code, "wacz", "--outlet", "awry", "demo_tv", "--to", str(file), "--since", "2026-11-22")
    assert (done.returncode, done.stderr) == (0, "")
    with zipfile.ZipFile(file) as package:
        pages = gzip.decompress(raw) if (raw := package.read("pages/pages.jsonl"))[:2] == b"\x1f\x8b" else raw
    assert len(pages.splitlines()) == 1 + len(place.rows())


def test_a_name_that_is_neither_archived_nor_an_outlets_is_refused(place):
    done = run(place, "", "wacz", "--outlet", "demo_tw", "--to", str(place.root / "new.wacz"))
    assert done.returncode == 2
    assert done.stderr.startswith("khobor: unknown outlet 'demo_tw': did you mean demo_tv")


@pytest.mark.parametrize("words", [("verify",), ("compact",), ("copy", "ARCHIVE", "COPY"), ("state",), ("push",)])
@pytest.mark.parametrize("code", [EVERYTHING[0], NO_MODULE])
def test_work_on_files_needs_no_code_of_an_outlet(place, words, code):
    places = {"ARCHIVE": str(place.root / "archive"), "COPY": str(place.root / "copy")}
    done = run(place, code, *(places.get(word, word) for word in words))
    assert (done.returncode, done.stderr) == (0, "")


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


@pytest.mark.parametrize("code", EVERYTHING)
def test_state_is_rebuilt_beside_a_failing_outlet(place, code):
    whole = run(place, "", "state")
    done = run(place, code, "state", "--rebuild")
    assert named(done).endswith("; its articles are not found by their keys: correct it and rebuild again")
    (good,) = (line for line in whole.stdout.splitlines() if line.startswith("demo_tv: "))
    assert good in done.stdout.splitlines()
    assert run(place, "", "state", "--rebuild").returncode == 0
    assert whole.stdout.splitlines()[1:] == run(place, "", "state").stdout.splitlines()[1:]


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


@pytest.mark.parametrize("code", EVERYTHING)
def test_addresses_of_others_are_classified_beside_a_failing_outlet(place, code):
    addresses = [address_of(place, outlet) for outlet in ("awry", "demo_tv")] + ["https://example.com/"]
    (place.root / "addresses").write_text("\n".join(addresses))
    words = ("outlets", "--classify", str(place.root / "addresses"))
    whole = [line.split("\t")[1:] for line in run(place, "", *words).stdout.splitlines()]
    assert [cells[:2] for cells in whole] == [["awry", "article"], ["demo_tv", "article"], ["-", "other"]]
    done = run(place, code, *words)
    assert named(done).endswith("; its addresses are not classified")
    found = [line.split("\t")[1:] for line in done.stdout.splitlines()]
    # Another outlet has the same addresses.
    assert (found[0][0], found[1:]) == ("demo_daily", whole[1:])


def test_an_address_that_only_a_failing_outlet_may_have_has_no_kind(place):
    (place.root / "addresses").write_text(f"{place.url}/nothing")
    done = run(place, EVERYTHING[0], "outlets", "--classify", str(place.root / "addresses"))
    named(done)
    assert done.stdout.rstrip("\n").split("\t")[1:] == ["awry", "-", "-", "-"]


@pytest.mark.parametrize("method", ["zone", "key_of", "section_of", "canonical_url", "finish"])
@pytest.mark.parametrize("error", ERRORS)
def test_segments_of_others_are_reextracted_beside_a_failing_outlet(place, method, error):
    target = place.root / "target"
    done = run(place, failing(method, error=error), "reextract", "--to", str(target))
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert "awry.py, line " in line
    assert [path.name for path in target.glob("reextracted/*/*")] == ["outlet=demo_tv"]


@pytest.mark.parametrize(("method", "jobs"), [("key_of", "1"), ("key_of", "2"), ("section_of", "2"), ("finish", "1")])
def test_segments_of_others_are_reextracted_beside_an_outlet_that_ends_its_process(place, method, jobs):
    words = ("reextract", "--to", str(place.root / "target"), "--jobs", jobs)
    done = run(place, failing(method, error=END), *words)
    *pages, line = done.stderr.splitlines()
    assert (done.returncode, line.startswith("khobor: warc/awry/")) == (1, True), line
    assert "ended the process" in line
    assert all(f"process: {place.url}/daily" in page or "trying again: " in page for page in pages)
    assert [path.name for path in (place.root / "target").glob("reextracted/*/*")] == ["outlet=demo_tv"]


@pytest.mark.parametrize("method", ["key_of", "section_of", "canonical_url"])
def test_an_answer_that_is_no_text_is_a_failure(place, method):
    code = failing(method).replace("raise RuntimeError('no way')", "return ['x']")
    done = run(place, code, "reextract", "--to", str(place.root / "target"))
    (line,) = done.stderr.splitlines()
    assert (done.returncode, f"AwrySpider.{method} returned ['x'], which is not a text (" in line) == (1, True)
    assert [path.name for path in (place.root / "target").glob("reextracted/*/*")] == ["outlet=demo_tv"]


@pytest.mark.parametrize(
    "change",
    [
        "section = b'x'",
        "section = chr(0xD800)",
        "modified = 'x'",
        "text = b'x'",
        "title = None",
        "tags = 7",
        "outlet = 'demo_tv'",
    ],
)
def test_a_value_that_no_row_can_have_leaves_out_one_outlet(place, change):
    code = failing("finish").replace("raise RuntimeError('no way')", f"given[0].{change}")
    done = run(place, code, "reextract", "--to", str(place.root / "target"))
    (line,) = done.stderr.splitlines()
    assert (done.returncode, "AwrySpider gave an article a value that no row can have: " in line) == (1, True)
    assert "awry.py, line " in line
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


def test_an_outlet_may_import_the_reactor(place):
    days = ("-a", "since=2026-11-22", "-a", "until=2026-11-24")
    done = run(place, "    from twisted.internet import reactor\n", "crawl", "demo_tv", *days)
    assert (done.returncode, done.stderr) == (0, "")


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
