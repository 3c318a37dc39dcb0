"""Boxes set into or after a story: parts that are not set as its paragraphs are and show what they are by their parts.

Their names tell nothing here. A poll has buttons, a teaser a title that is a link, a service box a heading of its own,
an advertisement speaks to the reader, a pull quote stands in the text already.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from functools import cached_property
from itertools import groupby

from lxml.html import HtmlElement

from crawler.bengali.text import fold
from crawler.extraction.blocks.block import Block
from crawler.extraction.blocks.column import column_of, is_sentence, is_set_as
from crawler.extraction.rules.parts import ColumnPart, Setting, name_of, speaks_to_reader
from crawler.extraction.words import ends_sentence

_HEADINGS = ("h1", "h2", "h3", "h4")

# A box has at most this share of the sentences, so many characters, and so many sentences below its title.
_SHARE, _SIZE, _FEW = 0.25, 700, 3

# A text in fewer paragraphs shows no way of being set.
_LEAST = 3

# A setting in which this share of the text stands is the text's own.
_OWN = 0.15

# A part of a column with this share is the column itself; a column with less of the sentences is not the story's.
_MAIN, _MOST = 0.7, 0.5
_LABEL = 60

# So much said again is a quotation; of very long texts nobody looks for these.
_QUOTE, _MANY = 25, 400

# Paragraphs to the reader, and their share, that a text has which gives no advice.
_ASIDES, _ADVICE = 1, 0.15

# A name of fewer letters stands in many words.
_SITE_NAME = 5

# A part of no name is told by its title when it has this share of the text at most.
_LITTLE = 0.1


def without_boxes(
    blocks: Sequence[Block], headline: HtmlElement | None = None, site_names: Collection[str] = ()
) -> list[Block]:
    """Return the blocks without those of boxes and of later stories; all where no column holds most of the text.

    `site_names` are what the site is called: a part that is not set as the text is and names it speaks for the site.
    """
    told = [block for block in blocks if is_sentence(block)]
    column = column_of(told)
    if column is None or len(told) < _LEAST:
        return list(blocks)
    text = _Text(blocks, _narrowed(told, column), headline, site_names)
    if text.size < _MOST * sum(len(block.text) for block in told):
        return list(blocks)
    kept: list[Block] = []
    ended = False
    for part in text.parts:
        is_box = text.is_box(part)
        # Behind the column nothing of the text follows a box.
        ended = ended or (is_box and bool(kept) and text.is_behind(part))
        if not is_box and not (ended and text.is_other(part) and not part.tells and part.size <= _MOST * text.size):
            kept += part.blocks
    return text.without_edges(kept)


def _narrowed(told: Sequence[Block], column: HtmlElement) -> HtmlElement:
    """Return the innermost part of a column that holds most of its sentences, several of them."""
    sizes: defaultdict[HtmlElement, int] = defaultdict(int)
    counts: defaultdict[HtmlElement, int] = defaultdict(int)
    for block in told:
        for element in _up_to(column, block.element):
            sizes[element] += len(block.text)
            counts[element] += 1
    inner = [element for element, size in sizes.items() if size >= _MAIN * sizes[column] and counts[element] >= _LEAST]
    return max(inner, key=lambda element: sum(1 for _ in element.iterancestors()), default=column)


def _up_to(column: HtmlElement, element: HtmlElement | None) -> list[HtmlElement]:
    """Return an element and those around it up to the column, none when it does not stand there."""
    around = []
    while element is not None:
        around.append(element)
        if element is column:
            return around
        element = element.getparent()
    return []


class _Text:
    """A story's text in its column, and how its paragraphs are set there."""

    def __init__(
        self,
        blocks: Sequence[Block],
        column: HtmlElement,
        headline: HtmlElement | None,
        site_names: Collection[str],
    ) -> None:
        self.site_names = [name for name in site_names if len(name) >= _SITE_NAME]
        self.column = column
        self.line = [column, *column.iterancestors()]
        self.tops: dict[HtmlElement, HtmlElement | None] = dict.fromkeys(self.line)
        self.parts = [ColumnPart(top, list(group)) for top, group in groupby(blocks, self._top)]
        self._inside = inside = [part for part in self.parts if part.sentences and not self._is_beside(part)]
        self.size = sum(part.size for part in inside)
        told = [(part, block) for part in inside for block in part.told]
        self.told = {_set(block) for _, block in told}
        self._running = told if len(told) <= _MANY else []
        sizes: Counter[Setting] = Counter()
        before: set[ColumnPart] = set()
        for part in inside:
            before.add(part)
            sizes[part.setting] += 0 if part.titles or self._is_said(part, before) else part.size
        self.own = {setting for setting, size in sizes.items() if size >= _OWN * self.size}
        # What holds headline and column both, as far as a class names it: a later story's holder is alike.
        heads = set() if headline is None else set(headline.iterancestors())
        holders = [element for element in self.line if element in heads and element.get("class")]
        self.holders = {(element.tag, element.get("class"), element.getparent()) for element in holders}

    @cached_property
    def running(self) -> list[tuple[ColumnPart, str]]:
        """The sentences of the text, folded, and the part of each; none of a very long text."""
        return [(part, fold(block.text)) for part, block in self._running]

    @cached_property
    def advises(self) -> bool:
        """Tell a text that speaks to its reader itself."""
        told = [block for part in self._inside if not self.is_other(part) for block in part.told]
        spoken = sum(speaks_to_reader(block.text) for block in told)
        return spoken > max(_ASIDES, _ADVICE * len(told))

    def _top(self, block: Block) -> HtmlElement | None:
        """Return the outermost element around a block beside or below the column, None for the column's own words."""
        element = block.element
        if element is not None and element not in self.tops:
            top = element
            while (parent := top.getparent()) is not None and self.tops.get(parent, parent) is not None:
                top = parent
            self.tops[element] = top
        return None if element is None else self.tops[element]

    def is_box(self, part: ColumnPart) -> bool:
        """Tell a box by its parts: controls, lone links, a title, words to the reader, words that the text has too."""
        if part.top is None:
            return False
        if (part.titles and not part.sentences) or self._is_later_story(part.top):
            return True
        is_less = part.size <= _MOST * self.size
        if (part.lists_stories and (is_less or self._is_beside(part))) or (is_less and part.is_card):
            return True
        if not self.is_other(part):
            return False
        small = part.size <= _SHARE * self.size and sum(len(block.text) for block in part.blocks) <= _SIZE
        if not part.may_be_box:
            return small and part.top.tag == "p" and self._speaks(part)
        return self._is_said(part) or (small and (part.titles > 0 or self._shows_box(part, part.top)))

    def _shows_box(self, part: ColumnPart, top: HtmlElement) -> bool:
        if part.is_labelled or part.has_controls or part.is_linked or part.is_captioned or part.has_figures:
            return True
        if part.sentences <= _FEW and part.names(self.site_names):
            return True
        if top.tag == "aside" or self._speaks(part):
            return True
        named = part.name is not None or self._is_beside(part) or part.size <= _LITTLE * self.size
        tells = top.tag == "table" or part.sentences > _FEW or (part.tells and top.tag != "article")
        return named and not tells and part.is_titled

    def _is_beside(self, part: ColumnPart) -> bool:
        """Tell a part beside the column from one in it."""
        return part.top is not None and part.top.getparent() is not self.column

    def is_behind(self, part: ColumnPart) -> bool:
        """Tell a part that stands behind the column."""
        # In the column nothing does, and there may be very many parts.
        before = part.top.itersiblings(preceding=True) if part.top is not None and self._is_beside(part) else ()
        return any(element in self.line for element in before)

    def is_other(self, part: ColumnPart) -> bool:
        """Tell a part that is not set as the text is; a part like the column itself goes on with it."""
        if part.top is None or part.setting in self.own or part in self._continuations:
            return False
        return part.name is None or part.setting[:2] != (self.column.tag, name_of(self.column))

    @cached_property
    def _continuations(self) -> set[ColumnPart]:
        """The parts that hold nothing but what is set as the column, on a page that sets more of its text so: a heading
        and its list, a short sentence. A box may be set so too, and shows that it is one."""
        alike = [part for part in self.parts if part.top is not None and is_set_as(part.blocks, part.top, self.column)]
        if not any(part.tells and self._is_beside(part) for part in alike):
            return set()
        return {part for part in alike if not (part.is_titled and part.sentences) and not _shows_purpose(part)}

    def _is_later_story(self, top: HtmlElement) -> bool:
        """Tell what is set as the holder of headline and column is, and has a heading."""
        is_alike = (top.tag, top.get("class"), top.getparent()) in self.holders
        return is_alike and next(top.iter(*_HEADINGS), None) is not None

    def _speaks(self, part: ColumnPart) -> bool:
        """Tell an advertisement or appeal: a few sentences that ask the reader for something, as the text does not."""
        return part.sentences <= _FEW and part.speaks and not self.advises

    def _is_said(self, part: ColumnPart, before: Collection[ColumnPart] | None = None) -> bool:
        """Tell words that stand in the text too, whoever is named beside them; of what may be a copy of the text only
        what stands `before` counts."""
        if not part.may_be_box:
            return False
        quoted = [fold(block.text) for block in part.blocks if len(block.text) >= _QUOTE] if self.running else []
        sayers = [
            said
            for at, said in (self.running if quoted else ())
            if at is not part and (before is None or at in before or not at.may_be_box)
        ]
        return bool(quoted) and all(any(text in said for said in sayers) for text in quoted)

    def without_edges(self, blocks: list[Block]) -> list[Block]:
        """Return the blocks without short lines before and after the text that are set otherwise than it."""
        start, end = 0, len(blocks)
        while start < end and self._is_edge(blocks[start]):
            start += 1
        while end > start and self._is_edge(blocks[end - 1]):
            end -= 1
        return blocks[start:end] if start < end else blocks

    def _is_edge(self, block: Block) -> bool:
        other = block.element is not None and _set(block) not in self.told
        return other and block.kind == "paragraph" and len(block.text) <= _LABEL and not ends_sentence(block.text)


def _shows_purpose(part: ColumnPart) -> bool:
    return part.has_controls or part.is_linked or part.is_labelled or part.speaks or part.titles > 0


def _set(block: Block) -> tuple[str, str | None]:
    return ("", None) if block.element is None else (block.element.tag, block.element.get("class"))
