"""A run judged by the runs of the same outlet before it. Pure: no clock, no I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from crawler.health.findings import Finding
from crawler.health.shares import Share, failed, risen, short, undated, unread, unstated
from crawler.health.sources import judge_sources
from crawler.health.thresholds import Thresholds
from crawler.state.history import Run


class Measure(NamedTuple):
    """A share that is judged: its code, what counts, how it is said, and the facts that name reasons and an example.

    `least` is how many must have been seen before, 0 where a high share is wrong from the beginning.
    """

    code: str
    of: Callable[[Mapping[str, Any]], Share]
    sentence: str
    reasons: str
    example: str
    least: int = 0


MEASURES = (
    Measure("layout-changed", unread, "{bad} of {of} pages gave no article", "rejected", "rejected"),
    Measure("dates-lost", undated, "{bad} of {of} articles have no date", "", "undated"),
    Measure("page-dates-lost", unstated, "{bad} of {of} articles are dated by their listing alone", "", "unstated", 10),
    Measure("texts-short", short, "{bad} of {of} texts are too short", "", "short-text", least=10),
    Measure("errors", failed, "{bad} of {of} articles could not be fetched", "failed", "failed", least=10),
)


def judge(run: Run, history: Sequence[Run], thresholds: Thresholds) -> list[Finding]:
    """Return what is wrong with a complete run; `history` has complete runs before it, the newest first.

    Each run's facts may name under `findings` what was found wrong with it: such a run is no measure of what is normal.
    """
    return [*judge_sources(run, history, thresholds), *_judge_shares(run, history, thresholds)]


def _judge_shares(run: Run, history: Sequence[Run], thresholds: Thresholds) -> Iterator[Finding]:
    for measure in MEASURES:
        measured = [(one, share) for one in (run, *history) if (share := measure.of(one.facts)).of]
        healthy = [Share() if measure.code in codes_of(one) else share for one, share in measured]
        found = risen(measured, healthy, thresholds, measure.least)
        if found is not None:
            recent, before, since = found
            facts = measured[0][0].facts
            detail = f"{_reasons(facts, measure.reasons)}before: {before.bad} of {before.of}"
            look = facts.get("examples", {}).get(measure.example, "")
            yield Finding(measure.code, measure.sentence.format(bad=recent.bad, of=recent.of), since, detail, look)


def codes_of(run: Run) -> set[str]:
    """Return the codes of what was found wrong with a run."""
    return {name.partition(" ")[0] for name in run.facts.get("findings", ())}


def _reasons(facts: Mapping[str, Any], group: str) -> str:
    reasons = facts.get(group, {}) if group else {}
    return "".join(f"{count} {reason}, " for reason, count in sorted(reasons.items()))
