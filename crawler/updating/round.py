"""One round of updates: planned, crawled, judged, told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from crawler.commands import LOCKED
from crawler.deployment import PROJECT_ROOT, spool_directory
from crawler.health.findings import Finding
from crawler.health.thresholds import Thresholds
from crawler.jobs import Crew, last_words, log_of
from crawler.metrics import write_metrics
from crawler.outlets import Outlets
from crawler.state.history import UPDATE, History
from crawler.state.standings import Reports, Standing, Standings
from crawler.summary import counted
from crawler.updating.outcomes import (
    NO_METRICS,
    Ending,
    Outcome,
    exit_code_of,
    outcome_of,
    refused,
    unloaded,
    unreachable,
    unusable,
    waiting_files,
)
from crawler.updating.plan import Plan, plan
from crawler.updating.report import Told, tell
from crawler.updating.waiting import waiting_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.settings import Settings

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
        settings: Settings,
        state: State,
        names: Sequence[str],
        scope: str,
        unknown: Sequence[str] = (),
        unusable: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Take the outlets to crawl, the names that outlets of broken modules may have, and the errors of others."""
        self._settings = settings
        self._state = state
        self._names = names
        self._history = History(state.engine)
        self._spool = spool_directory(settings)
        self._began = self._judged = datetime.now(UTC)
        self._thresholds = Thresholds.from_settings(settings)
        days = settings.getint("LOOK_BACK_DAYS")
        outlets = Outlets.from_settings(settings)
        self._broken, self._unknown, self._unusable = outlets.broken, unknown, unusable
        self.plan: Plan = plan(names, outlets, state.engine, scope, days, self._began)

    @property
    def logs(self) -> Path:
        """Where crawls print into."""
        return self._spool / "logs"

    def judge(self, crew: Crew, stuck: Mapping[str, str] = MappingProxyType({})) -> Result:
        """Judge what a crew has done, remember it, and return what is to be said.

        `stuck` tells by outlet why files of earlier runs could not go up.
        """
        now = self._judged = datetime.now(UTC)
        outcomes = self._outcomes(crew, now)
        self._remember(outcomes, crew)
        broken = Outcome(MODULES, findings=unloaded(self._broken, self._unknown, now), is_judged=True)
        unusable_ = [unusable(name, why, now) for name, why in sorted(self._unusable.items())]
        files = [waiting_files(name, stuck.get(name), now) for name in sorted({*self._names, *stuck})]
        told = tell([broken, *unusable_, *self._ours_or_theirs(outcomes), *files], self._reports(), now)
        runs = [run for run in self._state.runs_since(self._began) if run["command"] == UPDATE]
        code, waiting = self._exit_code(told, crew), waiting_in(self._settings, self._spool, crew.signalled)
        told += tell([self._write_metrics(code, sum(waiting.values()), now)], self._reports(), now)
        return Result(told, runs, list(self._notes(told, crew, waiting)), self._exit_code(told, crew))

    def _exit_code(self, told: Told, crew: Crew) -> int:
        return LOCKED if _is_all_locked(crew) else exit_code_of(told.findings, crew.stopped)

    def heard(self, told: Told) -> None:
        """Note that somebody has heard what this run had to tell: the next ones tell it again a day later."""
        self._reports().heard(told.due, self._judged)

    def _outcomes(self, crew: Crew, now: datetime) -> list[Outcome]:
        standings = Standings(self._state.engine).of(self._names)
        runs = self._history.since(self._began, self._names)
        thresholds, found = self._thresholds, []
        for job in crew.jobs:
            run = runs.get(job.outlet)
            history = self._history.before(run.started if run else now, job.outlet, thresholds.days)
            ending, standing = self._ending(job.outlet, crew), standings.get(job.outlet)
            found.append(outcome_of(job.outlet, ending, run, history, standing, thresholds, now))
        return found + [_left_alone(name, standing, now) for name, standing in self.plan.waiting.items()]

    def _ending(self, outlet: str, crew: Crew) -> Ending:
        code = crew.exit_codes.get(outlet)
        said, log = last_words(log_of(crew.logs, outlet), outlet) if code is not None and crew.logs else ("", "")
        seconds = (crew.job_deadline or 0.0) if outlet in crew.overran else 0.0
        return Ending(code, seconds, said, log, crew.stopped)

    def _remember(self, outcomes: Sequence[Outcome], crew: Crew) -> None:
        # Those that ran as long as they may, or from the beginning, had their turn; whoever else was cut comes first
        # next time.
        served = crew.overran | {job.outlet for job in crew.jobs[: crew.parallel]}
        for outcome in outcomes:
            if outcome.run is not None and outcome.run.facts:
                is_served = outcome.outlet in served and outcome.run.reason == "shutdown"
                reason = "deadline" if is_served else outcome.run.reason
                self._history.judged(outcome.run, [finding.name for finding in outcome.findings], reason)

    def _ours_or_theirs(self, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
        """Return the outcomes, or one for all of them when it is this machine that reaches nobody."""
        everywhere = unreachable(outcomes)
        ours = Outcome(EVERYTHING, findings=[everywhere] if everywhere else [], is_judged=True)
        theirs = [one for one in outcomes if one.run is None] if everywhere else outcomes
        return [ours, *theirs]

    def _reports(self) -> Reports:
        return Reports(self._state.engine, timedelta(hours=self._settings.getfloat("REPORT_AGAIN_HOURS")))

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

    def _write_metrics(self, exit_code: int, waiting: int, now: datetime) -> Outcome:
        """Write METRICS_FILE, if there is to be one; return what is to be said of it."""
        path, findings = str(self._settings.get("METRICS_FILE") or ""), []
        runs = self._history.latest(self._names).values() if path else ()
        standings = Standings(self._state.engine).of(self._names)
        try:
            if path:
                write_metrics(PROJECT_ROOT / Path(path).expanduser(), runs, standings, exit_code, waiting, now)
        except OSError as error:
            findings.append(Finding(NO_METRICS, "can't be written", now, str(error.strerror), path))
        return Outcome("METRICS_FILE", findings=findings, is_judged=True)


def _is_all_locked(crew: Crew) -> bool:
    return bool(crew.exit_codes) and set(crew.exit_codes.values()) == {LOCKED}


def _left_alone(outlet: str, standing: Standing, now: datetime) -> Outcome:
    return Outcome(outlet, None, [refused(standing, None, now)], is_judged=True)
