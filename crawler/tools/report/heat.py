"""The cells of the heat maps: what there was of what there should have been, outlet by outlet and day by day.

The figures that several sections draw: heat maps by day, bars by month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from crawler.tools.report.charts import Bar, Cell, bars, heat_maps
from crawler.tools.report.figures import ONE_DAY, OutletFigures, RunFigures
from crawler.tools.report.markup import figure, text

if TYPE_CHECKING:
    from crawler.tools.report.page import ReportPage

# No more cells, and columns, than these keep the page light; a cell is then a day, otherwise a week or a month.
CELLS, COLUMNS = 20_000, 500
STEPS = (1, 7, 30)
LEVELS = ("none", "under half", "half to nine tenths", "nine tenths or more")


@dataclass(frozen=True, slots=True)
class HeatShare:
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


Measure = Callable[[OutletFigures, date], HeatShare | None]


def listed(figures: OutletFigures, day: date) -> HeatShare | None:
    """What an outlet listed, beside what it usually lists."""
    known = figures.days.get(day)
    if known is None:
        return None
    return HeatShare(known.listed, figures.usual_listed(day), False)


def archived(figures: OutletFigures, day: date) -> HeatShare | None:
    """What was archived of what was listed and ours; without a listing, what gave rows beside what usually does."""
    known, articles = figures.days.get(day), figures.rows.articles
    if known is None:
        return HeatShare(articles[day], figures.usual_articles(day), False)
    kept = max(known.archived, articles[day])
    return HeatShare(kept, max(known.listed - known.turned_down, kept), True)


def extracted(figures: OutletFigures, day: date) -> HeatShare | None:
    """What gave rows of what was archived; without a listing, beside what usually does."""
    known, articles = figures.days.get(day), figures.rows.articles
    if known is None:
        return HeatShare(articles[day], figures.usual_articles(day), False)
    return HeatShare(articles[day], max(known.archived, articles[day]), True)


def dated(figures: OutletFigures, day: date) -> HeatShare | None:
    """The rows that have a date of what gave rows."""
    return HeatShare(figures.rows.dated[day], figures.rows.articles[day], True)


def run_listed(figures: OutletFigures, day: date) -> HeatShare | None:
    """What the runs of a day listed, beside what they usually list."""
    return _of_run(figures, day, lambda run: HeatShare(run.listed, figures.usual_of_runs(day), False))


def run_dated(figures: OutletFigures, day: date) -> HeatShare | None:
    """What had a date of what the runs of a day extracted."""
    return _of_run(figures, day, lambda run: HeatShare(run.dated, run.articles, True))


def run_answered(figures: OutletFigures, day: date) -> HeatShare | None:
    """The requests of a day that were answered well."""
    return _of_run(figures, day, lambda run: HeatShare(run.answered, run.requests, True))


def _of_run(figures: OutletFigures, day: date, share: Callable[[RunFigures], HeatShare]) -> HeatShare | None:
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


def _sum(shares: Sequence[HeatShare]) -> HeatShare:
    is_known = all(share.is_known for share in shares)
    return HeatShare(sum(share.part for share in shares), sum(share.whole for share in shares), is_known)


LEVELS_KEY = {meaning: f"var(--c{number})" for number, meaning in enumerate(LEVELS)}


def maps_of(report: ReportPage, maps: Sequence[tuple[str, str, Measure]], last: date) -> Iterator[str]:
    """Yield heat maps, each with its heading, what it means and its measure; those without a cell are left out."""
    step = step_for(len(report.outlets), len(maps), report.first, last)
    if step > 1:
        yield f'<p class="soft">A cell is {step} days; over fewer days or outlets it is one.</p>'
    for heading, meaning, measure in maps:
        drawn = list(cells(report.outlets, measure, report.first, last, step))
        if not drawn:
            continue
        levels = Counter(cell.level for cell in drawn)
        told = ", ".join(f"{levels[number]} cells {meaning}" for number, meaning in enumerate(LEVELS))
        yield f'<h3>{heading}</h3><p class="soft">{text(meaning)}</p>'
        named = {cell.row for cell in drawn}
        rows = [(name, title) for name, title in titles_of(report.outlets) if name in named]
        for picture, caption in heat_maps(rows, drawn, report.first, last, step):
            yield figure(picture, f"{heading}, one row an outlet: {told}", caption)


def monthly_bars(
    report: ReportPage,
    parts: Sequence[str],
    counts: Mapping[tuple[str, str], int],
    caption: str,
    told: Callable[[int], str],
) -> str:
    """Return stacked bars of numbers by month and part."""
    found, totals = [], Counter[str]()
    for begin, end in months_between(report.first, report.last):
        for part in parts:
            if number := counts.get((f"{begin:%Y-%m}", part), 0):
                totals[part] += number
                found.append(Bar(begin, end, part, number, f"{begin:%Y-%m}, {part}: {told(number)}"))
    summary = ", ".join(f"{part} {told(number)}" for part, number in totals.items())
    colours = colours_of(parts)
    first, last = months_between(report.first, report.last)[0][0], months_between(report.first, report.last)[-1][1]
    return figure(bars(colours, found, first, last, by_month=True), f"{caption}: {summary}")


def titles_of(outlets: Sequence[OutletFigures]) -> list[tuple[str, str]]:
    """Return the rows of a chart: names with titles."""
    return [(figures.name, figures.title) for figures in outlets]


def colours_of(parts: Sequence[str]) -> dict[str, str]:
    """Return a colour for each part."""
    return {part: f"var(--p{number})" for number, part in enumerate(parts)}


def months_between(first: date, last: date) -> list[tuple[date, date]]:
    """Return the first and last days of every month from one day to another."""
    months, begin = [], first.replace(day=1)
    while begin <= last:
        following = (begin + timedelta(days=31)).replace(day=1)
        months.append((begin, following - ONE_DAY))
        begin = following
    return months
