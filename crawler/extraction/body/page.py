"""A page with its headline and blocks: the questions that several rules ask."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence

from lxml.html import HtmlElement

from crawler.bengali.text import fold
from crawler.extraction import vocabulary
from crawler.extraction.body.block import Block
from crawler.extraction.body.groups import mark_boxes, mark_cards, next_story
from crawler.extraction.body.reader import PageBlocks, Region

_COMMENTS_TITLE = vocabulary.line("comments_title")

# A wrapper such as <aside> proves something while it holds no more than this share of the page's sentences.
_MINOR = 0.34
# Captions make a photo story if there are as many, and more of them than of other sentences.
_CAPTIONS = 3
_CAPTION_PLACES = frozenset({"figcaption", "figure", "nav", "footer", "aside", "form"})
# A pull quote, its marks and its speaker.
_QUOTE, _LONGEST_QUOTE = range(2, 4), 300
# A block whose beginning of this size is in the page's description is text.
_DESCRIBED, _UNLINKED = 40, 0.3
# Two titles with this share of common words are the same.
_ALIKE = 0.6


class TextPage(PageBlocks):
    """Blocks with the results that rules need; `first` and `last` are the indices of the first and last sentences.

    `headline` is the index of the headline's block, -1 if no block shows it.
    """

    def __init__(
        self,
        root: HtmlElement,
        title: str,
        headline: HtmlElement | None,
        descriptions: Iterable[str],
        keep: frozenset[str],
        unwanted: frozenset[HtmlElement],
        region: Region | None = None,
    ) -> None:
        self.keep = keep
        self.unwanted = unwanted
        super().__init__(root, "cells" in keep, region)
        self.title = title
        self.folded_title = fold(title)
        self.cards = mark_cards(self)
        self.weight = sum(block.weight for block in self.blocks if not block.is_card) or 1
        self.headline = self._place_of(headline)
        self.described = " ".join(map(fold, descriptions))
        mark_boxes(self, self.weight)
        self.next_story = next_story(self, self.headline)
        self.is_photo_story = self._is_photo_story()
        self.comments = self._comments()
        self._minor: dict[HtmlElement, bool] = {}
        self.begin_edges(())

    def _place_of(self, headline: HtmlElement | None) -> int:
        """Return the index of the block of the headline's element, else of a block like the title, else -1."""
        if headline is not None and self.under(headline):
            return self.under(headline)[-1].index
        shown = fold("".join(headline.itertext())) if headline is not None else self.folded_title
        same = (b.index for b in self.blocks if b.folded == shown and "nav" not in b.inside)
        return next(same, -1) if shown else -1

    def block_of(self, element: HtmlElement) -> Block | None:
        """Return the block with an element, or the first block of the innermost element around that has one."""
        around = (each for each in (element, *element.iterancestors()) if each in self.ranges)
        return next((self.blocks[self.ranges[each][0]] for each in around), None)

    def _is_photo_story(self) -> bool:
        captions = [b for b in self.blocks if b.is_sentence and ("figcaption" in b.inside or b.is_pictured)]
        prose = sum(
            block.weight
            for block in self.blocks[self.headline + 1 :]
            if not block.is_card and not block.is_pictured and _CAPTION_PLACES.isdisjoint(block.inside)
        )
        return len(captions) >= _CAPTIONS and sum(block.weight for block in captions) > prose

    def is_minor(self, element: HtmlElement) -> bool:
        """Return whether an element holds so little of the page's sentences that its tag or name proves something."""
        if element not in self._minor:
            self._minor[element] = self.weight_of(element) <= _MINOR * self.weight
        return self._minor[element]

    def is_below_picture(self, block: Block) -> bool:
        """Return whether the element before a block's has a picture and no text."""
        before = block.element.getprevious()
        return before is not None and before not in self.ranges and next(before.iter("img"), None) is not None

    def is_described(self, block: Block) -> bool:
        """Return whether the page's own description begins like a block outside menus and footers."""
        if block.index <= self.headline or block.share >= _UNLINKED or {"nav", "footer"} & block.inside.keys():
            return False
        return len(block.folded) > _DESCRIBED and block.folded[:60] in self.described

    def is_like_title(self, text: str) -> bool:
        words, title = set(text.lower().split()), set(self.title.lower().split())
        return len(words & title) >= _ALIKE * max(1, min(len(words), len(title)))

    def begin_edges(self, kept: Sequence[Block]) -> None:
        """Note where the kept text begins and ends, and which lines it repeats."""
        sentences = [block.index for block in kept if block.weight]
        self.first, self.last = (sentences[0], sentences[-1]) if sentences else (len(self.blocks), -1)
        self._times = Counter(block.folded for block in kept if block.weight)
        self._sentences = "\n".join(self._times.elements())
        self._copies: defaultdict[str, deque[Block]] = defaultdict(deque)
        for block in kept:
            self._copies[block.folded].append(block)
        self.orphans = self._find_orphans(kept)

    def _comments(self) -> set[int]:
        """Return the indices of the headings of comments and of the blocks below them in their elements."""
        found: set[int] = set()
        for block in self.blocks[self.headline + 1 :]:
            if block.is_short and len(block.path) > 1 and _COMMENTS_TITLE.match(block.text):
                start, end = self.ranges[block.path[-2]]
                before = self.weight_between(start, block.index)
                if not before or self.weight_between(block.index, end) <= _MINOR * before:
                    found.update(range(block.index, end))
        return found

    def is_copy(self, block: Block) -> bool:
        """Return whether a kept block is the same: for a sentence one before it, in a named box any other."""
        copies = self._copies[block.folded]
        while copies[0].rule is not None:
            copies.popleft()
        is_named = block.box in ("named", "box")
        return is_named and len(copies) > 1 if copies[0] is block else is_named or block.weight > 0

    def is_pull_quote(self, block: Block) -> bool:
        """Return whether a block is in a small box whose sentences are all in longer ones, or repeat one."""
        return any(self.size_of(element) in _QUOTE and self._repeats_text(element) for element in block.path[-2:])

    def _repeats_text(self, element: HtmlElement) -> bool:
        box = self.under(element)
        sentences = [block for block in box if block.weight]
        if not sentences or sum(block.length for block in sentences) > _LONGEST_QUOTE:
            return False
        return all(
            block.rule == "repeat" or self._sentences.count(block.folded) > self._times[block.folded]
            for block in sentences
        )

    def is_beside_first(self, block: Block) -> bool:
        """Return whether a block is a sibling of the first sentence, of the same tag."""
        if self.first >= len(self.blocks):
            return False
        first = self.blocks[self.first].path
        return len(first) > 1 and first[-2:-1] == block.path[-2:-1] and first[-1].tag == block.path[-1].tag

    def _find_orphans(self, kept: Sequence[Block]) -> set[int]:
        """Return the indices of headings without kept text before the next heading of their level or above."""
        # From the end: a heading is an orphan if the nearest text is below a heading of its level or above.
        orphans, nearest = set(), "h0"
        for block in reversed(kept):
            level = block.level or "h6"
            if block.kind != "heading":
                nearest = "h9"
            elif nearest <= level:
                orphans.add(block.index)
            else:
                nearest = level
        return orphans
