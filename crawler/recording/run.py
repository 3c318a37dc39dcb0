"""One run in spool and state: it completes unfinished segments, records, and uploads what is finished."""

import asyncio
import gc
import json
from asyncio import CancelledError
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, cast

from crawler.archive.manifests import write_json
from crawler.archive.names import key_of
from crawler.model.span import rfc3339
from crawler.recording.push import Push
from crawler.recording.recovery.recovery import PageDecisions, Recovery
from crawler.recording.segments import Segments
from crawler.recording.upload import Upload
from crawler.recording.writer import Call, Writer
from crawler.state import State
from crawler.state.leases import Lease, Leases
from crawler.system import clock

# With Python's default of 700, the collector runs several times a page.
COLLECTION_OBJECTS = 10_000


@dataclass(frozen=True, slots=True)
class CrawlFacts:
    """The facts about its crawl that a run needs.

    `facts` are those that its run file begins with. `stats` returns the numbers of the crawl, `health` the facts for
    judging its health, as JSON. `settle` writes the withdrawn articles to state, and returns the facts about them for
    the run file. `decisions` yields the outlets to recover, each with what opens its decisions. `is_left` says whether
    an error concerns only this outlet. With `is_dry` the crawl only counts: lost articles stay as they are.
    """

    facts: Mapping[str, Any]
    scope: str
    is_dry: bool
    decisions: Callable[[], Iterable[tuple[str, AbstractContextManager[PageDecisions | None]]]]
    is_left: Callable[[str, BaseException], bool]
    stats: Callable[[], Mapping[str, Any]]
    health: Callable[[datetime, datetime], Mapping[str, Any]]
    settle: Callable[[], Mapping[str, Any]]
    is_stopping: Callable[[], bool]


@dataclass(eq=False)
class Run:
    """A crawl's run in spool and state; made in the reactor's thread.

    `on_failure` is called in other threads with errors that break the run during the crawl.
    """

    started: datetime
    segments: Segments
    state: State
    leases: Leases
    push: Push
    crawl: CrawlFacts
    on_failure: Callable[[BaseException], None]
    # How many segments of killed runs it has completed.
    recovered: int = 0
    _is_recovered: bool = False

    def __post_init__(self) -> None:
        self._lease = Lease(self.leases, self.on_failure)
        self._upload = Upload(self.push, self.segments.outlets, self.crawl.is_stopping, self.on_failure)
        self.segments.on_finished = self._upload.begin
        from twisted.internet import reactor  # importing it installs it

        gc.set_threshold(COLLECTION_OBJECTS)
        # Everything loaded by now stays; a collection of it takes as long as dozens of pages.
        gc.freeze()
        call = cast(Call, reactor.callFromThread)
        self.writer = Writer(self.segments, self.state, self.crawl.scope, call, self.on_failure)

    async def recover(self) -> None:
        """Complete unfinished segments, and reopen what was lost.

        Raises CloseSpider if the crawl is stopped meanwhile, StorageError, OSError, ValueError, SQLAlchemyError.
        """
        with suppress(CancelledError):
            await asyncio.wrap_future(self.writer.call(self._recover))
            self._is_recovered = True

    def _recover(self) -> None:
        for outlet, opened in self.crawl.decisions():
            try:
                with opened as decisions:
                    self._recover_outlet(outlet, decisions)
            except BaseException as error:
                if not self.crawl.is_left(outlet, error):
                    raise
                self.segments.leave(outlet)

    def _recover_outlet(self, outlet: str, decisions: PageDecisions | None) -> None:
        commits, is_stopping = self.writer.commits, self.crawl.is_stopping
        recovery = Recovery(self.state, self.leases, commits, decisions, outlet, is_stopping)
        recovery.run()
        self.recovered += recovery.recovered
        if not self.crawl.is_dry:
            recovery.take_back()

    def finish_drained(self, under_way: Callable[[], set[str]]) -> None:
        """Finish the closed segments without a capture under way; `under_way` returns the WARC files of the others."""
        # In this order: meanwhile the writer may close the segment of a capture that it has just acknowledged.
        closed = set(self.segments.closing)
        for warc in sorted(closed - under_way()):
            self.writer.submit(partial(self.segments.finish, warc))

    def finish(self, reason: str, has_undecided: bool = False) -> None:
        """Finish the segments, write the run file, upload; with undecided pages leave the segments to recovery.

        A recovery that was stopped leaves undecided pages too.

        Raises OSError, SQLAlchemyError, StorageError, and the writer's error.
        """
        left = self.writer.finish(is_abandoned=has_undecided or not self._is_recovered)
        self.leases.renew(max((one.warc.created + self.segments.limits.age for one in left), default=None))
        for one in left:
            self.leases.left_open(one.warc.file, one.warc.size)
        settled = self.crawl.settle()
        self.state.sync()
        ended = clock.now()
        self._write_report(reason, ended, settled)
        self.state.run_finished(
            self.segments.run,
            reason=reason,
            rows=self.writer.commits.rows,
            requests=self.crawl.stats().get("downloader/request_count", 0),
            bytes=self.segments.bytes,
            files=len(self.segments.finished),
            facts=json.dumps(self.crawl.health(self.started, ended), ensure_ascii=False),
        )
        self._upload.finish()

    def end(self) -> None:
        """Stop renewing the lease."""
        self._lease.close()

    def _write_report(self, reason: str, ended: datetime, settled: Mapping[str, Any]) -> None:
        facts = {
            "run": self.segments.run,
            **self.crawl.facts,
            "finished": rfc3339(ended),
            "reason": reason,
            "stats": self.crawl.stats(),
            "segments": self.segments.finished,
            **settled,
        }
        write_json(self.segments.spool, key_of("runs", self.segments.run), facts)
