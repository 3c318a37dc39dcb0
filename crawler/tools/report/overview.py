"""The overview of the outlets: what each declares and what state knows of it. It needs no network and no archive."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import partial

from crawler.crawl.live.checks import LiveCheck
from crawler.model.listing import GIVEN
from crawler.model.span import Span
from crawler.outlets.loader import Outlets
from crawler.outlets.outlet import Outlet
from crawler.outlets.sources import reach
from crawler.system.terminal import counted
from crawler.tools.report.state_facts import StateFacts

SOURCE_NAMES = {
    "Section": "section",
    "Feed": "feed",
    "NewsSitemap": "news sitemap",
    "DailySitemap": "daily sitemap",
    "ArchivePage": "archive page",
    "JsonListing": "JSON listing",
    "JsonSection": "JSON section",
    "WordPress": "WordPress listing",
}
EARLIEST = date(1970, 1, 1)

# The columns of the table: those that an outlet declares, then those that state and live checks know.
DECLARED = ("outlet", "title", "country", "sources", "reach", "verified")
COLUMNS = (*DECLARED, "last run", "finding", "refused until", "live check")
# Those that fit on a terminal of 80 columns.
BRIEF = ("outlet", "last run", "finding", "title")


def overviews(outlets: Outlets, facts: StateFacts, now: datetime, checks: Mapping[str, LiveCheck]) -> list[list[str]]:
    """Return the cells of COLUMNS for each outlet; empty if unknown, not present, or its own code fails."""
    last_runs, refusals = facts.last_runs(), facts.refusals(now)
    # Problems come newest first; the newest of each outlet stays.
    problems = {problem.outlet: problem.finding for problem in reversed(facts.problems())}
    lines = []
    for outlet in (one for one in outlets if one.name != GIVEN):
        refusal, check = refusals.get(outlet.name), checks.get(outlet.name)
        until = _minute(refusal.refused_until) if refusal else ""
        checked = f"{check.at.astimezone(UTC):%Y-%m-%d} {check.result}" if check else ""
        known = [_minute(last_runs.get(outlet.name, "")), problems.get(outlet.name, ""), until, checked]
        sources = outlets.ask(outlet, partial(_sources_and_reach, outlet, now)) or ("", "")
        lines.append([outlet.name, outlet.title, outlet.country, *sources, outlet.verified, *known])
    return lines


def _sources_and_reach(outlet: type[Outlet], now: datetime) -> tuple[str, str]:
    return sources_of(outlet), reach_of(outlet, now)


def sources_of(outlet: type[Outlet]) -> str:
    counts = Counter(type(source).__name__ for source in outlet.sources())
    return ", ".join(counted(count, SOURCE_NAMES.get(kind, kind)) for kind, count in counts.items())


def reach_of(outlet: type[Outlet], now: datetime) -> str:
    """Return the first day that an outlet's sources can list; empty if they list only the newest articles."""
    reached = reach(outlet.days, Span(EARLIEST, now.astimezone(outlet.zone()).date(), outlet.zone()))
    if reached is None:
        return ""
    return "the beginning" if reached.since == EARLIEST else f"{reached.since}"


def _minute(moment: str) -> str:
    return f"{moment[:16]}Z" if moment else ""
