"""Which of the lists that a crawl asks sources for must be there: a day may have none, or none yet.

Editions: whether an outlet published anything on a day, by what its sources list of that day and of those before.

What a crawl counts and reports of its sources: how much each lists, and which are empty, absent or broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from crawler.crawl.discovery.day_ledger import DayNotes
from crawler.crawl.discovery.missed_days import MissedDays
from crawler.crawl.settings import run_command
from crawler.model.failures import CRAWL_ENDS, reason_of
from crawler.model.listing import Listing
from crawler.model.span import ONE_DAY, local_day, rfc3339
from crawler.outlets.selection import Selection
from crawler.outlets.sources import DailySitemap, Source, SourceByDay, Visit, days_listed

if TYPE_CHECKING:
    from twisted.python.failure import Failure

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
        return run_command(self.crawler.settings) == UPDATE

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


# So many articles of the week before a day tell that those of the day would be listed still; one may be pinned on top.
FEWEST = 5
WEEK = range(1, 8)


class Editions:
    """The days of the articles that the sources of a run list, as far as these tell them."""

    def __init__(self) -> None:
        """Begin with none."""
        self._days: dict[str, date] = {}

    def note(self, key: str, day: date) -> None:
        """Note an article, by its key, that any source lists."""
        self._days[key] = day

    def had_any(self, day: date) -> bool:
        """Tell whether any article is of a day."""
        return day in self._days.values()

    def had_none(self, day: date) -> bool:
        """Tell whether nothing was published on a day that is over: a holiday, for one."""
        ages = Counter((day - one).days for one in self._days.values())
        return not ages[0] and sum(ages[age] for age in WEEK) >= FEWEST


# What says that there is no list, or no longer.
ABSENT = frozenset({"http-404", "http-410"})


class SourceCounts(DueLists):
    """An outlet whose sources are counted, for health to judge."""

    def __init__(self, missed: str | None = None, **arguments: Any) -> None:
        """Take the arguments given with -a. Raises BadArgument.

        `missed` are the days that the updates before this one have missed of each source, a JSON object of lists.
        """
        super().__init__(**arguments)
        self._missed = MissedDays.parsed(missed or "{}")
        self._arguments |= {"missed": missed}
        # Lists that were not there or had nothing, what is wrong with them if they must be there, and whether the visit
        # was led to another page.
        self._not_there: list[tuple[Visit, str | None, bool]] = []

    def is_asked(self, source: Source) -> bool:
        """Tell whether a source can list what the run wants, or what updates have missed of it."""
        return super().is_asked(source) or bool(self._missed.of(source.url))

    def track_missed(self) -> None:
        """Begin to note the days that the next update has to ask the sources for again.

        Those of the sources that list by day, each of which is asked once for a day that is over; only where there are
        none do feeds and the like have to be looked through again. What is not asked misses nothing.
        """
        by_day = [source for source in self.days if source.reach(self.span)]
        gone = self._missed.gone({source.at(self.home).url for source in self.sources()})
        yesterday = (datetime.now(self.zone()).date() - ONE_DAY).isoformat()
        current = [one for one in self.sources() if not isinstance(one, SourceByDay) and self.is_asked(one)]
        for source in by_day or current:
            usual = [yesterday] if isinstance(source, DailySitemap) else []
            listed = map(str, days_listed([source], self.span))
            self._missed.track(source.at(self.home).url, usual, gone.intersection(listed))
        # The lists themselves: days go until the run ends.
        self.crawler.stats.set_value("khobor/missed", self._missed.left)

    def note_page(self, visit: Visit, is_last: bool, is_empty: bool = False) -> None:
        """Note that a page of a source could be read; of one by day, all pages of a day must be.

        A day that seems to have nothing is asked for again on the next one: its list may come yet.
        """
        if not (is_empty and self.may_come(visit)) and (is_last or not isinstance(visit.source, SourceByDay)):
            self._missed.note(visit, is_read=True)

    def count_source(self, visit: Visit, selection: Selection, listings: list[Listing]) -> None:
        """Count what a source lists by itself, whatever is wanted of it, and note how new that is."""
        self.note_editions(selection, listings)
        if visit.paging.page > 1:
            return
        if selection.is_empty(listings) and self.is_update and self.is_list(visit):
            self._not_there.append((visit, None, False))
            return
        source = visit.source.url
        self.count(f"source/listed/{source}", len(listings) - selection.not_of_outlet)
        moments = [one.published for one in listings if isinstance(one.published, datetime)]
        if moments:
            self.crawler.stats.max_value(f"khobor/source/newest/{source}", rfc3339(max(moments)))

    def count_passed_over(self, selection: Selection) -> None:
        """Count what was turned down."""
        for reason, number in selection.passed_over.items():
            self.count(f"passed-over/{reason}", number)

    def absence(self, visit: Visit) -> str | None:
        """Count and report a source whose last page this is, none of which listed an article.

        Returns what is wrong with it, None where it is one of several: a sitemap of an index.
        """
        before = " on any of its pages up to there" if visit.paging.page > 1 else ""
        self.count("sources/empty")
        self.logger.warning("%s lists no article%s", visit.url, before)
        return None if visit.depth else f"it lists no article{before}"

    def count_failure(self, failure: Failure, keys: Collection[str]) -> None:
        """Count and report a source that could not be fetched; `keys` are those of what its day has all the same."""
        visit: Visit = failure.request.meta["source"]  # type: ignore[attr-defined]
        reason = reason_of(failure.value)
        fault = None
        if reason == CRAWL_ENDS:
            return  # it is asked the next time
        if self.says_no_more(failure) or self.is_still_to_come(visit, reason):
            self.count("sources/absent")
            self.note_page(visit, is_last=True, is_empty=visit.paging.is_barren_so_far)
            if visit.paging.page > 1 and visit.paging.is_barren_so_far:
                fault = self.absence(visit)
        else:
            fault = f"not fetched ({reason})"
            self.list_failed(visit, fault, reason in ABSENT)
        # A day that has articles has a list, wherever that is.
        is_absent = reason in ABSENT and visit.paging.is_barren_so_far and visit.depth == 0 and not keys
        self.answered(visit, keys, fault, is_absent)

    def says_no_more(self, failure: Failure) -> bool:
        """Tell whether a source that could not be fetched says that it has no such page."""
        visit: Visit = failure.request.meta["source"]  # type: ignore[attr-defined]
        response = getattr(failure.value, "response", None)
        body = response.body if response is not None else b""
        return visit.source.is_absent(visit, reason_of(failure.value), body)

    def is_still_to_come(self, visit: Visit, reason: str) -> bool:
        """Tell whether a source by day has no list of a day that is not over: it may have those of past days alone."""
        is_over = visit.span.until < datetime.now(self.zone()).date()
        return isinstance(visit.source, SourceByDay) and reason == "http-404" and not is_over

    def list_failed(self, visit: Visit, reason: str, is_absent: bool, is_elsewhere: bool = False) -> None:
        """Count and report a source that gave no listing; an update that finds no list of a day does so at its end."""
        if is_absent and self.is_update and self.is_list(visit):
            self._not_there.append((visit, reason, is_elsewhere))
        else:
            self.source_broken(visit, reason)

    def judge_lists(self) -> None:
        """Count lists that were not there, and report those that must be, as all else that was asked for tells."""
        # All are judged before one is counted as broken: that would speak against the others.
        judged = [(visit, reason, self.is_due(visit, away)) for visit, reason, away in self._not_there]
        self._not_there.clear()
        for visit, reason, is_due in judged:
            if not is_due:
                self.list_absent(visit, is_read=reason is None)
            elif reason is None:
                self.count(f"source/listed/{visit.source.url}", 0)
            else:
                self.source_broken(visit, reason)

    def list_absent(self, visit: Visit, is_read: bool) -> None:
        """Count a list that need not be there."""
        self.count("sources/absent")
        self.crawler.stats.set_value(f"khobor/source/absent/{visit.source.url}", visit.url)
        if not is_read:
            self.note_page(visit, is_last=True, is_empty=True)

    def source_broken(self, visit: Visit, reason: str) -> None:
        """Count and report a source that gave no listing."""
        self.count("sources/broken")
        if visit.paging.page == 1 or isinstance(visit.source, SourceByDay):
            self._missed.note(visit, is_read=False)
        if visit.paging.page == 1:
            self.crawler.stats.set_value(f"khobor/source/broken/{visit.source.url}", f"{visit.url} {reason}")
        self.logger.warning("%s is broken: %s", visit.url, reason)

    def count(self, name: str, number: int = 1) -> None:
        """Count under khobor/."""
        self.crawler.stats.inc_value(f"khobor/{name}", number)
