"""Byline texts to authors: who is a person, a desk or an agency, and what is no name at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from crawler.bengali.bylines.initials import is_initials
from crawler.bengali.bylines.services import AGENCY, agency_code
from crawler.bengali.bylines.vocabulary import (
    CORRESPONDENT,
    DESK,
    EDITIONS,
    FOREIGN_MEDIA,
    LABEL,
    MEDIA_WORD,
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
from crawler.bengali.text import fold, normalize, patterns
from crawler.items import Author

_LONGEST = 400
_ADDRESS = re.compile(
    r"[(\[<]?(?:(?:https?://|www\.)[^\s)\]>]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|@\w+|(?:facebook|twitter|x)\.com/[^\s)\]>]+)[)\]>]?",
    re.IGNORECASE,
)
_DATED = patterns(
    r"(?:প্রকাশ(?:িত|ের সময়|কাল)?|(?:সর্বশেষ )?আপডেট|হালনাগাদ|published|updated|posted on)\s*[:ঃ].*",
    rf"(?:\S+বার,?\s*)?(?<![০-৯\d])[০-৯\d]{{1,2}}(?:লা|রা|ঠা|ই|শে)?\s*{MONTH}[^|\n]*",
    r"(?<![০-৯\d])[০-৯\d]{1,4}[/\-.:][০-৯\d]{1,2}(?![০-৯\d])[^|\n]*",
    flags=re.IGNORECASE,
)
_SEPARATOR = re.compile(r"[|;•·\n\t/►»]+|(?:^|\s)[-–—]+|[-–—]+(?:\s|$)")
_LISTED = patterns(r"\s*([,،])\s*", r"\s+(?:ও|এবং|and|&)\s+", flags=re.IGNORECASE)
_VISARGA_AS_COLON = patterns(rf"((?:{CORRESPONDENT}|{DESK}))ঃ(?=\s|$)", r"\s+ঃ", flags=re.IGNORECASE)
# The colon of মো: is the visarga of মোঃ.
_COLON = patterns(r"(?<!মো)(?<!মোছা)(?<!মোসা)(?<!মুহা)(?<!ডা)(?<!আ)(?<!আঃ)\s*:(?!\d)")
# Words of a sentence's opening, after a role and a colon: নদীভাঙনের, মহাসড়কে.
_INFLECTED = patterns(r"[^\s]ের(?:\s|$)|[^\sদ]ে$")
_SOURCE = patterns(r"সূত্র|তথ্যসূত্র|সৌজন্যে|source", flags=re.IGNORECASE)
_ENDS_IN_ROLE = patterns(
    rf"(?P<head>.*?)(?:^|(?<=\s))(?P<role>(?P<modifiers>(?:{MODIFIER}\s+)*)"
    rf"(?:(?P<correspondent>{CORRESPONDENT})|(?P<desk>{DESK})|(?P<title>{TITLE}))(?:\s+(?:প্রধান|চিফ))?)",
    flags=re.IGNORECASE,
)
_STARTS_WITH_ROLE = patterns(
    rf"(?P<role>(?:{MODIFIER}\s+)*(?:{CORRESPONDENT}|{DESK}))\s+(?P<rest>.+)", flags=re.IGNORECASE
)
_ENDS_IN_AGENCY = patterns(rf"(?P<head>.+?)\s+(?P<agency>{AGENCY})", flags=re.IGNORECASE)
# A site's address, and "লন্ডন থেকে" before or after a name.
_BESIDE_NAME = patterns(rf"{SITE.pattern}|^\S+ থেকে(?: ফিরে)? |(?:^| )\S+ থেকে(?: ফিরে)?$", flags=re.IGNORECASE)
_PARENTHESES = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*")
_WORD = r"[a-zA-Z\u0980-\u09e3\u09f0\u09f1\u200d\u00c0-\u024f’':.\-–]+"
_NAME = re.compile(rf"{_WORD}(?: {_WORD}){{0,7}}")
_EDGES = " \u00a0,.:ঃ।-–—*\"“”‘’'"

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
    if len(text) > _LONGEST or is_initials(text):
        return []
    text = _once(_DATED.sub("", _ADDRESS.sub(" | ", normalize(text))))
    credits = [credit for token in _tokens(text) for credit in _read(*token)]
    has_person = any(credit.kind == "person" for credit in credits)
    kept = [credit for credit in credits if credit.kind != "role" or credit.enumerated or not has_person]
    if any(credit.kind == "person" and " " in credit.name for credit in kept):
        # After a full name, a comma and one word give the place: "জুলফিকার রায়হান, তালা".
        kept = [c for c in kept if c.kind != "person" or " " in c.name or c.enumerated]
    authors = [_author(credit) for credit in kept if credit.kind != "medium" or len(kept) == 1]
    return list({fold(author.name): author for author in reversed(authors)}.values())[::-1]


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


def _tokens(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a byline, each with whether ও or its like joins it to the one before."""
    for segment in _SEPARATOR.split(_VISARGA_AS_COLON.sub(r"\1:", text)):
        pieces = _LISTED.split(_credited(segment.strip()))
        joiners = [",", *pieces[1::2]]
        for piece, joiner in zip(pieces[::2], joiners, strict=True):
            yield piece.strip(_EDGES), joiner is None


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
        return tail if agency_code(tail) else ""
    signed = _ENDS_IN_ROLE.fullmatch(head) and 1 < len(tail.split()) < 5 and _is_name(tail)
    return tail if signed and not _INFLECTED.search(tail) else head


def _read(token: str, enumerated: bool) -> list[_Credit]:
    if token[:1] in {"(", "["} and token[-1:] in {")", "]"}:
        token = token[1:-1]
    bare = _PARENTHESES.sub(" ", token).strip(_EDGES)
    if fold(bare) in EDITIONS or fold(bare) in PAPERS:
        return []
    if agency_code(bare):
        return [_Credit(bare, "agency", enumerated)]
    if fold(bare) in FOREIGN_MEDIA:
        return [_Credit(bare, "medium", enumerated)]
    role = _ENDS_IN_ROLE.fullmatch(bare)
    if role:
        return _read_role(role, bare if token.endswith((")", "]")) else token, enumerated)
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
    return name if len(names) > 1 and _is_name(name) else None


def _read_name(bare: str, enumerated: bool) -> list[_Credit]:
    led = _STARTS_WITH_ROLE.fullmatch(bare)
    if led:
        name = led["rest"].strip(_EDGES)
        is_person = " " in name and _is_name(name) and not is_place(name)
        return [_Credit(name, "person", enumerated) if is_person else _Credit(led["role"], "role", enumerated)]
    supplied = _ENDS_IN_AGENCY.fullmatch(bare)
    if supplied:
        sender = _read(supplied["head"], enumerated)
        return [*sender, _Credit(supplied["agency"], "agency")] if sender else []
    names = bare.split()
    if len(names) > 2 and is_district(names[-1]):
        names.pop()
    name = " ".join(names)
    return [_Credit(name, "person", enumerated)] if _is_name(name) and not is_place(name) else []


def _is_name(name: str) -> bool:
    """Say whether a text can be a person's name; one word alone only in Bengali: others are logins."""
    names = name.split()
    if not _NAME.fullmatch(name) or MEDIA_WORD.search(name) or ORGANISATION_WORD.search(name):
        return False
    if any(word.lower() in SENTENCE_WORDS for word in names) or sum(len(word) > 3 for word in names) > 5:
        return False
    if name.isascii():
        return len(names) > 1 and name.lower() != name
    return len(names) > 1 or len(fold(name)) > 2
