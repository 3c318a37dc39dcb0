"""Extraction: saved pages of each layout, and the traps of titles, texts, dates, credits and encodings."""

from __future__ import annotations

import html
import json
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from article_pages import json_ld, page_of, read, refusal
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from crawler.bengali.text import normalize
from crawler.crawl.spider import NewsSpider
from crawler.extraction import EXTRACTOR, NotAnArticle
from crawler.model.article import Article, Author, article_id
from crawler.model.listing import Listing
from crawler.outlets import platforms

PAGES = Path(__file__).parent / "pages"
SAVED = sorted(PAGES.glob("*.json"))
SCHEMA = Path(__file__).parent.parent / "crawler" / "archive" / "article.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")), format_checker=FormatChecker())

TITLE = "নদীভাঙনে বিলীন স্কুলের নতুন ভবন নির্মাণ শুরু"
FIRST = "যমুনার ভাঙনে বিলীন হওয়া চরগিরিশ প্রাথমিক বিদ্যালয়ের নতুন ভবনের কাজ শুরু হয়েছে। আগামী জুনে ক্লাস বসবে সেখানে।"
SECOND = "প্রধান শিক্ষক শাহানা পারভীন বলেন, গত দুই বছর খোলা আকাশের নিচে পড়াশোনা করেছে দুই শ শিশু।"


class DailySpider(NewsSpider):
    """An outlet whose pages name nothing for machines."""

    name = "daily"
    title = "দৈনিক নদীপথ"
    allowed_domains = ["daily.example"]
    article = r"https://daily\.example/(?P<section>[a-z]+)/(?P<key>\d+)"
    canonical = "https://daily.example/{section}/{key}"
    container = "#text"
    headline = ".head"
    byline = ".who"
    date = ".when"
    section_label = ".where"
    unwanted = ".wrong"


def a_page(body: str = f"<p>{FIRST}</p><p>{SECOND}</p>", head: str = "", title: str = TITLE, around: str = "") -> str:
    return page_of(f"<h1>{title}</h1>{around}<div class=entry-content>{body}</div>", title, head)


@pytest.mark.parametrize("ruled", [False, True], ids=["without rules", "by the platform's rules"])
@pytest.mark.parametrize("saved", SAVED, ids=lambda path: path.stem)
def test_each_saved_page_gives_the_article_expected_of_it(saved: Path, ruled: bool) -> None:
    wanted = json.loads(saved.read_text("utf-8"))
    outlet = getattr(platforms, wanted["platform"]) if ruled and wanted["platform"] else NewsSpider
    row = read(saved.with_suffix(".html").read_bytes(), outlet, url=wanted["url"]).as_json()
    VALIDATOR.validate(row)
    row["text"] = row["text"].split("\n")
    row["published"] = list(row["published"].values())
    row["modified"] = row["modified"]["at"] if row["modified"] else None
    expected = {key: value for key, value in wanted.items() if key != "platform"}
    assert {key: row[key] for key in expected} == expected


@pytest.mark.parametrize("path", sorted(PAGES.glob("refused_*.html")), ids=lambda path: path.stem)
def test_pages_that_are_no_articles_are_refused_with_their_reason(path: Path) -> None:
    expected = path.stem.removeprefix("refused_").replace("_", "-")
    assert refusal(path.read_bytes(), url="https://news.example/national/x") == expected


@pytest.mark.parametrize(
    ("status", "reason"), [(404, "not-found"), (410, "not-found"), (403, "challenge"), (503, "error-page")]
)
def test_an_http_error_yields_no_article(status: int, reason: str) -> None:
    assert refusal(a_page(), http_status=status) == reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 \x00\x01", "not-html"),
        (b'{"title": "x"}', "not-html"),
        (b"<?xml version='1.0'?><rss><channel/></rss>", "not-html"),
        (b"\x00\x01\x02\x00\xff" * 400, "not-html"),
        ("শুধু লেখা, কোনো চিহ্ন নেই।".encode(), "not-html"),
        (b"<html><body><h1></h1></body></html>", "empty"),
    ],
)
def test_what_is_no_page_of_text_is_refused(body: bytes, reason: str) -> None:
    assert refusal(body) == reason


def test_halves_of_characters_in_the_data_of_a_page_are_replaced() -> None:
    half = "\ud83d"
    fields = {"articleSection": f"দেশ {half}", "keywords": [f"বন্যা {half}"], "description": f"কথা {half}"}
    fields |= {"headline": f"{TITLE} {half}", "author": {"@type": "Person", "name": f"রহিম উদ্দিন {half}"}}
    article = read(a_page(head=json_ld(**fields)))
    assert "\\ud83d" not in json.dumps(article.as_json())


def test_a_front_page_is_a_listing() -> None:
    assert refusal(a_page(), url="https://news.example/") == "listing"


def test_a_title_escaped_twice_is_read_as_it_was_meant() -> None:
    title = "‘আর নয়’ বললেন কৃষক & শ্রমিক"
    told = html.escape(html.escape(title))
    markup = a_page(head=json_ld(headline=told), title="").replace("<h1></h1>", "")
    assert read(markup).title == normalize(title)


def test_joiners_that_carry_meaning_survive_in_title_and_text() -> None:
    title = "র\u200d্যাবের অভিযানে উদ্\u200cযাপনের সামগ্রী জব্দ"
    text = "হৃদ্\u200cরোগ ইনস্টিটিউটে র\u200d্যাব সদস্যরা গেলেন। সেখানে তাঁরা দিনটি উদ্\u200cযাপন করেন সবার সঙ্গে।"
    article = read(a_page(f"<p>{text}</p>", title=title))
    assert (article.title, article.text) == (title, text)


def test_both_forms_of_nukta_come_out_as_one() -> None:
    precomposed = "বাংলাদেশের মানুষ আষা\u09dd মাসে বা\u09dcি ফেরে, এটাই জাতী\u09df ঐতিহ্য বলে জানান গবেষকেরা সবাই।"
    text = read(a_page(f"<p>{precomposed}</p>")).text
    assert text == normalize(precomposed)
    assert not {"\u09dc", "\u09dd", "\u09df"} & set(text)


def test_a_consent_dialog_is_neither_headline_nor_text() -> None:
    consent = "We won't sell or share your personal information to inform the ads you see on this site, ever."
    dialog = f"<div role=dialog><h1>Opt out of the sale of data</h1><p>{consent}</p></div>"
    listing = "".join(f'<h3><a href="/{i}">একটি খবরের শিরোনাম এখানে {i}</a></h3>' for i in range(12))
    assert refusal(f"<title>মতামত</title><h1>মতামত</h1>{listing}{dialog}") in {"listing", "empty"}
    assert read(a_page(around=dialog)).title == TITLE


@pytest.mark.parametrize(
    "lines",
    [
        f"{TITLE}<br>নিজস্ব প্রতিবেদক<br>প্রকাশ: ২৩ নভেম্বর ২০২৬",
        "<b>নিজস্ব প্রতিবেদক</b><br>প্রকাশ: ২১ নভেম্বর ২০২৬, ১০:৩৪",
    ],
)
def test_title_byline_and_date_before_the_text_are_no_text(lines: str) -> None:
    article = read(a_page(f"{lines}<br><br>{FIRST}<br><br>{SECOND}"))
    assert article.text == normalize(f"{FIRST}\n{SECOND}")
    assert article.authors == [Author(normalize("নিজস্ব প্রতিবেদক"), "desk")]


def test_raw_newlines_in_a_json_ld_body_separate_paragraphs() -> None:
    broken = f'{{"@type": "NewsArticle", "headline": "{TITLE}", "articleBody": "{FIRST}\n{SECOND}",}}'
    markup = f"<title>{TITLE}</title><h1>{TITLE}</h1><div id=app>Loading</div>"
    article = read(f'{markup}<script type="application/ld+json">{broken}</script>')
    assert article.text.split("\n") == [normalize(FIRST), normalize(SECOND)]


def test_the_encoding_that_the_server_declares_is_used() -> None:
    text = "<p>Городской музей снова открыт для посетителей после долгого ремонта здания.</p>"
    markup = a_page(text, title="Музей открыт снова").replace("<meta charset=utf-8>", "")
    article = read(markup.encode("cp1251"), content_type="text/html; charset=windows-1251")
    assert article.title == "Музей открыт снова"


def date_of(article: Article) -> tuple[str, str, str] | None:
    found = article.published
    return (found.at.isoformat(), found.precision, found.source) if found else None


def test_structured_dates_precede_visible_listing_and_url_dates() -> None:
    sources = {
        "json-ld": json_ld(headline=TITLE, datePublished="2026-11-20T08:00:01+06:00"),
        "microdata": '<span itemprop="datePublished" content="2026-11-19T08:00:02+06:00"></span>',
        "meta": '<meta property="article:published_time" content="2026-11-18T08:00:03+06:00">',
        "time": '<time datetime="2026-11-17T08:00:04+06:00"></time>',
        "visible": "<p>প্রকাশ: ১৬ নভেম্বর ২০২৬, ০৮:০০</p>",
    }
    listing = Listing("x", published=datetime(2026, 11, 15, 8, 0, tzinfo=UTC))
    url = "https://news.example/2026/11/14/nodi"
    remaining = dict(sources)
    for source in sources:
        markup = a_page(around="".join(remaining.values()))
        assert (date_of(read(markup, url=url, listing=listing)) or ("", "", ""))[2] == source
        del remaining[source]
    assert date_of(read(a_page(), url=url, listing=listing)) == ("2026-11-15T14:00:00+06:00", "second", "listing")
    assert date_of(read(a_page(), url=url)) == ("2026-11-14T00:00:00+06:00", "day", "url")


def test_a_value_without_a_zone_is_local_to_the_outlet() -> None:
    head = json_ld(headline=TITLE, datePublished="2009-08-01 10:00:00")
    assert date_of(read(a_page(head=head))) == ("2009-08-01T10:00:00+07:00", "second", "json-ld")


def test_a_visible_time_without_a_zone_does_not_change_a_stated_one() -> None:
    head = json_ld(headline=TITLE, datePublished="2026-11-20T16:00:30Z")
    markup = a_page(head=head, around="<p>প্রকাশ: ২০ নভেম্বর ২০২৬, ১৬:০০</p>")
    assert date_of(read(markup)) == ("2026-11-20T22:00:30+06:00", "second", "json-ld")


def test_a_visible_time_makes_a_structured_day_exact() -> None:
    head = json_ld(headline=TITLE, datePublished="2026-11-20")
    markup = a_page(head=head, around="<p>প্রকাশ: ২০ নভেম্বর ২০২৬, ১৬:০০</p>")
    assert date_of(read(markup)) == ("2026-11-20T16:00:00+06:00", "minute", "visible")


def test_a_modification_is_no_publication() -> None:
    article = read(a_page(head=json_ld(headline=TITLE, dateModified="2026-11-20T10:00:00+06:00")))
    assert article.modified is not None
    assert article.modified.as_json() == {
        "at": "2026-11-20T10:00:00+06:00",
        "precision": "second",
        "source": "json-ld",
    }


def test_a_listing_may_know_the_day_only() -> None:
    listing = Listing("x", published=date(2026, 11, 23))
    assert date_of(read(a_page(), listing=listing)) == ("2026-11-23T00:00:00+06:00", "day", "listing")


@pytest.mark.parametrize("author", [TITLE, "নদীর খবর", "admin", "Satter", "newsdesk", "https://facebook.com/nodi"])
def test_headlines_site_names_and_logins_are_no_authors(author: str) -> None:
    head = json_ld(headline=TITLE, author={"@type": "Person", "name": author}, publisher={"name": "নদীর খবর"})
    assert read(a_page(head=head)).authors == []


def test_several_authors_are_read_from_json_ld() -> None:
    head = json_ld(headline=TITLE, author=[{"name": "রওশন জাহান"}, {"name": "বিশেষ প্রতিনিধি"}])
    assert read(a_page(head=head)).authors == [
        Author("রওশন জাহান", "person"),
        Author("বিশেষ প্রতিনিধি", "desk"),
    ]


def test_the_agency_credit_and_the_dateline_are_read() -> None:
    body = f"<p>ঢাকা, ১২ জুলাই, ২০২২ (বাসস): {FIRST}</p><p>{SECOND} সূত্র: বাসস।</p>"
    article = read(a_page(body))
    assert article.agencies == ["BSS"]
    assert article.dateline is not None
    assert (article.dateline.place, article.dateline.date) == ("ঢাকা", "2022-07-12")
    assert article.text.startswith("ঢাকা, ১২ জুলাই")


def test_hooks_change_the_page_before_and_the_article_after() -> None:
    class HookedSpider(DailySpider):
        @classmethod
        def prepare(cls, document: Any) -> None:
            document.find(".//h1").set("class", "head")

        @classmethod
        def finish(cls, article: Article, document: Any) -> None:
            article.subtitle = document.find(".//h1").text

    article = read(a_page(f"<div id=text><p>{FIRST}</p></div>"), HookedSpider)
    assert (article.title, article.subtitle) == (TITLE, TITLE)


def test_the_key_given_with_a_page_makes_its_id() -> None:
    assert read(a_page(), key="alias-9").id == article_id("urls", "alias-9")
    assert read(a_page()).id == article_id("urls", "https://news.example/details/77")


def test_warnings_report_short_foreign_and_legacy_texts_and_opt_outs() -> None:
    wishes = '<meta name="robots" content="index, noarchive, noai"><meta name="tdm-reservation" content="1">'
    english = "The museum of the city was opened again yesterday after three years of work on its roof."
    article = read(a_page(f"<p>{english}</p>", head=wishes, title="Museum opened again"))
    assert article.language == "en"
    assert article.warnings == ["no-date", "short-text", "not-bengali", "noarchive", "noai", "tdm-reservation"]
    bijoy = "evsjv‡`k miKvi †`‡ki cÖwZwU †Rjvq GKwU K‡i bZzb cvVvMvi wbg©v‡Yi wm×všÍ wb‡q‡Q| " * 3
    legacy = read(a_page(f'<p><font face="SutonnyMJ">{bijoy}</font></p>', title="cvVvMvi wbg©vY ïiæ"))
    assert "legacy-font" in legacy.warnings
    assert "not-bengali" not in legacy.warnings


def test_an_article_says_which_extractor_made_it() -> None:
    assert read(a_page()).extractor == EXTRACTOR
    assert "+trafilatura-" in EXTRACTOR.version


@pytest.mark.parametrize(
    "markup",
    [
        a_page("<div>" * 1_000 + f"<p>{FIRST}</p>" + "</div>" * 1_000),
        "<div>" * 1_000 + a_page(),
        a_page() + "<font>" * 1_000,
        a_page(head='<script type="application/ld+json">' + '{"a":[' * 100_000 + "</script>"),
    ],
    ids=["the text", "the page", "what follows", "its data"],
)
def test_deep_nesting_keeps_the_text_and_takes_under_five_seconds(markup: str) -> None:
    started = time.process_time()
    assert read(markup).text.startswith(normalize(FIRST))
    assert time.process_time() - started < 5


BASES = [path.read_bytes() for path in sorted(PAGES.glob("*.html"))]
SPLINTERS = [
    *(b"<div>", b"</div>", b"</p>", b"<table><tr>", b"<!--", b"<script>", b"\0", b"\xff\xfe", b"\xe0\xa6"),
    *(b"<h1>", b"</h1>", b"&#x110000;", b'<base href="http://[">', b'<link rel=canonical href="http://[x">'),
    *(b'<time datetime="2026-99-99">', b'<span data-published="99999999999999999999">', b"{", b"]", b'"', b"'"),
]


@st.composite
def mutated_pages(draw: st.DrawFn) -> bytes:
    page = bytearray(draw(st.sampled_from(BASES)))
    for _ in range(draw(st.integers(1, 8))):
        start = draw(st.integers(0, len(page)))
        length = draw(st.integers(0, 400))
        page[start : start + length] = draw(st.sampled_from(SPLINTERS) | st.binary(max_size=20))
    return bytes(page)


def outcome(page: bytes) -> dict[str, Any] | str:
    try:
        return read(page).as_json()
    except NotAnArticle as error:
        return error.reason


@given(mutated_pages())
@settings(max_examples=150)
def test_a_damaged_page_gives_a_valid_article_or_a_refusal(page: bytes) -> None:
    row = outcome(page)
    if isinstance(row, dict):
        VALIDATOR.validate(row)
        assert row["text"] == normalize(row["text"])


@given(st.binary(max_size=300))
@settings(max_examples=100)
def test_bytes_of_any_kind_are_refused_or_read(body: bytes) -> None:
    assert outcome(body)


def test_a_title_drops_the_site_name_absent_from_page_data() -> None:
    news = {"title": TITLE, "body": f"<p>{FIRST}</p><p>{SECOND}</p>"}
    script = f'<script id="__NEXT_DATA__" type="application/json">{json.dumps({"news": news})}</script>'
    markup = f"<html><head><title>{TITLE} | দৈনিক নদীপথ</title></head><body><div></div>{script}</body></html>"
    assert read(markup).title == TITLE


@pytest.mark.parametrize(
    "told",
    [
        {"author_name": "রংপুর প্রতিনিধি", "category_name": "সারাদেশ", "publish_at": "2026-11-20 10:34:00"},
        {"ReporterName": "রংপুর প্রতিনিধি", "Category": "সারাদেশ", "PublishedAt": "2026-11-20T10:34:00+06:00"},
        {
            "author": {"data": {"attributes": {"name": "রংপুর প্রতিনিধি"}}},
            "category": {"data": {"attributes": {"name": "সারাদেশ"}}},
            "publishedAt": "2026-11-20T04:34:00.000Z",
        },
    ],
)
def test_page_data_fields_are_read_under_any_key_spelling(told: dict[str, object]) -> None:
    news = {"headline": TITLE, "body": f"<p>{FIRST}</p>", **told}
    script = f'<script id="__NEXT_DATA__" type="application/json">{json.dumps({"news": news})}</script>'
    article = read(f"<html><head><title>{TITLE}</title></head><body><div></div>{script}</body></html>")
    assert ([author.name for author in article.authors], article.section) == ([normalize("রংপুর প্রতিনিধি")], "সারাদেশ")
    assert article.published is not None
    assert article.published.at.isoformat() == "2026-11-20T10:34:00+06:00"


def test_the_clock_line_under_a_text_dates_it() -> None:
    signed = "<p>বাংলাদেশ সময়: ২৩০২ ঘণ্টা, নভেম্বর ২০, ২০২৬<br>এমএস/এমজে</p>"
    article = read(a_page(f"<p>{FIRST}</p><p>{SECOND}</p>{signed}"))
    assert article.text == normalize(f"{FIRST}\n{SECOND}")
    assert article.published is not None
    assert article.published.at.isoformat() == "2026-11-20T23:02:00+06:00"


def test_a_shared_line_of_dashes_does_not_match_two_texts() -> None:
    head = json_ld(headline=TITLE, articleBody=f"{FIRST}{'-' * 600}{SECOND}{'-' * 600}")
    assert FIRST in read(a_page(f"<p>{SECOND}</p><p>{SECOND} {'-' * 60}</p>", head)).text


def test_an_author_reference_is_resolved_in_the_json_ld_graph() -> None:
    graph = [
        {"@type": "NewsArticle", "headline": TITLE, "author": {"@id": "#/person/7"}},
        {"@type": "Person", "@id": "#/person/7", "name": "শাহানা পারভীন"},
    ]
    head = f'<script type="application/ld+json">{json.dumps({"@graph": graph})}</script>'
    assert read(a_page(head=head)).authors == [Author("শাহানা পারভীন", "person")]


@pytest.mark.parametrize(
    "line",
    [
        "<div><button>খবরটি শুনুন</button><a href=#>প্রিন্ট</a><a href=#>কপি করুন</a></div>",
        "<time>১০:৩১</time>",
    ],
)
def test_buttons_and_post_times_are_not_paragraphs(line: str) -> None:
    assert read(a_page(f"<div>{line}<p>{FIRST}</p></div><div>{line}<p>{SECOND}</p></div>")).text == normalize(
        f"{FIRST}\n{SECOND}"
    )


def test_a_long_list_of_popular_stories_is_not_text() -> None:
    told = "আরেক খবরের প্রথম কয়েকটি বাক্য এখানে দাঁড়িয়ে আছে। পাঠক চাইলে পুরোটা পড়তে পারেন। " * 4
    rows = "".join(f"<div><h4><a href=/{n}>আরেকটি খবরের শিরোনাম {n}</a></h4><p>{told}{n}।</p></div>" for n in range(5))
    markup = (
        f"<h1>{TITLE}</h1><div class=b3><p>{FIRST}</p><p>{SECOND}</p></div><div class=popular><h3>পঠিত</h3>{rows}</div>"
    )
    page = f"<html><head><title>{TITLE}</title></head><body><div>{markup}</div></body></html>"
    assert read(page).text == normalize(f"{FIRST}\n{SECOND}")


def test_live_blog_posts_with_self_linking_headings_are_kept() -> None:
    posts = "".join(
        f"<div class=post><h4><a href='#p{n}'>খবরের {n} নম্বর অংশের শিরোনাম</a></h4><p>{FIRST} {n}।</p></div>"
        for n in range(4)
    )
    assert read(a_page(posts)).text.count(normalize(FIRST)) == 4


def test_a_short_line_after_a_captioned_figure_is_text() -> None:
    figure = "<figure><img src=/a.jpg><figcaption>নদীর পাড়ে মানুষের ভিড় | ছবি: নদীপথ</figcaption></figure>"
    line = "অভিযানে যাচাই করা দোকান: ৩৭টি"
    article = read(a_page(f"{FIRST}<br><br>{figure}{line}<br><br>{SECOND}"))
    assert article.text == normalize(f"{FIRST}\n{line}\n{SECOND}")


def test_a_short_last_sentence_after_a_story_card_is_kept() -> None:
    card = "<div class=c1><a href=/7><img src=/t.jpg><h5>আরেকটি খবরের শিরোনাম এখানে</h5></a></div>"
    article = read(a_page(f"<p>{FIRST}</p><p>{SECOND}</p>{card}<p>উত্তর মিলবে মে মাসে।</p>"))
    assert article.text == normalize(f"{FIRST}\n{SECOND}\nউত্তর মিলবে মে মাসে।")


def test_a_box_about_the_author_under_the_text_names_none() -> None:
    box = "<div class=author-box><h4>লেখক পরিচিতি</h4><p>প্রতিবেদনটি তৈরি করেছে নদীপথের ডেস্ক</p></div>"
    body = f"<h1>{TITLE}</h1><p class=byline>নিজস্ব প্রতিবেদক</p><p>{FIRST}</p><p>{SECOND}</p>{box}"
    page = f"<html><head><title>{TITLE}</title></head><body><div itemprop=articleBody>{body}</div></body></html>"
    article = read(page)
    assert article.authors == [Author(normalize("নিজস্ব প্রতিবেদক"), "desk")]
    assert article.text == normalize(f"{FIRST}\n{SECOND}")
