"""Judge a run by earlier runs of the same outlet. Pure: no clock, no I/O."""

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
    """A share that is judged: its code, function and sentence, and the facts with its reasons and an example.

    `least` pages must have been seen before (0: a high share is wrong from the first run on). The share must be high
    for at least `lasting`. Reasons in `apart` do not count.
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

# Only the first of these is reported, and none if its cause is. Pages that are out of scope may be a night's foreign
# news: they count only when a whole day gave nothing else.
NO_ROW = "{bad} of {of} new articles gave no row"
NO_ROWS = (
    Measure("no-rows", missed, NO_ROW, "fruitless", "fruitless", apart=READ),
    Measure("no-rows", fruitless, NO_ROW, "fruitless", "fruitless", lasting=DAY_ROUND),
)
CAUSES_OF_NO_ROWS = frozenset({"layout-changed", "errors"})


def judge(run: RunFacts, history: Sequence[RunFacts], thresholds: Thresholds) -> list[Finding]:
    """Return the findings of a complete run; `history` has earlier complete runs, newest first.

    A run whose facts have `findings` does not count as normal.
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
    # The measures above report a rise; these, a complete lack of rows. Earlier runs with a reported cause do not count:
    # their lack of rows was part of that report.
    none, uncaused = replace(thresholds, rise=1.0), [one for one in runs if not codes_of(one) & CAUSES_OF_NO_ROWS]
    judged = (_judge_share(measure, uncaused, {"no-rows"}, none, thresholds.new) for measure in NO_ROWS)
    yield from islice(filter(None, judged), 1)


def _judge_share(
    measure: Measure, runs: Sequence[RunFacts], wrong: Set[str], thresholds: Thresholds, fewest: int = FEWEST
) -> Finding | None:
    """Return the finding about a share, if any; runs with a finding in `wrong` do not count as normal."""
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
    """Return the codes of a run's findings."""
    return {name.partition(" ")[0] for name in run.facts.get("findings", ())}


def _reasons(runs: Sequence[Mapping[str, Any]], measure: Measure) -> Counter[str]:
    reasons: Counter[str] = Counter()
    for facts in runs:
        reasons.update(facts.get(measure.reasons, {}))
    return Counter({reason: count for reason, count in reasons.items() if reason not in measure.apart})


def _example(runs: Sequence[Mapping[str, Any]], measure: Measure, reasons: Counter[str]) -> str:
    """Return the newest example, of the most frequent reason if there is one."""
    examples = ChainMap(*(facts.get("examples", {}) for facts in runs))
    commonest = [f"{measure.example}/{reason}" for reason, _ in reasons.most_common(1)]
    return next((str(examples[name]) for name in [*commonest, measure.example] if examples.get(name)), "")
