"""The names of elements: as tokens and words, and the elements of a page by tag and selector."""

import re
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
_NAMES = XPath("//@class | //@id", smart_strings=False)
_NAME = re.compile(r"[.#]([\w-]+)")
# In a selector with these signs, a comma may be inside one alternative: a:not(.b, .c), [href="/a,b"].
_SIGNS = frozenset(":\\\"'")
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
        self._names = " ".join(cast("list[str]", _NAMES(tree)))
        self._tagged: dict[tuple[str, ...], list[HtmlElement]] = {}
        self._found: dict[str, list[HtmlElement]] = {}

    @cached_property
    def order(self) -> dict[HtmlElement, int]:
        """The place of each element in the page."""
        return dict(zip(self._tree.iter("*"), count(), strict=False))

    def tagged(self, *tags: str) -> list[HtmlElement]:
        """Return the elements with one of some tags, in order."""
        if tags not in self._tagged:
            self._tagged[tags] = list(self._tree.iter(*tags))
        return self._tagged[tags]

    def select(self, selector: str) -> list[HtmlElement]:
        """Return the elements that a CSS selector matches, in order. Raises cssselect's SelectorError."""
        if selector not in self._found:
            _compiled(selector, translator="html")
            found = ",".join(filter(self._may_match, selector.split(","))) if _SIGNS.isdisjoint(selector) else selector
            matches = _compiled(found, translator="html")(self._tree) if found else []
            self._found[selector] = cast("list[HtmlElement]", matches)
        return self._found[selector]

    def _may_match(self, selector: str) -> bool:
        return all(name in self._names for name in _NAME.findall(selector))
