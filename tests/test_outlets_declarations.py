"""Mistakes in declarations: each breaks its own outlet when it is loaded, in one line with cause and remedy."""

import re

import pytest
from place import Place
from scrapy.settings import Settings

from crawler.outlets.declarations import WrongDeclaration
from crawler.outlets.loader import Outlets
from crawler.outlets.outlet import Outlet

HEAD = """from crawler.crawl.spider import NewsSpider
from crawler.outlets.interface import Interface
from crawler.outlets.sources import *


class Paper(NewsSpider):
    name = "paper"
    allowed_domains = ["news.example"]
"""

# Each line of a class, and the end of its sentence.
MISTAKES = {
    'feeds = ["https://news.example/rss"]': "feeds must be a list of Feed(…), not 'https://news.example/rss'",
    'feeds = Feed("https://news.example/rss")': "feeds must be a list of Feed(…), not Feed(url='https://news.example/rss'",
    'national = "https://news.example/bd"': "national must be a list of addresses, not 'https://news.example/bd'",
    'allowed_domains = "news.example"': "allowed_domains must be a list of texts, not 'news.example'",
    'national_sections = "bangladesh"': "national_sections must be a list of texts, not 'bangladesh'",
    'days = [NewsSitemap("https://news.example/s.xml")]': "days must be a list of sources by day",
    'contaner = "div.body"': "contaner is not a declaration: did you mean `container`?",
    'css_for_body = "div"': "css_for_body is not a declaration; a name of your own begins with _ or a capital",
    'zone = "Asia/Dhaka"': "zone is a method, not a declaration: did you mean `time_zone`?",
    'sources = ["https://news.example/"]': "sources is a method, not a declaration",
    "def prepair(cls, document): pass": "prepair is not a declaration: did you mean `prepare`?",
    "def key_of(cls, url): pass": "key_of must be a class method",
    'allowed_domains = ["127.0.0.999"]': "'127.0.0.999' is not a domain",
    f'allowed_domains = ["{"a." * 150}com"]': "is not a domain, such as example.com",
    'container = "div..body"': "container='div..body' is not a CSS selector: ",
    'row_date = "time["': "row_date='time[' is not a CSS selector: ",
    'headline = "svg|title"': "headline='svg|title' is not a CSS selector: ",
    'headline = "h1[title=\\\\1]"': "is not a CSS selector: ",
    'sections = [Section("https://news.example/", links="a:nope(")]': "sections: 'a:nope(' is not a CSS selector: ",
    'pages = "?page={number}"': "pages='?page={number}' has the variable {number}; known here: {page}",
    'pages = "?page={page"': "pages='?page={page' is not a template: ",
    'sections = [JsonSection("https://news.example/?p={seite}")]': "has the variable {seite}; known here: {page}, ",
    'sections = [JsonSection("https://news.example/", link="/{id")]': "'/{id' has a brace without its partner",
    'canonical = "https://news.example/{key:{section}}"': "has a variable within another",
    'allowed_domains = ["news\u200b.example"]': "is not a domain",
    'canonical = "https://news.example/{id}"': "example/{id}' has the variable {id}; known here: none",
    'article = r"https://news.example/(?P<number>\\d+)"': "has no group (?P<key>…)",
    'article = r"https://news.example/(?P<key>\\d+"': "is not a regular expression: ",
    'country = "XX"': "country='XX' is not a country code of ISO 3166, such as BD",
    'country = "AU"': "country='AU' needs a `time_zone` beside it",
    'country = ["BD"]': "country must be a text, not ['BD']",
    'country = time_zone = "UTC"': "country='UTC' is not a country code of ISO 3166, such as BD",
    'time_zone = "Asia/Dacca2"': "time_zone='Asia/Dacca2' is not a time zone, such as Asia/Dhaka",
    'time_zone = "../Dhaka"': "time_zone='../Dhaka' is not a time zone, such as Asia/Dhaka",
    'allowed_domains = ["https://news.example"]': "allowed_domains: 'https://news.example' is not a domain, such as ",
    'allowed_domains = ["com"]': "allowed_domains: 'com' is not a domain",
    'allowed_domains = ["news example"]': "allowed_domains: 'news example' is not a domain",
    'home = "news.example"': "home='news.example' is not a web address",
    'feeds = [Feed("news.example/rss")]': "feeds: 'news.example/rss' is not a web address",
    'feeds = [Feed("https://news.example/rss")] * 2': "feeds has https://news.example/rss for the second time",
    'kind = "newspaper"': "kind='newspaper' is not one of daily, portal, ",
    'verified = "2026-13"': "verified='2026-13' is neither a month, such as 2026-11, nor \"unverified\"",
    "title = None, 5": "title must be a text, not (None, 5)",
    'name = "zz-mine"': "name='zz-mine' may have small letters, digits and _ only",
    'name = "খবর"': "name='খবর' may have small letters, digits and _ only",
    f'name = "{"a" * 65}"': "may have small letters, digits and _ only, 64 at most",
    'name = ".."': "name='..' may have small letters, digits and _ only",
    'feeds = [Feed("")]': "feeds: '' is not an address",
    "feeds = [Feed(None)]": "Feed: url must be a text, not None",
    "feeds = [Feed]": "feeds must be a list of Feed(…), not <class ",
    'feeds = [Feed("https://news.example/rss", national="yes")]': "Feed: national must be True or False, not 'yes'",
    'feeds = [Feed("https://news.example/{page}")]': "has the variable {page}; known here: none",
    'feeds = [NewsSitemap("https://news.example/s.xml")]': "feeds must be a list of Feed(…), not NewsSitemap(",
    'feeds = {"rss": Feed("https://news.example/rss")}': "feeds must be a list of Feed(…), not {'rss': Feed(",
    'news_sitemaps = [NewsSitemap("https://news.example/s.xml", limit="9")]': "limit must be a whole number from 1 on",
    'sections = [Section("https://news.example/", limit=0)]': "Section: limit must be a whole number from 1 on, not 0",
    'sections = [Section("https://news.example/", links=["a"])]': "Section: links must be a text, not ['a']",
    'sections = [Section("https://news.example/", links="")]': "sections: '' is not a CSS selector",
    'sections = [Section("https://news.example/", pages="?p=2")]': "sections: '?p=2' has no {page}",
    'sections = [JsonSection("https://news.example/", link=None)]': "JsonSection: link must be a text, not None",
    'sections = [GraphQL("https://news.example/g")]': "sections: https://news.example/g has no `query`",
    'national = ["https://news.example/a" "https://news.example/b"]': "is two addresses: write a comma between them",
    "english = None": "english must be a text, not None",
    "time_zone = None": "time_zone must be a text, not None",
    "verified = None": "verified must be a text, not None",
    'container = ""': "container='' is empty: remove it, or write None",
    'pages = "?page="': "pages='?page=' has no {page}",
    'pages = "?page={page:z}"': "pages='?page={page:z}' is not a template: ",
    'article = r"news\\.example/(?P<key>\\d+)"': "must match whole addresses: begin with ^https?://",
    "samples = []": "samples must be a dictionary, not []",
    'samples = {"https://news.example/1": "1"}': "samples must have lines like ",
    'aliases = {"https://news.example/1": 1}': "aliases must have lines like ",
    "custom_settings = []": "custom_settings must be a dictionary, not []",
    "def prepare(self, document): pass": "prepare must be a class method: write @classmethod above it",
    'interface = Interface("https://news.example/{key}", text=5)': "Interface: text must be a text, not 5",
    "name = None": "Paper has no `name`; the class of a base of outlets begins with _",
    "allowed_domains = []": "Paper has no `allowed_domains`",
    'days = [DailySitemap("https://news.example/day.xml")]': "is one address for all days: it needs the day, such as",
    'days = [ArchivePage("https://news.example/{page}")]': "is one address for all days: it needs the day, such as",
    'days = [DailySitemap("https://news.example/{day:d}")]': "is one address for all days: it needs the day, such as",
    'days = [DailySitemap("https://news.example/{day}", since=2019)]': "DailySitemap: since must be a text, not 2019",
    'days = [DailySitemap("https://news.example/{day}", since="20190101")]': "since=20190101 is not a date: write ",
    'days = [WordPress("https://news.example/", "", "2026-11-02", "2026-11-01")]': "national must be True or False",
    'days = [WordPress("https://news.example/", since="2026-11-02", until="2026-11-01")]': "is after until=",
    'days = [DailySitemap("https://news.example/{dya:%Y}.xml")]': "has the variable {dya}; known here: {day}, ",
    'days = [DailySitemap("https://news.example/{day:%Y}.xml", since="2026-02-30")]': "2026-02-30",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_each_mistake_is_one_line_with_its_place(tmp_path, monkeypatch, line):
    package = f"papers_{abs(hash(line))}"
    (tmp_path / package).mkdir()
    file = tmp_path / package / "paper.py"
    file.write_text(HEAD + f"    {line}\n")
    (tmp_path / package / "sound.py").write_text(HEAD.replace("paper", "sound"))
    (tmp_path / package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    loader = Outlets.from_settings(Settings({"SPIDER_MODULES": [package]}))
    assert loader.list() == ["sound"]
    [(module, said)] = loader.broken.items()
    assert module == f"{package}.paper"
    assert MISTAKES[line] in said, said
    assert "\n" not in said
    assert re.search(rf" \({re.escape(str(file))}, line [56789]\)$", said)


def said_of(tmp_path, monkeypatch, package, code):
    """Return the one sentence about a module that can't be loaded."""
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").write_text("")
    (tmp_path / package / "paper.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    [said] = Outlets.from_settings(Settings({"SPIDER_MODULES": [package]})).broken.values()
    return said


def test_an_outlet_that_is_no_spider_is_named(tmp_path, monkeypatch):
    code = HEAD.replace("(NewsSpider)", "(Quintype)").replace("sources import *", "platforms import Quintype")
    assert re.fullmatch(r"Paper is no NewsSpider \(.+, line 7\)", said_of(tmp_path, monkeypatch, "spiderless", code))


def test_a_wrong_method_is_named_with_its_line(tmp_path, monkeypatch):
    code = HEAD + "\n    def prepare(self, document):\n        pass\n"
    assert said_of(tmp_path, monkeypatch, "unclassed", code).endswith("line 10)")


@pytest.mark.parametrize(
    ("domain", "is_valid"),
    [
        ("news.example", True),
        ("প্রথমআলো.বাংলা", True),
        ("127.0.0.1", True),
        ("localhost", True),
        ("news.example:80", False),
        ("news.example/bd", False),
        ("News.example", False),
        ("-a.example", False),
        ("", False),
        ("a..example", False),
    ],
)
def test_domains(domain, is_valid):
    def declare():
        type("Paper", (Outlet,), {"allowed_domains": [domain]})

    if is_valid:
        declare()
    else:
        with pytest.raises(WrongDeclaration, match=re.escape(repr(domain))):
            declare()


WITH_ARTICLE = {
    'canonical = "https://news.example/"': "canonical='https://news.example/' has no {key}",
    'canonical = "https://news.example/{section}"': "canonical='https://news.example/{section}' has no {key}",
    'canonical = "/{key}"': "canonical='/{key}' is not a web address",
    'canonical = "https://news.example/{key:d}"': "is not a template: Unknown format code 'd'",
    'canonical = "https://news.example/{path}"': None,
}


@pytest.mark.parametrize("line", WITH_ARTICLE)
def test_canonical_addresses_have_the_key_or_a_group_around_it(line):
    name, value = line.split(" = ")
    article = r"^https://news\.example/(?P<path>(?P<section>\w+)/(?P<key>\d+))"

    def declare():
        type("Paper", (Outlet,), {"article": article, name: value.strip('"')})

    if said := WITH_ARTICLE[line]:
        with pytest.raises(WrongDeclaration, match=re.escape(said)):
            declare()
    else:
        declare()


def test_a_crawl_of_a_wrong_outlet_says_why_and_writes_nothing(tmp_path):
    (tmp_path / "wrong_paper.py").write_text(HEAD + '    contaner = "div"\n')
    place = Place(tmp_path, "http://127.0.0.1:9")
    done = place.scrapy("crawl", "paper", "-s", "SPIDER_MODULES=wrong_paper", environment={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Paper.contaner is not a declaration: did you mean `container`?" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "__pycache__") == ["wrong_paper.py"]
