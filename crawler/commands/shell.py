"""`scrapy shell`: Scrapy's own command, which records nothing here."""

from scrapy.commands import shell


class Command(shell.Command):
    default_settings = {**shell.Command.default_settings, "RUN_COMMAND": "shell"}
