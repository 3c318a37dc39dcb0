"""The rules for every outlet, its addresses, and the outlet of an address."""

import ast
import asyncio
import io
import re
import sys
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
from sandbox import TODAY
from scrapy.http import HtmlResponse
from scrapy.settings import Settings
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.test import get_crawler

from crawler.model.addresses import is_web_address, is_within
from crawler.model.span import BadArgument, Span
from crawler.outlets.declarations import KINDS
from crawler.outlets.loader import Outlets
from crawler.outlets.outlet import TIME_ZONES, Outlet
from crawler.outlets.sources import JsonSection, SourceByDay
from crawler.system import clock

MODULES = ["spiders", "crawler.demo.spiders"]
LOADER = get_spider_loader(Settings({"SPIDER_MODULES": MODULES}))
SPIDERS = [LOADER.load(name) for name in sorted(LOADER.list())]
OUTLETS = [spider for spider in SPIDERS if spider.name != "urls"]
ROOT = Path(__file__).parent.parent
FILES = sorted(path for module in MODULES for path in (ROOT / module.replace(".", "/")).glob("[!_]*.py"))

SAMAKAL = "https://samakal.com"
KALERKANTHO = "https://www.kalerkantho.com"
each_outlet = pytest.mark.parametrize("spider", OUTLETS, ids=lambda spider: spider.name)


@cache
def outlets():
    return Outlets(OUTLETS)


# Rules for all spiders


def test_each_spider_has_a_file_of_its_own_that_its_class_agrees_with():
    assert sorted(path.stem for path in FILES) == sorted(LOADER.list())
    for path in FILES:
        spider = LOADER.load(path.stem)
        assert spider.__module__.rpartition(".")[2] == spider.name == path.stem
        assert spider.__name__ == "".join(part.title() for part in path.stem.split("_")) + "Spider"


def test_spiders_import_no_spiders():
    for path in FILES:
        imported = [node.module for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
        assert not [name for name in imported if re.match(r"spiders\b|crawler\.demo\.spiders\.", name)], path.stem


@each_outlet
def test_an_outlet_declares_its_identity_addresses_and_sources(spider):
    assert spider.title
    assert spider.english.isascii()
    assert spider.kind in KINDS
    assert spider.country in TIME_ZONES
    assert spider.article.startswith("^https?://")
    sources = [source.at(spider.home) for source in spider.sources()]
    assert any(source.national for source in sources)
    assert len({source.url for source in sources}) == len(sources)
    for source in sources:
        assert is_web_address(source.url)
        assert is_within(source.url, spider.allowed_domains)
        assert not spider.key_of(source.url), "no source is taken for an article"


@each_outlet
def test_a_source_by_day_has_the_day_in_its_address(spider):
    for source in spider.sources():
        assert ("{" in getattr(source, "template", source.url)) == isinstance(source, (SourceByDay, JsonSection))
        if isinstance(source, SourceByDay):
            last = date.fromisoformat(source.until) if source.until else clock.today(spider.zone())
            days = Span(last - timedelta(days=2), last, spider.zone())
            assert len({visit.url for visit in source.visits(days)}) == 3


def test_no_outlet_is_less_polite_than_the_default():
    for spider in OUTLETS:
        assert not spider.custom_settings, spider.name
        assert not {"download_delay", "max_concurrent_requests", "user_agent"} & set(dir(spider)), spider.name


@each_outlet
def test_an_outlet_can_be_crawled(spider):
    for days in ({}, {"since": str(TODAY - timedelta(days=2)), "until": str(TODAY - timedelta(days=1))}):
        crawl = spider.from_crawler(get_crawler(spider, {"DEMO_URL": "http://localhost:1"}), **days)
        addresses = [visit.url for visit in crawl.assignment.visits()]
        assert all(is_within(address, crawl.allowed_domains) for address in addresses)
        assert addresses or (days and not spider.days)


# Addresses


@each_outlet
def test_samples_give_outlet_key_and_section(spider):
    assert spider.samples
    for address, expected in spider.samples.items():
        assert outlets().of(address) is spider
        assert (spider.key_of(address), spider.section_of(address)) == expected
        assert spider.key_of(spider.canonical_url(address)) == expected[0]
    for address, canonical in spider.aliases.items():
        assert outlets().of(address) is spider
        assert spider.canonical_url(address) == canonical
        assert spider.canonical_url(canonical) == canonical


@each_outlet
def test_other_pages_are_no_outlets_articles(spider):
    assert spider.others
    assert not isinstance(spider.others, str)
    pages = [*spider.others, f"https://{spider.allowed_domains[0]}/", "https://example.org/bangladesh/article/340205"]
    assert [page for page in pages if outlets().of(page)] == []


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


def test_every_address_of_a_file_is_requested_unchanged(tmp_path):
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
    assert crawl.crawler.stats.get_value("khobor/failed/no-web-address") == 4
    assert crawl.failures()["not an address"] == "no-web-address"


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
