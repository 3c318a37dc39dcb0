"""The commands. Scrapy imports this package on each call, before it prints anything."""

from crawler.system.terminal import outlive_reader

outlive_reader()
