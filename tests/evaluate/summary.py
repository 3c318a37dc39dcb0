"""Reduce many verdicts to the numbers that the floor and the tables hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from evaluate.scoring import Score

Verdicts = Mapping[str, Sequence[Score]]


def shares(scores: Sequence[Score]) -> dict[str, float]:
    """Return the share of right answers by kind, 1 the best."""
    return {
        "found": 1 - sum(each.missing for each in scores) / sum(each.gold for each in scores),
        "clean": fmean(each.junk == 0 for each in scores),
        "f1": fmean(each.f1 for each in scores),
        "letters": fmean(each.letters for each in scores),
        "title": fmean(each.title for each in scores),
        "date": fmean(each.date == "right" for each in scores),
        "author": fmean(each.author for each in scores),
        "section": fmean(each.section for each in scores),
        "agency": fmean(each.agency for each in scores),
    }


def floor_of(verdicts: Verdicts) -> dict[str, dict[str, float]]:
    """Return the shares of each layout, rounded to 4 digits."""
    return {name: {key: round(share, 4) for key, share in shares(each).items()} for name, each in verdicts.items()}


COLUMNS = (
    "pages", "crashed", "missing ¶", "junk ¶", "¶ F1", "ROUGE-L", "letters", "title",
    "date", "day only", "no date", "wrong date", "author", "section", "agency",
)  # fmt: skip


def row(scores: Sequence[Score], without: Sequence[str] = ()) -> list[str]:
    """Return the cells of one extractor's row, with a dash in the columns of `without`."""
    part, dates = shares(scores), [each.date for each in scores]
    cells = [
        str(len(scores)),
        str(sum(each.crashed for each in scores)),
        f"{sum(each.missing for each in scores)} of {sum(each.gold for each in scores)}",
        str(sum(each.junk for each in scores)),
        f"{part['f1']:.3f}",
        f"{fmean(each.rouge_l for each in scores):.3f}",
        *(f"{100 * part[key]:.1f} %" for key in ("letters", "title", "date")),
        *(str(dates.count(kind)) for kind in ("coarse", "missing", "wrong")),
        *(f"{100 * part[key]:.1f} %" for key in ("author", "section", "agency")),
    ]
    return ["–" if name in without else cell for name, cell in zip(COLUMNS, cells, strict=True)]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table with aligned columns."""
    widths = [max(len(each[at]) for each in (head, *rows)) for at in range(len(head))]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )
