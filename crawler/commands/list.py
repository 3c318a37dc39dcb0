"""`scrapy list`: Scrapy's own command, which records nothing here."""

from scrapy.commands import list

from crawler.jobs.scrapys_command import ScrapysCommand


class Command(ScrapysCommand, list.Command):
    takes_arguments = False
