"""The listed addresses that a run fetches, and the articles that it keeps."""

import datetime
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from crawler.bengali.sections import genre_of, is_other, scope_of, topics_of
from crawler.model.addresses import is_within
from crawler.model.article import Article
from crawler.model.listing import Listing
from crawler.model.span import Wanted
from crawler.outlets.outlet import Outlet

# Not national, although pages of national listings link to popular stories of these.
FOREIGN_TOPICS = {"medtop:01000000", "medtop:10000000", "medtop:15000000"}  # culture, lifestyle, sport
FOREIGN_GENRES = {"blog", "editorial", "letter", "opinion", "review"}


@dataclass(frozen=True, slots=True)
class Selection:
    """A run's scope and span, applied to an outlet's listings and articles; `passed_over` counts rejected listings."""

    outlet: Outlet | type[Outlet]
    wanted: Wanted
    passed_over: Counter[str] = field(default_factory=Counter)

    def articles(self, listings: Iterable[Listing]) -> dict[str, Listing]:
        """Return by key, in their order, the listed articles of any day that may be in scope."""
        found: dict[str, Listing] = {}
        for listing in listings:
            key = self.outlet.key_of(listing.url)
            if self.outlet.allowed_domains and not is_within(listing.url, self.outlet.allowed_domains):
                self.passed_over["off-site"] += 1
            elif key is None:
                self.passed_over["no-article"] += 1
            elif self.wanted.scope != "all" and self.is_national(listing) is False:
                self.passed_over["out-of-scope"] += 1
            else:
                found.setdefault(key, listing)
        return found

    def of_the_span(self, articles: dict[str, Listing]) -> dict[str, Listing]:
        """Return the articles of the span, by the date of the listing or address; those without a date too."""
        found = {key: listing for key, listing in articles.items() if self.wanted.span.holds(self.date_of(listing))}
        self.passed_over["out-of-span"] += len(articles) - len(found)
        return found

    def is_national(self, listing: Listing) -> bool | None:
        """Return whether an article is national by its address and listing; None is unknown."""
        return self._means_national(self.outlet.section_of(listing.url), listing)

    def refusal_of(self, article: Article, listing: Listing) -> str | None:
        """Return why an article gets no row in this scope and span, None if it gets one."""
        if self.wanted.scope != "all" and not self._is_article_national(article, listing):
            return "out-of-scope"
        if self.wanted.is_span_strict and article.published and not self.wanted.span.holds_moment(article.published.at):
            return "out-of-span"
        return None

    def _is_article_national(self, article: Article, listing: Listing) -> bool:
        # The final address: a listed alias may have no section.
        for section in (self.outlet.section_of(article.url), article.section):
            if (national := self._means_national(section, listing)) is not None:
                return national
        return article.scope == "national" or listing.national

    def _means_national(self, section: str | None, listing: Listing) -> bool | None:
        if section is None:
            return None
        if section in self.outlet.national_sections or scope_of(section) == "national":
            return True
        if is_foreign(section):
            return False
        return listing.national if is_other(section) else None

    def date_of(self, listing: Listing) -> datetime.datetime | datetime.date | None:
        """Return the date of an article in its listing, else in its address."""
        return listing.published or self.outlet.day_of(listing.url)

    def is_empty(self, listings: Collection[Listing]) -> bool:
        return self.not_of_outlet == len(listings)

    @property
    def not_of_outlet(self) -> int:
        return self.passed_over["off-site"] + self.passed_over["no-article"]

    def are_all_older(self, articles: Iterable[Listing]) -> bool:
        """Return whether each of the articles has a date before the span."""
        return all(self.wanted.span.begins_after(self.date_of(listing)) for listing in articles)


def is_foreign(section: str) -> bool:
    if scope_of(section) == "international" or genre_of(section) in FOREIGN_GENRES:
        return True
    return not FOREIGN_TOPICS.isdisjoint(topics_of(section))
