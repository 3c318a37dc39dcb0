"""Section pages: HTML pages that link to articles."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from typing import Any, Self
from urllib.parse import urljoin

from parsel import Selector
from w3lib.encoding import html_to_unicode
from w3lib.html import get_base_url

from crawler.addresses import absolute
from crawler.items import Listing
from crawler.sources.base import BrokenSource, Source, Visit, published_hint
from crawler.span import Span

# A ticker or a list of the most read beside the listing holds stories of every section. The header of a row of
# the listing is not beside it.
BESIDE = "//nav//a | //aside//a | //*[self::header or self::footer][not(ancestor::article or ancestor::main)]//a"


@dataclass(frozen=True)
class Section(Source):
    """A section page and the pages after it.

    `pages` is a template of the addresses of the further pages, relative to the first (`?page={page}`);
    `links` is a CSS selector of the links, or of elements around them, where addresses alone don't tell;
    `dates` is one of the elements that hold the dates of the articles listed.
    """

    pages: str | None = None
    links: str | None = None
    dates: str | None = None
    limit: int = 10

    def completed(self, pages: str | None, dates: str | None) -> Self:
        """Return the section with the outlet's own ways where it states none."""
        return replace(self, pages=self.pages or pages, dates=self.dates or dates)

    def listings(self, body: bytes, url: str, content_type: str | None, span: Span) -> list[Listing]:
        """Return the addresses the page links to, in order; the outlet's pattern chooses among them."""
        _, text = html_to_unicode(content_type, body, default_encoding="utf8")
        page, base = Selector(text=text, type="html"), _base(text, url)
        links = (page.css(self.links) if self.links else page).xpath("descendant-or-self::a[@href]")
        if not links:
            raise BrokenSource("it answered with a page that has no links to articles")
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
            Listing(address, day, None, self.national and address in listed, self.url) for address, day in found.items()
        ]

    def next_page(self, visit: Visit) -> Visit | None:
        """Return the request for the page after this one, up to the limit."""
        if self.pages is None or visit.page >= self.limit:
            return None
        number = visit.page + 1
        return replace(visit, url=urljoin(self.url, self.pages.format(page=number)), page=number)


def _base(text: str, url: str) -> str:
    try:
        return get_base_url(text, url)
    except ValueError:
        return url


def _dates_below(page: Selector, selector: str) -> dict[Any, list[Any]]:
    """Return every element that holds dates with the elements of these dates."""
    below = defaultdict(list)
    for found in page.css(selector):
        for element in (found.root, *found.root.iterancestors()):
            below[element].append(found.root)
    return below


def _date_beside(link: Any, dates: dict[Any, list[Any]], zone: tzinfo) -> datetime | date | None:
    """Return the date of the row a link stands in: the nearest, unless several are as near."""
    for element in (link, *link.iterancestors()):
        if element in dates:
            nearest = dates[element]
            return _date_in(nearest[0], zone) if len(nearest) == 1 else None
    return None


def _date_in(element: Any, zone: tzinfo) -> datetime | date | None:
    stated = element.get("data-published") or element.get("datetime")
    return published_hint(stated or "".join(element.itertext()), zone)
