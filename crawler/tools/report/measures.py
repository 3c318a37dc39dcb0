"""Measures of an outlet's day: how much of the expected number was listed, archived, extracted, dated, answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from crawler.model.span import ONE_DAY
from crawler.tools.report.charts import Mark, midnight
from crawler.tools.report.figures import OutletFigures, days_between, spans

# More cells or columns make the page heavy. The days of a cell are the first of STEPS that stays below.
CELLS, COLUMNS = 20_000, 500
STEPS = (1, 7, 30)


@dataclass(frozen=True, slots=True)
class Coverage:
    """A number and the expected number, which is known or only usual; `whole` is 0 when nothing was expected."""

    part: int
    whole: float
    is_known: bool = True

    @property
    def level(self) -> int | None:
        """The colour of a cell, None when there is nothing to show."""
        if self.whole <= 0:
            return 3 if self.part else None
        share = self.part / self.whole
        return 0 if not self.part else 1 if share < 0.5 else 2 if share < 0.9 else 3

    def __str__(self) -> str:
        return f"{self.part} of {self.whole:.0f}" if self.is_known else f"{self.part} (usual: {self.whole:.0f})"


class Measure(NamedTuple):
    """A heat map: its heading, its meaning, and the function of its cells."""

    heading: str
    meaning: str
    of: Callable[[OutletFigures, date], Coverage | None]


def listed(figures: OutletFigures, day: date) -> Coverage | None:
    """Return the listed articles, compared with the usual number; None if the day's listings are unknown."""
    known = figures.days.get(day)
    return Coverage(known.listed, figures.usual_listed(day), False) if known else None


def archived(figures: OutletFigures, day: date) -> Coverage:
    """Return the archived articles of those listed and in scope; without listings, as `extracted`."""
    known = figures.days.get(day)
    if known is None:
        return extracted(figures, day)
    kept = max(known.archived, figures.rows.articles[day])
    return Coverage(kept, max(known.listed - known.turned_down, kept))


def extracted(figures: OutletFigures, day: date) -> Coverage:
    """Return the articles with a row of those archived; without listings, compared with the usual number."""
    known, articles = figures.days.get(day), figures.rows.articles[day]
    if known is None:
        return Coverage(articles, figures.usual_articles(day), False)
    return Coverage(articles, max(known.archived, articles))


def dated(figures: OutletFigures, day: date) -> Coverage:
    return Coverage(figures.rows.dated[day], figures.rows.articles[day])


def listed_by_runs(figures: OutletFigures, day: date) -> Coverage | None:
    return Coverage(runs.listed, figures.usual_of_runs(day), False) if (runs := figures.runs.get(day)) else None


def dated_by_runs(figures: OutletFigures, day: date) -> Coverage | None:
    return Coverage(runs.dated, runs.articles) if (runs := figures.runs.get(day)) else None


def answered(figures: OutletFigures, day: date) -> Coverage | None:
    return Coverage(runs.answered, runs.requests) if (runs := figures.runs.get(day)) else None


BY_LISTINGS = (
    Measure("Listed", "articles in the outlet's listings, compared with the weekday's usual number", listed),
    Measure("Archived", "archived articles, as a share of listed articles in scope", archived),
)
BY_ROWS = (
    Measure("Extracted", "articles with a row, as a share of archived articles", extracted),
    Measure("Dated", "rows with a date of publication, as a share of all rows", dated),
)
BY_RUNS = (
    Measure("Listed by runs", "articles that sources listed, compared with the usual number", listed_by_runs),
    Measure("Dated by runs", "articles with a date, as a share of extracted articles", dated_by_runs),
    Measure("Answered", "requests answered with 2xx or 3xx, as a share of all requests", answered),
)


def step_for(rows: int, maps: int, first: date, last: date, columns: int = COLUMNS) -> int:
    days = (last - first).days + 1
    most = min(columns, CELLS // max(rows * maps, 1))
    return next((step for step in STEPS if days / step <= most), STEPS[-1])


def cells(outlets: Iterable[OutletFigures], measure: Measure, first: date, last: date, step: int) -> Iterator[Mark]:
    """Yield the cells of a measure that show something, from the first day of each outlet's coverage on."""
    for figures in outlets:
        begin = figures.first or first
        for since, until in spans(first, last, step):
            days = days_between(max(since, begin), until)
            found = [coverage for day in days if (coverage := measure.of(figures, day)) is not None]
            is_known = all(one.is_known for one in found)
            total = Coverage(sum(one.part for one in found), sum(one.whole for one in found), is_known)
            if (level := total.level) is not None:
                place = f"{since}" if step == 1 else f"{since} to {until}"
                yield Mark(figures.name, midnight(since), midnight(until + ONE_DAY), level, f"{place}: {total}")
