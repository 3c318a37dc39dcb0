"""Pages with JSON-LD alone, or with JSON-LD that is broken as on real sites."""

from __future__ import annotations

import html
import json
from datetime import UTC

from evaluate.markup import SITE, blocks, body, credit, heading, ld_json, links, news_article, page
from evaluate.page import HOST, Story, layout


def _plain(story: Story, separator: str) -> str:
    return separator.join(block.text for block in story.gold.blocks)


def _empty(story: Story, head: str) -> str:
    return page(story, f'{heading(story)}<div id="app"></div>', head)


@layout("json-ld-graph", date="second")
def graph(story: Story) -> str:
    others = [{"@type": "WebSite", "name": SITE}, {"@type": "WebPage", "datePublished": "2019-01-02T03:04:05+06:00"}]
    data = {"@context": "https://schema.org", "@graph": [*others, news_article(story)]}
    return page(story, f'{heading(story)}<div class="news-details">{body(story)}</div>', ld_json(data))


@layout("json-ld-list", date="second")
def listed(story: Story) -> str:
    data = [{"@type": "Organization", "name": SITE}, news_article(story, author=[{"name": story.gold.credit.name}])]
    return page(story, f'{heading(story)}<div class="pd-body">{body(story)}</div>', ld_json(data))


@layout("json-ld-body-lines", date="second")
def body_lines(story: Story) -> str:
    return _empty(story, ld_json(news_article(story, articleBody=_plain(story, "\n\n"))))


@layout("json-ld-raw-newlines", date="second")
def raw_newlines(story: Story) -> str:
    data = json.dumps(news_article(story, articleBody=_plain(story, "\n")), ensure_ascii=False)
    return _empty(story, f'<script type="application/ld+json">{data.replace(chr(92) + "n", chr(10))}</script>')


@layout("json-ld-double-escaped", date="second")
def double_escaped(story: Story) -> str:
    markup = "".join(f"<p>{html.escape(block.text)}</p>" for block in story.gold.blocks)
    return _empty(story, ld_json(news_article(story, articleBody=html.escape(html.escape(markup)))))


@layout("json-ld-body-html", date="second")
def body_html(story: Story) -> str:
    return _empty(story, ld_json(news_article(story, articleBody="".join(blocks(story.gold.blocks)))))


@layout("json-ld-trailing-comma", date="second")
def trailing_comma(story: Story) -> str:
    data = json.dumps(news_article(story), ensure_ascii=False)[:-1] + ",}"
    head = f'<script type="application/ld+json">\n//<![CDATA[\n{data}\n//]]>\n</script>'
    return page(story, f'{heading(story)}<div class="details">{body(story)}</div>', head)


@layout("json-ld-other-stories", date="second")
def other_stories(story: Story) -> str:
    items = [
        {
            "@type": "ListItem",
            "item": {"@type": "NewsArticle", "headline": each.title, "datePublished": each.published.isoformat()},
        }
        for each in story.others[:4]
    ]
    head = ld_json({"@type": "ItemList", "itemListElement": items}) + ld_json(news_article(story))
    return page(story, f'{heading(story)}<div class="news-content">{body(story)}</div>', head)


@layout("json-ld-utc", date="second")
def utc(story: Story) -> str:
    """The moment in UTC, as on the pages of BBC and DW."""
    moment = story.gold.published.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    head = ld_json(news_article(story, datePublished=moment))
    return page(story, f'{heading(story)}<div class="details_view">{body(story)}</div>', head)


@layout("json-ld-author-is-headline", date="second")
def author_is_headline(story: Story) -> str:
    data = news_article(story, author={"@type": "Person", "name": story.gold.title}, publisher={"name": SITE})
    main = f'{heading(story)}{credit(story, "reporter")}<div class="newsArticle">{body(story)}</div>{links(story, 6)}'
    return page(story, main, ld_json(data))


@layout("json-ld-author-is-site", date="second", credit=False)
def author_is_site(story: Story) -> str:
    data = news_article(story, author={"@type": "Organization", "name": SITE, "url": HOST}, publisher={"name": SITE})
    return page(story, f'{heading(story)}<div class="newsArticle">{body(story)}</div>', ld_json(data))


@layout("json-ld-only-modified", date=None)
def only_modified(story: Story) -> str:
    data = news_article(story, datePublished=None, dateModified=story.fetched_at.isoformat())
    return page(story, f'{heading(story)}<div class="details">{body(story)}</div>', ld_json(data))
