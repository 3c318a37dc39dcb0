"""Scrapy's own commands in this project: they record nothing, leave nothing behind, and make outlets."""

import sys
from pathlib import Path

import pytest
import sandbox
import warm
from origin import Origin, answer

ROOT = Path(__file__).parent.parent


PAGE = answer("<h1>খবর</h1>".encode(), b"Content-Type: text/html; charset=utf-8")
ROUTES = {
    "/robots.txt": answer(b"User-agent: *\nDisallow: /closed\n", b"Content-Type: text/plain"),
    "/page": PAGE,
    "/closed/page": PAGE,
}


@pytest.fixture
def origin():
    with Origin(ROUTES) as server:
        yield server


def asked(origin):
    return [one.target for one in origin.log]


def scrapy(folder, *words, allowed=True, **environment):
    places = {
        "KHOBOR_ARCHIVE_URL": f"{folder}/archive",
        "KHOBOR_SPOOL_DIR": f"{folder}/spool",
        "KHOBOR_CONTACT": "desk@archive.example",
    }
    words = [*words, "-s", f"ALLOW_PRIVATE_ADDRESSES={allowed}", "-s", "DOWNLOAD_DELAY=0.05"]
    return warm.run(
        [sys.executable, "-m", "scrapy", *words],
        cwd=ROOT,
        env=sandbox.environment(**places, **environment),
        capture_output=True,
        text=True,
        timeout=120,
    )


SPIDER = """import scrapy


class Plain(scrapy.Spider):
    name = "plain"

    async def start(self):
        yield scrapy.Request("{url}")

    def parse(self, response):
        print("read", response.css("h1::text").get())
"""


OUTLET = """from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import Feed


class Made(NewsSpider):
    name = "made"
    allowed_domains = ["127.0.0.1"]
    feeds = [Feed("http://127.0.0.1/feed")]
    article = r"^https?://127.0.0.1/(?P<key>\\w+)$"

    def read(self, response):
        yield {"title": response.css("h1::text").get()}
"""


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["fetch", "URL"], "<h1>খবর</h1>"),
        (["fetch", "--spider=samakal", "URL"], "<h1>খবর</h1>"),
        (["shell", "URL", "-c", "response.css('h1::text').get()"], "খবর"),
        (["view", "URL"], None),
        (["runspider", "FILE"], "read খবর"),
    ],
    ids=lambda words: words[0] if words else "",
)
def test_scrapys_commands_record_nothing(tmp_path, origin, words, printed):
    url, file = f"{origin.base}/page", tmp_path / "plain.py"
    file.write_text(SPIDER.format(url=url))
    before = set(tmp_path.iterdir())
    words = [word.replace("URL", url).replace("FILE", str(file)) for word in words]
    done = scrapy(tmp_path, *words, "--nolog", PYTHONPATH=str(tmp_path), TMPDIR=str(tmp_path), BROWSER="true")
    assert done.returncode == 0, done.stderr
    assert printed is None or (printed in done.stdout and "/page" in asked(origin))
    assert {path for path in tmp_path.iterdir() if path.name != "__pycache__"} == before


@pytest.mark.parametrize(
    "words",
    [["fetch"], ["fetch", "ftp://news.example/"], ["view", "page"], ["parse"], ["runspider", "no.py"], ["bench", "x"]],
    ids=" ".join,
)
def test_a_mistake_is_one_line(tmp_path, words):
    done = scrapy(tmp_path, *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"khobor: {words[0]} takes ")


def test_scrapys_commands_are_polite(tmp_path, origin):
    done = scrapy(tmp_path, "fetch", f"{origin.base}/closed/page", "--nolog")
    assert "খবর" not in done.stdout
    assert asked(origin) == ["/robots.txt"]


@pytest.mark.parametrize("command", ["fetch", "shell", "view"])
def test_scrapys_commands_guard_private_addresses(tmp_path, origin, command):
    done = scrapy(tmp_path, command, f"{origin.base}/page", "--nolog", allowed=False)
    assert (done.returncode, done.stdout, asked(origin)) == (1, "", [])
    assert done.stderr == "khobor: 127.0.0.1 is a private address; ALLOW_PRIVATE_ADDRESSES=True would allow it\n"


def test_a_public_address_needs_a_contact(tmp_path):
    (tmp_path / "plain.py").write_text(SPIDER.format(url="http://no-such-host.invalid/page"))
    words = ["-s", "LOG_LEVEL=WARNING", "-s", "ROBOTSTXT_OBEY=False"]
    for contact, said in (
        ("", "not fetched: http://no-such-host.invalid/page: CONTACT is not set"),
        ("a@b.org", "host"),
    ):
        done = scrapy(tmp_path, "runspider", str(tmp_path / "plain.py"), *words, "-s", f"CONTACT={contact}")
        assert said in done.stderr
        assert ("CONTACT" in done.stderr) == (not contact)


def test_list_names_a_file_that_cannot_be_loaded(tmp_path):
    (tmp_path / "broken.py").write_text("1 / 0\n")
    done = scrapy(tmp_path, "list", "-s", "SPIDER_MODULES=spiders,broken", PYTHONPATH=str(tmp_path))
    assert (done.returncode, "samakal" in done.stdout.splitlines()) == (1, True)
    (line,) = done.stderr.splitlines()
    assert line.startswith("khobor: broken can't be loaded: ZeroDivisionError: ")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("spider.txt", "", "is not a Python file"),
        ("none.py", "x = 1\n", "has no spider"),
        ("broken.py", "1 / 0\n", "can't be loaded: ZeroDivisionError: division by zero ("),
        ("exits.py", "raise SystemExit(0)\n", "can't be loaded: SystemExit: 0 ("),
    ],
)
def test_a_file_without_a_spider_is_one_line(tmp_path, name, text, said):
    (tmp_path / name).write_text(text)
    done = scrapy(tmp_path, "runspider", str(tmp_path / name))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


def test_parse_prints_what_a_callback_of_the_outlet_yields(tmp_path, origin):
    (tmp_path / "made.py").write_text(OUTLET)
    words = ["parse", "--spider=made", "-c", "read", f"{origin.base}/page", "--nolog", "-s", "SPIDER_MODULES=made"]
    done = scrapy(tmp_path, *words, PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "'title': 'খবর'" in done.stdout
    assert {path.name for path in tmp_path.iterdir()} - {"__pycache__"} == {"made.py"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["samakal", "news.example"], "khobor: there is an outlet or file samakal already: choose another name, or "),
        (["khobor", "news.example"], "khobor: khobor is the name of this project: choose another one"),
        (["-t", "nowhere", "my_paper", "news.example"], "khobor: there is no template 'nowhere': scrapy genspider "),
        (["--dump", "nowhere"], "khobor: there is no template 'nowhere': scrapy genspider "),
    ],
)
def test_genspider_that_writes_nothing_says_why_in_one_line(tmp_path, words, said):
    done = scrapy(tmp_path, "genspider", *words)
    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout, line.startswith(said)) == (2, "", True), line
    assert not (ROOT / "spiders/my_paper.py").exists()


def test_genspider_makes_an_outlet(tmp_path):
    (tmp_path / "made").mkdir()
    (tmp_path / "made/__init__.py").write_text("")
    words = ("-s", "NEWSPIDER_MODULE=made", "-s", "SPIDER_MODULES=made")
    done = scrapy(tmp_path, "genspider", "news_example", "news.example", *words, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "made/news_example.py").read_text()
    assert "class NewsExampleSpider(NewsSpider):" in text
    assert 'allowed_domains = ["news.example"]' in text
    listed = scrapy(tmp_path, "outlets", *words, PYTHONPATH=str(tmp_path))
    assert "news_example" in listed.stdout, listed.stderr
    assert not (tmp_path / "archive").exists()
