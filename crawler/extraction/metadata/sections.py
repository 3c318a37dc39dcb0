"""Find the section of an article, in the outlet's own words, its scope, topics, genre and tags.

The section is the first known section word, else the first word at all, of the first source of `_sources` that has one,
else the outlet's group `section` or a known section word in the address.

Tags come from JSON-LD `keywords`, `article:tag` and links with `rel=tag`, else from the keywords in meta.
"""

from collections.abc import Collection, Iterator
from itertools import islice, takewhile
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from crawler.bengali.places import is_district
from crawler.bengali.sections import genre_of, is_other, is_section, scope_of, topics_of
from crawler.bengali.text import fold, normalize
from crawler.extraction import vocabulary
from crawler.extraction.body.block import TextPart
from crawler.extraction.metadata import united
from crawler.extraction.metadata.surroundings import Nearby
from crawler.extraction.page.document import Document, has_text, text_of
from crawler.extraction.page.naming import is_beside_story, words_of
from crawler.extraction.page.page_data import Story
from crawler.extraction.page.structured import plain
from crawler.model.article import Article
from crawler.model.listing import Page
from crawler.outlets.outlet import Outlet

# The markup of publishing systems for a section, whose name may be unknown.
_LABEL_WORDS = vocabulary.name_words("section")
_LABELLED_PARENTS = 2
_ROW_ITEMS = frozenset({"li", "span"})
# Longer texts beside a headline are no section's name; nor are longer names in data.
_LONGEST_WORD, _LONGEST_NAME = 40, 60
# More section words near a headline, or links in a row, are a menu.
_MOST_WORDS, _MOST_STEPS = 3, 3
_LONGEST_TAG, _MOST_TAGS = 80, 50
_POSITIONS = frozenset(map(fold, vocabulary.name_words("position")))


def place(
    article: Article,
    document: Document,
    outlet: type[Outlet],
    page: Page,
    nearby: Nearby,
    story: Story | None,
    refused: Collection[str],
) -> dict[str, str]:
    """Set the section, scope, topics and genre of an article, and return the sources of section and scope.

    `refused` are no sections: the headline and the site's names, folded.
    """
    excluded = {"", *_POSITIONS, *refused}
    found: dict[str, list[str]] = {}
    for source, texts in _sources(document, outlet, nearby, story).items():
        names = [normalize(plain(text) or "").strip(" »›/") for text in texts]
        found[source] = [name for name in names if len(name) <= _LONGEST_NAME and fold(name) not in excluded]
    steps = map(unquote, urlsplit(page.url).path.strip("/").split("/")[:-1])
    in_address = outlet.section_of(page.url) or next(filter(is_section, steps), None)
    source = next((source for source, names in found.items() if names), "url" if in_address else "none")
    names = found.get(source, [])
    article.section = next(filter(is_section, names), names[0] if names else in_address)
    every = [(article.section, source), (in_address, "url")]
    every += [(name, key) for key, names in found.items() for name in names]
    known: dict[str, str] = {}
    for word, origin in every:
        if word:
            known.setdefault(word, origin)
    scopes = ((scope, origin) for word, origin in known.items() if (scope := scope_of(word)))
    article.scope, scope_source = next(scopes, (None, "none"))
    if article.scope is None and page.listing and page.listing.national and not any(map(is_other, known)):
        article.scope, scope_source = "national", "listing"
    article.topics = list(dict.fromkeys(topic for word in known for topic in topics_of(word)))
    article.genre = next((genre for word in known if (genre := genre_of(word)) != "news"), "news")
    return {"section": source, "scope": scope_source}


def find_tags(document: Document, refused: Collection[str]) -> tuple[list[str], str]:
    """Return the keywords of the page, each once, in its order, and their sources.

    `refused` are none: headline and site, folded.
    """
    meta = document.structured.meta
    links = [
        text_of(link)
        for link in document.index.tagged("a", "link")
        if "tag" in link.get("rel", "").split() and not is_beside_story(link)
    ]
    keywords = document.structured.article.get("keywords")
    stated, source = united({"json-ld": _listed(keywords), "meta": _listed(meta.get("article:tag")), "rel-tag": links})
    if not stated:
        stated, source = united({"keywords": [*_listed(meta.get("news_keywords")), *_listed(meta.get("keywords"))]})
    texts = (normalize(text).strip(" #,") for text in stated)
    tags = {fold(text): text for text in texts if len(text) <= _LONGEST_TAG}
    kept = [tag for folded, tag in tags.items() if folded and folded not in refused][:_MOST_TAGS]
    return kept, source if kept else "none"


def _sources(document: Document, outlet: type[Outlet], nearby: Nearby, story: Story | None) -> dict[str, list[str]]:
    data = document.structured
    return {
        "outlet": document.texts(outlet.section_label),
        "json-ld": _listed(data.article.get("articleSection"), separator="\n"),
        "meta": data.meta.get("article:section", []),
        "breadcrumb-data": data.breadcrumbs[::-1],
        "page-data": story.sections if story else [],
        "label": list(_labels(nearby)),
        "breadcrumb": _breadcrumb(document, nearby.headline),
        "word": _words(nearby),
    }


def _listed(value: Any, separator: str = ",") -> list[str]:
    texts = [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]
    return [part for text in texts for piece in text.split(separator) if (part := piece.strip())]


def _labels(nearby: Nearby) -> Iterator[str]:
    """Yield the names in elements with a section's markup, before the text and then after it."""
    for part in (*nearby.parts, *nearby.parts_after):
        if any(map(_is_section_label, [part.element, *islice(part.element.iterancestors(), _LABELLED_PARENTS)])):
            yield part.text


def _breadcrumb(document: Document, headline: HtmlElement | None) -> list[str]:
    """Return the steps of the last row of few links above the headline that begins at the front page, in reverse."""
    tags = ("a",) if headline is None else ("a", headline.tag)
    before = takewhile(lambda each: each is not headline, document.tree.iter(*tags))
    above = [each for each in before if each.tag == "a"]
    rows = (next(each for each in link.iterancestors() if each.tag not in _ROW_ITEMS) for link in reversed(above))
    for row in dict.fromkeys(rows):
        links = list(islice(row.iter("a"), _MOST_STEPS + 1))
        if row.tag == "header" or not 1 < len(links) <= _MOST_STEPS or not document.leads_home(links[0]):
            continue
        if steps := [link for link in links if not document.leads_home(link)]:
            return list(map(text_of, reversed(steps)))
    return []


def _words(nearby: Nearby) -> list[str]:
    """Return the section word alone above the headline, a linked one first, else the one below it."""
    above = [part for block in nearby.above for part in block.parts if _is_word(part)][::-1]
    following = [part for block in nearby.below[1:] for part in block.parts]
    below = list(filter(_is_word, following))
    if len(above) + len(below) > _MOST_WORDS:
        return []
    # An unlinked word further below, or a place right below, is the beginning of a byline.
    sure = [part for part in below if _is_linked(part) or (part is following[0] and not is_district(part.text))]
    return [part.text for part in (*sorted(above, key=_is_linked, reverse=True), *sure)][:1]


def _is_section_label(element: HtmlElement) -> bool:
    """Return whether an element is named as a section's; WordPress names whole articles by their category."""
    is_marked = "category" in (element.get("rel") or "").split() or element.get("itemprop") == "articleSection"
    is_label = is_marked or not _LABEL_WORDS.isdisjoint(words_of(element))
    return is_label and not has_text(element, _LONGEST_NAME)


def _is_word(part: TextPart) -> bool:
    return len(part.text) <= _LONGEST_WORD and is_section(part.text)


def _is_linked(part: TextPart) -> bool:
    return part.element.tag == "a" or next(part.element.iterancestors("a"), None) is not None
