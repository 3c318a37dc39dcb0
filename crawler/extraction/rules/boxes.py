"""Boxes in or after a story: parts that are not set as its paragraphs are, known by their content, not by names."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from functools import cached_property
from itertools import groupby

from lxml.html import HtmlElement

from crawler.bengali.text import fold, words
from crawler.extraction.blocks.block import Block
from crawler.extraction.blocks.column import column_of, is_sentence, is_set_as
from crawler.extraction.page.document import text_of
from crawler.extraction.page.naming import is_hidden
from crawler.extraction.rules.text_lines import setting
from crawler.extraction.words import (
    COMMENTS_HEADING,
    LABELS,
    MEANS_READER,
    PROMPTS,
    READ_ON,
    REPORTED,
    SPEAKS_TO_READER,
    ends_sentence,
)

Setting = tuple[str, str | None, str]
_BOXES = frozenset(words("div section aside table center article fieldset details header footer main"))
_CONTROLS = ("input", "button", "form", "select", "textarea", "label", "audio", "video")
_LABEL, _CAPTION, _APPEAL, _LINKED = 60, 120, 200, 0.85
_NOTE, _NOTES = 100, 150
_CARD, _SIGNS = 3, " .…»›>→"
_TITLE_GAPS = 2
_QUOTED = re.compile("[“‘\"'«][^”’\"'»]*[”’\"'»]?")


class ColumnPart:
    """The blocks in one element, `top`; None for the column's own words."""

    def __init__(self, top: HtmlElement | None, blocks: Sequence[Block]) -> None:
        self.top = top
        self.blocks = blocks
        self.told = [block for block in blocks if is_sentence(block)]
        self.size, self.sentences = sum(len(block.text) for block in self.told), len(self.told)
        self.name = None if top is None else name_of(top)
        self.setting = self._setting()
        self.may_be_box, self.titles = False, 0
        if top is not None and top.tag in _BOXES:
            # What is hidden may be the rest of a text that a button shows.
            self.may_be_box = not is_hidden(top)
            self.titles = sum(map(_is_title, top.iter("a")))

    def _setting(self) -> Setting:
        top = self.top
        if top is None:
            return ("", None, "words")
        plain = all(block.element is top for block in self.blocks)
        return (top.tag, self.name, "words" if plain else "one" if len(self.blocks) == 1 else "several")

    @property
    def has_controls(self) -> bool:
        return self.top is not None and next(self.top.iter(*_CONTROLS), None) is not None

    @property
    def is_labelled(self) -> bool:
        return any(map(_is_label, self.blocks))

    @property
    def lists_stories(self) -> bool:
        return self.titles > 1 and 2 * self.titles >= self.sentences

    @property
    def is_card(self) -> bool:
        if not (self.may_be_box and 0 < self.sentences <= _CARD):
            return False
        first, last = self.blocks[0], self.blocks[-1]
        read_on = READ_ON.fullmatch(last.text.strip(_SIGNS)) and last.linked >= _LINKED * len(last.text)
        return bool(read_on) and len(first.text) <= _CAPTION and not first.text.endswith("।")

    @property
    def is_linked(self) -> bool:
        return not self.sentences and self.top is not None and next(self.top.iter("a"), None) is not None

    @property
    def speaks(self) -> bool:
        return any(len(block.text) <= _APPEAL and speaks_to_reader(block.text) for block in self.blocks)

    def names(self, sites: Collection[str]) -> bool:
        lines = [block.text for block in self.blocks if not REPORTED.search(block.text)]
        return any(site in line for line in lines for site in sites)

    @property
    def is_captioned(self) -> bool:
        first = self.blocks[0]
        lone = len(self.blocks) == 1 and first.after_picture and len(first.text) <= _CAPTION
        return lone and not ends_sentence(first.text)

    @property
    def has_figures(self) -> bool:
        """Tell a title over short lines most of which are figures: hours of prayer, rates, scores, a poll's answers."""
        lines = [block.text for block in self.blocks[1:]]
        figures = sum(re.search(r"[\d০-৯]", line) is not None for line in lines)
        long = sum(len(line) > _LABEL or ends_sentence(line) for line in lines)
        titled = self.blocks[0].kind != "row" and not is_sentence(self.blocks[0])
        # A poll has its question over them.
        return titled and 2 * figures > len(lines) and long <= (1 if figures > 1 else 0)

    @property
    def tells(self) -> bool:
        """Tell paragraphs as long as a story's are from the lines of a note, and from a picture's or person's card."""
        long = max((len(block.text) for block in self.told), default=0)
        return (long > _NOTE or self.size > _NOTES) and not self.blocks[0].after_picture

    @property
    def is_titled(self) -> bool:
        first = self.blocks[0]
        label = len(first.text) <= _LABEL and not ends_sentence(first.text)
        return len(self.blocks) > 1 and label and first.element is not self.blocks[1].element


def name_of(element: HtmlElement) -> str | None:
    name: str | None = element.get("class") or element.get("id")
    return name


def speaks_to_reader(text: str) -> bool:
    """Tell words to the reader from what somebody in the text says; of a long sentence a form of you is not enough."""
    own = _QUOTED.sub("", text)
    speaks = SPEAKS_TO_READER.search(own) or (len(own) <= _CAPTION and MEANS_READER.search(own))
    return bool(speaks) and not REPORTED.search(text)


def _is_label(block: Block) -> bool:
    text = block.text.strip(" :ঃ-–—")
    # সর্বশেষ খবর পাওয়া পর্যন্ত আগুন নেভেনি। is a sentence.
    prompt = PROMPTS.match(text) if not text.endswith("।") else None
    named = LABELS.fullmatch(text) or COMMENTS_HEADING.fullmatch(block.text) or prompt
    return (len(text) <= _LABEL and named is not None) or block.linked >= _LINKED * len(block.text)


def _is_title(link: HtmlElement) -> bool:
    before, parent = link.getprevious(), link.getparent()
    beside = (link.tail, before.tail if before is not None else parent.text if parent is not None else "")
    if any(text and text.strip() for text in beside) or "#" in (link.get("href") or "#"):
        return False
    return text_of(link).count(" ") >= _TITLE_GAPS


_HEADINGS = ("h1", "h2", "h3", "h4")
# A box has at most this share of the sentences, so many characters, and so many sentences below its title.
_SHARE, _SIZE, _FEW = 0.25, 700, 3
_LEAST = 3
# A setting in which this share of the text stands is the text's own.
_OWN = 0.15
# A part of a column with this share is the column itself; a column with less of the sentences is not the story's.
_MAIN, _MOST = 0.7, 0.5
# So much said again is a quotation; of very long texts nobody looks for these.
_QUOTE, _MANY = 25, 400
# Paragraphs to the reader, and their share, that a text has which gives no advice.
_ASIDES, _ADVICE = 1, 0.15
# A name of fewer letters stands in many words.
_SITE_NAME = 5
_LITTLE = 0.1


def without_boxes(
    blocks: Sequence[Block], headline: HtmlElement | None = None, site_names: Collection[str] = ()
) -> list[Block]:
    """Return the blocks without boxes and later stories; all where no column holds most of the text."""
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
    sizes: defaultdict[HtmlElement, int] = defaultdict(int)
    counts: defaultdict[HtmlElement, int] = defaultdict(int)
    for block in told:
        for element in _up_to(column, block.element):
            sizes[element] += len(block.text)
            counts[element] += 1
    inner = [element for element, size in sizes.items() if size >= _MAIN * sizes[column] and counts[element] >= _LEAST]
    return max(inner, key=lambda element: sum(1 for _ in element.iterancestors()), default=column)


def _up_to(column: HtmlElement, element: HtmlElement | None) -> list[HtmlElement]:
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
        self, blocks: Sequence[Block], column: HtmlElement, headline: HtmlElement | None, site_names: Collection[str]
    ) -> None:
        self.site_names = [name for name in site_names if len(name) >= _SITE_NAME]
        self.column = column
        self.line = [column, *column.iterancestors()]
        self.tops: dict[HtmlElement, HtmlElement | None] = dict.fromkeys(self.line)
        self.parts = [ColumnPart(top, list(group)) for top, group in groupby(blocks, self._top)]
        self._inside = inside = [part for part in self.parts if part.sentences and not self._is_beside(part)]
        self.size = sum(part.size for part in inside)
        told = [(part, block) for part in inside for block in part.told]
        self.told = {setting(block) for _, block in told}
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
        told = [block for part in self._inside if not self.is_other(part) for block in part.told]
        spoken = sum(speaks_to_reader(block.text) for block in told)
        return spoken > max(_ASIDES, _ADVICE * len(told))

    def _top(self, block: Block) -> HtmlElement | None:
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
        return part.top is not None and part.top.getparent() is not self.column

    def is_behind(self, part: ColumnPart) -> bool:
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
        """The parts set as the column is, if some of them hold much text; not those that show that they are a box."""
        alike = [part for part in self.parts if part.top is not None and is_set_as(part.blocks, part.top, self.column)]
        if not any(part.tells and self._is_beside(part) for part in alike):
            return set()
        return {part for part in alike if not (part.is_titled and part.sentences) and not _shows_purpose(part)}

    def _is_later_story(self, top: HtmlElement) -> bool:
        is_alike = (top.tag, top.get("class"), top.getparent()) in self.holders
        return is_alike and next(top.iter(*_HEADINGS), None) is not None

    def _speaks(self, part: ColumnPart) -> bool:
        return part.sentences <= _FEW and part.speaks and not self.advises

    def _is_said(self, part: ColumnPart, before: Collection[ColumnPart] | None = None) -> bool:
        """Return whether the text has the words of a part too; `before` limits copies to the parts in it."""
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
        start, end = 0, len(blocks)
        while start < end and self._is_edge(blocks[start]):
            start += 1
        while end > start and self._is_edge(blocks[end - 1]):
            end -= 1
        return blocks[start:end] if start < end else blocks

    def _is_edge(self, block: Block) -> bool:
        other = block.element is not None and setting(block) not in self.told
        return other and block.kind == "paragraph" and len(block.text) <= _LABEL and not ends_sentence(block.text)


def _shows_purpose(part: ColumnPart) -> bool:
    return part.has_controls or part.is_linked or part.is_labelled or part.speaks or part.titles > 0
