"""What a page says of itself for machines: JSON-LD, meta and microdata, read once."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from lxml.html import HtmlElement

from crawler.bengali.text import fold
from crawler.extraction.jsonld import ARTICLE_TYPES, json_ld, plain, text_value, types


class StructuredData:
    """The structured data of one page."""

    def __init__(self, tree: HtmlElement) -> None:
        """Read the meta elements now; JSON-LD and microdata when they are first asked for."""
        self._tree = tree
        self.meta: dict[str, list[str]] = {}
        for element in tree.iter("meta"):
            name = element.get("property") or element.get("name") or ""
            content = (element.get("content") or "").strip()
            if name and content:
                self.meta.setdefault(name.strip().lower(), []).append(content)

    def first_meta(self, *names: str) -> str | None:
        """Return the first non-empty content among meta elements of these names, in the order of the names."""
        for name in names:
            for content in self.meta.get(name, ()):
                if text := plain(content):
                    return text
        return None

    @cached_property
    def json_ld(self) -> list[dict[str, Any]]:
        """Every JSON-LD object of the page."""
        return json_ld(self._tree)

    @cached_property
    def articles(self) -> list[dict[str, Any]]:
        """The JSON-LD objects that describe an article, in the order of the page."""
        return [thing for thing in self.json_ld if types(thing) & ARTICLE_TYPES]

    @cached_property
    def article(self) -> dict[str, Any]:
        """The JSON-LD object of the page's article, `{}` when there is none.

        Of several, the one whose headline the page's title holds. A page may describe its article twice
        (WordPress: by the theme and by a plugin): what one does not say is taken from the other.
        """
        if not self.articles:
            return {}
        page_title = fold(" ".join(self.meta.get("og:title", [])) + (self._tree.findtext(".//title") or ""))
        headlines = {id(thing): fold(text_value(thing.get("headline")) or "") for thing in self.articles}
        headed = [thing for thing in self.articles if headlines[id(thing)]] or self.articles
        main = next((thing for thing in headed if headlines[id(thing)] in page_title), headed[0])
        same = [thing for thing in self.articles if headlines[id(thing)] in {headlines[id(main)], ""}]
        merged: dict[str, Any] = {}
        for thing in (main, *same):
            merged = {**thing, **{key: value for key, value in merged.items() if value}}
        return merged

    @cached_property
    def microdata(self) -> dict[str, list[HtmlElement]]:
        """The elements of each itemprop, in the order of the page."""
        found: dict[str, list[HtmlElement]] = {}
        for element in self._tree.iter("*"):
            for name in (element.get("itemprop") or "").split():
                found.setdefault(name, []).append(element)
        return found

    @cached_property
    def site_names(self) -> list[str]:
        """What the site calls itself: og:site_name, publishers and web sites of the JSON-LD, application names."""
        names = self.meta.get("og:site_name", []) + self.meta.get("application-name", [])
        names = names + self.meta.get("apple-mobile-web-app-title", []) + self.meta.get("twitter:app:name:iphone", [])
        for thing in self.json_ld:
            if types(thing) & {"website", "organization", "newsmediaorganization"}:
                names.append(text_value(thing.get("name")) or "")
            names.append(text_value(thing.get("publisher")) or "")
        return list(dict.fromkeys(name for name in map(plain, names) if name))

    @cached_property
    def breadcrumbs(self) -> list[str]:
        """The names of the first JSON-LD breadcrumb below the front page, from the outermost inwards."""
        for thing in self.json_ld:
            items = thing.get("itemListElement")
            if "breadcrumblist" in types(thing) and isinstance(items, list):
                names = [_crumb(item) for item in items if isinstance(item, dict)]
                return [name for name in names[1:] if name]
        return []


def _crumb(item: dict[str, Any]) -> str | None:
    return text_value(item.get("name")) or text_value(item.get("item"))
