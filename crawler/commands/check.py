"""`scrapy check`: Scrapy's own command, which records nothing here."""

from scrapy.commands import check


class Command(check.Command):
    default_settings = {**check.Command.default_settings, "RUN_COMMAND": "check"}
