"""The articles that sources list: which are new, which earlier runs met, and which are under way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from scrapy.utils.asyncio import run_in_thread

from crawler.crawl.assignment import Assignment
from crawler.crawl.component import CrawlStats
from crawler.model.failures import NO_ANSWER, ROW
from crawler.model.listing import Listing

if TYPE_CHECKING:
    from crawler.crawl.memory import Memory
    from crawler.state import Known


class KnownArticles:
    """Separates the listed articles that a crawl fetches from the known ones, and follows the former to their end.

    `memory` returns the crawl's memory, None without one: nothing is known then. `has_listed` is true after the first
    listed article.
    """

    def __init__(self, assignment: Assignment, memory: Callable[[], Memory | None], stats: CrawlStats) -> None:
        self.has_listed = False
        self._assignment = assignment
        self._outlet = assignment.outlet
        self._memory = memory
        self._stats = stats
        self._began = datetime.now(UTC)
        self._listed: set[str] = set()
        self._national: set[str] = set()
        # The articles under way, by key, and whether no earlier run requested them.
        self._tries: dict[str, bool] = {}

    def unlisted(self, wanted: Mapping[str, Listing], known: set[str]) -> Iterator[Listing]:
        """Yield the articles that this run has not listed and no run has fetched; each counts as listed once."""
        for key, listing in wanted.items():
            if listing.national:
                self._national.add(key)
            if key not in self._listed:
                self._listed.add(key)
                self.has_listed = True
                self._stats.count("listed")
                self._stats.count("known" if key in known else "requested")
                if key not in known:
                    yield listing

    async def look_up(self, keys: list[str]) -> Known:
        """Return which articles need no fetch, and which earlier runs met."""
        # Imported late: the workers of extraction load this module and need no database.
        from crawler.state import Known

        memory, assignment, outlet = self._memory(), self._assignment, self._outlet.name
        if memory is None or not keys:
            return Known(set(), set())
        known: Known = await run_in_thread(memory.state.known, outlet, keys, assignment.scope)
        if assignment.backfill:
            since = self._began if assignment.backfill == "retry" else None
            known.done.update(await run_in_thread(memory.failures.final, outlet, keys, since))
        elif assignment.is_update:
            # A dead link that stays in a listing is not requested in every run.
            known.done.update(await run_in_thread(memory.failures.resting, outlet, keys, datetime.now(UTC)))
        return known

    async def is_done(self, key: str) -> bool:
        memory = self._memory()
        if memory is None:
            return False
        return bool((await run_in_thread(memory.state.known, self._outlet.name, [key], self._assignment.scope)).done)

    async def failed_before(self, listings: list[Listing]) -> set[str]:
        """Return the keys of the articles that failed in earlier runs; only an update looks them up."""
        memory = self._memory()
        if memory is None or not self._assignment.is_update:
            return set()
        keys = [self._outlet.listed_key(one.url) for one in listings]
        return set(await run_in_thread(memory.failures.of, self._outlet.name, keys))

    async def left_over(self, day: date, listed: Mapping[str, Listing]) -> dict[str, Listing]:
        """Return by key the articles of a day that are to be requested and that its sources no longer list."""
        memory = self._memory()
        if memory is None:
            return {}
        waiting = await run_in_thread(memory.days(self._outlet.name, self._assignment.scope).waiting, day)
        left = {key: one for key, one in waiting.items() if key not in listed and key not in self._listed}
        self._listed.update(left)
        return left

    async def closed_days(self) -> set[date]:
        """Return the days of a backfill whose lists need no request."""
        memory, assignment = self._memory(), self._assignment
        if memory is None or not assignment.backfill:
            return set()
        return await run_in_thread(memory.days(self._outlet.name, assignment.scope).closed, assignment.span)

    def begin(self, key: str, is_first: bool) -> None:
        """Note that an article is requested; `is_first` if no earlier run did so."""
        self._tries[key] = is_first

    def withdraw(self, key: str) -> None:
        """Count an article as known that was to be requested."""
        self._tries.pop(key, None)
        self._stats.count("requested", -1)
        self._stats.count("known")

    def came_to(self, listing: Listing, reason: str) -> None:
        """Count the result of an article that is not revisited: ROW, or the reason why it gave none.

        An article that failed in earlier runs too is a dead link and counts for nothing.
        """
        is_first = self._tries.pop(self._outlet.listed_key(listing.url), None)
        if reason == ROW and is_first is not None:
            self._stats.count("fruitful")
        elif is_first and reason not in NO_ANSWER:
            self._stats.count(f"fruitless/{reason}")
            self._stats.note(f"example/fruitless/{reason}", listing.url)

    def confirmed(self, listing: Listing) -> Listing:
        """Return a listing, national if any source of the run lists its article as such."""
        return replace(listing, national=listing.national or self._outlet.listed_key(listing.url) in self._national)

    def forget(self, keys: Iterable[str]) -> None:
        """Forget articles that state has: in a run over years they would fill the memory."""
        self._listed.difference_update(keys)
