"""The crawl's memory: the extension through which spiders and the recorder reach state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.utils.asyncio import run_in_thread

from crawler.deployment import state_url
from crawler.state import Known, State

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Memory:
    """Opens state for one crawl and closes it when the engine has stopped."""

    def __init__(self, state: State) -> None:
        self.state = state

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open STATE_URL."""
        memory = cls(State(state_url(crawler.settings)))
        crawler.signals.connect(memory.engine_stopped, signals.engine_stopped)
        return memory

    async def known(self, outlet: str, keys: list[str], scope: str) -> Known:
        """Return what is known of keys, looked up in a thread: the reactor goes on."""
        return await run_in_thread(self.state.known, outlet, keys, scope)

    def engine_stopped(self) -> None:
        """Close state after everybody else is done with it."""
        self.state.close()
