"""What a crawl counts and reports of its sources: how much each lists, and which are empty, absent or broken."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crawler.day_notes import DayNotes
from crawler.failures import CRAWL_ENDS, reason_of
from crawler.items import Listing, rfc3339
from crawler.selection import Selection
from crawler.sources import SourceByDay, Visit
from crawler.span import ONE_DAY

if TYPE_CHECKING:
    from twisted.python.failure import Failure

# What says that there is no list, or no longer.
ABSENT = frozenset({"http-404", "http-410"})
# The command whose crawls look back over what they missed.
UPDATE = "update"


class SourceCounts(DayNotes):
    """An outlet whose sources are counted, for health to judge."""

    def __init__(self, **arguments: Any) -> None:
        """Take the arguments given with -a. Raises BadArgument."""
        super().__init__(**arguments)
        # Of each source by day: for how many days it is wanted, and the days (YYYY-MM-DD) it could not be read for.
        self._wanted: Counter[str] = Counter()
        self._unread: dict[str, list[str]] = {}

    def count_source(self, visit: Visit, selection: Selection, listings: list[Listing]) -> None:
        """Count what a source lists by itself, whatever is wanted of it, and note how new that is."""
        if visit.page > 1:
            return
        source = visit.source.url
        if isinstance(visit.source, SourceByDay):
            self.note_kind(visit)
        self.count(f"source/listed/{source}", len(listings) - selection.not_of_outlet)
        moments = [one.published for one in listings if isinstance(one.published, datetime)]
        if moments:
            self.crawler.stats.max_value(f"khobor/source/newest/{source}", rfc3339(max(moments)))

    def note_kind(self, visit: Visit) -> None:
        """Note for how many days a source by day is wanted, and those that the next update has to ask it for again."""
        source = visit.source.url
        self.crawler.stats.set_value(f"khobor/source/by_day/{source}", self._wanted[source])
        # The list itself: days come and go until the run ends.
        self.crawler.stats.set_value(f"khobor/source/unread/{source}", self._unread.setdefault(source, []))

    def note_unread(self, visit: Visit) -> None:
        """Note that a source by day was not read for a day."""
        days, day = self._unread.setdefault(visit.source.url, []), visit.span.since.isoformat()
        if day not in days:
            days.append(day)

    def count_passed_over(self, selection: Selection) -> None:
        """Count what was turned down."""
        for reason, number in selection.passed_over.items():
            self.count(f"passed-over/{reason}", number)

    def absence(self, visit: Visit) -> str | None:
        """Count and report a source whose last page this is, none of which listed an article.

        Returns what is wrong with it, None where it is one of several: a sitemap of an index.
        """
        before = " on any of its pages up to there" if visit.page > 1 else ""
        self.count("sources/empty")
        self.logger.warning("%s lists no article%s", visit.url, before)
        return None if visit.depth else f"it lists no article{before}"

    def source_failed(self, failure: Failure) -> None:
        """Count and report a source that could not be fetched."""
        visit: Visit = failure.request.meta["source"]  # type: ignore[attr-defined]
        reason = reason_of(failure.value)
        fault = None
        if reason == CRAWL_ENDS:
            return  # it is asked the next time
        if visit.source.is_absent(visit, reason) or self.may_be_absent(visit, reason):
            self.count("sources/absent")
            if visit.page > 1 and visit.is_barren_so_far:
                fault = self.absence(visit)
        else:
            fault = f"not fetched ({reason})"
            self.source_broken(visit, fault)
        is_absent = reason in ABSENT and visit.is_barren_so_far and visit.depth == 0
        self.answered(visit, (), fault, is_absent)

    def may_be_absent(self, visit: Visit, reason: str) -> bool:
        """Tell whether a source by day may have no list: its day has just begun, or had none, as others had."""
        if not isinstance(visit.source, SourceByDay):
            return False
        is_still_to_come = visit.span.until >= datetime.now(self.zone()).date()
        return (reason == "http-404" and is_still_to_come) or (reason in ABSENT and self.is_gap(visit))

    def is_gap(self, visit: Visit) -> bool:
        """Tell whether a visit looks back for the list of a day, to a source that has listed articles of others."""
        is_list = visit.page == 1 and visit.depth == 0
        listed = self.crawler.stats.get_value(f"khobor/source/listed/{visit.source.url}", 0)
        return is_list and listed > 0 and self.looks_back(visit)

    def looks_back(self, visit: Visit) -> bool:
        """Tell whether a visit asks a source by day for a day before the two that it is asked for first."""
        is_update = self.crawler.settings.get("RUN_COMMAND") == UPDATE
        reached = visit.source.reach(self.span) if is_update and isinstance(visit.source, SourceByDay) else None
        return reached is not None and visit.span.until < reached.until - ONE_DAY

    def source_broken(self, visit: Visit, reason: str) -> None:
        """Count and report a source that gave no listing."""
        self.count("sources/broken")
        if isinstance(visit.source, SourceByDay):
            self.note_kind(visit)
            self.note_unread(visit)
        if visit.page == 1:
            self.crawler.stats.set_value(f"khobor/source/broken/{visit.source.url}", f"{visit.url} {reason}")
        self.logger.warning("%s is broken: %s", visit.url, reason)

    def count(self, name: str, number: int = 1) -> None:
        """Count under khobor/."""
        self.crawler.stats.inc_value(f"khobor/{name}", number)
