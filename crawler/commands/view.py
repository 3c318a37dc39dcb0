"""`scrapy view`: Scrapy's own command, which records nothing here."""

from scrapy.commands import view


class Command(view.Command):
    default_settings = {**view.Command.default_settings, "RUN_COMMAND": "view"}
