"""`scrapy crawl`: Scrapy's own command made honest about how the crawl ended."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from typing import TYPE_CHECKING

from scrapy.commands.crawl import Command as CrawlCommand

from crawler.jobs.command import PlainCommand
from crawler.model.exit_codes import FAILED, LOCKED, OK, REFUSED, STOPPED, UNHEALTHY
from crawler.system.terminal import Interrupted

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Command(PlainCommand, CrawlCommand):
    """Exit 1 when recorder, rows, state or storage failed, 3 or 4 when nothing could be read, 5 stopped, 75 locked."""

    stopped_code = STOPPED

    def syntax(self) -> str:
        """Return the usage line."""
        return "[options] OUTLET"

    def short_desc(self) -> str:
        """Return the line of the list of commands."""
        return "Crawl one outlet into WARC and JSON Lines"

    def long_desc(self) -> str:
        """Return the help text."""
        return (
            "Crawl one outlet: the last 2 days, or a span by -a since=YYYY-MM-DD -a until=YYYY-MM-DD; "
            "-a scope=national (default) or all. `urls` takes addresses from a file: -a file=PATH, - for "
            "standard input. Example: scrapy crawl samakal -a since=2026-11-20 -a until=2026-11-22. "
            "Exit codes: 0 done, 1 recording failed, 2 usage, 3 no listing could be read, 4 the outlet refuses us, "
            "5 stopped early, 75 another crawl of the outlet is running."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check everything that can be checked before anything is written, then crawl."""
        from crawler.crawl.preflight import prepare
        from crawler.model.exit_codes import Refused
        from crawler.system.locks import Locked

        with ExitStack() as stack:
            try:
                plan = prepare(self.project, args, opts.spargs)
                stack.enter_context(plan.lock)
            except Interrupted:
                self.refuse(f"{args[0]}: stopped early, before the crawl began", STOPPED)
            except Refused as error:
                self.refuse(str(error), error.exit_code)
            except Locked as error:
                self.refuse(f"{args[0]}: {error}", LOCKED)
            except OSError as error:
                self.refuse(f"SPOOL_DIR can't be used: {error.strerror}: {error.filename}", FAILED)
            else:
                self._crawl(plan.name, plan.arguments)

    def _crawl(self, name: str, arguments: dict[str, object]) -> None:
        from scrapy.crawler import AsyncCrawlerProcess

        self.crawler_process = AsyncCrawlerProcess(self._settings)
        crawler = self.crawler_process.create_crawler(name)
        self.crawler_process.crawl(crawler, **arguments)
        self.crawler_process.start()
        if not self.crawler_process.bootstrap_failed:
            self._end(crawler)
        self.exitcode = self._judge(crawler)

    def _end(self, crawler: Crawler) -> None:
        """Finish what a crawl recorded that was stopped by force: the signal that it closed never came."""
        from crawler.crawl.memory import Memory
        from crawler.crawl.recorder import Recorder

        recorder, memory = crawler.get_extension(Recorder), crawler.get_extension(Memory)
        if recorder is not None and memory is not None:
            recorder.finish("shutdown")
            memory.engine_stopped()

    def _judge(self, crawler: Crawler) -> int:
        from crawler.crawl.recorder import Recorder

        assert self.crawler_process is not None
        recorder = None if self.crawler_process.bootstrap_failed else crawler.get_extension(Recorder)
        if recorder is not None and recorder.is_finished and not recorder.failure:
            return self._reach(crawler, recorder.reason)
        failure = recorder.failure if recorder is not None else None
        return self.refuse(f"{crawler.spidercls.name}: {failure or 'the crawl did not end as it should'}", FAILED)

    def _reach(self, crawler: Crawler, reason: str | None) -> int:
        """Return whether anything could be read; an update or backfill judges its crawls itself."""
        from crawler.crawl.ending import REASON as UNANSWERED
        from crawler.crawl.politeness.refusals import REASON, Refusals
        from crawler.crawl.politeness.robots import RobotsTxt
        from crawler.crawl.settings import run_command
        from crawler.crawl.spider import NewsSpider
        from crawler.model.failures import ROBOTS_UNAVAILABLE

        if run_command(self._settings) != "crawl":
            return OK
        name, spider = crawler.spidercls.name, crawler.spider
        refusals, rules = (crawler.get_downloader_middleware(one) for one in (Refusals, RobotsTxt))
        if reason == "shutdown":
            return self.refuse(f"{name}: stopped early; what was recorded is kept", STOPPED)
        if reason == REASON and isinstance(refusals, Refusals):
            return self.refuse(f"{name} refuses us: {refusals.refused}", REFUSED)
        robots = rules.failure if isinstance(rules, RobotsTxt) else None
        fault = spider.health.fault if isinstance(spider, NewsSpider) else None
        why = {
            UNANSWERED: "its hosts do not answer",
            ROBOTS_UNAVAILABLE: str(robots).replace(" ", " can't be had: ", 1),
        }.get(str(reason), f"no listing could be read: {robots or fault}" if fault else None)
        return self.refuse(f"{name}: {why}", UNHEALTHY) if why else OK
