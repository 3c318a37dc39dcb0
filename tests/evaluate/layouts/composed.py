"""Pages composed at random from parts of many sites; each number always gives the same page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from evaluate.layouts.boxes import boxes_after, boxes_between
from evaluate.layouts.dates import FORMS
from evaluate.markup import SITE, blocks, heading, ld_json, lines, link, links, meta, news_article, page, stamp, text
from evaluate.page import Story, layout

PAGES = 40
CONTAINERS = (
    '<div class="x7">*</div>',
    '<section class="story_txt">*</section>',
    '<div id="news_body"><div class="inner">*</div></div>',
    '<article class="single">*</article>',
    '<div class="description">*</div>',
    '<div class="post__content">*</div>',
    '<div itemprop="articleBody">*</div>',
    '<div class="newsText"><div class="row"><div class="col-12">*</div></div></div>',
    '<div class="entry-content">*</div>',
    "<div>*</div>",
)
BYLINES = (
    '<div class="author-name">*</div>',
    '<p class="reporter">*</p>',
    '<span class="byline"><a href="/author/7">*</a></span>',
    '<a rel="author" href="/writers/7">*</a>',
    '<div class="news-info"><span class="writer"><i class="icon"></i> *</span></div>',
    "<p>লেখক: *</p>",
)
# The byline and the date in one element.
TOGETHER = (
    '<div class="meta">* | @</div>',
    '<p class="info"><span>*</span> <span>@</span></p>',
    "<ul><li>*</li><li>@</li></ul>",
    '<div class="author"><strong>*</strong><br>@</div>',
    '<div class="written"><span class="reporter">*</span>@</div>',
)
DATES = (
    '<div class="date">*</div>',
    '<p class="news_date">*</p>',
    "<span>*</span>",
    '<div class="row"><small>*</small></div>',
)


def _paragraphs(story: Story) -> list[str]:
    return blocks(story.gold.blocks)


def _divs(story: Story) -> list[str]:
    return [f"<div>{line}</div>" for line in lines(story)]


def _breaks(story: Story) -> list[str]:
    return [f"{line}<br><br>" for line in lines(story)]


def _styled(story: Story) -> list[str]:
    return [f'<p style="text-align:justify"><span lang="BN">{line}</span><br></p>' for line in lines(story)]


SETTINGS: Sequence[Callable[[Story], list[str]]] = (_paragraphs, _paragraphs, _divs, _breaks, _styled)


def _heads(story: Story, chance: Random) -> str:
    """Return metadata without date, author and section, which only the page shows."""
    titled = meta(og__title=f"{story.gold.title} | {SITE}", og__site_name=SITE)
    linked = ld_json(news_article(story, datePublished=None, author=None, articleSection=None))
    return chance.choice(("", titled, linked, titled + linked))


def _beside(story: Story, chance: Random) -> str:
    """Return a sidebar: teasers with or without first sentences and dates."""
    rows = "".join(
        f'<div class="item"><h4>{link(each.key, each.title)}</h4>'
        + chance.choice((f"<p>{text(each.lead)}</p>", f"<span>{stamp(each.published)}</span>", ""))
        + "</div>"
        for each in story.others[:5]
    )
    named = chance.choice(('class="sidebar"', 'class="col-md-4"', 'id="right"', 'class="popular-news"'))
    return f"<div {named}><h3>সর্বাধিক পঠিত</h3>{rows}</div>"


def _text(story: Story, chance: Random) -> str:
    """Return the article's text with boxes between its paragraphs and after them."""
    html = chance.choice(SETTINGS)(story)
    for place in sorted(chance.sample(range(1, len(html) + 1), min(3, len(html))), reverse=True):
        html.insert(place, chance.choice(boxes_between(story)))
    html += chance.sample(boxes_after(story), 2)
    return chance.choice(CONTAINERS).replace("*", "\n".join(html))


def _top(story: Story, chance: Random) -> str:
    """Return byline and date, in two elements or in one."""
    form = FORMS[chance.choice(sorted(FORMS))](story.gold.published)
    name = text(story.gold.credit.name)
    if chance.random() < 0.25 and story.gold.credit.kind != "person":
        return chance.choice(TOGETHER).replace("*", name).replace("@", form)
    rows = [chance.choice(BYLINES).replace("*", name), chance.choice(DATES).replace("*", form)]
    chance.shuffle(rows)
    return "".join(rows)


def _next_story(story: Story, chance: Random) -> str:
    """Return, for some pages, the story that a reader scrolls into."""
    other = story.others[5]
    held = f'<h1>{text(other.title)}</h1><div class="x7">{"".join(blocks(other.blocks))}</div>'
    return f'<div class="next-story">{held}</div>' if chance.random() < 0.15 else ""


def _render(story: Story, number: int) -> str:
    chance = Random(number)
    head, article = _heads(story, chance), _text(story, chance)
    opening = f"{heading(story)}{_top(story, chance)}"
    # On some sites headline, byline and date are inside the text's container.
    main = opening + article if chance.random() < 0.8 else article.replace(">", f"><div>{opening}</div>", 1)
    ticker = f'<div class="ticker">শিরোনাম: {links(story, 3, 4)}</div>' if chance.random() < 0.5 else ""
    column = chance.choice(('<div class="col-md-8">*</div>', '<div class="left">*</div>', "*"))
    held = column.replace("*", main) + _beside(story, chance)
    return page(story, f'{ticker}<div class="container">{held}</div>{_next_story(story, chance)}', head)


for _number in range(PAGES):
    layout(f"composed-{_number:02d}", section=False)(partial(_render, number=_number))
