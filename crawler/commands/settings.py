"""`scrapy settings`: Scrapy's own command, which records nothing here."""

from scrapy.commands import settings

from crawler.jobs.scrapys_command import ScrapysCommand


class Command(ScrapysCommand, settings.Command):
    pass
