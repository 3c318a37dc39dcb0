"""Where commands write: a table, a progress bar; and the totals of runs."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from crawler.system.terminal import counted, readable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID
    from rich.table import Table

    from crawler.state.history import RunFacts


# Columns of a wide table.
WIDEST = 10_000


def size_of(path: str) -> str:
    return readable(os.stat(path).st_size)


def print_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    right: Collection[int] = (),
    whole: Collection[int] = (),
    is_wide: bool = False,
) -> None:
    """Print a table on the terminal; the columns of the numbers in `right` are aligned there.

    The columns in `whole` are not wrapped. A table that `is_wide` has lines as long as its cells need.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None)
    for number, heading in enumerate(headings):
        justify: Literal["left", "right"] = "right" if number in right else "left"
        is_line = is_wide or number in whole
        table.add_column(heading, justify=justify, overflow="ellipsis" if is_line else "fold", no_wrap=is_line)
    console = Console()
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    width = whole_width = console.width
    if is_wide:
        console.width = max(console.width, console.measure(table, options=console.options.update(width=WIDEST)).maximum)
        width = console.width
    else:
        while width > 1 and (marks := _most_spacing_marks(console, table, width)) > whole_width - width:
            width = max(1, whole_width - marks)
    console.print(table, width=width)


def _most_spacing_marks(console: Console, table: Table, width: int) -> int:
    """Return how many vowel signs a line has to which many terminals give a place of their own, and rich gives none."""
    with console.capture() as capture:
        console.print(table, width=width)
    lines = capture.get().splitlines()
    return max(sum(unicodedata.category(character) == "Mc" for character in line) for line in lines)


class Bar:
    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def advance(self, count: int = 1) -> None:
        self._progress.advance(self._task, count)

    def update(self, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total or None)

    def describe(self, what: str) -> None:
        self._progress.update(self._task, description=what)

    def begin(self, total: int) -> None:
        self._progress.update(self._task, total=total)


@contextmanager
def progress_bar(what: str, total: int | None = None, of_bytes: bool = True, is_quiet: bool = False) -> Iterator[Bar]:
    """Yield a bar that is drawn on standard error if that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), DownloadColumn() if of_bytes else MofNCompleteColumn())
    is_shown = is_watched() and not is_quiet
    with Progress(
        *columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True, disable=not is_shown
    ) as progress:
        yield Bar(progress, progress.add_task(what, total=total))


def is_watched() -> bool:
    """Return whether standard error is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def totals_of(runs: Collection[RunFacts]) -> str:
    sums = (sum(getattr(run, name) for run in runs) for name in ("rows", "requests", "bytes", "files"))
    return f"{counted(len(runs), 'outlet')}, {totals(*sums)}"


def totals(rows: int, requests: int, size: int, segments: int, unchanged: int = 0) -> str:
    same = f"{unchanged} unchanged, " if unchanged else ""
    return f"{rows} new rows, {same}{requests} requests, {readable(size)} in {counted(segments, 'segment')}"


def reasons_of(what: str, reasons: Mapping[str, int]) -> str:
    """Return `3 failed (2 http-404, 1 timeout)`, the most frequent reason first."""
    ordered = sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
    return f"{sum(reasons.values())} {what} ({', '.join(f'{count} {reason}' for reason, count in ordered)})"
