"""`scrapy crawl`: Scrapy's own command with an exit code that says how the crawl ended."""

from __future__ import annotations

import argparse
import asyncio
import logging
from collections.abc import Awaitable
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, Any

from scrapy.commands.crawl import Command as CrawlCommand

from crawler.jobs.command import BaseCommand, add_force_option
from crawler.model.exit_codes import FAILED, LOCKED, OK, REFUSED, STOPPED, UNHEALTHY, USAGE, Refused
from crawler.model.listing import GIVEN
from crawler.system.terminal import Interrupted, complain, say, trouble

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.crawl.spider import NewsSpider


# More failed addresses are only counted.
SHOWN = 20


class Command(BaseCommand, CrawlCommand):
    """Crawl one outlet into WARC and JSON Lines.

    The crawl covers the last 2 days, or a span: -a since=YYYY-MM-DD -a until=YYYY-MM-DD. With -a scope=all it takes
    every article, not only national ones. The outlet `urls` takes addresses from a file: -a file=PATH, `-` for
    standard input. It ends with the addresses that failed; --failed writes them, with the reason after a tab. One line
    on standard output has the totals: new rows, unchanged articles, requests, bytes, segments, and why pages failed or
    gave no row.
    """

    usage = "[options] OUTLET"
    takes_arguments = True
    examples = (
        "scrapy crawl samakal -a since=2026-11-20 -a until=2026-11-22",
        "scrapy crawl urls -a file=addresses.txt",
    )
    exit_codes = {
        OK: "done",
        FAILED: "recording or the outlet's own code for listings failed, or the archive is the wrong one",
        UNHEALTHY: "no listing could be read, or addresses of `urls` failed",
        REFUSED: "the outlet refuses us",
        STOPPED: "stopped early",
        LOCKED: "another crawl of the outlet is running",
    }
    stopped_code = STOPPED
    when_stopped = "stopped early, before the crawl began"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--failed", metavar="FILE", help="write the addresses that failed (crawl urls)")
        add_force_option(parser)

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        from crawler.crawl.preflight import prepare
        from crawler.crawl.settings import run_command
        from crawler.tools.export.output import new_file

        if opts.failed is not None and args != [GIVEN]:
            raise Refused(f"--failed is for `crawl {GIVEN}`", USAGE)
        self.check_output(opts.failed)
        with ExitStack() as files:
            failed = files.enter_context(new_file(opts.failed, opts.force)) if opts.failed is not None else None
            spider, lock = prepare(self.project, args, opts.spargs)
            with lock:
                crawler = self._crawl(spider)
                code = _failures(crawler.spider, failed) if spider.name == GIVEN else OK
                # The list is kept however the run ends.
                files.close()
                reason = _finish(crawler, spider.name)
            if run_command(self._settings) == "crawl":
                say(f"{spider.name}: {_totals(crawler)}")
                _check_reach(crawler, spider.name, reason)
            return code

    def _crawl(self, spider: NewsSpider) -> Crawler:
        """Crawl with a spider of this name and these arguments until the end. Raises Refused."""
        from scrapy.crawler import AsyncCrawlerProcess

        self.crawler_process = AsyncCrawlerProcess(self._settings)
        asyncio.get_event_loop().set_task_factory(_task)
        crawler = self.crawler_process.create_crawler(spider.name)
        self.crawler_process.crawl(crawler, **spider.arguments)
        try:
            self.crawler_process.start()
        except Interrupted:
            raise
        except (SystemExit, KeyboardInterrupt) as error:
            _end(crawler, error)
        if self.crawler_process.bootstrap_failed:
            raise Refused(f"{spider.name}: the crawl could not start", FAILED)
        return crawler


def _task(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
    return asyncio.Task(_guarded(work), loop=loop, **options)


async def _guarded(work: Awaitable[Any]) -> Any:
    """Do the work of a task of the crawl; let what is no Exception, raised by the outlet's own code, end the crawl.

    Scrapy would wait forever for such a task. SystemExit ends it by itself.
    """
    try:
        return await work
    except (Exception, SystemExit):
        raise
    except BaseException as error:
        from crawler.outlets.loader import is_of_an_outlet

        task = asyncio.current_task()
        is_cancelled = task is not None and task.cancelling()
        if is_cancelled or not is_of_an_outlet(error):
            raise
        raise SystemExit(FAILED) from error


def _end(crawler: Crawler, error: BaseException) -> None:
    """End a crawl in which the outlet's own code called sys.exit(), or raised what is no Exception."""
    from twisted.internet import reactor  # importing it installs it

    from crawler.crawl.recorder import Recorder
    from crawler.outlets.loader import account_of

    Recorder.of(crawler).failure = account_of(error.__cause__ or error, crawler.spidercls)
    # Tasks that the exit cut short would be logged with a traceback each.
    logging.getLogger("asyncio").disabled = True
    # The process would wait for these threads.
    reactor.getThreadPool().stop()


def _failures(spider: Any, file: IO[bytes] | None) -> int:
    """Name the addresses that failed, write them to a file, and return the exit code. Raises OSError."""
    failed: dict[str, str] = spider.failures()
    if file:
        file.write("".join(f"{address}\t{reason}\n" for address, reason in failed.items()).encode())
    for address, reason in list(failed.items())[:SHOWN]:
        trouble(f"{address}: {reason}")
    if failed:
        more = f"; {len(failed) - SHOWN} are not shown: give --failed FILE" if len(failed) > SHOWN else ""
        complain(f"{spider.name}: {len(failed)} of {len(spider.addresses)} addresses failed{more}")
    return UNHEALTHY if failed else OK


def _finish(crawler: Crawler, name: str) -> str | None:
    """Return why the crawl ended. Raises Refused if not all was recorded."""
    from crawler.crawl.memory import Memory
    from crawler.crawl.recorder import Recorder

    recorder = Recorder.of(crawler)
    # If the crawl was stopped by force, its spider's end was not signalled.
    recorder.finish("shutdown")
    Memory.of(crawler).engine_stopped()
    if failure := recorder.failure or recorder.spider_failure:
        raise Refused(f"{name}: {failure}", FAILED)
    if not recorder.is_finished:
        raise Refused(f"{name}: the crawl ended before it was finished", FAILED)
    return recorder.reason


def _totals(crawler: Crawler) -> str:
    """Return what a finished crawl did, with the reasons of its failed and rejected pages."""
    from crawler.crawl.health.facts import COUNTS, GROUPS, counts
    from crawler.crawl.recorder import Recorder
    from crawler.jobs.output import reasons_of, totals

    run, stats = Recorder.of(crawler).run, crawler.stats.get_stats()
    if run is None:
        return "stopped before it could record"
    rows, requests, *same = (stats.get(COUNTS[name], 0) for name in ("rows", "requests", "unchanged", "confirmed"))
    segments = run.writer.segments
    parts = [totals(rows, requests, segments.bytes, len(segments.finished), sum(same))]
    found = {what: counts(stats, GROUPS[what]) for what in ("failed", "rejected")}
    return "; ".join([*parts, *(reasons_of(what, reasons) for what, reasons in found.items() if reasons)])


def _check_reach(crawler: Crawler, name: str, reason: str | None) -> None:
    """Raise Refused if the crawl was stopped or could read nothing; an update or backfill judges its own crawls."""
    from crawler.crawl.ending import REASON as UNANSWERED
    from crawler.crawl.politeness.refusals import REASON as WAS_REFUSED
    from crawler.crawl.politeness.refusals import Refusals
    from crawler.crawl.politeness.robots import RobotsTxt
    from crawler.crawl.spider import NewsSpider
    from crawler.model.failures import ROBOTS_UNAVAILABLE

    refusals, rules = crawler.get_downloader_middleware(Refusals), crawler.get_downloader_middleware(RobotsTxt)
    robots = str(rules.failure) if rules and rules.failure else ""
    fault = crawler.spider.health.fault if isinstance(crawler.spider, NewsSpider) else None
    problem, code = {
        "shutdown": (": stopped early; the recorded pages are kept", STOPPED),
        WAS_REFUSED: (f" refuses us: {refusals and refusals.refused}", REFUSED),
        UNANSWERED: (": its hosts do not answer", UNHEALTHY),
        ROBOTS_UNAVAILABLE: (": " + robots.replace(" ", " can't be fetched: ", 1), UNHEALTHY),
    }.get(str(reason), (f": no listing could be read: {robots or fault}" if fault else "", UNHEALTHY))
    if problem:
        raise Refused(f"{name}{problem}", code)
