"""What a crawl counts and reports of its sources: how much each lists, and which are empty, absent or broken."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from crawler.day_notes import DayNotes
from crawler.failures import CRAWL_ENDS, reason_of
from crawler.items import Listing, rfc3339
from crawler.selection import Selection
from crawler.sources import SourceByDay, Visit

if TYPE_CHECKING:
    from twisted.python.failure import Failure

# What says that there is no list, or no longer.
ABSENT = frozenset({"http-404", "http-410"})


class SourceCounts(DayNotes):
    """An outlet whose sources are counted, for health to judge."""

    def count_source(self, visit: Visit, selection: Selection, listings: list[Listing]) -> None:
        """Count what a source lists by itself, whatever is wanted of it, and note how new that is."""
        if visit.page > 1:
            return
        source = visit.source.url
        self.note_kind(visit)
        self.count(f"source/listed/{source}", len(listings) - selection.not_of_outlet)
        moments = [one.published for one in listings if isinstance(one.published, datetime)]
        if moments:
            self.crawler.stats.max_value(f"khobor/source/newest/{source}", rfc3339(max(moments)))

    def note_kind(self, visit: Visit) -> None:
        """Note which sources list by day: only these list what was published while nobody could read them."""
        if isinstance(visit.source, SourceByDay):
            self.crawler.stats.set_value(f"khobor/source/by_day/{visit.source.url}", True)

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
        if visit.source.is_absent(visit, reason) or (reason == "http-404" and self.is_still_to_come(visit)):
            self.count("sources/absent")
            if visit.page > 1 and visit.is_barren_so_far:
                fault = self.absence(visit)
        else:
            fault = f"not fetched ({reason})"
            self.source_broken(visit, fault)
        is_absent = reason in ABSENT and visit.is_barren_so_far and visit.depth == 0
        self.answered(visit, (), fault, is_absent)

    def is_still_to_come(self, visit: Visit) -> bool:
        """Tell whether a source by day may have nothing yet: its day has just begun."""
        by_day = isinstance(visit.source, SourceByDay)
        return by_day and visit.span.until >= datetime.now(self.zone()).date()

    def source_broken(self, visit: Visit, reason: str) -> None:
        """Count and report a source that gave no listing."""
        self.count("sources/broken")
        if visit.page == 1:
            self.note_kind(visit)
            self.crawler.stats.set_value(f"khobor/source/broken/{visit.source.url}", f"{visit.url} {reason}")
        elif isinstance(visit.source, SourceByDay):
            self.crawler.stats.set_value(f"khobor/source/cut/{visit.source.url}", f"{visit.url} {reason}")
        self.logger.warning("%s is broken: %s", visit.url, reason)

    def count(self, name: str, number: int = 1) -> None:
        """Count under khobor/."""
        self.crawler.stats.inc_value(f"khobor/{name}", number)
