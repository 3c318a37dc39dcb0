"""What a page says of itself for machines: JSON-LD, meta and microdata, read once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from lxml.html import HtmlElement

from crawler.bengali.text import fold
from crawler.extraction.page.jsonld import ARTICLE_TYPES, json_ld, objects_under, plain, text_value, types
from crawler.extraction.page.selectors import Index

_OTHERS = frozenset({"itemListElement", "isPartOf", "hasPart", "mentions", "liveBlogUpdate", "isBasedOn", "citation"})

_WRITERS = frozenset({"author", "creator"})
_WORD = re.compile(r"[\w\u0980-\u09ff]+")
_ALIKE = 0.5


class StructuredData:
    def __init__(self, index: Index) -> None:
        """Read the meta elements now; JSON-LD and microdata when they are first asked for."""
        self._index = index
        self.meta: dict[str, list[str]] = {}
        for element in index.tagged("meta"):
            name = element.get("property") or element.get("name") or ""
            content = (element.get("content") or "").strip()
            if name and content:
                self.meta.setdefault(name.strip().lower(), []).append(content)

    def first_meta(self, *names: str) -> str | None:
        for name in names:
            for content in self.meta.get(name, ()):
                if text := plain(content):
                    return text
        return None

    @cached_property
    def json_ld(self) -> list[dict[str, Any]]:
        return [thing for thing, _ in self._things]

    @cached_property
    def _things(self) -> list[tuple[dict[str, Any], frozenset[str]]]:
        """Every JSON-LD object, and under which of the keys it stands that name others than the page and its site."""
        return list(objects_under(json_ld(self._index.tagged("script")), _OTHERS | _WRITERS))

    @cached_property
    def articles(self) -> list[dict[str, Any]]:
        """The JSON-LD objects that describe an article, lists of other stories aside, in the order of the page."""
        told = (thing for thing, above in self._things if above.isdisjoint(_OTHERS))
        return [thing for thing in told if types(thing) & ARTICLE_TYPES]

    @cached_property
    def article(self) -> dict[str, Any]:
        """The JSON-LD object with the headline of the page, completed from others of this headline; else `{}`."""
        headlines = {id(thing): text_value(thing.get("headline")) or "" for thing in self.articles}
        likeness = {id(thing): self._likeness(thing, headlines[id(thing)]) for thing in self.articles}
        main = max(self.articles, key=lambda thing: likeness[id(thing)], default=None)
        if main is None or likeness[id(main)] < _ALIKE:
            return self.articles[0] if len(self.articles) == 1 and not headlines[id(main)] else {}
        if len(self.articles) == 1:
            return main
        told = fold(headlines[id(main)])
        same = [thing for thing in self.articles if fold(headlines[id(thing)]) in {told, ""}]
        merged: dict[str, Any] = {}
        for thing in (main, *same):
            merged = {**thing, **{key: value for key, value in merged.items() if value}}
        return merged

    def resolved(self, value: Any) -> Any:
        """Return the object that a value names by its `@id` only (WordPress plugins), the value itself else."""
        if not isinstance(value, dict) or not value.get("@id") or value.get("name"):
            return value
        named = (thing for thing in self.json_ld if thing.get("@id") == value["@id"] and thing.get("name"))
        return next(named, value)

    def _likeness(self, thing: dict[str, Any], headline: str) -> float:
        titles = self._titles
        if headline and not titles and len(self.articles) == 1:
            return 1.0
        like = likest(headline, titles)
        if like >= _ALIKE or self._addresses.isdisjoint(_addresses_of(thing)):
            return like
        return _ALIKE

    @property
    def title(self) -> str:
        return next((element.text or "" for element in self._index.tagged("title")), "")

    @cached_property
    def _titles(self) -> list[str]:
        shown = [" ".join("".join(heading.itertext()).split()) for heading in self._index.tagged("h1")]
        told = [*self.meta.get("og:title", []), self.title, *shown]
        return [title for title in map(plain, told) if title]

    @cached_property
    def _addresses(self) -> set[str]:
        links = [link.get("href") or "" for link in self._index.tagged("link") if link.get("rel") == "canonical"]
        addresses = map(_bare, (*links, *self.meta.get("og:url", [])))
        return {address for address in addresses if len(address) > 1}

    @cached_property
    def microdata(self) -> dict[str, list[HtmlElement]]:
        found: dict[str, list[HtmlElement]] = {}
        for element in self._index.with_attribute("itemprop"):
            for name in (element.get("itemprop") or "").split():
                found.setdefault(name, []).append(element)
        return found

    @cached_property
    def site_names(self) -> list[str]:
        names = self.meta.get("og:site_name", []) + self.meta.get("application-name", [])
        names = names + self.meta.get("apple-mobile-web-app-title", []) + self.meta.get("twitter:app:name:iphone", [])
        for thing in (thing for thing, above in self._things if above.isdisjoint(_WRITERS)):
            if types(thing) & {"website", "organization", "newsmediaorganization"}:
                names.append(text_value(thing.get("name")) or "")
            if publisher := thing.get("publisher"):
                names.append(text_value(publisher) or "")
        return list(dict.fromkeys(name for name in map(plain, names) if name))

    @cached_property
    def breadcrumbs(self) -> list[str]:
        """The names of the first JSON-LD breadcrumb below the front page, from the outermost inwards."""
        for thing in self.json_ld:
            items = thing.get("itemListElement")
            if isinstance(items, list) and "breadcrumblist" in types(thing):
                names = [
                    text_value(item.get("name")) or text_value(item.get("item"))
                    for item in items
                    if isinstance(item, dict)
                ]
                return [name for name in names[1:] if name]
        return []


def likest(one: str, titles: Iterable[str]) -> float:
    """Return how alike a title and the likest of some titles are, 0 to 1."""
    like = 0.0
    for title in titles:
        like = max(like, similarity(one, title))
        if like == 1.0:
            break
    return like


def similarity(one: str, other: str) -> float:
    """Return how alike two titles are, 0 to 1: 1 when folded equal, by shared words otherwise; cuts are allowed."""
    first = fold(one)
    second = first if other == one else fold(other)
    if not first or not second:
        return 0.0
    if first == second:
        return 1.0
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) >= 15 and shorter in longer:
        return 0.7 + 0.3 * len(shorter) / len(longer)
    words, others = (set(_WORD.findall(text.casefold())) for text in (one, other))
    return 0.95 * 2 * len(words & others) / max(len(words) + len(others), 1)


def _addresses_of(thing: dict[str, Any]) -> set[str]:
    entity = thing.get("mainEntityOfPage")
    values = (thing.get("url"), thing.get("@id"), entity.get("@id") if isinstance(entity, dict) else entity)
    return {_bare(value) for value in values if isinstance(value, str)}


def _bare(address: str) -> str:
    parts = unquote(address.strip()).split("://", 1)[-1].split("?", 1)[0].split("#", 1)[0]
    return parts.strip("/") if "/" in parts.strip("/") else ""
