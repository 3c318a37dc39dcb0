"""What a crawl knows of the articles that sources list: which are new, were met by earlier runs, or are under way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from crawler.crawl.discovery.source_health import SourceCounts
from crawler.model.failures import NO_ANSWER, ROW
from crawler.model.listing import Listing
from crawler.model.span import ONE_DAY, local_day
from crawler.outlets.sources import Visit

if TYPE_CHECKING:
    from crawler.crawl.memory import Memory
    from crawler.state import Known


class ListedArticles(SourceCounts):
    """An outlet whose crawl tells the listed articles that it still has to ask for from those that are known."""

    def __init__(self, **arguments: Any) -> None:
        """Take the arguments given with -a. Raises BadArgument."""
        super().__init__(**arguments)
        self._began = datetime.now(UTC)
        self._listed: set[str] = set()
        # The articles under way, by key, and whether it is the first time that they are asked for.
        self._tries: dict[str, bool] = {}

    def unlisted(self, wanted: dict[str, Listing], known: set[str]) -> Iterator[Listing]:
        """Yield what this run has not listed before and no run has fetched; each counts as listed once."""
        for key, listing in wanted.items():
            if listing.national:
                self._national.add(key)
            if key not in self._listed:
                self._listed.add(key)
                self.count("listed")
                self.count("known" if key in known else "requested")
                if key not in known:
                    yield listing

    async def known(self, keys: list[str]) -> Known:
        """Return which articles need no fetch, and which were met before."""
        # Imported late: extraction's workers load this module and have no use for a database.
        from crawler.state import Known

        memory = self._memory
        if memory is None or not keys:
            return Known(set(), set())
        known: Known = await memory.known(self.name, keys, self.scope)
        if self.backfill:
            since = self._began if self.backfill == "retry" else None
            known.done.update(await memory.failed_for_good(self.name, keys, since))
        elif self.is_update:
            # A dead link that stays in a listing is not asked for in every run.
            known.done.update(await memory.resting(self.name, keys))
        return known

    async def failed_before(self, listings: list[Listing]) -> set[str]:
        """Return the keys of those that earlier runs have asked for in vain; only an update wants to know."""
        if self._memory is None or not self.is_update:
            return set()
        return await self._memory.failed(self.name, list(map(self.listed_key, listings)))

    async def left_over(self, day: date | None, listed: Mapping[str, Listing]) -> list[Listing]:
        """Return the articles that failed on a day for now and that its sources, all asked now, list no more."""
        if self._memory is None or day is None or not self._book.is_last(day):
            return []
        waiting = await self._memory.failed_for_now(self.name, self.scope, day)
        left = {key: one for key, one in waiting.items() if key not in listed and key not in self._listed}
        self._listed.update(left)
        return list(left.values())

    async def closed_days(self) -> set[date]:
        """Return the days of the span that need not be asked for."""
        return await self._memory.closed(self.name, self.scope, self.span) if self._memory and self.backfill else set()

    async def note_others(self, visit: Visit, others: Mapping[str, Listing]) -> None:
        """Note which articles that a source lists for a day are, as it says, of a day beside it that isn't asked for.

        That day's own list may not have them.
        """
        day = self.day_of_visit(visit)
        if day is None or self.backfill == "count":
            return
        dated = {key: self.selection().date_of(one) for key, one in others.items()}
        near = {key: local_day(at, self.zone()) for key, at in dated.items() if at}
        near = {key: of for key, of in near.items() if abs(of - day) <= ONE_DAY}
        known = await self.known(list(near))
        for key in near.keys() - known.done:
            self._book.moved(key, others[key], near[key], day)

    def came_to(self, listing: Listing, reason: str) -> None:
        """Count what an article came to, if it is not visited again: to a row, or for what reason to none.

        One that came to none in earlier runs too is a dead link, and nothing new.
        """
        is_first = self._tries.pop(self.listed_key(listing), None)
        if reason == ROW and is_first is not None:
            self.count("fruitful")
        elif is_first and reason not in NO_ANSWER:
            self.count(f"fruitless/{reason}")
            self.crawler.stats.set_value(f"khobor/example/fruitless/{reason}", listing.url)

    def forget(self, keys: Iterable[str]) -> None:
        """Forget articles of which state knows all: in a run over years they would fill the memory."""
        self._listed.difference_update(keys)

    @property
    def _memory(self) -> Memory | None:
        from crawler.crawl.memory import Memory

        return self.crawler.get_extension(Memory) if self.crawler.extensions else None
