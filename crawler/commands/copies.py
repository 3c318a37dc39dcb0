"""`scrapy copies`: the stories that several outlets have published."""

from __future__ import annotations

import argparse
import os
from contextlib import closing, nullcontext
from textwrap import shorten
from typing import TYPE_CHECKING

from crawler.jobs.command import SliceCommand
from crawler.model.exit_codes import FAILED, OK
from crawler.system.terminal import counted, printable, standard_output

if TYPE_CHECKING:
    from crawler.tools.copies.stories import Stories, Story
    from crawler.tools.export.rows import RowSelection

# The stories in the table, and the characters of a title.
LARGEST, TITLE = 15, 40


class Command(SliceCommand):
    """Find the stories that several outlets have published.

    Articles of different outlets are copies if they have about a third of their sequences of three words in common
    and were published at most 7 calendar days apart. Copies of copies belong to the story. The newest version of each
    article counts; articles that `scrapy withhold` withholds do not. Days are days of publication in the outlet's time
    zone; copies from outside the days are not found.

    A file gets every story, from the one that began first: its articles, the earliest first, the agency that the
    earliest article with one credits, and the similarity of each text to the earliest (0 to 1, estimated). JSON Lines
    have a story a line, CSV an article a line. The terminal gets a table of the stories of the most outlets.
    """

    usage = "[--to FILE.jsonl|FILE.csv] [options]"
    examples = (
        "scrapy copies --since 2026-11-01 --until 2026-11-07",
        "scrapy copies --outlet samakal ittefaq --to copies.csv",
        "scrapy copies --to - | jq -c 'select(.outlets > 5) | [.agency, .articles[0].title]'",
    )
    exit_codes = {OK: "done", FAILED: "rows are damaged, or the archive or the file can't be used"}
    endings = (".jsonl", ".csv")
    without_file = "a table of the largest stories"

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        from crawler.archive.withheld import withheld_ids
        from crawler.tools.copies.stories import Stories
        from crawler.tools.copies.writing import WRITERS
        from crawler.tools.export.output import new_file
        from crawler.tools.export.rows import RowSelection

        outlets, days = self.slice(opts, is_binary=False)
        storage, archived = self.archive_of_rows(outlets)
        with (
            new_file(opts.to, opts.force) if opts.to else nullcontext() as stream,
            closing(RowSelection(storage, outlets, days, withheld_ids(storage))) as selection,
            closing(Stories()) as stories,
        ):
            _read(selection, archived, stories)
            if stream:
                WRITERS.get(os.path.splitext(opts.to)[1], WRITERS[".jsonl"])(stories, stream)
            else:
                _show(stories)
            found = _summary(stories)
        self.say_written(opts.to, found, len(selection.left_out))
        return OK


def _read(selection: RowSelection, archived: list[str], stories: Stories) -> None:
    """Find the stories among the newest rows of the articles. Raises ExportFailed, StorageError, OSError."""
    from crawler.jobs.output import progress_bar
    from crawler.tools.copies.stories import signed_row
    from crawler.tools.copies.writing import facts_of
    from crawler.tools.export.rows import malformed

    with progress_bar("files", of_bytes=False) as bar:
        bar.begin(selection.find(archived) * 2)
        for row in selection.newest(bar.advance):
            try:
                stories.take([signed_row(row.fields, facts_of(row.fields))])
            except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
                raise malformed(row, error) from error
        bar.describe("articles compared")
        bar.update(0, stories.texts())
        stories.find(bar.advance)


def _show(stories: Stories) -> None:
    """Print the largest stories as a table."""
    from crawler.jobs.output import print_table
    from crawler.tools.copies.stories import agency_of

    def cells(story: Story) -> list[object]:
        first, published = story[0], story[0].facts["published"]
        outlets = len({one.outlet for one in story})
        day = published["at"][:10] if published else ""
        title = shorten(printable(first.facts["title"]), TITLE, placeholder="…")
        return [outlets, len(story), day, first.outlet, agency_of(story), title]

    if largest := [cells(story) for story in stories.largest(LARGEST)]:
        heads = ("outlets", "articles", "day", "first in", "agency", "title")
        with standard_output():
            print_table(heads, largest, right=(0, 1), whole=(0, 1, 2, 3))


def _summary(stories: Stories) -> str:
    found, copies, outlets, articles = stories.totals()
    if not found:
        return f"no story of several outlets among {counted(articles, 'article')}"
    number = f"{found} stories" if found > 1 else "1 story"
    return f"{number} of {counted(outlets, 'outlet')}, {copies} of {counted(articles, 'article')}"
