"""`scrapy bench`: Scrapy's own command, which records nothing here."""

from scrapy.commands import bench


class Command(bench.Command):
    default_settings = {**bench.Command.default_settings, "RUN_COMMAND": "bench"}
