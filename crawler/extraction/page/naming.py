"""The names of elements: as tokens and words, and the elements of a page by tag, attribute and selector."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, pairwise
from typing import cast

from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from crawler.extraction import vocabulary

_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_NAMES = ("class", "id", "aria-labelledby")
NO_TOKENS: frozenset[str] = frozenset()
_ASIDE_TAGS = frozenset({"aside", "footer", "nav"})
ASIDE_TOKENS = vocabulary.tokens("aside")
_CLASS = re.compile(r"\.([\w-]+)")
# In a selector with these signs, a comma may be inside one alternative: a:not(.b, .c), [href="/a,b"].
_SIGNS = frozenset(":\\\"'")
# Alternatives such as div, div.body, .body and #body need no XPath.
_PLAIN = re.compile(r"\s*(\w*)(?:([.#])([\w-]+))?\s*")
_compiled = lru_cache(maxsize=512)(CSSSelector)


def tokens_of(element: HtmlElement) -> frozenset[str]:
    """Return the class names of an element, its id and its label's id in lower case, each as a whole."""
    return _tokens_of(*map(element.get, _NAMES))


# Both caches: pages give a few names to many elements.
@lru_cache(maxsize=4096)
def _tokens_of(*names: str | None) -> frozenset[str]:
    return frozenset(" ".join(filter(None, names)).lower().split())


def words_of(element: HtmlElement) -> frozenset[str]:
    """Return the words in an element's names, and pairs of them: `postAuthor-name` has `author` and `author-name`."""
    return _words_of(*map(element.get, _NAMES))


@lru_cache(maxsize=4096)
def _words_of(*names: str | None) -> frozenset[str]:
    parts = [[word.lower() for word in _WORD.findall(name)] for name in " ".join(filter(None, names)).split()]
    pairs = (f"{one}-{two}" for found in parts for one, two in pairwise(found))
    return frozenset(chain(chain.from_iterable(parts), pairs))


def is_beside_story(element: HtmlElement) -> bool:
    """Return whether an element is inside an aside, a menu, a footer or a box of other stories or comments."""
    around = list(element.iterancestors())[:-2]
    return any(each.tag in _ASIDE_TAGS or not ASIDE_TOKENS.isdisjoint(tokens_of(each)) for each in around)


class Index:
    """The elements of a page in order. The tree must not change after the index is made."""

    def __init__(self, tree: HtmlElement) -> None:
        self._tree = tree
        self.order: dict[HtmlElement, int] = {}
        self._by_class: dict[str, list[HtmlElement]] = defaultdict(list)
        for place, element in enumerate(tree.iter("*")):
            self.order[element] = place
            if names := element.get("class"):
                self._by_class[names].append(element)
        self._tagged: dict[tuple[str, ...], list[HtmlElement]] = {}
        self._found: dict[str, list[HtmlElement]] = {}

    def is_before(self, element: HtmlElement, other: HtmlElement) -> bool:
        return self.order[element] < self.order[other]

    def tagged(self, *tags: str) -> list[HtmlElement]:
        """Return the elements with one of some tags, in order."""
        if tags not in self._tagged:
            self._tagged[tags] = list(self._tree.iter(*tags))
        return self._tagged[tags]

    def with_attribute(self, name: str) -> list[HtmlElement]:
        """Return the elements with an attribute, in order."""
        return [element for element in self.order if element.get(name) is not None]

    def select(self, selector: str) -> list[HtmlElement]:
        """Return the elements that a CSS selector matches, in order. Raises cssselect's SelectorError."""
        if selector not in self._found:
            _compiled(selector, translator="html")
            parts = selector.split(",") if _SIGNS.isdisjoint(selector) else [selector]
            found = {each for part in parts for each in self._matched(part)}
            self._found[selector] = sorted(found, key=self.order.__getitem__)
        return self._found[selector]

    def _matched(self, selector: str) -> Iterable[HtmlElement]:
        plain = _PLAIN.fullmatch(selector)
        if plain is None:
            is_possible = not _SIGNS.isdisjoint(selector) or all(map(self._with_class, _CLASS.findall(selector)))
            find = _compiled(selector, translator="html")
            return cast("list[HtmlElement]", find(self._tree)) if is_possible else ()
        tag, sign, name = plain[1].lower(), plain[2], plain[3]
        if not sign:
            return self.tagged(tag)
        named = self._with_class(name) if sign == "." else [each for each in self.order if each.get("id") == name]
        return (each for each in named if tag in ("", each.tag))

    def _with_class(self, name: str) -> list[HtmlElement]:
        groups = (each for names, each in self._by_class.items() if name in names and name in names.split())
        return list(chain.from_iterable(groups))
