"""Charts as SVG, drawn by Vega-Lite. Text stays text; colours are variables of the page's style sheet."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from math import ceil
from typing import Any, NamedTuple

from crawler.model.span import ONE_DAY

WIDTH = 740
LEFT, RIGHT, TOP, BOTTOM = 150, 26, 8, 24
ROW_HEIGHT = 17
BARS_HEIGHT = 150
# The headings of a matrix's columns, and the most width of one.
HEADINGS, COLUMN_WIDTH = 128, 34

# More columns are hard to distinguish on paper.
COLUMNS = 100
FONT = "sans-serif"

# A browser shows the label of a mark as a tooltip.
LABELLED = re.compile(r'<path aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="[^"]*" ([^>]*)/>')
DECIMALS = re.compile(r"(\d\.\d\d)\d+")
ROLES = re.compile(r' (?:role|aria-roledescription|aria-label|aria-hidden|class)="[^"]*"')

AXIS: dict[str, Any] = {
    "title": None,
    "labelColor": "var(--ink)",
    "domainColor": "var(--line)",
    "tickColor": "var(--line)",
    "labelFont": FONT,
    "labelFontSize": 10,
    "grid": False,
}
GRID = {**AXIS, "grid": True, "gridColor": "var(--line)", "tickCount": 4, "format": "~s"}
CROSS = {"type": "point", "shape": "cross", "angle": 45, "size": 26, "filled": True, "color": "var(--paper)"}

# The distance and format of ticks, by the most days for which they fit.
TICKS = (
    (1, {"interval": "hours", "step": 3}, "%-H:00"),
    (20, {"interval": "day", "step": 1}, "%-d %b"),
    (120, {"interval": "week", "step": 1}, "%-d %b"),
    (900, {"interval": "month", "step": 1}, "%b %Y"),
    (10**6, {"interval": "year", "step": 1}, "%Y"),
)
MONTH_TICKS = TICKS[3:]


class Mark(NamedTuple):
    """A rectangle on the time axis: its row or part, begin and end, level or top, tooltip, and the bottom of a bar."""

    name: str
    begin: datetime
    end: datetime
    value: int
    text: str
    bottom: int = 0

    def fields(self) -> dict[str, Any]:
        moments = (self.begin, self.end, self.begin + (self.end - self.begin) / 2)
        return dict(zip("abm", map(datetime.isoformat, moments), strict=True)) | {"s": self.text}


class Cell(NamedTuple):
    """A cell of a matrix: its row and column, level and tooltip."""

    row: str
    column: str
    value: int
    text: str


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def heat_maps(
    titles: Mapping[str, str], cells: Sequence[Mark], first: date, last: date, step: int, colours: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield panels with their captions; `titles` are those of the rows, `step` is the number of days of a cell."""
    columns = ((last - first).days + 1) / step
    panels = ceil(columns / COLUMNS)
    width = ceil(columns / panels) * step * ONE_DAY
    for number in range(panels):
        begin = first + number * width
        end = begin + width
        if found := [cell for cell in cells if midnight(begin) <= cell.begin < midnight(end)]:
            caption = f"{begin} to {min(last, end - ONE_DAY)}" if panels > 1 else ""
            yield heat_map(titles, found, midnight(begin), midnight(end), colours, is_crossed=True), caption


def heat_map(
    titles: Mapping[str, str],
    cells: Sequence[Mark],
    begin: datetime,
    end: datetime,
    colours: Collection[str],
    is_crossed: bool = False,
) -> str:
    """Return one heat map; `is_crossed` marks the cells of level 0 for readers and printers without colours."""
    rows = {"field": "r", "type": "ordinal", "axis": None, "scale": {"domain": list(titles)}}
    # Titles are a layer: Vega-Lite would measure an axis without the page's fonts, and cut it.
    texts = {
        "data": {"values": [{"r": name, "t": title} for name, title in titles.items()]},
        "mark": {"type": "text", "align": "right", "fontSize": 11, "font": FONT, "color": "var(--ink)", "aria": False},
        "encoding": {"x": {"value": -8}, "y": rows, "text": {"field": "t"}},
    }
    colour = {"type": "ordinal", "scale": {"domain": list(range(len(colours))), "range": list(colours)}}
    values = [{**cell.fields(), "r": cell.name, "c": cell.value} for cell in cells]
    squares = _rectangles(values, begin, end, TICKS, {"y": rows}, colour)
    crosses = {
        "data": {"values": [value for value in values if is_crossed and not value["c"]]},
        "mark": CROSS,
        "encoding": {"x": {"field": "m", "type": "temporal"}, "y": rows},
    }
    return _svg(len(titles) * ROW_HEIGHT, [texts, squares, crosses])


def stacked_bars(
    colours: Mapping[str, str], marks: Sequence[Mark], first: date, last: date, by_month: bool = False
) -> str:
    """Return stacked bars over days or months; `colours` has the parts, lowest first, with their colours."""
    places = {"y": {"field": "v", "type": "quantitative", "axis": GRID}, "y2": {"field": "w"}}
    colour = {"type": "nominal", "scale": {"domain": list(colours), "range": list(colours.values())}}
    ticks = MONTH_TICKS if by_month else TICKS
    values = [{**mark.fields(), "c": mark.name, "w": mark.bottom, "v": mark.value} for mark in marks]
    return _svg(BARS_HEIGHT, [_rectangles(values, midnight(first), midnight(last + ONE_DAY), ticks, places, colour)])


def matrix(rows: Mapping[str, str], columns: Mapping[str, str], cells: Sequence[Cell], colours: Collection[str]) -> str:
    """Return a grid of coloured cells; `rows` and `columns` have the titles by name."""
    x, y = (
        {"field": field, "type": "ordinal", "axis": None, "scale": {"domain": list(names)}}
        for field, names in (("x", columns), ("y", rows))
    )
    text = {"type": "text", "fontSize": 11, "font": FONT, "color": "var(--ink)", "aria": False}
    titles = {
        "data": {"values": [{"y": name, "t": title} for name, title in rows.items()]},
        "mark": {**text, "align": "right"},
        "encoding": {"x": {"value": -8}, "y": y, "text": {"field": "t"}},
    }
    headings = {
        "data": {"values": [{"x": name, "t": title} for name, title in columns.items()]},
        "mark": {**text, "align": "left", "angle": 270},
        "encoding": {"x": x, "y": {"value": -8}, "text": {"field": "t"}},
    }
    colour = {"field": "c", "type": "ordinal", "legend": None}
    squares = {
        "data": {"values": [{"x": cell.column, "y": cell.row, "c": cell.value, "s": cell.text} for cell in cells]},
        "mark": "rect",
        "encoding": {
            "x": x,
            "y": y,
            "color": {**colour, "scale": {"domain": list(range(len(colours))), "range": list(colours)}},
            "description": {"field": "s"},
        },
    }
    width = min(len(columns) * COLUMN_WIDTH, WIDTH - LEFT - RIGHT)
    return _svg(len(rows) * ROW_HEIGHT, [titles, headings, squares], width, HEADINGS)


def _rectangles(
    values: list[dict[str, Any]],
    begin: datetime,
    end: datetime,
    ticks: Sequence[tuple[int, dict[str, Any], str]],
    places: Mapping[str, Any],
    colour: Mapping[str, Any],
) -> dict[str, Any]:
    """Return a layer of rectangles from `a` to `b` on a time axis, coloured by `c`, with the tooltip `s`."""
    days = (end - begin).days
    interval, format = next(names for most, *names in ticks if days <= most)
    axis = {**AXIS, "tickCount": interval, "format": format, "labelOverlap": True, "labelFlush": False}
    # A tick at the very end would name the day after the last.
    domain = [begin.timestamp() * 1000, end.timestamp() * 1000 - 1]
    return {
        "data": {"values": values},
        "mark": "rect",
        "encoding": {
            "x": {"field": "a", "type": "temporal", "scale": {"type": "utc", "domain": domain}, "axis": axis},
            "x2": {"field": "b"},
            **places,
            "color": {"field": "c", "legend": None, **colour},
            "description": {"field": "s"},
        },
    }


def _svg(height: int, layers: list[dict[str, Any]], width: int = WIDTH - LEFT - RIGHT, top: int = TOP) -> str:
    import vl_convert  # its engine takes a second to start

    specification = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": width,
        "height": height,
        "autosize": "none",
        "padding": {"left": LEFT, "right": WIDTH - LEFT - width, "top": top, "bottom": BOTTOM},
        "background": None,
        "layer": layers,
        "config": {"view": {"stroke": None}, "text": {"font": FONT}},
    }
    svg = str(vl_convert.vegalite_to_svg(specification, allowed_base_urls=[]))
    svg = DECIMALS.sub(r"\1", LABELLED.sub(r"<path \2><title>\1</title></path>", svg))
    return ROLES.sub("", svg).replace("<svg ", '<svg aria-hidden="true" ', 1)
