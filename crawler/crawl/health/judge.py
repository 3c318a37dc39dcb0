"""Judge a run by earlier runs of the same outlet. Pure: no clock, no I/O."""

from collections import ChainMap, Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, islice, takewhile
from statistics import median
from typing import Any, NamedTuple

from crawler.crawl.health import shares
from crawler.crawl.health.shares import FEWEST, READ, Share
from crawler.crawl.settings import Thresholds
from crawler.state.history import RunFacts

# The usual number comes from this many runs of the same weekday, or the last runs of any day.
SAME_WEEKDAY, LAST = 3, 20

# An event that happened less often may have been a fault each time.
HABIT = 3

# By its protocol, a news sitemap lists the last two days: it is empty when nothing is published.
NEWS, NEVER_NEWS = timedelta(hours=46), timedelta(hours=49)

# The usual age of a source's newest article is known after this many different ones.
ENOUGH = 5
SILENT, QUIET, BROKEN = "source-silent", "source-quiet", "source-broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: a code, its subject (a source, or empty), since when, and the parts of a sentence."""

    code: str
    what: str
    since: datetime
    detail: str = ""
    look: str = ""
    subject: str = ""

    @property
    def name(self) -> str:
        return f"{self.code} {self.subject}".strip()

    def sentence(self, since: datetime) -> str:
        """Return the report of the finding: `WHAT since DAY (DETAIL): look at WHERE`."""
        detail = f" ({self.detail})" if self.detail else ""
        look = f": look at {self.look}" if self.look else ""
        return f"{self.what} since {min(since, self.since):%Y-%m-%d}{detail}{look}"


class Measure(NamedTuple):
    """A share that is judged: its code, function, what is wrong with its bad pages, and the facts about them.

    A run has their reasons under the name of these facts, and one of them as the example of this name.

    `least` pages must have been seen before, and the share must be high for `lasting`. Reasons `apart` do not count.
    """

    code: str
    of: Callable[[Mapping[str, Any]], Share]
    what: str
    facts: str
    least: int = 0
    lasting: timedelta = timedelta()
    apart: Collection[str] = ()


MEASURES = (
    Measure("layout-changed", shares.unread, "pages gave no article", "rejected"),
    Measure("dates-lost", shares.undated, "articles have no date", "undated"),
    Measure("page-dates-lost", shares.unstated, "articles are dated by their listing alone", "unstated", least=10),
    Measure("texts-short", shares.short, "texts are too short", "short-text", least=10),
    Measure("errors", shares.failed, "articles could not be fetched", "failed", least=10),
)

# Only the first of these is reported, and none if its cause is. Pages that are out of scope may be a night's foreign
# news: they count only when a whole day gave nothing else.
NO_ROWS = (
    Measure("no-rows", shares.missed, "new articles gave no row", "fruitless", apart=READ),
    Measure("no-rows", shares.fruitless, "new articles gave no row", "fruitless", lasting=shares.DAY_ROUND),
)
CAUSES_OF_NO_ROWS = frozenset({"layout-changed", "errors"})


def judge(run: RunFacts, history: Sequence[RunFacts], thresholds: Thresholds) -> list[Finding]:
    """Return the findings of a complete run; `history` has earlier complete ones, newest first."""
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
    found = shares.risen(measured, healthy, thresholds, measure.least, fewest, measure.lasting)
    if found is None:
        return None
    recent, before, since = found
    facts = [one.facts for one, _ in measured if one.started >= since]
    reasons = _reasons(facts, measure)
    counts = "".join(f"{count} {reason}, " for reason, count in sorted(reasons.items()))
    detail = f"{counts}before: {before.bad} of {before.of}"
    look = _example(facts, measure, reasons)
    return Finding(measure.code, f"{recent.bad} of {recent.of} {measure.what}", since, detail, look)


def codes_of(run: RunFacts) -> set[str]:
    return {name.partition(" ")[0] for name in run.facts.get("findings", ())}


def _reasons(runs: Sequence[Mapping[str, Any]], measure: Measure) -> Counter[str]:
    counted = (facts.get(measure.facts, {}).items() for facts in runs)
    reasons = Counter[str]()
    for reason, count in chain.from_iterable(counted):
        if reason not in measure.apart:
            reasons[reason] += count
    return reasons


def _example(runs: Sequence[Mapping[str, Any]], measure: Measure, reasons: Counter[str]) -> str:
    examples = ChainMap(*(facts.get("examples", {}) for facts in runs))
    commonest = [f"{measure.facts}/{reason}" for reason, _ in reasons.most_common(1)]
    return next((str(examples[name]) for name in [*commonest, measure.facts] if examples.get(name)), "")


def judge_sources(run: RunFacts, history: Sequence[RunFacts], thresholds: Thresholds) -> Iterator[Finding]:
    """Yield the findings about the sources of a run; `history` has earlier runs, newest first."""
    sources = _sources(run)
    # A source by day is requested once for a past day: without other sources, most runs request none.
    runs = [run, *filter(_sources, history)]
    broken = [source["broken"] for source in sources.values() if "broken" in source]
    if any(map(_works, sources.values())):
        if _total(run):
            judged = (
                _broken(url, runs) or _silent(url, runs, thresholds) or _quiet(url, runs, thresholds)
                for url in sorted(sources)
            )
            yield from filter(None, judged)
        else:
            since = _since(runs, lambda one: not _total(one))
            yield Finding("listed-nothing", "lists nothing", since, _used_to(_usual(runs, _total)), next(iter(sources)))
    # Nothing is wrong if all lists are still to come, or none was requested because no day was over.
    elif broken or not (sources or run.facts.get("missed")):
        since = _since(runs, lambda one: not any(map(_works, _sources(one).values())))
        fault = run.facts.get("robots") or next(iter(broken), " it declares none that an update reads")
        where, _, why = fault.partition(" ")
        yield Finding("no-source", "none of its sources can be read", since, why, where)


def _sources(run: RunFacts) -> Mapping[str, Mapping[str, Any]]:
    sources: Mapping[str, Mapping[str, Any]] = run.facts.get("sources", {})
    return sources


def _works(source: Mapping[str, Any]) -> bool:
    """Return whether a source gave a listing; one whose list is still to come neither works nor is broken."""
    return "listed" in source and "broken" not in source


def _broken(url: str, runs: Sequence[RunFacts]) -> Finding | None:
    broken = _sources(runs[0])[url].get("broken")
    if broken is None:
        return None
    since = _since(runs, lambda one: "broken" in _sources(one).get(url, {}))
    where, _, why = broken.partition(" ")
    return Finding(BROKEN, f"{where} is broken", since, why, where, subject=url)


def _silent(url: str, runs: Sequence[RunFacts], thresholds: Thresholds) -> Finding | None:
    """Find a source that lists nothing, unless it usually lists little, ran dry, or is often empty half as long."""
    listed = [one for one in runs if _listed(one, url) is not None]
    empty = list(takewhile(lambda one: not _listed(one, url), listed))
    usual = _usual(runs, lambda one: _listed(one, url) or 0)
    if not empty or usual < thresholds.listed or _ran_dry(url, runs):
        return None
    since = empty[-1].started
    if runs[0].started - since < 2 * _usual_gap(listed[len(empty) :], url):
        return None
    return Finding(SILENT, f"{url} lists nothing", since, _used_to(usual), url, subject=url)


def _ran_dry(url: str, runs: Sequence[RunFacts]) -> bool:
    """Return whether a source that never lists old articles is empty because nothing new was published."""
    newest = _last_newest(url, runs)
    ages = (one.started - moment for one in runs if (moment := _newest(one, url)))
    return newest is not None and runs[0].started - newest > NEWS and max(ages) < NEVER_NEWS


def _quiet(url: str, runs: Sequence[RunFacts], thresholds: Thresholds) -> Finding | None:
    """Find a source that has listed nothing new for far longer than ever before."""
    newest = _last_newest(url, runs)
    if newest is None:
        return None
    ages = [one.started - moment for one in runs[1:] if (moment := _newest(one, url)) not in (None, newest)]
    if len(ages) < ENOUGH or runs[0].started - newest < max(thresholds.quiet, 3 * max(ages)):
        return None
    detail = f"its newest article is of {newest:%Y-%m-%d %H:%M} UTC"
    return Finding(QUIET, f"{url} lists nothing new", newest, detail, url, subject=url)


def _since(runs: Sequence[RunFacts], is_bad: Callable[[RunFacts], bool]) -> datetime:
    return list(takewhile(is_bad, runs))[-1].started


def _total(run: RunFacts) -> int:
    return sum(source.get("listed", 0) for source in _sources(run).values())


def _listed(run: RunFacts, url: str) -> int | None:
    """Return the number of articles that a source listed in a run; None says nothing about the source."""
    source = _sources(run).get(url)
    return int(source["listed"]) if source and _works(source) and _total(run) else None


def _newest(run: RunFacts, url: str) -> datetime | None:
    text = _sources(run).get(url, {}).get("newest")
    return datetime.fromisoformat(text) if text else None


def _last_newest(url: str, runs: Iterable[RunFacts]) -> datetime | None:
    return next((_newest(one, url) for one in runs if _listed(one, url)), None)


def _usual(runs: Sequence[RunFacts], measure: Callable[[RunFacts], int]) -> int:
    """Return the usual number before the last run: on its weekday, or recently if too few such runs are known."""
    counted = [one for one in runs if measure(one)]
    same = [one for one in counted if one.started.weekday() == runs[0].started.weekday()]
    chosen = same if len(same) >= SAME_WEEKDAY else counted[:LAST]
    return int(median(map(measure, chosen))) if chosen else 0


def _used_to(usual: int) -> str:
    return f"used to list {usual}" if usual else ""


def _usual_gap(runs: Iterable[RunFacts], url: str) -> timedelta:
    """Return the time for which a source was empty at least HABIT times, each between two runs with articles."""
    gaps, ended = [timedelta()] * HABIT, None
    for run in runs:
        if _listed(run, url):
            ended = run.started
            gaps.append(timedelta())
        elif ended is not None:
            gaps[-1] = ended - run.started
    return sorted(gaps)[-HABIT]
