"""Write the figures of `make bench` into docs/performance.md, as tables, and a plot beside it."""

from __future__ import annotations

import json
import statistics
import sys
from html import escape
from pathlib import Path
from textwrap import fill
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGE, PLOT = ROOT / "docs" / "performance.md", ROOT / "docs" / "performance.svg"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
CRAWLS = {
    "bare": "bare Scrapy: pages are dropped",
    "naive": "naive: trafilatura in the callback",
    "unknown": "khobor, unknown sites (`urls`)",
    "platform": "khobor, an outlet with a platform",
    "recording": "khobor, recording only",
}
RATIOS = {"unknown": ("naive", "bare"), "platform": ("naive", "bare"), "recording": ("bare",)}
WIDTH, BAR, LEFT = 760, 22, 300
COLUMNS = 120


def crawls(found: dict[str, list[float]]) -> list[str]:
    """Return the table of whole crawls: pages per second, and ratios run by run."""
    lines = ["| crawl | pages a second | beside naive | beside bare |", "| --- | --- | --- | --- |"]
    for how, title in CRAWLS.items():
        cells = [_ratio(found, how, other) if other in RATIOS.get(how, ()) else "" for other in ("naive", "bare")]
        lines.append(f"| {title} | {_spread(found[how])} | {' | '.join(cells)} |")
    return lines


def _ratio(found: dict[str, list[float]], ours: str, theirs: str) -> str:
    ratios = [one / other for one, other in zip(found[ours], found[theirs], strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def speeds(measured: dict[str, Any], heading: str) -> list[str]:
    lines = [f"| {heading} | pages a second |", "| --- | --- |"]
    return lines + [f"| {name} | {_spread(each)} |" for name, each in measured["pages_per_second"].items()]


def _spread(each: list[float]) -> str:
    return f"{statistics.median(each):,.0f} ({min(each):,.0f} to {max(each):,.0f})"


def plot(bars: dict[str, float]) -> str:
    """Return horizontal bars as SVG."""
    most, height = max(bars.values()), (BAR + 8) * len(bars) + 16
    size = f'width="{WIDTH}" height="{height}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="14">']
    parts.append(f'<rect {size} fill="#ffffff"/>')
    for number, (name, speed) in enumerate(bars.items()):
        top, width = 8 + number * (BAR + 8), (WIDTH - LEFT - 70) * speed / most
        colour = "#0b7a5b" if name.startswith("khobor") else "#9aa5a1"
        parts.append(f'<text x="{LEFT - 8}" y="{top + 16}" text-anchor="end">{escape(name.replace("`", ""))}</text>')
        parts.append(f'<rect x="{LEFT}" y="{top}" width="{width:.0f}" height="{BAR}" fill="{colour}"/>')
        parts.append(f'<text x="{LEFT + width + 6:.0f}" y="{top + 16}">{speed:,.0f}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def machine(measured: dict[str, Any]) -> str:
    """Return the machine of the measurements as a sentence. Exits if they come from several."""
    machines = [one["machine"] for one in measured.values()]
    processors = {(one["cores"], one["processor"]) for one in machines}
    versions = {pair for one in machines for pair in one["versions"].items()}
    if len(processors) > 1 or len(versions) > len(dict(versions)):
        sys.exit("the figures are of several machines or versions: run `make bench` again")
    ((cores, processor),) = processors
    return fill(f"{cores} cores, {processor}; {', '.join(map(' '.join, sorted(versions)))}.", COLUMNS)


def main() -> None:
    folder = Path(sys.argv[1])
    measured = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
    whole, found = measured["crawls"], measured["crawls"]["pages_per_second"]
    medians = {title: statistics.median(found[how]) for how, title in CRAWLS.items()}
    memory = measured["memory"]
    tenths = ", ".join(str(one) for one in memory["megabytes"])
    lines = [
        *(machine(measured), ""),
        f"{len(found['bare'])} crawls of {whole['pages']:,} pages of {whole['bytes'] // 1000} kB each.",
        *("", "![Pages a second of whole crawls](performance.svg)", ""),
        *(*crawls(found), ""),
        *(*speeds(measured["extractors"], "extraction on one core, pages of unknown publishers"), ""),
        *(*speeds(measured["archives"], "work on an archive"), ""),
        f"A crawl of {memory['pages']:,} pages with one extraction process: the most memory of all processes together",
        f"in each tenth of the time, in MB: {tenths}.",
    ]
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text("\n".join([before + BEGIN, *lines, END]) + after, "utf-8")
    PLOT.write_text(plot(medians), "utf-8")


if __name__ == "__main__":
    main()
