"""Which of the lists that a crawl asks sources for must be there: a day may have none, or none yet."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from crawler.day_notes import DayNotes
from crawler.editions import Editions
from crawler.items import Listing
from crawler.selection import Selection
from crawler.sources import SourceByDay, Visit
from crawler.span import ONE_DAY, local_day

# The command whose crawls look back over what they missed.
UPDATE = "update"
# So many hours into a day its list may be still to come, and so may that of the day before.
FIRST_HOURS = 6


class DueLists(DayNotes):
    """An outlet that tells which lists its sources by day must have, by what all of them list."""

    def __init__(self, **arguments: Any) -> None:
        """Take the arguments given with -a. Raises BadArgument."""
        super().__init__(**arguments)
        self._editions = Editions()
        self._without_list: dict[date, set[str]] = {}

    @property
    def is_update(self) -> bool:
        """Whether the crawl is one of an update, which looks back over what those before it have missed."""
        return bool(self.crawler.settings.get("RUN_COMMAND") == UPDATE)

    def is_due(self, visit: Visit, is_elsewhere: bool = False) -> bool:
        """Tell whether the list that a visit of an update asked for in vain must be there.

        To be asked when all other sources have answered; `is_elsewhere` where the visit was led to another page.
        """
        if is_elsewhere and self.looks_back(visit):
            return True
        if self.had_no_edition(visit):
            return False
        if self.looks_back(visit):
            return not self.has_listed(visit.source.url)
        today, day = datetime.now(self.zone()).date(), visit.span.until
        return not self.is_early() and (day < today or self._editions.had_any(day))

    def is_early(self) -> bool:
        """Tell whether the day is too young to miss its list, or that of the day before."""
        return datetime.now(self.zone()).hour < FIRST_HOURS

    def may_be_late(self, visit: Visit) -> bool:
        """Tell whether an update need not find the list that a visit asks for, as it asks so early.

        Such a visit says nothing of its source: the days missed before are asked for all the same, and tell.
        """
        return self.is_update and self.is_list(visit) and self.may_come(visit) and self.is_early()

    def may_come(self, visit: Visit) -> bool:
        """Tell whether a visit asks a source by day for one of the last two days, whose list may come yet."""
        return isinstance(visit.source, SourceByDay) and not self.looks_back(visit)

    def had_no_edition(self, visit: Visit) -> bool:
        """Tell whether an update asks for the list of a day that is over and of which no source lists an article."""
        is_over = visit.span.until < datetime.now(self.zone()).date()
        is_of_day = self.is_update and isinstance(visit.source, SourceByDay)
        if self.crawler.stats.get_value("khobor/sources/broken"):
            return False  # what could not be read may list articles of it
        return is_of_day and is_over and self._editions.had_none(visit.span.until)

    def note_editions(self, selection: Selection, listings: list[Listing]) -> None:
        """Note the days of articles that a source lists; only an update, of few days, wants to know."""
        moments = {one.url: selection.date_of(one) for one in listings if self.is_update}
        for url, moment in moments.items():
            if moment is not None and (key := self.key_of(url)):
                self._editions.note(key, local_day(moment, self.zone()))

    def is_list(self, visit: Visit) -> bool:
        """Tell whether a visit asks for a list as such: for its first page, and for none of the lists of an index."""
        return isinstance(visit.source, SourceByDay) and visit.paging.page == 1 and visit.depth == 0

    def has_listed(self, url: str) -> bool:
        """Tell whether a source has listed any article in this run."""
        return bool(self.crawler.stats.get_value(f"khobor/source/listed/{url}", 0))

    def looks_back(self, visit: Visit) -> bool:
        """Tell whether a visit asks a source by day for a day before the two that it is asked for first."""
        reached = visit.source.reach(self.span) if self.is_update and isinstance(visit.source, SourceByDay) else None
        return reached is not None and visit.span.until < reached.until - ONE_DAY

    def note_no_list(self, visit: Visit) -> None:
        """Note that a page has no list of its day: there is none, or the layout of all pages is another now."""
        if day := self.day_of_visit(visit):
            self._without_list.setdefault(day, set()).add(visit.source.url)

    def may_have_no_list(self, day: date) -> bool:
        """Tell whether each source whose page has no list of a day has listed articles of others in this run."""
        return all(map(self.has_listed, self._without_list.get(day, ())))
