"""`scrapy bench`: Scrapy's own command, which records nothing here."""

from scrapy.commands import bench

from crawler.jobs.scrapys_command import ScrapysCommand


class Command(ScrapysCommand, bench.Command):
    takes_arguments = False
