"""`scrapy parse`: Scrapy's own command, which records nothing here."""

from scrapy.commands import parse


class Command(parse.Command):
    default_settings = {**parse.Command.default_settings, "RUN_COMMAND": "parse"}
