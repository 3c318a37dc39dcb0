"""Lines between headline and text, and texts in several parts, on pages without markup for either."""

from __future__ import annotations

import re

import pytest
from test_extraction_unmarked import DATE, FIRST, PARAGRAPHS, SECOND, TEXT, THIRD, read, text, told

from crawler.model.article import Author

ITEMS = "<h3>যেসব সবজি বেশি</h3><ul><li>বেগুন</li><li>ফুলকপি</li><li>মিষ্টিকুমড়া</li></ul>"
LISTED = ["যেসব সবজি বেশি", "বেগুন", "ফুলকপি", "মিষ্টিকুমড়া"]
LINKED = "<h4>আরও পড়ুন</h4><a href=/n/4>পদ্মায় ইলিশ কম, জেলেরা হতাশ</a>"
LATER = "চরে একটি হিমাগার হলে দাম আরও ভালো পাওয়া যেত বলে মনে করেন তাঁরা। এ নিয়ে কৃষি বিভাগে আবেদনও করা হয়েছে।"
LAST = "সর্বশেষ খবর পাওয়া পর্যন্ত সাড়া মেলেনি।"


def a_part(of_text: str) -> str:
    return f"<div class=story-element><div class=story-element-text>{of_text}</div></div>"


def test_a_heading_and_list_after_a_box_stay() -> None:
    box = f"<div class=story-element><div class=z>{LINKED}</div></div>"
    parts = a_part(f"<p>{FIRST}</p><p>{SECOND}</p>") + box + a_part(ITEMS) + a_part(f"<p>{THIRD}</p><p>{LATER}</p>")
    read = text(f"{DATE}<div class=story-content>{parts}{a_part(f'<p>{LAST}</p>')}</div>")
    assert read == told(FIRST, SECOND, *LISTED, THIRD, LATER, LAST)


@pytest.mark.parametrize(
    "box",
    [
        "<h4>আবহাওয়া</h4><p>ঢাকায় আজ সর্বোচ্চ তাপমাত্রা ৩১ ডিগ্রি সেলসিয়াস।</p>",
        "<p>মোবাইল অ্যাপ ডাউনলোড করে খবর পড়ুন যেকোনো সময়, যেকোনো জায়গায়।</p>",
        "<h4>জরিপ</h4><p>হিমাগার কি দরকার?</p><label><input type=radio>হ্যাঁ</label>",
        LINKED,
    ],
)
def test_a_box_after_the_text_is_dropped_despite_its_layout(box: str) -> None:
    assert text(f"{DATE}<div class=main>{a_part(TEXT)}{a_part(box)}</div>") == told(*PARAGRAPHS)


def test_a_list_after_a_poll_stays_without_the_poll() -> None:
    question = "আপনি কি মনে করেন, চালের দাম কমাতে সরকারের পদক্ষেপ যথেষ্ট?"
    poll = f"<div class=bx><h4>অনলাইন জরিপ</h4><p>{question}</p><p>মোট ভোটদাতা: ৩২১ জন</p></div>"
    heading, items = ITEMS.split("<ul>")
    within = f"<p>{FIRST}</p><p>{SECOND}</p>{heading}{poll}<ul>{items}<p>{THIRD}</p>"
    assert text(f"{DATE}<div class=q>{within}</div>") == told(FIRST, SECOND, *LISTED, THIRD)


@pytest.mark.parametrize("tag", ["div", "pre"])
def test_shown_line_ends_separate_paragraphs(tag: str) -> None:
    lines = "\n".join(PARAGRAPHS)
    assert text(f"{DATE}<{tag} style='white-space: pre-line'>{lines}</{tag}>") == told(*PARAGRAPHS)
    assert text(f"{DATE}<{tag} class='mt-4 whitespace-pre-wrap'>{lines}</{tag}>") == told(*PARAGRAPHS)


@pytest.mark.parametrize("tag", ["b", "a href=/t", "i"])
def test_a_shown_line_with_markup_is_one_paragraph(tag: str) -> None:
    lines = "\n".join(re.sub(r"^(\S+ \S+) (\S+)", rf"\1 <{tag}>\2</{tag[0]}>", each) for each in PARAGRAPHS)
    assert text(f"{DATE}<div class='whitespace-pre-line'>{lines}</div>") == told(*PARAGRAPHS)


def test_line_ends_of_the_source_separate_nothing() -> None:
    broken = FIRST.replace(" ", "\n", 3)
    assert text(f"{DATE}<div class=q><p>{broken}</p><p>{SECOND}</p><p>{THIRD}</p></div>") == told(*PARAGRAPHS)


@pytest.mark.parametrize(
    "credit", ["ছবি: পিটিআই।", "—ফাইল চিত্র।", "ফাইল ছবি।", "নিজস্ব চিত্র।", "ছবি: সংগৃহীত।", "প্রতীকী ছবি।"]
)
def test_a_caption_in_sentences_ends_with_a_credit(credit: str) -> None:
    caption = f"<div><img src=a.jpg><p>চরে সবজি তুলছেন কৃষকেরা। {credit}</p></div>"
    assert text(f"{DATE}<div class=q>{caption}{TEXT}</div>") == told(*PARAGRAPHS)


@pytest.mark.parametrize(
    "sentence",
    [
        "এটাই তাঁর তোলা শেষ ছবি।",
        "দেয়ালে ঝুলছে পুরোনো ছবি: বাবার, দাদার।",
        "প্রশাসনের নথিতেও একই চিত্র।",
        "পোস্টে লেখা ছিল— ছবি: আমার বাগান।",
        "ছবি: পথের পাঁচালী।",
    ],
)
def test_a_sentence_about_a_picture_stays(sentence: str) -> None:
    assert normalized(sentence) in text(f"{DATE}<div class=q><p>{FIRST}</p><p>{sentence}</p><p>{SECOND}</p></div>")


def normalized(sentence: str) -> str:
    return told(sentence)[0]


@pytest.mark.parametrize("over", [f"<h2>{FIRST[:60]}…</h2>", "<h2>কীভাবে ফিরল সচ্ছলতা?</h2>", "<h2>তিন শ কৃষকের গল্প</h2>"])
def test_lines_above_byline_and_date_are_not_text(over: str) -> None:
    article = read(
        f"{over}<div class=z><div>নিজস্ব প্রতিবেদক</div><p>২০ নভেম্বর ২০২৬, ১০:৩৪</p></div><div class=q>{TEXT}</div>"
    )
    assert article.text.split("\n") == told(*PARAGRAPHS)
    assert article.authors == [Author(*told("নিজস্ব প্রতিবেদক"), "desk")]


def test_a_line_with_name_and_day_is_not_text() -> None:
    lines = "<br><br>".join(["ফারহানা নীলা ॥ ২০ নভেম্বর ২০২৬", *PARAGRAPHS])
    assert text(f"<div>{lines}</div>") == told(*PARAGRAPHS)


def test_an_excerpt_above_the_date_is_not_text() -> None:
    assert text(f"<div class=q><p>{FIRST[:60]}…</p><p>২০ নভেম্বর ২০২৬</p>{TEXT}</div>") == told(*PARAGRAPHS)
    trailing, day = "সেই দিনগুলোর কথা আজও ভুলতে পারেননি তাঁরা…", "২৫ মার্চ ১৯৭১"
    within = f"<p>{trailing}</p><h3>{day}</h3>{TEXT}"
    assert text(f"{DATE}<div class=q>{within}</div>") == told(trailing, day, *PARAGRAPHS)


def test_captions_are_the_text_of_a_photo_story() -> None:
    captions = [f"{sentence.split('।')[0]}। ছবি: সাজিদ হোসেন।" for sentence in PARAGRAPHS]
    pictures = "".join(f"<div><img src=a.jpg><p>{caption}</p></div>" for caption in captions)
    assert text(f"{DATE}<div class=q>{pictures}</div>") == told(*captions)
