"""Extraction from pages whose class names tell nothing, each sign beside a story that it must not take."""

from __future__ import annotations

import json

import pytest

from crawler.bengali.text import normalize
from crawler.crawl.spider import NewsSpider
from crawler.extraction import extract
from crawler.extraction.page.page_data import rich_text
from crawler.model.article import Article, Author
from crawler.model.listing import Page

TITLE = "ধলেশ্বরীর চরে শীতের সবজি চাষে ফিরেছে সচ্ছলতা"
FIRST = "মানিকগঞ্জের ধলেশ্বরী নদীর চরে এবার শীতের সবজি চাষ করে সচ্ছলতার মুখ দেখছেন তিন শতাধিক কৃষক।"
SECOND = "কৃষক আজাহার আলী বলেন, ‘বালুর চরে যে এত ফলন হবে, আগে ভাবিনি।’ তিনি দুই বিঘায় বেগুন করেছেন।"
THIRD = "কৃষি কর্মকর্তা রোকসানা পারভীন জানান, চরের ৪০০ একর জমি এবার চাষের আওতায় এসেছে।"
TEXT = f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"
DATE = "<div>প্রকাশ: ২০ নভেম্বর ২০২৬, ১০:৩৪</div>"
PARAGRAPHS = [FIRST, SECOND, THIRD]


def read(main: str, title: str = TITLE, head: str = f"<h1>{TITLE}</h1>", path: str = "details/77") -> Article:
    markup = f"<html><head><meta charset=utf-8><title>{title}</title></head><body>{head}{main}</body></html>"
    return extract(Page(outlet="urls", url=f"https://news.example/{path}", body=markup.encode()), NewsSpider)


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


def test_short_lines_after_the_text_without_sentences_are_dropped() -> None:
    lines = ("পঠিত ৩২১ বার", "লেখক: গবেষক ও কলামিস্ট", "desk@news.example", "#ধান #হাওর", "সত্যের সন্ধানে প্রতিদিন")
    behind = "".join(f"<p>{line}</p>" for line in lines)
    assert text(f"<div class=entry-content>{DATE}{TEXT}{behind}</div>") == told(*PARAGRAPHS)


def test_a_last_sentence_without_its_danda_and_a_source_stay() -> None:
    for line in ("এ ঘটনায় থানায় মামলা হয়েছে", "সূত্র: দ্য গার্ডিয়ান", "দ্য ইন্ডিয়ান এক্সপ্রেস অবলম্বনে"):
        assert text(f"<div class=entry-content>{DATE}{TEXT}<p>{line}</p></div>") == told(*PARAGRAPHS, line)


def test_a_label_before_a_link_to_another_story_is_dropped() -> None:
    link = "<p><b>আগের খবর:</b> <a href=/n/9>হাওরে ধান কাটা শুরু হয়েছে আজ</a></p>"
    assert text(f"<div class=entry-content>{DATE}<p>{FIRST}</p>{link}<p>{SECOND}</p></div>") == told(FIRST, SECOND)


def test_an_unlinked_card_with_a_read_more_link_is_dropped() -> None:
    parts = f"<div>হাওরে ধান কাটা শুরু</div><div>{THIRD} {THIRD}</div><a href=/n/9>বিস্তারিত</a>"
    card = f"<div class=z><img src=a.jpg>{parts}</div>"
    page = f"<div class=entry-content>{DATE}<p>{FIRST}</p><p>{SECOND}</p>{card}<p>{THIRD}</p></div>"
    assert text(page) == told(*PARAGRAPHS)


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


def test_a_card_of_another_story_inside_the_article_is_dropped() -> None:
    card = f"<article><h4><a href=/n/9>পদ্মায় ইলিশ কম</a></h4><p>{THIRD}</p></article>"
    assert text(f"<article>{DATE}<p>{FIRST}</p>{card}<p>{SECOND}</p></article>") == told(FIRST, SECOND)


@pytest.mark.parametrize(
    "head",
    [
        "<div><span>কৃষি প্রতিবেদক</span><span>২০ নভেম্বর ২০২৬ | ১০:৩৪</span></div>",
        "<ul><li>কৃষি প্রতিবেদক</li><li>প্রকাশ: ২০ নভেম্বর ২০২৬, ১০:৩৪</li></ul>",
        "<p>কৃষি প্রতিবেদক, ২০ নভেম্বর ২০২৬, ১০:৩৪</p>",
        "<ul><li>কৃষি প্রতিবেদক</li><li>২০ নভেম্বর ২০২৬</li><li>১০:৩৪ পূর্বাহ্ন</li></ul>",
    ],
)
@pytest.mark.parametrize("inside", [False, True], ids=["over the text", "in the text's holder"])
def test_byline_and_date_are_read_from_lines_that_nothing_marks(head: str, inside: bool) -> None:
    article = read(f"<div class=q>{head}{TEXT}</div>" if inside else f"{head}<div class=q>{TEXT}</div>")
    assert article.text.split("\n") == told(*PARAGRAPHS)
    assert [(author.name, author.kind) for author in article.authors] == [(normalize("কৃষি প্রতিবেদক"), "desk")]
    assert article.published is not None
    assert article.published.at.isoformat() == "2026-11-20T10:34:00+06:00"


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


@pytest.mark.parametrize(
    ("title", "head"),
    [
        (f":: নতুন সূর্য :: {TITLE}", f"<div>{TITLE}</div>"),
        ("দৈনিক নতুন সূর্য", f"<font size=5><b>{TITLE}</b></font>"),
        (f"{TITLE} | নতুন সূর্য", f"<h1><span>ব্রেকিং</span> {TITLE}</h1>"),
    ],
)
def test_the_headline_excludes_the_site_name_before_it(title: str, head: str) -> None:
    assert read(f"{DATE}<div class=q>{TEXT}</div>", title=title, head=head).title == normalize(TITLE)


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


@pytest.mark.parametrize("sign", ["॥", " ॥", "।।", " ।।", " |"])
def test_a_desk_separated_by_a_sign_is_the_author(sign: str) -> None:
    desk = [Author(normalize("মানিকগঞ্জ প্রতিনিধি"), "desk")]
    assert read(f"<div class=q><p>মানিকগঞ্জ প্রতিনিধি{sign} {FIRST}</p><p>{SECOND}</p></div>").authors == desk
    article = read(f"<div class=q><p>মানিকগঞ্জ প্রতিনিধি{sign}</p>{TEXT}</div>")
    assert (article.text.split("\n"), article.authors) == (told(*PARAGRAPHS), desk)


def test_only_an_organization_that_is_a_desk_is_an_author() -> None:
    data = (
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"%s",'
        '"author":{"@type":"Organization","name":"%s"}}</script>'
    )
    desk = read(f"{data % (TITLE, 'কৃষি ডেস্ক')}{DATE}<div class=q>{TEXT}</div>")
    assert [author.name for author in desk.authors] == [normalize("কৃষি ডেস্ক")]
    assert read(f"{data % (TITLE, 'নতুন সূর্য')}{DATE}<div class=q>{TEXT}</div>").authors == []


@pytest.mark.parametrize("line", ["মেলা শুরু: ১ নভেম্বর ২০২৬, ১০:০০", "মেলা শুরু হবে ১ নভেম্বর ২০২৬"])
def test_an_event_date_opening_the_text_is_kept_as_text(line: str) -> None:
    article = read(f"<div class=entry-content><p>{line}</p>{TEXT}</div>")
    assert (article.text.split("\n"), article.published) == (told(line, *PARAGRAPHS), None)


@pytest.mark.parametrize(
    "line",
    [
        "(নদীপথ/১৫অক্টোবর/এসএম)",
        "নদীপথ/এমএএআর/২৬",
        "[আরও পড়ুন: <a href=/n/1>পদ্মায় ইলিশ কম</a>]",
        "120 Shares",
        "Share on Facebook",
        "এই খবরটি ১২৩ বার পঠিত হয়েছে",
        "https://news.example/s/123",
        "গ্রাফিকস: নদীপথ",
        f"The post <a href=/x>{TITLE}</a> appeared first on <a href=/>নদীপথ</a>.",
        "সম্পাদক: রওশন আরা, প্রকাশক: মাহবুব আলী",
    ],
)
def test_boilerplate_lines_after_the_text_are_dropped(line: str) -> None:
    assert text(f"{DATE}<div class=entry-content>{TEXT}<p>{line}</p></div>") == told(*PARAGRAPHS)


@pytest.mark.parametrize(
    "line",
    [
        "<p>আজাহার আলী বলেন, ‘চাষিদের সঙ্গে থাকুন।’</p>",
        "<p>‘আপনারা আমাদের সঙ্গে থাকুন’</p>",
        "<p>সভাপতি: আজাহার আলী</p><p>সম্পাদক: রওশন আরা</p>",
        "<h4>‘চরই এখন আমাদের ভরসা’</h4>",
    ],
)
def test_boilerplate_words_in_quotations_and_lists_are_kept(line: str) -> None:
    last = [part.split("<")[0] for part in line.replace("<h4>", "<p>").split("<p>")[1:]]
    assert text(f"{DATE}<div class=entry-content>{TEXT}{line}</div>") == told(*PARAGRAPHS, *last)


def test_an_unrelated_body_in_the_page_data_is_ignored() -> None:
    data = '<script type="application/ld+json">{"@type":"NewsArticle","headline":"%s","articleBody":"%s"}</script>'
    other = "পদ্মায় এবার ইলিশ কম ধরা পড়ছে বলে জানিয়েছেন জেলেরা। মহাজনের দেনা শোধ নিয়ে দুশ্চিন্তায় আছেন তাঁরা। " * 4
    assert text(f"{data % (TITLE, other)}{DATE}<div class=q>{TEXT}</div>") == told(*PARAGRAPHS)


def test_a_labelled_date_right_below_the_text_is_read() -> None:
    below = "<div>প্রকাশিত: ২০ নভেম্বর ২০২৬, ১০:৩৪</div>"
    article = read(f"<div class=entry-content>{TEXT}</div>{below}")
    assert article.published is not None
    assert article.published.at.isoformat() == "2026-11-20T10:34:00+06:00"
    assert read(f"<div class=entry-content>{TEXT}</div><div>২০ নভেম্বর ২০২৬</div>").published is None


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([{"type": "paragraph", "data": {"text": "ক"}}, {"type": "image", "data": {"caption": "ছবি"}}], "<div>ক</div>"),
        (
            {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "ক"}]}]},
            "<div>ক</div>",
        ),
        ([{"type": "p", "children": [{"text": "ক "}, {"text": "খ"}]}], "<div>ক খ</div>"),
        ([{"type": "list", "data": {"items": ["ক", "খ"]}}], "<div>ক</div>\n<div>খ</div>"),
        (
            {
                "root": {
                    "type": "root",
                    "children": [{"type": "paragraph", "children": [{"type": "text", "text": "ক"}]}],
                }
            },
            "<div>ক</div>",
        ),
        (
            [{"_type": "block", "children": [{"_type": "span", "text": "ক"}]}, {"_type": "image", "text": "খ"}],
            "<div>ক</div>",
        ),
        ({"headline": "ক", "text": "খ"}, ""),
        ([1, None], ""),
        ("ক", ""),
    ],
)
def test_a_body_kept_as_blocks_is_read_as_paragraphs(blocks: object, expected: str) -> None:
    assert rich_text(blocks) == expected


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


@pytest.mark.parametrize(
    "page",
    [
        f"<h1>{TITLE}</h1><article>{DATE}<p>বিভাগ: <a href=/c>কৃষি</a></p><div itemprop=articleBody>{TEXT}"
        "<h3>বেগুন</h3></div></article>",
        f"<div class=cat-name><a href=/c>কৃষি</a></div><div><h1>{TITLE}</h1>{DATE}<div class=q>{TEXT}</div></div>",
        f"<div><h1><span>{TITLE}</span></h1><span><a href=/c>কৃষি</a></span>{DATE}<div class=q>{TEXT}</div></div>",
    ],
)
def test_the_section_is_read_in_before_or_below_the_heading(page: str) -> None:
    assert read(page, head="").section == told("কৃষি")[0]


@pytest.mark.parametrize(
    "line",
    [
        "<p>ফারহানা নীলা</p><p>প্রকাশ : ২০ নভেম্বর ২০২৬, ১০:৩৪</p>",
        "<span>ফারহানা নীলা</span><span>•</span><span>২০ নভেম্বর ২০২৬, ১০:৩৪</span>",
        "<p>ফারহানা নীলা । ২০ নভেম্বর ২০২৬ । ১০:৩৪</p>",
        "<p>ফারহানা নীলা ॥ ২০ নভেম্বর ২০২৬, ১০:৩৪</p>",
        "<div class=DReporter><b>ফারহানা নীলা</b></div><p>ঢাকা</p><p>সময়</p><p>২০ নভেম্বর ২০২৬, ১০:৩৪</p>",
    ],
)
def test_a_name_beside_the_date_is_the_author(line: str) -> None:
    article = read(f"<div>{line}</div><div class=q>{TEXT}</div>")
    assert article.authors == [Author(*told("ফারহানা নীলা"), "person")]
    assert article.published is not None
    assert article.published.at.isoformat() == "2026-11-20T10:34:00+06:00"


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


@pytest.mark.parametrize("link", ["<a href=/author/2>মাহিন শেখ</a>", "<span>মাহিন শেখ</span>"])
def test_who_edited_the_text_is_no_author(link: str) -> None:
    line = (
        f"<p class=writer>Reported By: <a href=/author/1>ফারহানা নীলা</a> | Edited By: {link} | Nov 20, 2026, 10:34 AM</p>"
    )
    authors = read(f"{line}<div class=q>{TEXT}</div>").authors
    assert authors == [Author(*told("ফারহানা নীলা"), "person")]


@pytest.mark.parametrize(
    "card",
    [
        "<div class=author-name>{}</div><div class=author-role>{}</div>",
        "<div class=author-role>{1}</div><div class=author-name>{0}</div>",
        "<h5 class=author><a href=/author/7>{}</a> <span>{}</span></h5>",
        "<div class=author><p>{}</p><p>{} &bull; <a href=/verify/7>প্রেস আইডি: 7</a></p></div>",
    ],
)
def test_a_role_beside_a_name_is_not_a_desk(card: str) -> None:
    for role in ("স্টাফ রিপোর্টার", "জেলা প্রতিনিধি"):
        head = card.format("ফারহানা নীলা", role)
        authors = read(f"<div>{head}{DATE}</div><div class=q>{TEXT}</div>").authors
        assert authors == [Author(*told("ফারহানা নীলা"), "person")]
        alone = read(f"<div><p class=author>{role}</p>{DATE}</div><div class=q>{TEXT}</div>").authors
        assert alone == [Author(*told(role), "desk")]


@pytest.mark.parametrize("line", ["জমা পড়ল তদন্ত প্রতিবেদন", "তিন সদস্যের বিশেষ টিম", "সরকারি ছুটির দিনেও খোলা অফিস"])
def test_a_line_ending_like_a_desk_is_not_an_author(line: str) -> None:
    assert read(f"<p>{line}</p>{DATE}<div class=q>{TEXT}</div>").authors == []


def test_a_name_repeated_where_the_text_begins_is_credited() -> None:
    opened = TEXT.replace(FIRST, f"ফারহানা নীলা, মানিকগঞ্জ: {FIRST}")
    article = read(f"<p>ফারহানা নীলা</p><p>২০ নভেম্বর ২০২৬</p><div class=q>{opened}</div>")
    assert article.authors == [Author(*told("ফারহানা নীলা"), "person")]
