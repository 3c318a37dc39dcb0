"""The sections of a report that tell of runs: health and answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from crawler.reporting import heat
from crawler.reporting.charts import Bar, bars
from crawler.reporting.drawing import LEVELS_KEY, maps_of
from crawler.reporting.figures import NO_ANSWER, ONE_DAY, OutletFigures
from crawler.reporting.markup import count, figure, folded, key, table

if TYPE_CHECKING:
    from crawler.reporting.page import Report

# More bars than these are too thin to see their parts.
BARS = 120
CODES = {"2xx": "var(--p0)", "3xx": "var(--c2)", "4xx": "var(--p1)", "5xx": "var(--p3)", NO_ANSWER: "var(--p5)"}


def health(report: Report) -> Iterator[str]:
    """Tell what is wrong now, and how the runs fared day by day."""
    titles = {figures.name: figures.title for figures in report.outlets}
    found = [(one.outlet, one.text, one.since) for one in report.gathered.findings]
    for name, one in report.gathered.refusals.items():
        if one.until > report.made:
            found.append((name, f"refuses us ({one.reason}); left alone until {_minute(one.until)}", None))
    if found:
        rows = [[titles.get(name, name), told, _minute(since) if since else ""] for name, told, since in found]
        yield table(["outlet", "what is wrong", "since (UTC)"], rows)
    else:
        yield "<p>State knows of nothing that is wrong now.</p>"
    if not any(figures.runs for figures in report.outlets):
        yield "<p>There are no runs in these days.</p>"
        return
    yield "<p>Below, days are those on which runs began.</p>"
    yield key(LEVELS_KEY, is_crossed=True)
    maps: list[tuple[str, str, heat.Measure]] = [
        ("Listed by runs", "what sources listed, beside what they usually do", heat.run_listed),
        ("Dated by runs", "articles with a date, of those extracted", heat.run_dated),
        ("Answered", "requests answered with 2xx or 3xx, of all", heat.run_answered),
    ]
    yield from maps_of(report, maps, report.last)


def answers(report: Report) -> Iterator[str]:
    """Tell the response codes over time, and of each outlet."""
    found, totals = [], Counter[str]()
    step = heat.step_for(1, len(CODES), report.first, report.last, columns=BARS)
    for begin, end in _steps(report.first, report.last, step):
        codes: Counter[str] = Counter()
        for figures in report.outlets:
            for day, run in figures.runs.items():
                if begin <= day <= end:
                    codes.update(run.codes)
        classes = _classes(codes)
        totals.update(classes)
        for name in CODES:
            if number := classes[name]:
                found.append(Bar(begin, end, name, number, f"{begin}: {number} {name}"))
    if not totals:
        yield "<p>There are no runs in these days.</p>"
        return
    yield key(CODES)
    told = ", ".join(f"{totals[name]} {name}" for name in CODES)
    yield figure(bars(CODES, found, report.first, report.last), f"Responses by day of the run: {told}")
    yield folded("Codes by outlet", _code_table(report.outlets))


def _steps(first: date, last: date, step: int) -> Iterator[tuple[date, date]]:
    day = first
    while day <= last:
        end = min(day + (step - 1) * ONE_DAY, last)
        yield day, end
        day = end + ONE_DAY


def _classes(codes: Counter[str]) -> Counter[str]:
    classes: Counter[str] = Counter()
    for code, number in codes.items():
        classes[code if code == NO_ANSWER else f"{code[0]}xx"] += number
    return classes


def _code_table(outlets: Sequence[OutletFigures]) -> str:
    by_outlet = {}
    for figures in outlets:
        codes: Counter[str] = Counter()
        for run in figures.runs.values():
            codes.update(run.codes)
        by_outlet[figures.title] = codes
    head = sorted({code for codes in by_outlet.values() for code, number in codes.items() if number})
    return table(
        ["outlet", *head], [[title, *(count(codes[code]) for code in head)] for title, codes in by_outlet.items()]
    )


def _minute(moment: object) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
