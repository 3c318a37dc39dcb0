"""The report as one HTML page without scripts, fonts or requests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from crawler.system.terminal import readable
from crawler.tools.report import sections
from crawler.tools.report.gathering import Report
from crawler.tools.report.sections import Html, grouped, table, text

STYLE = Path(__file__).with_name("page.css")

# More damaged files are not named.
SHOWN = 100
HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
"""

SECTIONS = (
    ("coverage", "Coverage by day", sections.coverage),
    ("gaps", "Gaps and the backfills that fill them", sections.gaps),
    ("health", "Health", sections.health),
    ("answers", "Responses", sections.answers),
    ("hours", "Publishing hours", sections.hours),
    ("months", "Articles by month", sections.months),
    ("edits", "Edited articles", sections.edits),
    ("sizes", "Sizes", sections.sizes),
)


def page(report: Report) -> Iterator[str]:
    title = f"Archived Bengali news, {report.first} to {report.last}"
    links = "".join(f'<a href="#{name}">{heading}</a>' for name, heading, _ in SECTIONS)
    yield HEAD.format(title=text(title), style=STYLE.read_text(encoding="utf-8"))
    yield f"<header><h1>{text(title)}</h1>"
    yield f'<p class="soft">Created by khobor on {report.made:%Y-%m-%d at %H:%M} UTC. '
    yield "Days are days of publication in each outlet's own time zone.</p>"
    yield f'<nav aria-label="Sections">{links}</nav></header><main>'
    yield _totals(report)
    yield from _warnings(report)
    for name, heading, section in SECTIONS:
        yield f'<section id="{name}"><h2>{heading}</h2>'
        yield from section(report)
        yield "</section>\n"
    yield "</main></body></html>\n"


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
        shown = [*report.damaged[:SHOWN], *more(report.damaged)]
        yield table(["file"], [[Html(f"<code>{text(line)}</code>")] for line in shown])


def more(damaged: Sequence[str]) -> list[str]:
    return [f"and {len(damaged) - SHOWN} more"] if len(damaged) > SHOWN else []
