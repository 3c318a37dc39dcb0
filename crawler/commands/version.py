"""`scrapy version`: Scrapy's own command, which refuses a mistake in one line."""

from scrapy.commands import version

from crawler.jobs.scrapys_command import ScrapysCommand


class Command(ScrapysCommand, version.Command):
    takes_arguments = False
