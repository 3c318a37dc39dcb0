"""What stands before the first paragraph of an article and after its last: title, dates, bylines, imprint."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from crawler.bengali.bylines import agencies, is_initials, parse_byline
from crawler.bengali.bylines.persons import is_name
from crawler.bengali.bylines.vocabulary import ORGANISATION_WORD
from crawler.bengali.text import fold, folds_to, nfc
from crawler.extraction.blocks.block import Block
from crawler.extraction.page.document import text_of
from crawler.extraction.words import (
    BRACKETED_SIGN_OFF,
    BYLINE_NAMES,
    CLOCK_SIGN_OFF,
    COUNTED,
    DATED_SIGN_OFF,
    EDITORS,
    FINITE_VERB,
    GLUED_INITIALS,
    IMPRINT_LINE,
    LETTER,
    REQUESTS,
    SOURCE,
    SPELLED_INITIALS,
    WHO,
    WRITER_LINE,
    YEAR_OR_CLOCK,
    ends_sentence,
)

_SHORT, _PROMPT = 60, 160

_MOST_HEAD = 6

_CUT_SHORT = ("…", "...")
# Elements of a line among which one may name an author: the element of a line may hold all of a page.
_MOST_PARTS = 12
_IMPRINT_LINES = 8
# Paragraphs that end as sentences, and their share, in a text that is prose.
_FEWEST_SENTENCES, _PROSE = 3, 0.8
_SIGNED_WITH_NUMBER = re.compile(
    nfc(rf"(?:[\u0980-\u09e3]+/)?{LETTER}{{1,4}}(?:/{LETTER}{{1,4}}){{0,2}}/[\d০-৯]{{1,4}}")
)
_SIGNED = (REQUESTS, re.compile("^(?:" + WRITER_LINE.pattern + ")"), EDITORS)
_OF_TEXT = re.compile('[\\d০-৯‘’“”"]|[:ঃ,–—-]$')


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known while a body is read: the title, the site's names, and how to tell a line that is a date."""

    title: str
    site_names: Collection[str]
    is_date: Callable[[str], bool]


def without_head(blocks: list[Block], known: Surroundings) -> list[Block]:
    folded_title = fold(known.title)
    start = max(after_dates(blocks, known.is_date), _after_card(blocks))
    while start < len(blocks) and _is_head(blocks[start], folded_title, known.is_date):
        start += 1
    if start == len(blocks):
        start = 0
    return [block for block in blocks[start:] if block.kind != "heading" or not folds_to(block.text, folded_title)]


def after_dates(blocks: Sequence[Block], is_date: Callable[[str], bool]) -> int:
    """Return the position after the last date among the short lines (section, byline) that begin a text."""
    after = 0
    for position, block in enumerate(blocks[:_MOST_HEAD]):
        is_over = block.kind == "heading" or _is_excerpt(block.text, blocks[position + 1 :])
        if not is_over and (len(block.text) > _PROMPT or ends_sentence(block.text)):
            break
        beside = blocks[position : position + 2]
        if _is_listed(block) and not any(is_date(each.text) or _names_desk(each.text) for each in beside):
            break
        if is_date(block.text):
            after = position + 1
    return after


def _is_excerpt(text: str, below: Sequence[Block]) -> bool:
    return text.endswith(_CUT_SHORT) and any(block.text.startswith(text.rstrip(" .…")) for block in below)


def _after_card(blocks: Sequence[Block]) -> int:
    named = [block.text for block in blocks[:2]]
    return 2 if len(named) == 2 and is_name(named[0]) and _names_desk(named[1]) else 0


def _is_listed(block: Block) -> bool:
    return block.kind == "item" and (block.element is None or block.element.tag == "li")


def _is_head(block: Block, folded_title: str, is_date: Callable[[str], bool]) -> bool:
    if folds_to(block.text, folded_title):
        return True
    # Two dandas part a desk from its text, and end no sentence.
    if len(block.text) > _PROMPT or ends_sentence(block.text.removesuffix("।।")):
        return False
    return (
        is_date(block.text)
        or (block.kind == "paragraph" and _names_desk(block.text))
        or _is_marked_byline(block)
        or WRITER_LINE.match(block.text) is not None
    )


def _is_marked_byline(block: Block) -> bool:
    element = block.element
    if element is None or block.kind != "paragraph" or len(block.text) > _SHORT:
        return False
    # The mark may be on a part that holds all of the line's words.
    few = islice(element.iter("*"), _MOST_PARTS)
    parts = (part for part in few if part is element or fold(text_of(part)) == fold(block.text))
    return any(BYLINE_NAMES.search(f"{part.get('class') or ''} {part.get('id') or ''}") for part in parts)


def _names_desk(text: str) -> bool:
    return len(text) <= _SHORT and any(author.kind != "person" for author in parse_byline(text))


def _is_office(text: str) -> bool:
    return len(text) <= _SHORT and any(author.kind == "desk" for author in parse_byline(text)) and not agencies(text)


def without_tail(blocks: list[Block], known: Surroundings) -> list[Block]:
    is_prose = _is_prose(blocks)
    while len(blocks) > 1 and (_ends_text(blocks[-1], known) or (is_prose and _is_afterthought(blocks[-1]))):
        blocks.pop()
    if blocks:
        blocks[-1].text = GLUED_INITIALS.sub("", blocks[-1].text)
    return blocks


def _is_prose(blocks: Sequence[Block]) -> bool:
    told = [ends_sentence(block.text) for block in blocks if block.kind == "paragraph"]
    last = max((place for place, tells in enumerate(told) if tells), default=-1)
    return sum(told) >= _FEWEST_SENTENCES and sum(told) >= _PROSE * (last + 1)


def _is_afterthought(block: Block) -> bool:
    """Return whether a short last line of prose is a slogan, a person, a day or an address."""
    text = block.text
    if block.kind != "paragraph" or len(text) > _SHORT or ends_sentence(text):
        return False
    if _OF_TEXT.search(text) or (":" in text and not WRITER_LINE.match(text)):
        return False
    return not FINITE_VERB.search(text) and not SOURCE.search(text) and not agencies(text)


def _ends_text(block: Block, known: Surroundings) -> bool:
    text = block.text
    dated = known.is_date(text) and YEAR_OR_CLOCK.search(text) is not None
    if dated or COUNTED.fullmatch(text) or is_sign_off(text, known.site_names):
        return True
    # A sentence or a quotation is the text's own, whatever it asks for.
    own = ends_sentence(text) or re.search('[‘’“”"]', text)
    if own:
        return False
    return (
        block.kind == "heading"
        or (block.kind == "paragraph" and _is_office(text))
        or _is_designation(text)
        or (len(text) <= _PROMPT and any(sign.search(text) for sign in _SIGNED))
    )


def before_imprint(blocks: Sequence[Block]) -> Sequence[Block]:
    """Return the blocks before the imprint: editor, publisher and address, with no sentence after them."""
    for position in range(max(1, len(blocks) - _IMPRINT_LINES), len(blocks)):
        before, rest = blocks[position - 1].text, blocks[position:]
        begins = IMPRINT_LINE.match(rest[0].text) and rest[0].kind != "item" and ends_sentence(before)
        if begins and not any(len(block.text) > _SHORT and ends_sentence(block.text) for block in rest[1:]):
            return blocks[:position]
    return blocks


def _is_designation(text: str) -> bool:
    """Tell who the author is (কামরুল হাসান: অধ্যাপক, অর্থনীতি বিভাগ), which is no sentence."""
    words_of = re.split(r"[\s:,]+", text.strip(" ●•*■–—-"))
    named = any(is_name(" ".join(words_of[:count])) for count in (2, 3)) and re.search("[:,]", text)
    return bool(named) and len(text) <= _PROMPT and bool(ORGANISATION_WORD.search(text) or WHO.search(text))


def is_sign_off(line: str, names: Collection[str] = ()) -> bool:
    """Tell a last line of initials (এমএইচ/জেআইএম), a name before them, or banglanews24's clock line."""
    signed = BRACKETED_SIGN_OFF.fullmatch(line) or CLOCK_SIGN_OFF.match(line) or SPELLED_INITIALS.match(line)
    if signed or is_initials(line):
        return True
    if _SIGNED_WITH_NUMBER.fullmatch(line) or DATED_SIGN_OFF.fullmatch(line):
        return True
    parts = [part.strip() for part in line.rstrip("./ ").split("/")]
    if not 2 <= len(parts) <= 4 or len(line) > _SHORT or re.search(r"[\d০-৯।?!:,]", line):
        return False
    return bool(re.match(nfc(rf"^{LETTER}{{1,6}}$"), parts[-1])) or parts[0] in names
