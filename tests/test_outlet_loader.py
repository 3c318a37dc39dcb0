"""Modules of outlets that can't be loaded: named by every command that needs them, and no other outlet suffers."""

from pathlib import Path

import pytest
from paper import Paper, Updates
from scrapy.settings import Settings

from crawler.outlet_loader import OutletLoader

MODULES = {
    "__init__": "",
    "misspelt": "from crawler.spider import NewsSpider\n\nclass A(NewsSpider):\n    name = Name\n",
    "unfinished": "class A(\n",
    "again": "from crawler.spider import NewsSpider\n\nclass A(NewsSpider):\n    name = 'demo_tv'\n",
    "no_day": "from crawler.sources import DailySitemap\n\nDAYS = [DailySitemap('/', since='2026-02-30')]\n",
    "no_zone": "from crawler.spider import NewsSpider\n\nclass A(NewsSpider):\n    time_zone = 'Asia/Dhakka'\n",
    "no_key": "from crawler.spider import NewsSpider\n\nclass A(NewsSpider):\n    article = '/([0-9]+)'\n",
    "no_field": "from crawler.sources import DailySitemap\n\nDAYS = [DailySitemap('/{dya:%Y}.xml')]\n",
    "ends": "import sys\n\nsys.exit('done')\n",
    "sound": "from crawler.spider import NewsSpider\n\nclass A(NewsSpider):\n    name = 'sound'\n",
    "unusable": (
        "from crawler.sources import Feed\nfrom crawler.spider import NewsSpider\n\nclass A(NewsSpider):\n"
        "    name = 'unusable'\n    feeds = [Feed('http://[bad/')]\n"
    ),
    "unmakeable": (
        "from crawler.spider import NewsSpider\n\nclass A(NewsSpider):\n    name = 'unmakeable'\n\n"
        "    def __init__(self, **arguments):\n        raise KeyError('home')\n"
    ),
}
BROKEN = ["again", "ends", "misspelt", "no_day", "no_field", "no_key", "no_zone", "unfinished"]
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


def test_each_module_is_loaded_for_itself_and_what_is_wrong_says_where(modules, monkeypatch):
    monkeypatch.syspath_prepend(modules)
    loader = OutletLoader.from_settings(Settings({"SPIDER_MODULES": NAMES}))
    assert {"sound", "samakal", "demo_tv"} <= set(loader.list())
    assert loader.load("demo_tv").__module__ == "crawler.demo.spiders.demo_tv"
    assert set(loader.broken) == {f"odd.{name}" for name in BROKEN}
    assert loader.broken["odd.misspelt"].startswith("NameError: name 'Name' is not defined (")
    assert loader.broken["odd.misspelt"].endswith("misspelt.py, line 4)")
    assert "unfinished.py, line 1" in loader.broken["odd.unfinished"]
    assert loader.broken["odd.again"] == "demo_tv is the name of an outlet in crawler.demo.spiders.demo_tv too"
    assert loader.broken["odd.no_day"].startswith("ValueError: ")
    assert loader.broken["odd.no_zone"].startswith("ValueError: A.time_zone='Asia/Dhakka' is no time zone (")
    assert loader.broken["odd.no_zone"].endswith("no_zone.py, line 3)")
    assert loader.broken["odd.no_key"].startswith("ValueError: A.article='/([0-9]+)' has no group 'key' (")
    assert loader.broken["odd.no_field"].startswith("KeyError: 'dya' (")
    assert loader.broken["odd.ends"].startswith("SystemExit: done (")


def test_a_module_that_is_not_there_is_named():
    loader = OutletLoader.from_settings(Settings({"SPIDER_MODULES": ["spiders", "nowhere"]}))
    assert "samakal" in loader.list()
    assert loader.broken["nowhere"].startswith("ModuleNotFoundError: No module named 'nowhere'")


def test_an_update_goes_on_without_broken_modules_and_tells_of_them_once(place):
    first = place.scrapy("update", "-s", "OUTLETS=misspelt demo_tv", "--except", "again")
    assert (first.returncode, first.stdout.partition(",")[0]) == (1, "1 outlet")
    [line] = first.stderr.splitlines()
    assert line.startswith("outlets: odd.again can't be loaded since ")
    assert "odd.misspelt can't be loaded" in line
    assert "; there is no misspelt since " in line
    again = place.scrapy("update", "demo_tv")
    assert (again.returncode, again.stderr) == (0, "")
    assert "; 1 outlet as told before" in again.stdout


def test_an_outlet_that_cannot_be_made_is_one_crashed_crawl(place):
    answer = place.scrapy("update", "demo_tv", "unmakeable", "unusable")
    assert answer.returncode == 1
    assert answer.stderr.count(": its crawl failed with exit 1 since ") == 2
    assert " (unusable can't be used: ValueError: " in answer.stderr
    assert " (unmakeable can't be made: KeyError: 'home' (" in answer.stderr
    assert {row["outlet"] for row in place.rows()} == {"demo_tv"}


@pytest.mark.parametrize("command", [("crawl",), ("backfill", "--since", "2026-11-01", "--until", "2026-11-02")])
def test_who_asks_for_an_outlet_of_a_broken_module_is_told_why_it_is_not_there(place, command):
    answer = place.scrapy(command[0], "misspelt", *command[1:])
    assert answer.returncode == 1
    assert answer.stderr.startswith("khobor: unknown outlet 'misspelt': ")
    assert "odd.misspelt can't be loaded: NameError" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_when_no_module_can_be_loaded_the_update_says_which(place):
    nothing = Updates.scrapy(
        place, "update", "-s", "SPIDER_MODULES=odd.ends", environment={"PYTHONPATH": place.modules}
    )
    assert nothing.returncode == 1
    assert nothing.stderr.startswith("khobor: no outlet is left to crawl; odd.ends can't be loaded: SystemExit: done")


def test_the_table_of_outlets_names_them(place):
    answer = place.scrapy("outlets")
    assert answer.returncode == 1
    assert "\nsound\t" in answer.stdout
    assert "khobor: odd.no_day can't be loaded: ValueError" in answer.stderr
