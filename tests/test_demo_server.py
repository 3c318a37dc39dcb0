"""The demo newspaper on the wire: pages, listings, HTTP, and its actions."""

from __future__ import annotations

import gzip
import json
import re
import signal
import subprocess
import sys
import time
import unicodedata
from datetime import timedelta
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import pytest
from conftest import ROOT
from demo_client import (
    DAY_SITEMAPS,
    FEEDS,
    NATIONAL_PAGES,
    NEWS_SITEMAPS,
    NEXT_LINKS,
    ROW_LINKS,
    ask,
    locations,
    normal,
    paragraphs_of,
)
from lxml import etree, html
from sandbox import TODAY

from crawler.demo.newspaper import Newspaper
from crawler.demo.outlets import OUTLETS


@pytest.fixture(scope="module")
def newspaper() -> Newspaper:
    return Newspaper(TODAY)


def test_every_article_is_served_with_all_its_paragraphs(demo, newspaper):
    for article in newspaper.articles:
        if article == newspaper.failing:
            continue
        answer = ask(demo, article.path)
        assert answer.status == 200, article.path
        shown = "\n".join(paragraphs_of(answer.body, article.outlet))
        missing = [paragraph.text for paragraph in article.paragraphs if paragraph.text not in shown]
        assert missing == [], article.path


def test_every_article_is_in_exactly_one_day_sitemap(demo, newspaper):
    for name in OUTLETS:
        for day in newspaper.days:
            listed = locations(demo, DAY_SITEMAPS[name].format(day))
            expected = {demo.url + article.path for article in newspaper.of(name) if article.published.date() == day}
            withdrawn = demo.url + newspaper.withdrawn[name].path
            assert set(listed) - {withdrawn} == expected
            assert len(set(listed)) == len(listed)


def test_days_outside_the_30_have_no_sitemap_entries(demo):
    for name, pattern in DAY_SITEMAPS.items():
        for day in (TODAY - timedelta(days=30), TODAY + timedelta(days=1)):
            answer = ask(demo, pattern.format(day))
            if name == "portal":
                assert len(etree.fromstring(answer.body)) == 0
            else:
                assert answer.status == 404


def test_feeds_and_news_sitemaps_hold_the_last_two_days(demo, newspaper):
    for name in OUTLETS:
        recent = {
            demo.url + article.path
            for article in newspaper.of(name)
            if article.published.date() >= TODAY - timedelta(days=1)
        }
        links = etree.fromstring(ask(demo, FEEDS[name]).body).xpath("//item/link/text()")
        assert {link.partition("?")[0] for link in links} == recent
        assert set(locations(demo, NEWS_SITEMAPS[name])) == recent
    tree = etree.fromstring(ask(demo, "/portal/feed/national").body)
    assert {str(category) for category in tree.xpath("//item/category/text()")} == {"জাতীয়"}


@pytest.mark.parametrize("name", list(OUTLETS))
def test_the_national_section_pages_through_to_all_national_articles(demo, newspaper, name):
    found: set[int] = set()
    page = demo.url + NATIONAL_PAGES[name]
    while page:
        tree = html.fromstring(ask(demo, page.removeprefix(demo.url)).text)
        links = [urljoin(page, str(link)) for link in tree.xpath(ROW_LINKS[name])]
        keys = [re.search(r"/(\d{6})(?:/|$)", link) for link in links if "/print/" not in link]
        found |= {int(key[1]) for key in keys if key}
        page = next((urljoin(page, str(link)) for link in tree.xpath(NEXT_LINKS[name])), "")
    expected = {article.id for article in newspaper.of(name) if article.national}
    assert found == expected | {newspaper.withdrawn[name].id}


def test_a_listed_article_of_each_outlet_is_gone(demo, newspaper):
    for name, article in newspaper.withdrawn.items():
        assert demo.url + article.path in locations(demo, DAY_SITEMAPS[name].format(article.published.date()))
        assert ask(demo, article.path).status == 404


def test_aliases_redirect_to_the_address_of_the_article(demo, newspaper):
    daily, portal, tv = (newspaper.of(name)[0] for name in OUTLETS)
    aliases = {
        f"/daily/article/{daily.id}": (301, daily),
        f"/daily/m/{daily.section.slug}/article/{daily.id}": (302, daily),
        f"/daily/sports/article/{daily.id}/x": (301, daily),
        f"/portal/{portal.id}": (301, portal),
        f"/portal/news/{portal.id}": (301, portal),
        f"/tv/?p={tv.id}": (301, tv),
        f"/tv/archives/{tv.id}/": (301, tv),
    }
    for alias, (status, article) in aliases.items():
        answer = ask(demo, alias)
        assert (answer.status, answer.headers["Location"]) == (status, article.path)
    assert ask(demo, daily.path + "?utm_source=rss&utm_medium=feed").status == 200


def test_robots_txt_forbids_the_linked_print_edition(demo, newspaper):
    answer = ask(demo, "/robots.txt")
    rules = RobotFileParser()
    rules.parse(answer.text.splitlines())
    printed = f"/daily/print/article/{newspaper.printed.id}/"
    assert printed in ask(demo, "/daily/national").text
    assert not rules.can_fetch("khobor", demo.url + printed + "x")
    assert rules.can_fetch("khobor", demo.url + "/daily/national")
    assert "Crawl-delay: 0.2" in answer.text
    assert f"Sitemap: {demo.url}/daily/news_sitemap.xml" in answer.text


@pytest.mark.parametrize("target", ["/daily/national", "/portal/national", "/tv/feed/", "article"])
def test_what_is_known_is_answered_with_304(demo, newspaper, target):
    target = newspaper.of("tv")[3].path if target == "article" else target
    first = ask(demo, target)
    assert first.status == 200
    for header, value in (
        ("If_None_Match", first.headers["ETag"]),
        ("If_Modified_Since", first.headers["Last-Modified"]),
    ):
        again = ask(demo, target, **{header: value})
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert ask(demo, target, If_None_Match='"other"').status == 200


def test_outlets_send_gzipped_chunked_and_plain_bodies(demo, newspaper):
    daily, portal, tv = (ask(demo, newspaper.of(name)[0].path, Accept_Encoding="gzip") for name in OUTLETS)
    assert daily.headers["Content-Encoding"] == "gzip"
    assert newspaper.of("daily")[0].title in unicodedata.normalize("NFC", gzip.decompress(daily.body).decode())
    assert portal.headers["Transfer-Encoding"] == "chunked"
    assert portal.headers["Content-Length"] is None
    assert int(tv.headers["Content-Length"]) == len(tv.body)
    assert ask(demo, newspaper.of("daily")[0].path).headers["Content-Encoding"] is None


def test_one_outlet_leaves_the_charset_to_the_page(demo, newspaper):
    types = [ask(demo, newspaper.of(name)[0].path).headers["Content-Type"] for name in OUTLETS]
    assert types == ["text/html", "text/html; charset=utf-8", "text/html; charset=utf-8"]


def test_head_answers_as_get_does_without_a_body(demo):
    for target in NATIONAL_PAGES.values():
        got, head = ask(demo, target), ask(demo, target, "HEAD")
        assert (head.status, head.body, head.headers["ETag"]) == (200, b"", got.headers["ETag"])


def test_unknown_addresses_are_404_pages(demo):
    for target in (
        "/x",
        "/daily/nosuch",
        "/portal/1",
        "/tv/category/none/",
        "/tv/category/national/page/99/",
        "/daily",
    ):
        answer = ask(demo, target)
        assert (answer.status, b"<html" in answer.body) == (404, True)


def test_gets_of_one_address_are_equal(demo, newspaper):
    for target in (*NATIONAL_PAGES.values(), *FEEDS.values(), newspaper.of("portal")[5].path):
        assert ask(demo, target).body == ask(demo, target).body


def test_pages_have_both_forms_of_nukta_and_stray_joiners(demo, newspaper):
    pages = {name: [ask(demo, article.path).text for article in newspaper.of(name)[:20]] for name in OUTLETS}
    assert any("\u09df" in page and "\u09af\u09bc" not in page for page in pages["daily"])
    assert all("\u09df" in page and "\u09af\u09bc" in page for page in pages["portal"])
    assert all("\u09df" not in page for page in pages["tv"])
    assert any("হ\u200c" in page or "ক\u200c" in page for page in pages["portal"])


def test_each_layout_has_its_own_markup_and_boilerplate(demo, newspaper):
    daily, portal, tv = (newspaper.of(name)[-1] for name in OUTLETS)
    daily_page, portal_page, tv_page = (
        html.fromstring(ask(demo, article.path).text) for article in (daily, portal, tv)
    )
    story = json.loads(daily_page.xpath("//script[@type='application/ld+json']/text()")[1])
    assert story["author"]["name"] == story["headline"]
    assert story["datePublished"] == f"{daily.published:%Y-%m-%d %H:%M:%S}"
    assert daily.byline.printed in normal(daily_page.xpath("//div[@class='writter']")[0].text_content())
    assert portal_page.xpath("//span[@class='tts_time']/@data-published") == [portal.published.isoformat()]
    blocks = portal_page.xpath("//script[@type='application/ld+json']/text()")
    assert [json.loads(block)["@type"] for block in blocks][2] == "NewsArticle"
    assert f"postid-{tv.id}" in tv_page.body.get("class")
    assert tv_page.xpath("//link[@rel='shortlink']/@href") == [f"{demo.url}/tv/?p={tv.id}"]
    for words in (
        "Related Articles",
        "Leave a Reply",
        "Back to top button",
        "Less than a minute",
        "Share via Email",
    ):
        assert words in tv_page.text_content()


def test_wire_copy_on_television_ends_with_its_credit(demo, newspaper):
    article = next(article for article in newspaper.of("tv") if article.wire)
    page = html.fromstring(ask(demo, article.path).text)
    last = page.xpath("//div[contains(@class,'entry-content')]/p")[-1].text_content()
    assert last == article.paragraphs[-1].text + " সূত্র: বাসস।"


def test_an_edited_article_has_another_text_date_and_tag(own_demo, newspaper):
    article = newspaper.of("daily")[7]
    first = ask(own_demo, article.path)
    edited = ask(own_demo, f"/_edit?outlet=daily&id={article.id}", "POST")
    assert edited.status == 200
    assert edited.facts["address"] == article.path
    second = ask(own_demo, article.path, If_None_Match=first.headers["ETag"])
    assert second.status == 200
    before, after = (paragraphs_of(answer.body, "daily") for answer in (first, second))
    assert len(set(after) - set(before)) == 1
    assert f"{TODAY}" in second.text.split('"dateModified": "')[1][:10]
    ask(own_demo, f"/_edit?outlet=daily&id={article.id}", "POST")
    assert len(paragraphs_of(ask(own_demo, article.path).body, "daily")) == len(after) + 1


def test_publishing_lists_the_article_first_and_changes_no_other_article(own_demo, newspaper):
    untouched = newspaper.of("tv")[2].path
    before = ask(own_demo, untouched).body
    for section in ("national", "sports"):
        facts = ask(own_demo, f"/_publish?outlet=tv&section={section}", "POST").facts
        assert ask(own_demo, facts["address"]).status == 200
        assert facts["address"] not in {article.path for article in newspaper.articles}
        assert locations(own_demo, NEWS_SITEMAPS["tv"])[0] == own_demo.url + facts["address"]
        assert own_demo.url + facts["address"] in locations(own_demo, DAY_SITEMAPS["tv"].format(TODAY))
        assert facts["address"] in ask(own_demo, f"/tv/category/{section}/").text
    assert ask(own_demo, untouched).body == before


def test_an_outlet_breaks_in_five_ways_and_heals(own_demo, newspaper):
    article = newspaper.of("portal")[6]
    whole = ask(own_demo, article.path).body
    expected = {
        "layout": (200, 200),
        "500": (500, 500),
        "403": (403, 403),
        "challenge": (403, 403),
        "empty": (200, 200),
    }
    for how, statuses in expected.items():
        assert ask(own_demo, f"/_break?outlet=portal&how={how}", "POST").facts["how"] == how
        page, feed = ask(own_demo, article.path), ask(own_demo, "/portal/feed/")
        assert (page.status, feed.status) == statuses
        assert (page.body == whole) == (how == "empty")
        assert ask(own_demo, newspaper.of("tv")[0].path).status == 200
        if how == "layout":
            assert article.paragraphs[0].text not in normal(page.text)
        if how == "challenge":
            assert page.headers["cf-mitigated"] == "challenge"
        if how == "empty":
            assert b"<item>" not in feed.body
            assert locations(own_demo, DAY_SITEMAPS["portal"].format(TODAY)) == []
    assert ask(own_demo, "/_heal", "POST").status == 200
    assert ask(own_demo, article.path).body == whole


def test_invalid_actions_are_rejected(own_demo):
    for action in (
        "/_edit?outlet=daily&id=1",
        "/_edit?outlet=x",
        "/_break?outlet=tv&how=fire",
        "/_publish?outlet=tv&section=x",
    ):
        answer = ask(own_demo, action, "POST")
        assert answer.status == 400
        assert answer.facts["error"]
    assert ask(own_demo, "/_burn", "POST").status == 404


def test_one_article_fails_twice_and_then_heals(own_demo, newspaper):
    assert [ask(own_demo, newspaper.failing.path).status for _ in range(4)] == [500, 500, 200, 200]
    assert own_demo.url + newspaper.failing.path in locations(own_demo, NEWS_SITEMAPS["portal"])


def test_it_starts_within_two_seconds_and_stops_on_a_signal(tmp_path):
    command = [sys.executable, "-m", "crawler.demo", "--port", "0"]
    took = []
    for number in (signal.SIGTERM, signal.SIGINT):
        started = time.monotonic()
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
            took.append(time.monotonic() - started)
            process.send_signal(number)
            assert process.wait(timeout=60) == 0
    assert min(took) < 2


def test_an_invalid_date_and_a_taken_port_are_rejected(demo):
    port = str(urlsplit(demo.url).port)
    for arguments, words in ((["--today", "2026-02-30"], "2026-02-30"), (["--port", port], port)):
        command = [sys.executable, "-m", "crawler.demo", *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert words in done.stderr.splitlines()[-1]
