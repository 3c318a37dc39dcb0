"""Structured data of a page, read once: JSON-LD, meta elements and microdata."""

import html
import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from crawler.bengali.text import fold, words
from crawler.extraction.page.naming import Index
from crawler.outlets.scripts import json_value, objects, texts_of

# Objects under these keys describe other pages; those under the writers are not the site.
_OTHERS = frozenset(words("itemListElement isPartOf hasPart mentions liveBlogUpdate isBasedOn citation"))
_WRITERS, _SITE_TYPES = frozenset({"author", "creator"}), frozenset(words("website organization newsmediaorganization"))
_ARTICLE = re.compile(r"\w*article|(?:blog|liveblog|socialmedia)posting|report")
_SITE_NAMES = ("og:site_name", "application-name", "apple-mobile-web-app-title", "twitter:app:name:iphone")
_WORD = re.compile(r"[\w\u0980-\u09ff]+")
# Two titles that share half of their words name one story: desks shorten and extend them for search engines.
# A short title may be in a longer one by chance.
_ALIKE, _TITLE_SIZE = 0.5, 15
# The same few titles are compared several times.
_folded = lru_cache(maxsize=64)(fold)
# Each article is compared with each title; a page with more of them lists stories.
_MOST_ARTICLES, _MOST_TITLES = 100, 20

# Content systems escape a text up to three times.
_ESCAPED_TIMES = 3
TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")


class StructuredData:
    def __init__(self, index: Index) -> None:
        self._index = index
        self._values = json_ld(index.tagged("script"))
        self.meta: dict[str, list[str]] = {}
        for element in index.tagged("meta"):
            name = element.get("property") or element.get("name") or ""
            content = (element.get("content") or "").strip()
            if name and content:
                self.meta.setdefault(name.strip().lower(), []).append(content)

    def first_meta(self, *names: str) -> str | None:
        """Return the first text among the meta elements with these names, by order of the names."""
        return next(filter(None, (plain(content) for name in names for content in self.meta.get(name, ()))), None)

    @cached_property
    def json_ld(self) -> list[dict[str, Any]]:
        return list(objects(self._values))

    @cached_property
    def articles(self) -> list[dict[str, Any]]:
        """The JSON-LD objects of articles in the order of the page, without those in lists of other stories."""
        found = (thing for thing in objects(self._values, _OTHERS) if any(map(_ARTICLE.fullmatch, types(thing))))
        return list(islice(found, _MOST_ARTICLES))

    @cached_property
    def article(self) -> dict[str, Any]:
        """The JSON-LD article with the headline of the page, completed from those with the same; else `{}`."""
        headlines = [text_value(thing.get("headline")) or "" for thing in self.articles]
        likeness = list(map(self._likeness, self.articles, headlines))
        if max(likeness, default=0.0) < _ALIKE:
            return self.articles[0] if headlines == [""] else {}
        best = likeness.index(max(likeness))
        found = dict(self.articles[best])
        for thing, headline in zip(self.articles, headlines, strict=True):
            if fold(headline) in {fold(headlines[best]), ""}:
                found = {**thing, **{key: value for key, value in found.items() if value}}
        return found

    def _likeness(self, thing: dict[str, Any], headline: str) -> float:
        """Return the similarity of a headline to the titles of the page; `_ALIKE` for a thing with its address."""
        entity = thing.get("mainEntityOfPage")
        named = [thing.get("url"), thing.get("@id"), entity.get("@id") if isinstance(entity, dict) else entity]
        # WordPress plugins name a page by its address with #webpage.
        bare = {address.partition("#")[0].rstrip("/") for address in named if isinstance(address, str)}
        if any(address.rstrip("/") in bare for address in self._addresses):
            return max(likest(headline, self._titles), _ALIKE)
        return likest(headline, self._titles) if self._titles else float(len(self.articles) == 1)

    def is_of_page(self, thing: dict[str, Any]) -> bool:
        """Return whether an object has the address of the page or a title like that of the page."""
        return self._likeness(thing, text_value(thing.get("headline")) or text_value(thing.get("name")) or "") >= _ALIKE

    def resolved(self, value: Any) -> Any:
        """Return the object that a value names by `@id` only (WordPress plugins); any other value as it is."""
        if not isinstance(value, dict) or not value.get("@id") or value.get("name"):
            return value
        named = (thing for thing in self.json_ld if thing.get("@id") == value["@id"] and thing.get("name"))
        return next(named, value)

    @property
    def title(self) -> str:
        """The text of the <title> element, or ""."""
        return next((element.text or "" for element in self._index.tagged("title")), "")

    @cached_property
    def _titles(self) -> list[str]:
        shown = ("".join(heading.itertext()) for heading in self._index.tagged("h1"))
        titles = filter(None, map(plain, [*self.meta.get("og:title", []), self.title, *shown]))
        return list(islice(titles, _MOST_TITLES))

    @cached_property
    def _addresses(self) -> list[str]:
        links = [link.get("href") for link in self._index.tagged("link") if link.get("rel") == "canonical"]
        return list(filter(None, (*links, *self.meta.get("og:url", []))))

    @cached_property
    def microdata(self) -> dict[str, list[HtmlElement]]:
        """The elements with an `itemprop`, by each of its names."""
        found: dict[str, list[HtmlElement]] = {}
        for element in self._index.select("[itemprop]"):
            for name in (element.get("itemprop") or "").split():
                found.setdefault(name, []).append(element)
        return found

    @cached_property
    def site_names(self) -> list[str]:
        """The names of the site and of its publisher."""
        names: list[str | None] = [content for name in _SITE_NAMES for content in self.meta.get(name, ())]
        for thing in objects(self._values, _WRITERS):
            names += [text_value(thing.get("name")) if types(thing) & _SITE_TYPES else None]
            names += [text_value(thing.get("publisher"))]
        return list(dict.fromkeys(name for name in map(plain, filter(None, names)) if name))

    @cached_property
    def breadcrumbs(self) -> list[str]:
        """The names of the first JSON-LD breadcrumb below the front page, outermost first."""
        for thing in self.json_ld:
            items = thing.get("itemListElement")
            if isinstance(items, list) and "breadcrumblist" in types(thing):
                names = [text_value(step) or text_value(step.get("item")) for step in items if isinstance(step, dict)]
                return list(filter(None, names[1:]))
        return []


@lru_cache(maxsize=64)
def _words_of(title: str) -> frozenset[str]:
    return frozenset(_WORD.findall(title.casefold()))


def likest(one: str, titles: Iterable[str]) -> float:
    """Return the highest similarity of a title to some titles, 0 to 1."""
    return max((similarity(one, title) for title in titles), default=0.0)


def similarity(one: str, other: str) -> float:
    """Return the similarity of two titles, 0 to 1: 1 if they fold alike, high if one is cut, else by shared words."""
    first, second = _folded(one), _folded(other)
    if not first or not second:
        return 0.0
    if first == second:
        return 1.0
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) >= _TITLE_SIZE and shorter in longer:
        return 0.7 + 0.3 * len(shorter) / len(longer)
    ours, theirs = _words_of(one), _words_of(other)
    return 0.95 * 2 * len(ours & theirs) / max(len(ours) + len(theirs), 1)


def json_ld(scripts: Iterable[HtmlElement]) -> list[Any]:
    """Return the JSON-LD values of a page's scripts."""
    linked = [script for script in scripts if "ld+json" in (script.get("type") or "").lower()]
    return list(map(json_value, texts_of(linked)))


def types(thing: dict[str, Any]) -> set[str]:
    """Return the types of a JSON-LD object in lower case, without the vocabulary's address."""
    declared = thing.get("@type")
    names = declared if isinstance(declared, list) else [declared]
    return {name.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower() for name in names if isinstance(name, str)}


def text_value(value: Any) -> str | None:
    """Return a JSON-LD value as plain text: its `@value`, `name` or first item."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = value.get("@value") or value.get("name") or value.get("headline")
    return plain(value) if isinstance(value, str) else None


def plain(text: str) -> str | None:
    """Return one line of text without tags and entities, however often they were escaped; None if it is empty."""
    for _ in range(_ESCAPED_TIMES if "&" in text else 0):
        text = html.unescape(text)
    return " ".join((TAG.sub(" ", text) if "<" in text else text).split()) or None
