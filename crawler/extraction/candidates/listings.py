"""Listings told from stories: front pages, sections, archives."""

from __future__ import annotations

from lxml.html import HtmlElement

from crawler.bengali.sections import is_section
from crawler.bengali.text import fold, normalize
from crawler.extraction.blocks.block import Body, blocks_of
from crawler.extraction.blocks.teasers import is_teaser, link_share
from crawler.extraction.page.document import Document, text_of
from crawler.extraction.page.jsonld import text_value, types
from crawler.extraction.words import ends_sentence
from crawler.model.addresses import is_front_page
from crawler.outlets.signs import LISTING_PATHS, first_part

# Of listings: the linked headings they have at least, fewer where the page calls itself a site; the shortest headline
# that tells a story by itself; the text that tells one below a shorter headline.
_MANY_STORIES, _SOME_STORIES, _SHORTEST_HEADLINE = 8, 3, 16
_TITLE_GAPS = 2
_TEASER, _PARAGRAPH, _STORY = 300, 40, 120
_HEADINGS = ("h1", "h2", "h3", "h4")
_LISTING_TYPES = frozenset({"collectionpage", "searchresultspage"})


def title_of(document: Document, headline: HtmlElement | None) -> str:
    """Return the shown headline, else the page's title."""
    return text_of(headline) if headline is not None else document.structured.title


def declares_a_day(document: Document) -> bool:
    """Tell whether the page's data says when an article was published."""
    data = document.structured
    return bool(data.meta.get("article:published_time") or data.article.get("datePublished"))


def is_listing(document: Document, headline: HtmlElement | None, body: Body) -> bool:
    """Tell a front page, section or archive. In doubt a page is an article: a short one has many links beside it."""
    if declares_article(document):
        return False
    if is_front_page(document.url) or any(types(thing) & _LISTING_TYPES for thing in document.structured.json_ld):
        return True
    if LISTING_PATHS.search(document.url) or _is_links(body):
        return True
    if headline is not None and _heads_a_story(headline, document, body):
        return False
    is_site = "website" in map(str.lower, document.structured.meta.get("og:type", ()))
    is_site = is_site or is_section(first_part(title_of(document, headline)))
    stories = story_links(document.tree)
    return (is_site and len(body) < _TEASER and stories >= _SOME_STORIES) or stories >= _MANY_STORIES


def _is_links(body: Body) -> bool:
    """Tell a text without a sentence that is the titles of other stories, each a link."""
    if any(map(ends_sentence, body.paragraphs)):
        return False
    links = (text_of(link) for container in body.containers for link in container.iter("a"))
    titles = {normalize(text) for text in links if text.count(" ") >= _TITLE_GAPS}
    return sum(text.startswith(tuple(titles)) for text in body.paragraphs) >= _SOME_STORIES


def _has_a_run(document: Document, body: Body) -> bool:
    """Tell a story, whose paragraphs follow each other, from the teasers of a listing: each has its own heading."""
    told, size, before = set(body.paragraphs), 0, None
    for element in document.index.tagged("p"):
        text = normalize(text_of(element))
        if len(text) < _PARAGRAPH or text not in told or not ends_sentence(text):
            continue
        size = size + len(text) if before is not None and element.getprevious() is before else 0
        if size >= _PARAGRAPH * 2:
            return True
        before = element
    return False


def declares_article(document: Document) -> bool:
    """Tell whether the page's data describes one article: a list of several stories is no description of one."""
    data = document.structured
    headlines = {fold(text_value(thing.get("headline")) or "") for thing in data.articles}
    return len(headlines) == 1 or bool(data.meta.get("article:published_time"))


def _heads_a_story(headline: HtmlElement, document: Document, body: Body) -> bool:
    """Tell a headline of some length or with text of its own, not linked to elsewhere, from a section's name."""
    if is_linked(headline):
        return False
    is_long = len(fold(text_of(headline))) >= _SHORTEST_HEADLINE
    return is_long or _text_below(headline, document, body) >= _STORY or _has_a_run(document, body)


def _text_below(headline: HtmlElement, document: Document, body: Body) -> int:
    """Return how much of the body stands between the headline and the next heading that is a link."""
    order, told = document.order, set(body.paragraphs)
    start = order.get(headline, 0)
    linked = (order.get(heading, 0) for heading in document.index.tagged(*_HEADINGS) if is_linked(heading))
    end = min((position for position in linked if position > start), default=len(order))
    root = document.tree.find("body")
    return sum(
        len(block.text)
        for block in (blocks_of(root) if root is not None else ())
        if block.text in told and ends_sentence(block.text) and start < order.get(block.element, 0) < end
    )


def is_linked(heading: HtmlElement) -> bool:
    return next(heading.iterancestors("a"), None) is not None or link_share(heading) > 0.5


def story_links(tree: HtmlElement) -> int:
    """Return how many headings of a page are links; where there are few, how many teasers it has."""
    headings = tree.iter(*_HEADINGS)
    linked = sum(
        heading.find(".//a") is not None or next(heading.iterancestors("a"), None) is not None for heading in headings
    )
    return linked if linked >= _MANY_STORIES else max(linked, sum(map(is_teaser, tree.iter("div", "li", "article"))))
