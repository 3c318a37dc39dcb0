"""One run in spool and state: started with the remains of dead runs, closed by run file and manifest, uploaded."""

from __future__ import annotations

import asyncio
import gc
import json
from asyncio import CancelledError
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from scrapy.utils.asyncio import run_in_thread

from crawler.archive.manifests import FinishedFile, write_manifest, write_run
from crawler.model.span import Wanted, rfc3339
from crawler.recording.claims import Claim, Lease
from crawler.recording.files import RunFiles
from crawler.recording.push import Push
from crawler.recording.recovery.recovery import PageDecisions, Recovery, find
from crawler.recording.recovery.remains import Remains
from crawler.recording.recovery.returning import Returning
from crawler.recording.run_push import RunPush
from crawler.recording.writer import Call, Writer
from crawler.state import State
from crawler.state.custody import Custody

# With Python's default of 700, the collector runs several times a page.
COLLECTION_OBJECTS = 10_000


@dataclass(frozen=True, slots=True)
class CrawlFacts:
    """The facts about its crawl that a run needs.

    `stats` returns the numbers of the crawl, `health` the facts for judging its health, as JSON. With `is_dry` the
    crawl only counts: it takes over no runs whose articles it would have to fetch.
    """

    scope: str
    is_dry: bool
    decisions: PageDecisions | None
    stats: Callable[[], Mapping[str, Any]]
    health: Callable[[datetime, datetime], Mapping[str, Any]]
    is_stopping: Callable[[], bool]


class Run:
    """A crawl's claimed run in spool and state; made in the reactor's thread.

    `on_failure` is called in other threads with errors that break the run during the crawl.
    """

    def __init__(
        self,
        claim: Claim,
        files: RunFiles,
        state: State,
        custody: Custody,
        push: Push,
        crawl: CrawlFacts,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._claim = claim
        self._files = files
        self._state = state
        self._storage = push.storage
        self._custody = custody
        self._crawl = crawl
        self._returning = Returning(custody, push.storage, files.spool, files.outlet, claim.run)
        self._remains: Remains | None = None
        self._push = RunPush(push, state, files, crawl.is_stopping, on_failure)
        self._lease = Lease(custody, claim.run, on_failure)
        from twisted.internet import reactor  # importing it installs it

        gc.set_threshold(COLLECTION_OBJECTS)
        # Everything loaded by now stays; a collection of it takes as long as dozens of pages.
        gc.freeze()
        self.writer = Writer(files, state, crawl.scope, cast(Call, reactor.callFromThread), on_failure)

    async def recover(self) -> dict[str, Wanted]:
        """Complete the remains of dead runs; return the addresses of lost articles, with the parameters of their runs.

        Raises CloseSpider if the crawl is stopped meanwhile, StorageError, OSError, ValueError, SQLAlchemyError.
        """
        files = self._files
        if not self._crawl.is_dry:
            await run_in_thread(self._returning.bring_back)
        remains = await run_in_thread(find, files.spool, files.outlet, files.run, self._state, self._storage)
        # Without remains there is nothing to settle, however early the crawl is stopped.
        remains.is_settled = not remains
        self._remains = files.inherited = remains
        recovery = Recovery(self._state, self._custody, remains, self._crawl.decisions, self._crawl.is_stopping)
        await recovery.run()
        with suppress(CancelledError):
            await asyncio.wrap_future(self.writer.flush())
            remains.is_settled = True
        return {} if self._crawl.is_dry else recovery.lost()

    def finish(self, reason: str, has_undecided: bool = False) -> None:
        """Finish files, write run and manifest, upload; with undecided pages leave everything to recovery.

        Raises OSError, SQLAlchemyError, StorageError, TakenOver, and the writer's error.
        """
        self._push.end_early()
        files = self.writer.finish()
        if not has_undecided and (self._remains is None or self._remains.is_settled):
            self._lease.check()
            self._close(reason, files)
            self._push.finish()
            return
        # The next recovery takes this run, and its remains, for dead.
        if self._remains is not None:
            self._remains.release()
        self._claim.release()

    def end(self) -> None:
        """Release the postponed runs, and stop renewing the lease."""
        self._returning.close()
        self._lease.end()

    def _close(self, reason: str, files: list[FinishedFile]) -> None:
        self._state.sync()
        ended = datetime.now(UTC)
        self._write_reports(reason, ended, files)
        if self._remains is not None:
            self._remains.close()
        self._claim.close()
        self._state.run_finished(
            self._claim.run,
            reason=reason,
            rows=self.writer.rows,
            requests=self._crawl.stats().get("downloader/request_count", 0),
            bytes=sum(file.bytes for file in files),
            files=len(files),
            facts=json.dumps(self._crawl.health(self._claim.started, ended), ensure_ascii=False),
        )

    def _write_reports(self, reason: str, ended: datetime, files: list[FinishedFile]) -> None:
        spool, run, started = self._files.spool, self._claim.run, self._claim.started
        facts = {
            "run": run,
            **self._claim.facts,
            "finished": rfc3339(ended),
            "reason": reason,
            "stats": self._crawl.stats(),
            "files": [file.file for file in files],
        }
        run_file = write_run(spool, run, started, facts)
        if files:
            write_manifest(spool, run, self._files.outlet, started, [*files, run_file])
