"""Modules that fail to load: every command names them, and other outlets work."""

import re
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from paper import Paper, Updates
from sandbox import TODAY
from scrapy.settings import Settings

from crawler.outlets.loader import Outlets

MODULES = {
    "__init__": "",
    "misspelt": "from crawler.crawl.spider import NewsSpider\n\nclass A(NewsSpider):\n    name = Name\n",
    "unfinished": "class A(\n",
    "again": "from crawler.crawl.spider import NewsSpider\n\nclass A(NewsSpider):\n    name = 'demo_tv'\n"
    "    allowed_domains = ['a.example']\n",
    "no_day": "from crawler.outlets.sources import DailySitemap\n\nDAYS = [DailySitemap('/', since='2026-02-30')]\n",
    "no_zone": "from crawler.crawl.spider import NewsSpider\n\nclass A(NewsSpider):\n    time_zone = 'Asia/Dhakka'\n",
    "no_key": "from crawler.crawl.spider import NewsSpider\n\nclass A(NewsSpider):\n    article = '/([0-9]+)'\n",
    "no_text": "from crawler.crawl.spider import NewsSpider\n\nclass A(NewsSpider):\n    name = 5\n",
    "no_field": "from crawler.outlets.sources import DailySitemap\n\nDAYS = [DailySitemap('/{dya:%Y}.xml')]\n",
    "ends": "import sys\n\nsys.exit('done')\n",
    "panics": "from asyncio import CancelledError\n\nraise CancelledError('gone')\n",
    "mute": "class E(BaseException):\n    def __str__(self):\n        raise self\n\n\nraise E\n",
    "elusive": "def __getattr__(name):\n    raise RuntimeError(name)\n",
    "undecoded": "raise OSError('\\udcff')\n",
    "sound": "from crawler.crawl.spider import NewsSpider\n\nclass A(NewsSpider):\n"
    "    name = 'sound'\n    allowed_domains = ['a.example']\n",
    "unusable": (
        "from crawler.crawl.spider import NewsSpider\n\nclass A(NewsSpider):\n    name = 'unusable'\n"
        "    allowed_domains = ['a.example']\n    def start_addresses(self):\n        return ['http://[bad/']\n"
    ),
    "private": (
        "from crawler.outlets.sources import Feed\nfrom crawler.crawl.spider import NewsSpider\n\n"
        "class A(NewsSpider):\n    name = 'private'\n    allowed_domains = ['10.1.2.3']\n    feeds = [Feed('http://10.1.2.3/rss')]\n"
    ),
    "unmakeable": (
        "from crawler.crawl.spider import NewsSpider\n\nclass A(NewsSpider):\n    name = 'unmakeable'\n"
        "    allowed_domains = ['a.example']\n    def __init__(self, **arguments):\n        raise KeyError('home')\n"
    ),
}
BROKEN = [
    "again",
    "elusive",
    "ends",
    "misspelt",
    "mute",
    "no_day",
    "no_field",
    "no_key",
    "no_text",
    "no_zone",
    "panics",
    "undecoded",
    "unfinished",
]
# They share names with others: the file of a name has its outlet.
TWINS = {
    "first": "from crawler.crawl.spider import NewsSpider\n\nclass A(NewsSpider):\n"
    "    name = 'second'\n    allowed_domains = ['first.example']\n",
    "second": "from crawler.crawl.spider import NewsSpider\n\nclass A(NewsSpider):\n"
    "    name = 'second'\n    allowed_domains = ['second.example']\n",
    "third": "from crawler.crawl.spider import NewsSpider\n\nclass A(NewsSpider):\n"
    "    name = 'second'\n    allowed_domains = ['third.example']\n",
}
DAY = r"\d{4}-\d\d-\d\d"
NAMES = "spiders,crawler.demo.spiders,odd"


@pytest.fixture(scope="module")
def modules(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("modules")
    (folder / "odd").mkdir()
    for name, text in MODULES.items():
        (folder / "odd" / f"{name}.py").write_text(text)
    return folder


@pytest.fixture
def place(tmp_path, modules):
    with Paper() as paper:
        yield WithModules(tmp_path, paper.url, modules)


class WithModules(Updates):
    """A place where odd modules are among those of outlets."""

    def __init__(self, root, url, modules):
        super().__init__(root, url)
        self.modules = modules

    def scrapy(self, *words, **options):
        return super().scrapy(
            *words, "-s", f"SPIDER_MODULES={NAMES}", environment={"PYTHONPATH": str(self.modules)}, **options
        )


def test_of_two_outlets_with_one_name_the_file_of_that_name_counts(tmp_path, monkeypatch):
    (tmp_path / "twins").mkdir()
    for name, text in TWINS.items():
        (tmp_path / "twins" / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    loader = Outlets.from_settings(Settings({"SPIDER_MODULES": "twins"}))
    assert [outlet.allowed_domains for outlet in loader] == [["second.example"]]
    assert set(loader.broken) == {"twins.first", "twins.third"}
    assert all(why.startswith("second is the name of an outlet in twins.second too") for why in loader.broken.values())


def test_a_module_that_is_not_there_is_named():
    loader = Outlets.from_settings(Settings({"SPIDER_MODULES": ["spiders", "nowhere"]}))
    assert "samakal" in loader.list()
    assert loader.broken["nowhere"].startswith("ModuleNotFoundError: No module named 'nowhere'")


def test_an_update_without_broken_modules_reports_them_once(place):
    first = place.scrapy("update", "-s", "OUTLETS=misspelt demo_tv", "--except", "again")
    assert (first.returncode, first.stdout.partition(",")[0]) == (3, "1 outlet")
    [line] = first.stderr.splitlines()
    assert line.startswith("outlets: odd.again can't be loaded since ")
    assert "odd.misspelt can't be loaded" in line
    assert "; there is no misspelt since " in line
    again = place.scrapy("update", "demo_tv")
    assert (again.returncode, again.stderr) == (3, "")
    assert "; 1 outlet as reported before" in again.stdout


def test_unusable_outlets_are_named_and_the_others_are_crawled(place):
    answer = place.scrapy("update", "demo_tv", "unmakeable", "unusable")
    assert answer.returncode == 3
    modules, unmakeable, unusable = answer.stderr.splitlines()
    assert modules.startswith("outlets: ")
    assert re.fullmatch(rf"unmakeable: can't be used since {DAY} \(KeyError: 'home' \(\S+, line 7\)\)", unmakeable)
    assert re.fullmatch(
        rf"unusable: can't be used since {DAY} \('http://.bad/' is not a web address \(\S+, line 7\)\)", unusable
    )
    assert {row["outlet"] for row in place.rows()} == {"demo_tv"}


def test_crawling_an_outlet_of_a_broken_module_names_the_error(place):
    answer = place.scrapy("crawl", "misspelt")
    assert answer.returncode == 1
    assert answer.stderr.startswith("khobor: unknown outlet 'misspelt': ")
    assert "odd.misspelt can't be loaded: NameError" in answer.stderr
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize("others", [(), ("demo_tv",)])
def test_backfill_names_outlets_of_broken_modules_and_crawls_the_others(place, others):
    since = str(TODAY - timedelta(days=1))
    answer = place.scrapy("backfill", "misspelt", *others, "--since", since, "--until", since)
    assert answer.returncode == 3
    assert answer.stderr.startswith("misspelt: can't be used (unknown outlet 'misspelt': ")
    assert "odd.misspelt can't be loaded: NameError" in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert {row["outlet"] for row in place.rows()} == set(others)


def test_an_update_of_a_broken_outlet_alone_reports_it(place):
    for name, said in (("misspelt", "; there is no misspelt since "), ("unusable", "unusable: can't be used since ")):
        answer = place.scrapy("update", name)
        assert answer.returncode == 3
        assert said in answer.stderr.splitlines()[-1]
        assert answer.stdout.startswith("0 outlets, 0 new rows")
    assert place.rows() == []


def test_an_update_reports_that_no_module_can_be_loaded(place):
    nothing = Updates.scrapy(
        place, "update", "-s", "SPIDER_MODULES=odd.ends", environment={"PYTHONPATH": place.modules}
    )
    assert nothing.returncode == 3
    assert nothing.stderr.startswith("outlets: odd.ends can't be loaded since ")
    assert "(SystemExit: done (" in nothing.stderr


HEAD = """from crawler.demo.spiders.demo_tv import DemoTvSpider
from crawler.outlets.sources import Feed


class Outlet(DemoTvSpider):
    name = "outlet"
"""
BREAKS = {
    "declaration": (
        '    feeds = ["https://news.example/rss"]\n',
        "WrongDeclaration: Declaration.feeds must be a list of Feed(…), not 'https://news.example/rss'",
        7,
    ),
    "address": (
        '    feeds = [Feed("ftp://news.example/rss")]\n',
        "WrongDeclaration: Address.feeds: 'ftp://news.example/rss' is not a web address",
        7,
    ),
    "start": ("\n    def start_addresses(self):\n        return [1 / 0]\n", "ZeroDivisionError: division by zero", 9),
    "from_crawler": (
        "\n    @classmethod\n    def from_crawler(cls, crawler, **arguments):\n        raise OSError('no key')\n",
        "OSError: no key",
        10,
    ),
    "result": ("\n    @classmethod\n    def from_crawler(cls, *_, **__):\n        return None\n", "TypeError: ", 5),
    "exit": ("\n    def __init__(self, **arguments):\n        raise SystemExit(7)\n", "SystemExit: 7", 9),
    "syntax": ("    feeds = [\n", "SyntaxError: '[' was never closed", 7),
    "import": ("    import missing_module\n", "ModuleNotFoundError: No module named 'missing_module'", 7),
    "exception": ("    feeds = [Feed(1 / 0)]\n", "ZeroDivisionError: division by zero", 7),
    "zone": (
        "    time_zone = 'Dhaka'\n",
        "WrongDeclaration: Zone.time_zone='Dhaka' is not a time zone, such as Asia/Dhaka",
        7,
    ),
}
UNLOADED = ("address", "declaration", "exception", "import", "syntax", "zone")


def test_broken_outlets_are_named_once_and_the_others_are_updated(tmp_path):
    package = tmp_path / "papers"
    package.mkdir()
    (package / "__init__.py").write_text("")
    for name, text in {"one": "", "two": "", **{name: text for name, (text, *_) in BREAKS.items()}}.items():
        head = HEAD.replace("Outlet(", f"{name.title()}(").replace('"outlet"', f'"{name}"')
        (package / f"{name}.py").write_text(head + text)
    with Paper() as paper:
        place = Updates(tmp_path, paper.url)
        words = ["update", "-s", "SPIDER_MODULES=papers", "-s", "CONTACT=desk@news.example"]
        first, again = (place.scrapy(*words, environment={"PYTHONPATH": str(tmp_path)}) for _ in range(2))
    assert first.returncode == 3
    assert first.stdout.startswith("2 outlets, ")
    modules, *outlets = first.stderr.splitlines()
    named = {**dict.fromkeys(UNLOADED, modules), **{line.partition(":")[0]: line for line in outlets}}
    assert named.keys() == BREAKS.keys()
    for name, (_, said, number) in BREAKS.items():
        verb = f"papers.{name} can't be loaded" if name in UNLOADED else "can't be used"
        place_of = rf"[^;]*\({re.escape(str(package))}/{name}\.py, line {number}\)\)(;|$)"
        assert re.search(rf": (.+; )?{verb} since {DAY} \({re.escape(said)}{place_of}", named[name])
    assert {row["outlet"] for row in place.rows()} == {"one", "two"}
    assert (again.returncode, again.stderr) == (3, "")
    assert "; 5 outlets as reported before" in again.stdout


def test_an_outlet_with_a_private_address_is_named_with_line(place, modules):
    words = ("-s", "ALLOW_PRIVATE_ADDRESSES=False", "-s", "CONTACT=desk@news.example")
    answer = place.scrapy("update", "private", "demo_tv", *words)
    assert answer.returncode == 3
    _, demo, private = answer.stderr.splitlines()
    assert demo.startswith("demo_tv: can't be used since ")
    assert private.startswith("private: can't be used since ")
    assert f"(10.1.2.3 is a private address; ALLOW_PRIVATE_ADDRESSES=True would allow it ({modules}/" in private
    assert private.endswith("odd/private.py, line 6))")


def test_a_new_error_in_a_broken_outlet_is_reported_immediately(tmp_path):
    (tmp_path / "paper_three.py").write_text(HEAD + "    feeds = [Feed(1 / 0)]\n")
    with Paper() as paper:
        place = Updates(tmp_path, paper.url)
        run = partial(place.scrapy, "update", "-s", "SPIDER_MODULES=paper_three")
        assert "ZeroDivisionError" in run(environment={"PYTHONPATH": str(tmp_path)}).stderr
        (tmp_path / "paper_three.py").write_text(HEAD + "    feeds = ['https://news.example/rss']\n")
        second = run(environment={"PYTHONPATH": str(tmp_path)})
        assert second.returncode == 3
        assert "WrongDeclaration" in second.stderr
        (tmp_path / "paper_three.py").write_text(HEAD)
        mended = run(environment={"PYTHONPATH": str(tmp_path)})
        assert (mended.returncode, mended.stderr) == (0, "")


def test_the_table_of_outlets_names_them(place):
    answer = place.scrapy("outlets")
    assert answer.returncode == 1
    assert "\nsound\t" in answer.stdout
    assert "khobor: odd.no_day can't be loaded: ValueError" in answer.stderr
