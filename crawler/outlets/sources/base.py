"""What every kind of source has in common: it is asked for days and answers with listings."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from typing import ClassVar, Self
from urllib.parse import urljoin

from crawler.bengali.dates import find_published, parse_machine_date
from crawler.model.addresses import is_front_page
from crawler.model.listing import Listing
from crawler.model.span import Span
from crawler.outlets.sources.paging import FIRST_PAGE, Paging

PLAUSIBLE_YEARS = range(1900, 2200)
HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body")


class BrokenSource(Exception):
    """A source answered with something that is no listing, or not the whole of it; the text says what came.

    `listings` are what it lists all the same, `following` the visit to the page after it, if there may be one.
    """

    def __init__(self, complaint: str, listings: Sequence[Listing] = (), following: Visit | None = None) -> None:
        super().__init__(complaint)
        self.listings = list(listings)
        self.following = following


class NothingMore(BrokenSource):
    """A source answered with what can be no listing, but may well be what comes after its last page."""


class NothingListed(NothingMore):
    """A source answered with what may stand for the list of a day that has nothing, too."""


@dataclass(frozen=True)
class Source(ABC):
    """An address that lists articles; `national` when it lists national news only."""

    url: str
    national: bool = False

    # Whether "nothing" is believed of a past day beside days that have articles; else it is a fault that is told.
    may_be_empty: ClassVar[bool] = False

    def at(self, home: str | None) -> Self:
        """Return the source with its address made absolute."""
        return replace(self, url=urljoin(home, self.url)) if home else self

    def reach(self, span: Span) -> Span | None:
        """Return the part of a span that the source can list, or None."""
        return span

    def visits(self, span: Span) -> Iterator[Visit]:
        """Yield the requests to make for the days of a span, newest first."""
        yield Visit(self, self.url, span)

    @abstractmethod
    def listings(self, body: bytes, url: str, content_type: str | None, span: Span) -> list[Listing]:
        """Return what a response lists, in its order. Raises BrokenSource when it is no whole listing."""

    def further(self, body: bytes, visit: Visit) -> list[Visit]:
        """Return the requests that a response asks for by itself: the sitemaps of an index."""
        return []

    def next_page(self, visit: Visit, listed: int, headers: Mapping[str, str]) -> Visit | None:
        """Return the request for the page after this one, or None after the last.

        `listed` is how many articles this page has, `headers` are those of its response, by lower-case name.
        """
        return None

    def announces(self, body: bytes, url: str, content_type: str | None, following: Visit) -> bool:
        """Tell whether a response says that there is the page after it: that must list something then."""
        return False

    def is_absent(self, visit: Visit, reason: str, body: bytes = b"") -> bool:
        """Tell whether a visit that failed says that there is nothing more: it asked for the page after the last.

        `body` is that of the answer.
        """
        return not visit.paging.is_due and reason in ("http-404", "http-410")

    def is_own_page(self, visit: Visit, url: str) -> bool:
        """Tell whether an address that a page lists is no entry, but leads to the listing's own pages."""
        return False

    def leads_elsewhere(self, visit: Visit, url: str) -> bool:
        """Tell whether a visit ended on an address that doesn't list what was asked for."""
        return is_front_page(url) and not is_front_page(visit.url)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to a source: for which days, how deep below an index (from 0), and for which page of its list."""

    source: Source
    url: str
    span: Span
    depth: int = 0
    paging: Paging = FIRST_PAGE

    @property
    def once_more(self) -> Visit | None:
        """The visit to the same page as one that need not be there, where only a link told that it must."""
        return replace(self, paging=self.paging.unlinked()) if self.paging.is_only_linked else None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the response to a visit lists, the visits it asks for, and the page after it if there may be one."""

    listings: list[Listing]
    further: list[Visit]
    following: Visit | None = None


def read(visit: Visit, body: bytes, url: str, content_type: str | None, headers: Mapping[str, str]) -> Reading:
    """Return what the response to a visit tells; made to run in a thread. Raises BrokenSource."""
    source = visit.source
    try:
        _check(visit, body, url)
        listings = source.listings(body, url, content_type, visit.span)
        return _whole(visit, listings, body, url, content_type, headers)
    except NothingMore:
        if visit.paging.is_due:
            raise
        return Reading([], [])
    except BrokenSource as error:
        if error.listings and error.following is None:
            # What is wrong with this page says nothing of those after it.
            with suppress(BrokenSource):
                error.following = source.next_page(visit, len(error.listings), headers)
        raise
    except (ValueError, OverflowError) as error:
        # The parsers' way of giving up on damaged bytes.
        raise BrokenSource(f"it can't be read ({error})") from error


def _whole(
    visit: Visit, listings: list[Listing], body: bytes, url: str, content_type: str | None, headers: Mapping[str, str]
) -> Reading:
    """Return what a response tells beside its listings. Raises BrokenSource with these."""
    source = visit.source
    try:
        further, following = source.further(body, visit), source.next_page(visit, len(listings), headers)
        # Of pages without a new article, none proves the next: advertisements and calendars go on.
        if following and not visit.paging.barren and source.announces(body, url, content_type, following):
            return Reading(listings, further, replace(following, paging=following.paging.linked()))
        return Reading(listings, further, following)
    except BrokenSource as error:
        raise BrokenSource(str(error), listings) from error


def _check(visit: Visit, body: bytes, url: str) -> None:
    """Raise BrokenSource when a response can't be a listing, whatever it says."""
    if not body.strip():
        raise BrokenSource("it answered with an empty body")
    if visit.source.leads_elsewhere(visit, url):
        raise NothingListed("it leads to the front page" if is_front_page(url) else f"it leads to {url}")


def reach(sources: Iterable[Source], span: Span) -> Span | None:
    """Return the days of a span from the first to the last that any of the sources can list, or None."""
    parts = [part for source in sources if (part := source.reach(span))]
    if not parts:
        return None
    return replace(span, since=min(part.since for part in parts), until=max(part.until for part in parts))


def days_listed(sources: Iterable[Source], span: Span) -> set[date]:
    """Return the days of a span that any of the sources can list: one may end long before the next begins."""
    return {day for source in sources if (part := source.reach(span)) for day in part.days()}


def is_html(body: bytes) -> bool:
    """Tell whether a body begins as an HTML page does."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:20].lower().startswith(HTML_STARTS)


def is_cut_short(body: bytes, roots: str) -> bool:
    """Tell whether an XML document whose root is one of `a|b` lacks its end, however ill-formed it is otherwise.

    Of an encoding in which tags are no ASCII nothing is told.
    """
    name = rb"(?:[\w.-]+:)?(?:%b)" % roots.encode()
    opened = re.search(rb"<%b(?=[\s>/])[^>]*" % name, body, re.IGNORECASE)
    if opened is None or opened[0].endswith(b"/"):
        return False
    return re.compile(rb"</%b\s*>" % name, re.IGNORECASE).search(body, opened.end()) is None


def published_hint(text: str | None, zone: tzinfo) -> datetime | date | None:
    """Return the date a source gives in any form: a moment, a day when it gives a day only, or None."""
    moment = (parse_machine_date(text, zone) or find_published(text, zone)) if text else None
    if moment is None or moment.precision in ("month", "year") or moment.at.year not in PLAUSIBLE_YEARS:
        return None
    at: datetime = moment.at
    return at.date() if moment.precision == "day" else at
