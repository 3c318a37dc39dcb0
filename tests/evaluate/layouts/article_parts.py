"""Articles with more than paragraphs, and articles of other kinds."""

from __future__ import annotations

from dataclasses import replace

from evaluate.demo import digits
from evaluate.gold import Block, Gold
from evaluate.markup import blocks, body, credit, heading, ld_json, links, news_article, page, shown_date, text
from evaluate.page import Story, layout

ITEMS = (
    Block("যা যা বলা হয়েছে", "heading"),
    Block("ক্ষতিগ্রস্ত পরিবারকে তিন মাস খাদ্যসহায়তা দেওয়া হবে।", "item"),
    Block("বাঁধের কাজ আগামী বর্ষার আগেই শেষ করতে হবে", "item"),
    Block("দায়ীদের বিরুদ্ধে ব্যবস্থা", "item"),
    Block("আমরা এই কাজের শেষ দেখে ছাড়ব, কারও কোনো অজুহাত শুনব না।", "quote"),
)
ROWS = (("জেলা", "আক্রান্ত", "সুস্থ"), ("খুলনা", "১২৩ জন", "৯৮ জন"), ("যশোর", "৪৫ জন", "৪০ জন"))
CELLS = tuple(Block(" | ".join(row), "item") for row in ROWS)
ENGLISH = (
    "The river has taken forty homes in three villages of the upazila since Friday, officials said on Monday.",
    "“We have asked for geobags twice and got none,” said the chairman of the union council, who lost his own house.",
    "Work on the embankment will begin in January, the Water Development Board's engineer told reporters.",
)


def _with_items(gold: Gold) -> Gold:
    return replace(gold, blocks=(*gold.blocks[:2], *ITEMS, *gold.blocks[2:]))


def _brief(gold: Gold) -> Gold:
    """Return an article of at most 150 characters, made of its first words."""
    words = " ".join(block.text for block in gold.blocks if block.kind == "paragraph").split()
    while len(" ".join(words)) > 150:
        words.pop()
    return replace(gold, blocks=(Block(" ".join(words).rstrip("।,;:– ") + "।"),))


def _english(gold: Gold) -> Gold:
    return replace(gold, title="Erosion takes forty homes in three villages", blocks=tuple(map(Block, ENGLISH)))


def _set(story: Story, container: str, html: str) -> str:
    head = ld_json(news_article(story, datePublished=None))
    shown = f'<div class="publish-date">প্রকাশ: {shown_date(story)}</div>'
    return page(story, f"{heading(story)}{credit(story)}{shown}{container.replace('*', html)}{links(story, 5)}", head)


@layout("parts-lists-headings-quotes", shape=_with_items)
def lists(story: Story) -> str:
    return _set(story, '<div class="contentDetails">*</div>', body(story))


@layout("parts-unknown-holder", shape=_with_items)
def unknown_container(story: Story) -> str:
    return _set(story, '<div class="a7f"><div class="k2">*</div></div>', body(story))


@layout("parts-numbered-list", shape=_with_items)
def numbered(story: Story) -> str:
    html = (
        body(story)
        .replace("<ul>", "<ol>")
        .replace("</ul>", "</ol>")
        .replace("<h2>", "<p><strong>")
        .replace("</h2>", "</strong></p>")
    )
    return _set(story, '<div class="news-details">*</div>', html)


def _with_table(gold: Gold) -> Gold:
    return replace(gold, blocks=(*gold.blocks[:2], *CELLS, *gold.blocks[2:]))


@layout("parts-table", shape=_with_table)
def table(story: Story) -> str:
    """A table of figures; its rows count as paragraphs."""
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in ROWS)
    html = blocks(block for block in story.gold.blocks if block not in CELLS)
    html.insert(2, f'<table class="figures"><tbody>{rows}</tbody></table>')
    return _set(story, '<div class="news-details">*</div>', "\n".join(html))


@layout("parts-brief", shape=_brief)
def brief(story: Story) -> str:
    return _set(story, '<div class="news-details">*</div>', body(story))


@layout("parts-brief-unknown-holder", shape=_brief)
def brief_unknown(story: Story) -> str:
    return _set(story, '<div class="k2">*</div>', body(story))


@layout("parts-captions")
def captions(story: Story) -> str:
    caption = f"<figcaption>{text(story.gold.title)} | ছবি: সংগৃহীত</figcaption>"
    figure = f'<figure><img src="/2021/03/05/a.jpg" alt="">{caption}</figure>'
    second = '<div class="img-box"><img src="/b.jpg"><p class="caption">ঘটনাস্থলে স্থানীয় মানুষের ভিড়। ছবি: নদীপথ</p></div>'
    html = blocks(story.gold.blocks)
    html[:0], html[3:3] = [figure], [second]
    return _set(story, '<div class="newsArticle">*</div>', "\n".join(html))


@layout("parts-live-blog", date="second", credit=False)
def live_blog(story: Story) -> str:
    """Posts below their times, which are not paragraphs."""
    posts = "".join(
        f'<div class="post"><time>১০:{digits(30 + n)}</time>{html}</div>'
        for n, html in enumerate(blocks(story.gold.blocks))
    )
    data = news_article(story, author=None, **{"@type": "LiveBlogPosting"})
    return page(story, f'{heading(story)}<div class="live-blog">{posts}</div>', ld_json(data))


@layout("parts-english", shape=_english, date="second")
def english(story: Story) -> str:
    return page(
        story,
        f'{heading(story)}{credit(story)}<div class="article-body">{body(story)}</div>',
        ld_json(news_article(story)),
    )
