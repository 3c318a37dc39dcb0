"""`scrapy dataset`: a publishable data set of the archive, or the texts of one that has none."""

from __future__ import annotations

import argparse
import re
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, get_args

from scrapy.exceptions import UsageError

from crawler.jobs.command import BaseCommand, add_day_options, add_outlet_option, days_of, whole_number
from crawler.model.article import WARNINGS, Scope
from crawler.model.exit_codes import FAILED, LOCKED, OK, UNHEALTHY
from crawler.system.terminal import Interrupted, complain, counted, readable, say
from crawler.tools.dataset.options import FULL, TEXTS, DatasetOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crawler.tools.dataset.facts import DatasetFacts
    from crawler.tools.dataset.target import DatasetTarget

SCOPES = get_args(Scope)
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class Command(BaseCommand):
    """Make a publishable data set: Parquet files with splits by time of publication.

    It has the newest version of each article. Copies of one story are in one split, and have the same `cluster`. Days
    are days of publication in the outlet's time zone. Withheld articles are left out, and those whose page opts out of
    text and data mining or AI training. Every row file is compared with its manifest. After an interruption, the same
    command continues. The same archive and options give the same bytes.
    """

    usage = "--to DIR|s3://bucket/prefix [options], or --fill DIR|s3://bucket/prefix"
    examples = (
        "scrapy dataset --to news --since 2026-01-01 --language bn --no-copies",
        "scrapy dataset --to labels --text none",
        "scrapy dataset --fill labels",
    )
    exit_codes = {
        OK: "done",
        FAILED: "rows are damaged, no article is left, or the archive, the spool or the place can't be used",
        UNHEALTHY: "with --fill: done, but the archive lacks articles of the data set",
        LOCKED: "another process writes the data set",
    }

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--to", metavar="DIR", help="new data set: a directory or s3://bucket/prefix")
        parser.add_argument("--fill", metavar="DIR", help="data set that gets its texts from the archive")
        parser.add_argument("--force", action="store_true", help="replacement of an existing data set")
        add_outlet_option(parser, "only these outlets")
        add_day_options(parser)
        _add_list(parser, "--language", "CODE", "only these languages, such as bn", type=_language)
        _add_list(parser, "--scope", "SCOPE", f"only these scopes: {', '.join(SCOPES)}", choices=SCOPES)
        parser.add_argument("--min-words", type=whole_number, metavar="N", help="least words of a text")
        parser.add_argument("--max-words", type=whole_number, metavar="N", help="most words of a text")
        _add_list(parser, "--without-warning", "CODE", "no articles with these warnings", type=_warning)
        parser.add_argument("--text", choices=TEXTS, default=FULL, help="full (default), excerpt (50 words) or none")
        parser.add_argument("--no-copies", action="store_true", help="only the earliest article of each cluster")
        parser.add_argument("--opted-out", action="store_true", help="also articles whose page opts out")

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        from crawler.tools.export.tables import check_pyarrow

        if (opts.to is None) == (opts.fill is None):
            raise UsageError("give --to DIR for a new data set, or --fill DIR for the texts of one")
        options = _options(opts)
        check_pyarrow()
        if opts.to is not None:
            return self._build(opts.to, options, opts.force)
        if opts.force or options != DatasetOptions():
            raise UsageError("--fill takes no other options: the data set says which articles it has")
        return self._fill(opts.fill)

    def _build(self, to: str, options: DatasetOptions, is_forced: bool) -> int:
        from crawler.jobs.output import progress_bar
        from crawler.tools.dataset.building import Building

        target = self._target(to)
        storage, archived = self.archive_of_rows(options.outlets)
        with progress_bar("files", of_bytes=False) as bar:
            building = Building(storage, target, options, bar)
            with self._writing(target, partial(target.check, building.purpose, is_forced)):
                facts = building.build(archived)
        say(_summary(to, facts))
        return OK

    def _fill(self, to: str) -> int:
        from crawler.jobs.output import progress_bar
        from crawler.tools.dataset.filling import TextFilling

        target = self._target(to)
        storage, archived = self.archive_of_rows(())
        with (
            progress_bar("files", of_bytes=False) as bar,
            self._writing(target, target.check_filling),
            closing(TextFilling(storage, target, bar)) as filling,
        ):
            done = filling.fill(archived)
        for sentence in done.named:
            complain(sentence)
        if (more := done.lacking - len(done.named)) > 0:
            complain(f"and {counted(more, 'article')} more")
        say(f"{to}: {counted(done.filled, 'article')} filled, {done.lacking} without text")
        return UNHEALTHY if done.lacking else OK

    @contextmanager
    def _writing(self, target: DatasetTarget, check: Callable[[], object]) -> Iterator[None]:
        """Hold the lock of a data set; add to an interruption how to continue. Raises Locked, and as `check` does."""
        from crawler.system.locks import dataset_lock

        check()  # a wrong place is refused before anything is written to the spool
        with dataset_lock(self.deployment.spool, target.folder.name, target.url):
            try:
                target.look_again()
                check()
                yield
            except Interrupted as error:
                error.add_note(f"{target.url} is unfinished; the same command continues")
                raise

    def _target(self, to: str) -> DatasetTarget:
        """Return the place of a data set. Raises Refused, UsageError."""
        from crawler.tools.dataset.target import DatasetTarget

        self.check_output(to)
        return DatasetTarget(to, self.deployment.spool)


def _add_list(parser: argparse.ArgumentParser, name: str, value: str, what: str, **how: Any) -> None:
    parser.add_argument(name, action="extend", nargs="+", default=[], metavar=value, help=what, **how)


def _language(text: str) -> str:
    if not LANGUAGE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a code of a language")
    return text


def _warning(text: str) -> str:
    if text.partition(":")[0] not in WARNINGS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a warning: they are {', '.join(WARNINGS)}")
    return text


def _options(opts: argparse.Namespace) -> DatasetOptions:
    """Return the options of a data set. Raises UsageError, BadArgument."""
    days = days_of(opts)
    if opts.min_words and opts.max_words and opts.min_words > opts.max_words:
        raise UsageError(f"--min-words {opts.min_words} is above --max-words {opts.max_words}")
    return DatasetOptions(
        text=opts.text,
        outlets=tuple(opts.outlet),
        since=days.since,
        until=days.until,
        languages=tuple(opts.language),
        scopes=tuple(opts.scope),
        min_words=opts.min_words,
        max_words=opts.max_words,
        without_warnings=tuple(opts.without_warning),
        without_copies=opts.no_copies,
        with_opted_out=opts.opted_out,
    )


def _summary(to: str, facts: DatasetFacts) -> str:
    from crawler.jobs.output import reasons_of

    splits = ", ".join(f"{split.rows} {name}" for name, split in facts.splits.items())
    size = readable(sum(file.bytes for file in facts.files))
    line = f"{to}: {counted(facts.rows, 'article')} ({splits}) in {counted(len(facts.files), 'file')}, {size}"
    return f"{line}; {reasons_of('left out', facts.left_out)}" if facts.left_out else line
