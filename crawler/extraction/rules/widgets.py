"""Widgets among the lines of a text: titles and the lines below them, posts, cards, polls and contents."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cached_property
from itertools import chain, islice, pairwise, takewhile

from lxml.html import HtmlElement

from crawler.bengali.text import patterns
from crawler.extraction.blocks.block import Block
from crawler.extraction.rules.text_lines import (
    LONGEST_LINE,
    QUOTES,
    SIGNS,
    Setting,
    TextLines,
    first_part,
    holder_of,
    is_alike,
    is_bold,
    is_within,
    leads_down,
)
from crawler.extraction.words import (
    ENGLISH_PAGE_WORD,
    OTHER_STORIES,
    PAGE_WORD,
    REPORTED,
    TITLES,
    TOPICS,
    TWEET_SIGNATURE,
    ends_sentence,
)

_STEP, _ASKED = 30, 100
# What is answered to a poll, with what was counted; other short lines below a question may tell who, where, which.
_ANSWER = patterns(
    r"(হ্যাঁ|না|মন্তব্য নেই|জানি না|ভালো|মন্দ|খারাপ|মোটামুটি|একমত|একমত নই|yes|no)(\W*[\d০-৯.]+ ?(%|শতাংশ|জন)?)?", flags=re.I
)
_CHOSEN = frozenset({"label", "button", "option"})
_PAIR, _LINKED = 2, 0.85
_LEADS = (">>", "»", "››")
_GAPS, _SIGN_AND_WORDS = 2, 2


def arranged(text: TextLines) -> Iterator[int]:
    found = (_posts, _cards, _polls, _contents, _pointer, _titles)
    yield from chain.from_iterable(find(text) for find in found)


def _posts(text: TextLines) -> Iterator[int]:
    """Yield the places of what stands in one holder with the signature of a post, right before it."""
    for place, (block, after) in enumerate(pairwise(text.blocks)):
        if TWEET_SIGNATURE.match(after.text) and _is_post(text, block, after):
            yield from (place, place + 1)


def _is_post(text: TextLines, block: Block, signature: Block) -> bool:
    holder = holder_of(signature)
    if holder is block.element or signature.element is holder_of(block):
        return True
    return holder_of(block) is holder and sum(holder_of(other) is holder for other in text.blocks) == _PAIR


def _cards(text: TextLines) -> Iterator[int]:
    for place, (block, after) in enumerate(pairwise(text.blocks)):
        titled = block.linked >= _LINKED * len(block.text) and block.text.count(" ") > 1
        if titled and holder_of(after) is block.element is not None:
            held = [other for other in text.blocks if block.element in (other.element, holder_of(other))]
            yield from (place, place + 1) if len(held) == _PAIR else ()


def _polls(text: TextLines) -> Iterator[int]:
    """Yield the places of questions and of the answers below them, two and more that only a poll has."""
    for place, block in enumerate(text.blocks):
        if not block.text.endswith("?") or len(block.text) > _ASKED:
            continue
        answers = list(takewhile(lambda place: _is_answer(text, place), text.places[place + 1 :]))
        if len(answers) > 1 and not (block.kind == "heading" and holder_of(block) in text.columns):
            yield from (place, *answers)


def _is_answer(text: TextLines, place: int) -> bool:
    block = text.blocks[place]
    chosen = any(element.tag in _CHOSEN for element in islice(block.around(), 3))
    chosen = chosen or first_part(block, "input", *_CHOSEN) is not None
    return _ANSWER.fullmatch(block.text) is not None or (chosen and not ends_sentence(block.text))


def _pointer(text: TextLines) -> Iterator[int]:
    """Yield the place of the only line that a sign leads to another story; several may be a list or headings."""
    led = [place for place in text.places if text.blocks[place].text.startswith(_LEADS)]
    if len(led) == 1 and not text.told[led[0]] and text.blocks[led[0]].text.count(" ") > _SIGN_AND_WORDS:
        yield led[0]


def _titles(text: TextLines) -> Iterator[int]:
    """Yield the places of a list of titles right below a line that promises other stories."""
    seen = 0
    for place, (block, after) in enumerate(pairwise(text.blocks)):
        if place < seen or after.kind != "item" or not _promises(block):
            continue
        listed = _list_at(text, place + 1)
        seen = listed[-1]
        if all(_is_like_title(text.blocks[item].text) for item in listed):
            yield from listed


def _promises(block: Block) -> bool:
    return len(block.text) <= _STEP and OTHER_STORIES.fullmatch(block.text.strip(SIGNS)) is not None


def _list_at(text: TextLines, start: int) -> list[int]:
    holder = holder_of(text.blocks[start])
    return [*takewhile(lambda place: holder_of(text.blocks[place]) is holder, text.places[start:])]


def _is_like_title(text: str) -> bool:
    return len(text) <= _ASKED and text.count(" ") >= _GAPS and not text.endswith(("।", ".", ",", ";", ":"))


def _contents(text: TextLines) -> Iterator[int]:
    for place, (block, after) in enumerate(pairwise(text.blocks)):
        if after.kind == "item" and leads_down(after) and not text.told[place] and len(block.text) <= _STEP:
            yield place


_SHORT, _QUESTION, _FOREIGN = 60, 80, 120
_BENGALI = re.compile("[\u0980-\u09ff]")
# A name and what it is: ওয়েবসাইট: www.example, রেটিং ৪/৫.
_VALUE = re.compile(r"[:ঃ]\s*\S|[\d০-৯]")


class Widgets:
    def __init__(self, text: TextLines) -> None:
        self.text = text
        self.blocks = text.blocks

    def places(self) -> Iterator[int]:
        opened: int | None = None
        for place, block in enumerate(self.blocks):
            foreign = place in self._foreign
            if foreign and block.kind != "heading":
                yield place
            if self._is_title(block) or (foreign and holder_of(block) not in self.text.columns):
                opened = place
            elif opened is not None and not self._goes_on(place, opened):
                opened = None
            elif opened is not None:
                yield from (opened, place)

    def _is_title(self, block: Block) -> bool:
        text = block.text.strip(SIGNS)
        if len(text) > _SHORT:
            return False
        return bool(TITLES.fullmatch(text)) or (
            bool(TOPICS.fullmatch(text)) and not self.text.says(max(text.split()[:3], key=len))
        )

    @cached_property
    def _foreign(self) -> set[int]:
        lines = (
            place
            for place, block in enumerate(self.blocks)
            if len(block.text) <= _FOREIGN and not (self.text.told[place] and _BENGALI.search(block.text))
        )
        found = set(filter(self._is_foreign, lines))
        if not found:
            return found
        lists: dict[HtmlElement | None, list[int]] = defaultdict(list)
        for place, block in enumerate(self.blocks):
            if block.kind in {"item", "row"}:
                lists[holder_of(block)].append(place)
        kept = (items for items in lists.values() if not all(self.text.marked[item] or item in found for item in items))
        return found.difference(*kept)

    def _is_foreign(self, place: int) -> bool:
        """Return whether a short line speaks of the page as no sentence does, or is in another script than the text."""
        block = self.blocks[place]
        if QUOTES.search(block.text) or block.kind == "row":
            return False
        beside = not self._is_in_column(block)
        if not _BENGALI.search(block.text):
            other = block.kind != "heading" and (beside or ENGLISH_PAGE_WORD.search(block.text) is not None)
            return other and self.text.is_bengali
        if not beside and (is_bold(block) or self.text.first < place < self.text.last):
            return False
        if len(block.text) > _SHORT or REPORTED.search(block.text) or _VALUE.search(block.text):
            return False
        spoken = PAGE_WORD.findall(block.text)
        return bool(spoken) and not any(map(self.text.says, spoken))

    @cached_property
    def _wholes(self) -> set[HtmlElement]:
        told = [block.element for block in self.text.sentences if block.element is not None]
        around = Counter(element for each in told for element in each.iterancestors())
        return {element for element, held in around.items() if 2 * held > len(told)}

    @cached_property
    def _parts(self) -> set[Setting | None]:
        return set(map(self._part_of, self.text.sentences)) - {None}

    def _part_of(self, block: Block) -> Setting | None:
        """Return tag and class names of the outermost element around a line that holds only a part of the text."""
        around = islice(block.around(), 1, None)
        part = list(takewhile(lambda element: element not in self._wholes, around))[-1:]
        return (part[0].tag, part[0].get("class")) if part else None

    def _is_in_column(self, block: Block) -> bool:
        holder = holder_of(block)
        if block.kind == "item" and holder is not None:
            holder = holder.getparent()
        return not self.text.columns.isdisjoint({block.element, holder})

    def _is_own(self, block: Block, title: Block) -> bool:
        """Return whether a line is in the text's column, or in a part like it, below a title that is not."""
        parts = self._part_of(block), self._part_of(title)
        if parts[0] in self._parts and parts[1] not in self._parts:
            return True
        if holder_of(title) not in self.text.columns:
            return holder_of(block) in self.text.columns
        return block.kind in {"item", "row"} and not block.linked

    def _is_past(self, place: int, title: Block) -> bool:
        block, box = self.blocks[place], holder_of(title)
        if block.linked or not self._is_in_column(block) or is_within(block, box):
            return False
        return box not in self.text.columns | self._wholes and is_within(self.blocks[place - 1], box)

    def _goes_on(self, place: int, opened: int) -> bool:
        block, title, previous = self.blocks[place], self.blocks[opened], self.blocks[place - 1]
        if (
            is_within(block, holder_of(title))
            and len(block.text) <= LONGEST_LINE
            and (self.text.columns | self._wholes).isdisjoint({title.element, holder_of(title)})
        ):
            return True
        if self._is_own(block, title) or self._is_past(place, title):
            return False
        if self.text.told[place]:
            return block.text.endswith("?") and place == opened + 1 and len(block.text) <= _QUESTION
        if place > opened + 1 and block.kind == "item" != previous.kind and holder_of(title) in self.text.columns:
            return False
        if is_alike(block, title):
            return block.kind != "item" or holder_of(block) is holder_of(title)
        before = self.blocks[opened - 1] if opened else None
        resumes = before is not None and _goes_with(block, before) and not is_alike(block, previous)
        heads = block.kind == "heading" and holder_of(block) in self.text.columns
        unlinked = previous.linked and not block.linked and not is_alike(block, previous)
        return not (resumes or heads or unlinked)


def _goes_with(block: Block, before: Block) -> bool:
    here, there = holder_of(block), holder_of(before)
    if block.kind == "item" and here is not None and there is not None:
        here, there = here.getparent(), there.getparent()
    return is_alike(block, before) and here is there
