"""Who wrote an article and which agencies it credits. A person's name is never made of a headline, site or login."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile, islice, pairwise
from typing import Any

from lxml.html import HtmlElement

from crawler.bengali.bylines import agencies, is_credit, is_initials, may_name_desk, parse_byline
from crawler.bengali.bylines.vocabulary import BY, COLUMN_WORDS, COMMON_NAMES, PAPERS
from crawler.bengali.dates import is_label
from crawler.bengali.sections import is_section
from crawler.bengali.text import fold, normalize, patterns, words
from crawler.extraction.blocks.block import Block
from crawler.extraction.blocks.column import stands_in
from crawler.extraction.blocks.date_lines import is_date_line
from crawler.extraction.metadata.surroundings import Nearby
from crawler.extraction.page.document import Document, text_of
from crawler.extraction.page.jsonld import plain, text_value, types
from crawler.extraction.page.page_data import Story
from crawler.extraction.words import BYLINE_NAMES
from crawler.model.article import Author
from crawler.outlets.outlet import Outlet

_AUTHOR_ADDRESSES = re.compile(
    "[/?&](?:(?<=/)(?:authors?/|writer|reporter|byline|columnist|contributor|profile/)|(?<=[?&])author=)"
)
_NAMES, _RELATIONS = frozenset({"class", "id"}), frozenset({"rel", "itemprop"})
# Microformats' name of an author, which Blogger puts below the text.
_AFTER_TEXT = ".vcard .fn"
# Logins of publishing systems: one word of Latin letters, digits and signs.
_LOGIN = re.compile(r"[A-Za-z0-9_.@-]+")
_NO_NAME = re.compile(r"https?:|www\.|[<>{}]|@")
_LONGEST_NAME, _MOST_AUTHORS = 90, 50
_LONGEST_LINE, _LONGEST_DESK = 120, 60
_MOST_HEAD, _RIGHT_BELOW = 12, 1
# What a desk is called and news tells of too, and the words before it that are a subject.
_SHARED, _SUBJECT = frozenset(words("প্রতিবেদন রিপোর্ট বিজ্ঞপ্তি টিম অফিস")), 3
_NAME_WORDS = 3
_OF_PICTURE = patterns("ছবি|ফাইল ফটো|photo", flags=re.I)
_NO_PERSON = patterns(
    "আপডেট|সাইজ|সময়|টাইম|শেয়ার|প্রিন্ট|ভিউ|কপি|ফলো|মিনিট|সংস্করণ|ভার্সন|পাতা|গ্যালারি|ভিডিও|অডিও|শুনুন|পড়ুন|দেখুন|লাইভ|সদ্য|আয়োজন|ফোরাম|যাত্রা|ছুটি|খবর|সংবাদ|ছবি|time|update|view|read|share|size",
    flags=re.I,
)
_OPENING, _OPENING_SIGNS = re.compile(r"([^:ঃ।|॥]{4,40})\s*(?:[:ঃ|॥]|।।)"), (*":ঃ|॥", "।।")
_PARTS = re.compile(r"\s*[|•·॥]\s*|\s+[/:–—।-]\s+")
_WRITER = patterns(
    r"^(?:লিখেছেন|লেখক|লেখা|প্রতিবেদক|written by|posted by)\s*[:ঃ]\s*([^|।]+)",
    r"^(?:সাক্ষাৎকার(?:টি)? (?:নিয়েছেন|গ্রহণ(?: করেছেন)?|নেন)|লিখেছেন)\s*[:ঃ]?\s*([^|।]+)",
    r"^author\s*[,:]\s*([^|।]+)",
    flags=re.I,
)
_WRITER_LABEL = patterns(
    rf"(?:লিখেছেন|লেখক|লেখা|প্রতিবেদক|(?:published )?{BY}|author)\W*",
    r"(?:প্রতিবেদন|রিপোর্ট|অনুবাদ|ভাষান্তর|অনুলিখন|গ্রন্থনা)\s*[:ঃ]\W*",
    flags=re.I,
)
_EDITED = patterns(r"(?:edited by|সম্পাদনা)\W*$", flags=re.I)
_MASTHEAD = patterns(
    r"^(?:[\w\u0980-\u09ff]+ )?(?:সম্পাদক|প্রকাশক|editor|publisher)(?![\w\u0980-\u09ff]).{0,30}[:ঃ]", flags=re.I
)


@dataclass(frozen=True, slots=True)
class Bylines:
    own: list[str]
    marked: list[str]


def find_authors(
    document: Document,
    nearby: Nearby,
    bylines: Bylines,
    story: Story | None,
    refused: Collection[str],
    opening: str = "",
) -> list[Author]:
    """Return the authors from the first place that names any; `refused` are folded texts that name none here."""
    in_story = story.authors if story else ()
    marked = _without_roles(bylines.marked)
    for texts in (bylines.own, _in_data(document), in_story, marked, _labelled(nearby)):
        if authors := _authors(texts, refused):
            return authors
    near = list(_near_date(nearby))
    common = _authors([name for name, is_common in near if is_common], refused)
    desks = common or _shown_desks(nearby, refused)
    # What headline or text begins with is what they are about: পদ্মা সেতু over the date of a story about it.
    # What stands before a colon is who reports, and from where.
    about = fold(" ".join((*refused, _without_opening(opening)))) if near and not desks else ""
    uncommon = [name for name, _ in near if fold(name) not in about]
    return desks or _authors(uncommon, refused) or _opening_desk(opening, refused)


def find_bylines(document: Document, outlet: type[Outlet], nearby: Nearby) -> Bylines:
    own = [text for text in map(text_of, document.select(outlet.byline)) if text]
    return Bylines(own[:3], list(_marked(document, nearby)))


def find_agencies(text: str, bylines: Bylines, authors: Sequence[Author]) -> list[str]:
    names = [author.name for author in authors if author.kind == "agency"]
    found = [code for line in (*names, *bylines.own, *bylines.marked) for code in agencies(line)]
    return list(dict.fromkeys([*found, *agencies(text)]))


def without_credit(paragraphs: Sequence[str]) -> list[str]:
    """Return the paragraphs without last ones that only name the source (সূত্র: বাসস); `agencies` has it."""
    kept = list(paragraphs)
    while len(kept) > 1 and (is_credit(kept[-1]) or _signs_with_agency(kept[-1])):
        kept.pop()
    return kept


def _signs_with_agency(line: str) -> bool:
    """Tell the initials of a desk before the agencies it used: এসিবি/জেডএইচ (এএফপি, রয়টার্স)."""
    initials, bracket, _ = line.partition("(")
    return bool(bracket) and is_initials(initials.strip()) and bool(agencies(line))


def _authors(texts: Sequence[str] | Iterator[str], refused: Collection[str]) -> list[Author]:
    found: dict[str, Author] = {}
    for text in texts:
        if not text or len(text) > _LONGEST_NAME or fold(text) in refused or _NO_NAME.search(text):
            continue
        for author in parse_byline(normalize(text)):
            login = author.kind != "agency" and _LOGIN.fullmatch(author.name)
            if fold(author.name) not in refused and not login:
                found.setdefault(fold(author.name), author)
    return list(found.values())


def _without_roles(texts: Sequence[str]) -> list[str]:
    """Return the texts but the roles of persons whom the one before or after names: স্টাফ রিপোর্টার below a name."""
    beside = zip(texts, ["", *texts], [*texts[1:], ""], strict=False)
    return [text for text, *others in beside if not any(_is_role(text, name) for name in others if name)]


def _is_role(text: str, name: str) -> bool:
    persons = parse_byline(name) if may_name_desk(text) else []
    alone = bool(persons) and all(author.kind == "person" for author in persons)
    return alone and parse_byline(f"{name} | {text}") == persons


def _in_data(document: Document) -> Iterator[str]:
    author: Any = document.structured.article.get("author") or document.structured.article.get("creator")
    for item in author[:_MOST_AUTHORS] if isinstance(author, list) else [author]:
        yield _writer(document.structured.resolved(item))
    for name in ("author", "article:author", "dc.creator", "parsely-author", "byl"):
        for content in document.structured.meta.get(name, ()):
            yield plain(content) or ""


def _writer(author: Any) -> str:
    """Return the name of a JSON-LD author; of an organization only that of a desk or agency, else it is the site's."""
    name = text_value(author) or ""
    is_organization = isinstance(author, dict) and "person" not in types(author) and bool(types(author))
    return "" if is_organization and all(each.kind == "person" for each in parse_byline(name)) else name


def _marked(document: Document, nearby: Nearby) -> Iterator[str]:
    if nearby.region is None:
        return
    for block in _without_editors(nearby.lines):
        around = list(islice(block.around(), 3))
        if not any(map(_names_author, around)) or any(map(_leads_to_mail, around)):
            continue
        if not any(map(document.asides.hold, around[:1])):
            masthead = any(_MASTHEAD.search(text_of(element)) for element in around[:2])
            yield "" if masthead or _WRITER_LABEL.fullmatch(block.text) else block.text
    for element in document.select(_AFTER_TEXT):
        if nearby.region in element.iterancestors():
            yield text_of(element)


def _without_editors(lines: Sequence[Block]) -> Iterator[Block]:
    edited = False
    for block in lines:
        if not edited:
            yield block
        edited = _EDITED.search(block.text) is not None


def _leads_to_mail(element: HtmlElement) -> bool:
    return element.tag == "a" and (element.get("href") or "").startswith(("mailto:", "tel:"))


def _names_author(element: HtmlElement) -> bool:
    for name, value in element.items():
        if name in _NAMES and BYLINE_NAMES.search(value):
            return True
        if name in _RELATIONS and "author" in value.split():
            return True
    return element.tag == "a" and _AUTHOR_ADDRESSES.search(element.get("href") or "") is not None


def _labelled(nearby: Nearby) -> Iterator[str]:
    for one, following in pairwise([*(block.text for block in nearby.lines), ""]):
        written = _WRITER.search(one if _WRITER.search(one) else f"{one} {following}")
        if written and len(one) <= _LONGEST_NAME:
            yield next(filter(None, written.groups())).strip()
        elif _WRITER_LABEL.fullmatch(one):
            yield following


def _near_date(nearby: Nearby) -> Iterator[tuple[str, bool]]:
    """Yield full names right below the headline or beside the date, and whether each has a part common in names."""
    below = dropwhile(lambda block: not stands_in(block, nearby.headline), _without_editors(nearby.lines))
    lines = [block for block in islice(below, 1, _MOST_HEAD) if len(block.text) <= _LONGEST_LINE]
    lines = [block for block in lines if not _OF_PICTURE.search(block.text)]
    told = ((part, block) for block in lines for part in _parts(block.text))
    # A label parts a name from its date no more than a sign does.
    parts = [(part, block) for part, block in told if part and not is_label(part)]
    dated = [is_date_line(part) for part, _ in parts]
    for place, (part, block) in enumerate(parts):
        # A caption may follow the date too, a name beside the author's picture stands before it.
        next_to = any(dated[place + 1 if block.after_picture else max(0, place - 1) : place + 2])
        near = next_to or any(dated[max(0, place - 2) : place + 3]) or place < _RIGHT_BELOW
        near = near and " " in part and len(part) <= _LONGEST_DESK
        authors = parse_byline(part) if near else []
        # A link that leads to no author's page leads to a column.
        if authors and all(_is_full_name(author, sure=next_to and not block.linked) for author in authors):
            yield part, all(_is_full_name(author, sure=False) for author in authors)


def _parts(line: str) -> list[str]:
    return [part.strip(" /:–—-") for part in _PARTS.split(line)]


def _is_full_name(author: Author, sure: bool) -> bool:
    names = author.name.split()
    if author.kind != "person" or len(names) < 2:
        return False
    if not COMMON_NAMES.isdisjoint(names):
        return True
    return (
        sure
        and COLUMN_WORDS.isdisjoint(names)
        and len(names) <= _NAME_WORDS
        and not _NO_PERSON.search(author.name)
        and not any(map(is_section, names))
    )


def _shown_desks(nearby: Nearby, refused: Collection[str]) -> list[Author]:
    for block in nearby.lines:
        for part in _parts(block.text) if len(block.text) <= _LONGEST_LINE else ():
            authors = _authors([part], refused) if len(part) <= _LONGEST_DESK and may_name_desk(part) else []
            if any(author.kind != "person" and not _tells_news(author.name) for author in authors):
                return authors
    return []


def _tells_news(name: str) -> bool:
    """Tell a section, or a line under the headline that ends in a word of desks: জমা পড়ল তদন্ত প্রতিবেদন."""
    *before, last = name.split()
    told = last in _SHARED and len(before) >= _SUBJECT and fold(" ".join(before)) not in PAPERS
    return told or is_section(name)


def _without_opening(paragraph: str) -> str:
    # To look for the words before a sign takes long where there is no sign.
    return _OPENING.sub("", paragraph, count=1) if any(sign in paragraph for sign in _OPENING_SIGNS) else paragraph


def _opening_desk(paragraph: str, refused: Collection[str]) -> list[Author]:
    desk = _OPENING.match(paragraph)
    authors = _authors([desk[1]], refused) if desk else []
    return authors if any(author.kind == "desk" for author in authors) else []
