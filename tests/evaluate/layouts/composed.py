"""Pages put together at random, the same on every run: holder, setting, byline, date and furniture of many sites."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from evaluate.demo import clock, long_date
from evaluate.layouts.boxes import FURNITURE_AFTER, FURNITURE_INSIDE
from evaluate.layouts.dates import FORMS
from evaluate.markup import SITE, blocks, heading, ld_json, lines, link, links, meta, news_article, page, text
from evaluate.page import Story, layout

PAGES = 40
HOLDERS = (
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
# The byline and the date on one line, parted by what newspapers part them by.
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
    """Return what the page's head says: never the date, the author or the section, which the page shows."""
    titled = meta(og__title=f"{story.gold.title} | {SITE}", og__site_name=SITE)
    linked = ld_json(news_article(story, datePublished=None, author=None, articleSection=None))
    return chance.choice(("", titled, linked, titled + linked))


def _beside(story: Story, chance: Random) -> str:
    """Return a side column: teasers with or without their first sentences and dates."""
    rows = "".join(
        f'<div class="item"><h4>{link(each.key, each.title)}</h4>'
        + chance.choice(
            (f"<p>{text(each.lead)}</p>", f"<span>{long_date(each.published)}, {clock(each.published)}</span>", "")
        )
        + "</div>"
        for each in story.others[:5]
    )
    named = chance.choice(('class="sidebar"', 'class="col-md-4"', 'id="right"', 'class="popular-news"'))
    return f"<div {named}><h3>সর্বাধিক পঠিত</h3>{rows}</div>"


def _text(story: Story, chance: Random) -> str:
    """Return the article's text with furniture between its paragraphs and after them."""
    html = chance.choice(SETTINGS)(story)
    for place in sorted(chance.sample(range(1, len(html) + 1), min(3, len(html))), reverse=True):
        html.insert(place, chance.choice(FURNITURE_INSIDE)(story))
    html += [each(story) for each in chance.sample(FURNITURE_AFTER, 2)]
    return chance.choice(HOLDERS).replace("*", "\n".join(html))


def _top(story: Story, chance: Random) -> str:
    """Return byline and date, on two lines or on one."""
    form = FORMS[chance.choice(sorted(FORMS))](story.gold.published)
    name = text(story.gold.credit.name)
    if chance.random() < 0.25 and story.gold.credit.kind != "person":
        return chance.choice(TOGETHER).replace("*", name).replace("@", form)
    told = [chance.choice(BYLINES).replace("*", name), chance.choice(DATES).replace("*", form)]
    chance.shuffle(told)
    return "".join(told)


def _next_story(story: Story, chance: Random) -> str:
    """Return the story that a reader scrolls into, on some pages."""
    other = story.others[5]
    held = f'<h1>{text(other.title)}</h1><div class="x7">{"".join(blocks(other.blocks))}</div>'
    return f'<div class="next-story">{held}</div>' if chance.random() < 0.15 else ""


def _render(story: Story, number: int) -> str:
    chance = Random(number)
    head, told = _heads(story, chance), _text(story, chance)
    opening = f"{heading(story)}{_top(story, chance)}"
    # On some sites headline, byline and date stand inside the text's own holder.
    main = opening + told if chance.random() < 0.8 else told.replace(">", f"><div>{opening}</div>", 1)
    ticker = f'<div class="ticker">শিরোনাম: {links(story, 3, 4)}</div>' if chance.random() < 0.5 else ""
    column = chance.choice(('<div class="col-md-8">*</div>', '<div class="left">*</div>', "*"))
    held = column.replace("*", main) + _beside(story, chance)
    return page(story, f'{ticker}<div class="container">{held}</div>{_next_story(story, chance)}', head)


def _enter(number: int) -> None:
    layout(f"composed-{number:02d}", section=False)(lambda story: _render(story, number))


for _number in range(PAGES):
    _enter(_number)
