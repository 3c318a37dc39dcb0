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
    """Opens state for one crawl and closes it when the engine has stopped."""

    def __init__(self, state: State) -> None:
        self.state = state

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open STATE_URL."""
        memory = cls(State(Deployment.from_settings(crawler.settings).state_url))
        crawler.signals.connect(memory.engine_stopped, signals.engine_stopped)
        return memory

    async def known(self, outlet: str, keys: list[str], scope: str) -> Known:
        """Return what is known of keys, looked up in a thread: the reactor goes on."""
        return await run_in_thread(self.state.known, outlet, keys, scope)

    async def failed_for_good(self, outlet: str, keys: list[str], since: datetime | None = None) -> set[str]:
        """Return those of the keys that need no further try, as they have failed for good; only since a moment."""
        return await run_in_thread(Failures(self.state.engine).final, outlet, keys, since)

    async def failed(self, outlet: str, keys: list[str]) -> set[str]:
        """Return those of the keys that an earlier run has asked for in vain."""
        return set(await run_in_thread(Failures(self.state.engine).of, outlet, keys))

    async def resting(self, outlet: str, keys: list[str]) -> set[str]:
        """Return those of the keys that failed too lately to be asked for again."""
        return await run_in_thread(Failures(self.state.engine).resting, outlet, keys, datetime.now(UTC))

    async def failed_for_now(self, outlet: str, scope: str, day: date) -> dict[str, Listing]:
        """Return by key the articles of a day that are to be tried again."""
        return await run_in_thread(Failures(self.state.engine).waiting, outlet, scope, day)

    async def closed(self, outlet: str, scope: str, span: Span) -> set[date]:
        """Return the closed days of a span."""
        return await run_in_thread(Days(self.state.engine, outlet, scope).closed, span)

    def engine_stopped(self) -> None:
        """Close state after everybody else is done with it."""
        self.state.close()


def memory_of(crawler: Crawler) -> Memory:
    """Return the crawl's Memory. Raises AssertionError when it is not among the EXTENSIONS."""
    memory = crawler.get_extension(Memory)
    if memory is None:
        raise AssertionError("state is reached through crawler.crawl.memory.Memory, which is not among the EXTENSIONS")
    return memory
