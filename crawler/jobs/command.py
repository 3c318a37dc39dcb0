"""What our commands share: a mistake is one line and a non-zero exit, and no crawl is set up for it.

What `scrapy update` and `scrapy backfill` share: their options, how they refuse, and whom they alert.

What runs left behind, as one line for cron's mail or a table for a terminal."""

from __future__ import annotations

import argparse
import math
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.settings import SETTINGS_PRIORITIES

from crawler.crawl.deployment import Deployment
from crawler.crawl.settings import check_settings
from crawler.model.exit_codes import FAILED, LOCKED, OK, STOPPED, USAGE, Refused
from crawler.system.terminal import STOPPING, Interrupted, complain, counted, readable, stop_on_signals

if TYPE_CHECKING:
    from scrapy.settings import Settings

    from crawler.crawl.preflight import Project


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
        try:
            check_settings(self._settings)
        except Refused as error:
            self._refuse_usage(str(error))

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
        import sqlite3

        from sqlalchemy.exc import SQLAlchemyError

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

    @cached_property
    def deployment(self) -> Deployment:
        """The places of this deployment."""
        return Deployment.from_settings(self._settings)

    @cached_property
    def project(self) -> Project:
        """The outlets of this project, and what the checks before a crawl need."""
        from crawler.crawl.preflight import Project

        return Project.from_settings(self._settings)

    @property
    def _settings(self) -> Settings:
        assert self.settings is not None
        return self.settings


def _name_of(command: PlainCommand) -> str:
    return type(command).__module__.rpartition(".")[2]


def _exit_code_of(error: BaseException) -> int | None:
    """Return the exit code for what may go wrong, None for what may not."""
    import sqlite3

    from sqlalchemy.exc import SQLAlchemyError

    from crawler.archive.storage.base import StorageError
    from crawler.model.span import BadArgument
    from crawler.system.locks import Locked
    from crawler.tools.export.output import ExportFailed

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
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def size_of(path: str) -> str:
    """Return the size of a file, in words."""
    from crawler.system.terminal import readable

    return readable(os.stat(path).st_size)


# What nobody is alerted for.
SILENT = (OK, LOCKED)


def names_in(value: str | Sequence[str]) -> list[str]:
    """Return the names in a text with commas or spaces between them, or in several."""
    texts = [value] if isinstance(value, str) else value
    return [name for text in texts for name in text.replace(",", " ").split()]


def whole_number(text: str) -> int:
    """Return how many a text says. Raises ArgumentTypeError for what is not 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def minutes(text: str) -> float:
    """Return how many minutes a text says. Raises ArgumentTypeError for what is not more than 0."""
    with suppress(ValueError):
        if 0 < (number := float(text)) < math.inf:
            return number
    raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")


class JobsCommand(PlainCommand):
    """Crawls several outlets, a process each."""

    stopped_code = STOPPED
    # Whether a signal has told it to stop.
    _is_stopped = False

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options that both commands take."""
        super().add_options(parser)
        parser.add_argument("--scope", choices=("national", "all"), default="national", help="which articles")
        parser.add_argument("--jobs", type=whole_number, default=8, metavar="N", help="outlets at a time (8)")
        parser.add_argument("--max-minutes", type=minutes, metavar="M", help="end cleanly after so long")

    def fail(self, sentence: str, exit_code: int) -> None:
        """Refuse, and alert whoever is to know; somebody who mistypes at a terminal is not."""
        self.outlast_signals()
        self.refuse(sentence, exit_code)
        is_typed = sys.stderr is not None and sys.stderr.isatty()
        if exit_code != USAGE or not is_typed:
            self.alert([f"khobor: {sentence}"], [])

    def fail_stopped(self) -> None:
        """Refuse what was stopped in its preparations."""
        self.outlast_signals(is_stopped=True)
        self.fail("stopped early, before the crawls began", STOPPED)

    def outlast_signals(self, is_stopped: bool = False) -> None:
        """Let nothing stop the command from now on: what it has to tell is told once. A signal only hurries it.

        `is_stopped` tells that one has come before.
        """
        self._is_stopped |= is_stopped

        def hurry(number: int, frame: FrameType | None) -> None:
            self._is_stopped = True

        for number in STOPPING:
            # Not SIG_IGN, which the command that is alerted would inherit.
            signal.signal(number, hurry)

    def alert(self, lines: Sequence[str], outlets: Sequence[str]) -> bool:
        """Run ALERT_COMMAND with the lines of a report that tells of outlets, unless all is well.

        Returns False when it failed, which is said.
        """
        from crawler.jobs.alerts import alert

        command = str(self._settings.get("ALERT_COMMAND") or "")
        if command and self.exitcode not in SILENT:
            facts = {"KHOBOR_EXIT_CODE": str(self.exitcode), "KHOBOR_TOLD": " ".join(outlets)}
            report = "\n".join(lines) + "\n"
            failure = alert(command, report, facts, is_stopped=lambda: self._is_stopped)
            if failure:
                complain(failure)
                return False
        return True

    def child_options(self, opts: argparse.Namespace, command: str) -> list[str]:
        """Return the options of this command line that its crawls get; they extract in one process each."""
        options = [part for setting in opts.set for part in ("-s", setting)]
        if not any(setting.startswith("EXTRACTION_PROCESSES=") for setting in opts.set):
            options += ["-s", "EXTRACTION_PROCESSES=1"]
        # LOG_LEVEL of an interactive crawl would drown the summary.
        level = self._settings["LOG_LEVEL"] if self.is_log_level_given else "WARNING"
        return [*options, "-s", f"RUN_COMMAND={command}", "-L", str(level)]

    @property
    def is_log_level_given(self) -> bool:
        """Whether the command line sets LOG_LEVEL: the crawls then print to standard error."""
        return self._settings.getpriority("LOG_LEVEL") == SETTINGS_PRIORITIES["cmdline"]

    def outlets(self, named: list[str], left_out: list[str] | None = None) -> list[str]:
        """Return the named outlets, or all there are, without those left out."""
        everything = [name for name in self.project.loader.list() if name != "urls"]
        return [name for name in dict.fromkeys(named or sorted(everything)) if name not in (left_out or [])]

    def check(self, outlets: list[str]) -> None:
        """Raise Refused when there is nothing to crawl, unless a module failed to load: that is reported then."""
        from crawler.model.exit_codes import Refused

        if not outlets and not self.project.loader.broken:
            raise Refused("no outlet is left to crawl", USAGE)


COLUMNS = ("outlet", "rows", "requests", "bytes", "files")


def one_line(runs: Sequence[dict[str, Any]]) -> str:
    """Return the runs' totals as one line."""
    total = {name: sum(run[name] or 0 for run in runs) for name in COLUMNS[1:]}
    return (
        f"{counted(len(runs), 'outlet')}, {total['rows']} new rows, {total['requests']} requests, "
        f"{readable(total['bytes'])} in {total['files']} files"
    )


def show_table(runs: Sequence[dict[str, Any]]) -> None:
    """Print the runs as a table."""
    from rich.console import Console  # commands import this module on every call
    from rich.table import Table

    table = Table(*("outlet", "new rows", "requests", "bytes", "files"), box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for run in runs:
        table.add_row(
            run["outlet"],
            str(run["rows"] or 0),
            str(run["requests"] or 0),
            readable(run["bytes"] or 0),
            str(run["files"] or 0),
        )
    Console().print(table)
