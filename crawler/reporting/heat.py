"""The cells of the heat maps: what there was of what there should have been, outlet by outlet and day by day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from crawler.reporting.charts import Cell
from crawler.reporting.figures import ONE_DAY, OutletFigures, RunFigures

# No more cells, and columns, than these keep the page light; a cell is then a day, otherwise a week or a month.
CELLS, COLUMNS = 20_000, 500
STEPS = (1, 7, 30)
LEVELS = ("none", "under half", "half to nine tenths", "nine tenths or more")


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many: of a number that is known, or of what is usual; `whole` 0 when nothing was expected."""

    part: int
    whole: float
    is_known: bool

    @property
    def level(self) -> int | None:
        """The class of a cell, None when there is nothing to say."""
        if self.whole <= 0:
            return 3 if self.part else None
        share = self.part / self.whole
        return 0 if not self.part else 1 if share < 0.5 else 2 if share < 0.9 else 3

    def __str__(self) -> str:
        return f"{self.part} of {self.whole:.0f}" if self.is_known else f"{self.part} (usual: {self.whole:.0f})"


Measure = Callable[[OutletFigures, date], Share | None]


def listed(figures: OutletFigures, day: date) -> Share | None:
    """What an outlet listed, beside what it usually lists."""
    known = figures.days.get(day)
    if known is None:
        return None
    return Share(known.listed, figures.usual_listed(day), False)


def archived(figures: OutletFigures, day: date) -> Share | None:
    """What was archived of what was listed and ours; without a listing, what gave rows beside what usually does."""
    known, articles = figures.days.get(day), figures.rows.articles
    if known is None:
        return Share(articles[day], figures.usual_articles(day), False)
    kept = max(known.archived, articles[day])
    return Share(kept, max(known.listed - known.turned_down, kept), True)


def extracted(figures: OutletFigures, day: date) -> Share | None:
    """What gave rows of what was archived; without a listing, beside what usually does."""
    known, articles = figures.days.get(day), figures.rows.articles
    if known is None:
        return Share(articles[day], figures.usual_articles(day), False)
    return Share(articles[day], max(known.archived, articles[day]), True)


def dated(figures: OutletFigures, day: date) -> Share | None:
    """The rows that have a date of what gave rows."""
    return Share(figures.rows.dated[day], figures.rows.articles[day], True)


def run_listed(figures: OutletFigures, day: date) -> Share | None:
    """What the runs of a day listed, beside what they usually list."""
    return _of_run(figures, day, lambda run: Share(run.listed, figures.usual_of_runs(day), False))


def run_dated(figures: OutletFigures, day: date) -> Share | None:
    """What had a date of what the runs of a day extracted."""
    return _of_run(figures, day, lambda run: Share(run.dated, run.articles, True))


def run_answered(figures: OutletFigures, day: date) -> Share | None:
    """The requests of a day that were answered well."""
    return _of_run(figures, day, lambda run: Share(run.answered, run.requests, True))


def _of_run(figures: OutletFigures, day: date, share: Callable[[RunFigures], Share]) -> Share | None:
    run = figures.runs.get(day)
    return share(run) if run else None


def step_for(rows: int, maps: int, first: date, last: date, columns: int = COLUMNS) -> int:
    """Return the days of a cell, or of a bar."""
    days = (last - first).days + 1
    most = min(columns, CELLS // max(rows * maps, 1))
    return next((step for step in STEPS if days / step <= most), STEPS[-1])


def cells(outlets: Iterable[OutletFigures], measure: Measure, first: date, last: date, step: int) -> Iterator[Cell]:
    """Yield the cells that have something to say; an outlet's begin with its first day."""
    for figures in outlets:
        begin = figures.first or first
        day = first
        while day <= last:
            end = min(day + (step - 1) * ONE_DAY, last)
            days = [day + number * ONE_DAY for number in range((end - day).days + 1)]
            shares = [share for one in days if one >= begin and (share := measure(figures, one)) is not None]
            if shares and (level := (whole := _sum(shares)).level) is not None:
                place = f"{day}" if step == 1 else f"{day} to {end}"
                yield Cell(figures.name, day, end, level, f"{place}: {whole}")
            day = end + ONE_DAY


def _sum(shares: Sequence[Share]) -> Share:
    is_known = all(share.is_known for share in shares)
    return Share(sum(share.part for share in shares), sum(share.whole for share in shares), is_known)
