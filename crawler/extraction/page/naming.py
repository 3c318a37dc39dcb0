"""Names of elements: their words, and which elements are hidden, dialogs or asides of the story."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from lxml.html import HtmlElement

from crawler.bengali.text import words

_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_DIALOGS = frozenset({"dialog", "alertdialog"})
_USUAL_NAMES = 300


def is_dialog(element: HtmlElement) -> bool:
    attributes = element.keys()
    if "role" in attributes and element.get("role") in _DIALOGS:
        return True
    return "aria-modal" in attributes and element.get("aria-modal") == "true"


def is_hidden(element: HtmlElement) -> bool:
    style = element.get("style")
    if style and "display:none" in style.replace(" ", "").lower():
        return True
    return element.get("hidden") is not None or element.get("aria-hidden") == "true"


def has_name_of(element: HtmlElement, names: frozenset[str]) -> bool:
    return not names.isdisjoint(names_of(element)[0])


def names_of(element: HtmlElement) -> tuple[frozenset[str], frozenset[str]]:
    called = f"{element.get('class', '')} {element.get('id', '')} {element.get('aria-labelledby', '')}"
    return _name_words(called) if len(called) <= _USUAL_NAMES else _name_words.__wrapped__(called)


# Pages give a few names to many elements; unusually long ones are not kept.
@lru_cache(maxsize=4096)
def _name_words(called: str) -> tuple[frozenset[str], frozenset[str]]:
    parted = [[word.lower() for word in _WORD.findall(name)] for name in called.split()]
    neighbours = (f"{one}-{two}" for found in parted for one, two in pairwise(found))
    return frozenset(word for found in parted for word in found), frozenset(neighbours)


ASIDE_WORDS = frozenset(words("related sidebar comments popular trending recommended recommendations"))

_BESIDE = frozenset(words("no-sidebar has-sidebar with-sidebar without-sidebar"))
ASIDE_TAGS = frozenset({"aside", "footer", "nav"})


class Asides:
    """The asides of one page. Each element is looked at once: many are asked for that stand in the same ones."""

    def __init__(self, headings: Iterable[HtmlElement], tags: frozenset[str] = ASIDE_TAGS) -> None:
        """Take elements of these tags or names as asides, but not what holds one of the headings (each h1)."""
        self.tags = tags
        self._holders = {around for heading in headings for around in heading.iterancestors()}
        self._known: dict[HtmlElement, bool] = {}

    def hold(self, element: HtmlElement, itself: bool = False) -> bool:
        """Tell whether an element stands inside an aside, or, asked so, is one."""
        passed: list[HtmlElement] = []
        around, verdict = element if itself else element.getparent(), False
        while around is not None and not verdict:
            if around in self._known:
                verdict = self._known[around]
                break
            passed.append(around)
            verdict = self._is_aside(around)
            around = around.getparent()
        self._known.update(dict.fromkeys(passed, verdict))
        return verdict

    def _is_aside(self, element: HtmlElement) -> bool:
        if is_dialog(element):
            return True
        return element not in self._holders and (element.tag in self.tags or _is_named(element))


def _is_named(element: HtmlElement) -> bool:
    named, pairs = names_of(element)
    return not ASIDE_WORDS.isdisjoint(named) and _BESIDE.isdisjoint(pairs)
