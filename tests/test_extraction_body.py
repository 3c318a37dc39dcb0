"""Extraction of the text: old and odd markup, embeds and appeals, and sentences that only look like furniture."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.crawl.spider import NewsSpider
from crawler.extraction import extract
from crawler.model.article import Article, Author
from crawler.model.listing import Page

TITLE = "পাহাড়ি ঢলে ভেসে গেছে কাঠের সেতু"
FIRST = "খাগড়াছড়ির দীঘিনালায় পাহাড়ি ঢলে ভেসে গেছে মাইনী নদীর ওপরের কাঠের সেতু। এতে বিপাকে পড়েছে ১২ গ্রামের মানুষ।"
SECOND = "স্থানীয় বাসিন্দা জ্যোতি চাকমা বলেন, এখন নৌকায় নদী পার হতে হচ্ছে তাঁদের।"
THIRD = "উপজেলা প্রকৌশলী জানিয়েছেন, পানি নামলে সেতুটি আবার তৈরি করা হবে।"
WHOLE = f"{FIRST}\n{SECOND}\n{THIRD}"


def read(content: str, title: str = TITLE) -> Article:
    markup = f"<html><head><meta charset=utf-8><title>{title}</title></head><body>{content}</body></html>"
    page = Page("urls", "https://hill.example/n/5", markup.encode(), fetched_at=datetime(2026, 11, 24, tzinfo=UTC))
    return extract(page, NewsSpider)


def in_container(*parts: str) -> Article:
    return read(f"<h1>{TITLE}</h1><div class=entry-content>{''.join(parts)}</div>")


def p(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def test_lines_above_the_headline_of_a_table_layout_are_dropped() -> None:
    rows = ["সারাদেশ", f"<b>{TITLE}</b>", "জ্যোতি ত্রিপুরা", "প্রকাশিত : ১৩ আগস্ট, ২০২৬", p(FIRST, SECOND, THIRD)]
    table = "".join(f"<tr><td><font size=2>{row}</font></td></tr>" for row in rows)
    menu = "<td>" + "".join(f"<a href=/{n}>খবর {n}</a><br>" for n in range(8)) + "</td>"
    others = "<td>" + "".join(f"<a href=/o{n}>অন্য খবর {n}</a><br>{n} নভেম্বর ২০২৬<br>" for n in range(1, 5)) + "</td>"
    assert read(f"<table><tr>{menu}<td><table>{table}</table></td>{others}</tr></table>").text == WHOLE


@pytest.mark.parametrize("style", [" style='display: block'", ""], ids=["by style", "each a sentence"])
def test_spans_that_are_paragraphs_are_paragraphs(style: str) -> None:
    spans = "".join(f"<span{style}>{text}</span>" for text in (FIRST, SECOND, THIRD))
    assert in_container(spans).text == WHOLE


def test_spans_inside_a_paragraph_part_nothing() -> None:
    assert in_container(f"<p><span>{FIRST}</span> <span>{SECOND}</span></p>", p(THIRD)).text == (
        f"{FIRST} {SECOND}\n{THIRD}"
    )


@pytest.mark.parametrize(
    "embed",
    [
        "<blockquote class=twitter-tweet><p>আজ পাহাড়ে বৃষ্টি হয়েছে সারা দিন।</p>— Hill (@hill) May 1, 2026</blockquote>",
        "<blockquote class=instagram-media><p>সেতুর ছবি দেখুন এখানে, সবাই দেখছে।</p></blockquote>",
        "<p>— Hill News (@hillnews) <a href=https://t.example/1>May 1, 2026</a></p>",
        "<p>সর্বশেষ সংবাদ পেতে আমাদের ফেসবুক পেজে লাইক দিয়ে সাথেই থাকুন।</p>",
        "<p>আরএন/এমএ</p><p>নতুন খবর পেতে আমাদের ফেসবুক পেজে লাইক দিয়ে সঙ্গেই থাকুন।</p>",
        "<p>নতুন খবর পেতে আমাদের ফেসবুক পেজে লাইক দিয়ে সঙ্গেই থাকুন।</p><p>আরএন/এমএ</p>",
    ],
)
def test_embeds_appeals_and_initials_are_no_text(embed: str) -> None:
    assert in_container(p(FIRST, SECOND, THIRD), embed).text == WHOLE


@pytest.mark.parametrize(
    "sentence",
    [
        "পুলিশ জানায়, ‘আমাদের ইউটিউব চ্যানেল সাবস্ক্রাইব করুন’, এ কথা লিখে টাকা নিত প্রতারক চক্রটি।",
        "কপিরাইট নিবন্ধন সহজ হচ্ছে বলে জানান সচিব",
        "ছবি: যে মানুষটির ক্যামেরায় বদলে গেল পাহাড়",
        "<a href=/9>গত বছরের বন্যাতেও সেতুটির একাংশ ভেসে গিয়েছিল, তখন তিন মাস বন্ধ ছিল চলাচল।</a>",
    ],
)
def test_sentences_that_look_like_furniture_stay(sentence: str) -> None:
    text = sentence.removeprefix("<a href=/9>").removesuffix("</a>")
    for parts in ((sentence, FIRST, SECOND), (FIRST, sentence, SECOND)):
        assert text in in_container(p(*parts)).text.split("\n")


def test_a_credit_under_a_picture_is_no_text() -> None:
    assert in_container("<img src=/a.jpg>", p("ছবি: জ্যোতি চাকমা", FIRST, SECOND, THIRD)).text == WHOLE


def test_the_captions_of_a_photo_story_are_its_text() -> None:
    captions = [FIRST, SECOND, THIRD]
    figures = "".join(
        f"<figure><img src=/{n}.jpg><figcaption>{c}</figcaption></figure>" for n, c in enumerate(captions)
    )
    assert in_container(figures).text == WHOLE
    assert read(f"<article><h1>{TITLE}</h1>{figures}</article>").text == WHOLE
    assert in_container(figures, p(FIRST)).text == FIRST
    linked = "<figure><a href=/n/1><img src=x><figcaption>হাওরে এবার আগাম বন্যায় ধান ডুবেছে কৃষকের।</figcaption></a></figure>"
    assert read(f"<h1>{TITLE}</h1><div class=g>{figures}</div><div class=r>{linked}</div>").text == WHOLE


def test_a_line_naming_the_writer_is_a_byline() -> None:
    line = "<p class=meta>লিখেছেন: জ্যোতি ত্রিপুরা | বিভাগ: সারাদেশ</p>"
    article = read(f"<div><h2>{TITLE}</h2>{line}<div class=entry>{p(FIRST, SECOND, THIRD)}</div></div>")
    assert article.text == WHOLE
    assert article.authors == [Author("জ্যোতি ত্রিপুরা", "person")]


def test_an_editor_box_after_the_text_gives_no_author() -> None:
    box = "<div class=author-box>সম্পাদক: জ্যোতি ত্রিপুরা</div>"
    assert read(f"<div><h1>{TITLE}</h1><div class=xq>{p(FIRST, SECOND, THIRD)}</div>{box}</div>").authors == []


def test_list_items_and_paragraphs_in_hashed_classes_are_kept() -> None:
    items = "".join(f"<li>{text}</li>" for text in ("পদের নাম: সহকারী", "পদ: ৪টি", "বেতন: ২০ হাজার টাকা", "বয়স: ৩০ বছর"))
    text = f"<p>{FIRST}</p><h2>এক নজরে বিজ্ঞপ্তি</h2><ul>{items}</ul><p>{SECOND}</p><p>{THIRD}</p>"
    others = "".join(f"<div><a href=/{n}>আরেকটি খবরের শিরোনাম {n}</a><p>{n} ঘণ্টা আগে</p></div>" for n in range(1, 6))
    story = f"<div class=_2><h1 class=_t>{TITLE}</h1><div class=_q>{text}</div></div>"
    lines = read(f"<div class=_1>{story}<div>{others}</div></div>").text.split("\n")
    assert lines[:3] == [FIRST, "এক নজরে বিজ্ঞপ্তি", "পদের নাম: সহকারী"]
    assert lines[-2:] == [SECOND, THIRD]
