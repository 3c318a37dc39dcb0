"""`scrapy queue`: the jobs of the queue, retried or cancelled."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from scrapy.exceptions import UsageError

from crawler.jobs.command import BaseCommand
from crawler.model.exit_codes import FAILED, OK
from crawler.system.terminal import counted, say, standard_output

# More waiting jobs are only counted.
SHOWN = 30


class Command(BaseCommand):
    """List the jobs that wait, run and have failed.

    The queue is in the database of QUEUE_URL. `scrapy enqueue` adds jobs, workers run them.
    """

    usage = "[options] [ID…]"
    takes_arguments = True
    examples = ("scrapy queue", "scrapy queue --json", "scrapy queue --retry", "scrapy queue --cancel 17 18")
    exit_codes = {OK: "done", FAILED: "the database can't be used, or there is no such job"}

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--json", action="store_true", help="one JSON object with the lists waiting, running, failed")
        what.add_argument("--retry", action="store_true", help="retry of failed jobs: those with an ID, or all")
        what.add_argument(
            "--cancel", action="store_true", help="end of waiting and running jobs with an ID, or all waiting"
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        if args and not (opts.retry or opts.cancel):
            raise UsageError("IDs belong to --retry or --cancel; see scrapy queue --help")
        if wrong := [word for word in args if not word.isdecimal()]:
            raise UsageError(f"{wrong[0]!r} is not the ID of a job; `scrapy queue` shows them")
        return asyncio.run(self._work([int(word) for word in args], opts))

    async def _work(self, ids: Sequence[int], opts: argparse.Namespace) -> int:
        from crawler.crawl.settings import Queue
        from crawler.jobs.queue.database import opened
        from crawler.jobs.queue.listing import cancel, listed, retry

        async with opened(Queue.from_settings(self._settings).url) as app:
            if opts.retry or opts.cancel:
                count = await (retry if opts.retry else cancel)(app, ids)
                say(f"{counted(count, 'job')} {'queued again' if opts.retry else 'cancelled'}")
                return FAILED if count < len(ids) else OK
            jobs = await listed(app)
        with standard_output() as stream:
            if opts.json:
                print(json.dumps(jobs, ensure_ascii=False), file=stream)
            else:
                _show(jobs)
        return OK


def _show(jobs: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    from crawler.jobs.output import print_table

    rows = [_row("running", job, job["where"], job["started"]) for job in jobs["running"]]
    rows += [_row("failed", job, job["reason"], job["failed"]) for job in jobs["failed"]]
    rows += [_row("waiting", job, "", job["queued"]) for job in jobs["waiting"][:SHOWN]]
    if rows:
        print_table(("state", "id", "job", "since", "where, or why"), rows, right={1})
    totals = [f"{len(of)} {state}" for state, of in jobs.items()]
    more = len(jobs["waiting"]) - SHOWN
    say(", ".join(totals) + (f"; {more} waiting jobs are not shown (--json has all)" if more > 0 else ""))


def _row(state: str, job: Mapping[str, Any], detail: str | None, since: str | None) -> tuple[str, str, str, str, str]:
    options = " ".join(filter(None, job["options"].values()))
    return state, str(job["id"]), f"{job['kind']} {job['outlet']} {options}", (since or "")[:19], detail or ""
