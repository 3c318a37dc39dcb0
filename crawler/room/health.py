"""How an outlet is: its findings and refusals, and the gaps of its archive with the commands that fill them."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from crawler.model.span import ONE_DAY
from crawler.outlets.loader import Outlets
from crawler.outlets.outlet import Outlet
from crawler.system import clock
from crawler.tools.report.figures import OutletFigures
from crawler.tools.report.gaps import Gap, gaps_of, shortened
from crawler.tools.report.state_facts import StateFacts

logger = logging.getLogger(__name__)

# Pages read the state again after this time.
FRESH_SECONDS = 60.0
# More gaps of an outlet are joined.
GAPS = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """A present problem of an outlet; `since` is a moment as text."""

    outlet: str
    finding: str
    since: str


@dataclass(frozen=True, slots=True)
class Known:
    """What state knows of all outlets, newest findings first; moments are texts."""

    findings: tuple[Finding, ...]
    refusals: Mapping[str, str]
    last_runs: Mapping[str, str]

    def of(self, outlet: str) -> list[Finding]:
        return [one for one in self.findings if one.outlet == outlet]


class Health:
    """Reads the state for the pages, at most once a minute for each question."""

    def __init__(self, state_url: str, outlets: Outlets) -> None:
        self._state_url = state_url
        self._outlets = outlets
        self._lock = threading.Lock()
        self._read: dict[str, tuple[float, Any]] = {}

    def known(self) -> Known | None:
        """Return what state knows; None without a state that can be read."""
        found: Known | None = self._fresh("", _known)
        return found

    def gaps(self, outlet: str, coverage: Mapping[date, int]) -> list[Gap]:
        """Return the gaps of an outlet with these articles of each day, newest first.

        Without a state, days with few articles or none are gaps.
        """
        figures = OutletFigures(outlet, outlet)
        figures.rows.articles = Counter(coverage)
        figures.days, figures.failures = self._fresh(outlet, lambda facts: _days(facts, outlet)) or ({}, Counter())
        first, last = figures.first, clock.today(Outlet.zone()) - ONE_DAY
        if first is None or first > last:
            return []
        declared = self._outlets.named(outlet)
        found = self._outlets.ask(declared, partial(gaps_of, figures, declared, first, last)) if declared else None
        if found is None:
            found = gaps_of(figures, Outlet, first, last)
        return shortened(found, GAPS)

    def _fresh(self, key: str, read: Any) -> Any:
        """Return an answer of the state that is at most a minute old, None if the state can't be read."""
        with self._lock:
            at, answer = self._read.get(key, (-FRESH_SECONDS, None))
            if time.monotonic() - at >= FRESH_SECONDS:
                answer = self._answer(read)
                self._read[key] = (time.monotonic(), answer)
            return answer

    def _answer(self, read: Any) -> Any:
        try:
            with closing(StateFacts(self._state_url)) as facts:
                return read(facts)
        except (SQLAlchemyError, OSError, ImportError, ValueError) as error:
            logger.warning("state can't be read, the pages are without it: %s", str(error).partition("\n")[0])
            return None


def _known(facts: StateFacts) -> Known:
    findings = tuple(Finding(one.outlet, one.finding, one.since) for one in facts.problems())
    refusals = {name: str(row.refused_until) for name, row in facts.refusals(clock.now()).items()}
    return Known(findings, refusals, facts.last_runs())


def _days(facts: StateFacts, outlet: str) -> tuple[dict[date, Any], Counter[tuple[date, str]]]:
    days = {day.day: day for day in facts.days(outlet)}
    return days, Counter((day, reason) for _, day, reason in facts.failures(outlet))
