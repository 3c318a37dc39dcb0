"""The headline of a page, wherever the page shows or states it."""

import pytest
from article_pages import json_ld

from crawler.bengali.text import normalize
from crawler.crawl.spider import NewsSpider
from crawler.extraction.metadata.headline import Headline, find_headline, site_names
from crawler.extraction.page.document import Document

TITLE = "সুন্দরবনের মৌয়ালদের ফিরে আসার অপেক্ষায় গ্রাম"
SHARED = "মৌয়ালদের ফিরে আসার অপেক্ষায় সুন্দরবনের গ্রাম"
SITE = "দৈনিক নদীপথ"
TEXT = "<p>মধু সংগ্রহে যাওয়া ৪০ জন মৌয়াল এখনো ফেরেননি। পরিবারগুলো ঘাটে অপেক্ষা করছে।</p>" * 3
OTHER = "চরের কৃষকেরা এবার বাদাম চাষে লাভ দেখছেন"


def found(body: str, title: str = "", head: str = "") -> Headline:
    page = f"<html><head><title>{title}</title>{head}</head><body>{body}<div>{TEXT}</div></body></html>"
    document = Document(page, "https://news.example/details/77")
    return find_headline(document, NewsSpider, site_names(document, NewsSpider))


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


NAMED = meta("og:site_name", SITE)
H1 = f"<h1>{TITLE}</h1>"


@pytest.mark.parametrize(
    ("body", "title", "head"),
    [
        (H1, TITLE, ""),
        (H1, SITE, ""),
        (H1, "", ""),
        (H1, f"{TITLE} | {SITE}", NAMED),
        (H1, f"{TITLE} | {SITE}", ""),
        (H1, f"{SITE} :: {TITLE}", ""),
        (H1, f"{TITLE} - জাতীয় - {SITE}", NAMED),
        (H1, f"{TITLE} | {SITE}", meta("og:title", f"{TITLE} | {SITE}")),
        (H1, f"{TITLE} * {SITE} * রওশন জাহান", meta("og:title", f"{TITLE} * {SITE} * রওশন জাহান")),
        (H1, "", meta("og:title", f"{TITLE[:30]}...")),
        (H1, SITE, meta("og:title", SITE)),
        (H1, "সত্যের সন্ধানে প্রতিদিন", meta("og:title", "সত্যের সন্ধানে প্রতিদিন")),
        (f"<h1>{SITE}</h1><h2>{TITLE}</h2>", f"{TITLE} | {SITE}", NAMED),
        (f"<h1><a href=/>{SITE}</a></h1><h2>{TITLE}</h2>", f"{TITLE} | {SITE}", ""),
        (f"<h1 class=site-title>{SITE}</h1><h1>{TITLE}</h1>", f"{TITLE} | {SITE}", ""),
        (f"<div class=logo><h1>{SITE}</h1></div><h2>{TITLE}</h2>", f"{TITLE} | {SITE}", ""),
        (f"<h1><img src=/l.png alt=x></h1><h3>{TITLE}</h3>", TITLE, ""),
        (f"<h1>সারাদেশ</h1><h2>{TITLE}</h2>", TITLE, ""),
        (f"<h2><a href=/9>{OTHER}</a></h2><h2>{TITLE}</h2>", TITLE, ""),
        (f"<h1>{TITLE}</h1><h1>{OTHER}</h1>", TITLE, ""),
        (f"<h1>{OTHER}</h1><h1>{TITLE}</h1>", TITLE, ""),
        (f"<div>{TITLE}</div>", f"{TITLE} | {SITE}", ""),
        (f"<div>{TITLE}</div>", f":: {SITE} :: {TITLE}", ""),
        *((f"<h2>{TITLE}{sign}{SITE}</h2>", f"{TITLE}{sign}{SITE}", NAMED) for sign in (" | ", " - ", " :: ", " – ")),
        (f"<h2>{TITLE}</h2>", SITE, NAMED),
        (f"<font size=5><b>{TITLE}</b></font>", SITE, ""),
        (f"<h1><span>সরেজমিন</span> {TITLE}</h1>", f"{TITLE} | {SITE}", ""),
        (f"<h1><small>সরেজমিন</small><br>{TITLE}</h1>", "", meta("og:title", TITLE)),
        (f"<h4>সরেজমিন প্রতিবেদন</h4><h1>{TITLE}</h1>", TITLE, ""),
        ("", f"{TITLE} | {SITE}", NAMED),
        ("", f"{TITLE} | {SITE}", meta("og:title", TITLE)),
        ("", "", json_ld(headline=f"{TITLE} | {SITE}") + NAMED),
    ],
)
def test_the_headline_is_found_without_the_site_name(body: str, title: str, head: str) -> None:
    assert found(body, title, head).text == normalize(TITLE)


@pytest.mark.parametrize("other", [f"<h1>{TITLE}</h1>", json_ld(headline=TITLE), f"<h1>{SHARED}</h1>"])
def test_a_shared_title_wins_where_another_agrees(other: str) -> None:
    headline = found(other if other.startswith("<h1") else "", "", meta("og:title", SHARED) + other)
    assert (headline.text, headline.source) == (normalize(SHARED), "og:title")


def test_a_shared_title_cut_at_a_quote_is_completed() -> None:
    title = 'মৌয়ালেরা বলছেন "আমরা আর বনে যাব না" ঘাটে দাঁড়িয়ে'
    assert found(f"<h1>{title}</h1>", "", f'<meta property="og:title" content="{title}">').text == normalize(title)
