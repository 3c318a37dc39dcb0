"""Pages with metadata other than JSON-LD."""

from __future__ import annotations

from html import escape

from evaluate.demo import long_date
from evaluate.markup import SITE, body, credit, crumbs, heading, lines, links, meta, page, text
from evaluate.page import Story, layout


@layout("microdata", date="second")
def microdata(story: Story) -> str:
    gold = story.gold
    main = f"""<article itemscope itemtype="https://schema.org/NewsArticle">
<span itemprop="articleSection">{gold.section}</span>
<h1 itemprop="headline">{text(gold.title)}</h1>
<span itemprop="author" itemscope><span itemprop="name">{gold.credit.name}</span></span>
<meta itemprop="datePublished" content="{gold.published.isoformat()}">
<div itemprop="articleBody">{body(story)}</div></article>{links(story, 4)}"""
    return page(story, main)


@layout("meta-only", date="second")
def meta_only(story: Story) -> str:
    head = meta(
        og__title=story.gold.title,
        og__site_name=SITE,
        article__published_time=story.gold.published.isoformat(),
        article__section=story.gold.section,
    )
    head += f'<meta name="author" content="{escape(story.gold.credit.name)}">'
    return page(
        story, f'<h2 class="title">{text(story.gold.title)}</h2><div class="content-details">{body(story)}</div>', head
    )


@layout("time-element", date="second")
def time_element(story: Story) -> str:
    moment = story.gold.published
    time = f'<time datetime="{moment.isoformat()}">{long_date(moment)}</time>'
    main = f"""{crumbs(story)}{heading(story)}<div class="meta">{credit(story)}{time}</div>
<section class="desktopDetailBody">{body(story)}</section>{_dated_links(story)}"""
    return page(story, main)


def _dated_links(story: Story) -> str:
    rows = story.others[:4]
    return "".join(
        f'<div><a href="/{r.key}">{r.title}</a><time datetime="{r.published.isoformat()}"></time></div>' for r in rows
    )


@layout("data-published", date="second", section=False)
def data_published(story: Story) -> str:
    moment = story.gold.published
    main = f"""{heading(story)}{credit(story, "writer")}
<span class="published" data-published="{moment.isoformat()}"></span>
<div class="story-details">{body(story)}</div>"""
    return page(story, main)


@layout("day-in-address", date="day", section=False,
        address=lambda story: f"https://news.example/{story.gold.published:%Y-%m-%d}/{story.gold.key}")  # fmt: skip
def day_in_address(story: Story) -> str:
    return page(story, f'{heading(story)}{credit(story)}<div class="details">{body(story)}</div>{links(story, 5)}')


@layout("itemprop-nested-div", date="second", section=False)
def itemprop_nested(story: Story) -> str:
    held = "".join(f"<div><div><span>{line}</span></div></div>" for line in lines(story))
    moment = story.gold.published.isoformat()
    main = f"""<div itemscope><h1 itemprop="name headline">{text(story.gold.title)}</h1>{credit(story)}
<time itemprop="datePublished" datetime="{moment}"></time><div itemprop="articleBody">{held}</div></div>"""
    return page(story, main)
