"""A page of a source's listing: its entries, and whether further pages may list more."""

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Any

from scrapy import Request
from scrapy.http import Response

from crawler.model.addresses import is_within
from crawler.model.listing import Listing
from crawler.outlets.selection import Selection
from crawler.outlets.sources import Reading, SourceByDay, Visit


def content_type(response: Response) -> str | None:
    return (response.headers.get("Content-Type") or b"").decode("latin-1") or None


def headers_of(response: Response) -> dict[str, str]:
    """Return the values of an answer's header fields by lower-case name."""
    return {str(name).lower(): value for name, value in response.headers.to_unicode_dict().items()}


def list_request(visit: Visit, **options: Any) -> Request:
    """Return the request of a visit, a GET or a POST."""
    body = visit.source.post_body(visit.paging)
    if body is not None:
        options |= {"method": "POST", "body": body, "headers": {"Content-Type": "application/json"}}
    # Two outlets may have an address in common, and the pages of one list too.
    return Request(visit.url, dont_filter=True, **options)


@dataclass(frozen=True, slots=True)
class ListedPage:
    """The page that a visit requested: its articles that may be in scope, by key; `selection` counts the others.

    `has_no_list` if the day may have no article, `is_elsewhere` if the visit led to another page.
    """

    visit: Visit
    reading: Reading
    selection: Selection
    articles: dict[str, Listing]
    fault: str | None = None
    has_no_list: bool = False
    is_elsewhere: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is wrong and neither this page nor any before it lists an article of the outlet."""
        nothing = self.visit.paging.is_barren_so_far and self.selection.is_empty(self.reading.listings)
        return nothing and not self.fault

    @property
    def may_be_of_gap(self) -> bool:
        """Whether its day may have no article. A page elsewhere may be a login, or a request to wait."""
        return self.has_no_list and not self.is_elsewhere and not self.visit.source.may_be_empty

    def repetition(self) -> str | None:
        """Return the fault of a page that must exist and lists only entries of the pages before it."""
        paging = self.visit.paging
        if paging.page == 1 or not paging.is_due or self._entries().keys() - paging.seen:
            return None
        return f"it lists nothing new on page {paging.page} of {paging.promised}"

    def further(self, known: Set[str]) -> list[Visit]:
        """Return the visits to the sitemaps that the page names and to the page after it, if that may list more."""
        return list(filter(None, (*self.reading.further, self._following(known))))

    def _following(self, known: Set[str]) -> Visit | None:
        following = self.reading.following
        if following is None:
            return None
        if isinstance(self.visit.source, SourceByDay):
            # All pages of a day are read.
            paging = following.paging.unless_day_ends(self._entries())
            return replace(following, paging=paging) if paging else None
        fresh = self.articles.keys() - known - self.visit.paging.seen
        if not fresh or self.selection.are_all_older(self.articles[key] for key in fresh):
            return None
        return replace(following, paging=following.paging.having_seen(self.articles.keys()))

    def _entries(self) -> dict[str, bool]:
        """Return the keys of articles (True) and the addresses of other entries of this site, which are no lists."""
        outlet, visit = self.selection.outlet, self.visit
        domains = outlet.allowed_domains
        mine = [one.url for one in self.reading.listings if not domains or is_within(one.url, domains)]
        found = {outlet.listed_key(url): outlet.key_of(url) is not None for url in mine}
        own = {outlet.listed_key(url) for url in mine if visit.source.is_own_page(visit, url)}
        return {key: is_article for key, is_article in found.items() if is_article or key not in own}
