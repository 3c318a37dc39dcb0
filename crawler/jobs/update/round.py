"""One round of updates: planned, crawled, judged, told.

What an update says: who is told of what, in lines, once a day.

What waits in the spool when an update ends, and what for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from crawler.archive.storage.base import StorageError
from crawler.crawl.health.findings import Finding
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
from crawler.model.exit_codes import LOCKED
from crawler.recording.push import finished_files, gives_answer, waiting_outlets
from crawler.state.history import UPDATE, History
from crawler.state.standings import Reports, Standing, Standings
from crawler.system.locks import Locked, push_lock
from crawler.system.terminal import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.crawl.deployment import Deployment
    from crawler.crawl.settings import UpdateOptions
    from crawler.outlets.loader import Outlets
    from crawler.state import State

# The names under which is kept what concerns no outlet but this machine, and what may hide outlets.
EVERYTHING = "all outlets"
MODULES = "outlets"


@dataclass(frozen=True, slots=True)
class Result:
    """What a round came to: lines for people, the crawls' own totals, and an exit code."""

    told: Told
    runs: Sequence[dict[str, object]]
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
        """Take the outlets to crawl, the names that outlets of broken modules may have, and the errors of others."""
        self._deployment, self._options = deployment, options
        self._state = state
        self._names = names
        self._history = History(state.engine)
        self._began = self._judged = datetime.now(UTC)
        self._broken, self._unknown, self._unusable = outlets.broken, unknown, unusable
        self.plan: UpdatePlan = plan(names, outlets, state.engine, scope, options.look_back_days, self._began)

    @property
    def logs(self) -> Path:
        """Where crawls print into."""
        return self._deployment.spool / "logs"

    def judge(self, crew: Crew, stuck: Mapping[str, str] = MappingProxyType({})) -> Result:
        """Judge what a crew has done, remember it, and return what is to be said.

        `stuck` tells by outlet why files of earlier runs could not go up.
        """
        now = self._judged = datetime.now(UTC)
        outcomes = self._outcomes(crew, now)
        self._remember(outcomes, crew)
        broken = OutletOutcome(MODULES, findings=unloaded(self._broken, self._unknown, now), is_judged=True)
        unusable_ = [unusable(name, why, now) for name, why in sorted(self._unusable.items())]
        files = [waiting_files(name, stuck.get(name), now) for name in sorted({*self._names, *stuck})]
        told = tell([broken, *unusable_, *self._ours_or_theirs(outcomes), *files], self._reports(), now)
        runs = [run for run in self._state.runs_since(self._began) if run["command"] == UPDATE]
        code, waiting = self._exit_code(told, crew), waiting_in(self._deployment, crew.signalled)
        told += tell([self._write_metrics(code, sum(waiting.values()), now)], self._reports(), now)
        return Result(told, runs, list(self._notes(told, crew, waiting)), self._exit_code(told, crew))

    def _exit_code(self, told: Told, crew: Crew) -> int:
        return LOCKED if _is_all_locked(crew) else exit_code_of(told.findings, crew.stopped)

    def heard(self, told: Told) -> None:
        """Note that somebody has heard what this run had to tell: the next ones tell it again a day later."""
        self._reports().heard(told.due, self._judged)

    def _outcomes(self, crew: Crew, now: datetime) -> list[OutletOutcome]:
        standings = Standings(self._state.engine).of(self._names)
        runs = self._history.since(self._began, self._names)
        thresholds, found = self._options.thresholds, []
        for job in crew.jobs:
            run = runs.get(job.outlet)
            history = self._history.before(run.started if run else now, job.outlet, thresholds.days)
            ending, standing = self._ending(job.outlet, crew), standings.get(job.outlet)
            found.append(outcome_of(job.outlet, ending, run, history, standing, thresholds, now))
        return found + [_left_alone(name, standing, now) for name, standing in self.plan.waiting.items()]

    def _ending(self, outlet: str, crew: Crew) -> RunEnding:
        code = crew.exit_codes.get(outlet)
        said, log = last_words(log_of(crew.logs, outlet), outlet) if code is not None and crew.logs else ("", "")
        seconds = (crew.job_deadline or 0.0) if outlet in crew.overran else 0.0
        return RunEnding(code, seconds, said, log, crew.stopped)

    def _remember(self, outcomes: Sequence[OutletOutcome], crew: Crew) -> None:
        # Those that ran as long as they may, or from the beginning, had their turn; whoever else was cut comes first
        # next time.
        served = crew.overran | {job.outlet for job in crew.jobs[: crew.parallel]}
        for outcome in outcomes:
            if outcome.run is not None and outcome.run.facts:
                is_served = outcome.outlet in served and outcome.run.reason == "shutdown"
                reason = "deadline" if is_served else outcome.run.reason
                self._history.judged(outcome.run, [finding.name for finding in outcome.findings], reason)

    def _ours_or_theirs(self, outcomes: Sequence[OutletOutcome]) -> Sequence[OutletOutcome]:
        """Return the outcomes, or one for all of them when it is this machine that reaches nobody."""
        everywhere = unreachable(outcomes)
        ours = OutletOutcome(EVERYTHING, findings=[everywhere] if everywhere else [], is_judged=True)
        theirs = [one for one in outcomes if one.run is None] if everywhere else outcomes
        return [ours, *theirs]

    def _reports(self) -> Reports:
        return Reports(self._state.engine, self._options.report_again)

    def _notes(self, told: Told, crew: Crew, waiting: Mapping[str, int]) -> Iterator[str]:
        left = len(crew.jobs) - len(crew.exit_codes)
        if crew.stopped:
            yield f"stopped early, {counted(left, 'outlet')} not begun" if left else "stopped early"
        if locked := list(crew.exit_codes.values()).count(LOCKED):
            yield f"{counted(locked, 'outlet')} crawled by another process just now"
        if told.before:
            yield f"{counted(told.before, 'outlet')} as told before"
        for why, count in waiting.items():
            yield f"{counted(count, 'file')} in the spool {why}"

    def _write_metrics(self, exit_code: int, waiting: int, now: datetime) -> OutletOutcome:
        """Write METRICS_FILE, if there is to be one; return what is to be said of it."""
        path, findings = self._options.metrics_file, []
        runs = self._history.latest(self._names).values() if path else ()
        standings = Standings(self._state.engine).of(self._names)
        try:
            if path:
                write_metrics(path, runs, standings, exit_code, waiting, now)
        except OSError as error:
            findings.append(Finding(NO_METRICS, "can't be written", now, str(error.strerror), str(path)))
        return OutletOutcome("METRICS_FILE", findings=findings, is_judged=True)


def _is_all_locked(crew: Crew) -> bool:
    return bool(crew.exit_codes) and set(crew.exit_codes.values()) == {LOCKED}


def _left_alone(outlet: str, standing: Standing, now: datetime) -> OutletOutcome:
    return OutletOutcome(outlet, None, [refused(standing, None, now)], is_judged=True)


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


def tell(outcomes: Iterable[OutletOutcome], reports: Reports, now: datetime) -> Told:
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


ANOTHER = "until another process has brought up what it began to"
MORE_TIME = "for the next update or push"

# How long the store may take to answer whether it can be reached, and how long once the run was told to stop.
ANSWER_SECONDS, BRIEF_SECONDS = 5.0, 1.0


def waiting_in(deployment: Deployment, is_hurried: bool) -> Mapping[str, int]:
    """Return how many finished files wait, by what for, in words."""
    spool = deployment.spool
    found: Counter[str] = Counter()
    with suppress(StorageError):
        for outlet in waiting_outlets(spool):
            found[ANOTHER if _is_held(spool, outlet) else MORE_TIME] += sum(1 for _ in finished_files(spool, outlet))
        seconds = BRIEF_SECONDS if is_hurried else ANSWER_SECONDS
        if found[MORE_TIME] and not gives_answer(deployment.archive(), seconds):
            found[f"until {deployment.archive_url} can be reached"] = found.pop(MORE_TIME)
    return +found


def _is_held(spool: Path, outlet: str) -> bool:
    try:
        with push_lock(spool, outlet):
            return False
    except Locked:
        return True
