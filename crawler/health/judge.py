"""A run judged by the runs of the same outlet before it. Pure: no clock, no I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from crawler.health.findings import Finding
from crawler.health.shares import FEWEST, Share, failed, fruitless, risen, short, undated, unread, unstated
from crawler.health.sources import judge_sources
from crawler.health.thresholds import Thresholds
from crawler.state.history import Run


class Measure(NamedTuple):
    """A share that is judged: its code, what counts, how it is said, and the facts that name reasons and an example.

    `least` is how many must have been seen before, 0 where a high share is wrong from the beginning. `causes` are the
    codes of what explains it: where one of them is told, this is not.
    """

    code: str
    of: Callable[[Mapping[str, Any]], Share]
    sentence: str
    reasons: str
    example: str
    least: int = 0
    causes: frozenset[str] = frozenset()


MEASURES = (
    Measure("layout-changed", unread, "{bad} of {of} pages gave no article", "rejected", "rejected"),
    Measure("dates-lost", undated, "{bad} of {of} articles have no date", "", "undated"),
    Measure("page-dates-lost", unstated, "{bad} of {of} articles are dated by their listing alone", "", "unstated", 10),
    Measure("texts-short", short, "{bad} of {of} texts are too short", "", "short-text", least=10),
    Measure("errors", failed, "{bad} of {of} articles could not be fetched", "failed", "failed", least=10),
)
NO_ROWS = Measure(
    "no-rows",
    fruitless,
    "{bad} of {of} new articles gave no row",
    "fruitless",
    "fruitless",
    causes=frozenset({"layout-changed", "errors"}),
)


def judge(run: Run, history: Sequence[Run], thresholds: Thresholds) -> list[Finding]:
    """Return what is wrong with a complete run; `history` has complete runs before it, the newest first.

    Each run's facts may name under `findings` what was found wrong with it: such a run is no measure of what is normal.
    """
    return [*judge_sources(run, history, thresholds), *_judge_shares(run, history, thresholds)]


def _judge_shares(run: Run, history: Sequence[Run], thresholds: Thresholds) -> Iterator[Finding]:
    runs, codes = [run, *history], set()
    for measure in MEASURES:
        if found := _judge_share(measure, runs, thresholds):
            codes.add(found.code)
            yield found
    # That some more of them give none has its own measures above: this one is about not a single row.
    none = replace(thresholds, rise=1.0)
    if not codes & NO_ROWS.causes and (found := _judge_share(NO_ROWS, runs, none, thresholds.new)):
        yield found


def _judge_share(measure: Measure, runs: Sequence[Run], thresholds: Thresholds, fewest: int = FEWEST) -> Finding | None:
    measured = [(one, share) for one in runs if (share := measure.of(one.facts)).of]
    wrong = {measure.code, *measure.causes}
    healthy = [Share() if wrong & codes_of(one) else share for one, share in measured]
    found = risen(measured, healthy, thresholds, measure.least, fewest)
    if found is None:
        return None
    recent, before, since = found
    facts = measured[0][0].facts
    detail = f"{_reasons(facts, measure.reasons)}before: {before.bad} of {before.of}"
    look = _example(facts, measure)
    return Finding(measure.code, measure.sentence.format(bad=recent.bad, of=recent.of), since, detail, look)


def codes_of(run: Run) -> set[str]:
    """Return the codes of what was found wrong with a run."""
    return {name.partition(" ")[0] for name in run.facts.get("findings", ())}


def _example(facts: Mapping[str, Any], measure: Measure) -> str:
    """Return an address that shows what is wrong, where there are some by reason one of the commonest."""
    examples, reasons = facts.get("examples", {}), facts.get(measure.reasons, {})
    commonest = f"{measure.example}/{max(reasons, key=reasons.get)}" if reasons else ""
    return str(examples.get(commonest) or examples.get(measure.example, ""))


def _reasons(facts: Mapping[str, Any], group: str) -> str:
    reasons = facts.get(group, {}) if group else {}
    return "".join(f"{count} {reason}, " for reason, count in sorted(reasons.items()))
