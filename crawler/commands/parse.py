"""`scrapy parse`: Scrapy's own command, which records nothing here."""

from scrapy.commands import parse

from crawler.jobs.scrapys_command import ScrapysCommand


class Command(ScrapysCommand, parse.Command):
    takes_address = True
