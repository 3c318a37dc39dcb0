"""The rules for every outlet, its addresses, and the outlet of an address."""

import ast
import asyncio
import io
import re
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from scrapy.http import HtmlResponse
from scrapy.settings import Settings
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.test import get_crawler

from crawler.model.addresses import is_web_address, is_within
from crawler.model.span import BadArgument, Span
from crawler.outlets.loader import Outlets
from crawler.outlets.outlet import Outlet
from crawler.outlets.sources import SourceByDay

MODULES = ["spiders", "crawler.demo.spiders"]
LOADER = get_spider_loader(Settings({"SPIDER_MODULES": MODULES}))
SPIDERS = [LOADER.load(name) for name in sorted(LOADER.list())]
OUTLETS = [spider for spider in SPIDERS if spider.name != "urls"]
ROOT = Path(__file__).parent.parent
FILES = sorted(path for module in MODULES for path in (ROOT / module.replace(".", "/")).glob("[!_]*.py"))

# Every outlet's addresses: (address, key, section).
SAMAKAL = "https://samakal.com"
PROTHOM_ALO = "https://www.prothomalo.com"
KALERKANTHO = "https://www.kalerkantho.com"
ITTEFAQ = "https://www.ittefaq.com.bd"
JAGONEWS24 = "https://www.jagonews24.com"
CHANNEL_I = "https://www.channelionline.com"
DEMO = "http://127.0.0.1:8765"
ARTICLES = {
    "samakal": [
        (f"{SAMAKAL}/bangladesh/article/340205/ঋণখেলাপি-ও-দ্বৈত:-নাগরিক", "340205", "bangladesh"),
        (
            f"{SAMAKAL}/bangladesh/article/340205/%E0%A6%A6%E0%A6%BE%E0%A7%9F-%E0%A6%A6%E0%A6%BE%E0%A6%AF%E0%A6%BC",
            "340205",
            "bangladesh",
        ),
        (f"{SAMAKAL}/whole-country/article/340196?fbclid=IwY", "340196", "whole-country"),
        (f"{SAMAKAL}/feature/shoili/article/1709703/", "1709703", "shoili"),
        ("http://www.samakal.com/todays-print-edition/tp-khobor/article/17104052/%E0%A6%A4", "17104052", "tp-khobor"),
    ],
    "prothom_alo": [
        (f"{PROTHOM_ALO}/bangladesh/district/9k4r4ov5yj", "9k4r4ov5yj", "bangladesh"),
        (f"{PROTHOM_ALO}/politics/np8ulbsnhs#comments", "np8ulbsnhs", "politics"),
        ("http://prothomalo.com/world/middle-east/di4g5ovu7y?utm_source=x", "di4g5ovu7y", "world"),
        (f"{PROTHOM_ALO}/bangladesh/article/1632811/%E0%A6%95%E0%A7%87", "1632811", "bangladesh"),
        (f"{PROTHOM_ALO}/economy/article/1632310", "1632310", "economy"),
        (f"{PROTHOM_ALO}/bangladesh/crime/obhijoge-tinjon-atok-hoyeche", "obhijoge-tinjon-atok-hoyeche", "bangladesh"),
    ],
    "kalerkantho": [
        (f"{KALERKANTHO}/online/world/2025/11/10/1604174", "1604174", "world"),
        ("http://kalerkantho.com/print-edition/deshe-deshe/2025/11/13/1605414", "1605414", "deshe-deshe"),
        (f"{KALERKANTHO}/online/Islamic-lifestylie/2016/10/05/413193", "413193", "Islamic-lifestylie"),
    ],
    "ittefaq": [
        (f"{ITTEFAQ}/790972/%E0%A6%86%E0%A6%A6-%E2%80%8C%E0%A6%A6%E0%A7%8D", "790972", None),
        (f"{ITTEFAQ}/717059/", "717059", None),
        ("https://ittefaq.com.bd/749754", "749754", None),
        (f"{ITTEFAQ}/national/144355/যারা-হাত-পাততে-পারে-না", "national/144355", "national"),
    ],
    "jagonews24": [
        (f"{JAGONEWS24}/national/news/1146199", "1146199", "national"),
        (f"{JAGONEWS24}/m/national/article/1146199", "1146199", "national"),
        (f"{JAGONEWS24}/sports/cricket/1146875", "1146875", "sports"),
        ("http://jagonews24.com/women-and-children/article/1146887?utm_id=x", "1146887", "women-and-children"),
    ],
    "channel_i_online": [
        (f"{CHANNEL_I}/akash-hoque-talks-about-chankharpul/?fbclid=IwY", "akash-hoque-talks-about-chankharpul", None),
        (f"{CHANNEL_I}/%e0%a6%a6%e0%a6%be%e0%a7%9f-%e0%a6%95/", "%E0%A6%A6%E0%A6%BE%E0%A7%9F-%E0%A6%95", None),
        (f"{CHANNEL_I}/দা\u09af\u09bc-ক", "%E0%A6%A6%E0%A6%BE%E0%A6%AF%E0%A6%BC-%E0%A6%95", None),
    ],
    "demo_daily": [
        (f"{DEMO}/daily/national/article/372381/%E0%A6%B8", "372381", "national"),
        (f"{DEMO}/daily/m/country/article/372381", "372381", "country"),
        ("http://localhost:1/daily/article/372381", "372381", None),
    ],
    "demo_portal": [
        (f"{DEMO}/portal/761381/%E2%80%8C", "761381", None),
        (f"{DEMO}/portal/news/761381", "761381", None),
    ],
    "demo_tv": [
        (f"{DEMO}/tv/204380/%E0%A6%B8/", "204380", None),
        (f"{DEMO}/tv/?p=204380", "204380", None),
        (f"{DEMO}/tv/archives/204380/", "204380", None),
    ],
}
NO_ARTICLES = [
    f"{SAMAKAL}/bangladesh",
    f"{SAMAKAL}/video-gallery/bangladesh/1674",
    f"{SAMAKAL}/photo-gallery/capital/252/ছবি",
    "https://en.samakal.com/bangladesh/article/340205",
    f"{PROTHOM_ALO}/bangladesh/chattogram",
    f"{PROTHOM_ALO}/entertainment/dhallywood",
    f"{PROTHOM_ALO}/video/bangladesh/gaoha4f91x",
    f"{PROTHOM_ALO}/story/0a1b2c3d-0000-4000-8000-1234567890ab",
    "https://en.prothomalo.com/bangladesh/9k4r4ov5yj",
    f"{KALERKANTHO}/online/national",
    f"{KALERKANTHO}/daily-sitemap/2025-11-10/sitemap.xml",
    f"{ITTEFAQ}/archive/2022-07-12",
    f"{ITTEFAQ}/topic/12345",
    f"{JAGONEWS24}/lifestyle/photo/1146610",
    f"{JAGONEWS24}/national",
    f"{CHANNEL_I}/category/bangladesh/",
    f"{CHANNEL_I}/privacy-policy/",
    f"{CHANNEL_I}/author/some-one/",
    f"{CHANNEL_I}/wp-json/wp/v2/posts",
    f"{DEMO}/tv/about-us/",
    "https://example.org/bangladesh/article/340205",
]


def outlets():
    return Outlets(OUTLETS)


# Rules for all spiders


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_name_and_class_agree(path):
    spider = LOADER.load(path.stem)
    assert spider.__module__.rpartition(".")[2] == spider.name == path.stem
    assert spider.__name__ == "".join(part.title() for part in path.stem.split("_")) + "Spider"


def test_every_spider_has_a_file_of_its_own():
    assert sorted(path.stem for path in FILES) == sorted(LOADER.list())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_spiders_import_no_spiders(path):
    imported = [node.module for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    assert not [module for module in imported if re.match(r"spiders\b|crawler\.demo\.spiders\.", module)]


@pytest.mark.parametrize("spider", OUTLETS, ids=lambda spider: spider.name)
def test_an_outlet_declares_title_domains_and_article_addresses(spider):
    assert spider.title
    assert spider.zone().key
    assert {"key"} <= re.compile(spider.article).groupindex.keys()
    assert spider.article.startswith("^https?://")
    assert spider.allowed_domains


@pytest.mark.parametrize("spider", OUTLETS, ids=lambda spider: spider.name)
def test_every_declared_source_is_a_web_address_of_the_outlet(spider):
    sources = [source.at(spider.home) for source in spider.sources()]
    assert sources
    for source in sources:
        assert is_web_address(source.url)
        assert is_within(source.url, spider.allowed_domains)
    assert len({source.url for source in sources}) == len(sources)


@pytest.mark.parametrize("spider", OUTLETS, ids=lambda spider: spider.name)
def test_an_outlet_declares_its_national_listing(spider):
    assert spider.national
    assert any(source.national for source in spider.sources())


@pytest.mark.parametrize("spider", OUTLETS, ids=lambda spider: spider.name)
def test_a_source_by_day_has_the_day_in_its_address(spider):
    for source in spider.sources():
        assert ("{" in source.url) == isinstance(source, SourceByDay)
        if isinstance(source, SourceByDay):
            days = Span(date(2026, 11, 20), date(2026, 11, 22), spider.zone())
            assert len({visit.url for visit in source.visits(days)}) == 3


@pytest.mark.parametrize("spider", OUTLETS, ids=lambda spider: spider.name)
def test_no_source_is_taken_for_an_article(spider):
    assert not [source.url for source in spider.sources() if spider.key_of(source.url)]


@pytest.mark.parametrize("spider", OUTLETS, ids=lambda spider: spider.name)
def test_an_outlet_can_be_crawled(spider):
    crawl = spider.from_crawler(get_crawler(spider, {"DEMO_URL": "http://localhost:1"}))
    addresses = [visit.url for visit in crawl.assignment.visits()]
    assert all(is_within(address, crawl.allowed_domains) for address in addresses)


# Addresses


def test_every_outlet_has_addresses_here():
    assert ARTICLES.keys() == {spider.name for spider in OUTLETS}


@pytest.mark.parametrize(
    ("name", "address", "key", "section"),
    [(name, *article) for name, articles in ARTICLES.items() for article in articles],
)
def test_an_address_gives_outlet_key_and_section(name, address, key, section):
    outlet = outlets().of(address)
    assert outlet is LOADER.load(name)
    assert outlet.key_of(address) == key
    assert outlet.section_of(address) == section
    assert outlet.key_of(outlet.canonical_url(address)) == key


@pytest.mark.parametrize("address", NO_ARTICLES)
def test_other_pages_are_no_outlets_articles(address):
    assert outlets().of(address) is None


@pytest.mark.parametrize(
    ("name", "address", "canonical"),
    [
        ("samakal", "http://www.samakal.com/capital/article/5/শহর?utm_source=x", f"{SAMAKAL}/capital/article/5"),
        ("jagonews24", f"{JAGONEWS24}/m/national/news/5", f"{JAGONEWS24}/national/news/5"),
        (
            "kalerkantho",
            "http://kalerkantho.com/online/world/2025/11/10/5/",
            f"{KALERKANTHO}/online/world/2025/11/10/5",
        ),
        ("ittefaq", f"{ITTEFAQ}/790972/%E0%A6%86", f"{ITTEFAQ}/790972/"),
        ("prothom_alo", f"{PROTHOM_ALO}/politics/np8ulbsnhs?ref=home#c", f"{PROTHOM_ALO}/politics/np8ulbsnhs"),
    ],
)
def test_a_canonical_address_is_free_of_aliases_and_decoration(name, address, canonical):
    assert LOADER.load(name).canonical_url(address) == canonical


def test_a_day_in_the_address_is_read():
    kalerkantho = LOADER.load("kalerkantho")
    assert str(kalerkantho.day_of(f"{KALERKANTHO}/online/world/2025/11/10/1604174")) == "2025-11-10"
    assert kalerkantho.day_of(f"{KALERKANTHO}/online/world/2025/02/30/1604174") is None
    assert LOADER.load("samakal").day_of(f"{SAMAKAL}/bangladesh/article/1") is None


def test_outlets_are_found_by_name():
    loaded = Outlets.from_settings(Settings({"SPIDER_MODULES": ["spiders"]}))
    assert loaded.named("samakal") is LOADER.load("samakal")
    assert loaded.named("demo_daily") is None
    assert loaded.unknown is Outlet


# The demo


def test_the_demo_is_at_its_setting():
    daily = LOADER.load("demo_daily")
    crawl = daily.from_crawler(get_crawler(daily, {"DEMO_URL": "http://demo.test:1234"}))
    assert next(crawl.assignment.visits()).url == "http://demo.test:1234/daily/national"
    assert crawl.allowed_domains == ["demo.test"]


# Addresses from a file

LINES = (
    f"""\ufeff# addresses to keep

{SAMAKAL}/bangladesh/article/340205/ঋণখেলাপি?utm_source=x
  http://127.0.0.1:8080/any?B=%e0%a7%9f&b=2
not an address
ftp://example.org/file
http://
{SAMAKAL}/bangladesh/article/340205/ঋণখেলাপি?utm_source=x
""".encode()
    + b"https://example.org/\xff\n"
)


def urls(path):
    spider = LOADER.load("urls")
    return spider.from_crawler(get_crawler(spider, {"SPIDER_MODULES": MODULES}), file=str(path))


def started(crawl):
    async def collect():
        return [request async for request in crawl.start()]

    return asyncio.run(collect())


def test_every_address_of_a_file_is_requested_unchanged(tmp_path, caplog):
    path = tmp_path / "addresses"
    path.write_bytes(LINES)
    crawl = urls(path)
    requests = started(crawl)
    assert [request.meta["given"] for request in requests] == [
        f"{SAMAKAL}/bangladesh/article/340205/ঋণখেলাপি?utm_source=x",
        "http://127.0.0.1:8080/any?B=%e0%a7%9f&b=2",
    ]
    assert requests[1].url == "http://127.0.0.1:8080/any?B=%e0%a7%9f&b=2"
    assert requests[0].priority > requests[1].priority
    assert crawl.crawler.stats.get_value("khobor/lines/bad") == 4
    assert "no web address: not an address" in caplog.text


def test_standard_input_gives_addresses_too(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(LINES)))
    assert len(started(urls("-"))) == 2


def test_addresses_of_outlets_have_keys_and_others_have_none(tmp_path):
    path = tmp_path / "addresses"
    path.write_bytes(LINES)
    crawl = urls(path)
    pages = []
    for request in started(crawl):
        response = HtmlResponse(request.url, body=b"<html>", request=request)
        pages.extend(crawl.parse_article(response))
    assert [(page.outlet, page.key) for page in pages] == [("samakal", "340205"), ("urls", None)]
    article = SimpleNamespace(url=pages[1].url, published=None)
    assert crawl.assignment.selection().refusal_of(article, pages[1].listing) is None


def test_an_alias_of_an_outlets_article_belongs_to_the_outlet(tmp_path):
    path = tmp_path / "addresses"
    path.write_text("https://short.example/x\n")
    crawl = urls(path)
    [request] = started(crawl)
    response = HtmlResponse(f"{SAMAKAL}/capital/article/5", body=b"<html>", request=request)
    [page] = crawl.parse_article(response)
    assert (page.outlet, page.key, page.aliases) == ("samakal", "5", ("https://short.example/x",))


@pytest.mark.parametrize(
    "arguments", [{}, {"file": "no/such/file"}, {"file": "."}, {"file": "-", "since": "2022-07-12"}]
)
def test_a_missing_file_or_unknown_argument_is_refused(arguments):
    with pytest.raises(BadArgument) as caught:
        LOADER.load("urls")(**arguments)
    assert "\n" not in str(caught.value)
