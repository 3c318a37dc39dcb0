"""The report as one HTML page without scripts, fonts or requests: the data of each section for `page.html`."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from crawler.model.span import ONE_DAY
from crawler.outlets.outlet import Outlet
from crawler.system.terminal import printable, readable
from crawler.tools.report import charts
from crawler.tools.report.charts import Cell, Mark, midnight
from crawler.tools.report.figures import (
    BY_LISTINGS,
    BY_ROWS,
    BY_RUNS,
    NO_RESPONSE,
    Measure,
    cells_of,
    codes_of,
    spans,
    step_for,
)
from crawler.tools.report.gaps import Gap, gaps_of, shortened
from crawler.tools.report.gathering import Report

# More damaged files are not named.
SHOWN = 100
# More gaps of an outlet are joined.
GAPS = 12
# More withdrawn articles are only counted.
WITHDRAWN = 500
LEVELS = {"none": "var(--c0)", "under 50 %": "var(--c1)", "50 to 90 %": "var(--c2)", "90 % or more": "var(--c3)"}
HOURS = {
    "no article": "var(--s0)",
    "up to a quarter of the outlet's busiest hour": "var(--s1)",
    "up to half": "var(--s2)",
    "up to three quarters": "var(--s3)",
    "more": "var(--s4)",
}
CODES = {"2xx": "var(--p0)", "3xx": "var(--c2)", "4xx": "var(--p1)", "5xx": "var(--p3)", NO_RESPONSE: "var(--p5)"}
# The names of more outlets in a matrix overlap; more pairs of outlets are only counted.
FOLLOWING, PAIRS = 30, 40
STORIES = {
    "none": "var(--s0)",
    "up to a quarter of the most stories": "var(--s1)",
    "up to half": "var(--s2)",
    "up to three quarters": "var(--s3)",
    "more": "var(--s4)",
}
KINDS = {"warc": "WARC", "index": "index", "articles": "rows", "runs": "runs and manifests"}
SERIES = 5
OTHERS = "others"

# More bars are too thin to show their parts.
BARS = 120
MIDNIGHT = datetime(2000, 1, 1, tzinfo=UTC)
BENGALI = re.compile(r"[\u0980-\u09ff]")


def page(report: Report) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_marked,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["plain"] = _plain
    # Each is a variable of the template, by its name.
    sections = (coverage, gaps, health, answers, hours, months, edits, copies, withdrawn, sizes)
    return environment.get_template("page.html").render(
        report=report,
        totals=_totals(report),
        damaged=shown(report.damaged),
        has_runs=any(figures.runs for figures in report.outlets),
        **{section.__name__: section(report) for section in sections},
    )


def _marked(value: object) -> object:
    """Return a value as the page shows it: numbers are grouped, and Bengali is marked for the browser's fonts."""
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\u202f")
    if isinstance(value, Markup):
        return value
    text = _plain(str(value))
    return Markup('<span lang="bn">{}</span>').format(text) if BENGALI.search(text) else text


def _plain(text: str) -> Markup:
    """Return a text for an attribute, where no markup is possible."""
    return escape(printable(text))


def shown(damaged: Sequence[str]) -> list[str]:
    """Return the lines about damaged files, or the first of them and the number of the others."""
    more = len(damaged) - SHOWN
    return [*damaged[:SHOWN], *([f"and {more} more"] if more > 0 else [])]


def _totals(report: Report) -> dict[str, object]:
    articles, dated, edits = (
        sum(getattr(one.rows, name).total() for one in report.outlets) for name in ("articles", "dated", "edits")
    )
    return {
        "outlets": len(report.outlets),
        "articles": articles,
        "dated": f"{100 * dated / articles:.1f}\u202f%" if articles else "–",
        "later versions": edits,
        "in the archive": readable(sum(one.bytes.total() for one in report.outlets)),
    }


def coverage(report: Report) -> dict[str, Any]:
    is_listed = any(figures.days for figures in report.outlets)
    rows: list[list[object]] = []
    for figures in report.outlets:
        listed = _by_month({day: counts.listed for day, counts in figures.days.items()})
        archived = _by_month({day: counts.archived for day, counts in figures.days.items()})
        articles, dated = _by_month(figures.rows.articles), _by_month(figures.rows.dated)
        for month in sorted({*listed, *articles}, reverse=True):
            known = [listed[month], archived[month]] if listed[month] else ["", ""]
            rows.append([figures.title, month, *known, articles[month], dated[month]])
    maps = _heat_maps(report, [*(BY_LISTINGS if is_listed else ()), *BY_ROWS], report.last_over)
    return {"is_listed": is_listed, "maps": maps, "months": rows}


def gaps(report: Report) -> list[tuple[str, Gap]]:
    """Return the gaps with their outlets' titles; without commands if the code of an outlet's sources fails."""
    found = []
    for figures in report.outlets:
        begin = max(figures.first or report.first, report.first)
        outlet, last = report.declared.named(figures.name), report.last_over
        every = report.declared.ask(outlet, partial(gaps_of, figures, outlet, begin, last)) if outlet else None
        if every is None:
            every = gaps_of(figures, Outlet, begin, last)
        found += [(figures.title, gap) for gap in shortened(every, GAPS)]
    return found


def health(report: Report) -> dict[str, Any]:
    titles = report.titles
    found = [(one.outlet, one.finding, _minute(one.since)) for one in report.problems]
    for name, one in report.refusals.items():
        found.append((name, f"refuses our requests ({one.reason}); paused until {_minute(one.refused_until)}", ""))
    found += [(check.outlet, check.sentence, "") for check in report.failed_checks]
    problems = [(titles.get(name, name), problem, since) for name, problem, since in found]
    return {"problems": problems, "maps": _heat_maps(report, BY_RUNS, report.last)}


def answers(report: Report) -> dict[str, Any]:
    step = step_for(1, len(CODES), report.first, report.last, columns=BARS)
    classes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    by_outlet = []
    for figures in report.outlets:
        codes: Counter[str] = Counter()
        for day, stats in figures.runs.items():
            begin = day - (day - report.first).days % step * ONE_DAY
            of_day = codes_of(stats)
            codes.update(of_day)
            for code, number in of_day.items():
                classes[code if code == NO_RESPONSE else f"{code[0]}xx"][f"{begin}"] += number
        by_outlet.append((figures.title, codes))
    head = sorted({code for _, codes in by_outlet for code in +codes})
    rows = [[title, *(codes[code] for code in head)] for title, codes in by_outlet]
    return {"bars": _bars(report, classes, CODES, step=step), "codes": head, "rows": rows}


def hours(report: Report) -> dict[str, Any] | None:
    drawn = [figures for figures in report.outlets if figures.rows.hours]
    if not drawn:
        return None
    cells = []
    for figures in drawn:
        most = max(figures.rows.hours.values())
        for hour in range(24):
            number, begin = figures.rows.hours[hour], MIDNIGHT + timedelta(hours=hour)
            label = f"{hour:02}:00 to {hour:02}:59: {number} articles"
            cells.append(Mark(figures.name, begin, begin + timedelta(hours=1), -(-4 * number // most), label))
    titles = {figures.name: figures.title for figures in drawn}
    return {
        "colours": HOURS,
        "picture": charts.heat_map(titles, cells, MIDNIGHT, MIDNIGHT + ONE_DAY, HOURS.values()),
        "names": [f"{hour:02}" for hour in range(24)],
        "rows": [[one.title, *(one.rows.hours[hour] for hour in range(24))] for one in drawn],
    }


def months(report: Report) -> dict[str, Any]:
    ranked = sorted(report.outlets, key=lambda one: -one.rows.articles.total())
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for number, figures in enumerate(ranked):
        counts[figures.title if number < SERIES else OTHERS].update(_by_month(figures.rows.articles))
    return _bars(report, counts)


def edits(report: Report) -> dict[str, Any] | None:
    counts: Counter[str] = Counter()
    rows = []
    for figures in report.outlets:
        counts.update(_by_month(figures.rows.edits))
        versions = figures.rows.versions
        rows.append([figures.title, versions[1], versions[2], versions.total() - versions[1], max(versions, default=0)])
    return {"bars": _bars(report, {"later versions": counts}), "rows": rows} if counts else None


def copies(report: Report) -> dict[str, Any] | None:
    found = report.followings
    if not found.pairs:
        return None
    titles = {name: report.figures[name].title for pair in found.pairs for name in pair}
    rows, columns = ({name: titles[name] for name in found.outlets(place, FOLLOWING)} for place in (0, 1))
    most = max(found.pairs.values())
    cells = []
    for later, first in product(rows, columns):
        number, text = found.pairs[later, first], f"{titles[later]} after {titles[first]}: "
        if later != first:
            cells.append(Cell(later, first, -(-4 * number // most), f"{text}{number}"))
    shown = [
        [titles[later], titles[first], number, f"{100 * found.credited[later, first] / number:.0f}\u202f%"]
        for (later, first), number in found.ordered()[:PAIRS]
    ]
    return {
        "stories": found.stories,
        "colours": STORIES,
        "picture": charts.matrix(rows, columns, cells, STORIES.values()),
        "rows": shown,
        "more": max(len(found.pairs) - PAIRS, 0),
    }


def withdrawn(report: Report) -> dict[str, Any]:
    """Return the rows of the withdrawn articles, and the number of further ones."""
    found, titles = report.withdrawn, report.withdrawn_titles
    rows = [
        [
            report.titles.get(one.outlet, one.outlet),
            one.url,
            titles.get(one.id, ""),
            str(one.status),
            _minute(one.since),
        ]
        for one in found[:WITHDRAWN]
    ]
    return {"rows": rows, "more": max(len(found) - WITHDRAWN, 0)}


def sizes(report: Report) -> dict[str, Any]:
    counts: dict[str, Counter[str]] = {part: Counter() for part in KINDS.values()}
    rows = []
    for figures in report.outlets:
        by_part: Counter[str] = Counter()
        for (month, kind), size in figures.bytes.items():
            part = KINDS.get(kind, KINDS["runs"])
            counts[part][month] += size
            by_part[part] += size
        cells = [readable(by_part[part]) for part in counts]
        rows.append([figures.title, figures.files, *cells, readable(by_part.total())])
    return {"bars": _bars(report, counts, written=readable), "rows": rows}


def _heat_maps(report: Report, measures: Sequence[Measure], last: date) -> dict[str, Any]:
    """Return the days of a cell, and each measure's name with its summary and its panels."""
    step = step_for(len(report.outlets), len(measures), report.first, last)
    maps = []
    for measure in measures:
        if cells := list(cells_of(report.outlets, measure, report.first, last, step)):
            levels, named = Counter(cell.value for cell in cells), {cell.name for cell in cells}
            summary = ", ".join(f"{levels[number]} cells {level}" for number, level in enumerate(LEVELS))
            titles = {name: title for name, title in report.titles.items() if name in named}
            panels = charts.heat_maps(titles, cells, report.first, last, step, LEVELS.values())
            maps.append((measure.__name__, summary, list(panels)))
    return {"levels": LEVELS, "step": step, "maps": maps}


def _bars(
    report: Report,
    counts: Mapping[str, Counter[str]],
    colours: Mapping[str, str] | None = None,
    written: Callable[[int], str] = str,
    step: int | None = None,
) -> dict[str, Any]:
    """Return stacked bars of the counts of parts by place, which is the first of `step` days, by default a month."""
    colours = colours or {part: f"var(--p{number})" for number, part in enumerate(counts)}
    places = spans(report.first, report.last, step) if step else _months(report.first, report.last)
    marks, totals = [], Counter[str]()
    for first, last in places:
        label, top = f"{first}" if step else f"{first:%Y-%m}", 0
        for part in colours:
            if number := counts[part][label]:
                totals[part] += number
                bottom, top = top, top + number
                tooltip = f"{label}, {part}: {written(number)}"
                marks.append(Mark(part, midnight(first), midnight(last + ONE_DAY), top, tooltip, bottom))
    begin = report.first if step else report.first.replace(day=1)
    picture = charts.stacked_bars(colours, marks, begin, last, by_month=not step)
    summary = ", ".join(f"{part} {written(number)}" for part, number in totals.items())
    return {"colours": colours, "picture": picture, "summary": summary}


def _months(first: date, last: date) -> Iterator[tuple[date, date]]:
    begin = first.replace(day=1)
    while begin <= last:
        following = (begin + timedelta(days=31)).replace(day=1)
        yield begin, following - ONE_DAY
        begin = following


def _by_month(days: Mapping[date, int]) -> Counter[str]:
    counts = Counter[str]()
    for day, number in days.items():
        counts[f"{day:%Y-%m}"] += number
    return counts


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")
