"""`scrapy worker`: the jobs of a queue, until it is stopped."""

from __future__ import annotations

import argparse
import asyncio
import socket
from contextlib import closing
from typing import TYPE_CHECKING

from crawler.jobs.command import BaseCommand, whole_number
from crawler.jobs.jobs_command import alert, names_in
from crawler.model.exit_codes import FAILED, LOCKED, OK, USAGE, Refused
from crawler.system import clock
from crawler.system.terminal import complain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.crawl.settings import Queue
    from crawler.jobs.queue.worker import Worker
    from crawler.state import State


class Command(BaseCommand):
    """Take jobs from the queue of QUEUE_URL and run each in a process of its own, until stopped.

    On SIGTERM and Ctrl-C the worker takes no new jobs; those that run get 30 seconds, then they go back to the queue.
    One worker uses a spool. If it is lost, other workers take its jobs after RUN_LEASE_SECONDS (here 150 unless set).
    """

    usage = "[options]"
    examples = ("SCRAPY_PROJECT=cron python -m scrapy worker --jobs 8", "scrapy worker --jobs 2 --only reextract")
    exit_codes = {
        OK: "stopped",
        FAILED: "the database, the state or the spool can't be used",
        LOCKED: "another worker is running in this spool",
    }

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--jobs", type=whole_number, default=1, metavar="N", help="jobs at a time (default: 1)")
        parser.add_argument("--only", action="append", default=[], metavar="KIND,…", help="only jobs of these kinds")

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        from crawler.crawl.preflight import check_places
        from crawler.crawl.settings import Queue
        from crawler.jobs.queue.database import address_of
        from crawler.jobs.queue.worker import kinds_of
        from crawler.state import State
        from crawler.state.leases import Lease
        from crawler.system.locks import DirectoryLock

        queue, kinds = Queue.from_settings(self._settings), kinds_of(names_in(opts.only))
        address_of(queue.url)
        if "postgresql" not in self.deployment.state_url.partition(":")[0]:
            raise Refused("workers share their state: STATE_URL must be an address of PostgreSQL, too", USAGE)
        check_places(self.deployment)
        spool = self.deployment.spool
        lock = DirectoryLock(spool / "locks" / "worker", holder="another worker is running in this spool")
        with lock, closing(State(self.deployment.state_url)) as state:
            leases = self.deployment.leases(state.engine)
            leases.lease = queue.lease
            with closing(Lease(leases)):
                worker = self._worker(queue, kinds, opts, leases.spool, state)
                asyncio.run(worker.run())
        return OK

    def _worker(self, queue: Queue, kinds: list[str], opts: argparse.Namespace, spool: str, state: State) -> Worker:
        from crawler.jobs.queue.upkeep import Upkeep
        from crawler.jobs.queue.worker import Worker
        from crawler.recording.push import waiting_outlets

        seconds = f"RUN_LEASE_SECONDS={queue.lease.total_seconds():g}"
        # The worker writes metrics and alerts: a job may be tried several times. The last value of a setting counts.
        settings = [*opts.set, seconds, "METRICS_FILE=", "ALERT_COMMAND="]
        return Worker(
            url=queue.url,
            kinds=kinds,
            parallel=opts.jobs,
            place=f"{socket.gethostname()}:{self.deployment.spool}",
            spool=spool,
            logs=self.deployment.spool / "logs" / "jobs",
            options=[part for one in settings for part in ("-s", one)],
            lease=queue.lease,
            upkeep=Upkeep(state.engine, queue.lease, lambda jobs: self._write_metrics(jobs, state)),
            alert=self._alert,
            update_cron=queue.update_cron,
            outlets=self._names,
            waiting=lambda: waiting_outlets(self.deployment.spool),
        )

    def _names(self) -> list[str]:
        """Return the outlets that a periodic update crawls."""
        from crawler.crawl.settings import UpdateOptions
        from crawler.jobs.update.round import chosen

        return chosen(self.outlets, UpdateOptions.from_settings(self._settings).outlets, [])

    def _alert(self, report: str, outlet: str, exit_code: int) -> None:
        if command := self.setting("ALERT_COMMAND"):
            failure = alert(command, report, [outlet], exit_code)
            if failure:
                complain(failure)

    def _write_metrics(self, jobs: Mapping[tuple[str, str], int], state: State) -> None:
        from crawler.crawl.settings import UpdateOptions
        from crawler.jobs.metrics import write_worker_metrics
        from crawler.jobs.update.waiting import waiting_in
        from crawler.state.history import History
        from crawler.state.standings import Standings

        path = UpdateOptions.from_settings(self._settings).metrics_file
        if path is None:
            return
        names = [outlet.name for outlet in self.outlets]
        runs, standings = History(state.engine).latest(names).values(), Standings(state.engine).of(names)
        waiting = sum(waiting_in(self.deployment, is_hurried=True).values())
        try:
            write_worker_metrics(path, runs, standings, jobs, waiting, clock.now())
        except OSError as error:
            complain(f"METRICS_FILE {path} can't be written: {error.strerror}")
