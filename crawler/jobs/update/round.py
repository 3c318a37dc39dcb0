"""One round of updates: plan the crawls, judge them, remember and report the findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from crawler.crawl.health.judge import Finding
from crawler.crawl.settings import Deployment, UpdateOptions
from crawler.jobs.crew import Crew, Job
from crawler.jobs.metrics import write_metrics
from crawler.jobs.update.outcomes import (
    NO_METRICS,
    OutletOutcome,
    exit_code_of,
    outcome_of,
    refused,
    unloaded,
    unreachable,
    unusable,
    waiting_files,
)
from crawler.jobs.update.plan import plan
from crawler.jobs.update.waiting import waiting_in
from crawler.model.exit_codes import LOCKED
from crawler.outlets.loader import Outlets
from crawler.state import State
from crawler.state.history import History
from crawler.state.standings import Reports, Standing, Standings
from crawler.system.terminal import counted

# Findings that concern no single outlet are kept under these names.
EVERYTHING = "all outlets"
MODULES = "outlets"


class Notices:
    """What to report now: a line by outlet, the findings behind the lines, the number of outlets reported before."""

    def __init__(self, reports: Reports, now: datetime) -> None:
        self.lines: dict[str, str] = {}
        self.findings: list[Finding] = []
        self.before = 0
        self._reports, self._now = reports, now
        self._due: list[tuple[str, str]] = []

    def add(self, outcome: OutletOutcome) -> None:
        """Add the findings of an outcome that are due now. Raises SQLAlchemyError."""
        found = {one.name: one for one in outcome.findings}
        begun = {name: one.since for name, one in found.items()}
        due = self._reports.tell(outcome.outlet, begun, self._now, is_all=outcome.is_judged)
        self._due += [(outcome.outlet, name) for name in due]
        self.findings += [found[name] for name in due]
        if due:
            sentences = (found[name].sentence(since) for name, since in due.items())
            self.lines[outcome.outlet] = f"{outcome.outlet}: {'; '.join(sentences)}"
        elif found:
            self.before += 1

    def heard(self) -> None:
        """Note that somebody got the report: its findings are reported again a day later. Raises SQLAlchemyError."""
        self._reports.heard(self._due, self._now)

    def exit_code(self, crew: Crew) -> int:
        is_all_locked = set(crew.exit_codes.values()) == {LOCKED}
        return LOCKED if is_all_locked and not self.findings else exit_code_of(self.findings, crew.stopped)


@dataclass(slots=True)
class Round:
    """An update of outlets by their names. It raises SQLAlchemyError when state can't be used.

    `unknown` names may be of outlets in broken modules; `unusable` has the errors of broken outlets. `waiting` are the
    outlets that are skipped because they refuse us.
    """

    deployment: Deployment
    options: UpdateOptions
    outlets: Outlets
    state: State
    names: Sequence[str]
    scope: str
    unknown: Sequence[str]
    unusable: Mapping[str, str]
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    jobs: Sequence[Job] = field(init=False)
    waiting: Mapping[str, Standing] = field(init=False)

    def __post_init__(self) -> None:
        """Plan the crawls."""
        look_back = self.options.look_back_days
        self.jobs, self.waiting = plan(self.names, self.outlets, self.state.engine, self.scope, look_back, self.began)

    def judge(self, crew: Crew, stuck: Mapping[str, str]) -> tuple[Notices, list[str], int]:
        """Judge a crew's crawls, remember the findings; return what to report, notes for the summary, the exit code.

        `stuck` says by outlet why its files can't be uploaded.
        """
        now = datetime.now(UTC)
        outcomes = self._outcomes(crew, now)
        self._remember(outcomes, crew)
        notices = Notices(Reports(self.state.engine, self.options.report_again), now)
        notices.add(OutletOutcome(MODULES, findings=unloaded(self.outlets.broken, self.unknown, now)))
        for name, why in sorted(self.unusable.items()):
            notices.add(unusable(name, why, now))
        for outcome in _ours_or_theirs(outcomes):
            notices.add(outcome)
        for name in sorted({*self.names, *stuck}):
            notices.add(waiting_files(name, stuck.get(name), now))
        files = waiting_in(self.deployment, crew.signalled)
        notices.add(self._write_metrics(notices.exit_code(crew), sum(files.values()), now))
        return notices, list(_notes(notices, crew, files)), notices.exit_code(crew)

    def _outcomes(self, crew: Crew, now: datetime) -> list[OutletOutcome]:
        standings, history = Standings(self.state.engine).of(self.names), History(self.state.engine)
        runs = history.since(self.began, self.names)
        thresholds, found = self.options.thresholds, []
        for job in crew.jobs:
            run, standing = runs.get(job.outlet), standings.get(job.outlet)
            before = history.before(run.started if run else now, job.outlet, thresholds.days)
            ending = crew.ending(job.outlet)
            found.append(outcome_of(job.outlet, ending, run, before, standing, thresholds, now))
        return found + [OutletOutcome(name, None, [refused(one, None, now)]) for name, one in self.waiting.items()]

    def _remember(self, outcomes: Sequence[OutletOutcome], crew: Crew) -> None:
        # A crawl that missed its own deadline, or ran from the beginning, had its turn. Any other crawl that was cut
        # comes first next time.
        served = crew.overran | {job.outlet for job in crew.jobs[: crew.parallel]}
        for outcome in outcomes:
            if outcome.run is not None and outcome.run.facts:
                is_served = outcome.outlet in served and outcome.run.reason == "shutdown"
                reason = "deadline" if is_served else outcome.run.reason
                names = [finding.name for finding in outcome.findings]
                History(self.state.engine).judged(outcome.run, names, reason)

    def _write_metrics(self, exit_code: int, waiting: int, now: datetime) -> OutletOutcome:
        """Write METRICS_FILE if it is set; return the outcome."""
        outcome, path = OutletOutcome("METRICS_FILE"), self.options.metrics_file
        if path:
            runs = History(self.state.engine).latest(self.names).values()
            standings = Standings(self.state.engine).of(self.names)
            try:
                write_metrics(path, runs, standings, exit_code, waiting, now)
            except OSError as error:
                outcome.findings = [Finding(NO_METRICS, "can't be written", now, str(error.strerror), str(path))]
        return outcome


def _ours_or_theirs(outcomes: Sequence[OutletOutcome]) -> Sequence[OutletOutcome]:
    """Return the outcomes, or one for all of them if this machine reaches no host."""
    everywhere = unreachable(outcomes)
    ours = OutletOutcome(EVERYTHING, findings=[everywhere] if everywhere else [])
    return [ours, *(one for one in outcomes if one.run is None or not everywhere)]


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
