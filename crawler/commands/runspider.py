"""`scrapy runspider`: Scrapy's own command, which records nothing here."""

from scrapy.commands import runspider


class Command(runspider.Command):
    default_settings = {**runspider.Command.default_settings, "RUN_COMMAND": "runspider"}
