"""The pattern of articles' addresses, learned from links and their texts."""

import re

import pytest

from crawler.crawl.unrecorded import Answer
from crawler.tools.probe.addresses import learn
from crawler.tools.probe.pages import document_of, home_of, links_of

SITE = "https://www.example.com"
HEADLINE = "নদীর পানি বেড়ে তলিয়ে গেছে চরের {} গ্রাম"
ONE_OF_TWO = (["national"], ["world"])
MENU = {f"{SITE}/national": "জাতীয়", f"{SITE}/sports": "খেলা", f"{SITE}/about-us": "আমাদের কথা"}


def learned(paths, menu=MENU, home=f"{SITE}/"):
    links = {f"{SITE}{path}": HEADLINE.format(number) for number, path in enumerate(paths)}
    return learn({**menu, **links}, home)


def parts(pattern, path):
    match = re.match(pattern.expression, f"{SITE}{path}")
    return {name: value for name, value in match.groupdict().items() if value} if match else None


@pytest.mark.parametrize(
    ("paths", "path", "expected"),
    [
        # A number after a section, of which the listing shows one.
        (
            [f"/national/{number}" for number in range(48120, 48130)],
            "/sports/7",
            {"section": "sports", "key": "7"},
        ),
        (
            [f"/{word}/news/{number}/slug-{number}" for number in range(310, 315) for word in ONE_OF_TWO[number % 2]],
            "/country/news/99",
            {"section": "country", "key": "99"},
        ),
        # A day and a slug.
        (
            [f"/2026/11/{20 + day}/nodi-{word}-setu" for day, word in enumerate(("ek", "dui", "tin", "char", "pach"))],
            "/2022/7/12/onno-ek-khobor/",
            {"year": "2022", "month": "7", "day": "12", "key": "onno-ek-khobor"},
        ),
        (
            [f"/{word}/2026-11-24/{number}" for number in range(10_100, 10_106) for word in ONE_OF_TWO[number % 2]],
            "/world/2022-07-12/5",
            {"section": "world", "year": "2022", "month": "07", "day": "12", "key": "5"},
        ),
        # The number in the query, among other parameters.
        (
            [f"/news.php?id={number}" for number in range(4810, 4820)],
            "/news.php?lang=bn&id=12",
            {"key": "12"},
        ),
        (
            [f"/news.php?cat={word}&nid={number}" for number in range(481, 489) for word in ONE_OF_TWO[number % 2]],
            "/news.php?nid=12&cat=world",
            {"section": "world", "key": "12"},
        ),
        # Codes, and numbers at an end of a slug.
        (
            [f"/bangladesh/{word}/{code}9k4r4ov5y" for code in "abcdef" for word in ONE_OF_TWO[code > "c"]],
            "/world/np8ulbsnhs",
            {"section": "world", "key": "np8ulbsnhs"},
        ),
        (
            [f"/national/{number}-nodi-setu.html" for number in range(48120, 48130)],
            "/sports/999-khela.html",
            {"section": "sports", "key": "999"},
        ),
        (
            [f"/news/nodi-setu-{number}" for number in range(148120, 148130)],
            "/news/khela-12345",
            {"key": "12345"},
        ),
        # Slugs alone.
        (
            [f"/{word}-nodi-setu-gram/" for word in ("ek", "dui", "tin", "char", "pach")],
            "/onno-ek-khobor-ekhane/",
            {"key": "onno-ek-khobor-ekhane"},
        ),
    ],
)
def test_a_pattern_reads_key_section_and_day(paths, path, expected):
    pattern = learned(paths)
    assert len(pattern.stories) == len(paths)
    assert parts(pattern, path) == expected
    assert not any(pattern.matches(url) for url in [*MENU, f"{SITE}/", f"{SITE}/national?page=2"])


def test_links_of_cards_have_the_texts_of_their_headings():
    page = b"""<base href="/bn/"><div><a href="7"></a><h3>Rain over the whole country</h3></div>
        <a href="https://other.example/8">x</a><a href="mailto:a@b.c">x</a><a href="7?utm_source=x#top">Rain</a>"""
    document = document_of(Answer(f"{SITE}/national", page, "text/html"))
    assert links_of(document) == {f"{SITE}/bn/7": "Rain over the whole country"}


@pytest.mark.parametrize(
    ("url", "links", "home"),
    [
        ("/national", ["/", "/national/dhaka", "/sports", "/world"], "/"),
        ("/tv/category/national/", ["/", "/tv/", "/tv/category/sports/", "/tv/category/world/"], "/tv/"),
        ("/bn", ["/", "/sports", "/bn/national", "/bn/sports"], "/bn"),
        ("/bn/national", ["/", "/bn", "/bn/sports", "/bn/world"], "/bn"),
        ("/bn", ["/", "/bn/khobor"], "/bn"),
        ("/x", [], "/"),
    ],
)
def test_the_front_page_has_most_sections_below_it(url, links, home):
    assert home_of(f"{SITE}{url}", {f"{SITE}{link}": "" for link in links}) == f"{SITE}{home}"


def test_a_stray_link_leaves_the_word_before_the_slug():
    stories = [f"/news/{word}-nodi-setu-gram" for word in ("ek", "dui", "tin", "char", "pach", "chhoy", "sat")]
    pattern = learned([*stories, "/bn/privacy-policy"])
    assert len(pattern.stories) == len(stories)
    assert parts(pattern, "/bn/onno-ek-khobor-ekhane") is None
