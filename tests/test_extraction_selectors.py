"""CSS selectors: answered from the index as XPath answers them."""

from __future__ import annotations

import pytest
from cssselect import SelectorError
from hypothesis import given
from hypothesis import strategies as st
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement, document_fromstring

from crawler.extraction.page.naming import Index
from crawler.outlets.platforms import PLATFORMS

SELECTORS = [
    *("div", "*", ".a", "#a", "p.a", "div.a.b", "[href]", "a[href*='/x']", "[rel~=a]", "[rel^=a]", "[rel$=b]"),
    *("[rel=a]", "[rel='']", "[rel~='']", "[rel*='']", ".a .b", "div > p", "div p.a", ".a > .b .a", "p, .a, #b"),
    *("[rel|=a]", "DIV.a", "p:last-child", "div:not(.a)", "p + p", "p ~ .a", ".A", "*.a[rel]#a"),
    *("div .a:first-child a", "a[rel]"),
    *(part.strip() for one in PLATFORMS for part in (one.container or "").split(",") if part.strip()),
]  # fmt: skip
VALUES = st.sampled_from(["a", "b", "a b", "b  a", "A", "a-b", "", "/x/y", "entry-content", "articleBody author"])
ATTRIBUTES = st.dictionaries(st.sampled_from(["class", "id", "rel", "href", "itemprop"]), VALUES, max_size=3)
TREES = st.recursive(
    st.tuples(st.sampled_from(["p", "a", "div", "article", "span"]), ATTRIBUTES, st.just([])),
    lambda inner: st.tuples(st.sampled_from(["div", "section"]), ATTRIBUTES, st.lists(inner, max_size=4)),
    max_leaves=15,
)


def markup(node: tuple[str, dict[str, str], list]) -> str:
    tag, attributes, inner = node
    written = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<{tag}{written}>{''.join(map(markup, inner))}</{tag}>"


def tree(*nodes: tuple[str, dict[str, str], list]) -> HtmlElement:
    return document_fromstring(f"<html><body>{''.join(map(markup, nodes))}</body></html>")


@given(st.lists(TREES, max_size=4), st.lists(st.sampled_from(SELECTORS), min_size=1, max_size=4))
def test_an_index_answers_as_xpath_does(nodes: list, selectors: list[str]) -> None:
    page = tree(*nodes)
    index = Index(page)
    for selector in (*selectors, ", ".join(selectors)):
        assert index.select(selector) == list(dict.fromkeys(CSSSelector(selector, translator="html")(page)))


@pytest.mark.parametrize("selector", ["div[", ".", "a >", "p::", "[x=]"])
def test_a_wrong_selector_is_an_error(selector: str) -> None:
    with pytest.raises(SelectorError):
        Index(tree()).select(selector)
