"""`scrapy view`: Scrapy's own command, which records nothing here and leaves no file behind."""

import argparse
import tempfile
import time

from scrapy.commands import view

from crawler.jobs.scrapys_command import ScrapysCommand

# A browser that was not open yet starts and reads the page in this time.
SECONDS = 5


class Command(ScrapysCommand, view.Command):
    takes_address = True

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Show the page in a browser, which reads it from a temporary file."""
        with tempfile.TemporaryDirectory() as tempfile.tempdir:
            super().run(args, opts)
            time.sleep(SECONDS)
