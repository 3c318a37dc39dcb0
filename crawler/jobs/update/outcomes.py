"""What became of an outlet in an update. Pure: no clock, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crawler.crawl.ending import REASON as UNANSWERED
from crawler.crawl.health.findings import Finding, Thresholds
from crawler.crawl.health.judge import judge
from crawler.crawl.politeness.pace import LONGEST_WAIT
from crawler.crawl.politeness.refusals import REASON as WAS_REFUSED
from crawler.jobs.crew import died_of
from crawler.model.exit_codes import FAILED, LOCKED, OK, REFUSED, STOPPED, UNHEALTHY
from crawler.model.failures import CRAWL_ENDS, ROBOTS_UNAVAILABLE
from crawler.state.history import RunFacts
from crawler.state.standings import Standing

CRASHED, CUT, NO_SOURCE, NO_NETWORK = "crashed", "cut", "no-source", "no-network"
NOT_ARCHIVED, NO_METRICS = "not-archived", "no-metrics"
BROKEN_MODULE, BROKEN_OUTLET = "broken-module", "broken-outlet"

# Another error in the same outlet or module is another finding; its name is a key in state.
ACCOUNT_CHARACTERS = 200

# The exit code of an update with a finding, UNHEALTHY for those not named.
EXIT_CODES = {
    CRASHED: FAILED,
    NOT_ARCHIVED: FAILED,
    NO_NETWORK: FAILED,
    NO_METRICS: FAILED,
    WAS_REFUSED: REFUSED,
    CUT: STOPPED,
}

# Nobody has answered for so many seconds: it hangs. A host that asks for patience is waited for no longer.
SILENCE_SECONDS = LONGEST_WAIT


@dataclass(frozen=True, slots=True)
class RunEnding:
    """How an outlet's crawl ended: its process's exit code, None when it never began.

    `seconds` is the deadline that it overran, 0 when it did not; `said` the last line it printed, `log` where to read
    the others; `is_stopped` when the whole update was told to end.
    """

    exit_code: int | None
    seconds: float = 0.0
    said: str = ""
    log: str = ""
    is_stopped: bool = False


@dataclass(slots=True)
class OutletOutcome:
    """An outlet's run in an update, if it left one, and what is wrong; `is_judged` when that is all there is to say.

    A crawl that came to no end says nothing of what was wrong before.
    """

    outlet: str
    run: RunFacts | None = None
    findings: list[Finding] = field(default_factory=list)
    is_judged: bool = False


def outcome_of(
    outlet: str,
    ending: RunEnding,
    run: RunFacts | None,
    history: Sequence[RunFacts],
    standing: Standing | None,
    thresholds: Thresholds,
    now: datetime,
) -> OutletOutcome:
    """Return what became of a crawl that has ended at a moment."""
    outcome = OutletOutcome(outlet, run)
    if ending.exit_code in (None, LOCKED):
        return outcome
    was_told_to_end = ending.is_stopped or bool(ending.seconds)
    if ending.exit_code != OK and not was_told_to_end:
        outcome.findings = [_crashed(ending, now)]
    elif run is not None and run.is_complete:
        outcome.findings, outcome.is_judged = judge(run, history, thresholds), True
    elif run is not None and run.reason == WAS_REFUSED:
        outcome.findings, outcome.is_judged = [refused(standing, run, now)], True
    elif run is not None and run.reason == UNANSWERED:
        outcome.findings, outcome.is_judged = [_hangs(run.started, "its hosts do not answer", ending)], True
    elif run is not None and run.reason == ROBOTS_UNAVAILABLE:
        outcome.findings, outcome.is_judged = [_without_robots(run)], True
    elif ending.seconds:
        outcome.findings = [_overran(ending, run, now)]
        outcome.is_judged = outcome.findings[0].code != CUT
    elif not ending.is_stopped:
        outcome.findings = [_crashed(ending, now, f"its crawl ended by {run.reason!r}" if run else "")]
    return outcome


def refused(standing: Standing | None, run: RunFacts | None, now: datetime) -> Finding:
    """Return what is said of an outlet that refuses us."""
    if standing is not None:
        until = f"asked again after {standing.refused_until:%Y-%m-%d %H:%M} UTC"
        return _refusal(standing.reason, standing.since, until)
    return _refusal(str(run.facts.get("refused") if run else ""), now, "")


def _without_robots(run: RunFacts) -> Finding:
    where, _, why = str(run.facts.get("robots")).partition(" ")
    return Finding(ROBOTS_UNAVAILABLE, f"{where} can't be had", run.started, why, where)


def _refusal(reason: str, since: datetime, until: str) -> Finding:
    why, _, where = reason.partition(" at ")
    return Finding(WAS_REFUSED, f"refuses us, {why},", since, until, where)


def _overran(ending: RunEnding, run: RunFacts | None, now: datetime) -> Finding:
    minutes = f"ended after {ending.seconds / 60:g} minutes"
    facts = run.facts if run else {}
    silent = facts.get("silent_seconds")
    if silent is not None and silent < min(SILENCE_SECONDS, ending.seconds / 2):
        done = facts.get("pages", 0) + sum(n for why, n in facts.get("failed", {}).items() if why != CRAWL_ENDS)
        detail = f"{done} of {facts.get('new', 0)} new articles fetched; the others come first next time"
        return Finding(CUT, f"is not done: {minutes}", now, detail)
    detail = f"{minutes}, no answer for the last {silent / 60:.1f}" if silent else minutes
    return _hangs(run.started if run else now, detail, ending)


def _hangs(since: datetime, detail: str, ending: RunEnding) -> Finding:
    return Finding("hung", "hangs", since, detail, ending.log)


def _crashed(ending: RunEnding, now: datetime, what: str = "") -> Finding:
    code = ending.exit_code or 0
    if not what:
        what = died_of(code) if code else "its crawl left no account of itself"
    # Another way to die is another fault.
    return Finding(CRASHED, what, now, ending.said, ending.log, subject=what)


def waiting_files(outlet: str, stuck: str | None, now: datetime) -> OutletOutcome:
    """Return what became of an outlet's files of earlier runs: why they can't go up, or nothing to say."""
    findings = [Finding(NOT_ARCHIVED, "can't be brought up", now, stuck)] if stuck else []
    # Apart from how the outlet's own run is judged, which forgets what it does not find again.
    return OutletOutcome(f"{outlet}/spool", findings=findings, is_judged=True)


def unreachable(outcomes: Sequence[OutletOutcome]) -> Finding | None:
    """Return the one thing that is wrong when not a single host has answered several outlets: it is with us."""
    # An outlet that declares no source for updates asked nobody.
    ran = [outcome for outcome in outcomes if outcome.run and outcome.run.facts.get("sources")]
    silent = [outcome for outcome in ran if not (outcome.run and outcome.run.facts.get("codes"))]
    found = [finding for outcome in silent for finding in outcome.findings if finding.code == NO_SOURCE]
    if len(ran) < 2 or len(found) < len(ran):
        return None
    first = min(found, key=lambda finding: finding.since)
    what = f"not one host of {len(ran)} outlets has answered"
    return Finding(NO_NETWORK, what, first.since, first.detail, "this machine's network and its name servers")


def unloaded(broken: Mapping[str, str], unknown: Sequence[str], now: datetime) -> list[Finding]:
    """Return what is said of the modules that can't be loaded, and of names that outlets of theirs may have."""
    found = [
        Finding(BROKEN_MODULE, f"{module} can't be loaded", now, why, subject=f"{module} {why[:ACCOUNT_CHARACTERS]}")
        for module, why in broken.items()
    ]
    return found + [
        Finding(BROKEN_MODULE, f"there is no {name}", now, "is it one of theirs?", subject=name) for name in unknown
    ]


def unusable(outlet: str, why: str, now: datetime) -> OutletOutcome:
    """Return the outcome of an outlet that can't be crawled because its own code or declarations are broken."""
    finding = Finding(BROKEN_OUTLET, "can't be used", now, why, subject=why[:ACCOUNT_CHARACTERS])
    return OutletOutcome(outlet, findings=[finding], is_judged=True)


def exit_code_of(findings: Sequence[Finding], is_stopped: bool) -> int:
    """Return the exit code of an update with these findings to tell: the gravest."""
    codes = {EXIT_CODES.get(finding.code, UNHEALTHY) for finding in findings}
    codes |= {STOPPED} if is_stopped else set()
    return next((code for code in (FAILED, UNHEALTHY, STOPPED, REFUSED) if code in codes), OK)
