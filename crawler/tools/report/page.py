"""The report as one HTML page that needs nothing else: no script, no font, no request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from crawler.outlets.outlet import Outlet
from crawler.system.terminal import readable
from crawler.tools.report import sections
from crawler.tools.report.figures import ONE_DAY, OutletFigures
from crawler.tools.report.gathering import GIVEN, Gathered
from crawler.tools.report.markup import Html, count, table, text

STYLE = Path(__file__).with_name("page.css")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

# So many damaged files are named.
SHOWN = 100
HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
"""


@dataclass(frozen=True, slots=True)
class ReportPage:
    """What a page is about; `outlets` are those with articles or runs, in the order of their names."""

    gathered: Gathered
    declared: Mapping[str, type[Outlet]]
    outlets: list[OutletFigures]
    first: date
    last: date
    made: datetime
    # What could not be read besides files, in one sentence.
    without: str | None = None

    @property
    def yesterday(self) -> date:
        """The last day that is over."""
        return self.made.astimezone(Outlet.zone()).date() - ONE_DAY


def report_of(
    gathered: Gathered,
    declared: Mapping[str, type[Outlet]],
    since: date | None,
    until: date | None,
    made: datetime,
    without: str | None = None,
) -> ReportPage | None:
    """Return the report over the days asked for, else over all there are; None when there is nothing to tell."""
    outlets = [one for name, one in sorted(gathered.outlets.items()) if name != GIVEN and (one.first or one.runs)]
    begins = [day for one in outlets for day in (one.first, min(one.runs, default=None)) if day]
    if not begins:
        return None
    last = until or made.astimezone(Outlet.zone()).date()
    first = since or min(begins)
    return ReportPage(gathered, declared, outlets, min(first, last), last, made, without)


def page(report: ReportPage) -> Iterator[str]:
    """Yield the page in pieces."""
    title = f"Bengali news kept, {report.first} to {report.last}"
    yield HEAD.format(policy=POLICY, title=text(title), style=STYLE.read_text(encoding="utf-8"))
    yield f"<header><h1>{text(title)}</h1>"
    yield f'<p class="soft">Made by khobor on {report.made:%Y-%m-%d at %H:%M} UTC. '
    yield "Days are days of publication in each outlet's own time zone.</p>"
    yield f"{_contents()}</header><main>"
    yield _totals(report.outlets)
    yield from _warnings(report)
    for name, heading, section in SECTIONS:
        yield f'<section id="{name}"><h2>{heading}</h2>'
        yield from section(report)
        yield "</section>\n"
    yield "</main></body></html>\n"


SECTIONS = (
    ("coverage", "Coverage by day", sections.coverage),
    ("gaps", "Gaps a backfill would fill", sections.gaps),
    ("health", "Health", sections.health),
    ("answers", "What the sites answered", sections.answers),
    ("hours", "Publishing hours", sections.hours),
    ("months", "Articles by month", sections.months),
    ("edits", "Edited articles", sections.edits),
    ("sizes", "Sizes", sections.sizes),
)


def _contents() -> str:
    links = "".join(f'<a href="#{name}">{heading}</a>' for name, heading, _ in SECTIONS)
    return f'<nav aria-label="Sections">{links}</nav>'


def _totals(outlets: Iterable[OutletFigures]) -> str:
    kept = list(outlets)
    articles, dated, edits = (
        sum(getattr(one.rows, name).total() for one in kept) for name in ("articles", "dated", "edits")
    )
    totals = {
        "outlets": count(len(kept)).text,
        "articles": count(articles).text,
        "dated": f"{100 * dated / articles:.1f}\u202f%" if articles else "–",
        "later versions": count(edits).text,
        "on disk": readable(sum(one.bytes.total() for one in kept)),
    }
    return f"<dl>{''.join(f'<div><dt>{name}</dt><dd>{value}</dd></div>' for name, value in totals.items())}</dl>"


def _warnings(report: ReportPage) -> Iterator[str]:
    if report.without:
        yield f"<p><strong>{text(report.without)}</strong></p>"
    if report.gathered.damaged:
        yield "<h3>Files that could not be read and are left out</h3>"
        shown = [*report.gathered.damaged[:SHOWN], *more(report.gathered.damaged)]
        yield table(["file"], [[Html(f"<code>{text(line)}</code>")] for line in shown])


def more(damaged: Sequence[str]) -> list[str]:
    """Return the line that stands for those that are not shown, if there are such."""
    return [f"and {len(damaged) - SHOWN} more"] if len(damaged) > SHOWN else []
