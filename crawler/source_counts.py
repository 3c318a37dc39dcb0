"""What a crawl counts and reports of its sources: how much each lists, and which are empty, absent or broken."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crawler.due_lists import DueLists
from crawler.failures import CRAWL_ENDS, reason_of
from crawler.items import Listing, rfc3339
from crawler.missed import MissedDays
from crawler.selection import Selection
from crawler.sources import DailySitemap, Source, SourceByDay, Visit, days_listed
from crawler.span import ONE_DAY

if TYPE_CHECKING:
    from twisted.python.failure import Failure

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
