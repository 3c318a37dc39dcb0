"""`scrapy fetch`: Scrapy's own command, which records nothing here."""

from scrapy.commands import fetch


class Command(fetch.Command):
    default_settings = {**fetch.Command.default_settings, "RUN_COMMAND": "fetch"}
