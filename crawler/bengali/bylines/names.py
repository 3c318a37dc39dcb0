"""Parse bylines into authors: persons, desks and agencies."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from crawler.bengali.bylines.persons import count_long_words, is_initials, is_name
from crawler.bengali.bylines.vocabulary import (
    AGENCY,
    CODES,
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
    agency_code,
)
from crawler.bengali.places import is_district, is_place
from crawler.bengali.sections import genre_of, is_section
from crawler.bengali.text import any_of, fold, normalize, patterns
from crawler.model.article import Author

# A longer text is not a byline.
_LONGEST_BYLINE = 400
_ADDRESS = re.compile(
    r"[(\[<]?(?:(?:https?://|www\.)[^\s)\]>]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|@[a-z0-9_.]+|(?:facebook|twitter|x)\.com/[^\s)\]>]+)[)\]>]?",
    re.IGNORECASE,
)
_TELEPHONE = re.compile(r"(?:\+?[8৮]{2})?[0০][1১][\d০-৯][\d০-৯ -]{7,11}")

# Dates with their labels, and what follows them in the same part of a byline.
_DATED = patterns(
    rf"\s+on(?=\s*(?:\Z|[|\d০-৯]|{MONTH}))",
    r"(?:প্রকাশ(?:িত|ের সময়|কাল)?|(?:সর্বশেষ )?আপডেট|হালনাগাদ|published|updated|posted on)\s*[:ঃ].*",
    rf"(?:\S+বার,?\s*)?(?<![০-৯\d])[০-৯\d]{{1,2}}(?:লা|রা|ঠা|ই|শে)?\s*{MONTH}[^|\n]*",
    rf"(?:\S+বার,?\s*)?(?<!\S){MONTH}\S*\s*[০-৯\d]{{1,2}}(?:লা|রা|ঠা|ই|শে)?,?\s*[১২12][০-৯\d]{{3}}[^|\n]*",
    r"(?<![০-৯\d])[০-৯\d]{1,4}[/\-.:][০-৯\d]{1,2}(?![০-৯\d])[^|\n]*",
    flags=re.IGNORECASE,
)

# Every address, telephone number and date has one of these signs. Looking for them first is faster.
_DETAIL_SIGN = re.compile(r"[\d@./:ঃ]|\son", re.IGNORECASE)
_SEPARATOR = re.compile(r"[|;•·॥\n\t/►»\u2190-\u2bff\U0001f000-\U0001faff]+|(?:^|\s)[-–—]+|[-–—]+(?:\s|$)")
_LISTED = patterns(r"\s*([,،])\s*", r"\s+(?:ও|এবং|and|&)(?:\s+|$)", flags=re.IGNORECASE)

# A visarga in the place of a colon after a role: নিউজ ডেস্কঃ.
_VISARGA_AS_COLON = patterns(rf"((?:{CORRESPONDENT}|{DESK}))ঃ(?=\s|$)", r"\s+ঃ", flags=re.IGNORECASE)
_DASH = re.compile("[-–—]")

# A dash in the place of a colon: ছবি- নাজনীন আক্তার.
_CREDIT_DASH = patterns(r"((?:^|\s)(?:ছবি|আলোকচিত্র|ফটো|ভিডিও|photo|video))\s*[-–—]\s*", flags=re.IGNORECASE)

# The colon of an abbreviation like মো: is a visarga (মোঃ), not a separator.
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

# A correspondent without modifiers, who keeps the place: "প্রতিনিধি, ধামরাই".
_BARE_ROLE = patterns(rf"(?:{CORRESPONDENT})", flags=re.IGNORECASE)
_ENDS_IN_AGENCY = patterns(rf"(?P<head>.+?)\s+(?P<agency>{AGENCY})", flags=re.IGNORECASE)

# Words after the source of an adapted or translated text: এএফপি অবলম্বনে.
_ADAPTED = patterns(r"\s+(?:অবলম্বনে|থেকে অনূদিত)$")

# Signs of headlines and sentences.
_QUOTING = re.compile("[“‘?!]")

# Words after a name and a colon: "কামরুল হাসান: অধ্যাপক, অর্থনীতি বিভাগ".
_DESIGNATION = patterns(rf"{ORGANISATION_WORD.pattern}|{TITLE}|{CORRESPONDENT}", flags=re.IGNORECASE)

# A text after a role and a colon is a name if it has fewer long words than this. With more it is the body.
_LONG_WORDS_OF_BODY = 5
_LOGIN = re.compile(r"[a-z0-9_.@-]+")

# The address of a site or "লন্ডন থেকে", before or after a name.
_BESIDE_NAME = patterns(rf"{SITE.pattern}|^\S+ থেকে(?: ফিরে)? |(?:^| )\S+ থেকে(?: ফিরে)?$", flags=re.IGNORECASE)
_DESK_OR_AGENCY, _MEDIUM = re.compile(any_of([*DESK_WORDS, *CODES])), re.compile(any_of(FOREIGN_MEDIA))
_PARENTHESES = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*")
_EDGES = " \u00a0,.:ঃ।-–—*@\"”’'"
_Kind = Literal["person", "desk", "agency", "medium", "role"]


@dataclass(frozen=True)
class _Credit:
    """One name in a byline, and whether a conjunction (ও) joins it to the name before.

    A role belongs to the person beside it; without a person it is a desk.
    """

    name: str
    kind: _Kind
    joined: bool = False


def parse_byline(text: str) -> list[Author]:
    """Return the authors that a byline names, in its order and each once.

    Roles, places, dates, editions and addresses beside a name are dropped.
    """
    text = text.strip()
    return [] if len(text) > _LONGEST_BYLINE or is_initials(text) else list(_authors(text))


# Cached because pages repeat their byline.
@lru_cache(maxsize=16)
def _authors(text: str) -> tuple[Author, ...]:
    text = normalize(text)
    if _DETAIL_SIGN.search(text):
        text = _DATED.sub("", _TELEPHONE.sub(" | ", _ADDRESS.sub(" | ", text)))
    text = _without_repetition(text)
    parts = [part for segment in _segments(text) for part in _parts(segment)]
    kept = _credible([(part, _parse_part(part, joined)) for part, joined in parts])
    authors = [_author(credit) for credit in kept if credit.kind != "medium" or len(kept) == 1]
    return tuple({fold(author.name): author for author in reversed(authors)}.values())[::-1]


def may_name_desk(text: str) -> bool:
    """Return whether a text may name desks, agencies or media; faster than `parse_byline`."""
    lowered, folded = normalize(text).lower(), fold(text)
    return _DESK_OR_AGENCY.search(lowered) is not None or _MEDIUM.search(folded) is not None


def _credible(parts: list[tuple[str, list[_Credit]]]) -> list[_Credit]:
    """Return the credits of all parts without doubtful persons and without the roles of persons."""
    credits = [credit for _, found in parts for credit in found]
    persons = [credit for credit in credits if credit.kind == "person"]
    persons = [] if any(_is_sentence(part) for part, _ in parts) else persons
    has_full_name = any(" " in credit.name for credit in persons)
    if has_full_name or not all(found or _accompanies_names(part) for part, found in parts):
        # A single word after a full name and a comma is a place: "জুলফিকার রায়হান, তালা".
        persons = [credit for credit in persons if " " in credit.name or (has_full_name and credit.joined)]
    roles = [c for c in credits if c.kind == "role" and (c.joined or not persons)]
    return [c for c in credits if c in persons or c in roles or c.kind not in {"person", "role"}]


def _author(credit: _Credit) -> Author:
    if credit.kind == "role":
        return Author(credit.name, "desk")
    return Author(credit.name, "agency" if credit.kind == "medium" else credit.kind)


def _without_repetition(text: str) -> str:
    """Return a text, or its half if both halves are the same."""
    text = text.strip()
    for end in (len(text) // 2, (len(text) + 1) // 2):
        first, second = text[:end].strip(), text[end:].strip(_EDGES + "|")
        if first and first.strip(_EDGES + "|") == second:
            return second
    return text


def _segments(text: str) -> list[str]:
    text = _VISARGA_AS_COLON.sub(r"\1:", text) if "ঃ" in text else text
    text = _CREDIT_DASH.sub(r"\1: ", text) if _DASH.search(text) else text
    return [_author_part(part.strip()) for part in _SEPARATOR.split(text)]


def _parts(segment: str) -> list[tuple[str, bool]]:
    """Return the parts of a segment, each with a flag: a conjunction (ও) joins it to the part before."""
    pieces = _LISTED.split(segment)
    joiners = [",", *pieces[1::2]]
    parts = [(part.strip(_EDGES), joiner is None) for part, joiner in zip(pieces[::2], joiners, strict=True)]
    for place, (part, _) in enumerate(parts[1:], 1):
        role, joined = parts[place - 1]
        if _BARE_ROLE.fullmatch(role) and is_place(part):
            parts[place - 1 : place + 1] = [(f"{role}, {part}", joined)]
            break
    return parts


def _is_sentence(part: str) -> bool:
    words = part.split()
    is_sentence = len(words) > 1 and any(word in SENTENCE_WORDS for word in words) and not _BESIDE_NAME.search(part)
    return is_sentence or _QUOTING.search(part) is not None


def _accompanies_names(part: str) -> bool:
    """Return whether a part is empty, a place, an edition or a newspaper, which are often beside names."""
    return not part or is_place(part) or (folded := fold(part)) in EDITIONS or folded in PAPERS


def _author_part(segment: str) -> str:
    """Return the part of a segment that can name authors: not the label, a credit of a picture, or the body."""
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
        is_short = " " in tail and count_long_words(tail) < _LONG_WORDS_OF_BODY
        return tail if is_short and is_name(tail) else head
    is_headline = len(tail.split()) > 1 and is_name(head) and not _DESIGNATION.search(tail)
    return "" if is_headline else head


def _parse_part(part: str, joined: bool) -> list[_Credit]:
    if part[:1] in {"(", "["} and part[-1:] in {")", "]"}:
        part = part[1:-1]
    bare = _ADAPTED.sub("", _PARENTHESES.sub(" ", part)).strip(_EDGES)
    folded = fold(bare)
    if folded in EDITIONS or folded in PAPERS:
        return []
    if agency_code(bare):
        return [_Credit(bare, "agency", joined)]
    if _LOGIN.fullmatch(bare):
        return []
    role, comma, _ = bare.partition(", ")
    if folded in FOREIGN_MEDIA or (comma and _BARE_ROLE.fullmatch(role)):
        return [_Credit(bare, "role" if comma else "medium", joined)]
    ending = _ENDS_IN_ROLE.fullmatch(bare)
    if ending:
        return _parse_role(ending, bare if part.endswith((")", "]")) else part, joined)
    return _parse_name(_BESIDE_NAME.sub("", bare).strip(_EDGES), joined)


def _parse_role(match: re.Match[str], whole: str, joined: bool) -> list[_Credit]:
    head = match["head"].strip(_EDGES)
    person = _person_before_role(head, match)
    if person:
        return [_Credit(person, "person", joined)]
    return [] if match["title"] else [_Credit(whole, "role", joined)]


def _person_before_role(head: str, match: re.Match[str]) -> str | None:
    """Return the person in "রাশেদুল ইসলাম কুড়িগ্রাম প্রতিনিধি"; None for "ঢাকা বিশ্ববিদ্যালয় প্রতিনিধি"."""
    names = head.split()
    if match["desk"] or not names or is_place(names[0]) or fold(head) in PAPERS:
        return None
    if match["correspondent"] and not match["modifiers"]:
        if not is_place(names[-1]):
            return None
        names.pop()
    name = " ".join(names)
    return name if len(names) > 1 and is_name(name) else None


def _parse_name(bare: str, joined: bool) -> list[_Credit]:
    after_role = _STARTS_WITH_ROLE.fullmatch(bare)
    if after_role:
        name = after_role["rest"].strip(_EDGES)
        is_person = " " in name and is_name(name) and not is_place(name)
        if is_person:
            return [_Credit(name, "person", joined)]
        has_place = is_place(name) and _BARE_ROLE.fullmatch(after_role["role"])
        return [_Credit(bare if has_place else after_role["role"], "role", joined)]
    with_agency = _ENDS_IN_AGENCY.fullmatch(bare)
    if with_agency:
        authors = _parse_part(with_agency["head"], joined)
        return [*authors, _Credit(with_agency["agency"], "agency")] if authors else []
    names = bare.split()
    # A district after a name of two words is the place of the reporter.
    if len(names) > 2 and is_district(names[-1]):
        names.pop()
    name = " ".join(names)
    is_other = is_place(name) or all(map(is_place, names)) or is_section(name) or genre_of(name) != "news"
    return [_Credit(name, "person", joined)] if is_name(name) and not is_other else []
