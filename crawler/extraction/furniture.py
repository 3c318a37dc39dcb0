"""Lines that stand inside an article's container and are no part of the article."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import dropwhile, islice, pairwise, takewhile

from crawler.bengali.bylines import is_initials, parse_byline
from crawler.bengali.bylines.persons import is_name
from crawler.bengali.bylines.vocabulary import ORGANISATION_WORD
from crawler.bengali.text import fold, nfc
from crawler.extraction.blocks import Block
from crawler.extraction.document import text_of
from crawler.extraction.furniture_words import (
    ADDRESS,
    APPEAL_WORDS,
    APPEALS,
    BRACKETED_SIGN_OFF,
    BUTTONS,
    BYLINE_NAMES,
    CLOCK_SIGN_OFF,
    COMMENTS_HEADING,
    COUNTED,
    CREDITED_CAPTION,
    GLUED_INITIALS,
    IMPRINT,
    IMPRINT_LINE,
    LABELS,
    LETTER,
    OVER_LINKS,
    PHOTO_CREDIT,
    PROMPTS,
    REPORTED,
    REQUESTS,
    SPELLED_INITIALS,
    TWEET_SIGNATURE,
    WRITER_LINE,
    YEAR_OR_CLOCK,
    ends_sentence,
)

_SHORT, _CAPTION, _PROMPT, _APPEAL = 60, 120, 160, 300
_LABEL = 40
# Lines that may stand between the headline and the date.
_MOST_HEAD = 6
# Elements of a line among which one may name an author: the element of a line may hold all of a page.
_MOST_PARTS = 12
# Lines at the end among which an imprint begins.
_IMPRINT_LINES = 8


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known while a body is read: the title, the site's names, and how to tell a line that is a date."""

    title: str
    site_names: Collection[str]
    is_date: Callable[[str], bool]


def without_furniture(blocks: Sequence[Block], known: Surroundings) -> list[Block]:
    """Return the blocks that are the article's text."""
    own = _before_imprint(_before_other_stories(_before_comments(_each_once(blocks))))
    kept = [block for block, after in pairwise([*own, None]) if block and not _is_dropped(block, after)]
    return _without_tail(_without_head(_without_captions(kept), known), known)


def _is_dropped(block: Block, after: Block | None) -> bool:
    """Tell furniture, and what stands over a link to another story and names it one: সংশ্লিষ্ট খবর."""
    over = after is not None and _is_title(after) and len(block.text) <= _LABEL and not ends_sentence(block.text)
    return is_furniture(block) or (over and OVER_LINKS.search(block.text) is not None)


def _each_once(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks without long ones that stood before: some pages hold the text once more, hidden."""
    seen: set[str] = set()
    kept = []
    for block in blocks:
        if len(block.text) <= _SHORT or block.text not in seen:
            kept.append(block)
        seen.add(block.text)
    return kept


def _before_comments(blocks: Sequence[Block]) -> Sequence[Block]:
    """Return the blocks before the heading over what readers wrote or who the author is."""
    headings = (
        place
        for place, block in enumerate(blocks)
        if place and block.kind == "heading" and COMMENTS_HEADING.fullmatch(block.text)
    )
    return blocks[: next(headings, len(blocks))]


def _without_captions(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks without short lines after a picture that are no sentence and not set like the sentences."""
    told = {_setting(block) for block in blocks if ends_sentence(block.text)}
    return [block for block in blocks if not (_may_be_caption(block) and _setting(block) not in told)]


def _may_be_caption(block: Block) -> bool:
    return (
        block.after_picture
        and block.kind in {"paragraph", "row"}
        and len(block.text) <= _CAPTION
        and not re.search(r"[।!?.…:ঃ,;]['’”\")»]*$", block.text)
    )


def _setting(block: Block) -> tuple[str, str | None]:
    """Return the tag and the class names of what holds a block."""
    return ("", None) if block.element is None else (block.element.tag, block.element.get("class"))


def _before_other_stories(blocks: Sequence[Block]) -> Sequence[Block]:
    """Return the blocks before a heading like আরও পড়ুন after which no paragraph follows that is no link.

    After the title of one other story, a short sentence ends the text.
    """
    for position, block in enumerate(blocks):
        if position and block.kind == "heading" and is_furniture(block):
            after = blocks[position:]
            one_title = _is_link(block) and any(map(_is_unlinked_sentence, after))
            if not any(map(_is_told, after)) and not one_title and not _goes_on(after):
                return blocks[:position]
    return blocks


def _goes_on(blocks: Sequence[Block]) -> bool:
    """Tell a heading and links after which sentences of the text follow, no link among them up to the next heading."""
    after = list(dropwhile(_is_link, blocks[1:]))
    own = list(takewhile(lambda block: not (block.kind == "heading" and is_furniture(block)), after))
    return len(after) < len(blocks) - 1 and any(map(_is_unlinked_sentence, own)) and not any(map(_is_title, own))


def _is_title(block: Block) -> bool:
    """Tell a link to another story from one to a service."""
    return _is_link(block) and block.text.count(" ") > 1


def _is_unlinked_sentence(block: Block) -> bool:
    told = block.text.endswith("।") or len(block.text) > _PROMPT
    return told and not block.linked and not is_furniture(block)


def _is_told(block: Block) -> bool:
    """Tell a sentence of the article from titles, dates and prompts."""
    own = len(block.text) - block.linked
    return own > _SHORT and ends_sentence(block.text) and not is_furniture(block)


def is_furniture(block: Block) -> bool:
    """Tell a label, prompt, appeal, caption or bare link from a paragraph, wherever it stands."""
    text = block.text.strip(" \u2013\u2014-:;*•»›>|[]()")
    if not re.search(r"\w", text) or ADDRESS.fullmatch(text) or (len(text) <= _SHORT and LABELS.fullmatch(text)):
        return True
    if len(text) <= _PROMPT and PROMPTS.match(text) and not text.endswith("।"):
        return True
    if len(text) <= _APPEAL and (_is_appeal(block) or _is_link(block) or IMPRINT.search(text)):
        return True
    if _is_button(block):
        return True
    if TWEET_SIGNATURE.fullmatch(block.text) or (PHOTO_CREDIT.fullmatch(text) and not ends_sentence(text)):
        return True
    return _is_caption(block)


def _is_appeal(block: Block) -> bool:
    """Tell an appeal from a sentence about one, which has no link."""
    lowered = block.text.lower()
    if not any(word in lowered for word in APPEAL_WORDS) or not APPEALS.search(block.text):
        return False
    return block.linked > 0 or not REPORTED.search(block.text)


def _is_button(block: Block) -> bool:
    """Tell what a reader is asked to press from a step of an instruction, which is an item or a whole sentence."""
    own = block.kind == "item" or (block.text.endswith("।") and not block.linked)
    return len(block.text) <= _PROMPT and not own and BUTTONS.search(block.text) is not None


def _is_link(block: Block) -> bool:
    """Tell a line that is links and signs between them from a sentence of the text that is linked as a whole."""
    signs = 0.15 * len(block.text) + block.text.count("|")
    return block.linked >= len(block.text) - signs and not (len(block.text) > _SHORT and block.text.endswith("।"))


def _is_caption(block: Block) -> bool:
    if block.kind == "heading" or len(block.text) > _APPEAL or ends_sentence(block.text):
        return False
    if len(block.text) <= _PROMPT and (credit := CREDITED_CAPTION.search(block.text)):
        return bool(credit.start()) or block.after_picture or len(block.text.split()) <= 5
    return block.after_picture and (block.beside_picture or block.emphasised >= 0.9 * len(block.text))


def _without_head(blocks: list[Block], known: Surroundings) -> list[Block]:
    """Drop the title, dates and bylines that stand before the first paragraph."""
    folded_title = fold(known.title)
    start = _after_dates(blocks, known.is_date)
    while start < len(blocks) and _is_head(blocks[start], folded_title, known.is_date):
        start += 1
    if start == len(blocks):
        start = 0
    return [block for block in blocks[start:] if block.kind != "heading" or fold(block.text) != folded_title]


def _after_dates(blocks: Sequence[Block], is_date: Callable[[str], bool]) -> int:
    """Return the position after the last date among the short lines (section, byline) that begin a text."""
    after = 0
    for position, block in enumerate(blocks[:_MOST_HEAD]):
        if len(block.text) > _PROMPT or ends_sentence(block.text):
            break
        beside = blocks[position : position + 2]
        if _is_listed(block) and not any(is_date(each.text) or _names_desk(each.text) for each in beside):
            break
        if is_date(block.text):
            after = position + 1
    return after


def _is_listed(block: Block) -> bool:
    """Tell an item of a list from the terms that a page sets its date and author in."""
    return block.kind == "item" and (block.element is None or block.element.tag == "li")


def _is_head(block: Block, folded_title: str, is_date: Callable[[str], bool]) -> bool:
    if fold(block.text) == folded_title:
        return True
    if len(block.text) > _PROMPT or ends_sentence(block.text):
        return False
    return (
        is_date(block.text)
        or _is_byline(block)
        or _is_marked_byline(block)
        or WRITER_LINE.match(block.text) is not None
    )


def _is_marked_byline(block: Block) -> bool:
    """Tell a short line whose element says that it names an author."""
    element = block.element
    if element is None or block.kind != "paragraph" or len(block.text) > _SHORT:
        return False
    # The mark may be on a part that holds all of the line's words.
    few = islice(element.iter("*"), _MOST_PARTS)
    parts = (part for part in few if part is element or fold(text_of(part)) == fold(block.text))
    return any(BYLINE_NAMES.search(f"{part.get('class') or ''} {part.get('id') or ''}") for part in parts)


def _is_byline(block: Block) -> bool:
    """Tell a line that credits a desk or agency; a person's name alone is not told from other short lines."""
    return block.kind == "paragraph" and _names_desk(block.text)


def _names_desk(text: str) -> bool:
    return len(text) <= _SHORT and any(author.kind != "person" for author in parse_byline(text))


def _without_tail(blocks: list[Block], known: Surroundings) -> list[Block]:
    """Drop the initials, sign-offs of the desk, dates, requests and headings after the last paragraph."""
    while len(blocks) > 1 and _ends_text(blocks[-1], known):
        blocks.pop()
    if blocks:
        blocks[-1].text = GLUED_INITIALS.sub("", blocks[-1].text)
    return blocks


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
        block.kind == "heading" or _is_designation(text) or (len(text) <= _PROMPT and REQUESTS.search(text) is not None)
    )


def _before_imprint(blocks: Sequence[Block]) -> Sequence[Block]:
    """Return the blocks before the names of editor and publisher and their address, which no sentence follows; in the
    list of a committee such names are items."""
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
    return bool(named) and len(text) <= _PROMPT and ORGANISATION_WORD.search(text) is not None


def is_sign_off(line: str, names: Collection[str] = ()) -> bool:
    """Tell a last line of initials (এমএইচ/জেআইএম), a name before them, or banglanews24's clock line."""
    signed = BRACKETED_SIGN_OFF.fullmatch(line) or CLOCK_SIGN_OFF.match(line) or SPELLED_INITIALS.match(line)
    if signed or is_initials(line):
        return True
    parts = [part.strip() for part in line.rstrip("./ ").split("/")]
    if not 2 <= len(parts) <= 4 or len(line) > _SHORT or re.search(r"[\d০-৯।?!:,]", line):
        return False
    return bool(re.match(nfc(rf"^{LETTER}{{1,6}}$"), parts[-1])) or parts[0] in names
