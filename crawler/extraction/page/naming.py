"""The names of elements: as tokens and words, and the elements of a page by tag, attribute and selector."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property, lru_cache
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
_NAME = re.compile(r"[.#[]([\w-]+)")
# A selector with these signs is searched even if the page has none of its names: a:not(.b), [href="/a.b"].
_SIGNS = frozenset(":\\\"'")
_compiled = lru_cache(maxsize=512)(CSSSelector)


def tokens_of(element: HtmlElement) -> frozenset[str]:
    """Return the class names of an element, its id and its label's id in lower case, each as a whole."""
    names = " ".join(filter(None, map(element.get, _NAMES)))
    return frozenset(names.lower().split()) if names else NO_TOKENS


def words_of(element: HtmlElement) -> frozenset[str]:
    """Return the words in an element's names, and pairs of them: `postAuthor-name` has `author` and `author-name`."""
    names = " ".join(filter(None, map(element.get, _NAMES)))
    return _words_of(names) if names else NO_TOKENS


# Pages give a few names to many elements.
@lru_cache(maxsize=4096)
def _words_of(names: str) -> frozenset[str]:
    parts = [[word.lower() for word in _WORD.findall(name)] for name in names.split()]
    pairs = (f"{one}-{two}" for found in parts for one, two in pairwise(found))
    return frozenset(chain(chain.from_iterable(parts), pairs))


def is_beside_story(element: HtmlElement) -> bool:
    """Return whether an element is inside an aside, a menu, a footer or a box of other stories or comments."""
    around = list(element.iterancestors())[:-2]
    return any(each.tag in _ASIDE_TAGS or not ASIDE_TOKENS.isdisjoint(tokens_of(each)) for each in around)


class Index:
    """The elements of a page in order. The tree must not change after the index is made."""

    def __init__(self, tree: HtmlElement) -> None:
        self.elements: list[HtmlElement] = list(tree.iter("*"))
        self.order: dict[HtmlElement, int] = {element: place for place, element in enumerate(self.elements)}
        self._tagged: dict[str, list[HtmlElement]] = defaultdict(list)
        self._with_attribute: dict[str, list[HtmlElement]] = defaultdict(list)
        for element in self.elements:
            self._tagged[element.tag].append(element)
            for name in element.keys():  # noqa: SIM118
                self._with_attribute[name].append(element)
        self._tree = tree
        self._found: dict[str, list[HtmlElement]] = {}

    def tagged(self, *tags: str) -> list[HtmlElement]:
        """Return the elements with one of some tags, in order."""
        if len(tags) == 1:
            return self._tagged.get(tags[0], [])
        return sorted((element for tag in tags for element in self._tagged.get(tag, ())), key=self.order.__getitem__)

    def with_attribute(self, name: str) -> list[HtmlElement]:
        return self._with_attribute.get(name, [])

    def select(self, selector: str) -> list[HtmlElement]:
        """Return the elements that a CSS selector matches, in order. Raises cssselect's SelectorError."""
        if selector not in self._found:
            find, possible = _compiled(selector, translator="html"), self._possible(selector)
            if possible and possible != selector:
                find = _compiled(possible, translator="html")
            self._found[selector] = cast("list[HtmlElement]", find(self._tree)) if possible else []
        return self._found[selector]

    def _possible(self, selector: str) -> str:
        """Return the alternatives of a selector whose classes, ids and attributes the page all has."""
        if not _SIGNS.isdisjoint(selector):
            return selector
        return ",".join(part for part in selector.split(",") if self._names.issuperset(_NAME.findall(part)))

    @cached_property
    def _names(self) -> frozenset[str]:
        """The classes, ids and names of attributes of the page."""
        named = {element.get(name) or "" for name in ("class", "id") for element in self.with_attribute(name)}
        return frozenset(self._with_attribute) | {token for names in named for token in names.split()}
