"""`scrapy runspider`: Scrapy's own command, which records nothing here."""

from scrapy.commands import runspider

from crawler.jobs.scrapys_command import ScrapysCommand


class Command(ScrapysCommand, runspider.Command):
    pass
