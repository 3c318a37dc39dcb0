"""Which of the listed addresses a run fetches, and which of the articles it keeps."""

from __future__ import annotations

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

# National listings hold none of these as their own, though their pages link to the popular stories of each.
FOREIGN_TOPICS = {"medtop:01000000", "medtop:10000000", "medtop:15000000"}  # culture, lifestyle, sport
FOREIGN_GENRES = {"blog", "editorial", "letter", "opinion", "review"}


@dataclass(frozen=True, slots=True)
class Selection:
    """What a run wants of an outlet, applied to listings and articles.

    `passed_over` counts the listings turned down: off-site, no-article, out-of-scope, out-of-span.
    """

    outlet: Outlet | type[Outlet]
    wanted: Wanted
    passed_over: Counter[str] = field(default_factory=Counter)

    def articles(self, listings: Iterable[Listing]) -> dict[str, Listing]:
        """Return by key, in their order, the listed articles that may be in scope, of whatever day."""
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
        """Return the articles published in the span, as far as listing or address tell."""
        found = {key: listing for key, listing in articles.items() if self.wanted.span.holds(self.date_of(listing))}
        self.passed_over["out-of-span"] += len(articles) - len(found)
        return found

    def is_national(self, listing: Listing) -> bool | None:
        """Tell whether an article is national as far as its address and its listing tell; None is unknown."""
        return self._means_national(self.outlet.section_of(listing.url), listing)

    def refusal_of(self, article: Article, listing: Listing) -> str | None:
        """Return why an article gets no row in this scope and span, or None when it does."""
        if self.wanted.scope != "all" and not self._is_article_national(article, listing):
            return "out-of-scope"
        if self.wanted.is_span_strict and article.published and not self.wanted.span.holds_moment(article.published.at):
            return "out-of-span"
        return None

    def _is_article_national(self, article: Article, listing: Listing) -> bool:
        # The address it ended on: an alias that was listed may tell less.
        national = self._means_national(self.outlet.section_of(article.url), listing)
        if national is None:
            national = self._means_national(article.section, listing)
        if national is None:
            national = article.scope == "national" or listing.national
        return national

    def _means_national(self, section: str | None, listing: Listing) -> bool | None:
        if section is None:
            return None
        if section in self.outlet.national_sections or scope_of(section) == "national":
            return True
        if is_foreign(section):
            return False
        return listing.national if is_other(section) else None

    def date_of(self, listing: Listing) -> datetime.datetime | datetime.date | None:
        """Return when an article was published, by its listing, else by its address."""
        return listing.published or self.outlet.day_of(listing.url)

    def is_empty(self, listings: Collection[Listing]) -> bool:
        """Tell whether none of these is an article of the outlet, in whatever scope."""
        return self.not_of_outlet == len(listings)

    @property
    def not_of_outlet(self) -> int:
        """How many of the listings were no articles of the outlet."""
        return self.passed_over["off-site"] + self.passed_over["no-article"]

    def are_all_older(self, articles: Iterable[Listing]) -> bool:
        """Tell whether each of the articles is dated, and before the span."""
        return all(self.wanted.span.begins_after(self.date_of(listing)) for listing in articles)


def is_foreign(section: str) -> bool:
    """Tell whether a section word rules national news out, whatever page links to its articles."""
    if scope_of(section) == "international" or genre_of(section) in FOREIGN_GENRES:
        return True
    return not FOREIGN_TOPICS.isdisjoint(topics_of(section))
