"""`scrapy view`: Scrapy's own command, which records nothing here."""

from scrapy.commands import view

from crawler.jobs.scrapys_command import ScrapysCommand


class Command(ScrapysCommand, view.Command):
    pass
