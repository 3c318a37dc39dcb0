"""Paging: which page of a list a visit asks for, and what the pages before it have told of it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

# So many pages in a row without a new article are the end of a day, whatever else they list: ads and calendars go on.
MOST_BARREN = 3


@dataclass(frozen=True, slots=True)
class Paging:
    """The number of a page (from 1), and what the pages before it have told.

    `seen` are the keys of the articles that they listed, and of a source by day the addresses of what else they
    listed; `offset` is how many they were, `barren` how many pages in a row listed no new article.
    `promised` is how many pages there are, 0 where no page before this one has told, and `total` how many articles
    they have; `is_linked` when the page before this one links to it, and no more.
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
        """Whether there must be such a page: the first, or one that a page before it has told of."""
        return self.page <= max(1, self.promised)

    @property
    def is_only_linked(self) -> bool:
        """Whether the page is due, but only as the one before it links to it: many sites do so on the last."""
        return self.is_linked and self.is_due

    @property
    def is_barren_so_far(self) -> bool:
        """Whether no page before this one listed an article."""
        return self.barren == self.page - 1

    def after(self, listed: int) -> Paging:
        """Return the paging of the page after this one, which lists so many articles."""
        return replace(self, page=self.page + 1, offset=self.offset + listed)

    def linked(self) -> Paging:
        """Return the paging of this page where the one before it links to it."""
        return replace(self, promised=self.page, is_linked=True)

    def unlinked(self) -> Paging:
        """Return the paging of this page where a link to it proves nothing."""
        return replace(self, promised=0, is_linked=False)

    def having_seen(self, keys: Set[str]) -> Paging:
        """Return the paging of this page where the one before it listed what has these keys."""
        return replace(self, seen=self.seen | keys)

    def unless_day_ends(self, entries: Mapping[str, bool]) -> Paging | None:
        """Return the paging of this page of a day after one that listed these entries, None if that was the last.

        Their values tell whether they are articles: pages of videos may stand between those of articles.
        """
        articles = {key for key, is_article in entries.items() if is_article}
        barren = 0 if articles - self.seen else self.barren + 1
        has_more = entries.keys() - self.seen and barren < MOST_BARREN
        if has_more or (self.is_due and not self.is_linked):
            return replace(self.having_seen(entries.keys()), barren=barren)
        return None


FIRST_PAGE = Paging()
