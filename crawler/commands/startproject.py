"""`scrapy startproject`: Scrapy's own command with Scrapy's own template: TEMPLATES_DIR has only that of outlets."""

from pathlib import Path

import scrapy
from scrapy.commands import startproject

from crawler.jobs.scrapys_command import ScrapysCommand


class Command(ScrapysCommand, startproject.Command):
    templates_dir = str(Path(scrapy.__path__[0], "templates", "project"))
