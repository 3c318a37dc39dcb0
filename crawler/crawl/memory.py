"""The crawl's memory: the extension through which spiders and the recorder reach state."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.utils.asyncio import run_in_thread

from crawler.crawl.deployment import Deployment
from crawler.model.listing import Listing
from crawler.model.span import Span
from crawler.state import Known, State
from crawler.state.days import Days
from crawler.state.failures import Failures

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Memory:
    """Opens state for one crawl and closes it when the engine has stopped. Queries run in threads."""

    def __init__(self, state: State) -> None:
        self.state = state

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        memory = cls(State(Deployment.from_settings(crawler.settings).state_url))
        crawler.signals.connect(memory.engine_stopped, signals.engine_stopped)
        return memory

    async def known(self, outlet: str, keys: list[str], scope: str) -> Known:
        return await run_in_thread(self.state.known, outlet, keys, scope)

    async def failed_for_good(self, outlet: str, keys: list[str], since: datetime | None = None) -> set[str]:
        """Return the keys that failed for good, since a moment if given."""
        return await run_in_thread(Failures(self.state.engine).final, outlet, keys, since)

    async def failed(self, outlet: str, keys: list[str]) -> set[str]:
        """Return the keys that failed in an earlier run."""
        return set(await run_in_thread(Failures(self.state.engine).of, outlet, keys))

    async def resting(self, outlet: str, keys: list[str]) -> set[str]:
        """Return the keys that failed too recently to be retried."""
        return await run_in_thread(Failures(self.state.engine).resting, outlet, keys, datetime.now(UTC))

    async def failed_for_now(self, outlet: str, scope: str, day: date) -> dict[str, Listing]:
        """Return by key the articles of a day that are to be retried."""
        return await run_in_thread(Failures(self.state.engine).waiting, outlet, scope, day)

    async def closed(self, outlet: str, scope: str, span: Span) -> set[date]:
        """Return the closed days of a span."""
        return await run_in_thread(Days(self.state.engine, outlet, scope).closed, span)

    def engine_stopped(self) -> None:
        self.state.close()


def memory_of(crawler: Crawler) -> Memory:
    """Return the crawl's Memory. Raises AssertionError without one."""
    memory = crawler.get_extension(Memory)
    if memory is None:
        raise AssertionError("a crawl requires crawler.crawl.memory.Memory in EXTENSIONS")
    return memory
