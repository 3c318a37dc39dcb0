"""The report as one HTML page without scripts, fonts or requests. Every text is escaped here and nowhere else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from html import escape
from pathlib import Path

from crawler.model.span import ONE_DAY
from crawler.system.terminal import printable, readable
from crawler.tools.report import charts
from crawler.tools.report.charts import Mark, midnight
from crawler.tools.report.figures import (
    BY_LISTINGS,
    BY_ROWS,
    BY_RUNS,
    NO_RESPONSE,
    Measure,
    OutletFigures,
    cells_of,
    spans,
    step_for,
)
from crawler.tools.report.gaps import gaps_of, shortened
from crawler.tools.report.gathering import Report

TEMPLATE = Path(__file__).with_name("page.html")
STYLE = TEMPLATE.with_name("page.css")

# More damaged files are not named.
SHOWN = 100
# More gaps of an outlet are joined.
GAPS = 12
LEVELS = {"none": "var(--c0)", "under 50 %": "var(--c1)", "50 to 90 %": "var(--c2)", "90 % or more": "var(--c3)"}
HOURS = {
    "no article": "var(--s0)",
    "up to a quarter of the outlet's busiest hour": "var(--s1)",
    "up to half": "var(--s2)",
    "up to three quarters": "var(--s3)",
    "more": "var(--s4)",
}
CODES = {"2xx": "var(--p0)", "3xx": "var(--c2)", "4xx": "var(--p1)", "5xx": "var(--p3)", NO_RESPONSE: "var(--p5)"}
KINDS = {"warc": "WARC", "index": "index", "articles": "rows", "runs": "runs and manifests"}
SERIES = 5
OTHERS = "others"

# More bars are too thin to show their parts.
BARS = 120
MIDNIGHT = datetime(2000, 1, 1, tzinfo=UTC)


def coverage(report: Report) -> Iterator[str]:
    maps = BY_LISTINGS if any(figures.days for figures in report.outlets) else ()
    if maps:
        yield "<p>Where the number of listed articles is unknown, a day is compared with the usual number of its "
        yield "weekday.</p>"
    else:
        yield "<p>State has no listings of these days (a backfill records them). Each day is compared with the usual "
        yield "number of its weekday.</p>"
    yield from _heat_maps(report, [*maps, *BY_ROWS], report.last_over)
    yield folded("Numbers by month", _month_table(report))


def gaps(report: Report) -> Iterator[str]:
    rows = []
    for figures in report.outlets:
        begin = max(figures.first or report.first, report.first)
        for gap in shortened(gaps_of(figures, report.declared.get(figures.name), begin, report.last_over), GAPS):
            days = [_day(gap.since), _day(gap.until), len(gap.dates)]
            rows.append([figures.title, *days, gap.reason, _command(gap.command)])
    if not rows:
        yield "<p>No gap is known.</p>"
        return
    yield "<p>A backfill fetches only missing articles. It can be stopped at any time; run it again to resume it. "
    yield "Today is not over and is left out.</p>"
    yield table(["outlet", "from", "to", "days", "reason", "command"], rows)


def health(report: Report) -> Iterator[str]:
    titles = _titles(report.outlets)
    found = [(one.outlet, one.finding, _minute(one.since)) for one in report.problems]
    for name, one in report.refusals.items():
        found.append((name, f"refuses our requests ({one.reason}); paused until {_minute(one.refused_until)}", ""))
    found += [(check.outlet, check.sentence, "") for check in report.failed_checks]
    if found:
        rows = [[titles.get(name, name), problem, since] for name, problem, since in found]
        yield table(["outlet", "problem", "since (UTC)"], rows)
    else:
        yield "<p>State has no current problem.</p>"
    if not any(figures.runs for figures in report.outlets):
        yield "<p>No run started on these days.</p>"
        return
    yield "<p>Below, a day is the day on which runs started.</p>"
    yield from _heat_maps(report, BY_RUNS, report.last)


def answers(report: Report) -> Iterator[str]:
    step = step_for(1, len(CODES), report.first, report.last, columns=BARS)
    counts: Counter[tuple[str, str]] = Counter()
    by_outlet: dict[str, Counter[str]] = {figures.title: Counter() for figures in report.outlets}
    for figures in report.outlets:
        for day, runs in figures.runs.items():
            by_outlet[figures.title].update(runs.codes)
            if report.first <= day <= report.last:
                begin = day - (day - report.first).days % step * ONE_DAY
                for code, number in runs.codes.items():
                    counts[f"{begin}", code if code == NO_RESPONSE else f"{code[0]}xx"] += number
    if not counts:
        yield "<p>No run started on these days.</p>"
        return
    yield from _bars(report, CODES, counts, "Responses by day of the run", step=step)
    head = sorted({code for codes in by_outlet.values() for code, number in codes.items() if number})
    rows = [[title, *(codes[code] for code in head)] for title, codes in by_outlet.items()]
    yield folded("Codes by outlet", table(["outlet", *head], rows))


def hours(report: Report) -> Iterator[str]:
    shown = [figures for figures in report.outlets if figures.rows.hours]
    if not shown:
        yield "<p>No article has a time of publication.</p>"
        return
    cells = []
    for figures in shown:
        most = max(figures.rows.hours.values())
        for hour in range(24):
            number, begin = figures.rows.hours[hour], MIDNIGHT + timedelta(hours=hour)
            label = f"{hour:02}:00 to {hour:02}:59: {number} articles"
            cells.append(Mark(figures.name, begin, begin + timedelta(hours=1), -(-4 * number // most), label))
    yield "<p>Times are as the articles state them, in the outlet's time zone.</p>"
    yield legend(HOURS)
    chart = charts.heat_map(_titles(shown), cells, MIDNIGHT, MIDNIGHT + ONE_DAY, HOURS.values())
    yield figure(chart, "Articles by hour of publication, one row for each outlet")
    head = ["outlet", *(f"{hour:02}" for hour in range(24))]
    rows = [[one.title, *(one.rows.hours[hour] for hour in range(24))] for one in shown]
    yield folded("Articles by hour", table(head, rows))


def months(report: Report) -> Iterator[str]:
    ranked = sorted(report.outlets, key=lambda one: -one.rows.articles.total())
    parts = [*dict.fromkeys(figures.title for figures in ranked[:SERIES]), *([OTHERS] if ranked[SERIES:] else [])]
    counts: Counter[tuple[str, str]] = Counter()
    for number, figures in enumerate(ranked):
        part = figures.title if number < SERIES else OTHERS
        for month, articles in _by_month(figures.rows.articles).items():
            counts[month, part] += articles
    yield from _bars(report, _colours(parts), counts, "Articles by month of publication")


def edits(report: Report) -> Iterator[str]:
    part = "later versions"
    counts: Counter[tuple[str, str]] = Counter()
    rows = []
    for figures in report.outlets:
        for month, number in _by_month(figures.rows.edits).items():
            counts[month, part] += number
        versions = figures.rows.versions
        rows.append([figures.title, versions[1], versions[2], versions.total() - versions[1], max(versions, default=0)])
    if not counts:
        yield "<p>No article has a later version.</p>"
        return
    yield "<p>A later version is archived when the text of an article changes between two captures.</p>"
    yield from _bars(report, _colours([part]), counts, "Edited articles by month of capture")
    yield table(["outlet", "articles", "with later versions", "later versions", "most versions of an article"], rows)


def sizes(report: Report) -> Iterator[str]:
    parts = list(KINDS.values())
    counts: Counter[tuple[str, str]] = Counter()
    rows = []
    for figures in report.outlets:
        by_part: Counter[str] = Counter()
        for (month, kind), size in figures.bytes.items():
            part = KINDS.get(kind, KINDS["runs"])
            counts[month, part] += size
            by_part[part] += size
        cells = [readable(by_part[part]) for part in parts]
        rows.append([figures.title, figures.files, *cells, readable(by_part.total())])
    yield from _bars(report, _colours(parts), counts, "Bytes by month of capture", readable)
    yield table(["outlet", "files", *parts, "total"], rows)


SECTIONS = (
    ("coverage", "Coverage by day", coverage),
    ("gaps", "Gaps and the backfills that fill them", gaps),
    ("health", "Health", health),
    ("answers", "Responses", answers),
    ("hours", "Publishing hours", hours),
    ("months", "Articles by month", months),
    ("edits", "Edited articles", edits),
    ("sizes", "Sizes", sizes),
)


def page(report: Report) -> str:
    sections = (
        f'<section id="{name}"><h2>{heading}</h2>{"".join(section(report))}</section>\n'
        for name, heading, section in SECTIONS
    )
    return TEMPLATE.read_text(encoding="utf-8").format(
        title=text(f"Archived Bengali news, {report.first} to {report.last}"),
        style=STYLE.read_text(encoding="utf-8"),
        made=f"{report.made:%Y-%m-%d at %H:%M} UTC",
        links="".join(f'<a href="#{name}">{heading}</a>' for name, heading, _ in SECTIONS),
        totals=_totals(report),
        warnings="".join(_warnings(report)),
        sections="".join(sections),
    )


def _totals(report: Report) -> str:
    articles, dated, edits = (
        sum(getattr(one.rows, name).total() for one in report.outlets) for name in ("articles", "dated", "edits")
    )
    totals = {
        "outlets": grouped(len(report.outlets)),
        "articles": grouped(articles),
        "dated": f"{100 * dated / articles:.1f}\u202f%" if articles else "–",
        "later versions": grouped(edits),
        "in the archive": readable(sum(one.bytes.total() for one in report.outlets)),
    }
    return f"<dl>{''.join(f'<div><dt>{name}</dt><dd>{value}</dd></div>' for name, value in totals.items())}</dl>"


def _warnings(report: Report) -> Iterator[str]:
    if report.without:
        yield f"<p><strong>{text(report.without)}</strong></p>"
    if report.damaged:
        yield "<h3>Unreadable files, not counted</h3>"
        yield table(["file"], [[Html(f"<code>{text(line)}</code>")] for line in shown(report.damaged)])


def shown(damaged: Sequence[str]) -> list[str]:
    """Return the lines about damaged files, or the first of them and the number of the others."""
    more = len(damaged) - SHOWN
    return [*damaged[:SHOWN], *([f"and {more} more"] if more > 0 else [])]


def _heat_maps(report: Report, maps: Sequence[Measure], last: date) -> Iterator[str]:
    yield legend(LEVELS, is_crossed=True)
    step = step_for(len(report.outlets), len(maps), report.first, last)
    if step > 1:
        yield f'<p class="soft">A cell is {step} days. With fewer days or outlets it is one day.</p>'
    for measure in maps:
        cells = list(cells_of(report.outlets, measure, report.first, last, step))
        if not cells:
            continue
        levels, named = Counter(cell.value for cell in cells), {cell.name for cell in cells}
        summary = ", ".join(f"{levels[number]} cells {level}" for number, level in enumerate(LEVELS))
        titles = {name: title for name, title in _titles(report.outlets).items() if name in named}
        yield f'<h3>{measure.heading}</h3><p class="soft">{text(measure.meaning)}</p>'
        for picture, caption in charts.heat_maps(titles, cells, report.first, last, step, LEVELS.values()):
            yield figure(picture, f"{measure.heading}, one row for each outlet: {summary}", caption)


def _bars(
    report: Report,
    colours: Mapping[str, str],
    counts: Mapping[tuple[str, str], int],
    caption: str,
    written: Callable[[int], str] = str,
    step: int | None = None,
) -> Iterator[str]:
    """Yield stacked bars of counts by place and part; a place is the first of `step` days, by default a month."""
    if len(colours) > 1:
        yield legend(colours)
    places = spans(report.first, report.last, step) if step else _months(report.first, report.last)
    marks, totals = [], Counter[str]()
    for first, last in places:
        label = f"{first}" if step else f"{first:%Y-%m}"
        for part in colours:
            if number := counts.get((label, part)):
                totals[part] += number
                tooltip = f"{label}, {part}: {written(number)}"
                marks.append(Mark(part, midnight(first), midnight(last + ONE_DAY), number, tooltip))
    summary = ", ".join(f"{part} {written(number)}" for part, number in totals.items())
    begin = report.first if step else report.first.replace(day=1)
    yield figure(charts.stacked_bars(colours, marks, begin, last, by_month=not step), f"{caption}: {summary}")


def _months(first: date, last: date) -> Iterator[tuple[date, date]]:
    begin = first.replace(day=1)
    while begin <= last:
        following = (begin + timedelta(days=31)).replace(day=1)
        yield begin, following - ONE_DAY
        begin = following


def _by_month(days: Mapping[date, int]) -> Counter[str]:
    months = Counter[str]()
    for day, number in days.items():
        months[f"{day:%Y-%m}"] += number
    return months


def _month_table(report: Report) -> str:
    rows: list[list[object]] = []
    for figures in report.outlets:
        listed = _by_month({day: counts.listed for day, counts in figures.days.items()})
        archived = _by_month({day: counts.archived for day, counts in figures.days.items()})
        articles, dated = _by_month(figures.rows.articles), _by_month(figures.rows.dated)
        for month in sorted({*listed, *articles}, reverse=True):
            known = [listed[month], archived[month]] if listed[month] else ["", ""]
            rows.append([figures.title, month, *known, articles[month], dated[month]])
    return table(["outlet", "month", "listed", "archived", "extracted", "dated"], rows)


def _titles(outlets: Sequence[OutletFigures]) -> dict[str, str]:
    return {figures.name: figures.title for figures in outlets}


def _colours(parts: Sequence[str]) -> dict[str, str]:
    return {part: f"var(--p{number})" for number, part in enumerate(parts)}


def _command(command: str | None) -> str:
    if command is None:
        return "no source of the outlet lists these days"
    # A line breaks between options, not inside a date.
    parts = command.replace(" --", "\n--").split("\n")
    return Html("<code>" + " ".join(f"<span>{text(part)}</span>" for part in parts) + "</code>")


def _day(day: date) -> Html:
    return Html(f"<time>{day}</time>")


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")


BENGALI = re.compile(r"[\u0980-\u09ff]")


class Html(str):
    """Markup that is not escaped."""


def text(value: object) -> str:
    """Return a value as markup: text is escaped, and Bengali is marked for the browser's fonts."""
    if isinstance(value, Html):
        return value
    escaped = escape(printable(str(value)))
    return f'<span lang="bn">{escaped}</span>' if BENGALI.search(escaped) else escaped


def grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; its first column names the rows, and integers are aligned as numbers."""
    body = "".join(_row(row) for row in rows)
    names = "".join(f'<th scope="col">{text(name)}</th>' for name in head)
    return f'<div class="table"><table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>'


def folded(summary: str, content: str) -> str:
    return f"<details><summary>{text(summary)}</summary>{content}</details>"


def figure(picture: str, summary: str, caption: str = "") -> str:
    below = f"<figcaption>{text(caption)}</figcaption>" if caption else ""
    return f'<figure role="group" aria-label="{escape(printable(summary))}">{picture}{below}</figure>'


def legend(colours: Mapping[str, str], is_crossed: bool = False) -> str:
    """Return the meanings of colours; `is_crossed` marks the first as heat maps do."""
    items = "".join(
        f'<li><i style="background:{colour}">{"×" if is_crossed and not number else ""}</i>{text(meaning)}</li>'
        for number, (meaning, colour) in enumerate(colours.items())
    )
    return f'<ul class="key">{items}</ul>'


def _row(row: Sequence[object]) -> str:
    first, *others = row
    return f'<tr><th scope="row">{text(first)}</th>{"".join(map(_cell, others))}</tr>'


def _cell(value: object) -> str:
    return f'<td class="number">{grouped(value)}</td>' if isinstance(value, int) else f"<td>{text(value)}</td>"
