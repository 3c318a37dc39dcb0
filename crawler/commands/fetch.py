"""`scrapy fetch`: Scrapy's own command, which records nothing here."""

from scrapy.commands import fetch

from crawler.jobs.scrapys_command import ScrapysCommand


class Command(ScrapysCommand, fetch.Command):
    takes_address = True
