"""Extraction from pages whose class names tell nothing, each sign beside a story that it must not take."""

from __future__ import annotations

import json
import re

import pytest
from article_pages import json_ld, page_of
from article_pages import read as read_page

from crawler.bengali.text import normalize
from crawler.model.article import Article, Author

TITLE = "ধলেশ্বরীর চরে শীতের সবজি চাষে ফিরেছে সচ্ছলতা"
FIRST = "মানিকগঞ্জের ধলেশ্বরী নদীর চরে এবার শীতের সবজি চাষ করে সচ্ছলতার মুখ দেখছেন তিন শতাধিক কৃষক।"
SECOND = "কৃষক আজাহার আলী বলেন, ‘বালুর চরে যে এত ফলন হবে, আগে ভাবিনি।’ তিনি দুই বিঘায় বেগুন করেছেন।"
THIRD = "কৃষি কর্মকর্তা রোকসানা পারভীন জানান, চরের ৪০০ একর জমি এবার চাষের আওতায় এসেছে।"
TEXT = f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"
DATE = "<div>প্রকাশ: ২০ নভেম্বর ২০২৬, ১০:৩৪</div>"
PARAGRAPHS = [FIRST, SECOND, THIRD]

ITEMS = "<h3>যেসব সবজি বেশি</h3><ul><li>বেগুন</li><li>ফুলকপি</li><li>মিষ্টিকুমড়া</li></ul>"
LISTED = ["যেসব সবজি বেশি", "বেগুন", "ফুলকপি", "মিষ্টিকুমড়া"]
LINKED = "<h4>আরও পড়ুন</h4><a href=/n/4>পদ্মায় ইলিশ কম, জেলেরা হতাশ</a>"
LATER = "চরে একটি হিমাগার হলে দাম আরও ভালো পাওয়া যেত বলে মনে করেন তাঁরা। এ নিয়ে কৃষি বিভাগে আবেদনও করা হয়েছে।"
LAST = "সর্বশেষ খবর পাওয়া পর্যন্ত সাড়া মেলেনি।"


def read(main: str, title: str = TITLE, head: str = f"<h1>{TITLE}</h1>") -> Article:
    return read_page(page_of(head + main, title))


def text(main: str, **page: str) -> list[str]:
    return read(main, **page).text.split("\n")


def told(*paragraphs: str) -> list[str]:
    return [normalize(paragraph) for paragraph in paragraphs]


def test_a_column_beside_headline_and_text_is_dropped() -> None:
    weather = "<h4>আবহাওয়া</h4><p>ঢাকায় আকাশ মেঘলা থাকবে। বিকেলে হালকা বৃষ্টির সম্ভাবনা রয়েছে বলে জানানো হয়েছে।</p>"
    left = f"<div><h1>{TITLE}</h1>{DATE}<div class=q>{TEXT}</div></div>"
    assert text(f"<div>{left}<div class=z>{weather}</div></div>", head="") == told(*PARAGRAPHS)


def test_the_text_after_an_advertisement_is_kept() -> None:
    one = f"<div class=q><h1>{TITLE}</h1>{DATE}<p>{FIRST}</p><p>{SECOND}</p></div>"
    assert text(f"{one}<div class=z><img src=ad.jpg></div><div class=q><p>{THIRD}</p></div>", head="") == told(
        *PARAGRAPHS
    )


def test_paragraphs_around_a_live_blog_entry_are_kept() -> None:
    entry = f"<div class=live><div class=e><p>{FIRST}</p></div></div>"
    assert text(f"<article>{DATE}{entry}<p>{SECOND}</p><p>{THIRD}</p></article>") == told(*PARAGRAPHS)


def test_bare_lines_between_link_boxes_are_kept() -> None:
    links = "".join(f"<li><a href=/n/{n}>হাওরে ধান কাটা শুরু হয়েছে আজ {n}</a></li>" for n in range(3))
    box = f"<div class=z><h4>আরও পড়ুন</h4><ul>{links}</ul></div>"
    assert text(f"{DATE}<div class=q>{FIRST}<br><br>{box}{SECOND}<br><br>{THIRD}</div>") == told(*PARAGRAPHS)


def test_a_sentence_does_not_stand_for_the_lines_beside_it() -> None:
    lines = ["পদের নাম: সহকারী প্রকৌশলী", "পদসংখ্যা: ৪৫", "বয়স: সর্বোচ্চ ৩২ বছর", "আবেদনের শেষ তারিখ: ৩০ এপ্রিল"]
    main = f"<div class=q><div>{FIRST}</div>\n<div>{'<br>'.join(lines)}</div>\n<div>{LAST}</div></div>"
    footer = "<div class=z><p>সম্পাদক ও প্রকাশক: এ কে এম ফজলে রাব্বি</p><p>৪৭/বি নিউ সার্কুলার রোড, ঢাকা</p></div>"
    assert text(main + footer) == told(FIRST, *lines, LAST)


def test_a_single_block_is_the_text_beside_other_parts() -> None:
    address = "<div><div>৪৭/বি নিউ সার্কুলার রোড, ঢাকা ১২১৭</div><div>ফোন: ০১৭১১১১১১১১</div></div>"
    assert text(f"<div>{FIRST} {SECOND}</div>{address}") == told(f"{FIRST} {SECOND}")


def test_a_short_sentence_after_a_list_of_links_is_kept() -> None:
    box = "<h4>আরও পড়ুন</h4><ul><li><a href=/n/1>হাওরে ধান কাটা শুরু</a></li><li><a href=/n/2>পদ্মায় ইলিশ কম</a></li></ul>"
    last = "চাষিরা এখন বাজারের দিকে তাকিয়ে আছেন।"
    assert text(f"{DATE}<div class=entry-content>{TEXT}{box}<p>{last}</p></div>") == told(*PARAGRAPHS, last)


def test_only_lines_formatted_like_the_text_are_kept_under_pictures() -> None:
    picture, line = "<p><img src=a.jpg></p>", "চরে বেগুন তুলছেন এক কৃষক"
    caption = f"<div class=entry-content><p>{FIRST}</p>{picture}<p class=cap>{line}</p><p>{SECOND}</p></div>"
    assert text(DATE + caption) == told(FIRST, SECOND)
    heading = f"<div class=entry-content><p>{FIRST}</p>{picture}<p>{line}</p><p>{SECOND}</p></div>"
    assert text(DATE + heading) == told(FIRST, line, SECOND)


def test_buttons_are_dropped_and_instruction_steps_kept() -> None:
    step = "প্রথমে কৃষি বিভাগের অ্যাপটি ফোনে ডাউনলোড করুন।"
    body = f"<p>{FIRST}</p><p>{step}</p><p>{SECOND}</p><p>খবরটি ভালো লাগলে শেয়ার করুন</p><p>অ্যাপ ডাউনলোড করুন</p>"
    assert text(f"{DATE}<div class=entry-content>{body}</div>") == told(FIRST, step, SECOND)


def test_reader_comments_end_the_text_and_similar_subheadings_do_not() -> None:
    comment = "<div><b>রফিক</b><p>আমাদের এলাকার চরেও এমন চাষ হওয়া উচিত বলে মনে করি।</p></div>"
    assert text(f"{DATE}<div class=q>{TEXT}<h3>পাঠকের মন্তব্য (১)</h3>{comment}</div>") == told(*PARAGRAPHS)
    subhead = f"<p>{FIRST}</p><h3>কৃষকের মন্তব্য</h3><p>{SECOND}</p><p>{THIRD}</p>"
    assert text(f"{DATE}<div class=q>{subhead}</div>") == told(FIRST, "কৃষকের মন্তব্য", SECOND, THIRD)


def test_days_without_a_year_after_the_text_are_kept() -> None:
    days = ["বীজ বিতরণ ১৭ ডিসেম্বর", "মেলা ২৪ ডিসেম্বর"]
    body = TEXT + "".join(f"<p>{day}</p>" for day in days)
    assert text(f"{DATE}<div class=entry-content>{body}</div>") == told(*PARAGRAPHS, *days)


def test_a_self_linking_heading_is_kept() -> None:
    heading = "<h3 id=a><a href=#a>কত খরচ, কত লাভ</a></h3>"
    body = f"<p>{FIRST}</p>{heading}<p>{SECOND}</p><p>{THIRD}</p>"
    assert text(f"{DATE}<div class=entry-content>{body}</div>")[1] == normalize("কত খরচ, কত লাভ")


@pytest.mark.parametrize(
    "head",
    [
        "<div><span>কৃষি প্রতিবেদক</span><span>২০ নভেম্বর ২০২৬ | ১০:৩৪</span></div>",
        "<ul><li>কৃষি প্রতিবেদক</li><li>প্রকাশ: ২০ নভেম্বর ২০২৬, ১০:৩৪</li></ul>",
        "<p>কৃষি প্রতিবেদক, ২০ নভেম্বর ২০২৬, ১০:৩৪</p>",
        "<ul><li>কৃষি প্রতিবেদক</li><li>২০ নভেম্বর ২০২৬</li><li>১০:৩৪ পূর্বাহ্ন</li></ul>",
        "<div>কৃষি প্রতিবেদক | ২০ নভেম্বর ২০২৬, ১০:৩৪</div>",
        "<div>কৃষি প্রতিবেদক • ২০ নভেম্বর ২০২৬, ১০:৩৪</div>",
        "<ul><li>কৃষি প্রতিবেদক</li><li>২০ নভেম্বর ২০২৬, ১০:৩৪</li></ul>",
        "<ul><li>কৃষি প্রতিবেদক</li><li>20-11-2026 10:34</li></ul>",
        "<div>কৃষি প্রতিবেদক | Published: November 20, 2026 at 10:34 AM</div>",
        "<div>প্রকাশ: ১০:৩৪, শুক্রবার, ২০ নভেম্বর ২০২৬, ৫ অগ্রহায়ণ ১৪৩৩ বঙ্গাব্দ<span>কৃষি প্রতিবেদক</span></div>",
    ],
)
@pytest.mark.parametrize("inside", [False, True], ids=["over the text", "in the text's holder"])
@pytest.mark.parametrize("name", ["q", "entry-content"])
def test_byline_and_date_are_read_from_lines_that_nothing_marks(head: str, inside: bool, name: str) -> None:
    article = read(f"<div class={name}>{head}{TEXT}</div>" if inside else f"{head}<div class={name}>{TEXT}</div>")
    assert article.text.split("\n") == told(*PARAGRAPHS)
    assert [(author.name, author.kind) for author in article.authors] == [(normalize("কৃষি প্রতিবেদক"), "desk")]
    assert article.published is not None
    expected = {"at": "2026-11-20T10:34:00+06:00", "precision": "minute", "source": "visible"}
    assert article.published.as_json() == expected


def test_a_weekday_decides_the_month_of_a_numeric_date() -> None:
    article = read(f"<div>Submitted by <b>desk</b> on Wed, 10/07/2026 - 18:15</div><div class=q>{TEXT}</div>")
    assert article.published is not None
    assert article.published.at.isoformat() == "2026-10-07T18:15:00+06:00"


def test_the_section_is_above_the_headline_not_in_the_tags() -> None:
    tags = "<div><span>বিষয়:</span> <a href=/t/1>খেলা</a></div>"
    assert read(f"{DATE}<div class=q>{TEXT}</div>{tags}").section is None
    over = f"<div><p><a href=/c/1>কৃষি</a></p><h1>{TITLE}</h1>{DATE}<div class=q>{TEXT}</div></div>"
    assert read(over, head="").section == "কৃষি"


def test_a_breadcrumb_gives_the_section_and_a_menu_does_not() -> None:
    steps = "<div><a href=/>প্রচ্ছদ</a> | <a href=/c/1>কৃষি</a></div>"
    assert read(f"{steps}<h1>{TITLE}</h1>{DATE}<div class=q>{TEXT}</div>", head="").section == "কৃষি"
    menu = "".join(f"<a href=/c/{word}>{word}</a>" for word in ("জাতীয়", "খেলা", "বিনোদন", "অর্থনীতি", "মতামত"))
    page = f"<div><a href=/>প্রচ্ছদ</a>{menu}</div><h1>{TITLE}</h1>{DATE}<div class=q>{TEXT}</div>"
    assert read(page, head="").section is None


def test_a_section_in_a_menu_is_no_desk() -> None:
    menu = "<div><a href=1.php>প্রথম পাতা</a><br><a href=2.php>সম্পাদকীয়</a></div>"
    assert read(f"{menu}<div class=q>{TEXT}</div>").authors == []


def test_a_headline_of_one_word_is_one() -> None:
    article = read(f"{DATE}<div class=q>{TEXT}</div>", title="ফলন | নতুন সূর্য", head="<h1>ফলন</h1>")
    assert article.title == "ফলন"


def test_a_desk_that_signs_with_its_agencies_credits_them() -> None:
    article = read(f"{DATE}<div class=q>{TEXT}<p>এসিবি/জেডএইচ (এএফপি, রয়টার্স)</p></div>")
    assert (article.text.split("\n"), article.agencies) == (told(*PARAGRAPHS), ["AFP", "REUTERS"])


@pytest.mark.parametrize("label", ["Written By", "Authored By", "Story by", "লিখেছেন", "প্রতিবেদন:"])
def test_a_linked_name_after_a_writer_label_is_the_author(label: str) -> None:
    article = read(f"<div>{label} <a href=/a>সায়ন মুখোপাধ্যায়</a></div><div class=q>{TEXT}</div>")
    assert article.authors == [Author(normalize("সায়ন মুখোপাধ্যায়"), "person")]


def test_only_an_organization_that_is_a_desk_is_an_author() -> None:
    for name, names in (("কৃষি ডেস্ক", told("কৃষি ডেস্ক")), ("নতুন সূর্য", [])):
        data = json_ld(headline=TITLE, author={"@type": "Organization", "name": name})
        assert [author.name for author in read(f"{data}{DATE}<div class=q>{TEXT}</div>").authors] == names


@pytest.mark.parametrize("line", ["মেলা শুরু: ১ নভেম্বর ২০২৬, ১০:০০", "মেলা শুরু হবে ১ নভেম্বর ২০২৬"])
def test_an_event_date_opening_the_text_is_kept_as_text(line: str) -> None:
    article = read(f"<div class=entry-content><p>{line}</p>{TEXT}</div>")
    assert (article.text.split("\n"), article.published) == (told(line, *PARAGRAPHS), None)


def test_a_labelled_date_right_below_the_text_is_read() -> None:
    below = "<div>প্রকাশিত: ২০ নভেম্বর ২০২৬, ১০:৩৪</div>"
    article = read(f"<div class=entry-content>{TEXT}</div>{below}")
    assert article.published is not None
    assert article.published.at.isoformat() == "2026-11-20T10:34:00+06:00"
    assert read(f"<div class=entry-content>{TEXT}</div><div>২০ নভেম্বর ২০২৬</div>").published is None


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("key", ["blocks", "content"])
def test_plain_or_encoded_blocks_beside_a_title_are_a_story(key: str, packed: bool) -> None:
    blocks = [{"type": "paragraph", "data": {"text": paragraph}} for paragraph in PARAGRAPHS]
    data = {"post": {"title": TITLE, key: json.dumps(blocks) if packed else blocks}}
    script = f"<script id=__NEXT_DATA__ type=application/json>{json.dumps(data)}</script>"
    assert text(script, head="") == told(*PARAGRAPHS)


def test_a_short_bijoy_text_is_an_article() -> None:
    first = "evsjv‡`‡ki cÖavbgš¿x e‡j‡Qb, miKvi †`‡ki gvby‡li Rb¨ KvR Ki‡Q| wZwb e‡jb, Avgiv GwM‡q hve|"
    article = read(f"<div class=q><p>{first}</p></div>", title="cÖavbgš¿xi e³e¨", head="<h1>cÖavbgš¿xi e³e¨</h1>")
    assert article.text.startswith(first[:60])
    assert "legacy-font" in article.warnings


@pytest.mark.parametrize("place", ["td-category", "tdb-entry-category", "penci-cat-name"])
def test_a_theme_marks_a_section_whatever_its_name(place: str) -> None:
    label = f"<div class={place}><a class={place} href=/c>চরাঞ্চল</a></div>"
    assert read(f"{label}<h1>{TITLE}</h1>{DATE}<div class=q>{TEXT}</div>", head="").section == told("চরাঞ্চল")[0]


@pytest.mark.parametrize("name", ["reporter-name", "DReporter", "author__name", "AuthorName", "byline"])
def test_a_name_with_author_markup_is_the_author(name: str) -> None:
    line = f"<div class={name}><b>ফারহানা নীলা</b></div><p>ঢাকা</p><p>সময়</p><p>২০ নভেম্বর ২০২৬, ১০:৩৪</p>"
    assert read(f"<div>{line}</div><div class=q>{TEXT}</div>").authors == [Author(*told("ফারহানা নীলা"), "person")]


def test_a_common_name_that_is_not_beside_the_date_is_no_author() -> None:
    line = "<p>ফারহানা ইসলাম</p><p>মানিকগঞ্জের চর থেকে ফিরে</p>"
    assert read(f"{line}{DATE}<div class=q>{TEXT}</div>").authors == []


def test_the_only_time_marked_published_and_updated_is_the_date() -> None:
    mark = "<time class='post-published updated' datetime=2026-11-20T10:34:00+06:00>Nov 20, 2026</time>"
    article = read(f"<div>{mark}</div><div class=q>{TEXT}</div>")
    assert article.published is not None
    assert article.published.at.isoformat() == "2026-11-20T10:34:00+06:00"


@pytest.mark.parametrize("line", ["ধলেশ্বরীর চরে", "শীতের সবজি", "পাঠক ফোরাম", "অডিও শুনুন", "বিশেষ আয়োজন", "সহজিয়া কড়চা"])
def test_topics_and_labels_beside_the_date_are_not_authors(line: str) -> None:
    assert read(f"<p>{line}</p><p>প্রকাশ : ২০ নভেম্বর ২০২৬, ১০:৩৪</p><div class=q>{TEXT}</div>").authors == []


@pytest.mark.parametrize(
    ("address", "names"), [("/column/7", []), ("/profile/7", ["ফারহানা নীলা"]), ("/?author=7", ["ফারহানা নীলা"])]
)
def test_an_author_page_link_beside_the_date_is_credited(address: str, names: list[str]) -> None:
    line = f"<p><a href='{address}'>ফারহানা নীলা</a> | ২০ নভেম্বর ২০২৬, ১০:৩৪</p>"
    assert [author.name for author in read(f"{line}<div class=q>{TEXT}</div>").authors] == told(*names)


@pytest.mark.parametrize("line", ["জমা পড়ল তদন্ত প্রতিবেদন", "তিন সদস্যের বিশেষ টিম", "সরকারি ছুটির দিনেও খোলা অফিস"])
def test_a_line_ending_like_a_desk_is_not_an_author(line: str) -> None:
    assert read(f"<p>{line}</p>{DATE}<div class=q>{TEXT}</div>").authors == []


def a_part(of_text: str) -> str:
    return f"<div class=story-element><div class=story-element-text>{of_text}</div></div>"


def test_a_heading_and_list_after_a_box_stay() -> None:
    box = f"<div class=story-element><div class=z>{LINKED}</div></div>"
    parts = a_part(f"<p>{FIRST}</p><p>{SECOND}</p>") + box + a_part(ITEMS) + a_part(f"<p>{THIRD}</p><p>{LATER}</p>")
    lines = text(f"{DATE}<div class=story-content>{parts}{a_part(f'<p>{LAST}</p>')}</div>")
    assert lines == told(FIRST, SECOND, *LISTED, THIRD, LATER, LAST)


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
