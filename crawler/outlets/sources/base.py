"""Sources, the visits to them, and the reading of their answers."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, tzinfo
from functools import cache
from html import unescape
from typing import Any, ClassVar, Self, get_type_hints
from urllib.parse import urljoin

from crawler.bengali.dates import find_published, parse_machine_date
from crawler.model.addresses import is_front_page
from crawler.model.listing import Listing
from crawler.model.span import Span

# A day's list ends after this number of pages without a new article: advertisements and calendars go on.
MOST_BARREN = 3
PLAUSIBLE_YEARS = range(1900, 2200)
TAG = re.compile(r"<[^<>]*>")
NOUNS = {bool: "True or False", int: "a whole number from 1 on"}
HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body")


class BrokenSource(Exception):
    """An answer that is not a whole listing, with its entries and the visit to the page after it, if there is one."""

    def __init__(self, complaint: str, listings: Sequence[Listing] = (), following: Visit | None = None) -> None:
        super().__init__(complaint)
        self.listings = list(listings)
        self.following = following


class NothingMore(BrokenSource):
    """An answer that is not a listing, but may be that for a page after the last."""


class NothingListed(NothingMore):
    """An answer that may also be that for a day without articles."""


@dataclass(frozen=True)
class Source(ABC):
    """An address that lists articles; `national` if it lists only national news."""

    url: str
    national: bool = False

    def __post_init__(self) -> None:
        """Raise TypeError for a value of a wrong kind when the module of an outlet is loaded."""
        check_kinds(self)

    # Whether an empty list of a past day is believed although days near it have articles; else it is a fault.
    may_be_empty: ClassVar[bool] = False

    def at(self, home: str | None) -> Self:
        return replace(self, url=urljoin(home, self.url)) if home else self

    def reach(self, span: Span) -> Span | None:
        """Return the part of a span that the source can list, or None."""
        return span

    def visits(self, span: Span) -> Iterator[Visit]:
        yield Visit(self, self.url, span)

    @abstractmethod
    def listings(self, body: bytes, url: str, content_type: str | None, span: Span) -> list[Listing]:
        """Return the entries of an answer, in its order. Raises BrokenSource if it is not a whole listing."""

    def post_body(self, paging: Paging) -> bytes | None:
        """Return the JSON of a page's POST request; None for a GET."""
        return None

    def further(self, body: bytes, visit: Visit) -> list[Visit]:
        """Return the visits that an answer names, such as the sitemaps of an index. Raises BrokenSource."""
        return []

    def next_page(self, visit: Visit, listed: int, headers: Mapping[str, str]) -> Visit | None:
        """Return the visit to the page after this one, or None after the last. Raises BrokenSource.

        `listed` is the number of this page's articles, `headers` are its answer's by lower-case name.
        """
        return None

    def announces(self, body: bytes, url: str, content_type: str | None, following: Visit) -> bool:
        """Return whether an answer promises the page after it, which must then list something."""
        return False

    def is_absent(self, visit: Visit, reason: str, body: bytes = b"") -> bool:
        """Return whether a failed visit means that there is nothing more: its page was after the last."""
        return not visit.paging.is_due and reason in ("http-404", "http-410")

    def is_own_page(self, visit: Visit, url: str) -> bool:
        """Return whether a link on a page leads to another page of the listing."""
        return False

    def leads_elsewhere(self, visit: Visit, url: str) -> bool:
        """Return whether a visit ended on an address with another list."""
        return is_front_page(url) and not is_front_page(visit.url)


@dataclass(frozen=True)
class NewestArticles(Source):
    """A list of a section's newest articles, and the pages after it, up to `limit` of them."""

    limit: int = 10

    @abstractmethod
    def following(self, paging: Paging) -> str | None:
        """Return the address of a page after the first, or None if there is only one."""

    def next_page(self, visit: Visit, listed: int, headers: Mapping[str, str]) -> Visit | None:
        paging = visit.paging.after(listed)
        address = self.following(paging) if paging.page <= self.limit else None
        return replace(visit, url=address, paging=paging) if address else None


@dataclass(frozen=True, slots=True)
class Paging:
    """The number of a page (from 1), and the facts from the pages before it.

    `seen` are the keys of their articles and, for a source by day, the addresses of their other entries. `offset` is
    the number of their entries, `barren` that of the last pages in a row without a new article. `promised` is the
    stated number of pages (0: unknown), `total` that of articles. `is_linked` if only a link promises this page.
    """

    page: int = 1
    offset: int = 0
    seen: frozenset[str] = frozenset()
    barren: int = 0
    promised: int = 0
    is_linked: bool = False
    total: int | None = None

    @property
    def is_due(self) -> bool:
        """Whether the page must exist: the first, or one that a page before it promises."""
        return self.page <= max(1, self.promised)

    @property
    def is_barren_so_far(self) -> bool:
        """Whether no page before this one listed an article."""
        return self.barren == self.page - 1

    def after(self, listed: int) -> Paging:
        return replace(self, page=self.page + 1, offset=self.offset + listed)

    def having_seen(self, keys: Set[str]) -> Paging:
        """Return the paging of this page if the one before has these keys too."""
        return replace(self, seen=self.seen | keys)

    def unless_day_ends(self, entries: Mapping[str, bool]) -> Paging | None:
        """Return this page's paging, None if the one before, with these entries (True: articles), ended the day."""
        articles = {key for key, is_article in entries.items() if is_article}
        barren = 0 if articles - self.seen else self.barren + 1
        has_more = entries.keys() - self.seen and barren < MOST_BARREN
        if has_more or (self.is_due and not self.is_linked):
            return replace(self.having_seen(entries.keys()), barren=barren)
        return None


FIRST_PAGE = Paging()


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to a source: its days, its depth below an index (from 0), and the page of the list."""

    source: Source
    url: str
    span: Span
    depth: int = 0
    paging: Paging = FIRST_PAGE

    @property
    def once_more(self) -> Visit | None:
        """The visit to the same page as one that may be missing, if only a link promised it."""
        paging = self.paging
        is_only_linked = paging.is_linked and paging.is_due
        return replace(self, paging=replace(paging, promised=0, is_linked=False)) if is_only_linked else None


@dataclass(frozen=True, slots=True)
class Reading:
    """The entries of an answer, the visits that it names, and the page after it if there may be one."""

    listings: list[Listing]
    further: list[Visit]
    following: Visit | None = None


def read(visit: Visit, body: bytes, url: str, content_type: str | None, headers: Mapping[str, str]) -> Reading:
    """Return the content of a visit's answer; runs in a thread. Raises BrokenSource."""
    source, listings = visit.source, list[Listing]()
    try:
        _check(visit, body, url)
        listings = source.listings(body, url, content_type, visit.span)
        further, following = source.further(body, visit), source.next_page(visit, len(listings), headers)
        # A link on a page without a new article proves nothing: advertisements and calendars go on.
        if following and not visit.paging.barren and source.announces(body, url, content_type, following):
            paging = replace(following.paging, promised=following.paging.page, is_linked=True)
            following = replace(following, paging=paging)
        return Reading(listings, further, following)
    except NothingMore:
        if visit.paging.is_due:
            raise
        return Reading([], [])
    except BrokenSource as error:
        error.listings = error.listings or listings
        if error.listings and error.following is None:
            # The pages after a broken one may be whole.
            with suppress(BrokenSource):
                error.following = source.next_page(visit, len(error.listings), headers)
        raise
    except (ValueError, OverflowError) as error:
        # The parsers raise these for damaged bytes.
        raise BrokenSource(f"it can't be read ({error})") from error


def _check(visit: Visit, body: bytes, url: str) -> None:
    if not body.strip():
        raise BrokenSource("it answered with an empty body")
    if visit.source.leads_elsewhere(visit, url):
        raise NothingListed("it leads to the front page" if is_front_page(url) else f"it leads to {url}")


def reach(sources: Iterable[Source], span: Span) -> Span | None:
    """Return the days from the first to the last of a span that a source can list, or None."""
    parts = [part for source in sources if (part := source.reach(span))]
    if not parts:
        return None
    return replace(span, since=min(part.since for part in parts), until=max(part.until for part in parts))


def days_listed(sources: Iterable[Source], span: Span) -> set[date]:
    """Return the days of a span that a source can list; there may be gaps between them."""
    return {day for source in sources if (part := source.reach(span)) for day in part.days()}


def check_kinds(declared: Any) -> None:
    """Raise TypeError for the first field of a dataclass whose value does not have the field's type."""
    for name, kind in _kinds(declared.__class__).items():
        value = getattr(declared, name)
        is_other_int = kind is int and (isinstance(value, bool) or (isinstance(value, int) and value < 1))
        if not isinstance(value, kind) or is_other_int:
            raise TypeError(f"{type(declared).__name__}: {name} must be {NOUNS.get(kind, 'a text')}, not {value!r}")


@cache
def _kinds(declaration: Any) -> dict[str, Any]:
    hints = get_type_hints(declaration)
    return {field.name: hints[field.name] for field in fields(declaration)}


def is_html(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:20].lower().startswith(HTML_STARTS)


def is_cut_short(body: bytes, roots: str) -> bool:
    """Return whether the end tag of an XML root, one of `a|b`, is missing; False if tags are not ASCII."""
    name = rb"(?:[\w.-]+:)?(?:%b)" % roots.encode()
    opened = re.search(rb"<%b(?=[\s>/])[^>]*" % name, body, re.IGNORECASE)
    if opened is None or opened[0].endswith(b"/"):
        return False
    return re.compile(rb"</%b\s*>" % name, re.IGNORECASE).search(body, opened.end()) is None


def dated(listings: Iterable[Listing], day: date) -> list[Listing]:
    """Return listings, those without a date with this day."""
    return [listing if listing.published else replace(listing, published=day) for listing in listings]


def published_hint(text: str | None, zone: tzinfo) -> datetime | date | None:
    """Return the date in a text of any form: a moment, a day if there is no time, or None."""
    moment = (parse_machine_date(text, zone) or find_published(text, zone)) if text else None
    if moment is None or moment.precision in ("month", "year") or moment.at.year not in PLAUSIBLE_YEARS:
        return None
    at: datetime = moment.at
    return at.date() if moment.precision == "day" else at


def plain_title(title: Any) -> str | None:
    """Return a title without tags and character references: some sources wrap it in a link."""
    return unescape(TAG.sub("", title)).strip() or None if isinstance(title, str) else None
