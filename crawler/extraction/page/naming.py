"""The names of elements: as tokens and words, and the elements of a page by tag and selector."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property, lru_cache
from itertools import chain, count, pairwise
from typing import cast

from lxml.cssselect import CSSSelector
from lxml.etree import XPath
from lxml.html import HtmlElement

from crawler.extraction import vocabulary

_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
NO_TOKENS: frozenset[str] = frozenset()
_ASIDE_TAGS = frozenset({"aside", "footer", "nav"})
ASIDE_TOKENS = vocabulary.tokens("aside")
# A page without the names in a selector needs no search.
_IDS = XPath("//@id", smart_strings=False)
_NAME = re.compile(r"[.#]([\w-]+)")
# In a selector with these signs, a comma may be inside one alternative: a:not(.b, .c), [href="/a,b"].
_SIGNS = frozenset(":\\\"'")
# Alternatives such as div, div.body and .body need no XPath.
_PLAIN = re.compile(r"\s*(\w*)(?:\.([\w-]+))?\s*")
_compiled = lru_cache(maxsize=512)(CSSSelector)


def tokens_of(element: HtmlElement) -> frozenset[str]:
    """Return the class names of an element, its id and its label's id in lower case, each as a whole."""
    return _tokens_of(element.get("class"), element.get("id"), element.get("aria-labelledby"))


# Both caches: a page gives a few hundred names to its elements, and the pages of a site share them.
@lru_cache(maxsize=16384)
def _tokens_of(*names: str | None) -> frozenset[str]:
    return frozenset(" ".join(filter(None, names)).lower().split())


def words_of(element: HtmlElement) -> frozenset[str]:
    """Return the words in an element's names, and pairs of them: `postAuthor-name` has `author` and `author-name`."""
    return _words_of(element.get("class"), element.get("id"), element.get("aria-labelledby"))


@lru_cache(maxsize=16384)
def _words_of(*names: str | None) -> frozenset[str]:
    parts = [[word.lower() for word in _WORD.findall(name)] for name in " ".join(filter(None, names)).split()]
    pairs = (f"{one}-{two}" for found in parts for one, two in pairwise(found))
    return frozenset(chain(chain.from_iterable(parts), pairs))


def is_beside_story(element: HtmlElement) -> bool:
    """Return whether an element is inside an aside, a menu, a footer or a box of other stories or comments."""
    around = list(element.iterancestors())[:-2]
    return any(each.tag in _ASIDE_TAGS or not ASIDE_TOKENS.isdisjoint(tokens_of(each)) for each in around)


def is_before(element: HtmlElement, other: HtmlElement) -> bool:
    """Return whether an element begins before another one of the same tree."""
    ours, theirs = ([each, *each.iterancestors()][::-1] for each in (element, other))
    for parent, one, two in zip(ours, ours[1:], theirs[1:], strict=False):
        if one is not two:
            return bool(parent.index(one) < parent.index(two))
    return len(ours) < len(theirs)


class Index:
    """The elements of a page in order. The tree must not change after the index is made."""

    def __init__(self, tree: HtmlElement) -> None:
        self._tree = tree
        self._by_class: dict[str, list[HtmlElement]] = defaultdict(list)
        for element in tree.iter("*"):
            if names := element.get("class"):
                self._by_class[names].append(element)
        self._classes = " ".join(self._by_class)
        self._tagged: dict[tuple[str, ...], list[HtmlElement]] = {}
        self._found: dict[str, list[HtmlElement]] = {}

    @cached_property
    def order(self) -> dict[HtmlElement, int]:
        """The place of each element in the page."""
        return dict(zip(self._tree.iter("*"), count(), strict=False))

    def in_order(self, elements: Iterable[HtmlElement]) -> list[HtmlElement]:
        """Return some elements in the order of the page, each once."""
        found = list(set(elements))
        return found if len(found) < 2 else sorted(found, key=self.order.__getitem__)

    def tagged(self, *tags: str) -> list[HtmlElement]:
        """Return the elements with one of some tags, in order."""
        if tags not in self._tagged:
            self._tagged[tags] = list(self._tree.iter(*tags))
        return self._tagged[tags]

    def select(self, selector: str) -> list[HtmlElement]:
        """Return the elements that a CSS selector matches, in order. Raises cssselect's SelectorError."""
        if selector not in self._found:
            _compiled(selector, translator="html")
            parts = selector.split(",") if _SIGNS.isdisjoint(selector) else [selector]
            found = [elements for part in parts if (elements := self._matched(part))]
            self._found[selector] = found[0] if len(found) == 1 else self.in_order(chain.from_iterable(found))
        return self._found[selector]

    @cached_property
    def _ids(self) -> str:
        return " ".join(cast("list[str]", _IDS(self._tree)))

    def _matched(self, selector: str) -> list[HtmlElement]:
        names = self._classes + self._ids if "#" in selector else self._classes
        if _SIGNS.isdisjoint(selector) and any(name not in names for name in _NAME.findall(selector)):
            return []
        plain = _PLAIN.fullmatch(selector)
        if plain is None:
            return cast("list[HtmlElement]", _compiled(selector, translator="html")(self._tree))
        tag, name = plain[1].lower(), plain[2]
        if not name:
            return self.tagged(tag)
        groups = [elements for names, elements in self._by_class.items() if name in names and name in names.split()]
        return self.in_order(each for each in chain.from_iterable(groups) if tag in ("", each.tag))
