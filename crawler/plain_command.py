"""What our commands share: a mistake is one line and a non-zero exit, and no crawl is set up for it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.commands import FAILED, LOCKED, USAGE, Interrupted, complain, stop_on_signals
from crawler.numbers import wrong_number

if TYPE_CHECKING:
    from scrapy.settings import Settings

PLACES = ("ARCHIVE_URL", "SPOOL_DIR", "STATE_URL")


class PlainCommand(ScrapyCommand):
    """A command of this project that refuses in one line."""

    requires_project = True
    # A crawl's process is made after the checks, where one is needed: not before it is known that there is no mistake.
    requires_crawler_process = False
    # What it exits with when Ctrl-C or SIGTERM stops it; None for 128 and the signal's number.
    stopped_code: int | None = None

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of every command, whose mistakes are one line too."""
        super().add_options(parser)
        # Its own would print the usage as well.
        parser.error = self._refuse_option  # type: ignore[method-assign]

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read options as Scrapy does, telling mistakes in one line; from here on signals stop the command cleanly.

        Nothing of a command is called earlier, and much of what it needs is loaded later.
        """
        stop_on_signals(self.stopped_code)
        try:
            super().process_options(args, opts)
        except UsageError as error:
            self._refuse_usage(str(error))
        # Scrapy takes options that it does not know for arguments.
        if wrong := [argument for argument in args if argument.startswith("-") and argument != "-"]:
            self._refuse_option(f"{_name_of(self)} has no option {wrong[0]}")
        # An empty path would be the project's own folder.
        if empty := [name for name in PLACES if not str(self._settings.get(name) or "").strip()]:
            self._refuse_usage(f"{empty[0]} is empty")
        if wrong_one := wrong_number(self._settings):
            self._refuse_usage(wrong_one)

    def _refuse_option(self, message: str) -> NoReturn:
        self._refuse_usage(f"{message.removeprefix('argument ')}; see scrapy {_name_of(self)} --help")

    def _refuse_usage(self, sentence: str) -> NoReturn:
        self.fail(sentence, USAGE)
        sys.exit(USAGE)

    def fail(self, sentence: str, exit_code: int) -> None:
        """Refuse to begin."""
        self.refuse(sentence, exit_code)

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Refuse, in the one line that `told` has for it, what goes wrong within, or stops it."""
        try:
            yield
        except (Exception, Interrupted) as error:
            code = _exit_code_of(error)
            if code is None:
                raise
            self.refuse(self.told(error), code)

    def told(self, error: BaseException) -> str:
        """Return what is said of an error."""
        import sqlite3  # noqa: PLC0415

        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

        if isinstance(error, Interrupted):
            return "interrupted"
        if isinstance(error, OSError):
            return f"{error.filename or 'it failed'}: {error.strerror or error}"
        if isinstance(error, sqlite3.Error):
            return f"the scratch space (TMPDIR) can't be used: {error}"
        if isinstance(error, SQLAlchemyError):
            return f"state can't be used: {str(error).splitlines()[0]}"
        return str(error)

    def refuse(self, sentence: str, exit_code: int) -> int:
        """Print the one line, keep the exit code and return it."""
        complain(" ".join(sentence.splitlines()))
        self.exitcode = exit_code
        return exit_code

    @property
    def _settings(self) -> Settings:
        assert self.settings is not None
        return self.settings


def _name_of(command: PlainCommand) -> str:
    return type(command).__module__.rpartition(".")[2]


def _exit_code_of(error: BaseException) -> int | None:
    """Return the exit code for what may go wrong, None for what may not."""
    import sqlite3  # noqa: PLC0415

    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from crawler.exporting import ExportFailed  # noqa: PLC0415
    from crawler.locks import Locked  # noqa: PLC0415
    from crawler.preflight import Refused  # noqa: PLC0415
    from crawler.span import BadArgument  # noqa: PLC0415
    from crawler.storage import StorageError  # noqa: PLC0415

    if isinstance(error, Interrupted):
        return error.code
    if isinstance(error, Refused):
        return error.exit_code
    if isinstance(error, Locked):
        return LOCKED
    if isinstance(error, (UsageError, BadArgument)):
        return USAGE
    failures = (StorageError, ExportFailed, OSError, sqlite3.Error, SQLAlchemyError)
    return FAILED if isinstance(error, failures) else None


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Show how many of `total` are done, on a terminal; yield what is called for each."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def size_of(path: str) -> str:
    """Return the size of a file, in words."""
    from crawler.summary import readable  # noqa: PLC0415

    return readable(os.stat(path).st_size)
