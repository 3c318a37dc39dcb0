"""Lines that stand inside an article's container and are no part of the article."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from crawler.bengali.bylines import is_initials, parse_byline
from crawler.bengali.text import fold, nfc, patterns
from crawler.extraction.blocks import Block
from crawler.extraction.document import text_of

# Lines that are one of these and nothing else (research bengali.md §4.3 and the theme texts of WordPress).
_LABELS = patterns(
    "বিজ্ঞাপন( বিরতি)?|সর্বশেষ|জনপ্রিয়|(সর্বাধিক )?পঠিত|ভিডিও( দেখুন)?|প্রিন্ট|কপি করুন|লিংক কপি( করুন)?",
    r"মন্তব্য( করুন)?( ?\([\d০-৯]+\)?)?|ট্যাগস?|বিষয়",
    "(অনলাইন|প্রিন্ট) (ভার্সন|সংস্করণ)|ই-পেপার|প্রথম পাতা|বিস্তারিত( পড়ুন)?|সম্পর্কিত( বিষয়| খবর| সংবাদ)?|গুগল নিউজ",
    "(খবরটি )?শেয়ার( করুন)?|লাইক দিন|ফলো করুন|সাবস্ক্রাইব করুন|আপনার মতামত( লিখুন)?|লোড হচ্ছে",
    r"\W*(advertisement|anzeige|publicidad|publicité|reklama|ads?|sponsored|share( this)?|tags?|print|copy link)\W*",
    r"related (articles?|posts?|news|stories)|leave a (reply|comment)|back to top( button)?|share via email|read next",
    r"less than a minute|\d+ minutes? read|follow us|subscribe|read more|show comments?|loading",
    "view this post on instagram",
    r"save my name.*|your email address will not be published.*|required fields are marked.*",
    r"(facebook|twitter|linkedin|pinterest|whatsapp|messenger|email|print|share|\s)+",
    # Buttons side by side.
    r"((খবরটি |সংবাদটি )?((শুনুন|প্রিন্ট|শেয়ার|কপি|লিংক কপি|সেভ|ডাউনলোড)( করুন)?|ফেসবুক|টুইটার|ইমেইল|হোয়াটসঅ্যাপ|মেসেঞ্জার|অ[+-])\s*)+",
    # The hour over a post of a live blog.
    r"[\d০-৯]{1,2}:[\d০-৯]{2}( ?(এএম|পিএম|am|pm))?",
    r"[\d০-৯]+ ?(সেকেন্ড|মিনিট|ঘণ্টা|ঘন্টা|দিন|সপ্তাহ|মাস|বছর) (আগে|পূর্বে)|\d+ (minutes?|hours?|days?|months?) ago",
    flags=re.I,
)
# What lines that are no sentence begin with.
_PROMPTS = patterns(
    "আর[ওো] ?(পড়ুন|দেখুন|খবর|সংবাদ|জানুন)|পড়ুন ?[:ঃ]|(এ|এই) ?(সম্পর্কিত|বিভাগের|বিষয়ে) (আর[ওো]|অন্যান্য|খবর|সংবাদ)",
    "সম্পর্কিত (খবর|সংবাদ|বিষয়|পোস্ট)|সর্বশেষ (সংবাদ|খবর)|(বিষয়|ট্যাগ|ট্যাগস|ভিডিও|গ্রাফিক্স) ?[:ঃ]|(ফাইল|সংগৃহীত) ছবি",
    r"((প্রধান|ভারপ্রাপ্ত) )?সম্পাদক (ও|এবং) প্রকাশক ?[:ঃ]|ছবি সংগৃহীত|আপনার মতামত|শেয়ার করুন|all rights reserved|a post shared by",
    r"(copyright|©|(কপিরাইট|স্বত্ব) ?([:ঃ©(]|[\d০-৯]|.{0,40}সংরক্ষিত)).{0,80}$",
    r"(also|must) read\b|read (also|more)\b|see also\b|you can also check|advertisement\b|leave a reply",
    r"(related|tags?|photo|image) ?[:/]",
    flags=re.I,
)
# Appeals are whole sentences: they are looked for anywhere in a paragraph, so they must be unmistakable.
_APPEALS = patterns(
    "গুগল নিউজ.{0,40}(ফলো কর|অনুসরণ কর|ফিড|সঙ্গে থাকুন)|(ফলো|অনুসরণ|সাবস্ক্রাইব) কর.{0,30}গুগল নিউজ",
    "google news.{0,40}(follow|ফলো)|follow.{0,40}google news",
    "(ফেসবুক|ইউটিউব|টেলিগ্রাম|হোয়াটসঅ্যাপ|আমাদের).{0,50}(লাইক দিন|ফলো করুন|সাবস্ক্রাইব করুন|যুক্ত (থাকুন|হোন)|ভিজিট করুন)",
    "(সর্বশেষ )?(খবর|সংবাদ) (সবার আগে )?পেতে.{0,60}(ফলো করুন|অনুসরণ করুন|সাবস্ক্রাইব করুন|যুক্ত হোন|চোখ রাখুন|(সঙ্গে|সাথে)ই? থাকুন)",
    "(ফেসবুক|ইউটিউব|টেলিগ্রাম|হোয়াটসঅ্যাপ).{0,30}(লাইক|ফলো|সাবস্ক্রাইব) (দিয়ে|করে).{0,30}(থাকুন|রাখুন)",
    "(সর্বস্বত্ব|কপিরাইট).{0,20}সংরক্ষিত|(এই|এ) (ওয়েবসাইটের|ওয়েবসাইটের|সাইটের|পোর্টালের) (কোনো|কোন) (লেখা|সংবাদ|ছবি|তথ্য)",
    flags=re.I,
)
_CREDITED_CAPTION = patterns(
    r"(^|[/।|(\s])(ছবি|ফাইল ছবি|আলোকচিত্র)\s*[:ঃ-]\s*\S.{0,40}$",
    r"[/|(]\s*(সংগৃহীত|ফাইল ছবি)\s*\)?$",
)
# What somebody said or did with the words of an appeal is news.
_REPORTED = patterns("বলেন|বলেছেন|বলছেন|জানিয়েছেন|বলে জানান|জানান তিনি|(এ|এই|এমন) কথা|অভিযোগ|প্রতারণা")
_PHOTO_CREDIT = patterns(r"(ছবি|ফাইল ছবি|আলোকচিত্র)\s*[:ঃ]\s*\S+(\s+\S+){0,3}")
# Class names and ids of what names an author.
BYLINE_NAMES = re.compile(r"(?<![a-z])(?:author|byline|writter|writer|reporter|correspondent|credit-name)", re.I)
_TWEET_SIGNATURE = re.compile(r"[—–-]\s*.{1,80}\(@\w{1,30}\).{0,40}")
_WRITER_LINE = patterns(r"(লিখেছেন|লেখক|প্রতিবেদক|written by|posted by)\s*[:ঃ]")
SENTENCE_END = re.compile(r"[।!?.…]['’”\")»]*$")
_CLOCK_SIGN_OFF = patterns(r"^বাংলাদেশ সময়\s*[:ঃ,]?\s*[০-৯\d]{4}\s*(ঘণ্টা|ঘন্টা)")
_LETTER = "(?:এইচ|এক্স|এফ|এল|এম|এন|এস|আই|আর|ইউ|ইএ|ই|এ|ওয়াই|ও|কিউ|কে|জেড|জি|জে|টি|ডব্লিউ|ডাব্লিউ|ডি|পি|বি|ভি|সি)"
_SPELLED_INITIALS = re.compile(nfc(rf"^{_LETTER}{{2,6}}/?\s*$"))
_GLUED_INITIALS = re.compile(nfc(rf"(?<=[।!?’”'\"])\s+(?:{_LETTER}{{1,6}}\s*/\s*){{1,3}}(?:{_LETTER}{{1,6}})?\s*$"))
_SHORT, _PROMPT, _APPEAL = 60, 160, 300
# Lines that may stand between the headline and the date.
_MOST_HEAD = 6


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known while a body is read: the title, the site's names, and how to tell a line that is a date."""

    title: str
    site_names: Collection[str]
    is_date: Callable[[str], bool]


def without_furniture(blocks: Sequence[Block], known: Surroundings) -> list[Block]:
    """Return the blocks that are the article's text."""
    kept = [block for block in _before_other_stories(_each_once(blocks)) if not is_furniture(block)]
    return _without_tail(_without_head(kept, known), known)


def _each_once(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks without long ones that stood before: some pages hold the text once more, hidden."""
    seen: set[str] = set()
    kept = []
    for block in blocks:
        if len(block.text) <= _SHORT or block.text not in seen:
            kept.append(block)
        seen.add(block.text)
    return kept


def _before_other_stories(blocks: Sequence[Block]) -> Sequence[Block]:
    """Return the blocks before a heading like আরও পড়ুন after which no paragraph follows that is no link.

    After the title of one other story, a short sentence ends the text.
    """
    for position, block in enumerate(blocks):
        if position and block.kind == "heading" and is_furniture(block):
            after = blocks[position:]
            if not any(map(_is_told, after)) and not (_is_link(block) and any(map(_is_unlinked_sentence, after))):
                return blocks[:position]
    return blocks


def _is_unlinked_sentence(block: Block) -> bool:
    told = block.text.endswith("।") or len(block.text) > _PROMPT
    return told and not block.linked and not is_furniture(block)


def _is_told(block: Block) -> bool:
    """Tell a sentence of the article from titles, dates and prompts."""
    own = len(block.text) - block.linked
    return own > _SHORT and bool(SENTENCE_END.search(block.text)) and not is_furniture(block)


def is_furniture(block: Block) -> bool:
    """Tell a label, prompt, appeal, caption or bare link from a paragraph, wherever it stands."""
    text = block.text.strip(" \u2013\u2014-:;*•»›>|")
    if not re.search(r"\w", text) or (len(text) <= _SHORT and _LABELS.fullmatch(text)):
        return True
    if len(text) <= _PROMPT and _PROMPTS.match(text) and not text.endswith("।"):
        return True
    if len(text) <= _APPEAL and (_is_appeal(block) or _is_link(block)):
        return True
    if _TWEET_SIGNATURE.fullmatch(block.text) or (_PHOTO_CREDIT.fullmatch(text) and not SENTENCE_END.search(text)):
        return True
    return _is_caption(block)


def _is_appeal(block: Block) -> bool:
    """Tell an appeal from a sentence about one, which has no link."""
    return bool(_APPEALS.search(block.text)) and (block.linked > 0 or not _REPORTED.search(block.text))


def _is_link(block: Block) -> bool:
    """Tell a line that is one link from a sentence of the text that is linked as a whole."""
    return block.linked >= 0.85 * len(block.text) and not (len(block.text) > _SHORT and block.text.endswith("।"))


def _is_caption(block: Block) -> bool:
    if block.kind == "heading" or len(block.text) > _APPEAL or SENTENCE_END.search(block.text):
        return False
    if len(block.text) <= _PROMPT and (credit := _CREDITED_CAPTION.search(block.text)):
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
        if len(block.text) > _PROMPT or SENTENCE_END.search(block.text):
            break
        if block.kind == "item" and not (is_date(block.text) or _names_desk(block.text)):
            break
        if is_date(block.text):
            after = position + 1
    return after


def _is_head(block: Block, folded_title: str, is_date: Callable[[str], bool]) -> bool:
    if fold(block.text) == folded_title:
        return True
    if len(block.text) > _PROMPT or SENTENCE_END.search(block.text):
        return False
    return (
        is_date(block.text)
        or _is_byline(block)
        or _is_marked_byline(block)
        or _WRITER_LINE.match(block.text) is not None
    )


def _is_marked_byline(block: Block) -> bool:
    """Tell a short line whose element says that it names an author."""
    element = block.element
    if element is None or block.kind != "paragraph" or len(block.text) > _SHORT:
        return False
    # The mark may be on a part that holds all of the line's words.
    parts = (part for part in element.iter("*") if part is element or fold(text_of(part)) == fold(block.text))
    return any(BYLINE_NAMES.search(f"{part.get('class') or ''} {part.get('id') or ''}") for part in parts)


def _is_byline(block: Block) -> bool:
    """Tell a line that credits a desk or agency; a person's name alone is not told from other short lines."""
    return block.kind == "paragraph" and _names_desk(block.text)


def _names_desk(text: str) -> bool:
    return len(text) <= _SHORT and any(author.kind != "person" for author in parse_byline(text))


def _without_tail(blocks: list[Block], known: Surroundings) -> list[Block]:
    """Drop the initials, sign-offs of the desk and dates that stand after the last paragraph."""
    while len(blocks) > 1 and (is_sign_off(blocks[-1].text, known.site_names) or known.is_date(blocks[-1].text)):
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
