"""A page parsed once: its tree, its structured data, and the small questions that are asked of both."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import islice
from typing import cast
from urllib.parse import urljoin

from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from crawler.bengali.text import words
from crawler.extraction.page.limits import NotAnArticle, refuse_elements, refuse_markup, refuse_tree
from crawler.extraction.page.naming import Asides
from crawler.extraction.page.selectors import Index, xpath_of
from crawler.extraction.page.structured import StructuredData
from crawler.extraction.words import ends_sentence
from crawler.model.addresses import is_front_page

# libxml2 stops reading at a depth of 256 and at a text of 10 MB: then what stands deeper is raised to this depth
# and the page read without its limits.
_DEEPEST = 60
# So is a large page whose tree is deeper all the same: what stands in many elements is read again for some of them.
_LARGE, _IS_DEEP = 400_000, etree.XPath("boolean(" + "/*" * (_DEEPEST + 10) + ")")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)(?:\"[^\"]*\"|'[^']*'|[^'\"<>])*>")
# Tags that hold nothing, end by themselves, or whose text must not lose them.
_WITHOUT_DEPTH = frozenset(
    words(
        "area base br col embed hr img input link meta param source track wbr p li dt dd td th tr option"
        " title script style noscript template h1 h2 h3"
    )
)
# Elements of a form of which no page consists, and how many times as many a page has that consists of more than it.
_ELEMENTS = etree.XPath("count(descendant-or-self::*)")
_SMALL_FORM, _MOST = 10, 2
_MARKUP = re.compile(rb"<[a-zA-Z!/]")
# What joining leaves as it stands.
_IN_FULL = re.compile(r"https?://[a-zA-Z0-9.-]+(?:/[^\s\x00?#;]*)?")
UNREAD = frozenset({"script", "style", "noscript", "template"})
_PARTING = frozenset(words("br p div li td tr h1 h2 h3 h4 figcaption blockquote"))

# What is no front page's address, whatever it is joined to.
_BELOW_HOME = re.compile(r"https?://[^/?#\s]+/[^/?#\s;]|/[^/?#\s.;][^.]*\Z")


class Document:
    """A parsed page. `tree` may be changed by an outlet's `prepare`; structured data is what the server sent."""

    def __init__(self, page: str | bytes, url: str) -> None:
        """Parse a page found at `url`, bytes being UTF-8. Raises NotAnArticle when there is no tree in it."""
        self.url = url
        self.tree = parse(page)
        _open_forms(self.tree)
        self._headlines: dict[tuple[str, str | None] | None, list[HtmlElement]] = {}

    @cached_property
    def structured(self) -> StructuredData:
        return StructuredData(self.index)

    @cached_property
    def index(self) -> Index:
        """The elements of the page by name; the tree must not change after. Raises NotAnArticle for too many."""
        index = Index(self.tree)
        refuse_elements(len(index.order))
        return index

    @cached_property
    def asides(self) -> Asides:
        return Asides(self.index.tagged("h1"))

    @property
    def order(self) -> dict[HtmlElement, int]:
        return self.index.order

    def drop(self, selector: str | None) -> None:
        for element in xpath_of(selector)(self.tree) if selector else ():
            element.drop_tree()

    def headlines(self, headline: HtmlElement | None) -> list[HtmlElement]:
        told = headline is not None and (headline.tag == "h1" or bool(headline.get("class")))
        kind = (headline.tag, headline.get("class")) if headline is not None and told else None
        if kind not in self._headlines:
            elements = self.index.tagged(kind[0] if kind else "h1")
            alike = [element for element in elements if kind is None or element.get("class") == kind[1]]
            self._headlines[kind] = [each for each in alike if each is headline or _heads_a_story(each, headline)]
        return self._headlines[kind]

    def select(self, selector: str | None) -> list[HtmlElement]:
        return self.index.select(selector) if selector else []

    def texts(self, selector: str | None) -> list[str]:
        found = (text_of(element) for element in self.select(selector))
        return [text for text in found if text]

    def absolute(self, address: str) -> str:
        """Return an address of the page in full; one that cannot be resolved comes back as it stands."""
        # Most are in full, and to join takes long.
        if _IN_FULL.fullmatch(address):
            return address
        try:
            return urljoin(self.url, address.strip())
        except ValueError:
            return address.strip()

    def leads_home(self, address: str) -> bool:
        return not _BELOW_HOME.match(address) and is_front_page(self.absolute(address))


def parse(page: str | bytes) -> HtmlElement:
    """Return the tree of an HTML page, bytes being UTF-8, at any depth of nesting. Raises NotAnArticle."""
    markup = page.encode("utf-8", "replace") if isinstance(page, str) else page
    if not _MARKUP.search(markup):
        raise NotAnArticle("not-html", "there is no HTML in it")
    refuse_markup(markup)
    tree, complete = _parse(markup, huge=False)
    if not complete:
        tree, _ = _parse(_raised(markup.decode("utf-8", "replace")).encode(), huge=True)
    if tree is not None and len(markup) > _LARGE and _IS_DEEP(tree):
        tree, _ = _parse(_raised(etree.tostring(tree, encoding="unicode", method="html")).encode(), huge=True)
    if tree is None:
        raise NotAnArticle("not-html", "there is no HTML in it")
    refuse_tree(tree, len(markup))
    return tree


def _parse(markup: bytes, huge: bool) -> tuple[HtmlElement | None, bool]:
    """Return the tree, and whether the parser reached the end of the page; `huge` lifts libxml2's limits."""
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=huge, collect_ids=False
    )
    # One class for all: lxml.html would ask Python for the class of each element.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        tree = document_fromstring(markup, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None, True
    cut = any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)
    return tree, not cut


def _open_forms(tree: HtmlElement) -> None:
    # ASP.NET puts the whole page into a form, and forms hold no text of an article.
    for form in list(tree.iter("form")):
        size = int(cast("float", _ELEMENTS(form)))
        if size > _SMALL_FORM and next(islice(tree.iter("*"), _MOST * size - 1, None), None) is None:
            form.tag = "div"


def _raised(text: str) -> str:
    """Return the page without the tags that stand deeper than `_DEEPEST`; their text stays."""
    dropped: list[bool] = []

    def keep(tag: re.Match[str]) -> str:
        if tag[2].lower() in _WITHOUT_DEPTH or tag[0].endswith("/>"):
            return tag[0]
        if tag[1]:
            return "" if dropped and dropped.pop() else tag[0]
        dropped.append(len(dropped) >= _DEEPEST)
        return "" if dropped[-1] else tag[0]

    return _TAG.sub(keep, text)


def has_text(element: HtmlElement, size: int = 1) -> bool:
    """Tell whether `text_of` finds so many characters that are no spaces; reads no further than these."""
    events = etree.iterwalk(element, events=("start", "end"))
    for event, node in events:
        if event == "start" and node.tag in UNREAD:
            events.skip_subtree()
            continue
        text = node.text if event == "start" else node.tail if node is not element else None
        if text:
            size -= sum(map(len, text.split()))
            if size <= 0:
                return True
    return False


def _heads_a_story(element: HtmlElement, headline: HtmlElement | None) -> bool:
    """Return whether an element is another story's headline, not the same one again or a subheading."""
    text = text_of(element)
    if not text or headline is None:
        return bool(text)
    return text != text_of(headline) and (
        element.getparent() in headline.iterancestors() or not ends_sentence(_text_before(element))
    )


def _text_before(element: HtmlElement) -> str:
    before = [f"{text_of(each)}{each.tail or ''}".strip() for each in islice(element.itersiblings(preceding=True), 3)]
    return next(filter(None, before), (element.getparent().text or "").strip())


def text_of(element: HtmlElement) -> str:
    """Return the text of an element on one line, without scripts and styles; blocks and breaks part words."""
    if not len(element):
        return " ".join((element.text or "").split()) if element.tag not in UNREAD else ""
    pieces: list[str] = []
    events = etree.iterwalk(element, events=("start", "end"))
    for event, node in events:
        if event == "end":
            pieces.append("" if node is element else node.tail or "")
        elif node.tag in UNREAD:
            events.skip_subtree()
        else:
            pieces.append(" " if node.tag in _PARTING else "")
            pieces.append(node.text or "")
    return " ".join("".join(pieces).split())
