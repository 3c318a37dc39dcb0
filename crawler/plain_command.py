"""What our commands share: a mistake is one line and a non-zero exit, and no crawl is set up for it."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.commands import USAGE, complain

if TYPE_CHECKING:
    from scrapy.settings import Settings

PLACES = ("ARCHIVE_URL", "SPOOL_DIR", "STATE_URL")


class PlainCommand(ScrapyCommand):
    """A command of this project that refuses in one line."""

    requires_project = True
    # A crawl's process is made after the checks, where one is needed: not before it is known that there is no mistake.
    requires_crawler_process = False

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read options as Scrapy does, telling mistakes in one line."""
        try:
            super().process_options(args, opts)
        except UsageError as error:
            sys.exit(self.refuse(str(error), USAGE))
        # Scrapy takes options that it does not know for arguments.
        if wrong := [argument for argument in args if argument.startswith("-") and argument != "-"]:
            name = type(self).__module__.rpartition(".")[2]
            sys.exit(self.refuse(f"{name} has no option {wrong[0]}; see scrapy {name} --help", USAGE))
        # An empty path would be the project's own folder.
        if empty := [name for name in PLACES if not str(self._settings.get(name) or "").strip()]:
            sys.exit(self.refuse(f"{empty[0]} is empty", USAGE))

    def refuse(self, sentence: str, exit_code: int) -> int:
        """Print the one line, keep the exit code and return it."""
        complain(" ".join(sentence.splitlines()))
        self.exitcode = exit_code
        return exit_code

    @property
    def _settings(self) -> Settings:
        assert self.settings is not None
        return self.settings
