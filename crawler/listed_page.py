"""A page of a source's listing: which of its links are entries, and whether the page after it may list more."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace

from crawler.addresses import is_within
from crawler.day_notes import DayNotes
from crawler.items import Listing
from crawler.selection import Selection
from crawler.sources import Reading, SourceByDay, Visit


@dataclass(frozen=True, slots=True)
class ListedPage:
    """What an outlet's source lists on the page that a visit asked for.

    `articles` are those that may be in scope, by key, and `selection` counts the others; `fault` is what is wrong;
    `has_no_list` when that may be so as its day has nothing, `is_elsewhere` when another page came than was asked for.
    """

    outlet: DayNotes
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
        """Whether it may tell that its day has nothing, of which the source has no other way to tell.

        One that leads elsewhere says nothing of its day: it may be asked to log in, or to wait.
        """
        return self.has_no_list and not self.is_elsewhere and not self.visit.source.may_be_empty

    def without_more(self, fault: str) -> ListedPage:
        """Return the page with what is wrong with it, so that nothing is asked for that it names beside articles."""
        return replace(self, reading=Reading(self.reading.listings, []), fault=fault, has_no_list=False)

    def repetition(self) -> str | None:
        """Return what is wrong with a page that must be there and lists only what the pages before it did."""
        paging = self.visit.paging
        if paging.page == 1 or not paging.is_due or self.entries().keys() - paging.seen:
            return None
        return f"it lists nothing new on page {paging.page} of {paging.promised}"

    def further(self, known: Set[str]) -> list[Visit]:
        """Return the visits that the page asks for: it may name sitemaps, and the page after it may list more."""
        return list(filter(None, (*self.reading.further, self._following(known))))

    def _following(self, known: Set[str]) -> Visit | None:
        following = self.reading.following
        if following is None:
            return None
        if isinstance(self.visit.source, SourceByDay):
            # All pages of a day are read.
            paging = following.paging.unless_day_ends(self.entries())
            return replace(following, paging=paging) if paging else None
        fresh = self.articles.keys() - known - self.visit.paging.seen
        if not fresh or self.selection.are_all_older(self.articles[key] for key in fresh):
            return None
        return replace(following, paging=following.paging.having_seen(self.articles.keys()))

    def entries(self) -> dict[str, bool]:
        """Return what names the entries of a page of a day: keys of articles, addresses of what else it lists.

        The value tells whether it is an article. Links to other sites, and to the listing's own pages, are no entries.
        """
        outlet, visit = self.outlet, self.visit
        domains = outlet.allowed_domains
        mine = [one for one in self.reading.listings if not domains or is_within(one.url, domains)]
        found = {outlet.listed_key(one): outlet.key_of(one.url) is not None for one in mine}
        own = {outlet.listed_key(one) for one in mine if visit.source.is_own_page(visit, one.url)}
        return {key: is_article for key, is_article in found.items() if is_article or key not in own}
