"""Which elements stand aside from a page's story: in sidebars, footers, windows and lists of other stories."""

from __future__ import annotations

from collections.abc import Iterable

from lxml.html import HtmlElement

from crawler.bengali.text import words
from crawler.extraction.naming import is_dialog, names_of

ASIDE_WORDS = frozenset(words("related sidebar comments popular trending recommended recommendations"))
# What says these of itself stands beside a sidebar, or has none.
_BESIDE = frozenset(words("no-sidebar has-sidebar with-sidebar without-sidebar"))
ASIDE_TAGS = frozenset({"aside", "footer", "nav"})


class Asides:
    """The asides of one page. Each element is looked at once: many are asked for that stand in the same ones."""

    def __init__(self, headings: Iterable[HtmlElement], tags: frozenset[str] = ASIDE_TAGS) -> None:
        """Elements of these tags are asides, and those whose names say so; the tree must not change after.

        What holds one of the headings, each h1 of the page, is none, whatever its name: themes say `has-sidebar` of
        the whole page.
        """
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
