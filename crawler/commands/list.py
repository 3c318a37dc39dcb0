"""`scrapy list`: Scrapy's own command, which records nothing here."""

import argparse

from scrapy.commands.list import Command as ScrapysList

from crawler.jobs.scrapys_command import ScrapysCommand
from crawler.model.exit_codes import FAILED
from crawler.system.terminal import complain


class Command(ScrapysCommand, ScrapysList):
    takes_arguments = False

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.outlets.loader import Outlets

        super().run(args, opts)
        assert self.settings is not None
        for fault in Outlets.from_settings(self.settings).faults:
            complain(fault)
            self.exitcode = FAILED
