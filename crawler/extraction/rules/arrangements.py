"""Arrangements of lines that show what they are: posts of others, cards, the page's path, polls, contents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice, pairwise, takewhile

from crawler.bengali.text import patterns
from crawler.extraction.blocks.block import Block
from crawler.extraction.rules.lines import first_part, holder_of
from crawler.extraction.rules.text_lines import SIGNS, TextLines, leads_down
from crawler.extraction.words import HOME, OTHER_STORIES, TWEET_SIGNATURE, ends_sentence

_STEP, _ASKED = 30, 100

# What is answered to a poll, with what was counted; other short lines below a question may tell who, where, which.
_ANSWER = patterns(
    r"(হ্যাঁ|না|মন্তব্য নেই|জানি না|ভালো|মন্দ|খারাপ|মোটামুটি|একমত|একমত নই|yes|no)(\W*[\d০-৯.]+ ?(%|শতাংশ|জন)?)?", flags=re.I
)
_CHOSEN = frozenset({"label", "button", "option"})

# A post has its words and its signature, a card its title and a sentence; the share of a title that is linked.
_PAIR, _LINKED = 2, 0.85
_LEADS = (">>", "»", "››")

# Spaces that a title has, and one after a sign.
_GAPS, _SIGN_AND_WORDS = 2, 2


def arranged(text: TextLines) -> Iterator[int]:
    """Yield the places of the lines that stand in such an arrangement."""
    found = (_posts, _cards, _path, _polls, _contents, _pointer, _titles)
    yield from chain.from_iterable(find(text) for find in found)


def _posts(text: TextLines) -> Iterator[int]:
    """Yield the places of what stands in one holder with the signature of a post, right before it."""
    for place, (block, after) in enumerate(pairwise(text.blocks)):
        if TWEET_SIGNATURE.match(after.text) and _is_post(text, block, after):
            yield from (place, place + 1)


def _is_post(text: TextLines, block: Block, signature: Block) -> bool:
    """Tell a line and the signature below it that stand in one holder, with nothing else in it."""
    holder = holder_of(signature)
    if holder is block.element or signature.element is holder_of(block):
        return True
    return holder_of(block) is holder and sum(holder_of(other) is holder for other in text.blocks) == _PAIR


def _cards(text: TextLines) -> Iterator[int]:
    """Yield the places of a linked title and the sentence below it that stand in one holder, and nothing else."""
    for place, (block, after) in enumerate(pairwise(text.blocks)):
        titled = block.linked >= _LINKED * len(block.text) and block.text.count(" ") > 1
        if titled and holder_of(after) is block.element is not None:
            held = [other for other in text.blocks if block.element in (other.element, holder_of(other))]
            yield from (place, place + 1) if len(held) == _PAIR else ()


def _path(text: TextLines) -> Iterator[int]:
    """Yield the places of the page's path in its site (প্রচ্ছদ » জাতীয়), before the first sentence."""
    start = next((place for place in range(text.first) if HOME.fullmatch(text.blocks[place].text)), text.first)
    for place in range(start, text.first):
        if len(text.blocks[place].text) > _STEP and place > start:
            return
        yield place


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
    around = () if block.element is None else (block.element, *islice(block.element.iterancestors(), 2))
    chosen = any(element.tag in _CHOSEN for element in around) or first_part(block, "input", *_CHOSEN) is not None
    return _ANSWER.fullmatch(block.text) is not None or (chosen and not ends_sentence(block.text))


def _pointer(text: TextLines) -> Iterator[int]:
    """Yield the place of the only line that a sign leads to another story; several may be a list or headings."""
    led = [place for place in text.places if text.blocks[place].text.startswith(_LEADS)]
    if len(led) == 1 and not text.told[led[0]] and text.blocks[led[0]].text.count(" ") > _SIGN_AND_WORDS:
        yield led[0]


def _titles(text: TextLines) -> Iterator[int]:
    """Yield the places of the list right below a line that promises other stories, whose items are all like titles,
    linked or not."""
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
    """Return the places of the items of one list from the first of them on."""
    holder = holder_of(text.blocks[start])
    return [*takewhile(lambda place: holder_of(text.blocks[place]) is holder, text.places[start:])]


def _is_like_title(text: str) -> bool:
    return len(text) <= _ASKED and text.count(" ") >= _GAPS and not text.endswith(("।", ".", ",", ";", ":"))


def _contents(text: TextLines) -> Iterator[int]:
    """Yield the places of what stands over a table of contents."""
    for place, (block, after) in enumerate(pairwise(text.blocks)):
        if after.kind == "item" and leads_down(after) and not text.told[place] and len(block.text) <= _STEP:
            yield place
