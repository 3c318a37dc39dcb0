"""One run in spool and state: claimed, begun with what dead runs left, closed by run file and manifest, pushed."""

from __future__ import annotations

import asyncio
import gc
import json
from asyncio import CancelledError
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from scrapy.utils.asyncio import run_in_thread

from crawler.deployment import archive_of, spool_directory
from crawler.health.facts import facts_of
from crawler.items import rfc3339
from crawler.memory import memory_of
from crawler.recording.claims import Claim, claim_run
from crawler.recording.files import FinishedFile, RunFiles
from crawler.recording.lease import Lease
from crawler.recording.provenance import software, warcinfo_fields
from crawler.recording.pushing import RunPush
from crawler.recording.recovery.asking import Asking
from crawler.recording.recovery.recovery import Recovery, find
from crawler.recording.recovery.remains import Remains
from crawler.recording.recovery.returning import Returning
from crawler.recording.report import write_manifest, write_run
from crawler.recording.writer import Later, Writer
from crawler.spider import NewsSpider
from crawler.spool import custody_of

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler

# Python's own 700 has it walk through all that waits to be written several times a page.
COLLECTION_OBJECTS = 10_000


class Run:
    """What a crawl has in spool and state once its run is claimed; begun in the reactor's thread.

    `on_failure` is called, in threads of ours, with what breaks the run while the crawl goes on.
    """

    def __init__(
        self, crawler: Crawler, spider: Spider, claim: Claim, on_failure: Callable[[BaseException], None]
    ) -> None:
        self._crawler = crawler
        self._claim = claim
        self._state = memory_of(crawler).state
        self._storage = archive_of(crawler.settings)
        custody = custody_of(crawler.settings, self._state.engine)
        self._files = _files(crawler, spider, claim)
        self._returning = Returning(custody, self._storage, self._files.spool, spider.name, claim.run)
        self._remains: Remains | None = None
        self._asking: Asking | None = None
        self._push = RunPush(crawler, self._state, self._files, on_failure)
        self._lease = Lease(custody, claim.run, on_failure)
        self.writer = self._start_writer(getattr(spider, "scope", "all"), on_failure)

    def _start_writer(self, scope: str, on_failure: Callable[[BaseException], None]) -> Writer:
        """Return the running writer; files appear with the first exchange."""
        from twisted.internet import reactor  # noqa: PLC0415 (importing it installs it)

        gc.set_threshold(COLLECTION_OBJECTS)
        # All that is loaded by now stays: to look through it takes as long as dozens of pages do.
        gc.freeze()
        return Writer(self._files, self._state, scope, cast(Later, reactor.callLater), on_failure)

    async def recover(self) -> None:
        """Bring to an end what dead runs left. Raises CloseSpider when the crawl is told to stop meanwhile.

        Raises StorageError, OSError, ValueError, SQLAlchemyError too.
        """
        files = self._files
        spider = self._crawler.spider
        # What only counts takes over nothing that it would have to fetch.
        is_dry = getattr(spider, "backfill", None) == "count"
        if not is_dry:
            await run_in_thread(self._returning.bring_back)
        remains = await run_in_thread(find, files.spool, files.outlet, files.run, self._state, self._storage)
        # With nothing left there is nothing to settle, however early the crawl is stopped.
        remains.is_settled = not remains
        self._remains = files.inherited = remains
        recovery = Recovery(self._crawler, self._state, remains)
        await recovery.run()
        if isinstance(spider, NewsSpider) and not is_dry:
            self._asking = Asking(self._crawler, spider, recovery.lost(spider))
        with suppress(CancelledError):
            await asyncio.wrap_future(self.writer.flush())
            remains.is_settled = True

    def finish(self, reason: str, has_undecided: bool = False) -> None:
        """Finish files, write run and manifest, push; with pages that nobody has decided on all is left for recovery.

        Raises OSError, SQLAlchemyError, StorageError, TakenOver, and what stopped the writer.
        """
        self._push.end_early()
        files = self.writer.finish()
        self._crawler.stats.set_value("khobor/exchanges", self.writer.exchanges)
        self._crawler.stats.set_value("khobor/rows", self.writer.rows)
        self._crawler.stats.set_value("khobor/unchanged", self.writer.unchanged)
        if not has_undecided and (self._remains is None or self._remains.is_settled):
            self._lease.check()
            self._close(reason, files)
            self._push.finish()
            return
        # Left as if it had died, with what it had inherited, for the next one.
        if self._remains is not None:
            self._remains.release()
        self._claim.release()

    def end(self) -> None:
        """Let go of the runs that were left to the next recovery, and renew no lease any more."""
        self._returning.close()
        self._lease.end()

    def _close(self, reason: str, files: list[FinishedFile]) -> None:
        self._state.sync()
        ended = datetime.now(UTC)
        self._write_reports(reason, ended, files)
        if self._remains is not None:
            self._remains.close()
        self._claim.close()
        self._tell_state(reason, ended, files)

    def _write_reports(self, reason: str, ended: datetime, files: list[FinishedFile]) -> None:
        spool, run, started = self._files.spool, self._claim.run, self._claim.started
        facts = {
            "run": run,
            **self._claim.facts,
            "finished": rfc3339(ended),
            "reason": reason,
            "stats": self._crawler.stats.get_stats(),
            "files": [file.file for file in files],
        }
        run_file = write_run(spool, run, started, facts)
        if files:
            write_manifest(spool, run, self._files.outlet, started, [*files, run_file])

    def _tell_state(self, reason: str, ended: datetime, files: list[FinishedFile]) -> None:
        stats = self._crawler.stats
        self._state.run_finished(
            self._claim.run,
            reason=reason,
            rows=self.writer.rows,
            requests=stats.get_value("downloader/request_count", 0),
            bytes=sum(file.bytes for file in files),
            files=len(files),
            facts=json.dumps(facts_of(stats.get_stats(), self._claim.started, ended), ensure_ascii=False),
        )


def claim_for(crawler: Crawler, spider: Spider) -> Claim:
    """Claim the name of a crawl's run in spool and state. Raises OSError, SQLAlchemyError."""
    started, settings, state = datetime.now(UTC), crawler.settings, memory_of(crawler).state
    command = settings["RUN_COMMAND"]
    wanted = spider.wanted() if isinstance(spider, NewsSpider) else None
    facts = {"outlet": spider.name, "command": command, "started": rfc3339(started)}
    facts |= {"software": software(), "wanted": wanted}
    claim = claim_run(spool_directory(settings), spider.name, started, facts)
    state.run_started(claim.run, spider.name, command)
    custody_of(settings, state.engine).begin(claim.run, spider.name, command, json.dumps(wanted))
    return claim


def give_up(crawler: Crawler, claim: Claim, reason: str) -> None:
    """Leave no trace of a run that was stopped before it could record. Raises OSError, SQLAlchemyError."""
    state = memory_of(crawler).state
    state.run_finished(claim.run, reason=reason, rows=0, requests=0, bytes=0, files=0)
    custody_of(crawler.settings, state.engine).confirm([claim.run])
    claim.close()


def _files(crawler: Crawler, spider: Spider, claim: Claim) -> RunFiles:
    settings = crawler.settings
    return RunFiles(
        spool_directory(settings),
        spider.name,
        claim.started,
        {**warcinfo_fields(crawler, spider), "run": claim.run},
        settings.getint("WARC_SIZE"),
        settings.getfloat("WARC_AGE"),
    )
