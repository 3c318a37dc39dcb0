"""The candidates for the container of the text, compared by one score."""

import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import Extractor

from crawler.bengali.text import fold
from crawler.extraction import vocabulary
from crawler.extraction.body.block import HEADINGS, Block
from crawler.extraction.body.page import TextPage

_BODY_TOKENS = vocabulary.tokens("body")

# The score counts unlinked sentences for an element, other lines and dropped blocks against it. The two costs were
# chosen on served pages of 60 publishers; from 0.4 to 0.8 and from 0.6 to 1.0 the choice is nearly the same.
_LINE_COST, _DROPPED_COST, _MOST_DROPPED = 0.6, 0.8, 100
# A known container wins at once if it has this share of the best element's sentences.
_KNOWN_SHARE = 0.9
# On a page with fewer sentences, any unlinked line counts: a poem or a table of figures.
_LEAST = 80
# An element with this share of all sentences on the page wins too: no other candidate can have more.
_WHOLE_SHARE = 0.99
# The outlet's own container is believed sooner: less proves that the outlet has changed its pages.
_OWN_SHARE = 0.5
# Trafilatura's text: blocks of this size are found in it; the element that holds this share of them is its container.
_FOUND, _HELD = 30, 0.9
# Another candidate must have this many times as much text to replace the best one.
_MUCH_MORE = 1.2
# Candidates that share less of their sentences disagree.
_AGREED = 0.5
_LEAVES = frozenset({"p", "li"}) | HEADINGS
# Briefs of 100 characters count.
_OPTIONS = Extractor(output_format="python", fast=True, comments=False)
_OPTIONS.min_extracted_size = 100


@dataclass(frozen=True, slots=True)
class Candidate:
    """A range of blocks; `weight` is the size of its sentences in characters."""

    name: str
    start: int
    end: int
    weight: int
    score: float = 0.0
    is_agreed: bool = True

    def holds(self, block: Block) -> bool:
        return self.start <= block.index < self.end


class Scorer:
    """The score of any range of blocks, from sums over all of them; `weight` is the size of all sentences."""

    def __init__(self, page: TextPage) -> None:
        self._page = page
        live = [b.rule is None and b.index > page.headline for b in page.blocks]
        self.live = _sums(live)
        pairs = list(zip(page.blocks, live, strict=True))
        self._weights = _sums(block.weight if is_live else 0 for block, is_live in pairs)
        self.weight = self._weights[-1]
        self._lines = _sums(block.length if is_live and _is_loose_line(block) else 0 for block, is_live in pairs)
        self._dropped = _sums(0 if is_live else min(block.length, _MOST_DROPPED) for block, is_live in pairs)

    def candidate(self, name: str, start: int, end: int) -> Candidate:
        weight = self._weights[end] - self._weights[start]
        lines, dropped = self._lines[end] - self._lines[start], self._dropped[end] - self._dropped[start]
        return Candidate(name, start, end, weight, weight - _LINE_COST * lines - _DROPPED_COST * dropped)

    def elements(self) -> list[Candidate]:
        """Return a candidate for each element with sentences, the best first, of equal ones the smaller."""
        singles = (element for element, (start, end) in self._page.ranges.items() if end - start == 1)
        alike = Counter(map(self._family, singles))
        found = [
            self.candidate(_name_of(element, self._page.tokens_of(element)), start, end)
            for element, (start, end) in self._page.ranges.items()
            if self._weights[end] > self._weights[start]
            and element.tag not in _LEAVES
            # One of several single blocks of a kind is a paragraph.
            and (end - start > 1 or alike[self._family(element)] == 1)
        ]
        return sorted(found, key=lambda one: (-one.score, one.end - one.start))

    def _family(self, element: HtmlElement) -> tuple[HtmlElement | None, str, frozenset[str]]:
        return element.getparent(), element.tag, self._page.tokens_of(element)


def _sums(values: Iterable[int]) -> list[int]:
    return list(accumulate(values, initial=0))


def _is_loose_line(block: Block) -> bool:
    return not block.weight and block.kind == "paragraph"


def _name_of(element: HtmlElement, tokens: frozenset[str]) -> str:
    is_body = element.get("itemprop") in ("articleBody", "text") or element.get("property") == "content:encoded"
    return "known" if is_body or not _BODY_TOKENS.isdisjoint(tokens) else "element"


def choose(page: TextPage, declared: Iterator[tuple[str, Sequence[HtmlElement]]]) -> Candidate | None:
    """Return the container of the text, None if no block can be text.

    `declared` are the containers of the outlet and of platforms, the surest first. They and known containers win if
    they hold nearly all sentences, and so does an element with all of them. On other pages trafilatura searches the
    kept blocks too.
    """
    scorer = Scorer(page)
    found = scorer.elements()
    if not found or found[0].weight < _LEAST:
        _count_lines(page)
        scorer = Scorer(page)
        found = scorer.elements() or found
    if not found:
        return None
    best, known = found[0], [one for one in found if one.name == "known"]
    for name, elements in declared:
        own = _declared_candidate(name, elements, page, scorer)
        if own and name == "outlet" and own.weight >= _OWN_SHARE * best.weight:
            return own
        known += [own] if own else []
    known = [one for one in known if one.weight >= _KNOWN_SHARE * best.weight]
    if known:
        return min(known, key=lambda one: one.end - one.start)
    if best.weight >= max(_LEAST, _WHOLE_SHARE * scorer.weight):
        return best
    return _compared(best, _located(page, scorer), scorer)


def _count_lines(page: TextPage) -> None:
    """Let any unlinked line count on a page of lines, such as a table of figures."""
    for block in page.blocks:
        if block.rule is None and block.share < 0.5:
            block.weight = block.length
    page.weigh()


def _declared_candidate(name: str, elements: Sequence[HtmlElement], page: TextPage, scorer: Scorer) -> Candidate | None:
    ranges = [page.ranges[element] for element in elements if element in page.ranges]
    ranges = [one for one in ranges if page.headline < one[1] and one[0] < page.next_story]
    if not ranges:
        return None
    return scorer.candidate(name, min(start for start, _ in ranges), max(end for _, end in ranges))


def _compared(best: Candidate, other: Candidate | None, scorer: Scorer) -> Candidate:
    """Return the better of two candidates, marked as not agreed if they share less than half of the larger one.

    A candidate without sentences proves nothing.
    """
    if other is None or not other.weight:
        return best
    start, end = max(best.start, other.start), min(best.end, other.end)
    shared = scorer.candidate("", start, end).weight if start < end else 0
    chosen = other if other.weight > _MUCH_MORE * best.weight else best
    return replace(chosen, is_agreed=shared >= _AGREED * max(best.weight, other.weight))


def _located(page: TextPage, scorer: Scorer) -> Candidate | None:
    """Return the smallest element that holds nearly all blocks of trafilatura's text."""
    copied = copy.copy(page.root)
    _empty_dropped(page.root, copied, page, scorer.live)
    # Trafilatura's last resort looks for the body below the root.
    tree = page.root.makeelement("html")
    tree.append(copied)
    found = bare_extraction(tree, options=_OPTIONS)
    text = fold(getattr(found, "text", None) or "")
    sums = _sums(
        block.length if not block.rule and block.length > _FOUND and block.folded in text else 0
        for block in page.blocks
    )
    ranges = (one for one in page.ranges.values() if sums[one[1]] - sums[one[0]] >= _HELD * sums[-1])
    return scorer.candidate("trafilatura", *min(ranges, key=lambda one: one[1] - one[0])) if sums[-1] else None


def _empty_dropped(element: HtmlElement, copied: HtmlElement, page: TextPage, live: Sequence[int]) -> None:
    """Empty the parts of an element's copy without live blocks: not dropped, below the headline; `live` has sums."""
    for child, twin in zip(element, copied, strict=True):
        start, end = page.ranges.get(child, (0, 0))
        if live[end] > live[start]:
            _empty_dropped(child, twin, page, live)
        elif end:
            twin.clear(keep_tail=True)
