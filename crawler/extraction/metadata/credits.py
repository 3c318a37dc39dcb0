"""Find who wrote an article and which agencies it credits.

Authors come from the first source of `_find_authors` that names any; a headline, a site's name or a login names none.
Agencies are those of the authors, the bylines and the text together.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice, pairwise
from typing import Any

from lxml.html import HtmlElement

from crawler.bengali.bylines import agencies, may_name_desk, parse_byline
from crawler.bengali.bylines.vocabulary import COMMON_NAMES
from crawler.bengali.date_lines import is_date_line
from crawler.bengali.dates import is_label
from crawler.bengali.sections import is_section
from crawler.bengali.text import fold, normalize, words
from crawler.extraction import vocabulary
from crawler.extraction.body.body import Body
from crawler.extraction.metadata import united
from crawler.extraction.metadata.surroundings import Nearby
from crawler.extraction.page.document import Document
from crawler.extraction.page.naming import words_of
from crawler.extraction.page.page_data import Story
from crawler.extraction.page.structured import plain, text_value, types
from crawler.model.article import Author
from crawler.outlets.outlet import Outlet

_META = ("author", "article:author", "dc.creator", "parsely-author", "byl")
_AUTHOR_WORDS = vocabulary.name_words("byline")
_AUTHOR_ADDRESS = re.compile("/(?:authors?|writer|reporter|byline|columnist|contributor|profile)/|[?&]author=")
# The parents of a line that may carry its author markup.
_MARKED_PARENTS = 2
# Logins of publishing systems are one word of Latin letters, digits and signs.
_LOGIN = re.compile(r"[A-Za-z0-9_.@-]+")
# Longer texts are sentences, or lists of names that no byline has.
_LONGEST_NAME, _LONGEST_DESK, _LONGEST_LINE = 90, 60, 120
_MOST_AUTHORS, _MOST_OWN = 50, 3
_OPENING = re.compile(r"([^:ঃ।|॥]{4,40})\s*(?:[:ঃ|॥]|।।)")
_PARTS = re.compile(r"\s*[|•·॥]\s*|\s+[/:–—।-]\s+")
_WRITER, _WRITER_LABEL = vocabulary.pattern("writer"), vocabulary.pattern("writer_label")
# These words end the names of desks, and longer lines about news.
_SHARED_WORDS, _LONGEST_SHARED = frozenset(words("প্রতিবেদন রিপোর্ট বিজ্ঞপ্তি টিম অফিস")), 3


def find_credits(
    document: Document, outlet: type[Outlet], nearby: Nearby, story: Story | None, refused: Collection[str], body: Body
) -> tuple[tuple[list[Author], str], tuple[list[str], str]]:
    """Return the authors and the codes of the agencies, each with its source.

    `refused` are folded texts that name no author.
    """
    around = ((part, islice(part.element.iterancestors(), _MARKED_PARENTS)) for part in nearby.parts)
    marked = [part.text for part, parents in around if any(map(_is_author, (part.element, *parents)))]
    bylines = {"outlet": document.texts(outlet.byline)[:_MOST_OWN], "markup": marked}
    authors, source = _find_authors(document, nearby, bylines, story, refused, body.paragraphs[0])
    # The codes of the agencies that are authors, then of those in the bylines and in the text.
    lines = {"authors": [author.name for author in authors if author.kind == "agency"], **bylines}
    credited = {name: [code for line in texts for code in agencies(line)] for name, texts in lines.items()}
    return (authors, source), united({**credited, "text": agencies("\n".join([body.text, *body.credits]))})


def _find_authors(
    document: Document,
    nearby: Nearby,
    bylines: Mapping[str, list[str]],
    story: Story | None,
    refused: Collection[str],
    opening: str,
) -> tuple[list[Author], str]:
    sources: dict[str, Callable[[], Iterable[str]]] = {
        "outlet": lambda: bylines["outlet"],
        "json-ld": lambda: _in_json_ld(document),
        "meta": lambda: (plain(value) or "" for name in _META for value in document.structured.meta.get(name, ())),
        "page-data": lambda: story.authors if story else (),
        # One byline, as a role beside a name is of that person.
        "markup": lambda: [" | ".join(filter(parse_byline, bylines["markup"]))],
        "label": lambda: _labelled(nearby),
        "beside-date": lambda: _beside_date(nearby),
        "desk": lambda: _desks(nearby, refused),
        "opening": lambda: _opening_desk(opening),
    }
    for source, texts in sources.items():
        if authors := _authors(texts(), refused):
            return authors, source
    return [], "none"


def _authors(texts: Iterable[str], refused: Collection[str]) -> list[Author]:
    found: dict[str, Author] = {}
    for text in texts:
        for author in parse_byline(normalize(text)) if fold(text) not in refused else ():
            is_login = author.kind != "agency" and _LOGIN.fullmatch(author.name)
            if fold(author.name) not in refused and not is_login:
                found.setdefault(fold(author.name), author)
    return list(found.values())


def _in_json_ld(document: Document) -> Iterator[str]:
    article = document.structured.article
    author: Any = article.get("author") or article.get("creator")
    for item in author[:_MOST_AUTHORS] if isinstance(author, list) else [author]:
        resolved = document.structured.resolved(item)
        name = text_value(resolved) or ""
        kinds = types(resolved) if isinstance(resolved, dict) else set()
        is_organization = bool(kinds) and "person" not in kinds
        # An organization that is neither desk nor agency is the site.
        if not is_organization or any(author.kind != "person" for author in parse_byline(name)):
            yield name


def _is_author(element: HtmlElement) -> bool:
    if not _AUTHOR_WORDS.isdisjoint(words_of(element)) or "author" in (element.get("rel"), element.get("itemprop")):
        return True
    return element.tag == "a" and _AUTHOR_ADDRESS.search(element.get("href") or "") is not None


def _labelled(nearby: Nearby) -> Iterator[str]:
    texts = [part.text for part in (*nearby.parts, *nearby.parts_after)]
    for text, following in pairwise([*texts, ""]):
        written = _WRITER.search(text) or _WRITER.search(f"{text} {following}")
        if written and len(text) <= _LONGEST_NAME:
            yield next(filter(None, written.groups())).strip()
        elif _WRITER_LABEL.search(text):
            yield following


def _lines(nearby: Nearby) -> Iterator[str]:
    """Yield the parts of the lines near the headline that may be bylines."""
    for block in (*nearby.above, *nearby.below):
        line = " | ".join(part.text for part in block.parts)
        if len(line) <= _LONGEST_LINE:
            yield from (text for part in _PARTS.split(line) if (text := part.strip(" /:–—-")))


def _beside_date(nearby: Nearby) -> Iterator[str]:
    parts = [part for part in _lines(nearby) if not is_label(part)]
    for before, part, after in zip(["", *parts], parts, [*parts[1:], ""], strict=False):
        if len(part) <= _LONGEST_DESK and (is_date_line(before) or is_date_line(after)):
            names = [author.name.split() if author.kind == "person" else [] for author in parse_byline(part)]
            if names and all(len(each) > 1 and not COMMON_NAMES.isdisjoint(each) for each in names):
                yield part


def _desks(nearby: Nearby, refused: Collection[str]) -> list[str]:
    for part in _lines(nearby):
        authors = _authors([part], refused) if len(part) <= _LONGEST_DESK and may_name_desk(part) else []
        if any(author.kind != "person" and not _is_news(author.name) for author in authors):
            return [part]
    return []


def _is_news(name: str) -> bool:
    """Return whether a name is a section or a line about news that ends like a desk: জমা পড়ল তদন্ত প্রতিবেদন."""
    words = name.split()
    return is_section(name) or (len(words) > _LONGEST_SHARED and words[-1] in _SHARED_WORDS)


def _opening_desk(paragraph: str) -> list[str]:
    desk = _OPENING.match(paragraph)
    return [desk[1]] if desk and any(author.kind == "desk" for author in parse_byline(desk[1])) else []
