"""The figures that several sections draw: heat maps by day, bars by month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from crawler.reporting import heat
from crawler.reporting.charts import Bar, bars, heat_maps
from crawler.reporting.figures import ONE_DAY, OutletFigures
from crawler.reporting.markup import figure, text

if TYPE_CHECKING:
    from crawler.reporting.page import Report

LEVELS_KEY = {meaning: f"var(--c{number})" for number, meaning in enumerate(heat.LEVELS)}


def maps_of(report: Report, maps: Sequence[tuple[str, str, heat.Measure]], last: date) -> Iterator[str]:
    """Yield heat maps, each with its heading, what it means and its measure; those without a cell are left out."""
    step = heat.step_for(len(report.outlets), len(maps), report.first, last)
    if step > 1:
        yield f'<p class="soft">A cell is {step} days; over fewer days or outlets it is one.</p>'
    for heading, meaning, measure in maps:
        cells = list(heat.cells(report.outlets, measure, report.first, last, step))
        if not cells:
            continue
        levels = Counter(cell.level for cell in cells)
        told = ", ".join(f"{levels[number]} cells {meaning}" for number, meaning in enumerate(heat.LEVELS))
        yield f'<h3>{heading}</h3><p class="soft">{text(meaning)}</p>'
        named = {cell.row for cell in cells}
        rows = [(name, title) for name, title in titles_of(report.outlets) if name in named]
        for picture, caption in heat_maps(rows, cells, report.first, last, step):
            yield figure(picture, f"{heading}, one row an outlet: {told}", caption)


def monthly_bars(
    report: Report,
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
