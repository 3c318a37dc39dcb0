"""The base of our commands: help, options, and the one place where an error becomes a line and an exit code.

Scrapy takes every command class in `crawler.commands` for a command, and imports every module there on each call.
Modules that take long to import are imported inside `work`.
"""

from __future__ import annotations

import argparse
import inspect
import os
import sys
from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar, NoReturn, TypeVar

from scrapy.commands import ScrapyCommand, ScrapyHelpFormatter
from scrapy.exceptions import UsageError

from crawler.model.addresses import is_web_address
from crawler.model.exit_codes import FAILED, LOCKED, OK, UNHEALTHY, USAGE, Refused
from crawler.model.span import BadArgument, DateRange, read_date, read_first_date
from crawler.system.locks import Locked
from crawler.system.terminal import Interrupted, ReaderGone, complain, counted, say, stop_on_signals

if TYPE_CHECKING:
    from scrapy.settings import Settings

    from crawler.archive.storage.base import Storage
    from crawler.crawl.preflight import Project
    from crawler.crawl.settings import Deployment
    from crawler.model.listing import Page
    from crawler.outlets.loader import Outlets

EXAMPLES = "Examples:\n"
Result = TypeVar("Result")


class HelpFormatter(ScrapyHelpFormatter):
    """Keeps the lines of the examples and exit codes."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if text.startswith(EXAMPLES) else super()._fill_text(text, width, indent)


class BaseCommand(ScrapyCommand):
    """A command: its docstring is its help, `work` does it.

    `exit_codes` says what each code means; 2, 130 and 143 are added.
    """

    requires_project = True
    # A crawl makes its process after the checks.
    requires_crawler_process = False
    usage = "[options]"
    takes_arguments = False
    examples: ClassVar[Sequence[str]] = ()
    exit_codes: ClassVar[Mapping[int, str]] = {}
    # The exit code after Ctrl-C or SIGTERM; None for 128 and the signal's number.
    stopped_code: int | None = None
    when_stopped = "interrupted"

    @abstractmethod
    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        """Do the command's work and return its exit code; `run` reports what it raises."""

    def syntax(self) -> str:
        return self.usage

    def short_desc(self) -> str:
        return self.long_desc().partition("\n")[0].removesuffix(".")

    def long_desc(self) -> str:
        return inspect.cleandoc(type(self).__doc__ or "")

    @property
    def _name(self) -> str:
        return type(self).__module__.rpartition(".")[2]

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.formatter_class = HelpFormatter
        signals = {} if self.stopped_code else {130: "interrupted by Ctrl-C", 143: "interrupted by SIGTERM"}
        codes = {**self.exit_codes, USAGE: "the command line or a setting is wrong", **signals}
        lines = [*self.examples, "", "Exit codes:", *(f"{code:<4}{codes[code]}" for code in sorted(codes))]
        parser.epilog = EXAMPLES + "\n".join(line if line.endswith(":") else f"  {line}".rstrip() for line in lines)
        # argparse's own would print the usage as well.
        parser.error = self._refuse_option  # type: ignore[method-assign]

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Let signals stop the command cleanly from here on: nothing of it is called earlier."""
        stop_on_signals(self.stopped_code)
        check_values(opts)
        super().process_options(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do the work; report an error in one line. Every exit code is set here."""
        try:
            self._check(args, opts)
            self.exitcode = self.work(args, opts)
        except ReaderGone:
            self.exitcode = FAILED
        except BaseException as error:  # an interrupt, or whatever an outlet's own code does
            refused = refusal_of(error, self.when_stopped)
            if refused is None:
                raise
            self.exitcode = refused.exit_code
            self.refuse(refused)

    def refuse(self, refused: Refused) -> None:
        complain(str(refused))

    def _check(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        check_words(self._name, args, opts, self.takes_arguments)
        from crawler.crawl.setting_checks import check_settings

        check_settings(self._settings)
        check_file("LOG_FILE", self.setting("LOG_FILE"))

    def _refuse_option(self, message: str) -> NoReturn:
        self.exitcode = USAGE
        self.refuse(Refused(self._with_hint(message.removeprefix("argument ")), USAGE))
        sys.exit(USAGE)

    def _with_hint(self, sentence: str) -> str:
        return f"{sentence}; see scrapy {self._name} --help"

    @property
    def _settings(self) -> Settings:
        assert self.settings is not None
        return self.settings

    def setting(self, name: str) -> str:
        """Return a setting that is a text, without spaces around it; empty without one."""
        return str(self._settings.get(name) or "").strip()

    @cached_property
    def deployment(self) -> Deployment:
        from crawler.crawl.settings import Deployment

        return Deployment.from_settings(self._settings)

    @property
    def outlets(self) -> Outlets:
        return self.project.outlets

    @cached_property
    def project(self) -> Project:
        from crawler.crawl.preflight import Project

        return Project.from_settings(self._settings)

    def archive_to_read(self) -> Storage:
        """Return the archive, which must be there. Raises StorageError."""
        from crawler.archive.storage import archive_to_read

        return archive_to_read(self.deployment.archive_url)

    def whole_archive(self, outlets: Collection[str] = ()) -> Storage:
        """Return the archive to read. Raises StorageError if it lacks segments, of these outlets, that state knows."""
        from crawler.recording.archive_identity import WrongArchive

        storage = self.archive_to_read()
        if missing := self.missing_manifests(storage, outlets):
            raise WrongArchive(
                f"ARCHIVE_URL {storage.url} lacks {counted(len(missing), 'segment')} that state calls archived, such "
                f"as {missing[0]}: restore it from a copy, or run `scrapy state --rebuild` to do without"
            )
        return storage

    def archive_of_rows(self, outlets: Sequence[str]) -> tuple[Storage, list[str]]:
        """Return the archive to read and its outlets with rows.

        Raises Refused if one of the outlets is unknown or has no rows, StorageError as `whole_archive` does.
        """
        from crawler.tools.export.rows import check_archived, outlets_with_rows

        storage = self.whole_archive(outlets)
        archived = outlets_with_rows(storage)
        self.check_outlets(outlets, archived)
        check_archived(outlets, archived, storage.url)
        return storage, archived

    def missing_manifests(self, storage: Storage, outlets: Collection[str] = ()) -> list[str] | None:
        """Return the manifests of these outlets, or of all, that an archive lacks and state calls archived.

        None if state can't be read, which is named. Raises WrongArchive for another archive, StorageError.
        """
        from crawler.tools.known_archive import missing_manifests

        return self.compared(partial(missing_manifests, storage, self.deployment.state_url, outlets))

    def compared(self, compare: Callable[[], Result]) -> Result | None:
        """Compare the archive with state; name a state that can't be read, and return None then."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            return compare()
        except (SQLAlchemyError, ImportError) as error:
            complain(f"state can't be read: {str(error).splitlines()[0]}; the archive is not compared with it")
            return None

    def check_output(self, name: str | None) -> None:
        """Raise Refused for a file in the archive or in the spool, where only khobor writes."""
        if name is not None and name != "-":
            self.deployment.check_outside(name)

    def with_faults(self, code: int, consequence: str) -> int:
        """Name each outlet that can't be used and what follows for the others' results; return the exit code."""
        for fault in self.outlets.faults:
            complain(f"{fault}; {consequence}")
        return FAILED if self.outlets.faults and code in (OK, UNHEALTHY) else code

    def check_outlets(self, names: Sequence[str], archived: Collection[str] = ()) -> None:
        """Raise Refused for a name that is neither an outlet's nor archived: the archive outlives spiders."""
        from crawler.crawl.preflight import check_outlets

        check_outlets(self.outlets, [name for name in names if name not in archived])


def check_words(command: str, args: Sequence[str], opts: argparse.Namespace, takes_arguments: bool) -> None:
    """Raise UsageError for an option or a setting that does not exist, or an argument that nobody can read."""
    from crawler.crawl.setting_checks import unknown_setting

    given = [*args, *(one for value in vars(opts).values() for one in (value if isinstance(value, list) else [value]))]
    if wrong := [one for one in given if isinstance(one, str) and one.encode(errors="replace").decode() != one]:
        raise UsageError(f"{wrong[0]} is not UTF-8: correct it, or rename the file")
    # Scrapy takes options that it does not know for arguments.
    if wrong := [word for word in args if word.startswith("-") and word != "-"]:
        raise UsageError(f"{command} has no option {wrong[0]}; see scrapy {command} --help")
    for sentence in (unknown_setting(pair.partition("=")[0]) for pair in opts.set):
        if sentence:
            raise UsageError(sentence)
    if args and not takes_arguments:
        raise UsageError(f"{command} takes options only, not {args[0]!r}; see scrapy {command} --help")


def check_values(opts: argparse.Namespace) -> None:
    """Raise UsageError for a value that Scrapy could not even store, or a file that it writes before all checks."""
    from crawler.crawl.setting_checks import malformed_setting

    for name, _, value in (pair.partition("=") for pair in opts.set):
        if sentence := malformed_setting(name, value):
            raise UsageError(sentence)
    check_file("--pidfile", opts.pidfile)
    check_file("--profile", opts.profile)


def check_file(name: str, path: str | None) -> None:
    """Raise UsageError unless a file, if there is one, can be written, or made in its folder."""
    if not path:
        return
    place = path if os.path.exists(path) else os.path.dirname(path) or "."
    if os.path.isdir(path) or not os.access(place, os.W_OK):
        raise UsageError(f"{name} {path} can't be written: choose a file in a folder of yours")


def whole_number(text: str) -> int:
    """Return the number in a text. Raises ArgumentTypeError unless it is whole and 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def refusal_of(error: BaseException, when_stopped: str) -> Refused | None:
    """Return the sentence and exit code of an error, with its notes; None for one that nobody expects."""
    sentence, code = str(error).strip(), FAILED
    if isinstance(error, Interrupted):
        sentence, code = when_stopped, error.code
    elif isinstance(error, Refused):
        code = error.exit_code
    elif isinstance(error, UsageError | BadArgument):
        code = USAGE
    elif isinstance(error, Locked):
        code = LOCKED
    else:
        sentence = _failure(error)
    return Refused("; ".join([sentence, *getattr(error, "__notes__", ())]), code) if sentence else None


def _failure(error: BaseException) -> str:
    import sqlite3

    from sqlalchemy.exc import SQLAlchemyError

    from crawler.archive.storage.base import StorageError
    from crawler.outlets.loader import account_of, is_of_an_outlet

    if isinstance(error, StorageError):
        # Some name the setting themselves.
        return str(error) if str(error).startswith("ARCHIVE_URL") else f"the archive can't be used: {error}"
    if isinstance(error, OSError):
        return f"{error.filename or 'a disk (SPOOL_DIR, TMPDIR)'}: {error.strerror or error}"
    if isinstance(error, SQLAlchemyError):
        return f"STATE_URL can't be used: {str(error).splitlines()[0]}"
    if isinstance(error, sqlite3.Error):
        return f"scratch space (TMPDIR) can't be used: {error}"
    return f"an outlet's own code failed: {account_of(error)}" if is_of_an_outlet(error) else ""


def add_force_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="replacement of an existing file")


def add_outlet_option(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--outlet", action="extend", nargs="+", default=[], metavar="NAME", help=what)


def add_day_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", metavar="DATE", help="first day, YYYY-MM-DD (default: the first one)")
    parser.add_argument("--until", metavar="DATE", help="last day, YYYY-MM-DD (default: the last one)")


def days_of(opts: argparse.Namespace) -> DateRange:
    """Return the days of --since and --until. Raises BadArgument."""
    since = None if opts.since is None else read_first_date("--since", opts.since)
    until = None if opts.until is None else read_date("--until", opts.until)
    if since and until and since > until:
        raise BadArgument(f"--since={since} is after --until={until}.")
    return DateRange(since, until)


class SliceCommand(BaseCommand):
    """A command that writes a file about some outlets and days: --outlet, --since, --until, --to."""

    # The endings of the file's name; empty for any.
    endings: tuple[str, ...] = ()
    # What is printed without a file, if one is not required.
    without_file = ""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        default = f" (default: {self.without_file})" if self.without_file else ""
        words = f"new file; - for standard output{default}"
        parser.add_argument("--to", required=not default, metavar="FILE", help=words)
        add_force_option(parser)
        add_outlet_option(parser, "only these outlets")
        add_day_options(parser)

    def slice(self, opts: argparse.Namespace, is_binary: bool = True) -> tuple[list[str], DateRange]:
        """Return the outlets and the days of the options, and check the file. Raises UsageError, BadArgument."""
        if opts.to not in ("-", None) and self.endings and not opts.to.endswith(self.endings):
            raise UsageError(f"--to {opts.to}: the name ends with {' or '.join(self.endings)}")
        if opts.to == "-" and is_binary and sys.stdout is not None and sys.stdout.isatty():
            raise UsageError("--to -: standard output is a terminal; send it to a file or a program")
        self.check_output(opts.to)
        return list(dict.fromkeys(opts.outlet)), days_of(opts)

    def say_written(self, to: str | None, contents: str, left_out: int) -> None:
        """Print the contents and size of a file, if there is one, and the number of withheld articles left out."""
        from crawler.jobs.output import size_of

        note = f"{counted(left_out, 'withheld article')} left out" if left_out else ""
        if to != "-":
            written = f"{to}: {contents}, {size_of(to)}" if to else contents
            say("; ".join(filter(None, [written, note])))
        elif note:
            complain(note)


class PageCommand(BaseCommand):
    """A command that reads a page from a file, an address or standard input (-): --url, --fetched."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--url", metavar="URL", help="address of the page")
        parser.add_argument(
            "--fetched", metavar="TIME", help="time of the capture, like 2026-11-24T10:15:00Z (for an address: now)"
        )

    def page(self, name: str, opts: argparse.Namespace, outlet: str | None) -> Page:
        """Return the page in a file, at an address or on standard input; without an outlet, by its address.

        Raises Refused.
        """
        from crawler.crawl.given_pages import PageReader

        reader = PageReader(self.outlets)
        if is_web_address(name):
            from crawler.crawl.unrecorded import fetch_page

            return fetch_page(name, self._settings, reader, opts.url, outlet, opts.fetched)
        if name == "-":
            return reader.page(reader.unpacked("-", sys.stdin.buffer), opts.url, outlet, opts.fetched)
        return reader.page(reader.read(name), opts.url, outlet, opts.fetched, name)
