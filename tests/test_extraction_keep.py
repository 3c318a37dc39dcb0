"""EXTRACT_KEEP: each value leaves its lines in the text and is recorded in the row."""

from __future__ import annotations

import pytest

from crawler.crawl.spider import NewsSpider
from crawler.extraction import KEEPABLE, extract
from crawler.model.article import Article
from crawler.model.listing import Page

TITLE = "পাহাড়ি ঢলে ভেসে গেছে কাঠের সেতু"
FIRST = "খাগড়াছড়ির দীঘিনালায় পাহাড়ি ঢলে ভেসে গেছে মাইনী নদীর ওপরের কাঠের সেতু।"
LAST = "উপজেলা প্রকৌশলী জানিয়েছেন, পানি নামলে সেতুটি আবার তৈরি করা হবে।"
PARTS = {
    "captions": (
        "<figure><img src=/a.jpg><figcaption>সেতুর ভাঙা অংশ</figcaption></figure>"
        "<p><img src=/b.jpg></p><p><em>নৌকায় পারাপার</em></p>",
        ["সেতুর ভাঙা অংশ", "নৌকায় পারাপার"],
    ),
    "credits": ("<p>ছবি: সংগৃহীত</p>", ["ছবি: সংগৃহীত"]),
    "related": ("<p><a href=/n/7>গত বছরও ভেসেছিল সেতুটি</a></p>", ["গত বছরও ভেসেছিল সেতুটি"]),
    "cells": ("<table><tr><td>দৈর্ঘ্য</td><td>৪০ মিটার</td></tr></table>", ["দৈর্ঘ্য", "৪০ মিটার"]),
}


def read(*keep: str) -> Article:
    inner = "".join(markup for markup, _ in PARTS.values())
    markup = f"<title>{TITLE}</title><h1>{TITLE}</h1><div class=entry-content><p>{FIRST}</p>{inner}<p>{LAST}</p></div>"
    return extract(Page("urls", "https://hill.example/n/5", markup.encode()), NewsSpider, frozenset(keep))


def test_nothing_of_it_is_kept_by_default() -> None:
    article = read()
    assert article.text.split("\n") == [FIRST, "দৈর্ঘ্য | ৪০ মিটার", LAST]
    assert article.as_json()["extractor"]["keep"] == []


@pytest.mark.parametrize("name", PARTS)
def test_a_value_leaves_its_lines_in_the_text(name: str) -> None:
    article = read(name)
    rows = [] if name == "cells" else ["দৈর্ঘ্য | ৪০ মিটার"]
    assert sorted(article.text.split("\n")) == sorted([FIRST, *PARTS[name][1], *rows, LAST])
    assert article.as_json()["extractor"]["keep"] == [name]


def test_all_values_together_keep_every_line() -> None:
    article = read(*PARTS)
    assert article.text.split("\n") == [FIRST, *(line for _, lines in PARTS.values() for line in lines), LAST]
    assert article.as_json()["extractor"]["keep"] == sorted(KEEPABLE)
