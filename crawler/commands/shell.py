"""`scrapy shell`: Scrapy's own command, which records nothing here."""

from scrapy.commands import shell

from crawler.jobs.scrapys_command import ScrapysCommand


class Command(ScrapysCommand, shell.Command):
    pass
