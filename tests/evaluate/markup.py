"""The HTML that layouts share: paragraphs, bylines, metadata, and a newspaper's page around an article."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import Any

from evaluate.demo import long_date, masthead, time_of_day
from evaluate.gold import Block
from evaluate.page import HOST, Story

TAGS = {"paragraph": "p", "heading": "h2"}
SITE = "দৈনিক নদীপথ"
MENU = ["জাতীয়", "রাজনীতি", "আন্তর্জাতিক", "খেলা", "বিনোদন", "অর্থনীতি", "শিক্ষা", "মতামত"]


def text(value: str) -> str:
    """Return the text as HTML."""
    return escape(value, quote=False)


def stamp(moment: datetime) -> str:
    """Return ২৪ নভেম্বর ২০২৬, ১২:৪৯."""
    return f"{long_date(moment)}, {time_of_day(moment)}"


def shown_date(story: Story) -> str:
    """Return the moment of publication as a reader sees it."""
    return stamp(story.gold.published)


def blocks(paragraphs: Iterable[Block]) -> list[str]:
    """Return each block as HTML; consecutive items share one list."""
    html: list[str] = []
    for block in paragraphs:
        if block.kind == "quote":
            html.append(f"<blockquote><p>{text(block.text)}</p></blockquote>")
        elif block.kind == "item" and html and html[-1].endswith("</ul>"):
            html[-1] = html[-1].removesuffix("</ul>") + f"<li>{text(block.text)}</li></ul>"
        elif block.kind == "item":
            html.append(f"<ul><li>{text(block.text)}</li></ul>")
        else:
            html.append(f"<{TAGS[block.kind]}>{text(block.text)}</{TAGS[block.kind]}>")
    return html


def body(story: Story) -> str:
    return "\n".join(blocks(story.gold.blocks))


def interrupted(story: Story, *boxes: str) -> str:
    """Return the article's text with a box after every second block."""
    html = blocks(story.gold.blocks)
    for number, box in enumerate(boxes):
        html.insert(2 + 2 * number, box)
    return "\n".join(html)


def lines(story: Story) -> list[str]:
    """Return the article's blocks as HTML without tags."""
    return [text(block.text) for block in story.gold.blocks]


def page(story: Story, main: str, head: str = "", title: str | None = None, around: bool = True) -> str:
    """Return a page; `around` adds masthead, menu, sidebar and footer to the main part."""
    shown = title if title is not None else story.gold.title
    opening, closing = (_opening(story), _closing(story)) if around else ("", "")
    return f"""<!doctype html>
<html lang="bn"><head><meta charset="utf-8"><title>{text(shown)}</title>
{head}
</head><body>
{opening}
<main>
{main}
</main>
{closing}
</body></html>"""


def _opening(story: Story) -> str:
    menu = "".join(f'<li><a href="{HOST}/topic/{n}">{name}</a></li>' for n, name in enumerate(MENU))
    day = masthead(story.fetched_at.date())
    return f'<header><div class="date">ঢাকা, {day}</div><a href="{HOST}/">{SITE}</a><nav><ul>{menu}</ul></nav></header>'


def _closing(story: Story) -> str:
    year = story.fetched_at.year
    return f"""<aside class="sidebar"><h3>সর্বশেষ</h3>{links(story, 4)}</aside>
<footer><p>সম্পাদক ও প্রকাশক: {SITE}</p><p>© {year} {SITE}. সর্বস্বত্ব সংরক্ষিত</p></footer>"""


def links(story: Story, count: int, after: int = 0) -> str:
    """Return a list of links to other articles."""
    rows = story.others[after : after + count]
    return "<ul>" + "".join(f"<li>{link(row.key, row.title)}</li>" for row in rows) + "</ul>"


def link(key: str, title: str) -> str:
    return f'<a href="{HOST}/details/{key}">{text(title)}</a>'


def as_json(data: Any) -> str:
    """Return JSON that can be inside a script element."""
    return json.dumps(data, ensure_ascii=False).replace("</", "<\\/")


def ld_json(data: Any) -> str:
    """Return a block of JSON-LD."""
    return f'<script type="application/ld+json">{as_json(data)}</script>'


def news_article(story: Story, **more: Any) -> dict[str, Any]:
    """Return the usual JSON-LD of an article; a key given as None is left out."""
    gold = story.gold
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": gold.title,
        "datePublished": gold.published.isoformat(),
        "author": {"@type": "Person", "name": gold.credit.name},
        "articleSection": gold.section,
        "mainEntityOfPage": story.url,
        **more,
    }
    return {key: value for key, value in data.items() if value is not None}


def meta(**named: str) -> str:
    """Return meta elements; og__title is written for og:title."""
    rows = ((name.replace("__", ":"), value) for name, value in named.items())
    return "\n".join(f'<meta property="{name}" content="{escape(value)}">' for name, value in rows)


def credit(story: Story, name: str = "byline") -> str:
    return f'<div class="{name}">{text(story.gold.credit.name)}</div>'


def crumbs(story: Story) -> str:
    """Return a breadcrumb that ends with the section."""
    return f'<ol class="breadcrumb"><li><a href="/">প্রচ্ছদ</a></li><li><a href="/s">{story.gold.section}</a></li></ol>'


def heading(story: Story) -> str:
    return f"<h1>{text(story.gold.title)}</h1>"
