"""Short lines and sentences of ordinary articles that look like what a page sets around them, and stay."""

from __future__ import annotations

import pytest
from lxml import html
from test_extraction_widgets import TITLE, TOLD, read

from crawler.bengali.text import normalize
from crawler.extraction.blocks.block import blocks_of
from crawler.extraction.rules.furniture import without_furniture
from crawler.extraction.rules.text_edges import Surroundings


def _paragraphs(*lines: str) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


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
    words = [*map(str, html.fromstring(f"<div>{markup}</div>").itertext()), *TOLD]
    return [word for word in words if normalize(word) not in said]


@pytest.mark.parametrize(
    "sentence",
    [
        "অনুমতি ছাড়া রাজধানীতে সভা-সমাবেশ নিষিদ্ধ ঘোষণা করেছে ঢাকা মহানগর পুলিশ।",
        "সংবাদ সম্মেলনে তিনি এ মন্তব্য করেন।",
        "সংবাদ সম্মেলনে নির্বাচন নিয়ে মন্তব্য করেছেন প্রধান নির্বাচন কমিশনার।",
        "খবর প্রকাশের পর মন্তব্য করতে রাজি হননি তিনি।",
        "প্রতিবেদনে এ বিষয়ে কমিশনের মতামত তুলে ধরা হয়।",
        "ফখরুলের বক্তব্যের দায় বিএনপির নয়।",
        "ইঞ্জিনে ত্রুটি দেখা দেয়, জানান বিমানের মহাব্যবস্থাপক।",
        "সমাজের প্রতি দায়িত্ব আছে লেখকের।",
        "লেখাটি প্রথম প্রকাশিত হয় দেশ পত্রিকায়।",
        "এ প্রতিবেদনটি লেখার সময় পুলিশের মন্তব্য পাওয়া যায়নি।",
        "তাঁর লেখা উপন্যাসে লেখকের নিজস্ব জীবনের ছায়া আছে।",
        "অনুমতি ছাড়া ড্রোন ব্যবহার নিষিদ্ধ করেছে পুলিশ।",
        "ওয়েবসাইটে কুকির ব্যবহার নিয়ে আইন হচ্ছে।",
        "পাঠক, লেখক ও প্রকাশকেরা তাঁদের দাবি জানান।",
        "সম্পাদকীয় নীতির সঙ্গে মিল না থাকায় তিনি পদত্যাগ করেন।",
        "ই-মেইল প্রকাশ করা হবে না বলে জানিয়েছে ব্যাংক।",
        "মেলায় পাঠকেরা নিজেদের পছন্দের বইয়ের নাম জানান।",
    ],
)
def test_a_first_or_last_sentence_with_boilerplate_words_is_kept(sentence: str) -> None:
    assert _lost(read(before=f"<p>{sentence}</p>"), sentence) == []
    assert _lost(read(behind=f"<p>{sentence}</p>"), sentence) == []


@pytest.mark.parametrize(
    "markup",
    [
        _rows("২০২০|৪৫০|৫০০", "২০২১|৪৬০|৫১০"),
        _rows("প্রার্থী|ভোট", "ভোট|১২,৩৪৫"),
        _rows("ভোট|১২,৩৪৫"),
        _rows("শনি|রবি|সোম"),
        _paragraphs("০১৭১১-১২৩৪৫৬, ০১৮১১-৬৫৪৩২১"),
        _paragraphs("১০:৩০ – ১১:৩০"),
        _paragraphs("২৫০/৭ (৫০)"),
        _paragraphs("২৫০/৭"),
        _paragraphs("২ + ২ = ৪"),
        _paragraphs("১২,৩৪৫ ভোট"),
        _paragraphs("ইউটিউব: ৫০ লাখ ভিউ", "ফেসবুক: ২০ লাখ"),
        _paragraphs("রবি, সোম, মঙ্গল"),
        _items("ভোট: ৫০০", "কেন্দ্র: ১২"),
        _items("মোট ভোটার: ৫০০", "ভোট: ৫০০"),
    ],
)
def test_figures_of_a_text_stay(markup: str) -> None:
    assert _lost(read(within=markup), markup) == []


@pytest.mark.parametrize(
    "markup",
    [
        _paragraphs("নিহত ব্যক্তিদের নাম নিচে দেওয়া হলো।") + _items("রহিম উদ্দিন", "করিম মিয়া", "সালমা বেগম"),
        _paragraphs("কারা পেলেন এবারের পুরস্কার?") + _items("রহিম উদ্দিন", "করিম মিয়া", "সালমা বেগম"),
        "<h3>ঘটনাক্রম</h3>" + _items("৫ আগস্ট: সরকার পতন", "৮ আগস্ট: নতুন সরকারের শপথ"),
        "<h3>টাইমলাইন</h3>" + _items("সকাল ৮টা: ভোট শুরু", "বিকেল ৪টা: ভোট শেষ"),
        "<h3>সূচি</h3>" + _items("১ জুন: বাংলাদেশ-ভারত", "৩ জুন: বাংলাদেশ-নেপাল"),
        "<h3>আলোচিত</h3>" + _items("রহিম উদ্দিন", "করিম মিয়া"),
        _items("মোটরসাইকেল আরোহী: ২৩৪ জন নিহত", "বাসযাত্রী: ৫৬ জন নিহত"),
        _items("ক্যামেরুন", "ব্রাজিল", "আর্জেন্টিনা"),
        _items("প্রচুর পানি পান করুন", "রোদে ছাতা ব্যবহার করুন"),
        _paragraphs("বাংলাদেশের রাজধানী কোনটি?") + _items("ঢাকা", "চট্টগ্রাম", "খুলনা"),
    ],
)
def test_lists_of_a_text_stay_within_it_and_behind_it(markup: str) -> None:
    assert _lost(read(within=markup), markup) == []
    assert _lost(read(behind=markup), markup) == []


@pytest.mark.parametrize(
    "markup",
    [
        _bold("মিথুন"),
        _bold("ইয়াঙ্গুন"),
        _bold("পানি পান করুন"),
        _bold("যুক্তরাষ্ট্রের শুল্ক আরোপ: কার লাভ কার ক্ষতি"),
        _bold("ভোট দিলেন যাঁরা"),
        _bold("সর্বশেষ অবস্থা"),
        _bold("আপনার অনুভূতি কী?") + _paragraphs("খুব ভালো লাগছে।"),
        _bold("আপনার নাম?") + _paragraphs("রাজু।"),
        _paragraphs("পুলিশ সুপার জানান:"),
        _paragraphs("কবি হুমায়ুন"),
        _paragraphs("নতুন কার্টুন"),
        _paragraphs("শাহরুখের পাঠান"),
        _paragraphs("SSC DHA 123456 2026"),
        _paragraphs("Democracy is the government of the people."),
        _paragraphs("H₂O"),
        _paragraphs("WhatsApp, Facebook, Messenger"),
        _paragraphs("বিস্তারিত: www.board.example"),
        _paragraphs("১. বাংলাদেশের রাজধানী কোনটি?", "ক. ঢাকা", "খ. চট্টগ্রাম", "উত্তর: ক. ঢাকা"),
        _paragraphs("রহিম ● করিম ● সালমা"),
        _paragraphs("আম • জাম • কাঁঠাল"),
        _paragraphs("➤ ঢাকা থেকে বাসে পটুয়াখালী যাওয়া যায়"),
        _paragraphs("নদী রক্ষা করুন"),
        _paragraphs("৩২ পৃষ্ঠা"),
        _items("iPhone 16 Pro", "Galaxy S25"),
        "<div>আমার মেয়ে এখন হেঁটে স্কুলে যায়</div>",
        "<div class=poem>আমার সোনার বাংলা<br>আমি তোমায় ভালোবাসি<br>চিরদিন তোমার আকাশ<br>তোমার বাতাস আমার প্রাণে</div>",
    ],
)
def test_names_sub_headings_and_verses_of_a_text_stay(markup: str) -> None:
    assert _lost(read(within=markup), markup) == []


def test_the_first_lines_of_a_poem_stay() -> None:
    poem = "<p>আমার সোনার বাংলা<br>আমি তোমায় ভালোবাসি<br>চিরদিন তোমার আকাশ, তোমার বাতাস বাজায় বাঁশি।</p>"
    assert _lost(read(before=poem), poem) == []


@pytest.mark.parametrize(
    "lines",
    [
        ["নৌকা থেকে নেমে হেঁটে ইশকুল"],
        ["নদী ভাঙে যে চরে বারে বারে", "সেই চরে ইশকুল বাঁধি"],
    ],
)
def test_short_first_lines_formatted_like_the_text_are_kept(lines: list[str]) -> None:
    assert _lost(read(before=_paragraphs(*lines)), _paragraphs(*lines)) == []


def test_a_line_sharing_words_with_the_text_is_kept() -> None:
    line = "<div><span>নতুন প্রাথমিক বিদ্যালয়</span> <span>৬৩ শিক্ষার্থী</span></div>"
    assert _lost(read(within=line), line) == []


def test_advice_in_a_holder_like_those_of_the_sentences_stays() -> None:
    lines = [TOLD[0], "আগুন লাগার সঙ্গে সঙ্গে ফোন বন্ধ করুন", *TOLD[1:]]
    column = html.fromstring(
        f"<div>{''.join(f'<div class=x><div dir=auto>{line}</div></div>' for line in lines)}</div>"
    )
    kept = without_furniture(blocks_of(column), Surroundings(TITLE, (), is_date=lambda _: False))
    assert [block.text for block in kept] == list(map(normalize, lines))


def test_separately_wrapped_paragraphs_after_a_widget_are_kept() -> None:
    ticker = "<div class=brk><span>ব্রেকিং</span><marquee>কাপ্তাইয়ের নলকূপে আর্সেনিক</marquee></div>"
    told = "".join(f"<div class=g><div><p>{line}</p></div></div>" for line in (*TOLD, *TOLD[::-1]))
    first, rest = told.split("</div></div>", 1)
    column = html.fromstring(f"<div>{first}</div></div>{ticker}{rest}</div>")
    kept = without_furniture(blocks_of(column), Surroundings(TITLE, (), is_date=lambda _: False))
    assert [block.text for block in kept][:3] == list(map(normalize, TOLD))


@pytest.mark.parametrize("part", ["<div class=g><div><p>{}</p></div></div>", "<story-p><div>{}</div></story-p>"])
def test_short_wrapped_lines_after_an_advertisement_are_kept(part: str) -> None:
    lines = ["মহিপুরে ১১ বছর ধরে বিকল: ইসিজি যন্ত্র", "শূন্য পদ: গাইনি, শিশু, সার্জারি"]
    first, second, *rest = map(part.format, (*TOLD[:2], *lines, TOLD[2]))
    column = html.fromstring(f"<div>{first}{second}<p>বিজ্ঞাপন</p>{''.join(rest)}</div>")
    kept = without_furniture(blocks_of(column), Surroundings(TITLE, (), is_date=lambda _: False))
    assert [block.text for block in kept] == list(map(normalize, (*TOLD[:2], *lines, TOLD[2])))


def test_addresses_and_ratings_after_the_text_are_kept() -> None:
    lines = _paragraphs("ঠিকানা: ১২ কলেজ রোড, পটুয়াখালী", "ফোন: ০১৭১১-১২৩৪৫৬", "রেটিং ৪/৫")
    assert _lost(read(behind=lines), lines) == []


@pytest.mark.parametrize(
    "box",
    [
        "<div class=facts><p>জনসংখ্যা: ১৭ কোটি</p><p>আয়তন: ১,৪৭,৫৭০ বর্গকিমি</p></div>",
        "<div><p>রহিম উদ্দিন</p><p>করিম মিয়া</p></div>",
    ],
)
def test_a_box_of_facts_or_names_is_not_boilerplate(box: str) -> None:
    first, second, third = _paragraphs(TOLD[0]), _paragraphs(TOLD[1]), _paragraphs(TOLD[2])
    column = html.fromstring(f"<div>{first}{second}{box}{third}</div>")
    kept = without_furniture(blocks_of(column), Surroundings(TITLE, (), is_date=lambda _: False))
    assert _lost([block.text for block in kept], box) == []
