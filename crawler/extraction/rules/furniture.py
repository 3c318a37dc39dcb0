"""Lines that stand inside an article's container and are no part of the article."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import dropwhile, pairwise, takewhile

from crawler.extraction.blocks.block import Block
from crawler.extraction.rules.own_lines import OwnLines
from crawler.extraction.rules.text_edges import Surroundings, before_imprint, without_head, without_tail
from crawler.extraction.rules.text_lines import TextLines, setting
from crawler.extraction.words import (
    ADDRESS,
    AGO,
    APPEAL_WORDS,
    APPEALS,
    BUTTONS,
    COMMENTS_HEADING,
    CREDITED_CAPTION,
    IMPRINT,
    LABELS,
    OVER_LINKS,
    PHOTO_CREDIT,
    PROMPTS,
    REPORTED,
    SOURCE,
    SPOKEN_CAPTION,
    TWEET_SIGNATURE,
    ends_sentence,
)

_SHORT, _CAPTION, _PROMPT, _APPEAL = 60, 120, 160, 300
_LABEL = 40
_WORD = re.compile(r"\w")
_GOES_ON = re.compile(r"[।!?.…:ঃ,;]['’”\")»]*$")
_PROSE, _TITLE_GAPS = 3, 2


def without_furniture(blocks: Sequence[Block], known: Surroundings) -> list[Block]:
    own = before_imprint(_before_other_stories(_before_comments(_each_once(blocks))))
    marked = [_is_dropped(block, after) for block, after in pairwise([*own, None]) if block]
    kept = OwnLines(TextLines(own, marked, known.title, known.site_names)).blocks()
    return without_tail(without_head(_without_captions(_without_spoken(kept)), known), known)


def _is_dropped(block: Block, after: Block | None) -> bool:
    if is_furniture(block):
        return True
    if after is None or len(block.text) > _LABEL or ends_sentence(block.text):
        return False
    return _is_title(after) and OVER_LINKS.search(block.text) is not None


def _each_once(blocks: Sequence[Block]) -> list[Block]:
    seen: set[str] = set()
    kept = []
    for block in blocks:
        if len(block.text) <= _SHORT or block.text not in seen:
            kept.append(block)
        seen.add(block.text)
    return kept


def _before_comments(blocks: Sequence[Block]) -> Sequence[Block]:
    headings = (
        place
        for place, block in enumerate(blocks)
        if place
        and len(block.text) <= _SHORT
        and COMMENTS_HEADING.fullmatch(block.text)
        and (block.kind == "heading" or any(AGO.fullmatch(after.text) for after in blocks[place + 1 :]))
    )
    return blocks[: next(headings, len(blocks))]


def _without_captions(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks without short lines after a picture that are no sentences and not set like these."""
    if not any(map(_may_be_caption, blocks)):
        return list(blocks)
    told = [place for place, block in enumerate(blocks) if ends_sentence(block.text)]
    settings = {setting(blocks[place]) for place in told}
    between = [blocks[place] for place in range(told[0], told[-1])] if len(told) >= _PROSE else []
    only_sentences = bool(between) and all(
        ends_sentence(block.text) or block.kind != "paragraph" or _may_be_caption(block) for block in between
    )
    return [
        block
        for block in blocks
        if not _may_be_caption(block) or (setting(block) in settings and not (only_sentences and _tells_picture(block)))
    ]


def _without_spoken(blocks: Sequence[Block]) -> Sequence[Block]:
    """Return the blocks without captions in sentences, with them where they are most of a story: one in pictures."""
    others = [block for block in blocks if not _is_spoken_caption(block)]
    return others if 2 * len(others) >= len(blocks) else blocks


def _is_spoken_caption(block: Block) -> bool:
    is_short = block.kind != "heading" and len(block.text) <= _PROMPT
    return block.after_picture and is_short and SPOKEN_CAPTION.search(block.text) is not None


def _tells_picture(block: Block) -> bool:
    bold = block.element is not None and next(block.element.iter("strong", "b"), None) is not None
    return len(block.text) > _LABEL and not bold


def _may_be_caption(block: Block) -> bool:
    return (
        block.after_picture
        and block.kind in {"paragraph", "row"}
        and len(block.text) <= _CAPTION
        and not _GOES_ON.search(block.text)
    )


def _before_other_stories(blocks: Sequence[Block]) -> Sequence[Block]:
    """Return the blocks before a heading like আরও পড়ুন that only titles and links follow."""
    for position, block in enumerate(blocks):
        if position and block.kind == "heading" and is_furniture(block):
            after = blocks[position:]
            one_title = _is_link(block) and any(map(_is_unlinked_sentence, after))
            if not any(map(_is_told, after)) and not one_title and not _goes_on(after):
                return blocks[:position]
    return blocks


def _goes_on(blocks: Sequence[Block]) -> bool:
    after = list(dropwhile(_is_link, blocks[1:]))
    own = list(takewhile(lambda block: not (block.kind == "heading" and is_furniture(block)), after))
    return len(after) < len(blocks) - 1 and any(map(_is_unlinked_sentence, own)) and not any(map(_is_title, own))


def _is_title(block: Block) -> bool:
    return _is_link(block) and block.text.count(" ") > 1


def _is_unlinked_sentence(block: Block) -> bool:
    told = block.text.endswith("।") or len(block.text) > _PROMPT
    return told and not block.linked and not is_furniture(block)


def _is_told(block: Block) -> bool:
    own = len(block.text) - block.linked
    return own > _SHORT and ends_sentence(block.text) and not is_furniture(block)


def is_furniture(block: Block) -> bool:
    text = block.text.strip(" \u2013\u2014-:;*•»›>|[]()")
    if not _WORD.search(text) or ADDRESS.fullmatch(text) or (len(text) <= _SHORT and LABELS.fullmatch(text)):
        return True
    if len(text) <= _PROMPT and PROMPTS.match(text) and not text.endswith("।"):
        return True
    if len(text) <= _APPEAL and (_is_appeal(block) or _is_link(block) or _is_imprint(text)):
        return True
    if len(block.text) <= _PROMPT and (_is_button(block) or _is_labelled_title(block)):
        return True
    if TWEET_SIGNATURE.fullmatch(block.text) or (PHOTO_CREDIT.fullmatch(text) and not ends_sentence(text)):
        return True
    return _is_caption(block)


def _is_appeal(block: Block) -> bool:
    lowered = block.text.lower()
    if not any(map(lowered.__contains__, APPEAL_WORDS)) or not APPEALS.search(block.text):
        return False
    return block.linked > 0 or not REPORTED.search(block.text)


def _is_imprint(text: str) -> bool:
    # To look for a colon takes a twentieth of the time.
    return (":" in text or "ঃ" in text) and IMPRINT.search(text) is not None


def _is_button(block: Block) -> bool:
    own = block.kind == "item" or (block.text.endswith("।") and not block.linked)
    return not own and BUTTONS.search(block.text) is not None


def _is_labelled_title(block: Block) -> bool:
    """Tell a label and the title of another story, which is a link: আগের খবর: …; a source is no label."""
    label, colon, title = block.text.partition(":")
    if not colon or len(label) > _LABEL or SOURCE.search(label) or ends_sentence(title):
        return False
    return block.linked >= len(title.strip()) and title.strip().count(" ") >= _TITLE_GAPS


def _is_link(block: Block) -> bool:
    if not block.linked and "|" not in block.text:
        return not block.text
    signs = 0.15 * len(block.text) + block.text.count("|")
    return block.linked >= len(block.text) - signs and not (len(block.text) > _SHORT and block.text.endswith("।"))


def _is_caption(block: Block) -> bool:
    if block.kind == "heading" or len(block.text) > _APPEAL or ends_sentence(block.text):
        return False
    if len(block.text) <= _PROMPT and (credit := CREDITED_CAPTION.search(block.text)):
        return bool(credit.start()) or block.after_picture or len(block.text.split()) <= 5
    return block.after_picture and (block.beside_picture or block.emphasised >= 0.9 * len(block.text))
