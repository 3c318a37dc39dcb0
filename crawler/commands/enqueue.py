"""`scrapy enqueue`: updates, backfills and re-extractions for the workers of a queue."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.jobs.command import BaseCommand, add_day_options, add_outlet_option, days_of
from crawler.jobs.jobs_command import names_in
from crawler.model.exit_codes import FAILED, OK, USAGE, BrokenOutlet, Refused
from crawler.system.terminal import complain, counted, say

if TYPE_CHECKING:
    from crawler.jobs.queue.jobs import OutletJob

KINDS = ("update", "backfill", "reextract")


class Command(BaseCommand):
    """Queue jobs for the workers of QUEUE_URL.

    `update` queues one job an outlet, `backfill` one for each month, the newest first, `reextract` one up to the end of
    each month of captures. A job that already waits or runs is not queued again. Jobs on one outlet run one after
    another, on whatever machines.
    """

    usage = "update [OUTLET…] | backfill OUTLET… --since DATE --until DATE | reextract --to URL"
    takes_arguments = True
    examples = (
        "scrapy enqueue update",
        "scrapy enqueue backfill samakal ittefaq --since 2006-01-01 --until 2026-11-30",
        "scrapy enqueue reextract --to s3://news/archive --outlet samakal",
    )
    exit_codes = {OK: "done", FAILED: "the database or the archive can't be used, or an outlet can't be used"}

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--scope", choices=("national", "all"), default="national", help="articles to crawl")
        parser.add_argument(
            "--except",
            dest="excluded",
            action="append",
            default=[],
            metavar="OUTLET",
            help="update: skip OUTLET, or A,B,C",
        )
        add_day_options(parser)
        parser.add_argument("--retry-failed", action="store_true", help="backfill: retry articles that failed for good")
        add_outlet_option(parser, "reextract: only these outlets")
        parser.add_argument(
            "--to", metavar="URL", help="reextract: archive, directory or s3://bucket/prefix for the rows"
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        if not args or args[0] not in KINDS:
            what = f"not {args[0]!r}" if args else "first"
            raise UsageError(self._with_hint(f"enqueue takes {', '.join(KINDS[:-1])} or {KINDS[-1]}, {what}"))
        kind, names = args[0], names_in(args[1:])
        self._check_options(kind, opts)
        jobs, broken = getattr(self, f"_{kind}")(names, opts)
        for outlet, why in broken.items():
            complain(f"{outlet}: can't be used ({why})")
        count = asyncio.run(self._enqueue(jobs))
        known = f"; {len(jobs) - count} waited or ran already" if count < len(jobs) else ""
        say(f"{counted(count, 'job')} queued{known}")
        return FAILED if broken else OK

    def _check_options(self, kind: str, opts: argparse.Namespace) -> None:
        given = {
            "--except": (opts.excluded, ("update",)),
            "--since": (opts.since, ("backfill", "reextract")),
            "--until": (opts.until, ("backfill", "reextract")),
            "--retry-failed": (opts.retry_failed, ("backfill",)),
            "--outlet": (opts.outlet, ("reextract",)),
            "--to": (opts.to, ("reextract",)),
        }
        for option, (value, kinds) in given.items():
            if value and kind not in kinds:
                raise UsageError(self._with_hint(f"{option} does not belong to enqueue {kind}"))

    async def _enqueue(self, jobs: Sequence[OutletJob]) -> int:
        from crawler.crawl.settings import Queue
        from crawler.jobs.queue.database import opened
        from crawler.jobs.queue.jobs import enqueue

        async with opened(Queue.from_settings(self._settings).url) as app:
            return await enqueue(app, jobs)

    def _update(self, names: Sequence[str], opts: argparse.Namespace) -> tuple[list[OutletJob], dict[str, str]]:
        from crawler.crawl.preflight import unknown_outlets
        from crawler.crawl.settings import UpdateOptions
        from crawler.jobs.queue.jobs import updates
        from crawler.jobs.update.round import chosen

        excluded = names_in(opts.excluded)
        wanted = names or list(UpdateOptions.from_settings(self._settings).outlets)
        broken = unknown_outlets(self.outlets, [*wanted, *excluded])
        outlets = [name for name in chosen(self.outlets, wanted, excluded) if name not in broken]
        if not outlets and not broken:
            raise Refused("no outlet is left to crawl", USAGE)
        return updates(outlets, opts.scope), broken

    def _backfill(self, names: Sequence[str], opts: argparse.Namespace) -> tuple[list[OutletJob], dict[str, str]]:
        from crawler.crawl.preflight import unknown_outlets
        from crawler.jobs.queue.jobs import backfills

        if not names or not opts.since or not opts.until:
            raise Refused(self._with_hint("enqueue backfill takes outlets, --since and --until"), USAGE)
        days_of(opts)
        mode = "retry" if opts.retry_failed else "open"
        arguments = {"since": opts.since, "until": opts.until, "scope": opts.scope, "backfill": mode}
        broken, spans = unknown_outlets(self.outlets, names), {}
        for name in dict.fromkeys(names):
            try:
                if name not in broken:
                    span = self.project.make_spider(name, arguments).span
                    spans[name] = (span.since, span.until)
            except BrokenOutlet as error:
                broken[name] = error.account
        return backfills(spans, opts.scope, opts.retry_failed), broken

    def _reextract(self, names: Sequence[str], opts: argparse.Namespace) -> tuple[list[OutletJob], dict[str, str]]:
        from crawler.jobs.queue.jobs import reextractions
        from crawler.tools.reextraction.segments import segments_of

        if names:
            raise UsageError(self._with_hint(f"enqueue reextract takes outlets as --outlet {names[0]}"))
        if not opts.to:
            raise Refused(self._with_hint("enqueue reextract takes --to"), USAGE)
        storage, days = self.whole_archive(opts.outlet), days_of(opts)
        archived = list(storage.folders("manifest/"))
        self.check_outlets(opts.outlet, archived)
        try:
            firsts = {
                name: [_day(one.first, days.since) for one in segments_of(storage, name) if one.is_of(days)]
                for name in archived
                if not opts.outlet or name in opts.outlet
            }
        except ValueError as error:
            raise Refused(f"{error}; scrapy verify says what else is damaged", FAILED) from error
        return reextractions(firsts, days.since, days.until, opts.to), {}


def _day(moment: str, since: date | None) -> date:
    day = datetime.fromisoformat(moment).date()
    return max(day, since) if since else day
