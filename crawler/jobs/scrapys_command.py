"""Scrapy's own commands in this project: they record nothing, and refuse a mistake in one line."""

from __future__ import annotations

import argparse
from typing import Any, ClassVar, NoReturn

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.jobs.command import check_file, check_values, check_words
from crawler.model.addresses import is_web_address
from crawler.model.exit_codes import USAGE, Refused
from crawler.system.terminal import complain, stop_on_signals


class ScrapysCommand(ScrapyCommand):
    """The first base of a command of ours that is Scrapy's of the same name, its second base."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Name the command in RUN_COMMAND: crawls under it are not recorded."""
        super().__init_subclass__(**options)
        cls._name = cls.__module__.rpartition(".")[2]
        cls.default_settings = {**cls.default_settings, "RUN_COMMAND": cls._name}

    _name = ""
    takes_arguments: ClassVar[bool] = True
    takes_address: ClassVar[bool] = False

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        # argparse's own would print the usage as well.
        parser.error = self._refuse  # type: ignore[method-assign]

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        # Scrapy loads the outlets next.
        stop_on_signals(None)
        check_values(opts)
        super().process_options(args, opts)
        try:
            self.check(args, opts)
            if self.takes_address:
                self.check_address(args)
        except UsageError as error:
            self._refuse(str(error))
        except Refused as error:
            self._refuse(str(error), error.exit_code)

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the words of the command line. Raises Refused, UsageError."""
        from crawler.crawl.components import check_components
        from crawler.crawl.preflight import check_outputs
        from crawler.crawl.setting_checks import check_settings

        assert self.settings is not None
        check_words(self._name, args, opts, self.takes_arguments)
        # Scrapy would find it after its log has begun.
        if self.takes_address and (len(args) != 1 or not is_web_address(args[0])):
            raise UsageError(f"{self._name} takes one address, such as https://example.com/")
        check_settings(self.settings)
        if self.requires_crawler_process:
            check_file("LOG_FILE", self.settings["LOG_FILE"])
            check_components(self.settings)
            check_outputs(self.settings)
        self.check_outlets([opts.spider] if getattr(opts, "spider", None) else [])

    def check_address(self, args: list[str]) -> None:
        """Raise Refused for a private address that is not allowed, or a public one without a contact."""
        from crawler.crawl.preflight import check_addresses
        from crawler.crawl.settings import Access

        assert self.settings is not None
        check_addresses(Access.from_settings(self.settings), args)

    def check_outlets(self, names: list[str]) -> None:
        """Raise Refused for the first name that is not an outlet."""
        from crawler.crawl.preflight import check_outlets
        from crawler.outlets.loader import Outlets

        if names and self.settings is not None:
            check_outlets(Outlets.from_settings(self.settings), names)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            super().run(args, opts)  # type: ignore[safe-super]
        except UsageError as error:
            raise UsageError(str(error) or f"the command is: scrapy {self._name} {self.syntax()}") from error

    def _refuse(self, message: str, exit_code: int = USAGE) -> NoReturn:
        complain(message)
        raise SystemExit(exit_code)
