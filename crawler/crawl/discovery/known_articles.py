"""The articles that sources list: which are new, which earlier runs met, and which are under way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from scrapy.crawler import Crawler
from scrapy.utils.asyncio import run_in_thread

from crawler.crawl.assignment import Assignment
from crawler.model.failures import NO_ANSWER, ROW
from crawler.model.listing import Listing
from crawler.system import clock

if TYPE_CHECKING:
    from crawler.crawl.memory import Memory
    from crawler.state import Known
    from crawler.state.days import Days

T = TypeVar("T")


class KnownArticles:
    """Separates the listed articles that a crawl fetches from the known ones; without Memory nothing is known."""

    def __init__(self, assignment: Assignment, crawler: Crawler) -> None:
        self.has_listed = False
        self._assignment = assignment
        self._outlet = assignment.outlet
        self._crawler = crawler
        self._began = clock.now()
        self._listed: set[str] = set()
        self._national: set[str] = set()
        # The articles under way, by key, and whether no earlier run requested them; those that failed before an update.
        self._tries: dict[str, bool] = {}
        self._failed: set[str] = set()

    def unlisted(self, wanted: Mapping[str, Listing], known: set[str]) -> Iterator[Listing]:
        """Yield the articles that this run has not listed and no run has fetched; each counts as listed once."""
        for key, listing in wanted.items():
            if listing.national:
                self._national.add(key)
            if key not in self._listed:
                self._listed.add(key)
                self.has_listed = True
                self._crawler.stats.inc_value("khobor/listed")
                self._crawler.stats.inc_value("khobor/known" if key in known else "khobor/requested")
                if key not in known:
                    yield listing

    async def look_up(self, keys: list[str]) -> Known:
        """Return which articles need no fetch, and which earlier runs met."""
        # Imported late: the workers of extraction load this module and need no database.
        from crawler.state import Known

        assignment, outlet = self._assignment, self._outlet.name

        def look_up(memory: Memory) -> Known:
            known: Known = memory.state.known(outlet, keys, assignment.scope)
            if assignment.backfill:
                since = self._began if assignment.backfill == "retry" else None
                known.done.update(memory.failures.final(outlet, keys, since))
            elif assignment.is_update:
                self._failed.update(memory.failures.of(outlet, keys))
                # A dead link that stays in a listing is not requested in every run.
                known.done.update(memory.failures.resting(outlet, keys, clock.now()))
            return known

        return (await self._answer(look_up) if keys else None) or Known(set(), set())

    async def captured(self, addresses: Mapping[str, Sequence[str]]) -> set[str]:
        """Return which addresses, by outlet and as records write them, have an archived capture."""

        def look_up(memory: Memory) -> set[str]:
            return {url for outlet, urls in addresses.items() for url in memory.state.originals(outlet, urls)}

        return await self._answer(look_up) or set()

    async def is_done(self, key: str) -> bool:
        outlet, scope = self._outlet.name, self._assignment.scope
        return bool(await self._answer(lambda memory: memory.state.known(outlet, [key], scope).done))

    async def left_over(self, day: date, listed: Mapping[str, Listing]) -> dict[str, Listing]:
        """Return by key the articles of a day that are to be requested and that its sources no longer list."""
        waiting = await self._answer(lambda memory: self._days(memory).waiting(day)) or {}
        left = {key: one for key, one in waiting.items() if key not in listed and key not in self._listed}
        self._listed.update(left)
        return left

    async def closed_days(self) -> set[date]:
        if not self._assignment.backfill:
            return set()
        return await self._answer(lambda memory: self._days(memory).closed(self._assignment.span)) or set()

    def _days(self, memory: Memory) -> Days:
        return memory.days(self._outlet.name, self._assignment.scope)

    async def _answer(self, query: Callable[[Memory], T]) -> T | None:
        from crawler.crawl.memory import Memory

        memory = self._crawler.get_extension(Memory)
        return await run_in_thread(query, memory) if memory is not None else None

    def begin(self, key: str, is_new: bool) -> None:
        """Note that an article is requested; `is_new` if no earlier run met it."""
        self._tries[key] = is_new and key not in self._failed

    def withdraw(self, key: str) -> None:
        self._tries.pop(key, None)
        self._crawler.stats.inc_value("khobor/requested", -1)
        self._crawler.stats.inc_value("khobor/known")

    def came_to(self, listing: Listing, reason: str) -> None:
        """Count an article as ROW, or why it gave none; one that failed in earlier runs counts for nothing."""
        is_first = self._tries.pop(self._outlet.listed_key(listing.url), None)
        if reason == ROW and is_first is not None:
            self._crawler.stats.inc_value("khobor/fruitful")
        elif is_first and reason not in NO_ANSWER:
            self._crawler.stats.inc_value(f"khobor/fruitless/{reason}")
            self._crawler.stats.set_value(f"khobor/example/fruitless/{reason}", listing.url)

    def confirmed(self, listing: Listing) -> Listing:
        """Return a listing, national if any source of the run lists its article as such."""
        return replace(listing, national=listing.national or self._outlet.listed_key(listing.url) in self._national)

    def forget(self, keys: Iterable[str]) -> None:
        """Forget articles that state has: in a run over years they would fill the memory."""
        self._listed.difference_update(keys)
