"""One round of updates: plan the crawls, judge them, remember and report the findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from crawler.crawl.health.judge import Finding
from crawler.crawl.settings import Deployment, UpdateOptions
from crawler.jobs.crew import Crew, last_words, log_of
from crawler.jobs.metrics import write_metrics
from crawler.jobs.update.outcomes import (
    NO_METRICS,
    OutletOutcome,
    RunEnding,
    exit_code_of,
    outcome_of,
    refused,
    unloaded,
    unreachable,
    unusable,
    waiting_files,
)
from crawler.jobs.update.plan import UpdatePlan, plan
from crawler.jobs.update.waiting import waiting_in
from crawler.model.exit_codes import LOCKED
from crawler.outlets.loader import Outlets
from crawler.state import State
from crawler.state.history import UPDATE, History
from crawler.state.standings import Reports, Standings
from crawler.system.terminal import counted

# Findings that concern no single outlet are kept under these names.
EVERYTHING = "all outlets"
MODULES = "outlets"


@dataclass(frozen=True, slots=True)
class Notices:
    """What to report now: a line by outlet, the findings behind the lines, the number of outlets reported before.

    `due` has the outlet and name of each finding; after the report they are silent for a day.
    """

    lines: Mapping[str, str]
    findings: Sequence[Finding]
    before: int
    due: Sequence[tuple[str, str]]

    def __add__(self, other: Notices) -> Notices:
        return Notices(
            {**self.lines, **other.lines},
            [*self.findings, *other.findings],
            self.before + other.before,
            [*self.due, *other.due],
        )


@dataclass(frozen=True, slots=True)
class RoundResult:
    """The result of a round: its notices, the crawls' totals, notes for the summary, and the exit code."""

    notices: Notices
    runs: Sequence[dict[str, Any]]
    notes: Sequence[str]
    exit_code: int


class Round:
    """An update of some outlets. Every method raises SQLAlchemyError when state can't be used."""

    def __init__(
        self,
        deployment: Deployment,
        options: UpdateOptions,
        outlets: Outlets,
        state: State,
        names: Sequence[str],
        scope: str,
        unknown: Sequence[str] = (),
        unusable: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Plan the outlets of these names.

        `unknown` names may be of outlets in broken modules; `unusable` has the errors of broken outlets.
        """
        self._state, self._names, self._unknown, self._unusable = state, names, unknown, unusable
        self._history = History(state.engine)
        self._deployment, self._options = deployment, options
        self._reports = Reports(state.engine, options.report_again)
        self._began = self._judged = datetime.now(UTC)
        self._broken = outlets.broken
        self.plan: UpdatePlan = plan(names, outlets, state.engine, scope, options.look_back_days, self._began)

    def judge(self, crew: Crew, stuck: Mapping[str, str]) -> RoundResult:
        """Judge a crew's crawls, remember the findings; `stuck` says by outlet why its files can't be uploaded."""
        now = self._judged = datetime.now(UTC)
        outcomes = self._outcomes(crew, now)
        self._remember(outcomes, crew)
        broken = OutletOutcome(MODULES, findings=unloaded(self._broken, self._unknown, now), is_judged=True)
        unusable_ = [unusable(name, why, now) for name, why in sorted(self._unusable.items())]
        files = [waiting_files(name, stuck.get(name), now) for name in sorted({*self._names, *stuck})]
        notices = notices_of([broken, *unusable_, *_ours_or_theirs(outcomes), *files], self._reports, now)
        waiting = waiting_in(self._deployment, crew.signalled)
        metrics = self._write_metrics(_exit_code(notices, crew), sum(waiting.values()), now)
        notices += notices_of([metrics], self._reports, now)
        runs = [run for run in self._state.runs_since(self._began) if run["command"] == UPDATE]
        return RoundResult(notices, runs, list(_notes(notices, crew, waiting)), _exit_code(notices, crew))

    def reported(self, notices: Notices) -> None:
        """Note that somebody got the report: its findings are reported again a day later."""
        self._reports.heard(notices.due, self._judged)

    def _outcomes(self, crew: Crew, now: datetime) -> list[OutletOutcome]:
        standings = Standings(self._state.engine).of(self._names)
        runs = self._history.since(self._began, self._names)
        thresholds, found = self._options.thresholds, []
        for job in crew.jobs:
            run, standing = runs.get(job.outlet), standings.get(job.outlet)
            history = self._history.before(run.started if run else now, job.outlet, thresholds.days)
            ending = _ending(job.outlet, crew)
            found.append(outcome_of(job.outlet, ending, run, history, standing, thresholds, now))
        waiting = self.plan.waiting.items()
        return found + [OutletOutcome(name, None, [refused(one, None, now)], is_judged=True) for name, one in waiting]

    def _remember(self, outcomes: Sequence[OutletOutcome], crew: Crew) -> None:
        # A crawl that missed its own deadline, or ran from the beginning, had its turn. Any other crawl that was cut
        # comes first next time.
        served = crew.overran | {job.outlet for job in crew.jobs[: crew.parallel]}
        for outcome in outcomes:
            if outcome.run is not None and outcome.run.facts:
                is_served = outcome.outlet in served and outcome.run.reason == "shutdown"
                reason = "deadline" if is_served else outcome.run.reason
                self._history.judged(outcome.run, [finding.name for finding in outcome.findings], reason)

    def _write_metrics(self, exit_code: int, waiting: int, now: datetime) -> OutletOutcome:
        """Write METRICS_FILE if it is set; return the outcome."""
        outcome, path = OutletOutcome("METRICS_FILE", is_judged=True), self._options.metrics_file
        if path:
            runs = self._history.latest(self._names).values()
            standings = Standings(self._state.engine).of(self._names)
            try:
                write_metrics(path, runs, standings, exit_code, waiting, now)
            except OSError as error:
                outcome.findings = [Finding(NO_METRICS, "can't be written", now, str(error.strerror), str(path))]
        return outcome


def _ending(outlet: str, crew: Crew) -> RunEnding:
    code = crew.exit_codes.get(outlet)
    last_line, log = last_words(log_of(crew.logs, outlet), outlet) if code is not None and crew.logs else ("", "")
    seconds = (crew.job_deadline or 0.0) if outlet in crew.overran else 0.0
    return RunEnding(code, seconds, last_line, log, crew.stopped)


def _ours_or_theirs(outcomes: Sequence[OutletOutcome]) -> Sequence[OutletOutcome]:
    """Return the outcomes, or one for all of them if this machine reaches no host."""
    everywhere = unreachable(outcomes)
    ours = OutletOutcome(EVERYTHING, findings=[everywhere] if everywhere else [], is_judged=True)
    return [ours, *(one for one in outcomes if one.run is None or not everywhere)]


def _exit_code(notices: Notices, crew: Crew) -> int:
    is_all_locked = set(crew.exit_codes.values()) == {LOCKED}
    return LOCKED if is_all_locked and not notices.findings else exit_code_of(notices.findings, crew.stopped)


def _notes(notices: Notices, crew: Crew, waiting: Mapping[str, int]) -> Iterator[str]:
    left = len(crew.jobs) - len(crew.exit_codes)
    if crew.stopped:
        yield f"stopped early, {counted(left, 'outlet')} not begun" if left else "stopped early"
    if locked := list(crew.exit_codes.values()).count(LOCKED):
        yield f"{counted(locked, 'outlet')} crawled by another process just now"
    if notices.before:
        yield f"{counted(notices.before, 'outlet')} as reported before"
    for why, count in waiting.items():
        yield f"{counted(count, 'file')} in the spool {why}"


def notices_of(outcomes: Iterable[OutletOutcome], reports: Reports, now: datetime) -> Notices:
    """Return the notices that are due now. Raises SQLAlchemyError."""
    lines, findings, before, names = {}, [], 0, []
    for outcome in outcomes:
        found = {one.name: one for one in outcome.findings}
        begun = {name: one.since for name, one in found.items()}
        due = reports.tell(outcome.outlet, begun, now, is_all=outcome.is_judged)
        names += [(outcome.outlet, name) for name in due]
        findings += [found[name] for name in due]
        if due:
            sentences = (found[name].sentence(since) for name, since in due.items())
            lines[outcome.outlet] = f"{outcome.outlet}: {'; '.join(sentences)}"
        elif found:
            before += 1
    return Notices(lines, findings, before, names)
