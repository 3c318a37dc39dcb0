"""The health of a crawl's sources: how much each lists, and which are empty, absent or broken."""

from collections import Counter, defaultdict
from datetime import date, datetime
from typing import Any

from scrapy.crawler import Crawler

from crawler.crawl.assignment import Assignment
from crawler.crawl.health.facts import SOURCES
from crawler.model.day_news import FaultKind
from crawler.model.failures import ROBOTS_UNAVAILABLE
from crawler.model.listing import Listing
from crawler.model.span import ONE_DAY, local_day, rfc3339
from crawler.outlets.selection import Selection
from crawler.outlets.sources import DailySitemap, SourceByDay, Visit, days_listed
from crawler.system import clock

# Until this hour of a day its list may be still to come, and so may that of the day before.
FIRST_HOURS = 6

# Reasons that say that there is no list, or no longer.
ABSENT = frozenset({"http-404", "http-410"})

# With this many articles of the week before a day, those of the day would still be listed; one may be pinned on top.
FEWEST = 5
WEEK = range(1, 8)


class SourceHealth:
    """Counts and reports the answers of the sources, and keeps the days that the next update requests again."""

    def __init__(self, assignment: Assignment, crawler: Crawler) -> None:
        self._assignment = assignment
        self._crawler = crawler
        self._missed = assignment.missed
        self._logger = assignment.logger
        # The days of the articles that the sources list, by key; only an update, of few days, has them.
        self._days: dict[str, date] = {}
        self._without_list: dict[date, set[str]] = {}
        # Lists that were missing or empty, their fault if they are due, and whether the visit led to another page.
        self._not_there: list[tuple[Visit, str | None, bool]] = []
        # By the declared address of a source: the number of listed articles, the date of the newest, the failure.
        self._facts: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        self._has_broken = False

    @property
    def fault(self) -> str | None:
        """Why none of the sources gave a listing; None if one did or none was requested."""
        if any("listed" in facts for facts in self._facts.values()):
            return None
        return next((str(facts["broken"]) for facts in self._facts.values() if "broken" in facts), None)

    def track_missed(self) -> None:
        """Begin to note the days that the next update requests again.

        Sources by day get one request for each day that is over; others are tracked where an outlet has none of these.
        """
        assignment, outlet = self._assignment, self._assignment.outlet
        sources = outlet.sources()
        by_day = [source for source in outlet.days if source.reach(assignment.span)]
        gone = self._missed.gone({source.at(outlet.home).url for source in sources})
        yesterday = (assignment.today - ONE_DAY).isoformat()
        current = [one for one in sources if not isinstance(one, SourceByDay) and assignment.is_asked(one)]
        for source in by_day or current:
            usual = [yesterday] if isinstance(source, DailySitemap) else []
            listed = map(str, days_listed([source], assignment.span))
            self._missed.track(source.at(outlet.home).url, usual, gone.intersection(listed))
        # The lists themselves: days go until the run ends.
        self._crawler.stats.set_value("khobor/missed", self._missed.left)

    def note_page(self, visit: Visit, is_last: bool, is_empty: bool = False) -> None:
        """Note that a page of a source could be read. The next update requests an empty list of a day again."""
        if not (is_empty and self._may_come(visit)) and (is_last or not isinstance(visit.source, SourceByDay)):
            self._missed.note(visit, is_read=True)

    def count_source(self, visit: Visit, selection: Selection, listings: list[Listing]) -> None:
        outlet = self._assignment.outlet
        for listing in listings if self._assignment.is_update else ():
            moment, key = selection.date_of(listing), outlet.key_of(listing.url)
            if moment is not None and key:
                self._days[key] = local_day(moment, outlet.zone())
        if visit.paging.page > 1:
            return
        if selection.is_empty(listings) and self._assignment.is_update and self.is_list(visit):
            self._not_there.append((visit, None, False))
            return
        source = visit.source.url
        self._count_listed(source, len(listings) - selection.not_of_outlet)
        moments = [one.published for one in listings if isinstance(one.published, datetime)]
        if moments:
            self._note(source, newest=max(self._facts[source].get("newest", ""), rfc3339(max(moments))))

    def _count_listed(self, source: str, number: int) -> None:
        self._note(source, listed=self._listed(source) + number)

    def _listed(self, source: str) -> int:
        return int(self._facts.get(source, {}).get("listed", 0))

    def _note(self, source: str, **facts: Any) -> None:
        self._facts[source] |= facts
        self._crawler.stats.set_value(SOURCES, self._facts)

    def absence(self, visit: Visit) -> str | None:
        """Count and report a source without an article; return its fault, None for one of the sitemaps of an index."""
        before = " on any of its pages up to there" if visit.paging.page > 1 else ""
        self._crawler.stats.inc_value("khobor/sources/empty")
        self._logger.warning("%s lists no article%s", visit.url, before)
        return None if visit.depth else f"it lists no article{before}"

    def count_failure(
        self, visit: Visit, reason: str, is_end: bool, has_articles: bool
    ) -> tuple[str | None, FaultKind]:
        """Count and report a source that could not be fetched; return its fault and the kind of it.

        `is_end` if the answer says that the source has no more pages.
        """
        fault = None
        is_over = visit.span.until < self._assignment.today
        is_still_to_come = isinstance(visit.source, SourceByDay) and reason == "http-404" and not is_over
        if is_end or is_still_to_come:
            self._crawler.stats.inc_value("khobor/sources/absent")
            self.note_page(visit, is_last=True, is_empty=visit.paging.is_barren_so_far)
            if visit.paging.page > 1 and visit.paging.is_barren_so_far:
                fault = self.absence(visit)
        else:
            fault = f"not fetched ({reason})"
            self.list_failed(visit, fault, reason in ABSENT)
        if reason in ABSENT and visit.paging.is_barren_so_far and visit.depth == 0 and not has_articles:
            return fault, self.kind_of_absence(visit)
        return fault, FaultKind.NOT_REQUESTED if reason == ROBOTS_UNAVAILABLE else FaultKind.BROKEN

    def kind_of_absence(self, visit: Visit) -> FaultKind:
        return FaultKind.EMPTY if visit.source.may_be_empty else FaultKind.ABSENT

    def list_failed(self, visit: Visit, reason: str, is_absent: bool, is_elsewhere: bool = False) -> None:
        """Count and report a source without a listing; an update judges lists that are missing at its end."""
        if is_absent and self._assignment.is_update and self.is_list(visit):
            self._not_there.append((visit, reason, is_elsewhere))
        else:
            self._source_broken(visit, reason)

    def judge_lists(self) -> None:
        """Count the lists that were missing, and report those that are due, after all other sources answered."""
        # All are judged before one counts as broken: that would change the judgement of the others.
        judged = [(visit, reason, self._is_due(visit, away)) for visit, reason, away in self._not_there]
        self._not_there.clear()
        for visit, reason, is_due in judged:
            if is_due and reason is not None:
                self._source_broken(visit, reason)
            elif is_due:
                self._count_listed(visit.source.url, 0)
            else:
                self._crawler.stats.inc_value("khobor/sources/absent")
                self._note(visit.source.url, absent=visit.url)
                if reason is not None:
                    self.note_page(visit, is_last=True, is_empty=True)

    def _is_due(self, visit: Visit, is_elsewhere: bool) -> bool:
        day, looks_back = visit.span.until, self._assignment.looks_back(visit)
        is_over = day < self._assignment.today
        if is_elsewhere and looks_back:
            return True
        # A broken source may list articles of the day.
        if is_over and not self._has_broken and self._was_holiday(day):
            return False
        if looks_back:
            return not self._listed(visit.source.url)
        return not self._is_early() and (is_over or day in self._days.values())

    def _was_holiday(self, day: date) -> bool:
        ages = Counter((day - one).days for one in self._days.values())
        return not ages[0] and sum(ages[age] for age in WEEK) >= FEWEST

    def _is_early(self) -> bool:
        return clock.now(self._assignment.outlet.zone()).hour < FIRST_HOURS

    def may_be_late(self, visit: Visit) -> bool:
        """Return whether an update runs too early to expect the list that a visit requests."""
        return self._assignment.is_update and self.is_list(visit) and self._may_come(visit) and self._is_early()

    def _may_come(self, visit: Visit) -> bool:
        return isinstance(visit.source, SourceByDay) and not self._assignment.looks_back(visit)

    def is_list(self, visit: Visit) -> bool:
        """Return whether a visit is to the first page of a day's list, and to none of the lists of an index."""
        return isinstance(visit.source, SourceByDay) and visit.paging.page == 1 and visit.depth == 0

    def _source_broken(self, visit: Visit, reason: str) -> None:
        self._has_broken = True
        self._crawler.stats.inc_value("khobor/sources/broken")
        if visit.paging.page == 1 or isinstance(visit.source, SourceByDay):
            self._missed.note(visit, is_read=False)
        if visit.paging.page == 1:
            self._note(visit.source.url, broken=f"{visit.url} {reason}")
        self._logger.warning("%s is broken: %s", visit.url, reason)

    def note_no_list(self, visit: Visit) -> None:
        """Note that a page has no list of its day: the day has none, or the layout has changed."""
        if day := self._assignment.day_of_visit(visit):
            self._without_list.setdefault(day, set()).add(visit.source.url)

    def days_of_silent_sources(self) -> set[date]:
        """Return the days without a list on a page whose source has listed no article of any other day."""
        return {day for day, urls in self._without_list.items() if not all(map(self._listed, urls))}
