"""What `scrapy update` and `scrapy backfill` share: their options, and how they refuse."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.spiderloader import SpiderLoader

from crawler.commands import USAGE, complain

if TYPE_CHECKING:
    from scrapy.settings import Settings


class JobsCommand(ScrapyCommand):
    """Crawls several outlets, a process each."""

    requires_project = True
    requires_crawler_process = False

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options that both commands take."""
        super().add_options(parser)
        parser.add_argument("--scope", choices=("national", "all"), default="national", help="which articles")
        parser.add_argument("--jobs", type=int, default=8, metavar="N", help="outlets at a time (8)")
        parser.add_argument("--max-minutes", type=float, metavar="M", help="end cleanly after so long")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read options as Scrapy does, telling mistakes in one line."""
        try:
            super().process_options(args, opts)
        except UsageError as error:
            sys.exit(self.refuse(str(error), USAGE))

    def refuse(self, sentence: str, exit_code: int) -> int:
        """Print the one line and keep the exit code."""
        complain(sentence)
        self.exitcode = exit_code
        return exit_code

    def outlets(self, named: list[str], left_out: list[str] | None = None) -> list[str]:
        """Return the named outlets, or all there are, without those left out."""
        everything = [name for name in SpiderLoader.from_settings(self._settings).list() if name != "urls"]
        return [name for name in dict.fromkeys(named or sorted(everything)) if name not in (left_out or [])]

    def check(self, opts: argparse.Namespace) -> str | None:
        """Return what is wrong with the options, if anything is."""
        if opts.jobs < 1:
            return "--jobs must be 1 or more"
        if opts.max_minutes is not None and not opts.max_minutes > 0:
            return "--max-minutes must be more than 0"
        return None

    @property
    def _settings(self) -> Settings:
        assert self.settings is not None
        return self.settings
