"""The text: what is kept as paragraphs, and what is dropped beside, between and below them."""

from __future__ import annotations

import pytest
from article_pages import json_ld, page_of
from article_pages import read as read_page
from lxml import html

from crawler.bengali.text import normalize
from crawler.crawl.spider import NewsSpider
from crawler.model.article import Article

TITLE = "পাহাড়ি ঢলে ভেসে গেছে কাঠের সেতু"
FIRST = "খাগড়াছড়ির দীঘিনালায় পাহাড়ি ঢলে ভেসে গেছে মাইনী নদীর ওপরের কাঠের সেতু। এতে বিপাকে পড়েছে ১২ গ্রামের মানুষ।"
SECOND = "স্থানীয় বাসিন্দা জ্যোতি চাকমা বলেন, এখন নৌকায় নদী পার হতে হচ্ছে তাঁদের।"
THIRD = "উপজেলা প্রকৌশলী জানিয়েছেন, পানি নামলে সেতুটি আবার তৈরি করা হবে।"
WHOLE = f"{FIRST}\n{SECOND}\n{THIRD}"


def read(content: str, title: str = TITLE) -> Article:
    return read_page(page_of(content, title))


def in_container(*parts: str) -> Article:
    return read(f"<h1>{TITLE}</h1><div class=entry-content>{''.join(parts)}</div>")


TEXT = [FIRST, SECOND, THIRD]


def lines_of(before: str = "", within: str = "", behind: str = "") -> list[str]:
    """Return the paragraphs of a page without class names whose text is interrupted."""
    content = f"{before}<p>{FIRST}</p><p>{SECOND}</p>{within}<p>{THIRD}</p>{behind}"
    return read(f"<h1>{TITLE}</h1><div>{content}</div>").text.split("\n")


def told(lines: list[str]) -> list[str]:
    return list(map(normalize, lines))


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
    "sentence",
    [
        "পুলিশ জানায়, ‘আমাদের ইউটিউব চ্যানেল সাবস্ক্রাইব করুন’, এ কথা লিখে টাকা নিত প্রতারক চক্রটি।",
        "কপিরাইট নিবন্ধন সহজ হচ্ছে বলে জানান সচিব",
        "ছবি: যে মানুষটির ক্যামেরায় বদলে গেল পাহাড়",
        "<a href=/9>গত বছরের বন্যাতেও সেতুটির একাংশ ভেসে গিয়েছিল, তখন তিন মাস বন্ধ ছিল চলাচল।</a>",
    ],
)
def test_sentences_that_look_like_boilerplate_stay(sentence: str) -> None:
    text = sentence.removeprefix("<a href=/9>").removesuffix("</a>")
    for parts in ((sentence, FIRST, SECOND), (FIRST, sentence, SECOND)):
        assert text in in_container(p(*parts)).text.split("\n")


def test_the_captions_of_a_photo_story_are_its_text() -> None:
    captions = [FIRST, SECOND, THIRD]
    figures = "".join(
        f"<figure><img src=/{n}.jpg><figcaption>{c}</figcaption></figure>" for n, c in enumerate(captions)
    )
    assert in_container(figures).text == WHOLE
    assert read(f"<article><h1>{TITLE}</h1>{figures}</article>").text == WHOLE
    linked = "<figure><a href=/n/1><img src=x><figcaption>হাওরে এবার আগাম বন্যায় ধান ডুবেছে কৃষকের।</figcaption></a></figure>"
    assert read(f"<h1>{TITLE}</h1><div class=g>{figures}</div><div class=r>{linked}</div>").text == WHOLE


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


def _bold(*lines: str) -> str:
    return "".join(f"<p><strong>{line}</strong></p>" for line in lines)


def _items(*lines: str) -> str:
    return "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"


def _rows(*rows: str) -> str:
    cells = ("".join(f"<td>{cell}</td>" for cell in row.split("|")) for row in rows)
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


def _lost(text: list[str], markup: str) -> list[str]:
    """Return which words of some markup, and of the sentences around it, a text lacks."""
    said = "\n".join(text)
    words = [*map(str, html.fromstring(f"<div>{markup}</div>").itertext()), FIRST, SECOND, THIRD]
    return [word for word in words if normalize(word) not in said]


@pytest.mark.parametrize(
    "markup",
    [
        _rows("২০২০|৪৫০|৫০০", "২০২১|৪৬০|৫১০"),
        _rows("প্রার্থী|ভোট", "ভোট|১২,৩৪৫"),
        _rows("ভোট|১২,৩৪৫"),
        _rows("শনি|রবি|সোম"),
        p("০১৭১১-১২৩৪৫৬, ০১৮১১-৬৫৪৩২১"),
        p("১০:৩০ – ১১:৩০"),
        p("২৫০/৭ (৫০)"),
        p("২৫০/৭"),
        p("২ + ২ = ৪"),
        p("১২,৩৪৫ ভোট"),
        p("ইউটিউব: ৫০ লাখ ভিউ", "ফেসবুক: ২০ লাখ"),
        p("রবি, সোম, মঙ্গল"),
        _items("ভোট: ৫০০", "কেন্দ্র: ১২"),
        _items("মোট ভোটার: ৫০০", "ভোট: ৫০০"),
    ],
)
def test_figures_of_a_text_stay(markup: str) -> None:
    assert _lost(lines_of(within=markup), markup) == []


@pytest.mark.parametrize(
    "markup",
    [
        p("ঠিকানা: ১২ কলেজ রোড, পটুয়াখালী", "ফোন: ০১৭১১-১২৩৪৫৬", "রেটিং ৪/৫"),
        p("সভাপতি: আজাহার আলী", "সম্পাদক: রওশন আরা"),
        p("প্রধান শিক্ষক, দীঘিনালা উচ্চবিদ্যালয়", "খাগড়াছড়ি, ২০ নভেম্বর ২০২৬"),
        p("এ ঘটনায় থানায় মামলা হয়েছে"),
        p("সূত্র: দ্য গার্ডিয়ান"),
        p("দ্য ইন্ডিয়ান এক্সপ্রেস অবলম্বনে"),
        p("তাহলে দায় কার?"),
        "<h4>‘চরই এখন আমাদের ভরসা’</h4>",
        "<blockquote>আমার মেয়ে এখন হেঁটে স্কুলে যায়</blockquote>",
    ],
)
def test_signatures_and_last_lines_stay(markup: str) -> None:
    assert _lost(lines_of(behind=markup), markup) == []


def test_the_first_lines_of_a_poem_stay() -> None:
    poem = "<p>আমার সোনার বাংলা<br>আমি তোমায় ভালোবাসি<br>চিরদিন তোমার আকাশ, তোমার বাতাস বাজায় বাঁশি।</p>"
    assert _lost(lines_of(before=poem), poem) == []


@pytest.mark.parametrize(
    "lines",
    [
        ["নৌকা থেকে নেমে হেঁটে ইশকুল"],
        ["নদী ভাঙে যে চরে বারে বারে", "সেই চরে ইশকুল বাঁধি"],
    ],
)
def test_short_first_lines_formatted_like_the_text_are_kept(lines: list[str]) -> None:
    assert _lost(lines_of(before=p(*lines)), p(*lines)) == []


@pytest.mark.parametrize(
    "widget",
    [
        "<div><h4>আবহাওয়া</h4><p>পটুয়াখালী</p><p>২৭°সে</p><p>আর্দ্রতা: ৭০%</p></div>",
        "<p>বিজ্ঞাপনের নিচে আরও খবর রয়েছে</p>",
        "<news-box><news-row>সর্বাধিক পঠিত</news-row><news-row>১. ইলিশের দাম কমেছে মহিপুরে</news-row></news-box>",
        "<blockquote><p>Proud of the children of Mohipur.</p>— Char School (@charschool) May 1, 2026</blockquote>",
        "<p>আমাদের টেলিগ্রাম চ্যানেলে যোগ দিন: <a href=https://t.me/x>t.me/x</a></p>",
        "<p>আমাদের হোয়াটসঅ্যাপ গ্রুপে জয়েন করুন</p>",
        "<p>এই সংবাদটি পড়া হয়েছে ২৩৪ বার</p>",
        "<p>স্পন্সরড</p>",
        "<p><b>আগের খবর:</b> <a href=/n/9>হাওরে ধান কাটা শুরু হয়েছে আজ</a></p>",
        "<p>আরও পড়ুন</p><ul><li><a href=/n/1>ইলিশের দাম কমেছে মহিপুরে</a></li></ul>",
        "<div><p><b>আরও পড়ুন এ বিষয়ে:</b></p><p><a href=/n/1>ইলিশের দাম কমেছে মহিপুরে</a></p></div>",
        "<div><img src=/a.jpg><span>২ / ৭</span></div>",
        "<p>আরও পড়ুন: <a href=/x>অন্য একটি খবরের শিরোনাম</a></p>",
        "<p>বিজ্ঞাপন</p>",
        "<p>গুগল নিউজে আমাদের ফলো করুন</p>",
        "<p><img src=x><br>নতুন সেতুর কাজ চলছে</p>",
        "<div class=share-buttons>শেয়ার করুন Facebook</div>",
        "<aside><a href=/x>অন্য খবর</a></aside>",
        "<script>var a = 'লেখা';</script><style>p {}</style>",
        f"<ul><li><a href=/n/4>{TITLE}</a></li></ul>",
    ],
)
def test_boilerplate_between_paragraphs_is_dropped(widget: str) -> None:
    assert lines_of(within=widget) == TEXT
    assert in_container(p(FIRST, SECOND), widget, p(THIRD)).text == WHOLE


@pytest.mark.parametrize(
    "line",
    [
        "<p>পড়তে লাগবে ৩ মিনিট</p>",
        "<ul><li>৪১২ শেয়ার</li><li>১.৩ হাজার লাইক</li></ul>",
        "<div>শাহানা পারভীন<br>জ্যেষ্ঠ প্রতিবেদক</div>",
        "<img src=/a.jpg><p>ছবি: জ্যোতি চাকমা</p>",
    ],
)
def test_boilerplate_before_the_text_is_dropped(line: str) -> None:
    assert lines_of(before=line) == TEXT
    assert in_container(line, p(FIRST, SECOND, THIRD)).text == WHOLE


@pytest.mark.parametrize(
    "line",
    [
        "<p>রাইজিংবিডি/ঢাকা/১৩ আগস্ট ২০২৬/হাসান/সাইফ</p>",
        "<p>ঢাকাটাইমস/১৩আগস্ট/এসএম</p>",
        "<ul class=tags><li>চরাঞ্চল</li><li>শিক্ষা</li><li>পটুয়াখালী</li></ul>",
        "<p>প্রধান সম্পাদক: শাহানা পারভীন, নির্বাহী সম্পাদক: জহির রায়হান</p>",
        "<p>পাঠকের মন্তব্য (১)</p><p>রাজু</p><p>৩ ঘণ্টা আগে</p><p>খুব ভালো খবর। এমন আরও স্কুল চাই।</p>",
        "<div><h4>মন্তব্য (০)</h4><p>আপনার মতামত লিখুন</p></div>",
        "<p>সম্পাদক ও প্রকাশক: দৈনিক নদীপথ</p>",
        "<p>সম্পাদক: রওশন আরা, প্রকাশক: মাহবুব আলী</p>",
        "<p>(নদীপথ/১৫অক্টোবর/এসএম)</p>",
        "<p>নদীপথ/এমএএআর/২৬</p>",
        "<p>[আরও পড়ুন: <a href=/n/1>পদ্মায় ইলিশ কম</a>]</p>",
        "<p>120 Shares</p>",
        "<p>Share on Facebook</p>",
        "<p>এই খবরটি ১২৩ বার পঠিত হয়েছে</p>",
        "<p>গ্রাফিকস: নদীপথ</p>",
        "<blockquote class=twitter-tweet><p>আজ পাহাড়ে বৃষ্টি হয়েছে সারা দিন।</p>— Hill (@hill) May 1, 2026</blockquote>",
        "<blockquote class=instagram-media><p>সেতুর ছবি দেখুন, সবাই দেখছে।</p><a href=https://t.example/2>@hill</a></blockquote>",
        "<p>— Hill News (@hillnews) <a href=https://t.example/1>May 1, 2026</a></p>",
    ],
)
def test_boilerplate_after_the_text_is_dropped(line: str) -> None:
    assert lines_of(behind=line) == TEXT
    assert in_container(p(FIRST, SECOND, THIRD), line).text == WHOLE


def test_a_heading_beginning_like_a_front_page_name_is_kept() -> None:
    heading = "হোমিওপ্যাথি পড়েও শিক্ষক"
    assert lines_of(before=f"<h3>{heading}</h3>") == told([heading, *TEXT])


def test_a_list_after_a_paragraph_below_related_links_is_kept() -> None:
    rows = ["চতুর্থ শ্রেণি পড়বে সকালে", "পঞ্চম শ্রেণি পড়বে বিকেলে"]
    html = f"<p>আরও পড়ুন</p><p>{THIRD}</p><ul><li>{rows[0]}</li><li>{rows[1]}</li></ul><p>{SECOND} {FIRST}</p>"
    assert lines_of(within=html)[2:6] == told([THIRD, *rows, f"{SECOND} {FIRST}"])


WRAPPERS = ["has-medium-font-size", "content-sidebar-wrap", "tag-whatsapp", "no-comments", "single-post caption-off"]


@pytest.mark.parametrize(
    "name", [*WRAPPERS, "hide-on-print", "shareable", "advertorial", "related-to-hill", "meta-wrap"]
)
def test_a_fragment_of_a_class_name_drops_nothing(name: str) -> None:
    story = f"<h1>{TITLE}</h1>{p(FIRST, SECOND, THIRD)}"
    for content in (f"<div class='{name}'>{story}</div>", f"<div class='post {name}'><div>{story}</div></div>"):
        assert read(content).text == WHOLE
    assert in_container(p(FIRST), f"<div class='{name}'>{p(SECOND)}</div>", p(THIRD)).text == WHOLE


@pytest.mark.parametrize(
    "part",
    [
        "<ol><li>চাল আধা কেজি ধুয়ে নিন</li><li>তেলে পেঁয়াজ ভাজুন</li><li>চাল দিয়ে ২০ মিনিট রাখুন</li></ol>",
        "<p>উপকরণ: চাল ৫০০ গ্রাম, ডাল ২৫০ গ্রাম</p><p>চুলা থেকে নামিয়ে পরিবেশন করুন</p>",
        "<p>প্রশ্ন: সেতু কবে হবে?</p><p>উত্তর: আগামী জুনে।</p><p>আর নৌকা?</p>",
        "<p><strong>আপনি কেন শিক্ষকতায় এলেন?</strong></p><p><strong>জ্যোতি চাকমা:</strong> বাবাকে দেখে।</p>",
        "<blockquote><p>নৌকাই এখন আমাদের সেতু</p><cite>জ্যোতি চাকমা</cite></blockquote>",
        "<table><tr><th>উপজেলা</th><th>ক্ষতি</th></tr><tr><td>দীঘিনালা</td><td>১২ গ্রাম</td></tr></table>",
        "<figure class=wp-block-table><table><tr><td>দীঘিনালা</td><td>১২ গ্রাম</td></tr></table></figure>",
        "<div><p>ঢলের আগে চেঙ্গীর পাড়ে আমাদের ঘর ছিল।</p><figure><img src=/a.jpg></figure></div>",
    ],
)
def test_recipes_interviews_quotations_and_tables_stay(part: str) -> None:
    assert _lost(lines_of(within=part), part.replace("</th><th>", " | ").replace("</td><td>", " | ")) == []


def test_short_siblings_of_the_only_sentence_stay() -> None:
    lines = [FIRST, "গত বছর ভেসেছিল দুটি সেতু", "এবার একটি"]
    parts = "".join(f"<div>{line}</div>" for line in lines)
    assert read(f"<h1>{TITLE}</h1><div><div>{parts}</div></div>").text.split("\n") == told(lines)


def test_a_rule_that_drops_much_is_named_in_the_warnings() -> None:
    hidden = f"<div hidden><p>{THIRD}</p></div>"
    assert "text-dropped:hidden" in in_container(p(FIRST, SECOND), hidden).warnings
    assert not [code for code in in_container(p(FIRST, SECOND, THIRD)).warnings if ":" in code]


def test_a_longer_text_in_the_data_makes_the_text_unsure() -> None:
    article = read(f"<h1>{TITLE}</h1>{p(FIRST)}{json_ld(headline=TITLE, articleBody=WHOLE)}")
    assert (article.text, "text-unsure" in article.warnings) == (WHOLE, True)
    assert "text-unsure" not in in_container(p(FIRST, SECOND, THIRD)).warnings


@pytest.mark.parametrize(
    "copies",
    [
        "<div class={0}>{1}</div><div class={0}>{1}</div>",
        "<div class=desktop>{1}</div><div class=mobile>{1}</div>",
        "<article>{1}{1}</article>",
        "<div class=promo-box>{1}</div><div class=promo-box>{1}</div>",
    ],
)
@pytest.mark.parametrize("sentences", [[FIRST], [FIRST, SECOND], [FIRST, SECOND, THIRD]], ids=len)
def test_a_text_that_a_page_holds_twice_is_read_once(sentences: list[str], copies: str) -> None:
    content = copies.format("entry-content", p(*sentences))
    assert read(f"<h1>{TITLE}</h1><div>{content}</div>").text.split("\n") == sentences


@pytest.mark.parametrize("container", [".lead", ":is(.lead, .top)", ".gone, .lead"])
def test_a_container_that_holds_only_the_lead_does_not_hide_the_text(container: str) -> None:
    outlet = type("Hill", (NewsSpider,), {"name": "hill", "container": container})
    rest = p(*(f"পাহাড়ের {number} নম্বর গ্রামেও মানুষ পানি নামার অপেক্ষায় আছেন।" for number in range(20)))
    page = f"<h1>{TITLE}</h1><div class=lead>{p(FIRST)}</div><div class=rest>{rest}</div>"
    article = read_page(page_of(page, TITLE), outlet, outlet="hill")
    assert len(article.text.split("\n")) == 21


def test_what_is_below_a_container_around_the_headline_is_read() -> None:
    outlet = type(
        "Hill", (NewsSpider,), {"name": "hill", "container": ".text", "article": r"https?://[^/]+/(?P<key>\d+)"}
    )
    rest = p(*(f"পাহাড়ের {number} নম্বর গ্রামেও মানুষ পানি নামার অপেক্ষায় আছেন।" for number in range(20)))
    date = "<p>প্রকাশিত: ২৩ নভেম্বর ২০২৬, ১০:১৫</p>"
    page = f"<main><div class=text><h1>{TITLE}</h1>{rest}</div>{date}</main>"
    article = read_page(page_of(page, TITLE), outlet, outlet="hill")
    assert article.published is not None
    assert len(article.text.split("\n")) == 20


def test_paragraphs_in_a_link_that_was_not_closed_are_the_text() -> None:
    assert read(f"<article><h1>{TITLE}</h1><a href=/x>{p(FIRST, SECOND, THIRD)}</article>").text == WHOLE


def test_a_sentence_that_only_two_small_boxes_have_stays() -> None:
    quote = "নদীর ওপারের হাটে যেতে না পেরে চাষিরা লোকসানের মুখে পড়েছেন।"
    box = f"<div><p>{quote}</p><b>জ্যোতি চাকমা</b></div>"
    assert normalize(quote) in lines_of(within=box, behind=box)


def test_the_paragraphs_of_a_list_in_json_ld_are_the_text() -> None:
    data = json_ld(headline=TITLE, articleBody=[FIRST, SECOND, THIRD])
    assert read(f"<div id=root></div>{data}").text == WHOLE


def test_a_deep_tree_with_broken_names_of_tags_is_read() -> None:
    assert FIRST in read(f"<h1>{TITLE}</h1>" + "<div>" * 70 + "<a\x01b>" + p(FIRST, SECOND, THIRD)).text
