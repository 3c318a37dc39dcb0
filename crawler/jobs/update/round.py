"""One round of updates: plan the crawls, judge them, remember and report the findings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from crawler.crawl.health.judge import Finding
from crawler.crawl.settings import Deployment, UpdateOptions
from crawler.jobs.crew import Crew
from crawler.jobs.metrics import write_metrics
from crawler.jobs.update.outcomes import (
    BROKEN_OUTLET,
    ERROR_CHARACTERS,
    NO_METRICS,
    NOT_ARCHIVED,
    UNCRAWLED,
    OutletOutcome,
    exit_code_of,
    outcome_of,
    refused,
    unloaded,
    unreachable,
)
from crawler.jobs.update.waiting import waiting_in
from crawler.model.exit_codes import LOCKED
from crawler.model.listing import GIVEN
from crawler.model.span import ONE_DAY
from crawler.outlets.loader import Outlets
from crawler.state import State
from crawler.state.history import History, RunFacts
from crawler.state.standings import NEVER, Reports, Standing, Standings
from crawler.system import clock
from crawler.system.terminal import counted


def chosen(outlets: Outlets, wanted: Sequence[str], excluded: Sequence[str]) -> list[str]:
    """Return the names of the outlets to update, each once: those that are wanted, all of them if none is."""
    everyone = [] if wanted else [outlet.name for outlet in outlets if outlet.name != GIVEN]
    return [name for name in dict.fromkeys(wanted or everyone) if name not in excluded]


def plan(
    names: Sequence[str], outlets: Outlets, engine: Engine, scope: str, days: int, now: datetime
) -> tuple[dict[str, dict[str, str]], dict[str, Standing]]:
    """Return the arguments of each crawl, the outlet crawled longest ago first, and the outlets that refuse us.

    A crawl covers the days that the outlet's updates have missed, `days` back at most. Raises SQLAlchemyError.
    """
    history = History(engine)
    waiting = {name: one for name, one in Standings(engine).of(names).items() if one.is_waiting(now)}
    uncut, complete = history.last_uncut(names), history.latest(names, is_complete=True)
    jobs = {}
    for name in sorted(names, key=lambda name: uncut.get(name, NEVER)):
        if name not in waiting:
            local = now.astimezone(outlets.rules_of(name).zone())
            missed = missed_since(complete[name], local, days) if name in complete else {}
            jobs[name] = {"scope": scope, **missed}
    return jobs, waiting


def missed_since(last: RunFacts, now: datetime, days: int) -> dict[str, str]:
    """Return the arguments of a crawl for the days that updates have missed since the last complete one.

    For each source these are the days that it left, and those that have ended since. A source without such days is
    listed too: the crawl then knows which sources the update has met. `now` is in the outlet's time zone.
    """
    first, yesterday = now.date() - days * ONE_DAY, now.date() - ONE_DAY
    began = max(last.started.astimezone(now.tzinfo).date(), first)
    ended = {(began + offset * ONE_DAY).isoformat() for offset in range((now.date() - began).days)}
    left: dict[str, Sequence[str]] = last.facts.get("missed", {})
    missed = {url: sorted(ended.union(day for day in of if day >= first.isoformat())) for url, of in left.items()}
    if not any(missed.values()):
        return {}
    since = min(of[0] for of in missed.values() if of)
    return {**({"since": since} if since < yesterday.isoformat() else {}), "missed": json.dumps(missed)}


class Notices:
    """What to report now: a line by outlet, the number of outlets reported before, the findings for the exit code."""

    def __init__(self, reports: Reports, now: datetime) -> None:
        self.lines: dict[str, str] = {}
        self.findings: list[Finding] = []
        self.before = 0
        self._reports, self._now = reports, now
        self._due: list[tuple[str, str]] = []

    def add(self, outlet: str, findings: Iterable[Finding], is_all: bool = True) -> None:
        """Add the findings of an outlet that are due now; if it `is_all`, forget others. Raises SQLAlchemyError."""
        found = {one.name: one for one in findings}
        begun = {name: one.since for name, one in found.items()}
        due = self._reports.tell(outlet, begun, self._now, is_all)
        self._due += [(outlet, name) for name in due]
        self.findings += [one for name, one in found.items() if name in due or one.code in UNCRAWLED]
        if due:
            sentences = (found[name].sentence(since) for name, since in due.items())
            self.lines[outlet] = f"{outlet}: {'; '.join(sentences)}"
        elif found:
            self.before += 1

    def heard(self) -> None:
        """Note that somebody got the report: its findings are reported again a day later. Raises SQLAlchemyError."""
        self._reports.heard(self._due, self._now)

    def exit_code(self, crew: Crew) -> int:
        is_all_locked = set(crew.exit_codes.values()) == {LOCKED}
        return LOCKED if is_all_locked and not self.findings else exit_code_of(self.findings, crew.stopped)


@dataclass(frozen=True, slots=True)
class Round:
    """An update of outlets by their names. It raises SQLAlchemyError when state can't be used.

    `broken` has the errors of outlets, also of names that may be of outlets in broken modules. `waiting` are the
    outlets that are skipped because they refuse us.
    """

    deployment: Deployment
    options: UpdateOptions
    outlets: Outlets
    state: State
    names: Sequence[str]
    broken: Mapping[str, str]
    waiting: Mapping[str, Standing]

    def judge(
        self, crew: Crew, runs: Mapping[str, RunFacts], stuck: Mapping[str, str]
    ) -> tuple[Notices, list[str], int]:
        """Judge a crew's crawls, remember the findings; return what to report, notes for the summary, the exit code.

        `stuck` says by outlet why its files can't be uploaded.
        """
        now = clock.now()
        outcomes = self._outcomes(crew, runs, now)
        self._remember(outcomes, crew)
        notices = Notices(Reports(self.state.engine, self.options.report_again), now)
        self._add_findings(notices, outcomes, stuck, now)
        files = waiting_in(self.deployment, crew.signalled)
        notices.add("METRICS_FILE", self._write_metrics(notices.exit_code(crew), sum(files.values()), now))
        return notices, list(_notes(notices, crew, files, runs)), notices.exit_code(crew)

    def _add_findings(
        self, notices: Notices, outcomes: Sequence[OutletOutcome], stuck: Mapping[str, str], now: datetime
    ) -> None:
        unknown = sorted(name for name in self.broken if self.outlets.named(name) is None)
        notices.add("outlets", unloaded(self.outlets.broken, unknown, now))
        for name in sorted(self.broken.keys() - unknown):
            why = self.broken[name]
            notices.add(name, [Finding(BROKEN_OUTLET, "can't be used", now, why, subject=why[:ERROR_CHARACTERS])])
        everywhere = unreachable(outcomes)
        notices.add("all outlets", [everywhere] if everywhere else [])
        for one in outcomes:
            if one.run is None or not everywhere:
                notices.add(one.outlet, one.findings, one.is_judged)
        for name in sorted({*self.names, *stuck}):
            found = [Finding(NOT_ARCHIVED, "can't be uploaded", now, stuck[name])] if name in stuck else []
            # Not under the outlet's name: its run is judged, and forgets the findings that it does not repeat.
            notices.add(f"{name}/spool", found)

    def _outcomes(self, crew: Crew, runs: Mapping[str, RunFacts], now: datetime) -> list[OutletOutcome]:
        standings, history = Standings(self.state.engine).of(self.names), History(self.state.engine)
        thresholds, found = self.options.thresholds, []
        for outlet in crew.jobs:
            run, standing = runs.get(outlet), standings.get(outlet)
            before = history.before(run.started if run else now, outlet, thresholds.days)
            found.append(outcome_of(outlet, crew.ending(outlet), run, before, standing, thresholds, now))
        return found + [OutletOutcome(name, None, [refused(one, None, now)]) for name, one in self.waiting.items()]

    def _remember(self, outcomes: Sequence[OutletOutcome], crew: Crew) -> None:
        # A crawl that missed its own deadline, or ran from the beginning, had its turn. Any other crawl that was cut
        # comes first next time.
        served = crew.overran | {*list(crew.jobs)[: crew.parallel]}
        for outcome in outcomes:
            if outcome.run is not None and outcome.run.facts:
                is_served = outcome.outlet in served and outcome.run.reason == "shutdown"
                reason = "deadline" if is_served else outcome.run.reason
                names = [finding.name for finding in outcome.findings]
                History(self.state.engine).judged(outcome.run, names, reason)

    def _write_metrics(self, exit_code: int, waiting: int, now: datetime) -> list[Finding]:
        """Write METRICS_FILE if it is set; return the finding if that fails."""
        path = self.options.metrics_file
        if path is None:
            return []
        runs = History(self.state.engine).latest(self.names).values()
        standings = Standings(self.state.engine).of(self.names)
        try:
            write_metrics(path, runs, standings, exit_code, waiting, now)
        except OSError as error:
            return [Finding(NO_METRICS, "can't be written", now, str(error.strerror), str(path))]
        return []


def _notes(notices: Notices, crew: Crew, waiting: Mapping[str, int], runs: Mapping[str, RunFacts]) -> Iterator[str]:
    left = len(crew.jobs) - len(crew.exit_codes)
    if crew.stopped:
        yield f"stopped early, {counted(left, 'outlet')} not begun" if left else "stopped early"
    if locked := list(crew.exit_codes.values()).count(LOCKED):
        yield f"{counted(locked, 'outlet')} crawled by another process just now"
    if recovered := sum(run.facts.get("recovered", 0) for run in runs.values()):
        yield f"{counted(recovered, 'segment')} of killed runs recovered"
    if notices.before:
        yield f"{counted(notices.before, 'outlet')} as reported before"
    for why, count in waiting.items():
        yield f"{counted(count, 'file')} in the spool {why}"
