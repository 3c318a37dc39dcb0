"""HTML pages that link to articles: of a section, and of a day in an archive."""

import re
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from parsel import Selector
from w3lib.encoding import html_to_unicode
from w3lib.html import get_base_url

from crawler.model.addresses import absolute, host_of
from crawler.model.listing import Listing
from crawler.model.span import Span
from crawler.outlets.sources.base import (
    FIRST_PAGE,
    BrokenSource,
    NewestArticles,
    NothingListed,
    Paging,
    Source,
    Visit,
    dated,
    published_hint,
)
from crawler.outlets.sources.by_day import SourceByDay

LINKS = "descendant-or-self::a[@href]"
TO_PAGES = "//a/@href | //link[contains(@rel, 'next')]/@href"

# Links beside the listing, in tickers and lists of the most read, are of every section. The header of a row of the
# listing is part of it.
BESIDE = "//nav//a | //aside//a | //*[self::header or self::footer][not(ancestor::article or ancestor::main)]//a"


@dataclass(frozen=True)
class HtmlPage(Source):
    """A page of links, and the pages after it.

    `pages` is a template of the addresses of the further pages, relative to the first (`?page={page}`). `links` is a
    CSS selector of the links or of elements around them, needed if addresses alone do not identify articles. `dates`
    is a selector of the elements with the articles' dates.
    """

    pages: str | None = None
    links: str | None = None
    dates: str | None = None

    takes_links_beside: ClassVar[bool] = True

    def listings(self, body: bytes, url: str, content_type: str | None, span: Span) -> list[Listing]:
        """Return the addresses of all links; those beside the listing do not count as national."""
        page, base = _parsed(body, url, content_type)
        links = (page.css(self.links) if self.links else page).xpath(LINKS)
        if not links:
            fault = NothingListed if page.xpath(LINKS) else BrokenSource
            raise fault("it answered with a page that has no links to articles")
        dates = _dates_below(page, self.dates) if self.dates else {}
        beside = set(page.root.xpath(BESIDE))
        found: dict[str, datetime | date | None] = {}
        listed: set[str] = set()
        for link in links:
            address = absolute(base, link.attrib["href"])
            if address:
                found[address] = found.get(address) or _date_beside(link.root, dates, span.zone)
                listed |= set() if link.root in beside else {address}
        return [
            Listing(address, day, None, self.national and address in listed, self.url)
            for address, day in found.items()
            if address in listed or self.takes_links_beside
        ]


@dataclass(frozen=True)
class Section(NewestArticles, HtmlPage):
    """A section page and the pages after it, up to `limit` of them."""

    def following(self, paging: Paging) -> str | None:
        return urljoin(self.url, self.pages.format(page=paging.page)) if self.pages else None


@dataclass(frozen=True)
class ArchivePage(SourceByDay, HtmlPage):
    """The page of a day in an outlet's archive, and the pages after it, until one lists nothing new.

    `pages`, or `{page}` in the address, leads to the pages after the first. With `links` the selected links are dated
    by the day; else all links count but those beside the listing, and their pages have the date. With
    `is_absent_when_empty` a 404 means that the day has no articles (WordPress's /2022/07/12/).
    """

    is_absent_when_empty: bool = False

    takes_links_beside: ClassVar[bool] = False

    def listings(self, body: bytes, url: str, content_type: str | None, span: Span) -> list[Listing]:
        found = super().listings(body, url, content_type, span)
        return dated(found, span.since) if self.links else found

    def address(self, span: Span, paging: Paging = FIRST_PAGE) -> str:
        address = super().address(span, paging)
        if self.pages is None or paging.page == 1:
            return address
        return urljoin(address, self.pages.format(page=paging.page))

    def is_own_page(self, visit: Visit, url: str) -> bool:
        """Return whether a link leads to the archive, also to another language or day: even the last page has these."""
        path = re.escape(_shape(urlsplit(visit.url).path).rstrip("/"))
        if not path:  # at the site's root only the query distinguishes the archive from an article
            return host_of(url) == host_of(visit.url) and _page(_shape(url)) == _page(_shape(visit.url))
        return re.search(f"{path}/?(?![^?&#])", _shape(url)) is not None

    def announces(self, body: bytes, url: str, content_type: str | None, following: Visit) -> bool:
        page, base = _parsed(body, url, content_type)
        links = {absolute(base, link.get()) for link in page.xpath(TO_PAGES)}
        return _page(following.url) in map(_page, filter(None, links))

    def is_absent(self, visit: Visit, reason: str, body: bytes = b"") -> bool:
        return super().is_absent(visit, reason, body) or (self.is_absent_when_empty and reason == "http-404")


def _page(address: str) -> tuple[str, list[tuple[str, str]]]:
    """Return path and parameters of an address, which identify a page under any name of the site."""
    parts = urlsplit(address)
    return unquote(parts.path).rstrip("/"), sorted(parse_qsl(parts.query, keep_blank_values=True))


def _shape(address: str) -> str:
    """Return an address with 0 for each of its numbers."""
    return re.sub(r"\d+", "0", unquote(address))


def _parsed(body: bytes, url: str, content_type: str | None) -> tuple[Selector, str]:
    """Return a page, and the address to which its links are relative."""
    _, text = html_to_unicode(content_type, body, default_encoding="utf8")
    with suppress(ValueError):
        url = get_base_url(text, url)
    return Selector(text=text, type="html"), url


def _dates_below(page: Selector, selector: str) -> dict[Any, list[Any]]:
    below = defaultdict(list)
    for found in page.css(selector):
        for element in (found.root, *found.root.iterancestors()):
            below[element].append(found.root)
    return below


def _date_beside(link: Any, dates: dict[Any, list[Any]], zone: tzinfo) -> datetime | date | None:
    for element in (link, *link.iterancestors()):
        if element in dates:
            nearest, *others = dates[element]
            stated = nearest.get("data-published") or nearest.get("datetime") or "".join(nearest.itertext())
            return None if others else published_hint(stated, zone)
    return None
