"""The sections of a report that tell of articles, each a generator of markup.

The sections of a report that tell of runs: health and answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from crawler.system.terminal import readable
from crawler.tools.report import heat
from crawler.tools.report.charts import Bar, bars, hours_map
from crawler.tools.report.figures import NO_ANSWER, ONE_DAY, OutletFigures
from crawler.tools.report.gaps import gaps_of, shortened
from crawler.tools.report.heat import LEVELS_KEY, colours_of, maps_of, monthly_bars, titles_of
from crawler.tools.report.markup import Html, count, figure, folded, key, table, text

if TYPE_CHECKING:
    from crawler.tools.report.page import ReportPage

# So many spans are named of an outlet, the others together.
GAPS = 12
HOURS = ("no article", "up to a quarter of the outlet's busiest hour", "a half", "three quarters", "the busiest")
HOURS_KEY = {meaning: f"var(--s{number})" for number, meaning in enumerate(HOURS)}
KINDS = {"warc": "WARC", "index": "index", "articles": "rows", "runs": "runs and manifests"}
SERIES = 5
OTHERS = "others"


def coverage(report: ReportPage) -> Iterator[str]:
    """Tell what was listed, archived, extracted and dated of each day."""
    maps: list[tuple[str, str, heat.Measure]] = [
        ("Extracted", "articles with a row, of those archived", heat.extracted),
        ("Dated", "rows with a date of publication, of all rows", heat.dated),
    ]
    if any(figures.days for figures in report.outlets):
        maps = [
            ("Listed", "what the outlet's own listings name, beside what is usual on such a weekday", heat.listed),
            ("Archived", "articles kept, of those listed and not turned down", heat.archived),
            *maps,
        ]
        yield "<p>Where nobody knows what was listed, a day is held against what is usual on such a weekday.</p>"
    else:
        yield "<p>State does not know what was listed and archived of these days (a backfill notes it), so a day is "
        yield "held against what is usual on such a weekday.</p>"
    yield key(LEVELS_KEY, is_crossed=True)
    yield from maps_of(report, maps, min(report.last, report.yesterday))
    yield folded("Numbers by month", _month_table(report))


def gaps(report: ReportPage) -> Iterator[str]:
    """Name the days that are not whole, each with the command that fills them."""
    found = []
    for figures in report.outlets:
        last = min(report.last, report.yesterday)
        begin = max(figures.first or report.first, report.first)
        of_outlet = gaps_of(figures, report.declared.get(figures.name), begin, last)
        found += [(figures, gap) for gap in shortened(of_outlet, GAPS)]
    if not found:
        yield "<p>None: every day has what it should have, as far as is known.</p>"
        return
    yield "<p>A backfill asks only for what is not kept; it can be stopped anywhere and goes on when it is run again. "
    yield "Today is not over and left out.</p>"
    head = ["outlet", "from", "to", "days", "what is missing", "command"]
    yield table(
        head,
        [
            [figures.title, _day(gap.since), _day(gap.until), count(gap.days), gap.reason, _command(gap.command)]
            for figures, gap in found
        ],
    )


def hours(report: ReportPage) -> Iterator[str]:
    """Tell at which hours outlets publish."""
    shown = [figures for figures in report.outlets if figures.rows.hours]
    if not shown:
        yield "<p>No article has a time of day.</p>"
        return
    cells = []
    for figures in shown:
        most = max(figures.rows.hours.values())
        for hour in range(24):
            number = figures.rows.hours[hour]
            level = -(-4 * number // most)
            cells.append((figures.name, hour, level, f"{hour:02}:00 to {hour:02}:59: {number} articles"))
    yield "<p>By the time that articles themselves give, in the outlet's own zone.</p>"
    yield key(HOURS_KEY)
    yield figure(hours_map(titles_of(shown), cells), "Articles by hour of publication, one row an outlet")
    head = ["outlet", *(f"{hour:02}" for hour in range(24))]
    rows = [[one.title, *(count(one.rows.hours[hour]) for hour in range(24))] for one in shown]
    yield folded("Articles by hour", table(head, rows))


def months(report: ReportPage) -> Iterator[str]:
    """Tell how many articles there are of each month."""
    ranked = sorted(report.outlets, key=lambda one: -one.rows.articles.total())
    named = [figures.title for figures in ranked[:SERIES]]
    parts = [*dict.fromkeys(named), *([OTHERS] if len(ranked) > SERIES else [])]
    counts: Counter[tuple[str, str]] = Counter()
    for number, figures in enumerate(ranked):
        part = figures.title if number < SERIES else OTHERS
        for day, articles in figures.rows.articles.items():
            counts[f"{day:%Y-%m}", part] += articles
    yield key(colours_of(parts))
    yield monthly_bars(report, parts, counts, "Articles by month of publication", lambda number: f"{number} articles")


def edits(report: ReportPage) -> Iterator[str]:
    """Tell how many articles were changed by their outlets after they were kept."""
    counts: Counter[tuple[str, str]] = Counter()
    for figures in report.outlets:
        for day, number in figures.rows.edits.items():
            counts[f"{day:%Y-%m}", "edits"] += number
    if not counts:
        yield "<p>No article was found changed.</p>"
        return
    yield "<p>A later version is kept when an article's text has changed between two captures.</p>"
    yield monthly_bars(
        report, ["edits"], counts, "Later versions by month of capture", lambda number: f"{number} versions"
    )
    head = ["outlet", "articles", "with later versions", "later versions", "most versions of one"]
    rows = []
    for figures in report.outlets:
        versions = figures.rows.versions
        later = sum(number for version, number in versions.items() if version > 1)
        rows.append([figures.title, *map(count, (versions[1], versions[2], later, max(versions, default=0)))])
    yield table(head, rows)


def sizes(report: ReportPage) -> Iterator[str]:
    """Tell what lies in the archive."""
    counts: Counter[tuple[str, str]] = Counter()
    for figures in report.outlets:
        for (month, kind), size in figures.bytes.items():
            counts[month, _kind(kind)] += size
    parts = list(KINDS.values())
    yield key(colours_of(parts))
    yield monthly_bars(report, parts, counts, "Bytes by month of capture", readable)
    rows = []
    for figures in report.outlets:
        by_kind: Counter[str] = Counter()
        for (_, kind), size in figures.bytes.items():
            by_kind[_kind(kind)] += size
        cells = [Html(readable(by_kind[part])) for part in parts]
        rows.append([figures.title, count(figures.files), *cells, readable(by_kind.total())])
    yield table(["outlet", "files", *parts, "together"], rows)


def _month_table(report: ReportPage) -> str:
    rows = []
    for figures in report.outlets:
        found: dict[str, Counter[str]] = {}
        for day, known in figures.days.items():
            found.setdefault(f"{day:%Y-%m}", Counter()).update(listed=known.listed, archived=known.archived)
        for name in ("articles", "dated"):
            for day, number in getattr(figures.rows, name).items():
                found.setdefault(f"{day:%Y-%m}", Counter())[name] += number
        for month, one in sorted(found.items(), reverse=True):
            told = [count(one[name]) if one["listed"] else "" for name in ("listed", "archived")]
            rows.append([figures.title, month, *told, count(one["articles"]), count(one["dated"])])
    return table(["outlet", "month", "listed", "archived", "extracted", "dated"], rows)


def _kind(kind: str) -> str:
    return KINDS.get(kind, KINDS["runs"])


def _command(command: str | None) -> object:
    if command is None:
        return "no source of the outlet reaches these days"
    # A line breaks between options, not inside of a date.
    parts = command.replace(" --", "\n--").split("\n")
    return Html("<code>" + " ".join(f"<span>{text(part)}</span>" for part in parts) + "</code>")


def _day(day: date) -> Html:
    return Html(f"<time>{day}</time>")


# More bars than these are too thin to see their parts.
BARS = 120
CODES = {"2xx": "var(--p0)", "3xx": "var(--c2)", "4xx": "var(--p1)", "5xx": "var(--p3)", NO_ANSWER: "var(--p5)"}


def health(report: ReportPage) -> Iterator[str]:
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


def answers(report: ReportPage) -> Iterator[str]:
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
