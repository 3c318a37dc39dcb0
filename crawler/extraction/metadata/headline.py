"""The headline as published: which of the page's titles it is, without the site's name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.bengali.text import fold, normalize, words
from crawler.extraction.page.document import Document, text_of
from crawler.extraction.page.jsonld import plain, text_value
from crawler.extraction.page.naming import has_name_of
from crawler.extraction.page.structured import likest
from crawler.outlets.outlet import Outlet

_SEPARATOR = re.compile(r"\s*(?:[|｜»«•·]+|::)\s*|\s+[-–—]\s+")
# One of these is in each separator: to look for it takes a tenth of the time.
_SIGN = re.compile("[|｜»«•·–—-]|::")
_LONGEST, _LONGEST_LINE = 400, 160
_LARGE = 4
_TITLE_NAMES = frozenset(words("title headline heading shironam"))


def find_headline(
    document: Document, outlet: type[Outlet], names: Collection[str], hint: str | None = None
) -> tuple[str | None, HtmlElement | None]:
    """Return the headline and its element; `names` are the site's, `hint` is a listing's title."""
    for element in document.select(outlet.headline):
        if text := shown(element):
            return without_site_name(text, names), element
    told = told_titles(document, names, hint)
    element = shown_headline(document, told, names)
    if element is None:
        return (told[0] if told else None), None
    return _without_extras(element, without_site_name(shown(element), names), told), element


def site_names(document: Document, outlet: type[Outlet]) -> list[str]:
    labels = (urlsplit(document.url).hostname or "").removeprefix("www.").split(".")
    domain = [".".join(labels), max(labels[:-1], key=len, default="")]
    names = [name for name in (outlet.title, *document.structured.site_names, *domain) if len(name) > 1]
    return list(dict.fromkeys([*names, *(part for name in names for part in _pieces(name) if len(part) > 2)]))


def name_in_title(document: Document, title: str) -> str | None:
    """Return the site's name in the page's title: the part of several words before or after the headline."""
    pieces = _pieces(normalize(document.structured.title)[:_LONGEST])
    if len(pieces) == 1:
        return None
    folded = fold(title)
    ends = (piece.strip() for piece in (pieces[-1], pieces[0]) if fold(piece) not in folded)
    return next((end for end in ends if " " in end), None)


def told_titles(document: Document, names: Collection[str], hint: str | None = None) -> list[str]:
    data = document.structured
    told = [
        text_value(data.article.get("headline")),
        text_value(data.article.get("name")),
        _microdata_headline(document),
        data.first_meta("og:title"),
        data.first_meta("twitter:title", "title", "dc.title"),
        plain(data.title),
        hint,
    ]
    titles = (without_site_name(title, names) for title in dict.fromkeys(told) if title and len(title) <= _LONGEST)
    return [title for title in dict.fromkeys(titles) if not _is_site(title, names)]


def shown_headline(document: Document, told: list[str], names: Collection[str]) -> HtmlElement | None:
    for tags in (("h1",), ("h2", "h3", "h4")):
        best, likeness = None, 0.5
        for element in document.index.tagged(*tags):
            text = shown(element)
            if not text or len(text) > _LONGEST or _is_site(text := without_site_name(text, names), names):
                continue
            if _leads_home(document, element):
                continue
            like = likest(text, told)
            if like > likeness:
                best, likeness = element, like
        if best is not None:
            return best
    if document.structured.article.get("headline"):
        return None
    unmarked = _unmarked(document, told)
    if unmarked is None:
        unmarked = _short_h1(document, told)
    if unmarked is None:
        unmarked = _lone_h1(document, names)
    if unmarked is None and not document.structured.meta.get("og:title"):
        unmarked = _named_title(document, names)
    if unmarked is None and not document.structured.meta.get("og:title"):
        unmarked = _in_large_letters(document, names)
    return unmarked


def _unmarked(document: Document, told: list[str]) -> HtmlElement | None:
    wanted = {title for title in (*_ends_of(told), *map(fold, told)) if len(title) >= 10}
    body = document.tree.find("body")
    for element in body.iter("b", "strong", "font", "span", "div", "td", "p") if body is not None and wanted else ():
        if element.text and fold(element.text) in wanted:
            return element
    return None


def _ends_of(titles: Iterable[str]) -> set[str]:
    gaps = [(title, gap) for title in titles for gap in _SEPARATOR.finditer(title)]
    return {fold(end) for title, gap in gaps for end in (title[: gap.start()], title[gap.end() :])}


def _short_h1(document: Document, told: Sequence[str]) -> HtmlElement | None:
    beginnings = {fold(_pieces(title)[0]) for title in told}
    alone = [element for element in document.index.tagged("h1") if not _is_logo(element)]
    return next((element for element in alone if fold(shown(element)) in beginnings - {""}), None)


def _is_logo(element: HtmlElement) -> bool:
    links = element.find(".//a") is not None or element.find(".//img") is not None
    return links or next(element.iterancestors("a", "header"), None) is not None


def _leads_home(document: Document, element: HtmlElement) -> bool:
    link = element.find(".//a")
    around = link if link is not None else next(element.iterancestors("a"), None)
    return around is not None and document.leads_home(around.get("href") or "x")


def _named_title(document: Document, names: Collection[str]) -> HtmlElement | None:
    for element in document.tree.iter("div", "span", "td", "p", "b", "strong"):
        text = shown(element) if has_name_of(element, _TITLE_NAMES) and element.find(".//a") is None else ""
        is_line = text.count(" ") >= 2 and len(text) <= _LONGEST_LINE and not text.endswith("।")
        if is_line and not _is_site(text, names) and not document.asides.hold(element):
            return element
    return None


def _in_large_letters(document: Document, names: Collection[str]) -> HtmlElement | None:
    """Return the first line in large letters that is no link (layouts of 2008 whose every page has one title)."""
    for element in document.tree.iter("font", "big"):
        size, text = element.get("size") or "", shown(element)
        large = element.tag == "big" or (size[:1] == "+" or (size.isdigit() and int(size) >= _LARGE))
        is_line = len(text.split()) >= 3 and len(text) <= _LONGEST_LINE and not text.endswith("।")
        if large and is_line and not _is_site(text, names) and element.find(".//a") is None:
            return element
    return None


def shown(element: HtmlElement) -> str:
    return normalize(text_of(element)).replace("\n", " ").strip()


def without_site_name(title: str, names: Collection[str]) -> str:
    title = normalize(title).replace("\n", " ").strip()
    pieces = _pieces(title)
    if len(pieces) == 1:
        return title
    separators = _SEPARATOR.findall(title)
    while len(pieces) > 1 and (_is_site(pieces[-1], names) or not pieces[-1].strip()):
        pieces.pop()
        separators.pop()
    while len(pieces) > 1 and _is_site(pieces[0], names):
        pieces.pop(0)
        separators.pop(0)
    rebuilt = pieces[0] + "".join(gap + piece for gap, piece in zip(separators, pieces[1:], strict=True))
    return rebuilt.strip()


def _pieces(title: str) -> list[str]:
    return _SEPARATOR.split(title) if _SIGN.search(title) else [title]


def settled(title: str | None, told: str | None) -> str | None:
    """Return a title without the site's name after it, if the page's own data has the headline alone."""
    headline = normalize(told or "").replace("\n", " ").strip()
    if not title or not headline:
        return title or headline or None
    follows = title.startswith(headline) and _SEPARATOR.match(title, len(headline))
    return headline if follows else title


def _is_site(text: str, names: Iterable[str]) -> bool:
    folded = fold(text)
    return not folded or folded in _folded(tuple(names))


@lru_cache(maxsize=64)
def _folded(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(fold, names))


def _lone_h1(document: Document, names: Collection[str]) -> HtmlElement | None:
    shown_texts = [(element, shown(element)) for element in document.index.tagged("h1")]
    candidates = [
        (element, text)
        for element, text in shown_texts
        if text.count(" ") >= 2
        and len(text) <= _LONGEST
        and not _is_site(text, names)
        and element.find(".//img") is None
        and not document.asides.hold(element)
    ]
    return max(candidates, key=lambda candidate: len(candidate[1]), default=(None, ""))[0]


def _without_extras(element: HtmlElement, text: str, told: list[str]) -> str:
    if not len(element):
        return text
    for title in (*told, *(_pieces(title)[0] for title in told)):
        parts = text.split(title) if len(title) >= 15 else []
        extra = fold("".join(parts)) if len(parts) == 2 else ""
        if extra and any(fold(text_of(child)) == extra for child in element.iterdescendants("*")):
            return title
    return text


def _microdata_headline(document: Document) -> str | None:
    for element in document.structured.microdata.get("headline", ()):
        if text := plain(element.get("content") or text_of(element)):
            return text
    return None
