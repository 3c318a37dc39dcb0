"""What an update says: who is told of what, in lines, once a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.health.findings import Finding
from crawler.state.standings import Reports
from crawler.updating.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Told:
    """The lines to print, one an outlet, the findings behind them, and how many outlets were told of before.

    `due` names what is told once a day, each with its outlet before it.
    """

    outlets: Sequence[str]
    lines: Sequence[str]
    findings: Sequence[Finding]
    before: int
    due: Sequence[tuple[str, str]]

    def __add__(self, other: Told) -> Told:
        """Return all that both are to say."""
        outlets, lines = [*self.outlets, *other.outlets], [*self.lines, *other.lines]
        findings, due = [*self.findings, *other.findings], [*self.due, *other.due]
        return Told(outlets, lines, findings, self.before + other.before, due)


def tell(outcomes: Iterable[Outcome], reports: Reports, now: datetime) -> Told:
    """Return what is to be said now. Raises SQLAlchemyError."""
    outlets, lines, said, before, names = [], [], [], 0, []
    for outcome in outcomes:
        found = {one.name: one for one in outcome.findings}
        begun = {name: one.since for name, one in found.items()}
        told = reports.tell(outcome.outlet, begun, now, is_all=outcome.is_judged)
        due = [(found[name], since) for name, since in told.items()]
        names += [(outcome.outlet, name) for name in told]
        if due:
            outlets.append(outcome.outlet)
            lines.append(f"{outcome.outlet}: " + "; ".join(finding.sentence(since) for finding, since in due))
            said += [finding for finding, _ in due]
        elif found:
            before += 1
    return Told(outlets, lines, said, before, names)
