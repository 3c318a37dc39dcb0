"""A crawl that cannot start: one line that names the cause, a non-zero exit, and nothing written."""

import pytest
from place import Place

SPIDER = """
from crawler.crawl.spider import NewsSpider


class ShakySpider(NewsSpider):
    name = "shaky"
    allowed_domains = ["127.0.0.1"]
    article = r"^{url}daily/(?:article/)?(?P<key>\\d+)"
    national = ["{url}daily/"]
"""
MODULES = "SPIDER_MODULES=crawler.demo.spiders,shaky"


@pytest.fixture
def place(tmp_path, demo):
    return Place(tmp_path / "place", demo.url)


def run_shaky(place, code, *words):
    """Run a command beside an outlet with some code of its own, in a process that finds its module."""
    folder = place.root.parent / "modules"
    folder.mkdir(exist_ok=True)
    body = "".join(f"    {line}\n" for line in code.splitlines())
    (folder / "shaky.py").write_text(SPIDER.format(url=place.url.rstrip("/") + "/") + "\n" + body)
    return place.scrapy(*words, "-s", MODULES, environment={"PYTHONPATH": str(folder)})


BROKEN = {
    "from_crawler": "@classmethod\ndef from_crawler(cls, crawler, **given):\n    raise ValueError('no way')",
    "from_crawler without a spider": "@classmethod\ndef from_crawler(cls, crawler, **given):\n    return None",
    "the constructor": "def __init__(self, **given):\n    raise KeyError('x')",
    "a constructor that exits": "def __init__(self, **given):\n    raise SystemExit(0)",
    "a constructor without arguments": "def __init__(self):\n    pass",
    "start_addresses": "def start_addresses(self):\n    raise RuntimeError('no way')",
    "start_addresses without a list": "def start_addresses(self):\n    return None",
    "a start that is no generator": "async def start(self):\n    return None",
    "a start that fails at once": "def start(self):\n    raise RuntimeError('no way')",
    "an extension": "custom_settings = {'EXTENSIONS': {'nowhere.Extension': 1}}",
    "a middleware": "custom_settings = {'DOWNLOADER_MIDDLEWARES': {'crawler.crawl.ending.Nothing': 1}}",
    "a list of codes": "custom_settings = {'RETRY_HTTP_CODES': ['x']}",
    "a list": "custom_settings = {'METAREFRESH_IGNORE_TAGS': 5}",
    "a number": "custom_settings = {'DOWNLOAD_TIMEOUT': 'soon'}",
    "a setting that is none": "custom_settings = {'DOWNLOD_DELAY': 3}",
    "a place": "custom_settings = {'ARCHIVE_URL': 'ftp://x'}",
    "no sources": "national = []\nstart_urls = ['{url}daily/']",
    "update_settings": "@classmethod\ndef update_settings(cls, settings):\n    raise RuntimeError('no way')",
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_outlet_that_cannot_start_is_named_with_file_and_line(place, name):
    done = run_shaky(place, BROKEN[name], "crawl", "shaky")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert done.stderr.startswith("khobor: shaky can't be used: ")
    assert "shaky.py, line " in done.stderr
    assert not place.root.exists()


@pytest.mark.parametrize("before", ["", "    async for one in super().start():\n        yield one\n"])
def test_a_start_that_fails_in_the_crawl_ends_with_exit_1(place, before):
    start = f"async def start(self):\n{before}    raise RuntimeError('no way')\n    yield"
    done = run_shaky(place, start, "crawl", "shaky")
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith("khobor: shaky: RuntimeError: no way (")
    assert "shaky.py, line " in last
    (run,) = place.runs()
    assert (run["reason"], run.get("rows", 0)) == ("start_error", 0)


def test_an_error_in_reading_a_list_is_named_and_ends_with_exit_1(place):
    for command in (("crawl", "shaky"), ("update", "shaky", "demo_tv")):
        done = run_shaky(place, KEY, *command)
        assert done.returncode == 1, done.stderr
        assert "khobor: shaky: RuntimeError: no way (" in done.stderr
        assert "shaky.py, line " in done.stderr
    assert "shaky: its crawl failed with exit 1 since " in done.stderr
    assert {run["reason"] for run in place.runs()} == {"finished"}
    assert {run["outlet"] for run in place.runs()} == {"shaky", "demo_tv"}


REACH = """
from crawler.outlets.sources import DailySitemap
class Unsteady(DailySitemap):
    _calls = []
    def reach(self, span):
        self._calls.append(span)
        if len(self._calls) > {times}:
            raise RuntimeError('no way')
        return super().reach(span)
days = [Unsteady("{url}/tv/sitemap/{{day:%Y-%m-%d}}.xml")]
"""
KEY = "@classmethod\ndef key_of(cls, url):\n    raise RuntimeError('no way')"


# The first calls are those of the checks, the fourth is that of the plan.
@pytest.mark.parametrize(("times", "option"), [(0, ()), (3, ()), (3, ("--retry-failed",)), (3, ("--dry-run",))])
def test_an_outlet_that_fails_in_planning_stops_no_other_backfill(place, times, option):
    words = ("backfill", "shaky", "demo_tv", "--since", "2026-11-22", "--until", "2026-11-22", *option)
    done = run_shaky(place, REACH.format(times=times, url=place.url.rstrip("/")), *words)
    assert done.returncode == 3, done.stderr
    assert "shaky: can't be used (RuntimeError: no way (" in done.stderr
    assert "demo_tv 2026-11-22: open, 3 listed" in done.stdout if "--dry-run" in option else place.rows()


def test_the_other_outlets_are_listed_beside_one_that_fails(place):
    done = run_shaky(place, REACH.format(times=0, url=place.url.rstrip("/")), "outlets")
    assert done.returncode == 1
    assert [line.partition("\t")[0] for line in done.stdout.splitlines()[1:]] == [
        *("demo_daily", "demo_portal", "demo_tv", "shaky"),
    ]
    assert done.stderr.startswith("khobor: shaky can't be used: RuntimeError: no way (")
    assert done.stderr.count("\n") == 1


EXITING = {
    "start": "async def start(self):\n    raise {error}(0)\n    yield",
    "parse_article": "def parse_article(self, response):\n    raise {error}(0)",
    "a generator": "def parse_article(self, response):\n    raise {error}(0)\n    yield",
    "key_of": "@classmethod\ndef key_of(cls, url):\n    raise {error}(0)",
}


def test_an_outlet_that_exits_stops_no_other(place):
    done = run_shaky(place, EXITING["key_of"].format(error="GeneratorExit"), "update", "shaky", "demo_tv")
    assert done.returncode == 1
    assert "shaky: its crawl failed with exit 1 since " in done.stderr
    assert "demo_tv" in {run["outlet"] for run in place.runs()}


COMPONENTS = [
    'EXTENSIONS={"nowhere.Extension": 1}',
    'EXTENSIONS={"crawler.crawl.ending.Nothing": 1}',
    'DOWNLOADER_MIDDLEWARES={"nowhere.Middleware": 1}',
    'DOWNLOADER_MIDDLEWARES={"crawler.crawl.ending.Silence": "early"}',
    'SPIDER_MIDDLEWARES={"nowhere.Middleware": 1}',
    'ITEM_PIPELINES={"nowhere.Pipeline": 1}',
    'ADDONS={"nowhere.Addon": 1}',
    "SCHEDULER=nowhere.Scheduler",
    "DUPEFILTER_CLASS=nowhere.Filter",
    "STATS_CLASS=nowhere",
    "SPIDER_LOADER_CLASS=nowhere.Loader",
    "TWISTED_REACTOR=nowhere.Reactor",
    "TWISTED_REACTOR_ENABLED=0",
]
# What Scrapy finds out only when it makes its components.
USELESS = [
    "EXTENSIONS={}",
    'EXTENSIONS_BASE={"nowhere.Extension": 1}',
    'DOWNLOAD_HANDLERS={"http": null}',
    'DOWNLOAD_SLOTS={"host": 1}',
    'FEEDS={"file": 1}',
    "DOWNLOADER_CLIENT_TLS_CIPHERS=[1]",
    "DOWNLOADER_CLIENT_TLS_METHOD=x",
    "DOWNLOAD_BIND_ADDRESS=192.0.2.1",
    "DNS_RESOLVER=nonsense",
    "HTTPAUTH_USER=me",
    "LOG_FORMAT=x",
    "LOG_VERSIONS=x",
    "REFERRER_POLICY=x",
    "RETRY_EXCEPTIONS=[x]",
    "RETRY_HTTP_CODES=x",
    "SCHEDULER_PRIORITY_QUEUE=json.JSONDecoder",
    "TWISTED_REACTOR=twisted.internet.epollreactor.EPollReactor",
]
JOBS = [("update",), ("backfill", "--since", "2026-11-20", "--until", "2026-11-21")]
CASES = [(("crawl",), setting) for setting in (*COMPONENTS, *USELESS)]
CASES += [(words, setting) for words in JOBS for setting in (COMPONENTS[0], "LOG_FORMAT=x", "RETRY_HTTP_CODES=x")]


@pytest.mark.parametrize(("words", "setting"), CASES)
def test_a_setting_with_which_no_crawl_can_begin_is_named(place, words, setting):
    done = place.scrapy(*words, "demo_tv", "-s", setting)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert done.stderr.startswith(f"khobor: {setting.partition('=')[0]} can't be used: ")
    assert done.stderr.endswith("; correct the setting\n")
    assert not place.root.exists()
