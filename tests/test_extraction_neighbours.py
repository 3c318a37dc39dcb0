"""Extraction where other stories stand on the page: their sections, data and texts are not this article's."""

from __future__ import annotations

import pytest
from article_pages import URL, json_ld, page_of, read

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Wordpress

TITLE = "হাকালুকি হাওরে পাখি গণনা শেষ করলেন গবেষকেরা"
FIRST = "হাকালুকি হাওরে এবার ৪৬ প্রজাতির পাখি গুনেছেন গবেষকেরা। গত বছরের চেয়ে সংখ্যাটি বেশি বলে জানিয়েছেন তাঁরা।"
SECOND = "দলের প্রধান রেবেকা সুলতানা বলেন, বিল শুকিয়ে যাওয়ায় পাখিরা হাওরের উত্তর পাশে সরে এসেছে।"
THIRD = "বন বিভাগের কর্মকর্তারা জানিয়েছেন, হাওরের বিলগুলো এ বছর আগেভাগে শুকিয়ে যাওয়ায় পাখিরা অন্য বিলে সরে গেছে।"
OTHERS = ["নগরে বাস চলাচলে নতুন নিয়ম চালু হচ্ছে কাল", "চরের কৃষকেরা বাদাম চাষে লাভ দেখছেন", "জাদুঘরে নতুন প্রদর্শনী দেখতে ভিড়"]


def a_page(content: str, head: str = "", title: str = TITLE) -> str:
    return page_of(content, title, head)


def a_story(title: str, section: str, text: str) -> str:
    return (
        f"<article class=post><h1>{title}</h1><span class=cat-links><a href=/c>{section}</a></span>"
        f"<div class=entry-content>{text}</div></article>"
    )


BODY = f"<p>{FIRST}</p><p>{SECOND}</p>"
OTHER = "<p>" + "এই খবরের সঙ্গে পাখির কোনো সম্পর্ক নেই, এটি অন্য একটি দিনের কথা। " * 4 + "</p>"


def test_the_section_is_of_the_story_under_the_headline() -> None:
    stories = "".join(a_story(title, "খেলাধুলা", OTHER) for title in OTHERS)
    assert read(a_page(a_story(TITLE, "জাতীয়", BODY) + stories)).section == "জাতীয়"


def test_the_section_of_a_teaser_is_ignored() -> None:
    teaser = "<div><a class=post-thumb href=/9><img src=/a.jpg><span class=post-cat>Politics</span></a></div>"
    story = f"<article><span class=post-cat>জাতীয়</span><h1>{TITLE}</h1><div class=entry-content>{BODY}</div></article>"
    for rules in (NewsSpider, Wordpress):
        assert read(a_page(teaser + story + teaser), rules).section == "জাতীয়"


def test_the_section_is_read_from_the_story_footer() -> None:
    footer = "<footer class=entry-meta><span class=cat-links><a href=/c rel='category tag'>সারাদেশ</a></span></footer>"
    page = a_page(f"<article><h1>{TITLE}</h1><div class=entry-content>{BODY}</div>{footer}</article>")
    assert read(page).section == "সারাদেশ"


def test_the_section_is_read_from_labelled_breadcrumbs() -> None:
    story = f"<h1>{TITLE}</h1><div class=entry-content>{BODY}</div>"
    crumbs = f"<nav aria-label=breadcrumb><a href=/>নীড়</a><a href=/a>বাংলাদেশ</a><a href=/b>সিলেট</a></nav>{story}"
    assert read(a_page(crumbs)).section == "সিলেট"


def test_data_of_another_listed_story_is_ignored() -> None:
    other = {
        "@type": "NewsArticle",
        "headline": OTHERS[0],
        "articleBody": "অন্য খবর। " * 60,
        "author": {"@type": "Person", "name": "করিম শেখ"},
        "articleSection": "খেলাধুলা",
        "datePublished": "2026-01-02T03:04:05+06:00",
        "image": "https://haor.example/other.jpg",
    }
    story = f"<h1>{TITLE}</h1><div class=entry-content><p>{FIRST}</p></div>"
    items = [{"@type": "ListItem", "item": other}]
    for value in ({"@type": "ItemList", "itemListElement": items}, {"@type": "WebPage", "hasPart": [other]}, other):
        article = read(a_page(story, json_ld(**value)))
        assert article.text == FIRST
        assert (article.authors, article.section, article.published, article.image) == ([], None, None, None)


def test_data_with_another_headline_counts_if_its_url_matches() -> None:
    value = {"headline": "Birds", "mainEntityOfPage": URL, "articleSection": "পরিবেশ"}
    head = f"<link rel=canonical href={URL}>"
    story = f"<h1>{TITLE}</h1><div class=entry-content>{BODY}</div>"
    assert read(a_page(story, head + json_ld(**value))).section == "পরিবেশ"


def test_an_unrelated_data_body_does_not_replace_the_text() -> None:
    value = {"@type": "NewsArticle", "headline": TITLE, "articleBody": "এ কথা অন্য কোনো খবরের জন্য লেখা হয়েছিল। " * 9}
    story = f"<h1>{TITLE}</h1><div class=entry-content><p>{FIRST}</p></div>"
    assert read(a_page(story, json_ld(**value))).text == FIRST


def test_the_first_of_stacked_stories_is_read_though_short() -> None:
    def stacked(title: str, section: str, text: str) -> str:
        crumb = f"<div class=crumb><a href=/>নীড়</a><a href=/c>{section}</a></div>"
        return f"<div class=one>{crumb}<h1 class=hd>{title}</h1><div class=news-article-text>{text}</div></div>"

    others = "".join(stacked(title, "বিনোদন", OTHER * 6) for title in OTHERS)
    article = read(a_page(stacked(TITLE, "জাতীয়", BODY) + others))
    assert article.text == f"{FIRST}\n{SECOND}"
    assert article.section == "জাতীয়"


SLOGAN = "নির্ভীক থেকে সত্য বলাই আমাদের ব্রত। দেশের খবর সবার আগে জানতে চোখ রাখুন আমাদের পাতায়।"


def test_cards_with_leads_in_known_containers_are_not_the_story() -> None:
    lead = (
        "<div><h4><a href=/{0}>"
        + OTHERS[0]
        + "</a></h4><div class=post-content><p>{0} "
        + SLOGAN * 2
        + "</p></div></div>"
    )
    cards = "".join(lead.format(n) for n in range(12))
    text = "".join(f"<p>{n} {SECOND}</p>" for n in range(6))
    assert read(a_page(f"<h1>{TITLE}</h1><div class=tx>{text}</div>{cards}")).text.split("\n") == [
        f"{n} {SECOND}" for n in range(6)
    ]


def test_a_container_beside_a_sidebar_is_the_story() -> None:
    beside = f"<div class='main no-sidebar'><div class=entry-content>{BODY}</div></div><aside>{SLOGAN}</aside>"
    assert read(a_page(f"<h1>{TITLE}</h1>{beside}")).text == f"{FIRST}\n{SECOND}"


NEXT = f"<p>{SLOGAN}</p><p>চরের কৃষকেরা এবার বাদাম চাষে লাভ দেখছেন বলে জানিয়েছে কৃষি বিভাগ।</p>"


def test_a_text_in_several_containers_is_kept_whole() -> None:
    parts = [f"<div class=entry-content><p>{text}</p></div>" for text in (FIRST, SECOND)]
    card = "<div class=card><h3>আরও পড়ুন এ বিষয়ে</h3><h3><a href=/9>নগরে বাস চলাচলে নতুন নিয়ম চালু</a></h3></div>"
    for between in ("<div class=ad>বিজ্ঞাপন</div>", card, "<div></div></div><div class=page>"):
        page = a_page(f"<h1>{TITLE}</h1><div class=page>{parts[0]}{between}{parts[1]}</div>")
        assert read(page).text == f"{FIRST}\n{SECOND}"
    elements = [part.replace("entry-content", "'story-element story-element-text'") for part in parts]
    heading = "<div class='story-element story-element-title'><h2>হাওরের পাখি কেন সরে এল</h2></div>"
    assert read(a_page(f"<h1>{TITLE}</h1>{elements[0]}{heading}{elements[1]}")).text.endswith(SECOND)


@pytest.mark.parametrize(
    "between",
    [
        "<h2>{}</h2>",
        "<div class=widget><h3>{}</h3></div>",
        "<h2>{}</h2><figure><img src=1.jpg><figcaption>ছবি: সংগৃহীত</figcaption></figure>",
        "<div class=line>{}</div>",
        "<h3><a href=/9>{}</a></h3>",
    ],
)
@pytest.mark.parametrize("name", ["entry-content", "tx"])
def test_an_undated_heading_between_containers_does_not_end_the_text(name: str, between: str) -> None:
    first, second = (f"<div class={name}><p>{text}</p></div>" for text in (f"{FIRST}</p><p>{THIRD}", SECOND))
    page = a_page(f"<h1>{TITLE}</h1>{first}{between.format('হাওরের পাখি কেন সরে এল')}{second}")
    told = read(page).text.split("\n")
    assert [told[0], told[1], told[-1]] == [FIRST, THIRD, SECOND]


def test_live_blog_entries_with_titles_and_dates_are_read() -> None:
    texts = (THIRD, SLOGAN, SECOND)
    entries = "".join(
        f"<h2>{title}</h2><time>২৪ নভেম্বর ২০২৬, ১০:১{n}</time><div class=story-element-text><p>{told}</p></div>"
        for n, (title, told) in enumerate(zip(OTHERS, texts, strict=True))
    )
    page = a_page(f"<h1>{TITLE}</h1><div class=story-element-text><p>{FIRST}</p></div>{entries}")
    assert [line for line in read(page).text.split("\n") if line not in OTHERS] == [FIRST, *texts]


def test_subheadings_end_no_text_whose_holder_no_name_marks() -> None:
    heading = "হাওরের পাখি কেন সরে এল"
    parts = f"<p>{FIRST}</p><h2>{heading}</h2><p>{SECOND}</p>"
    assert read(a_page(f"<h1>{TITLE}</h1><div class=tx>{parts}</div>")).text == f"{FIRST}\n{heading}\n{SECOND}"
    posts = "".join(
        f"<div class=p><h3>{title}</h3><p>২৪ নভেম্বর ২০২৬, ১০:১২</p><p>{SECOND.replace('দলের', str(n))}</p></div>"
        for n, title in enumerate(OTHERS)
    )
    live = read(a_page(f"<h1>{TITLE}</h1><div class=live><div class=p>{BODY}</div>{posts}</div>")).text
    assert all(title in live for title in OTHERS)
    post = (
        f"<div class=p><time>১০:১২</time><h3>{OTHERS[0]}</h3></div><div class=p><time>১০:২০</time><p>{THIRD}</p></div>"
    )
    dated = "".join(
        f"<div class=p><time>২৪ নভেম্বর ২০২৬, ১০:১{n}</time><h3>{title}</h3><p>{told}</p></div>"
        for n, (title, told) in enumerate(zip(OTHERS, (THIRD, THIRD.strip("।"), SLOGAN), strict=True))
    )
    assert read(a_page(f"<h1>{TITLE}</h1><div class=live><div class=p>{BODY}</div>{dated}</div>")).text.endswith(SLOGAN)
    hours = f"<div class=live><div class=p>{BODY}</div>{post}</div>"
    assert OTHERS[0] in read(a_page(f"<h1>{TITLE}</h1>{hours}")).text


@pytest.mark.parametrize("empty", ["<h1></h1>", "<h1>&nbsp;</h1>", "<h1><img src=a.jpg></h1>"])
@pytest.mark.parametrize("name", ["entry-content", "tx"])
def test_an_empty_or_repeated_headline_starts_no_other_story(name: str, empty: str) -> None:
    for text in (empty + BODY, f"<p>{FIRST}</p>{empty}<p>{SECOND}</p>", f"<h1>{TITLE}</h1>{BODY}"):
        article = read(a_page(f"<h1>{TITLE}</h1><div class={name}>{text}</div>"))
        assert (article.title, article.text) == (TITLE, f"{FIRST}\n{SECOND}")


@pytest.mark.parametrize(
    "text", ["<p>{}</p><h1>{}</h1><p>{}</p>", "{}<br><br><h1>{}</h1>{}", "<div>{}</div><h1>{}</h1>{}"]
)
def test_a_subheading_at_headline_level_does_not_end_the_text(text: str) -> None:
    heading = "হাওরের পাখি কেন সরে এল"
    told = text.format(FIRST, heading, SECOND)
    page = a_page(f"<h1>{TITLE}</h1><div class=tx>{told}</div>")
    assert read(page).text == f"{FIRST}\n{heading}\n{SECOND}"


def test_text_parts_with_a_heading_and_link_are_not_cards() -> None:
    texts = [text.replace("হাওর", "বিল") for text in (FIRST, SECOND, THIRD)]
    told = list(enumerate(zip(OTHERS, texts, strict=True)))
    parts = "".join(
        f"<div class=c><h3>{title}</h3><p>{text} <a href=/{n}>বিস্তারিত</a></p></div>" for n, (title, text) in told
    )
    lines = read(a_page(f"<h1>{TITLE}</h1><div class=tx>{BODY}{parts}</div>")).text.split("\n")
    assert [line for line in lines if line in OTHERS] == OTHERS


@pytest.mark.parametrize("tag", ["p", "div"])
def test_a_brief_of_two_paragraphs_keeps_the_short_one(tag: str) -> None:
    short = "গত বছর প্রজাতি ছিল ৩৯টি।"
    for texts in ([FIRST, short], [short, FIRST]):
        text = "".join(f"<{tag}>{each}</{tag}>" for each in texts)
        for below in ("", "<div class=ft><p>সম্পাদক: তানভীর আহমেদ</p></div>"):
            assert read(a_page(f"<h1>{TITLE}</h1><div class=tx>{text}</div>{below}")).text == "\n".join(texts)


def test_a_repeated_part_is_dropped_and_the_order_kept() -> None:
    parts = "".join(f"<div class=story-element-text><p>{text}</p></div>" for text in (FIRST, SECOND, FIRST, THIRD))
    assert read(a_page(f"<h1>{TITLE}</h1>{parts}")).text.split("\n") == [FIRST, SECOND, THIRD]
