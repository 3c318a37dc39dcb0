"""Byline texts to authors: who is a person, a desk or an agency, and what is no name at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from crawler.bengali.bylines.persons import is_initials, is_name
from crawler.bengali.bylines.services import AGENCY, CODES, agency_code
from crawler.bengali.bylines.vocabulary import (
    CORRESPONDENT,
    DESK,
    DESK_WORDS,
    EDITIONS,
    FOREIGN_MEDIA,
    LABEL,
    MODIFIER,
    MONTH,
    ORGANISATION_WORD,
    OTHER_CREDIT,
    PAPERS,
    SENTENCE_WORDS,
    SITE,
    TITLE,
)
from crawler.bengali.places import is_district, is_place
from crawler.bengali.sections import genre_of, is_section
from crawler.bengali.text import any_of, fold, normalize, patterns
from crawler.bengali.values import Author

_LONGEST = 400
_ADDRESS = re.compile(
    r"[(\[<]?(?:(?:https?://|www\.)[^\s)\]>]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|@[a-z0-9_.]+|(?:facebook|twitter|x)\.com/[^\s)\]>]+)[)\]>]?",
    re.IGNORECASE,
)
_TELEPHONE = re.compile(r"(?:\+?[8৮]{2})?[0০][1১][\d০-৯][\d০-৯ -]{7,11}")
_DATED = patterns(
    rf"\s+on(?=\s*(?:\Z|[|\d০-৯]|{MONTH}))",
    r"(?:প্রকাশ(?:িত|ের সময়|কাল)?|(?:সর্বশেষ )?আপডেট|হালনাগাদ|published|updated|posted on)\s*[:ঃ].*",
    rf"(?:\S+বার,?\s*)?(?<![০-৯\d])[০-৯\d]{{1,2}}(?:লা|রা|ঠা|ই|শে)?\s*{MONTH}[^|\n]*",
    rf"(?:\S+বার,?\s*)?(?<!\S){MONTH}\S*\s*[০-৯\d]{{1,2}}(?:লা|রা|ঠা|ই|শে)?,?\s*[১২12][০-৯\d]{{3}}[^|\n]*",
    r"(?<![০-৯\d])[০-৯\d]{1,4}[/\-.:][০-৯\d]{1,2}(?![০-৯\d])[^|\n]*",
    flags=re.IGNORECASE,
)
# Of which an address, a telephone number and a date each have one.
_DETAIL_SIGN = re.compile(r"[\d@./:ঃ]|\son", re.IGNORECASE)
_SEPARATOR = re.compile(r"[|;•·॥\n\t/►»\u2190-\u2bff\U0001f000-\U0001faff]+|(?:^|\s)[-–—]+|[-–—]+(?:\s|$)")
_LISTED = patterns(r"\s*([,،])\s*", r"\s+(?:ও|এবং|and|&)(?:\s+|$)", flags=re.IGNORECASE)
_VISARGA_AS_COLON = patterns(rf"((?:{CORRESPONDENT}|{DESK}))ঃ(?=\s|$)", r"\s+ঃ", flags=re.IGNORECASE)
_DASH = re.compile("[-–—]")
_CREDIT_DASH = patterns(r"((?:^|\s)(?:ছবি|আলোকচিত্র|ফটো|ভিডিও|photo|video))\s*[-–—]\s*", flags=re.IGNORECASE)
# The colon of মো: is the visarga of মোঃ.
_COLON = patterns(r"(?<!মো)(?<!মোছা)(?<!মোসা)(?<!মুহা)(?<!ডা)(?<!আ)(?<!আঃ)\s*:(?!\d)")
_SOURCE = patterns(r"সূত্র|তথ্যসূত্র|সৌজন্যে|source", flags=re.IGNORECASE)
_ENDS_IN_ROLE = patterns(
    rf"(?P<head>.*?)(?:^|(?<=\s))(?P<role>(?P<modifiers>(?:{MODIFIER}\s+)*)"
    rf"(?:(?P<correspondent>{CORRESPONDENT})|(?P<desk>{DESK})|(?P<title>{TITLE}))(?:\s+(?:প্রধান|চিফ))?)",
    flags=re.IGNORECASE,
)
_STARTS_WITH_ROLE = patterns(
    rf"(?P<role>(?:{MODIFIER}\s+)*(?:{CORRESPONDENT}|{DESK}))\s+(?P<rest>.+)", flags=re.IGNORECASE
)
# "প্রতিনিধি, ধামরাই": without its place such a credit says nothing.
_BARE_ROLE = patterns(rf"(?:{CORRESPONDENT})", flags=re.IGNORECASE)
_ENDS_IN_AGENCY = patterns(rf"(?P<head>.+?)\s+(?P<agency>{AGENCY})", flags=re.IGNORECASE)
_ADAPTED = patterns(r"\s+(?:অবলম্বনে|থেকে অনূদিত)$")
_QUOTING = re.compile("[“‘?!]")
# What may follow a name and a colon: "কামরুল হাসান: অধ্যাপক, অর্থনীতি বিভাগ".
_DESIGNATION = patterns(rf"{ORGANISATION_WORD.pattern}|{TITLE}|{CORRESPONDENT}", flags=re.IGNORECASE)
_LOGIN = re.compile(r"[a-z0-9_.@-]+")
# A site's address, and "লন্ডন থেকে" before or after a name.
_BESIDE_NAME = patterns(rf"{SITE.pattern}|^\S+ থেকে(?: ফিরে)? |(?:^| )\S+ থেকে(?: ফিরে)?$", flags=re.IGNORECASE)
_DESK_OR_AGENCY, _MEDIUM = re.compile(any_of([*DESK_WORDS, *CODES])), re.compile(any_of(FOREIGN_MEDIA))
_PARENTHESES = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*")
_EDGES = " \u00a0,.:ঃ।-–—*@\"”’'"

Kind = Literal["person", "desk", "agency", "medium", "role"]


@dataclass(frozen=True)
class _Credit:
    """One name of a byline; a role is somebody's when a person stands beside it, else a desk."""

    name: str
    kind: Kind
    enumerated: bool = False


def parse_byline(text: str) -> list[Author]:
    """Return the authors a byline names, in its order, each once.

    Roles, places, dates, editions and addresses beside a name are dropped; what is no name gives no author.
    """
    text = text.strip()
    return [] if len(text) > _LONGEST or is_initials(text) else list(_named(text))


# A page has its byline in several places.
@lru_cache(maxsize=16)
def _named(text: str) -> tuple[Author, ...]:
    text = normalize(text)
    if _DETAIL_SIGN.search(text):
        text = _DATED.sub("", _TELEPHONE.sub(" | ", _ADDRESS.sub(" | ", text)))
    text = _once(text)
    parts = [part for segment in _segments(text) for part in _parts(segment)]
    kept = _believed([(part, _read(part, enumerated)) for part, enumerated in parts])
    authors = [_author(credit) for credit in kept if credit.kind != "medium" or len(kept) == 1]
    return tuple({fold(author.name): author for author in reversed(authors)}.values())[::-1]


def may_name_desk(text: str) -> bool:
    """Tell a text in which `parse_byline` may find others than persons: one with a word of desks or a medium's name."""
    lowered, folded = normalize(text).lower(), fold(text)
    return _DESK_OR_AGENCY.search(lowered) is not None or _MEDIUM.search(folded) is not None


def _believed(read: list[tuple[str, list[_Credit]]]) -> list[_Credit]:
    """Return the credits of the parts read, without roles that are somebody's and without what is no person for all
    its looks."""
    credits = [credit for _, found in read for credit in found]
    persons = [credit for credit in credits if credit.kind == "person"]
    persons = [] if any(_is_prose(part) for part, _ in read) else persons
    full = any(" " in credit.name for credit in persons)
    if full or not all(found or _is_beside_names(part) for part, found in read):
        # After a full name, a comma and one word give the place: "জুলফিকার রায়হান, তালা".
        persons = [credit for credit in persons if " " in credit.name or (full and credit.enumerated)]
    roles = [c for c in credits if c.kind == "role" and (c.enumerated or not persons)]
    return [c for c in credits if c in persons or c in roles or c.kind not in {"person", "role"}]


def _author(credit: _Credit) -> Author:
    if credit.kind == "role":
        return Author(credit.name, "desk")
    return Author(credit.name, "agency" if credit.kind == "medium" else credit.kind)


def _once(text: str) -> str:
    """Return one half of a text that is the same thing printed twice."""
    text = text.strip()
    for end in (len(text) // 2, (len(text) + 1) // 2):
        first, second = text[:end].strip(), text[end:].strip(_EDGES + "|")
        if first and first.strip(_EDGES + "|") == second:
            return second
    return text


def _segments(text: str) -> list[str]:
    text = _VISARGA_AS_COLON.sub(r"\1:", text) if "ঃ" in text else text
    text = _CREDIT_DASH.sub(r"\1: ", text) if _DASH.search(text) else text
    return [_credited(part.strip()) for part in _SEPARATOR.split(text)]


def _parts(segment: str) -> list[tuple[str, bool]]:
    """Return the parts of a segment, each with whether ও or its like joins it to the one before."""
    pieces = _LISTED.split(segment)
    joiners = [",", *pieces[1::2]]
    parts = [(part.strip(_EDGES), joiner is None) for part, joiner in zip(pieces[::2], joiners, strict=True)]
    for place, (part, _) in enumerate(parts[1:], 1):
        role, joined = parts[place - 1]
        if _BARE_ROLE.fullmatch(role) and is_place(part):
            parts[place - 1 : place + 1] = [(f"{role}, {part}", joined)]
            break
    return parts


def _is_prose(part: str) -> bool:
    """Tell a part of a sentence or headline, beside which no person is named."""
    named = part.split()
    told = len(named) > 1 and any(word in SENTENCE_WORDS for word in named) and not _BESIDE_NAME.search(part)
    return told or _QUOTING.search(part) is not None


def _is_beside_names(part: str) -> bool:
    """Say whether a part of a byline, if there is one, names no author but is of a kind that stands in bylines."""
    return not part or is_place(part) or (folded := fold(part)) in EDITIONS or folded in PAPERS


def _credited(segment: str) -> str:
    """Return what a segment credits with writing: its label, a picture's credit and running text removed."""
    label = LABEL.match(segment)
    if label:
        segment = segment[label.end() :]
    other = OTHER_CREDIT.search(segment)
    if other:
        segment = segment[: other.start()]
    head, _, tail = _COLON.sub("\n", segment, count=1).partition("\n")
    head, tail = head.strip(_EDGES), tail.strip(_EDGES)
    if _SOURCE.fullmatch(head):
        return ", ".join(name for name in _LISTED.split(tail) if name and agency_code(name))
    if _ENDS_IN_ROLE.fullmatch(head):
        long = sum(len(word) > 3 for word in tail.split())
        return tail if " " in tail and long < 5 and is_name(tail) else head
    is_headline = len(tail.split()) > 1 and is_name(head) and not _DESIGNATION.search(tail)
    return "" if is_headline else head


def _read(token: str, enumerated: bool) -> list[_Credit]:
    if token[:1] in {"(", "["} and token[-1:] in {")", "]"}:
        token = token[1:-1]
    bare = _ADAPTED.sub("", _PARENTHESES.sub(" ", token)).strip(_EDGES)
    folded = fold(bare)
    if folded in EDITIONS or folded in PAPERS:
        return []
    if agency_code(bare):
        return [_Credit(bare, "agency", enumerated)]
    if _LOGIN.fullmatch(bare):
        return []
    role, comma, _ = bare.partition(", ")
    if folded in FOREIGN_MEDIA or (comma and _BARE_ROLE.fullmatch(role)):
        return [_Credit(bare, "role" if comma else "medium", enumerated)]
    ending = _ENDS_IN_ROLE.fullmatch(bare)
    if ending:
        return _read_role(ending, bare if token.endswith((")", "]")) else token, enumerated)
    return _read_name(_BESIDE_NAME.sub("", bare).strip(_EDGES), enumerated)


def _read_role(match: re.Match[str], whole: str, enumerated: bool) -> list[_Credit]:
    """Read a text that ends in a role: a desk's name, or a person's name with the role after it."""
    head = match["head"].strip(_EDGES)
    person = _person_before_role(head, match)
    if person:
        return [_Credit(person, "person", enumerated)]
    return [] if match["title"] else [_Credit(whole, "role", enumerated)]


def _person_before_role(head: str, match: re.Match[str]) -> str | None:
    """Tell "রাশেদুল ইসলাম কুড়িগ্রাম প্রতিনিধি" from "ঢাকা বিশ্ববিদ্যালয় প্রতিনিধি" and "প্রথম আলো ডেস্ক"."""
    names = head.split()
    if match["desk"] or not names or is_place(names[0]) or fold(head) in PAPERS:
        return None
    if match["correspondent"] and not match["modifiers"]:
        if not is_place(names[-1]):
            return None
        names.pop()
    name = " ".join(names)
    return name if len(names) > 1 and is_name(name) else None


def _read_name(bare: str, enumerated: bool) -> list[_Credit]:
    led = _STARTS_WITH_ROLE.fullmatch(bare)
    if led:
        name = led["rest"].strip(_EDGES)
        is_person = " " in name and is_name(name) and not is_place(name)
        if is_person:
            return [_Credit(name, "person", enumerated)]
        own = is_place(name) and _BARE_ROLE.fullmatch(led["role"])
        return [_Credit(bare if own else led["role"], "role", enumerated)]
    supplied = _ENDS_IN_AGENCY.fullmatch(bare)
    if supplied:
        sender = _read(supplied["head"], enumerated)
        return [*sender, _Credit(supplied["agency"], "agency")] if sender else []
    names = bare.split()
    if len(names) > 2 and is_district(names[-1]):
        names.pop()
    name = " ".join(names)
    is_other = is_place(name) or all(map(is_place, names)) or is_section(name) or genre_of(name) != "news"
    return [_Credit(name, "person", enumerated)] if is_name(name) and not is_other else []
