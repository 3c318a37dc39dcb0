"""A run judged by the runs of the same outlet before it. Pure: no clock, no I/O."""

from __future__ import annotations

from collections import ChainMap, Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any, NamedTuple

from crawler.crawl.health.findings import Finding, Thresholds
from crawler.crawl.health.shares import (
    DAY_ROUND,
    FEWEST,
    READ,
    Share,
    failed,
    fruitless,
    missed,
    risen,
    short,
    undated,
    unread,
    unstated,
)
from crawler.crawl.health.sources import judge_sources
from crawler.state.history import RunFacts


class Measure(NamedTuple):
    """A share that is judged: its code, what counts, how it is said, and the facts that name reasons and an example.

    `least` is how many must have been seen before, 0 where a high share is wrong from the beginning, `lasting` how long
    it must have been so. `apart` are reasons that do not count.
    """

    code: str
    of: Callable[[Mapping[str, Any]], Share]
    sentence: str
    reasons: str
    example: str
    least: int = 0
    lasting: timedelta = timedelta()
    apart: Collection[str] = ()


MEASURES = (
    Measure("layout-changed", unread, "{bad} of {of} pages gave no article", "rejected", "rejected"),
    Measure("dates-lost", undated, "{bad} of {of} articles have no date", "", "undated"),
    Measure("page-dates-lost", unstated, "{bad} of {of} articles are dated by their listing alone", "", "unstated", 10),
    Measure("texts-short", short, "{bad} of {of} texts are too short", "", "short-text", least=10),
    Measure("errors", failed, "{bad} of {of} articles could not be fetched", "failed", "failed", least=10),
)

# The first of these that is found is told, and none where its cause is told. What is read well and not wanted may be a
# night's foreign news: it tells only when a whole day gave nothing else.
NO_ROW = "{bad} of {of} new articles gave no row"
NO_ROWS = (
    Measure("no-rows", missed, NO_ROW, "fruitless", "fruitless", apart=READ),
    Measure("no-rows", fruitless, NO_ROW, "fruitless", "fruitless", lasting=DAY_ROUND),
)
CAUSES_OF_NO_ROWS = frozenset({"layout-changed", "errors"})


def judge(run: RunFacts, history: Sequence[RunFacts], thresholds: Thresholds) -> list[Finding]:
    """Return what is wrong with a complete run; `history` has complete runs before it, the newest first.

    Each run's facts may name under `findings` what was found wrong with it: such a run is no measure of what is normal.
    """
    return [*judge_sources(run, history, thresholds), *_judge_shares(run, history, thresholds)]


def _judge_shares(run: RunFacts, history: Sequence[RunFacts], thresholds: Thresholds) -> Iterator[Finding]:
    runs, codes = [run, *history], set()
    for measure in MEASURES:
        if found := _judge_share(measure, runs, {measure.code}, thresholds):
            codes.add(found.code)
            yield found
    if codes & CAUSES_OF_NO_ROWS:
        return
    # That some more of them give none has its own measures above: this one is about not a single row. Of an earlier run
    # the cause was told then: what came of it is nothing new when all is well again.
    none, uncaused = replace(thresholds, rise=1.0), [one for one in runs if not codes_of(one) & CAUSES_OF_NO_ROWS]
    judged = (_judge_share(measure, uncaused, {"no-rows"}, none, thresholds.new) for measure in NO_ROWS)
    yield from islice(filter(None, judged), 1)


def _judge_share(
    measure: Measure, runs: Sequence[RunFacts], wrong: Set[str], thresholds: Thresholds, fewest: int = FEWEST
) -> Finding | None:
    """Return what is wrong with a share; runs of which one of the codes `wrong` was found are no measure of it."""
    measured = [(one, share) for one in runs if (share := measure.of(one.facts)).of]
    healthy = [Share() if wrong & codes_of(one) else share for one, share in measured]
    found = risen(measured, healthy, thresholds, measure.least, fewest, measure.lasting)
    if found is None:
        return None
    recent, before, since = found
    facts = [one.facts for one, _ in measured if one.started >= since]
    reasons = _reasons(facts, measure)
    counts = "".join(f"{count} {reason}, " for reason, count in sorted(reasons.items()))
    detail = f"{counts}before: {before.bad} of {before.of}"
    look = _example(facts, measure, reasons)
    return Finding(measure.code, measure.sentence.format(bad=recent.bad, of=recent.of), since, detail, look)


def codes_of(run: RunFacts) -> set[str]:
    """Return the codes of what was found wrong with a run."""
    return {name.partition(" ")[0] for name in run.facts.get("findings", ())}


def _reasons(runs: Sequence[Mapping[str, Any]], measure: Measure) -> Counter[str]:
    """Return how many there were by reason in runs of these facts."""
    reasons: Counter[str] = Counter()
    for facts in runs:
        reasons.update(facts.get(measure.reasons, {}))
    return Counter({reason: count for reason, count in reasons.items() if reason not in measure.apart})


def _example(runs: Sequence[Mapping[str, Any]], measure: Measure, reasons: Counter[str]) -> str:
    """Return the newest address that shows what is wrong, where there are some by reason one of the commonest."""
    examples = ChainMap(*(facts.get("examples", {}) for facts in runs))
    commonest = [f"{measure.example}/{reason}" for reason, _ in reasons.most_common(1)]
    return next((str(examples[name]) for name in [*commonest, measure.example] if examples.get(name)), "")
