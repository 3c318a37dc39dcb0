"""Runs of lines that are no sentences, among those of a text and around it: what of them is a widget's."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from itertools import pairwise, takewhile

from lxml.html import HtmlElement

from crawler.bengali.language import bengali_share
from crawler.extraction.apart import Apart
from crawler.extraction.blocks import Block
from crawler.extraction.furniture_words import REPORTED, TWEET_SIGNATURE, ends_sentence
from crawler.extraction.lines import LONGEST_LINE, holder_of, is_alike, is_told, is_within
from crawler.extraction.page_words import CONTACT, HOME, PAGE_WORD, REQUEST, TITLES, TOPICS
from crawler.extraction.widget_lines import SIGNS, is_notice, is_widget_line, leads_down

_SHORT = 60
# A text whose sentences ask this share and more of their reader gives advice.
_ADVICE, _FEW_REQUESTS = 0.15, 2
_ANSWER, _QUESTION, _STEP, _REQUEST, _ENDING = 20, 80, 30, 100, 24
# A name of fewer letters stands in many words.
_SITE_NAME = 5
# A post has its words and its signature.
_POST = 2
_FOREIGN, _ALL_BENGALI, _BENGALI = 120, 0.8, re.compile("[\u0980-\u09ff]")
_TAGS, _TAG = 2, re.compile("[^\\d০-৯।?!,;:ঃ()/]{2,25}")
# A name and what it is: ওয়েবসাইট: www.example.
_VALUE = re.compile(r"[:ঃ]\s*\S")
_QUOTES = re.compile('[‘’“”"]')


class Runs:
    """The lines of one text that are no sentences, and which of them are widgets' and not the text's own."""

    def __init__(
        self, blocks: Sequence[Block], marked: Sequence[bool], title: str, site_names: Collection[str]
    ) -> None:
        """`marked` tells of each block whether it is furniture by itself."""
        self.blocks = blocks
        self.marked = [known or is_widget_line(block) for block, known in zip(blocks, marked, strict=True)]
        self.told = [not known and is_told(block) for block, known in zip(blocks, self.marked, strict=True)]
        for order in (range(len(blocks)), range(len(blocks) - 1, -1, -1)):
            self._leave_notices(order)
        self.title = title
        self.site_names = [name for name in site_names if len(name) >= _SITE_NAME]
        places = [place for place, tells in enumerate(self.told) if tells]
        self.first, self.last = (places[0], places[-1]) if places else (0, len(blocks))

    def _leave_notices(self, places: range) -> None:
        """Take notices for furniture up to the first sentence of the text in an order of places."""
        for place in places:
            if is_notice(self.blocks[place]):
                self.marked[place], self.told[place] = True, False
            elif self.told[place]:
                return

    def own(self) -> list[Block]:
        """Return the blocks that are the text's own."""
        if not any(self.told):
            return [block for block, known in zip(self.blocks, self.marked, strict=True) if not known]
        dropped = {place for place, known in enumerate(self.marked) if known}
        dropped |= set(self._of_widgets()) | set(self._of_embeds()) | set(self._of_path())
        dropped |= set(self._of_polls()) | set(self._of_tags()) | set(self._of_contents())
        dropped |= {place for place in range(len(self.blocks)) if self._speaks(place)}
        dropped |= set(self._beside(dropped)) | set(Apart(self.blocks, self.told).places())
        return [block for place, block in enumerate(self.blocks) if place not in dropped]

    def _of_widgets(self) -> Iterator[int]:
        """Yield the places of widgets' titles and of what follows them up to the next sentence of the text."""
        opened: int | None = None
        for place, block in enumerate(self.blocks):
            foreign = place in self._foreign
            if foreign and block.kind != "heading":
                yield place
            if self._is_title(block) or (foreign and holder_of(block) not in self._columns):
                opened = place
            elif opened is not None and not self._goes_on(place, opened):
                opened = None
            elif opened is not None:
                yield from (opened, place)

    def _is_title(self, block: Block) -> bool:
        text = block.text.strip(SIGNS)
        if len(text) > _SHORT:
            return False
        return bool(TITLES.fullmatch(text)) or (bool(TOPICS.fullmatch(text)) and not self._is_about(text))

    @cached_property
    def _foreign(self) -> set[int]:
        """The places of lines that are not the text's by what they say; of a list all items are, or none."""
        found = {place for place in range(len(self.blocks)) if self._is_foreign(place)}
        lists: dict[HtmlElement | None, list[int]] = defaultdict(list)
        for place, block in enumerate(self.blocks):
            if block.kind in {"item", "row"}:
                lists[holder_of(block)].append(place)
        kept = (items for items in lists.values() if not all(self.marked[item] or item in found for item in items))
        return found.difference(*kept)

    def _is_foreign(self, place: int) -> bool:
        """Tell a line that speaks of the page, as no sentence of the text does, or in another script than the text."""
        block = self.blocks[place]
        if self.told[place] and not block.text.isascii():
            return False
        if len(block.text) > _FOREIGN or _QUOTES.search(block.text):
            return False
        if not _BENGALI.search(block.text):
            return self._is_bengali and block.kind not in {"row", "heading"}
        if len(block.text) > _SHORT or REPORTED.search(block.text) or _VALUE.search(block.text):
            return False
        spoken = PAGE_WORD.findall(block.text)
        return bool(spoken) and not any(word in self._said for word in spoken)

    @cached_property
    def _said(self) -> str:
        return "\n".join([self.title, *(block.text for block in self._sentences)])

    @cached_property
    def _is_bengali(self) -> bool:
        return bengali_share(self._said) >= _ALL_BENGALI

    def _is_about(self, text: str) -> bool:
        """Tell whether the text or its title has the first word of a widget's title that says something."""
        return max(text.split()[:3], key=len) in self._said

    @cached_property
    def _sentences(self) -> list[Block]:
        return [block for block, tells in zip(self.blocks, self.told, strict=True) if tells]

    def _goes_on(self, place: int, opened: int) -> bool:
        """Tell a line of a widget from the text after it: a sentence, or the heading over one that stands beside it."""
        block, title, previous = self.blocks[place], self.blocks[opened], self.blocks[place - 1]
        if (
            is_within(block, holder_of(title))
            and len(block.text) <= LONGEST_LINE
            and self._columns.isdisjoint({title.element, holder_of(title)})
        ):
            return True
        if holder_of(title) not in self._columns and holder_of(block) in self._columns:
            return False
        if self.told[place]:
            return block.text.endswith("?") and place == opened + 1 and len(block.text) <= _QUESTION
        if is_alike(block, title):
            return block.kind != "item" or holder_of(block) is holder_of(title)
        before = self.blocks[opened - 1] if opened else None
        resumes = before is not None and _goes_with(block, before) and not is_alike(block, previous)
        heads = block.kind == "heading" and holder_of(block) in self._columns
        unlinked = previous.linked and not block.linked and not is_alike(block, previous)
        return not (resumes or heads or unlinked)

    @cached_property
    def _columns(self) -> set[HtmlElement | None]:
        """What the sentences of the text stand in."""
        return {element for block in self._sentences for element in (block.element, holder_of(block))}

    def _of_embeds(self) -> Iterator[int]:
        """Yield the places of what stands in one holder with the signature of a post, right before it."""
        for place, (block, after) in enumerate(pairwise(self.blocks)):
            holder = holder_of(after)
            alone = holder_of(block) is holder and sum(holder_of(other) is holder for other in self.blocks) == _POST
            if TWEET_SIGNATURE.match(after.text) and (
                alone or holder is block.element or after.element is holder_of(block)
            ):
                yield from (place, place + 1)

    def _of_path(self) -> Iterator[int]:
        """Yield the places of the page's path in its site (প্রচ্ছদ » জাতীয়), before the first sentence."""
        start = next((place for place in range(self.first) if HOME.fullmatch(self.blocks[place].text)), self.first)
        for place in range(start, self.first):
            if len(self.blocks[place].text) > _STEP and place > start:
                return
            yield place

    def _of_polls(self) -> Iterator[int]:
        """Yield the places of questions and of the answers below them, two and more of one or two words."""
        for place, block in enumerate(self.blocks):
            answers = list(takewhile(self._is_answer, range(place + 1, len(self.blocks))))
            asks = block.text.endswith("?") and len(block.text) <= _REQUEST
            if asks and len(answers) > 1 and not (block.kind == "heading" and holder_of(block) in self._columns):
                yield from (place, *answers)

    def _is_answer(self, place: int) -> bool:
        text = self.blocks[place].text
        return len(text) <= _ANSWER and not (self.marked[place] or ends_sentence(text) or ":" in text)

    def _of_tags(self) -> Iterator[int]:
        """Yield the places of a list of names (বিএনপি, হাইকোর্ট, ঢাকা) right behind the last sentence."""
        behind = list(
            takewhile(lambda place: self.blocks[place].kind == "item", range(self.last + 1, len(self.blocks)))
        )
        if len(behind) >= _TAGS and all(_TAG.fullmatch(self.blocks[place].text) for place in behind):
            yield from behind

    def _of_contents(self) -> Iterator[int]:
        """Yield the places of what stands over a table of contents."""
        for place, (block, after) in enumerate(pairwise(self.blocks)):
            if leads_down(after) and not self.told[place] and len(block.text) <= _STEP:
                yield place

    def _speaks(self, place: int) -> bool:
        """Tell a line that asks the reader for something in a text that gives no advice, and, before and behind the
        text, one that names the site or how to reach it."""
        block = self.blocks[place]
        if self.told[place]:
            return self._invites(block)
        if (
            block.kind == "heading"
            or len(block.text) > _REQUEST
            or REPORTED.search(block.text)
            or _QUOTES.search(block.text)
        ):
            return False
        if not self._advises and REQUEST.search(block.text):
            return True
        if self.first < place < self.last and not self.marked[place - 1]:
            return False
        return CONTACT.search(block.text) is not None or any(name in block.text for name in self.site_names)

    def _invites(self, block: Block) -> bool:
        """Tell a sentence that names the site and asks its reader for something."""
        text = block.text.rstrip("।! ")
        named = len(text) <= LONGEST_LINE and any(name in text for name in self.site_names)
        return named and REQUEST.search(text) is not None and not (REPORTED.search(text) or _QUOTES.search(text))

    @cached_property
    def _advises(self) -> bool:
        asked = sum(REQUEST.search(block.text[-_ENDING:]) is not None for block in self.blocks)
        return asked > max(_FEW_REQUESTS, _ADVICE * len(self.blocks))

    def _beside(self, dropped: Collection[int]) -> Iterator[int]:
        """Yield the places of lines in a holder of their own of which half and more are furniture."""
        lines: dict[HtmlElement | None, list[int]] = defaultdict(list)
        for place, block in enumerate(self.blocks):
            lines[holder_of(block)].append(place)
        for holder, places in lines.items():
            known = sum(place in dropped for place in places)
            if holder not in self._columns and known and 2 * known >= len(places):
                yield from (place for place in places if self.blocks[place].kind != "heading")


def _goes_with(block: Block, before: Block) -> bool:
    """Tell a line that goes on where another stopped: beside it, or in a list beside its list."""
    here, there = holder_of(block), holder_of(before)
    if block.kind == "item" and here is not None and there is not None:
        here, there = here.getparent(), there.getparent()
    return is_alike(block, before) and here is there
