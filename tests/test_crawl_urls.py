"""`crawl urls`: each address goes to its outlet's segment, and those that failed are listed."""

import gzip
import json
import signal
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest
from place import Place, wait_for
from sandbox import TODAY

from crawler.archive.warc_reader import walk
from crawler.demo.newspaper import Newspaper

ARTICLES = Newspaper(TODAY).articles
PAGE = """<html><head><title>Elsewhere</title><meta property="og:type" content="article"></head><body><article>
<h1>নদীর পাড়ে নতুন সেতু খুলল</h1><time datetime="2026-11-20T10:00:00+06:00"></time>{}</article></body></html>"""
TEXT = "".join(f"<p>নদীর পাড়ে আজ {number} নম্বর সেতু খুলে দেওয়া হয়েছে, জানিয়েছে প্রশাসন।</p>" for number in range(12))


class Elsewhere(BaseHTTPRequestHandler):
    """A site of no outlet: one page, one that redirects to it, one that redirects in a circle, one that waits."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/slow":
            self.server.go_on.wait(60)
        if self.path.startswith("/loop"):
            self.server.loops.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/loop-b" if self.path == "/loop-a" else "/loop-a")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path in ("/moved", "/away"):
            self.send_response(301)
            away = f"http://localhost:{self.server.server_port}/other"
            self.send_header("Location", "/story" if self.path == "/moved" else away)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = PAGE.format(TEXT).encode()
        self.send_response(404 if self.path == "/robots.txt" or "gone" in self.path else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


@pytest.fixture
def elsewhere():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    server.asked, server.loops, server.go_on = [], [], Event()
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.go_on.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def place(tmp_path, demo):
    return Place(tmp_path, demo.url)


def address_of(demo, outlet, number=0):
    return demo.url + [one for one in ARTICLES if one.outlet == outlet][number].path


def written(path: Path, *lines) -> str:
    path.write_text("".join(f"{line}\n" for line in lines))
    return f"file={path}"


def rows_by_folder(place):
    """Return the outlets of the rows, by the folder of their file."""
    return {
        path.relative_to(place.root / "archive/articles").parts[0]: {
            json.loads(line)["outlet"] for line in gzip.open(path)
        }
        for path in (place.root / "archive/articles").rglob("*.jsonl.gz")
    }


def records(place):
    """Return how often each address has a response or revisit, segment by segment."""
    return [
        Counter(
            (record.kind, record.get("WARC-Target-URI"))
            for record in archived_records(path)
            if record.kind in ("response", "revisit") and not record.get("WARC-Target-URI").endswith("/robots.txt")
        )
        for path in place.files("warc/**/*.warc.gz")
    ]


def archived_records(path):
    with path.open("rb") as stream:
        yield from walk(stream)


def test_rows_lie_under_their_outlet(place, demo, elsewhere):
    other = f"http://127.0.0.1:{elsewhere.server_port}/story"
    given = written(
        place.root / "given", address_of(demo, "tv"), other, address_of(demo, "daily"), address_of(demo, "tv", 1)
    )
    done = place.scrapy("crawl", "urls", "-a", given)
    assert (done.returncode, done.stderr) == (0, "")
    assert rows_by_folder(place) == {f"outlet={name}": {name} for name in ("demo_daily", "demo_tv", "urls")}
    # A row and its record are in one segment, and the run lists all of its segments.
    assert all(Path(row["warc"]["file"]).parts[1] == row["outlet"] for row in place.rows())
    [run] = place.runs()
    assert {stem.split("-")[1] for stem in run["segments"]} == {"demo_daily", "demo_tv", "urls"}
    assert place.scrapy("verify").returncode == 0
    exported = place.scrapy("export", "--to", f"{place.root}/tv.csv", "--outlet", "demo_tv")
    assert exported.returncode == 0, exported.stderr
    assert "2 " in exported.stdout


def test_failed_addresses_are_listed(place, demo, elsewhere):
    site = f"http://127.0.0.1:{elsewhere.server_port}"
    failed = place.root / "failed"
    given = written(
        place.root / "given", f"{site}/story", f"{site}/gone", "not an address", f"{site}/loop-a", "http://[bad/"
    )
    done = place.scrapy("crawl", "urls", "-a", given, "--failed", str(failed))
    assert done.returncode == 3, done.stderr
    assert failed.read_text().splitlines() == [
        f"{site}/gone\thttp-404",
        "not an address\tno-web-address",
        f"{site}/loop-a\tredirect-loop",
        "http://[bad/\tno-web-address",
    ]
    assert f"{site}/gone: http-404" in done.stderr
    assert "khobor: urls: 4 of 5 addresses failed" in done.stderr
    assert "4 failed (2 no-web-address, " in done.stdout
    assert len(place.rows()) == 1
    # A loop ends early.
    assert len(elsewhere.loops) <= 6
    assert place.scrapy("verify").returncode == 0


def test_a_private_address_is_refused_alone(place, demo, elsewhere):
    private = f"http://127.0.0.1:{elsewhere.server_port}/story"
    given = written(place.root / "given", private, "http://no-such-host.invalid/story")
    words = ("-s", "ALLOW_PRIVATE_ADDRESSES=False", "-s", "CONTACT=desk@archive.example", "-s", "RETRY_TIMES=0")
    done = place.scrapy("crawl", "urls", "-a", given, *words)
    assert done.returncode == 3
    assert f"{private}: private-address" in done.stderr
    assert "http://no-such-host.invalid/story: robots-unavailable" in done.stderr


GOOD = """
from crawler.crawl.spider import NewsSpider

class GoodSpider(NewsSpider):
    name = "good"
    allowed_domains = ["127.0.0.1"]
    article = r"^https?://[^/]+/(?P<key>story)"
"""
RAISING = """
class RaisingSpider(NewsSpider):
    name = "raising"
    allowed_domains = ["localhost"]

    @classmethod
    def key_of(cls, url):
        raise RuntimeError("no way")
"""


IMPORT = GOOD.split("class", maxsplit=1)[0]
WRONG = RAISING.replace('raise RuntimeError("no way")', "return ['x']")


@pytest.mark.parametrize("code", [IMPORT + RAISING, IMPORT + WRONG, "1 / 0\n"])
def test_an_address_that_may_be_of_a_failing_outlet_fails_alone(place, elsewhere, tmp_path, code):
    (tmp_path / "good.py").write_text(GOOD)
    (tmp_path / "failing.py").write_text(code)
    port = elsewhere.server_port
    away = f"http://127.0.0.1:{port}/away"
    addresses = [
        f"http://localhost:{port}/story",
        f"http://127.0.0.1:{port}/story",
        away,
        f"http://localhost:{port}/other",
    ]
    words = ("-a", written(place.root / "given", *addresses), "-s", "SPIDER_MODULES=spiders.urls,good,failing")
    done = place.scrapy("crawl", "urls", *words, environment={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 3, done.stderr
    assert done.stderr.count("can't be used: ") == 1, done.stderr
    for address in (addresses[0], *addresses[2:]):
        assert f"{address}: broken-outlet" in done.stderr
    assert [(row["outlet"], row["url"]) for row in place.rows()] == [("good", addresses[1])]
    assert "Traceback" not in done.stderr
    assert not [path for path in elsewhere.asked if path not in ("/robots.txt", "/story", "/away")]
    assert place.scrapy("verify").returncode == 0


NOWHERE = """
class NowhereSpider(NewsSpider):
    name = "nowhere"
    allowed_domains = ["localhost"]
    article = r"^https?://[^/]+/(?P<key>story)"

    @classmethod
    def address_of_text(cls, url):
        return "nowhere"
"""


def test_an_address_whose_outlet_gives_another_that_is_none_fails_alone(place, elsewhere, tmp_path):
    (tmp_path / "outlets.py").write_text(GOOD + NOWHERE)
    addresses = [f"http://{host}:{elsewhere.server_port}/story" for host in ("localhost", "127.0.0.1")]
    words = ("-a", written(place.root / "given", *addresses), "-s", "SPIDER_MODULES=spiders.urls,outlets")
    done = place.scrapy("crawl", "urls", *words, environment={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 3, done.stderr
    assert f"{addresses[0]}: broken-outlet" in done.stderr
    assert "Traceback" not in done.stderr
    assert [row["url"] for row in place.rows()] == [addresses[1]]


def test_a_killed_run_leaves_each_outlet_its_segment(place, demo, elsewhere):
    slow = f"http://127.0.0.1:{elsewhere.server_port}/slow"
    given = written(place.root / "given", address_of(demo, "tv"), address_of(demo, "daily"), slow)
    with place.start("crawl", "urls", "-a", given) as process:
        wait_for(lambda: len(list((place.root / "spool/articles").rglob("*.open"))) == 2)
        process.send_signal(signal.SIGKILL)
    elsewhere.go_on.set()
    # The same command again completes what was left, in every outlet.
    assert place.scrapy("crawl", "urls", "-a", given).returncode == 0
    assert set(rows_by_folder(place)) == {"outlet=demo_daily", "outlet=demo_tv", "outlet=urls"}
    urls = [row["url"] for row in place.rows()]
    assert sorted(urls) == sorted([address_of(demo, "tv"), address_of(demo, "daily"), slow])
    assert not place.spool("**/*.open")
    assert place.scrapy("verify").returncode == 0


def of_a_killed_run(place, address):
    """Kill a crawl of an address once it has its row; return the argument of the crawl."""
    given = written(place.root / "given", address)
    with place.start("crawl", "urls", "-a", given) as process:
        wait_for(lambda: list((place.root / "spool/articles").rglob("*.open")))
        process.send_signal(signal.SIGKILL)
    return given


def test_a_segment_whose_run_was_killed_while_it_finished_it_is_found(place, demo):
    given = of_a_killed_run(place, address_of(demo, "tv"))
    for path in place.spool("warc/**/*.open"):
        path.rename(path.with_suffix(""))
    assert place.scrapy("crawl", "urls", "-a", given).returncode == 0
    assert [row["url"] for row in place.rows()] == [address_of(demo, "tv")]
    assert place.scrapy("verify").returncode == 0


def test_segments_of_an_outlet_without_a_file_are_named(place, demo):
    given = of_a_killed_run(place, address_of(demo, "tv"))
    words = ("crawl", "urls", "-a", written(place.root / "others", address_of(demo, "daily")))
    done = place.scrapy(*words, "-s", "SPIDER_MODULES=crawler.demo.spiders.demo_daily,spiders.urls")
    assert done.returncode == 0, done.stderr
    assert "demo_tv: no spider declares this outlet; its segments of killed runs wait for it" in done.stderr
    assert place.scrapy("crawl", "urls", "-a", given).returncode == 0
    assert {row["outlet"] for row in place.rows()} == {"demo_daily", "demo_tv"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["crawl", "demo_tv", "--failed", "x"], "--failed is for `crawl urls`"),
        (["crawl", "urls", "-a", "file=given", "--failed", "/proc/none/x"], "/proc/none/x"),
    ],
)
def test_mistakes(place, demo, words, said):
    given = written(place.root / "given", address_of(demo, "tv"))
    done = place.scrapy(*(given if word == "file=given" else word for word in words))
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (place.root / "archive").exists()
