"""The outlets at a glance: what each declares, and what state knows of it. No network, no archive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from crawler.model.span import Span
from crawler.outlets.sources import reach
from crawler.tools.report.state_facts import StateFacts

if TYPE_CHECKING:
    from crawler.outlets.outlet import Outlet

KINDS = {
    "Section": ("section", "sections"),
    "Feed": ("feed", "feeds"),
    "NewsSitemap": ("news sitemap", "news sitemaps"),
    "DailySitemap": ("daily sitemap", "daily sitemaps"),
    "ArchivePage": ("archive page", "archive pages"),
    "JsonListing": ("JSON listing", "JSON listings"),
    "WordPress": ("WordPress listing", "WordPress listings"),
}
EVER = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Overview:
    """One line of the table, every cell as text; empty is unknown or none."""

    outlet: str
    title: str
    country: str
    sources: str
    reach: str
    last_run: str
    finding: str
    refused_until: str

    def cells(self) -> list[str]:
        """Return the cells in their order."""
        return [getattr(self, name) for name in COLUMNS]


COLUMNS = tuple(field.name for field in fields(Overview))


def overviews(outlets: Iterable[type[Outlet]], facts: StateFacts, now: datetime) -> list[Overview]:
    """Return a line for each outlet. Raises SQLAlchemyError."""
    last_runs, refusals = facts.last_runs(), facts.refusals()
    # The newest one stays: findings come newest first.
    findings = {finding.outlet: finding.text for finding in reversed(facts.findings())}
    lines = []
    for outlet in outlets:
        refusal = refusals.get(outlet.name)
        lines.append(
            Overview(
                outlet.name,
                outlet.title,
                outlet.country,
                sources_of(outlet),
                reach_of(outlet, now),
                _minute(last_runs.get(outlet.name)),
                findings.get(outlet.name, ""),
                _minute(refusal.until) if refusal and refusal.until > now else "",
            )
        )
    return lines


def sources_of(outlet: type[Outlet]) -> str:
    """Return how many sources of each kind an outlet has, in words."""
    counts = Counter(type(source).__name__ for source in outlet.sources())
    return ", ".join(_counted(kind, count) for kind, count in counts.items())


def reach_of(outlet: type[Outlet], now: datetime) -> str:
    """Return since which day an outlet's past can be listed; empty when only the newest articles are."""
    reached = reach(outlet.days, Span(EVER, now.astimezone(outlet.zone()).date(), outlet.zone()))
    if reached is None:
        return ""
    return "the beginning" if reached.since == EVER else f"{reached.since}"


def _counted(kind: str, count: int) -> str:
    one, many = KINDS.get(kind, (kind, kind))
    return f"{count} {one if count == 1 else many}"


def _minute(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}" if moment else ""
