"""`scrapy export`: rows of the archive as one file for the tools people use."""

from __future__ import annotations

import argparse
import os
from contextlib import closing

from crawler.jobs.command import SliceCommand
from crawler.model.exit_codes import FAILED, OK, USAGE, Refused
from crawler.system.terminal import counted


class Command(SliceCommand):
    """Export rows of the archive as JSON Lines, Parquet or CSV.

    The rows of some outlets and days go into one file that appears whole or not at all. Days are days of publication
    in the outlet's time zone; an article without a date counts on the day it was fetched. Every row file is compared
    with its manifest. JSON Lines are the archive's own lines. Parquet has a column for each key, with structs,
    lists, and timestamps in UTC. CSV has lists and objects as JSON, and an apostrophe before text that a spreadsheet
    takes for a formula. Both have a column `withdrawn`. Rows that wait in the spool are not exported, nor are
    articles that `scrapy withhold` withholds.
    """

    usage = "--to FILE [options]"
    examples = ("scrapy export --to samakal.parquet --outlet samakal --since 2026-11-01 --latest",)
    exit_codes = {OK: "done", FAILED: "rows are damaged, or the archive or the file can't be used"}

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        from crawler.tools.export.tables import FORMATS

        super().add_options(parser)
        forms = tuple(dict.fromkeys(FORMATS.values()))
        parser.add_argument("--format", choices=forms, help="file format (default: by the ending of FILE)")
        parser.add_argument("--latest", action="store_true", help="only the newest version of each article")

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        from crawler.archive.withheld import withheld_ids
        from crawler.jobs.output import progress_bar
        from crawler.tools.export.output import new_file
        from crawler.tools.export.rows import RowSelection
        from crawler.tools.export.tables import write_rows

        form = _format(opts.format, opts.to)
        outlets, days = self.slice(opts, is_binary=form == "parquet")
        storage, archived = self.archive_of_rows(outlets)
        with (
            new_file(opts.to, opts.force) as stream,
            progress_bar("files", of_bytes=False) as bar,
            closing(RowSelection(storage, outlets, days, withheld_ids(storage))) as selection,
        ):
            # JSON Lines are the archive's own, without the column.
            if form != "jsonl":
                selection.read_runs()
            bar.begin(selection.find(archived) * (2 if opts.latest else 1))
            selected = selection.newest(bar.advance) if opts.latest else selection.rows(bar.advance)
            rows, of_outlets = write_rows(selected, stream, form)
        self.say_written(opts.to, f"{counted(rows, 'row')} of {counted(of_outlets, 'outlet')}", len(selection.left_out))
        return OK


def _format(named: str | None, to: str) -> str:
    from crawler.tools.export.tables import FORMATS

    form = named or (FORMATS.get(os.path.splitext(to)[1]) if to != "-" else "jsonl")
    if form is None:
        raise Refused(f"--to {to}: the name ends with none of .jsonl, .parquet and .csv; add --format", USAGE)
    return form
