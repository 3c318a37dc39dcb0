"""Lines that stand inside an article's container and are no part of the article."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from crawler.bengali.bylines import is_initials, parse_byline
from crawler.bengali.text import fold, nfc, patterns
from crawler.extraction.blocks import Block

# Research bengali.md §4.3 and the theme texts of WordPress.
_LABELS = patterns(
    r"বিজ্ঞাপন|বিজ্ঞাপন বিরতি|জনপ্রিয়|সর্বাধিক পঠিত|পঠিত|ভিডিও|ভিডিও দেখুন|প্রিন্ট|কপি করুন|লিংক কপি( করুন)?|শেয়ার|মন্তব্য",
    r"অনলাইন ভার্সন|প্রিন্ট সংস্করণ|অনলাইন সংস্করণ|প্রিন্ট ভার্সন|ই-পেপার|প্রথম পাতা|বিস্তারিত( পড়ুন)?|সম্পর্কিত( বিষয়| খবর| সংবাদ)?",
    r"শেয়ার করুন|লাইক দিন|ফলো করুন|সাবস্ক্রাইব করুন|মন্তব্য করুন|ট্যাগস?|বিষয়|আপনার মতামত( লিখুন)?|গুগল নিউজ|খবরটি শেয়ার করুন",
    r"\W*(advertisement|anzeige|publicidad|publicité|reklama|ads?|sponsored|share|share this|tags?|print|copy link)\W*",
    r"related (articles?|posts?|news|stories)|leave a (reply|comment)|back to top( button)?|share via email|read next",
    r"less than a minute|\d+ minutes? read|facebook|twitter|linkedin|whatsapp|follow us|subscribe|read more|show comments?",
    r"save my name.*|your email address will not be published.*|required fields are marked.*|view this post on instagram",
    r"(facebook|twitter|linkedin|pinterest|whatsapp|messenger|email|print|share|\s)+",
    flags=re.I,
)
_PROMPTS = patterns(
    r"আর[ওো] ?(পড়ুন|পড়ুনঃ|দেখুন|খবর|সংবাদ|জানুন)|পড়ুন\s*[:ঃ]|এ ?(সম্পর্কিত|বিভাগের|বিষয়ে) আর[ওো]|এই বিভাগের (আর[ওো]|অন্যান্য)",
    r"সম্পর্কিত (খবর|সংবাদ|বিষয়|পোস্ট)|সর্বশেষ (সংবাদ|খবর)|(বিষয়|ট্যাগ|ট্যাগস)\s*[:ঃ]|ছবি\s*[:ঃ]|(ফাইল|সংগৃহীত) ছবি|ছবি সংগৃহীত|গ্রাফিক্স\s*[:ঃ]",
    r"(এ|এই) সম্পর্কিত (খবর|সংবাদ)|আপনার মতামত|শেয়ার করুন|ভিডিও\s*[:ঃ]|(also|must) read\b|read (also|more)\b|see also\b|related\s*:",
    r"(copyright|কপিরাইট|স্বত্ব|©).{0,80}$|all rights reserved|you can also check|a post shared by|advertisement\b|tags?\s*:|photo\s*[:/]|image\s*:|leave a reply",
    flags=re.I,
)
# Whole sentences, so these are looked for anywhere in a short paragraph.
_APPEALS = patterns(
    r"গুগল নিউজ.{0,40}(ফলো|অনুসরণ|চ্যানেল|ফিড|সঙ্গে থাকুন)|(ফলো|অনুসরণ|সাবস্ক্রাইব) কর.{0,40}গুগল নিউজ|google news.{0,40}(follow|ফলো)",
    r"আমাদের (ফেসবুক|পেজ|ইউটিউব|টেলিগ্রাম|হোয়াটসঅ্যাপ|গুগল).{0,60}(লাইক|ফলো|সাবস্ক্রাইব|যুক্ত|যোগ|থাকুন|ভিজিট)",
    r"(ফেসবুক|ইউটিউব|টেলিগ্রাম|হোয়াটসঅ্যাপ).{0,30}(পেজে?|চ্যানেলে?).{0,30}(লাইক|ফলো|সাবস্ক্রাইব|যুক্ত)",
    r"সর্বশেষ (খবর|সংবাদ) পেতে|খবর পেতে.{0,60}(ফলো|অনুসরণ|সাবস্ক্রাইব|যুক্ত)|(সর্বস্বত্ব|কপিরাইট).{0,40}সংরক্ষিত",
    r"এই ওয়েবসাইটের কোনো লেখা|অনুমতি ছাড়া.{0,60}(কপি|ব্যবহার|প্রকাশ).{0,40}(বেআইনি|নিষেধ|নিষিদ্ধ|দণ্ডনীয়)",
    flags=re.I,
)
_CREDITED_CAPTION = patterns(r"(^|[/।|(\s])(ছবি|ফাইল ছবি|আলোকচিত্র)\s*[:ঃ-]\s*\S.{0,40}$|[/|(]\s*(সংগৃহীত|ফাইল ছবি)\s*\)?$")
_AGO = patterns(
    r"[\d০-৯]+ ?(সেকেন্ড|মিনিট|ঘণ্টা|ঘন্টা|দিন|সপ্তাহ|মাস|বছর) (আগে|পূর্বে)|\d+ (minutes?|hours?|days?|months?) ago",
    flags=re.I,
)
SENTENCE_END = re.compile(r"[।!?.…]['’”\")»]*$")
_CLOCK_SIGN_OFF = patterns(r"^বাংলাদেশ সময়\s*[:ঃ,]?\s*[০-৯\d]{4}\s*(ঘণ্টা|ঘন্টা)")
_LETTER = "(?:এইচ|এক্স|এফ|এল|এম|এন|এস|আই|আর|ইউ|ইএ|ই|এ|ওয়াই|ও|কিউ|কে|জেড|জি|জে|টি|ডব্লিউ|ডাব্লিউ|ডি|পি|বি|ভি|সি)"
_SPELLED_INITIALS = re.compile(nfc(rf"^{_LETTER}{{2,6}}/?\s*$"))
_GLUED_INITIALS = re.compile(nfc(rf"(?<=[।!?’”'\"])\s+(?:{_LETTER}{{1,6}}\s*/\s*){{1,3}}(?:{_LETTER}{{1,6}})?\s*$"))
_SHORT, _PROMPT, _APPEAL = 60, 160, 300


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known while a body is read: the title, the site's names, and how to tell a line that is a date."""

    title: str
    site_names: Collection[str]
    is_date: Callable[[str], bool]


def without_furniture(blocks: Sequence[Block], known: Surroundings) -> list[Block]:
    """Return the blocks that are the article's text."""
    kept = [block for block in _before_other_stories(blocks) if not is_furniture(block)]
    return _without_tail(_without_head(kept, known), known.site_names)


def _before_other_stories(blocks: Sequence[Block]) -> Sequence[Block]:
    """Return the blocks before a heading like আরও পড়ুন after which no paragraph follows that is no link."""
    for position, block in enumerate(blocks):
        if position and block.kind == "heading" and is_furniture(block) and not any(map(_is_told, blocks[position:])):
            return blocks[:position]
    return blocks


def _is_told(block: Block) -> bool:
    """Tell a sentence of the article from titles, dates and prompts."""
    own = len(block.text) - block.linked
    return own > _SHORT and bool(SENTENCE_END.search(block.text)) and not is_furniture(block)


def is_furniture(block: Block) -> bool:
    """Tell a label, prompt, appeal, caption or bare link from a paragraph, wherever it stands."""
    text = block.text.strip(" \u2013\u2014-:;*•»›>|")
    if not re.search(r"\w", text):
        return True
    if len(text) <= _SHORT and _LABELS.fullmatch(text):
        return True
    if len(text) <= _PROMPT and _PROMPTS.match(text) and not text.endswith("।"):
        return True
    if len(text) <= _APPEAL and _APPEALS.search(text):
        return True
    if _AGO.fullmatch(text):
        return True
    if block.linked >= 0.85 * len(block.text) and len(block.text) <= _APPEAL:
        return True
    return _is_caption(block)


def _is_caption(block: Block) -> bool:
    if block.kind == "heading" or len(block.text) > _APPEAL or SENTENCE_END.search(block.text):
        return False
    if len(block.text) <= _PROMPT and _CREDITED_CAPTION.search(block.text):
        return True
    return block.after_picture and (block.beside_picture or block.emphasised >= 0.9 * len(block.text))


def _without_head(blocks: list[Block], known: Surroundings) -> list[Block]:
    """Drop the title, dates and bylines that stand before the first paragraph."""
    folded_title = fold(known.title)
    start = 0
    while start < len(blocks) and _is_head(blocks[start], folded_title, known.is_date):
        start += 1
    if start == len(blocks):
        start = 0
    return [block for block in blocks[start:] if block.kind != "heading" or fold(block.text) != folded_title]


def _is_head(block: Block, folded_title: str, is_date: Callable[[str], bool]) -> bool:
    if fold(block.text) == folded_title:
        return True
    if len(block.text) > _PROMPT or SENTENCE_END.search(block.text):
        return False
    return is_date(block.text) or _is_byline(block)


def _is_byline(block: Block) -> bool:
    """Tell a line that credits a desk or agency; a person's name alone is not told from other short lines."""
    return (
        block.kind == "paragraph"
        and len(block.text) <= _SHORT
        and any(author.kind != "person" for author in parse_byline(block.text))
    )


def _without_tail(blocks: list[Block], names: Collection[str]) -> list[Block]:
    """Drop the initials and sign-offs of the desk that stand after the last paragraph."""
    while len(blocks) > 1 and is_sign_off(blocks[-1].text, names):
        blocks.pop()
    if blocks:
        blocks[-1].text = _GLUED_INITIALS.sub("", blocks[-1].text)
    return blocks


def is_sign_off(line: str, names: Collection[str] = ()) -> bool:
    """Tell a last line of initials (এমএইচ/জেআইএম), a name before them, or banglanews24's clock line."""
    if _CLOCK_SIGN_OFF.match(line) or _SPELLED_INITIALS.match(line) or is_initials(line):
        return True
    parts = [part.strip() for part in line.rstrip("./ ").split("/")]
    if not 2 <= len(parts) <= 4 or len(line) > _SHORT or re.search(r"[\d০-৯।?!:,]", line):
        return False
    return bool(re.match(nfc(rf"^{_LETTER}{{1,6}}$"), parts[-1])) or parts[0] in names
