"""A page parsed once: its tree, its structured data, and the text of its elements."""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import cast
from urllib.parse import urljoin

from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from crawler.bengali.text import words
from crawler.extraction.page.limits import NotAnArticle, refuse_elements, refuse_markup, refuse_tree
from crawler.extraction.page.naming import Index
from crawler.extraction.page.structured import StructuredData
from crawler.model.addresses import is_front_page

UNREAD = frozenset({"script", "style", "noscript", "template"})
# The text of nested elements is read repeatedly. Below this depth, only tags that end each other are kept.
_AT_DEEPEST = etree.XPath("/*" * 60)
_KEPT_TAGS = UNREAD | set(words("p li h1 h2 h3 br img input meta link"))
# ASP.NET puts a whole page into a form: more than ten elements, and half of the page or more.
_HOLDS_PAGE = etree.XPath("count(descendant::*) >= 10 and 2 * count(descendant-or-self::*) >= count(//*)")
_MARKUP = re.compile(rb"<[a-zA-Z!/]")
_PARTING = frozenset(words("br p div li td tr h1 h2 h3 h4 figcaption blockquote"))


class Document:
    """A parsed page. An outlet's `prepare` may change `tree` before `index` is first read."""

    def __init__(self, page: str | bytes, url: str) -> None:
        """Parse a page found at `url`; bytes are UTF-8. Raises NotAnArticle for a page without a tree."""
        self.url = url
        self.tree = parse(page)
        _open_forms(self.tree)

    @cached_property
    def structured(self) -> StructuredData:
        return StructuredData(self.index)

    @cached_property
    def index(self) -> Index:
        """The elements by name; the tree must not change afterwards. Raises NotAnArticle for too many elements."""
        refuse_elements(self.tree)
        return Index(self.tree)

    def select(self, selector: str | None) -> list[HtmlElement]:
        """Return the elements that match a selector, in order; [] without a selector."""
        return self.index.select(selector) if selector else []

    def texts(self, selector: str | None) -> list[str]:
        """Return the texts of the elements that match a selector, without empty ones."""
        return list(filter(None, map(text_of, self.select(selector))))

    def absolute(self, address: str) -> str:
        """Return an address of the page in full; an invalid address as it is."""
        try:
            return urljoin(self.url, address.strip())
        except ValueError:
            return address.strip()

    def leads_home(self, link: HtmlElement) -> bool:
        """Return whether the address of a link is that of a front page."""
        return is_front_page(self.absolute(link.get("href") or "x"))


def parse(page: str | bytes) -> HtmlElement:
    """Return the tree of an HTML page; bytes are UTF-8. Raises NotAnArticle."""
    markup = page.encode("utf-8", "replace") if isinstance(page, str) else page
    if not _MARKUP.search(markup):
        raise NotAnArticle("not-html", "there is no HTML in it")
    refuse_markup(markup)
    tree = _parse(markup)
    deep = cast("list[HtmlElement]", _AT_DEEPEST(tree))
    for element in deep:
        for each in element.iter("*"):  # strip_tags refuses the broken names of some tags
            each.tag = each.tag if each.tag in _KEPT_TAGS else "span"
        etree.strip_tags(element, "span")
    if deep:
        # Thousands of text nodes become one.
        tree = _parse(etree.tostring(tree, encoding="utf-8", method="html"))
    refuse_tree(tree, len(markup))
    return tree


def _parse(markup: bytes) -> HtmlElement:
    # Without huge_tree, libxml2 stops at a depth of 256 and at a text of 10 MB; with it, at a depth of 2,048.
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, collect_ids=False
    )
    # One class for all elements: lxml.html would call Python to choose one for each.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        tree = document_fromstring(markup, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise NotAnArticle("not-html", "there is no HTML in it") from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise NotAnArticle("too-large", "the page nests too many elements")
    return tree


def _open_forms(tree: HtmlElement) -> None:
    """Make a form around the page a <div>: the text of other forms is dropped."""
    for form in list(tree.iter("form")):
        if _HOLDS_PAGE(form):
            form.tag = "div"


def text_of(element: HtmlElement) -> str:
    """Return the text of an element on one line, without scripts and styles; blocks and breaks part words."""
    if not len(element):
        return " ".join((element.text or "").split()) if element.tag not in UNREAD else ""
    return " ".join("".join(_pieces(element)).split())


def has_text(element: HtmlElement, size: int) -> bool:
    """Return whether `text_of` has at least `size` characters without spaces; read no more than these."""
    for piece in _pieces(element):
        size -= len("".join(piece.split()))
        if size <= 0:
            return True
    return False


def _pieces(element: HtmlElement) -> Iterator[str]:
    events = etree.iterwalk(element, events=("start", "end"))
    for event, node in events:
        if event == "start" and node.tag in UNREAD:
            events.skip_subtree()
            continue
        if event == "start" and node.tag in _PARTING:
            yield " "
        text = node.text if event == "start" else node.tail if node is not element else None
        if text:
            yield text
