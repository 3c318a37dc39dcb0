"""Find the headline of a page: its text as published, without the site's name, and its element.

The text is that of the outlet's element, else `og:title` if the shown headline or another stated title agrees with it,
else the shown headline, else the first of `stated_titles`.

The shown headline is the h1, else the h2 to h4, that is most like a stated title, else a line that is a stated title,
else the first h1 or line in large letters.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.bengali.text import fold, normalize
from crawler.extraction.page.document import Document, text_of
from crawler.extraction.page.structured import likest, plain, text_value
from crawler.outlets.outlet import Outlet

_SEPARATOR = re.compile(r"\s*(?:[|｜]+|::)\s*|\s+[-–—*»«•·]+\s+")
_CUT = re.compile(r"\s*(?:…|\.\.\.)$")
# Longer texts are paragraphs, in a heading or in a meta element.
_LONGEST = 400
# A headline without a heading's markup is one line of at least three words.
_LONGEST_LINE, _FEWEST_WORDS = 160, 3
# Titles agree if they share half of their words: a shared title is often a rewritten headline.
_AGREED = 0.5
# Shorter texts, such as a section's name, may equal a part of a title by chance.
_SURE_LENGTH = 10
_SIZES = range(_SURE_LENGTH, _LONGEST)
# Text of this size and larger (of the sizes 1 to 7) is a headline on pages without style sheets.
_LARGE = ("4", "5", "6", "7", "+")
_LINES = ("h1", "b", "strong", "font", "span", "div", "td", "p")


@dataclass(frozen=True, slots=True)
class Headline:
    """The headline's text, the element that shows it, and the source of the text; `none` if nothing is a headline."""

    text: str | None
    element: HtmlElement | None
    source: str = "none"


def find_headline(
    document: Document, outlet: type[Outlet], names: Collection[str], hint: str | None = None
) -> Headline:
    """Return the headline of a page; `names` are the site's, `hint` is a listing's title."""
    for element in document.select(outlet.headline):
        if text := shown(element):
            return Headline(without_site_name(text, names), element, "outlet")
    stated = stated_titles(document, names, hint)
    element = _shown_headline(document, stated, names)
    heading = without_site_name(shown(element), names) if element is not None else ""
    others = [heading, *(title for source, title in stated.items() if source != "og:title")]
    shared = stated.get("og:title", "")
    # A page whose heading is like no stated title has one title for the whole site.
    is_own = not heading or likest(heading, stated.values()) >= _AGREED
    if shared and is_own and likest(shared, others) >= _AGREED:
        return Headline(_completed(shared, others), element, "og:title")
    if heading and element is not None:
        return Headline(_without_kicker(element, heading, stated.values()), element, "heading")
    source = next(iter(stated), "none")
    return Headline(_completed(stated[source], others) if stated else None, None, source)


def stated_titles(document: Document, names: Collection[str], hint: str | None = None) -> dict[str, str]:
    """Return the titles that the page states for machines, by source, without site names."""
    data = document.structured
    microdata = (element.get("content") or text_of(element) for element in data.microdata.get("headline", ()))
    texts = {
        "json-ld": text_value(data.article.get("headline")) or text_value(data.article.get("name")),
        "microdata": next(filter(None, map(plain, microdata)), None),
        "og:title": data.first_meta("og:title"),
        "twitter:title": data.first_meta("twitter:title", "title", "dc.title"),
        "title": plain(data.title),
        "listing": hint,
    }
    short = (
        (source, without_site_name(text, names)) for source, text in texts.items() if text and len(text) <= _LONGEST
    )
    return {source: title for source, title in short if not _is_site(title, names)}


def settled(title: str | None, stated: str | None) -> str | None:
    """Return a title without the site's name after it, if the page's data states the headline alone."""
    headline = _line(stated or "")
    return _completed(title, [headline]) if title else headline or None


def site_names(document: Document, outlet: type[Outlet]) -> frozenset[str]:
    """Return the folded names of the site: the outlet's, those that the page states, its host, and parts of each."""
    labels = (urlsplit(document.url).hostname or "").removeprefix("www.").split(".")
    domain = [".".join(labels), max(labels[:-1], key=len, default="")]
    names = [name for name in (outlet.title, *document.structured.site_names, *domain) if len(name) > 1]
    parts = (part for name in names for part in _SEPARATOR.split(name) if len(part) > 2)
    return frozenset(map(fold, (*names, *parts)))


def without_site_name(title: str, names: Collection[str]) -> str:
    """Return a title without the parts at its ends that are a site's name."""
    kept: str | None = _line(title)
    while kept:
        title = kept
        kept = next((side for side, rest in _ends(title) if side and _is_site(rest, names)), None)
    return title


def shown(element: HtmlElement) -> str:
    """Return the text of an element as one normalised line."""
    return _line(text_of(element))


def _shown_headline(document: Document, stated: dict[str, str], names: Collection[str]) -> HtmlElement | None:
    titles = list(stated.values())
    for tags in (("h1",), ("h2", "h3", "h4")):
        likeness = {element: likest(text, titles) for element, text in _headings(document, tags, names)}
        best = max(likeness, key=likeness.__getitem__, default=None)
        if best is not None and likeness[best] > _AGREED:
            return best
    line = _stated_line(document, titles)
    # With a stated headline, a line that only looks like one is the title of another part of the page.
    if line is not None or "json-ld" in stated:
        return line
    large = (each for each in document.index.tagged("big", "font") if (each.get("size") or "+").startswith(_LARGE))
    others = () if "og:title" in stated else (*document.index.tagged("h2"), *large)
    lines = (*document.index.tagged("h1"), *others)
    return next((element for element in lines if _may_be_headline(element, names)), None)


def _headings(document: Document, tags: tuple[str, ...], names: Collection[str]) -> Iterator[tuple[HtmlElement, str]]:
    for element in document.index.tagged(*tags):
        text = without_site_name(shown(element), names)
        if len(text) <= _LONGEST and not _is_site(text, names):
            yield element, text


def _stated_line(document: Document, titles: Sequence[str]) -> HtmlElement | None:
    """Return the line whose text is a stated title or the longest part of one; an h1 may be one short word."""
    wanted = {fold(part) for title in titles for part in (title, *_parts(title))} - {""}
    sure = (each for each in document.index.tagged(*_LINES) if each.tag == "h1" or len(each.text or "") in _SIZES)
    lines = [element for element in sure if fold(element.text or "") in wanted] if wanted else []
    return max(lines, key=lambda element: len(element.text or ""), default=None)


def _may_be_headline(element: HtmlElement, names: Collection[str]) -> bool:
    text = "" if element.find(".//a") is not None else shown(element)
    return len(text) <= _LONGEST_LINE and len(text.split()) >= _FEWEST_WORDS and not _is_site(text, names)


def _completed(title: str, others: Sequence[str]) -> str:
    """Return a title as another source has it: without an unknown site's name, not cut, in its own letters.

    The first of the others is the shown headline, which may be shorter than the site's name.
    """
    for place, other in enumerate(others):
        folded = fold(other)
        parts = [part for part in _parts(title) if place == 0 or 2 * len(part) >= len(title)]
        if folded and (folded == fold(title) or folded in map(fold, parts) or _is_cut(title, other)):
            return other
    return title


def _is_cut(title: str, whole: str) -> bool:
    """Return whether a title ends in dots, or at a quote that ended its attribute, where another one goes on."""
    stem = _CUT.sub("", title)
    rest = whole[len(stem) :].strip() if whole.startswith(stem) else ""
    return bool(rest) and (rest.startswith('"') or (stem != title and not _CUT.search(whole)))


def _without_kicker(element: HtmlElement, text: str, stated: Iterable[str]) -> str:
    """Return the stated title within a heading whose other words are a child element: the kicker above it."""
    children = {fold(text_of(child)) for child in element.iterdescendants("*")}
    for title in (part for whole in stated for part in (whole, *_parts(whole)) if len(part) > _SURE_LENGTH):
        before, found, after = text.partition(title)
        if found and (rest := fold(before + after)) and rest in children:
            return title
    return text


def _ends(title: str) -> list[tuple[str, str]]:
    """Return each part of a title before or after a separator, and the rest of the title."""
    gaps = [(title[: gap.start()].strip(), title[gap.end() :].strip()) for gap in _SEPARATOR.finditer(title)]
    return [*gaps[::-1], *((after, before) for before, after in gaps)]


def _parts(title: str) -> list[str]:
    return [part for part, _ in _ends(title)]


def _line(text: str) -> str:
    return normalize(text).replace("\n", " ").strip()


def _is_site(text: str, names: Collection[str]) -> bool:
    return fold(text) in names or not fold(text)
