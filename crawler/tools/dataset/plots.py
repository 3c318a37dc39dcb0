"""Plots of a data set as SVG: articles by month with the spans of the splits, by outlet, by length.

Each file has its own paper and ink for light and dark screens, and needs no fonts, scripts or requests. A program that
ignores style sheets shows it as on a light screen.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape

from crawler.system.terminal import printable
from crawler.tools.dataset.facts import DatasetFacts, largest_first

WIDTH = 760
LEFT, RIGHT, TOP = 190, 60, 40
INNER = WIDTH - LEFT - RIGHT
ROW, BAR, THICK = 20, 14, 60
MONTHS_HEIGHT = 160
# More outlets are one bar.
OUTLETS = 30
# Characters of a name that fit beside the bars.
NAME = 26
# The most labels below the months, and the distances between them in months.
LABELS, STEPS = 12, (1, 2, 3, 6, 12, 24, 60, 120, 1200, 12000)
COLOURS = {
    "paper": ("#ffffff", "#0d1117"),
    "ink": ("#1f2328", "#e6edf3"),
    "line": ("#c4ccd4", "#3d444d"),
    "all": ("#2f6db0", "#6cb0f5"),
    "train": ("#2f6db0", "#6cb0f5"),
    "validation": ("#9a6700", "#e3b341"),
    "test": ("#a8327d", "#f08fc8"),
}
PLOTS = {
    "plots/months.svg": "Articles by month",
    "plots/outlets.svg": "Articles by outlet",
    "plots/lengths.svg": "Articles by number of words",
}


def plots_of(facts: DatasetFacts) -> dict[str, bytes]:
    """Return the plots by path; those without an article are left out."""
    if not facts.rows:
        return {}
    drawn = (_months(facts), _bars(_largest(facts.outlets)), _bars(_lengths(facts)))
    return {path: _document(title, *one).encode() for (path, title), one in zip(PLOTS.items(), drawn, strict=True)}


def _lengths(facts: DatasetFacts) -> list[tuple[str, int]]:
    """Return the articles by their number of words, shortest first."""
    ordered = sorted(facts.lengths.items(), key=lambda one: int(one[0].split("-")[0]))
    return [(f"{name[:-1]} or more" if name.endswith("-") else name, count) for name, count in ordered]


def _largest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the largest counts, largest first, and the sum of the others."""
    ordered = largest_first(counts)
    if len(ordered) <= OUTLETS:
        return ordered
    others = ordered[OUTLETS - 1 :]
    return [*ordered[: OUTLETS - 1], (f"{len(others)} others", sum(count for _, count in others))]


def _bars(counts: Iterable[tuple[str, int]]) -> tuple[int, list[str]]:
    """Return the height and the elements of a plot of horizontal bars."""
    rows = list(counts)
    most = max(count for _, count in rows)
    drawn = []
    for number, (name, count) in enumerate(rows):
        top = TOP + number * ROW
        drawn += [
            _text(LEFT - 8, top + 11, name if len(name) <= NAME else name[: NAME - 1] + "…", "end"),
            _rectangle("all", LEFT, top, INNER * count / most, BAR),
            _text(LEFT + INNER * count / most + 5, top + 11, f"{count:,}"),
        ]
    return TOP + len(rows) * ROW, drawn


def _months(facts: DatasetFacts) -> tuple[int, list[str]]:
    """Return the height and the elements of bars over months, with the spans of the splits below."""
    counts = {_number(month): count for month, count in sorted(facts.months.items())}
    first, last = min(counts), max(counts)
    width, most, bottom = INNER / (last - first + 1), max(counts.values()), TOP + MONTHS_HEIGHT
    drawn = [_rectangle("line", LEFT, bottom, INNER, 1), _text(LEFT - 8, TOP + 8, f"{most:,}", "end")]
    drawn += [_rectangle("line", LEFT, TOP, INNER, 1), _text(LEFT - 8, bottom, "0", "end")]
    for month, count in counts.items():
        height = MONTHS_HEIGHT * count / most
        left = LEFT + (month - first) * width
        thick = min(max(width - 1, width * 0.8), THICK)
        drawn.append(_rectangle("all", left + (width - thick) / 2, bottom - height, thick, height))
    for number in _labelled(first, last):
        middle = LEFT + (number - first + 0.5) * width
        drawn += [_rectangle("line", middle, bottom, 1, 4), _text(middle, bottom + 17, _name(number), "middle")]
    return bottom + 32 + ROW * len(facts.splits), drawn + _spans(facts, first, width, bottom + 32)


def _number(text: str) -> int:
    """Return the month with which a text begins, `2026-11`, as a number that grows by one from month to month."""
    year, month = text.split("-")[:2]
    return int(year) * 12 + int(month) - 1


def _name(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"


def _labelled(first: int, last: int) -> list[int]:
    """Return the months with a label."""
    step = next((step for step in STEPS if (last - first + 1) / step <= LABELS), STEPS[-1])
    return [number for number in range(first, last + 1) if number % step == 0]


def _spans(facts: DatasetFacts, first: int, width: float, top: int) -> list[str]:
    """Return a row for each split, from its first to its last article."""
    drawn = []
    for number, (name, split) in enumerate(facts.splits.items()):
        y = top + number * ROW
        drawn.append(_text(LEFT - 8, y + 11, f"{name}: {split.rows:,}", "end"))
        if split.first and split.last:
            begin, end = ((_place(moment) - first) * width for moment in (split.first, split.last))
            left = min(max(begin, 0), INNER - 3)
            drawn.append(_rectangle(name, LEFT + left, y, max(min(end, INNER) - left, 3), BAR))
    return drawn


def _place(moment: str) -> float:
    """Return a moment as a number of months, with its fraction."""
    day = datetime.fromisoformat(moment)
    return _number(moment) + (day.day - 1 + day.hour / 24) / 31


def _document(title: str, height: int, drawn: Iterable[str]) -> str:
    dark = "".join(f".{name}{{fill:{colour}}}" for name, (_, colour) in COLOURS.items())
    size = f'width="{WIDTH}" height="{height + 12}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {height + 12}" role="img"'
            ' font-family="sans-serif" font-size="12">',
            f"<title>{title}</title>",
            f"<style>@media (prefers-color-scheme:dark){{{dark}}}</style>",
            f'<rect class="paper" fill="{COLOURS["paper"][0]}" {size} rx="6"/>',
            _text(16, 22, title, more=' font-size="14" font-weight="bold"'),
            *drawn,
            "</svg>\n",
        ]
    )


def _text(x: float, y: float, text: str, anchor: str = "start", more: str = "") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="ink" fill="{COLOURS["ink"][0]}" {place}{more}>{escape(printable(text))}</text>'


def _rectangle(colour: str, x: float, y: float, width: float, height: float) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect class="{colour}" fill="{COLOURS[colour][0]}" {place}/>'
