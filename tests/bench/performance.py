"""Write the figures of `make bench` into docs/performance.md, as tables, and a plot beside it."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
from html import escape
from importlib.metadata import version
from pathlib import Path

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


def crawls(found: dict[str, list[dict[str, float]]]) -> list[str]:
    """Return the table of whole crawls: pages per second, and ratios run by run."""
    lines = ["| crawl | pages a second | beside naive | beside bare |", "| --- | --- | --- | --- |"]
    for how, title in CRAWLS.items():
        speeds = [one["pages_per_second"] for one in found[how]]
        cells = [_ratio(found, how, other) if other in RATIOS.get(how, ()) else "" for other in ("naive", "bare")]
        lines.append(f"| {title} | {_spread(speeds)} | {' | '.join(cells)} |")
    return lines


def _ratio(found: dict[str, list[dict[str, float]]], ours: str, theirs: str) -> str:
    pairs = zip(found[ours], found[theirs], strict=True)
    ratios = [one["pages_per_second"] / other["pages_per_second"] for one, other in pairs]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def speeds(found: dict[str, list[float]], heading: str) -> list[str]:
    lines = [f"| {heading} | pages a second |", "| --- | --- |"]
    return lines + [f"| {name} | {_spread(each)} |" for name, each in found.items()]


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


def machine() -> str:
    names = ("scrapy", "trafilatura", "lxml", "warcio")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {versions}."


def main() -> None:
    folder = Path(sys.argv[1])
    measured = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
    whole, archives = measured["crawls"], measured["archives"]
    medians = {title: statistics.median(one["pages_per_second"] for one in whole[how]) for how, title in CRAWLS.items()}
    memory = measured["memory"]
    tenths = ", ".join(str(one) for one in memory["megabytes"])
    lines = [
        *(machine(), "", "![Pages a second of whole crawls](performance.svg)", ""),
        *(*crawls(whole), ""),
        *(*speeds(measured["extractors"], "extraction on one core, pages of unknown publishers"), ""),
        *(*speeds(archives, "work on an archive"), ""),
        f"A crawl of {memory['pages']:,} pages with one extraction process: the most memory of all processes together",
        f"in each tenth of the time, in MB: {tenths}.",
    ]
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text("\n".join([before + BEGIN, *lines, END]) + after, "utf-8")
    PLOT.write_text(plot(medians), "utf-8")


if __name__ == "__main__":
    main()
