"""What widgets, notices and posts of others leave of a text, and what of it only looks like them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.bengali.text import normalize
from crawler.crawl.spider import NewsSpider
from crawler.extraction import extract
from crawler.model.listing import Page

TITLE = "মহিপুরের চরে নতুন স্কুল, খুশি জেলেপাড়ার শিশুরা"
FIRST = "মহিপুরের চরে একটি প্রাথমিক বিদ্যালয়ের পাঠদান শুরু হয়েছে। এত দিন শিশুদের নৌকায় করে ওপারে যেতে হতো।"
SECOND = "প্রথম দিনেই ভর্তি হয়েছে ৬৩ জন শিক্ষার্থী। তাদের অর্ধেকের বেশি মেয়ে।"
THIRD = "শিক্ষক আছেন চারজন। আরও দুজন আগামী মাসে যোগ দেবেন বলে জানিয়েছেন উপজেলা শিক্ষা কর্মকর্তা।"
TOLD = [FIRST, SECOND, THIRD]


def read(before: str = "", within: str = "", behind: str = "") -> list[str]:
    """Return the paragraphs read from a page whose text is interrupted."""
    told = f"{before}<p>{FIRST}</p><p>{SECOND}</p>{within}<p>{THIRD}</p>{behind}"
    html = (
        f"<html lang=bn><head><meta charset=utf-8><title>{TITLE}</title></head><body><h1>{TITLE}</h1><div>{told}</div>"
    )
    page = Page(
        outlet="urls",
        url="https://news.example/details/51",
        body=html.encode(),
        content_type="text/html",
        fetched_at=datetime(2026, 11, 26, tzinfo=UTC),
    )
    return extract(page, NewsSpider).text.split("\n")


@pytest.mark.parametrize(
    "widget",
    [
        "<p>অনলাইন জরিপ</p><p>চরে কি আরও স্কুল দরকার?</p><p>হ্যাঁ</p><p>না</p><p>ভোট দিন</p>",
        "<div><h4>আবহাওয়া</h4><p>পটুয়াখালী</p><p>২৭°সে</p><p>আর্দ্রতা: ৭০%</p></div>",
        "<p>বিজ্ঞাপনের নিচে আরও খবর রয়েছে</p>",
        "<news-box><news-row>সর্বাধিক পঠিত</news-row><news-row>১. ইলিশের দাম কমেছে মহিপুরে</news-row></news-box>",
        "<div><div onclick='open(1)'>ইলিশের দাম কমেছে মহিপুরে</div></div>",
        "<blockquote><p>Proud of the children of Mohipur.</p>— Char School (@charschool) May 1, 2026</blockquote>",
        "<p>Was this story helpful?</p>",
        "<p>আমাদের টেলিগ্রাম চ্যানেলে যোগ দিন: <a href=https://t.me/x>t.me/x</a></p>",
        "<p>আমাদের হোয়াটসঅ্যাপ গ্রুপে জয়েন করুন</p>",
        "<p>Total Page Visits: 234 - Today Page Visits: 1</p>",
        "<p>এই সংবাদটি পড়া হয়েছে ২৩৪ বার</p>",
        "<p>খবরটি পড়তে স্ক্রল করুন</p>",
        "<p>স্পন্সরড</p>",
        "<p>&gt;&gt; ইলিশের দাম কমেছে মহিপুরে</p>",
        "<div><img src=/a.jpg><span>২ / ৭</span></div>",
    ],
)
def test_what_a_page_sets_between_paragraphs_is_no_text(widget: str) -> None:
    assert read(within=widget) == list(map(normalize, TOLD))


@pytest.mark.parametrize(
    "line",
    [
        "<p>পড়তে লাগবে ৩ মিনিট</p>",
        "<p>প্রচ্ছদ » সারাদেশ » পটুয়াখালী</p>",
        "<ul><li>৪১২ শেয়ার</li><li>১.৩ হাজার লাইক</li></ul>",
        "<p>ফন্ট সাইজ: ছোট বড়</p>",
        "<p>এই ওয়েবসাইট কুকি ব্যবহার করে। ব্রাউজিং চালিয়ে গেলে আপনি তাতে সম্মত বলে ধরা হবে।</p>",
        "<div>শাহানা পারভীন<br>জ্যেষ্ঠ প্রতিবেদক</div>",
    ],
)
def test_what_a_page_sets_over_a_text_is_no_text(line: str) -> None:
    assert read(before=line) == list(map(normalize, TOLD))


@pytest.mark.parametrize(
    "line",
    [
        "<p>প্রকাশিত লেখার দায় লেখকের, কর্তৃপক্ষের নয়।</p>",
        "<p>লেখক: কলামিস্ট ও গবেষক</p>",
        "<p>রাইজিংবিডি/ঢাকা/১৩ আগস্ট ২০২৬/হাসান/সাইফ</p>",
        "<p>ঢাকাটাইমস/১৩আগস্ট/এসএম</p>",
        "<p>নদীপথ নিউজ দেশের অন্যতম জনপ্রিয় অনলাইন সংবাদমাধ্যম। আমরা সত্য ও বস্তুনিষ্ঠ সংবাদ পরিবেশনে অঙ্গীকারবদ্ধ।</p>",
        "<ul class=tags><li>চরাঞ্চল</li><li>শিক্ষা</li><li>পটুয়াখালী</li></ul>",
        "<p>প্রধান সম্পাদক: শাহানা পারভীন, নির্বাহী সম্পাদক: জহির রায়হান</p>",
        "<div>আপনার প্রতিক্রিয়া কী?<br>ভালো ১২<br>মন্দ ৩</div>",
        "<dl><dt>ইমেইল</dt><dd>news@nodipoth.example</dd><dt>ফোন</dt><dd>০২-৫৫০১২৩৪৫</dd><dt>ঠিকানা</dt><dd>ঢাকা</dd></dl>",
        "<p>পাঠকের মন্তব্য (১)</p><p>রাজু</p><p>৩ ঘণ্টা আগে</p><p>খুব ভালো খবর। এমন আরও স্কুল চাই।</p>",
    ],
)
def test_what_a_page_sets_behind_a_text_is_no_text(line: str) -> None:
    assert read(behind=line) == list(map(normalize, TOLD))


@pytest.mark.parametrize(
    "own",
    [
        ["<p>{}</p>", "কিন্তু শিক্ষক কোথায়?"],
        ["<h3>{}</h3>", "যা বলছেন অভিভাবকেরা"],
        ["<p>{}</p>", "ব্যানারে লেখা ছিল, ‘আমাদের নৌকার চ্যানেলে যোগ দিন।’"],
        ["<p>{}</p>", "নদীপথ দেশের সর্বাধিক পঠিত দৈনিক পত্রিকা। এটি ১৯৯৮ সালে যাত্রা শুরু করে।"],
        ["<p>{}</p>", "» কারা ভর্তি হতে পারবে এবার", "» কোথায় আবেদন করতে হবে শিশুদের"],
        ["<p><strong>{}</strong></p>", "নৌকার দিন শেষ"],
        ["<blockquote>{}</blockquote>", "আমার মেয়ে এখন হেঁটে স্কুলে যায়"],
        ["<p>{}</p>", "প্রশ্ন: নতুন ভবন কবে হবে?", "উত্তর: আগামী জুনে।"],
        ["<p>{}</p>", "প্রথম শ্রেণি: ২১ জন", "দ্বিতীয় শ্রেণি: ১৯ জন", "তৃতীয় শ্রেণি: ২৩ জন"],
        ["<p>{}</p>", "নদী আমার ঘর ভেঙেছে বারে বারে", "তবু আমি ফিরে আসি নদীর ধারে"],
    ],
)
def test_short_lines_of_a_text_stay(own: list[str]) -> None:
    form, *lines = own
    html = "".join(map(form.format, lines))
    assert read(within=html) == list(map(normalize, [FIRST, SECOND, *lines, THIRD]))


def test_a_heading_beginning_like_a_front_page_name_is_kept() -> None:
    heading = "হোমিওপ্যাথি পড়েও শিক্ষক"
    assert read(before=f"<h3>{heading}</h3>") == list(map(normalize, [heading, *TOLD]))


@pytest.mark.parametrize(
    "label", ["<p>আরও পড়ুন</p>", "<p><b>আরও পড়ুন:</b></p>", "<h3>আরো খবর</h3>", "<p>সম্পর্কিত খবর</p>"]
)
def test_titles_below_a_related_links_label_are_dropped(label: str) -> None:
    titles = "<ul><li>ইলিশের দাম কমেছে মহিপুরে</li><li>চরে কেন আসে না চিকিৎসক?</li></ul>"
    assert read(within=label + titles) == read(behind=label + titles) == list(map(normalize, TOLD))


def test_a_list_after_a_paragraph_below_related_links_is_kept() -> None:
    rows = ["চতুর্থ শ্রেণি পড়বে সকালে", "পঞ্চম শ্রেণি পড়বে বিকেলে"]
    html = f"<p>আরও পড়ুন</p><p>{THIRD}</p><ul><li>{rows[0]}</li><li>{rows[1]}</li></ul><p>{SECOND} {FIRST}</p>"
    assert read(within=html)[2:6] == list(map(normalize, [THIRD, *rows, f"{SECOND} {FIRST}"]))


def test_a_list_that_a_widget_interrupts_stays_whole() -> None:
    box = "<div><p>আমাদের অ্যাপ নামিয়ে নিন</p><p>Google Play</p></div>"
    rows = ["চতুর্থ শ্রেণি: ১২ জন", "পঞ্চম শ্রেণি: ৯ জন"]
    html = f"<ul><li>{rows[0]}</li></ul>{box}<ul><li>{rows[1]}</li></ul>"
    assert read(within=html) == list(map(normalize, [FIRST, SECOND, *rows, THIRD]))
