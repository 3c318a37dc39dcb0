"""Charts as SVG: Vega-Lite draws them, text stays text for the browser to shape, colours are the page's own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import Any

WIDTH = 740
LEFT, RIGHT, TOP, BOTTOM = 150, 26, 8, 24
ROW = 17
BARS = 150

# More columns than these are hard to tell apart on paper.
COLUMNS = 100
FONT = "sans-serif"

# What each mark is called: a browser shows it as a tooltip.
NAMED = re.compile(r'<path aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="[^"]*" ([^>]*)/>')
DECIMALS = re.compile(r"(\d\.\d\d)\d+")
ROLES = re.compile(r' (?:role|aria-roledescription|aria-label|aria-hidden|class)="[^"]*"')


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a heat map: its row, its first and last day, its class (an index of colours), what it says."""

    row: str
    since: date
    until: date
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a stacked bar: for which days, of which part, how much, what it says."""

    since: date
    until: date
    part: str
    value: int
    text: str


def heat_maps(
    rows: Sequence[tuple[str, str]], cells: Sequence[Cell], first: date, last: date, step: int
) -> Iterator[tuple[str, str]]:
    """Yield the panels of a heat map over days, each with its days in words, but those without a cell.

    `rows` are names with titles, `step` the days of a cell.
    """
    days = (last - first).days + 1
    panels = ceil(days / step / COLUMNS)
    width = timedelta(days=ceil(days / step / panels) * step)
    for number in range(panels):
        begin = first + number * width
        end = begin + width
        if found := [cell for cell in cells if begin <= cell.since < end]:
            caption = f"{begin} to {min(last, end - timedelta(days=1))}" if panels > 1 else ""
            yield _heat_map(rows, found, begin, end), caption


def _heat_map(rows: Sequence[tuple[str, str]], cells: Sequence[Cell], begin: date, end: date) -> str:
    """Return one panel, from a day to before another."""
    values = [_cell(cell) for cell in cells]
    x = {"field": "a", "type": "temporal", **_time(begin, end)}
    squares = {
        "data": {"values": values},
        "mark": "rect",
        "encoding": {"x": x, "x2": {"field": "b"}, "y": _rows(rows), "color": LEVELS, "description": {"field": "s"}},
    }
    # For those who can't tell the colours, and for printers that have none.
    crosses = {
        "data": {"values": [value for value in values if value["c"] == 0]},
        "mark": CROSS,
        "encoding": {"x": {"field": "m", "type": "temporal"}, "y": _rows(rows)},
    }
    return _svg(len(rows) * ROW, [_titles(rows), squares, crosses])


def _cell(cell: Cell) -> dict[str, Any]:
    begin, end = (datetime.combine(day, time()) for day in (cell.since, cell.until + timedelta(days=1)))
    middle = begin + (end - begin) / 2
    return {"r": cell.row, "a": _text(begin), "b": _text(end), "m": _text(middle), "c": cell.level, "s": cell.text}


def _text(moment: datetime) -> str:
    return f"{moment.isoformat()}Z"


def hours_map(rows: Sequence[tuple[str, str]], cells: Sequence[tuple[str, int, int, str]]) -> str:
    """Return a heat map over the hours of the day; a cell is row, hour, class and what it says."""
    values = [{"r": row, "h": hour, "c": level, "s": text} for row, hour, level, text in cells]
    axis = {**AXIS, "labelExpr": "datum.value + ':00'", "values": list(range(0, 24, 3)), "labelAngle": 0}
    squares = {
        "data": {"values": values},
        "mark": "rect",
        "encoding": {
            "x": {"field": "h", "type": "ordinal", "scale": {"domain": list(range(24))}, "axis": axis},
            "y": _rows(rows),
            "color": {**LEVELS, "scale": {"domain": [0, 1, 2, 3, 4], "range": [f"var(--s{i})" for i in range(5)]}},
            "description": {"field": "s"},
        },
    }
    return _svg(len(rows) * ROW, [_titles(rows), squares])


def bars(colours: Mapping[str, str], values: Sequence[Bar], first: date, last: date, by_month: bool = False) -> str:
    """Return stacked bars over days, or months; `colours` are the parts, lowest first, each with its colour."""
    layer = {
        "data": {"values": list(_stacked(list(colours), values))},
        "mark": "rect",
        "encoding": {
            "x": {"field": "a", "type": "temporal", **_time(first, last + timedelta(days=1), by_month)},
            "x2": {"field": "b"},
            "y": {"field": "v", "type": "quantitative", "axis": {**GRID, "format": "~s"}},
            "y2": {"field": "w"},
            "color": {**PART, "scale": {"domain": list(colours), "range": list(colours.values())}},
            "description": {"field": "s"},
        },
    }
    return _svg(BARS, [layer])


def _stacked(parts: Sequence[str], values: Sequence[Bar]) -> Iterator[dict[str, Any]]:
    tops: Counter[date] = Counter()
    for bar in sorted(values, key=lambda bar: parts.index(bar.part)):
        bottom = tops[bar.since]
        tops[bar.since] += bar.value
        end = bar.until + timedelta(days=1)
        yield {"a": f"{bar.since}", "b": f"{end}", "p": bar.part, "w": bottom, "v": tops[bar.since], "s": bar.text}


AXIS: dict[str, Any] = {
    "title": None,
    "labelColor": "var(--ink)",
    "domainColor": "var(--line)",
    "tickColor": "var(--line)",
    "labelFont": FONT,
    "labelFontSize": 10,
    "grid": False,
}
GRID = {**AXIS, "grid": True, "gridColor": "var(--line)", "tickCount": 4}

# Up to so many days: where ticks stand, and how d3 writes them.
TICKS = (
    (20, {"interval": "day", "step": 1}, "%-d %b"),
    (120, {"interval": "week", "step": 1}, "%-d %b"),
    (900, {"interval": "month", "step": 1}, "%b %Y"),
    (10**6, {"interval": "year", "step": 1}, "%Y"),
)
PART: dict[str, Any] = {"field": "p", "type": "nominal", "legend": None}
LEVELS: dict[str, Any] = {
    "field": "c",
    "type": "ordinal",
    "legend": None,
    "scale": {"domain": [0, 1, 2, 3], "range": [f"var(--c{i})" for i in range(4)]},
}
CROSS = {"type": "point", "shape": "cross", "angle": 45, "size": 26, "filled": True, "color": "var(--paper)"}


def _time(begin: date, end: date, by_month: bool = False) -> dict[str, Any]:
    """Return scale and axis for the days from one to before another: named by day, month or year."""
    first, last = (datetime.combine(day, time(), UTC).timestamp() * 1000 for day in (begin, end))
    days = (end - begin).days
    interval, format = next(names for most, *names in TICKS[2 if by_month else 0 :] if days <= most)
    axis = {**AXIS, "tickCount": interval, "format": format, "labelOverlap": True, "labelFlush": False}
    # A tick at the very end would name the day after the last.
    return {"scale": {"type": "utc", "domain": [first, last - 1]}, "axis": axis}


def _rows(rows: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {"field": "r", "type": "ordinal", "axis": None, "scale": {"domain": [name for name, _ in rows]}}


def _titles(rows: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the layer of the rows' titles: no axis, which would measure text without its fonts and cut it."""
    return {
        "data": {"values": [{"r": name, "t": title} for name, title in rows]},
        "mark": {"type": "text", "align": "right", "fontSize": 11, "font": FONT, "color": "var(--ink)", "aria": False},
        "encoding": {"x": {"value": -8}, "y": _rows(rows), "text": {"field": "t"}},
    }


def _svg(height: int, layers: list[dict[str, Any]]) -> str:
    """Return the picture; every mark that says something has it as its title."""
    import vl_convert  # the engine inside takes a second to start

    specification = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": WIDTH - LEFT - RIGHT,
        "height": height,
        "autosize": "none",
        "padding": {"left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM},
        "background": None,
        "layer": layers,
        "config": {"view": {"stroke": None}, "text": {"font": FONT}},
    }
    svg = str(vl_convert.vegalite_to_svg(specification, allowed_base_urls=[]))
    svg = NAMED.sub(r"<path \2><title>\1</title></path>", svg)
    svg = DECIMALS.sub(r"\1", svg)
    return ROLES.sub("", svg).replace("<svg ", '<svg aria-hidden="true" ', 1)
