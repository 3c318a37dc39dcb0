"""What runs left behind, as one line for cron's mail or a table for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

COLUMNS = ("outlet", "rows", "requests", "bytes", "files")


def one_line(runs: Sequence[dict[str, Any]]) -> str:
    """Return the runs' totals as one line."""
    total = {name: sum(run[name] or 0 for run in runs) for name in COLUMNS[1:]}
    return (
        f"{counted(len(runs), 'outlet')}, {total['rows']} new rows, {total['requests']} requests, "
        f"{readable(total['bytes'])} in {total['files']} files"
    )


def counted(number: int, thing: str) -> str:
    """Return `1 outlet`, `2 outlets`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def show_table(runs: Sequence[dict[str, Any]]) -> None:
    """Print the runs as a table."""
    from rich.console import Console  # noqa: PLC0415 (commands import this module on every call)
    from rich.table import Table  # noqa: PLC0415

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


def readable(count: float) -> str:
    """Return a number of bytes for people: `1.5 MB`, powers of 1000."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
