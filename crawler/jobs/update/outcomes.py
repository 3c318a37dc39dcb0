"""The outcome of an outlet's crawl in an update. Pure: no clock, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crawler.crawl.ending import REASON as UNANSWERED
from crawler.crawl.health.judge import Finding, judge
from crawler.crawl.politeness.pace import LONGEST_WAIT
from crawler.crawl.politeness.refusals import REASON as WAS_REFUSED
from crawler.crawl.settings import Thresholds
from crawler.jobs.crew import RunEnding
from crawler.model.exit_codes import FAILED, LOCKED, OK, REFUSED, STOPPED, UNHEALTHY
from crawler.model.failures import CRAWL_ENDS, ROBOTS_UNAVAILABLE
from crawler.state.history import RunFacts
from crawler.state.standings import Standing

CRASHED, CUT, HUNG, NO_SOURCE, NO_NETWORK = "crashed", "cut", "hung", "no-source", "no-network"
NOT_ARCHIVED, NO_METRICS = "not-archived", "no-metrics"
BROKEN_MODULE, BROKEN_OUTLET = "broken-module", "broken-outlet"

# Another error in the same outlet or module is another finding; its name is a key in state.
ERROR_CHARACTERS = 200

# The exit code of an update with a finding; UNHEALTHY for the others.
EXIT_CODES = {
    **dict.fromkeys((CRASHED, NOT_ARCHIVED, NO_NETWORK, NO_METRICS), FAILED),
    WAS_REFUSED: REFUSED,
    CUT: STOPPED,
}

# An outlet that can't be crawled changes the exit code of each update, not only of those that report it.
UNCRAWLED = frozenset((BROKEN_MODULE, BROKEN_OUTLET, CRASHED))

# A crawl without an answer for these seconds hangs. The crawl waits no longer for a host that sends Retry-After.
SILENCE_SECONDS = LONGEST_WAIT


@dataclass(slots=True)
class OutletOutcome:
    """An outlet's run in an update, if there is one, and its findings.

    `is_judged` is set if these are all findings. A crawl that did not end says nothing about earlier ones.
    """

    outlet: str
    run: RunFacts | None = None
    findings: list[Finding] = field(default_factory=list)
    is_judged: bool = True


def outcome_of(
    outlet: str,
    ending: RunEnding,
    run: RunFacts | None,
    history: Sequence[RunFacts],
    standing: Standing | None,
    thresholds: Thresholds,
    now: datetime,
) -> OutletOutcome:
    """Return the outcome of a crawl that ended at `now` or before."""
    if ending.exit_code in (None, LOCKED):
        return OutletOutcome(outlet, run, is_judged=False)
    if ending.exit_code != OK and not ending.is_stopped and not ending.seconds:
        return OutletOutcome(outlet, run, [_crashed(ending, now, ending.how)], is_judged=False)
    if run is not None and run.is_complete:
        return OutletOutcome(outlet, run, judge(run, history, thresholds))
    if run is not None and (finding := _gave_up(run, standing, ending, now)):
        return OutletOutcome(outlet, run, [finding])
    if ending.seconds:
        finding = _overran(ending, run, now)
        return OutletOutcome(outlet, run, [finding], is_judged=finding.code != CUT)
    how = f"its crawl ended by {run.reason!r}" if run else "its crawl left no record of its run"
    return OutletOutcome(outlet, run, [] if ending.is_stopped else [_crashed(ending, now, how)], is_judged=False)


def _gave_up(run: RunFacts, standing: Standing | None, ending: RunEnding, now: datetime) -> Finding | None:
    """Return why a run ended its crawl by itself."""
    if run.reason == WAS_REFUSED:
        return refused(standing, run, now)
    if run.reason == UNANSWERED:
        return Finding(HUNG, "hangs", run.started, "its hosts do not answer", ending.log)
    if run.reason == ROBOTS_UNAVAILABLE:
        where, _, why = str(run.facts.get("robots")).partition(" ")
        return Finding(ROBOTS_UNAVAILABLE, f"{where} can't be fetched", run.started, why, where)
    return None


def refused(standing: Standing | None, run: RunFacts | None, now: datetime) -> Finding:
    """Return the finding for an outlet that refuses us."""
    reason, since, until = str(run.facts.get("refused") if run else ""), now, ""
    if standing is not None:
        reason, since = standing.reason, standing.since
        until = f"next request after {standing.refused_until:%Y-%m-%d %H:%M} UTC"
    why, _, where = reason.partition(" at ")
    return Finding(WAS_REFUSED, f"refuses us, {why},", since, until, where)


def _overran(ending: RunEnding, run: RunFacts | None, now: datetime) -> Finding:
    minutes = f"stopped after {ending.seconds / 60:g} minutes"
    facts = run.facts if run else {}
    silent = facts.get("silent_seconds")
    if silent is not None and silent < min(SILENCE_SECONDS, ending.seconds / 2):
        done = facts.get("pages", 0) + sum(n for why, n in facts.get("failed", {}).items() if why != CRAWL_ENDS)
        detail = f"{done} of {facts.get('new', 0)} new articles fetched; the others come first next time"
        return Finding(CUT, f"is not done: {minutes}", now, detail)
    detail = f"{minutes}, no answer for the last {silent / 60:.1f}" if silent else minutes
    return Finding(HUNG, "hangs", run.started if run else now, detail, ending.log)


def _crashed(ending: RunEnding, now: datetime, how: str) -> Finding:
    # A crash of another kind is another finding.
    return Finding(CRASHED, how, now, ending.last_line, ending.log, subject=how)


def unreachable(outcomes: Sequence[OutletOutcome]) -> Finding | None:
    """Return one finding for all if no host of several outlets has answered: then this machine has no network."""
    # An outlet that declares no source for updates made no request.
    ran = [outcome for outcome in outcomes if outcome.run and outcome.run.facts.get("sources")]
    silent = [outcome for outcome in ran if not (outcome.run and outcome.run.facts.get("codes"))]
    found = [finding for outcome in silent for finding in outcome.findings if finding.code == NO_SOURCE]
    if len(ran) < 2 or len(found) < len(ran):
        return None
    first = min(found, key=lambda finding: finding.since)
    sentence = f"not one host of {len(ran)} outlets has answered"
    return Finding(NO_NETWORK, sentence, first.since, first.detail, "this machine's network and its name servers")


def unloaded(broken: Mapping[str, str], unknown: Sequence[str], now: datetime) -> list[Finding]:
    """Return findings for the modules that can't be loaded, and for names of outlets that may be in them."""
    found = [
        Finding(BROKEN_MODULE, f"{module} can't be loaded", now, why, subject=f"{module} {why[:ERROR_CHARACTERS]}")
        for module, why in broken.items()
    ]
    return found + [
        Finding(BROKEN_MODULE, f"there is no {name}", now, "is it in one of these modules?", subject=name)
        for name in unknown
    ]


def exit_code_of(findings: Sequence[Finding], is_stopped: bool) -> int:
    """Return the gravest exit code of the findings of an update."""
    codes = {EXIT_CODES.get(finding.code, UNHEALTHY) for finding in findings}
    codes |= {STOPPED} if is_stopped else set()
    return next((code for code in (FAILED, UNHEALTHY, STOPPED, REFUSED) if code in codes), OK)
