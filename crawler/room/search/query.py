"""The query language: words, "exact phrases", and filters such as `outlet:samakal since:2022-07-12`."""

import calendar
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from crawler.bengali.stems import search_words
from crawler.bengali.text import fold

# Nobody writes more: each word costs time, and each link of a page of results has the whole query.
WORDS, CHARACTERS = 32, 600
# More and longer values of a filter in an address are not read.
MOST_VALUES, VALUE_CHARACTERS = 20, 100
QUOTES = str.maketrans("“”„‟«»", '""""""')
# A filter's name and its value, quoted or not; a quoted phrase, whose end may be missing; a word.
NAMED = "(?:outlet|author|section|agency|language|scope|since|until):"
PART = re.compile(
    rf'(?P<name>{NAMED})(?:\s*"(?P<quoted>[^"]*)"?|\s*(?!{NAMED})(?P<plain>\S+)|)'
    r'|"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+)',
    re.IGNORECASE,
)
DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
DIGITS = str.maketrans("০১২৩৪৫৬৭৮৯", "0123456789")

Words = tuple[str, ...]
# Values by the name of their filter and their own folded name: {"outlet": {"সমকাল": "samakal"}}.
Codes = Mapping[str, Mapping[str, str]]
NO_CODES: Codes = {}


@dataclass(frozen=True, slots=True)
class Filters:
    """Allowed values by name, none for any value, and the days of publication, both inclusive."""

    outlet: Words = ()
    author: Words = ()
    section: Words = ()
    agency: Words = ()
    language: Words = ()
    scope: Words = ()
    since: date | None = None
    until: date | None = None

    def __or__(self, other: "Filters") -> "Filters":
        """Return the filters of both; the later `since` and the earlier `until` count."""
        values = {name: tuple(dict.fromkeys((*getattr(self, name), *getattr(other, name)))) for name in NAMES}
        since = max(filter(None, (self.since, other.since)), default=None)
        until = min(filter(None, (self.until, other.until)), default=None)
        return Filters(**values, since=since, until=until)

    def without(self, name: str) -> "Filters":
        """Return the filters without the values of one."""
        nothing: Any = ()
        return replace(self, **{name: nothing})


NO_FILTERS = Filters()
NAMES = tuple(field.name for field in fields(Filters))[:-2]


@dataclass(frozen=True, slots=True)
class Query:
    """What a match contains: phrases of folded words as they are, words in any form, and filters.

    `ignored` are filters without a valid value; `was_cut` says that the end of the query was ignored.
    """

    phrases: tuple[Words, ...] = ()
    words: Words = ()
    filters: Filters = NO_FILTERS
    ignored: Words = ()
    was_cut: bool = False


def query_in(parameter: str) -> str:
    """Return the query in a parameter of an address; of one that is too long, a text that still is."""
    return parameter.strip()[: CHARACTERS + 1]


def values_in(parameters: Iterable[str]) -> tuple[str, ...]:
    """Return the values of a filter in the parameters of an address."""
    values = dict.fromkeys(value for value in parameters if 0 < len(value) <= VALUE_CHARACTERS)
    return tuple(values)[:MOST_VALUES]


def parse(text: str, codes: Codes = NO_CODES) -> Query:
    """Return the query in a text; any text is one. A value of a filter may be a name that `codes` know."""
    text = text.translate(QUOTES)
    was_cut = len(text) > CHARACTERS
    phrases: list[Words] = []
    words: dict[str, None] = {}
    ignored: list[str] = []
    filters, count = NO_FILTERS, 0
    for part in PART.finditer(text[:CHARACTERS]):
        if part["name"]:
            value = part["quoted"] if part["quoted"] is not None else part["plain"] or ""
            chosen = _filter(part["name"].lower().removesuffix(":"), value, codes)
            filters = filters | (chosen or NO_FILTERS)
            ignored += [] if chosen else [part[0]]
            continue
        found = search_words(part["phrase"] if part["phrase"] is not None else part["word"])
        was_cut = was_cut or count + len(found) > WORDS
        found = found[: WORDS - count]
        count += len(found)
        if part["phrase"] is not None and found:
            phrases.append(tuple(found))
        else:
            words |= dict.fromkeys(found)
    return Query(tuple(dict.fromkeys(phrases)), tuple(words), filters, tuple(ignored), was_cut)


def _filter(name: str, value: str, codes: Codes) -> Filters | None:
    if name in NAMES:
        folded = fold(value)
        chosen: Any = (codes.get(name, {}).get(folded, value),) if folded else None
    else:
        chosen = day_in(value, is_end=name == "until")
    return replace(NO_FILTERS, **{name: chosen}) if chosen else None


def day_in(text: str, is_end: bool = False) -> date | None:
    """Return the day of `2022-07-12`, or the first or last day of `2022-07` or `2022`; None for other texts."""
    match = DAY.fullmatch(text.strip().translate(DIGITS))
    if match is None:
        return None
    year, month, day = (int(number) if number else None for number in match.groups())
    try:
        month = month or (12 if is_end else 1)
        return date(year or 0, month, day or (calendar.monthrange(year or 0, month)[1] if is_end else 1))
    except ValueError:
        return None
