"""WordPress: newspaper themes (Jannah, tagDiv, JNews) and plugins that add to the text."""

from __future__ import annotations

from evaluate.demo import clock_half, long_date
from evaluate.markup import (
    SITE,
    body,
    credit,
    crumbs,
    heading,
    interrupted,
    ld_json,
    links,
    meta,
    news_article,
    page,
    text,
)
from evaluate.page import Story, layout

RESPOND = """<div id="comments"><h3>Leave a Reply</h3><p>Your email address will not be published.</p>
<ol class="commentlist"><li class="comment"><p>খুব ভালো লাগল খবরটি পড়ে, ধন্যবাদ আপনাদের সবাইকে।</p></li></ol>
<label>Save my name, email, and website in this browser</label></div>"""


def _graph(story: Story, author: str | None) -> str:
    person = {"@type": "Person", "@id": "#author", "name": author}
    data = news_article(story, author={"@id": "#author"}, headline=story.gold.title)
    return ld_json({"@context": "https://schema.org", "@graph": [data, person, {"@type": "WebSite", "name": SITE}]})


@layout("wordpress-jannah", platform="wordpress", date="second")
def jannah(story: Story) -> str:
    gold = story.gold
    head = _graph(story, gold.credit.name) + meta(og__title=f"{gold.title} | UKBDNEWS", og__site_name="UKBDNEWS")
    share = '<div class="share-buttons"><a>Facebook</a> <a>Twitter</a> <a>Share via Email</a> <a>Print</a></div>'
    main = f"""<article id="the-post"><h1 class="post-title entry-title">{text(gold.title)}</h1>
<div class="post-meta"><span class="meta-author">{gold.credit.name}</span><span>Less than a minute</span></div>
<div class="entry-content entry clearfix">{body(story)}</div>{share}</article>
<div id="related-posts"><h3>Related Articles</h3>{links(story, 4)}</div>{RESPOND}
<a id="go-to-top">Back to top button</a>"""
    return page(story, main, head, title=f"{gold.title} | UKBDNEWS")


@layout("wordpress-tagdiv", platform="wordpress", date="second")
def tagdiv(story: Story) -> str:
    gold, moment = story.gold, story.gold.published
    time = f'<time class="entry-date updated td-module-date" datetime="{moment.isoformat()}">{long_date(moment)}</time>'
    ad = '<div class="td-a-rec"><span class="td-adspot-title">- Advertisement -</span></div>'
    main = f"""<div class="td-post-header">{crumbs(story)}<h1 class="entry-title">{text(gold.title)}</h1>
<div class="td-post-author-name">By <a>{gold.credit.name}</a></div>{time}</div>
<div class="td-post-content tagdiv-type">{interrupted(story, ad)}</div>
<div class="td_block_related_posts">{links(story, 3)}</div>{RESPOND}"""
    return page(story, main)


@layout("wordpress-jnews", platform="wordpress", section=False)
def jnews(story: Story) -> str:
    gold, moment = story.gold, story.gold.published
    inline = f'<div class="jnews_inline_related_post"><h4>আরও পড়ুন</h4>{links(story, 2)}</div>'
    main = f"""<h1 class="jeg_post_title">{text(gold.title)}</h1>
<div class="jeg_meta_author">by {gold.credit.name}</div>
<div class="jeg_meta_date"><a>{long_date(moment)}, {clock_half(moment)}</a></div>
<div class="entry-content"><div class="content-inner">{interrupted(story, inline)}
<div class="jeg_post_tags"><span>Tags:</span> <a>বাংলাদেশ</a><a>জেলা</a></div></div></div>"""
    return page(story, main, title=f"{gold.title} - {SITE}")


@layout("wordpress-login", platform="wordpress", date="second", credit=False)
def login(story: Story) -> str:
    main = f'<h1 class="entry-title">{text(story.gold.title)}</h1><div class="entry-content">{body(story)}</div>'
    return page(story, main, _graph(story, "admin"))


@layout("wordpress-jetpack", platform="wordpress", date="second")
def jetpack(story: Story) -> str:
    buttons = "<ul><li><a>Facebook</a></li><li><a>X</a></li></ul>"
    sharing = f'<div class="sharedaddy"><h3 class="sd-title">Share this:</h3>{buttons}</div>'
    related = f'<div id="jp-relatedposts"><h3 class="jp-relatedposts-headline">Related</h3>{links(story, 3)}</div>'
    main = f'{heading(story)}<div class="entry-content">{body(story)}{sharing}{related}</div>'
    return page(story, main, _graph(story, story.gold.credit.name))


@layout("wordpress-elementor", date="second", section=False)
def elementor(story: Story) -> str:
    """A page builder that makes every part a widget of the same class."""
    widget = '<div class="elementor-widget"><div class="elementor-widget-container">{}</div></div>'
    parts = (heading(story), credit(story, "elementor-post-info__item--type-author"), body(story), links(story, 4))
    data = meta(article__published_time=story.gold.published.isoformat())
    return page(story, "".join(widget.format(part) for part in parts), data)
