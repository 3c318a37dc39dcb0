"""Judge whether an outlet's sources list as much as before. Pure: no clock, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from statistics import median
from typing import Any

from crawler.crawl.health.findings import Finding, Thresholds
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


def judge_sources(run: RunFacts, history: Sequence[RunFacts], thresholds: Thresholds) -> Iterator[Finding]:
    """Yield the findings about the sources of a run; `history` has earlier runs, newest first."""
    sources: dict[str, dict[str, Any]] = run.facts.get("sources", {})
    # A source by day is requested once for a past day: without other sources, most runs request none.
    history = [one for one in history if one.facts.get("sources")]
    works = [url for url, source in sources.items() if _works(source)]
    if not works:
        # Nothing is wrong if all lists are still to come, or none was requested because no day was over.
        if any("broken" in source for source in sources.values()) or not (sources or run.facts.get("missed")):
            yield _none(run, history)
    elif not any(sources[url].get("listed") for url in works):
        yield _nothing(run, history)
    else:
        for url in sorted(sources):
            found = _broken(url, run, history) or _silent(url, run, history, thresholds)
            found = found or _quiet(url, run, history, thresholds)
            if found:
                yield found


def is_reachable(run: RunFacts) -> bool:
    """Return whether any source of a run gave a listing."""
    return any(map(_works, run.facts.get("sources", {}).values()))


def _works(source: Mapping[str, Any]) -> bool:
    """Return whether a source gave a listing; one whose list is still to come neither works nor is broken."""
    return "listed" in source and "broken" not in source


def _none(run: RunFacts, history: Sequence[RunFacts]) -> Finding:
    since = _since([run, *history], lambda one: not is_reachable(one))
    broken = [source["broken"] for source in run.facts.get("sources", {}).values() if "broken" in source]
    fault = run.facts.get("robots") or next(iter(broken), None)
    where, _, why = fault.partition(" ") if fault else ("", "", "it declares none that an update reads")
    return Finding("no-source", "none of its sources can be read", since, why, where)


def _nothing(run: RunFacts, history: Sequence[RunFacts]) -> Finding:
    since = _since([run, *history], lambda one: not _total(one))
    usual = _usual([one for one in history if _total(one)], run, _total)
    look = next(iter(run.facts["sources"]))
    return Finding("listed-nothing", "lists nothing", since, _used_to(usual), look)


def _broken(url: str, run: RunFacts, history: Sequence[RunFacts]) -> Finding | None:
    broken = run.facts["sources"][url].get("broken")
    if broken is None:
        return None
    since = _since([run, *history], lambda one: "broken" in one.facts.get("sources", {}).get(url, {}))
    where, _, why = broken.partition(" ")
    return Finding(BROKEN, f"{where} is broken", since, why, where, subject=url)


def _silent(url: str, run: RunFacts, history: Sequence[RunFacts], thresholds: Thresholds) -> Finding | None:
    """Find a source that lists nothing, unless it usually lists little, ran dry, or is often empty half as long."""
    listed = [(one, _listed(one, url)) for one in (run, *history) if _listed(one, url) is not None]
    empty = list(takewhile(lambda pair: not pair[1], listed))
    usual = _usual([one for one, number in listed if number], run, lambda one: _listed(one, url) or 0)
    if not empty or usual < thresholds.listed or _ran_dry(url, run, history):
        return None
    since = empty[-1][0].started
    if run.started - since < 2 * _usual_gap(listed[len(empty) :]):
        return None
    return Finding(SILENT, f"{url} lists nothing", since, _used_to(usual), url, subject=url)


def _ran_dry(url: str, run: RunFacts, history: Sequence[RunFacts]) -> bool:
    """Return whether a source that never lists old articles is empty because nothing new was published."""
    newest = _last_newest(url, history)
    ages = (one.started - moment for one in history if (moment := _newest(one, url)))
    return newest is not None and run.started - newest > NEWS and max(ages) < NEVER_NEWS


def _quiet(url: str, run: RunFacts, history: Sequence[RunFacts], thresholds: Thresholds) -> Finding | None:
    """Find a source that has listed nothing new for far longer than ever before."""
    newest = _last_newest(url, (run, *history))
    if newest is None:
        return None
    ages = [one.started - moment for one in history if (moment := _newest(one, url)) not in (None, newest)]
    age = run.started - newest
    if len(ages) < ENOUGH or age < max(thresholds.quiet, 3 * max(ages)):
        return None
    detail = f"its newest article is of {newest:%Y-%m-%d %H:%M} UTC"
    return Finding(QUIET, f"{url} lists nothing new", newest, detail, url, subject=url)


def _since(runs: Sequence[RunFacts], is_bad: Any) -> datetime:
    return list(takewhile(is_bad, runs))[-1].started


def _total(run: RunFacts) -> int:
    return sum(source.get("listed", 0) for source in run.facts.get("sources", {}).values())


def _listed(run: RunFacts, url: str) -> int | None:
    """Return the number of articles that a source listed in a run.

    None if it was not requested or broken, or if no source listed anything: that says nothing about this one.
    """
    source = run.facts.get("sources", {}).get(url)
    return int(source["listed"]) if source and _works(source) and _total(run) else None


def _newest(run: RunFacts | None, url: str) -> datetime | None:
    text = run.facts.get("sources", {}).get(url, {}).get("newest") if run else None
    return datetime.fromisoformat(text) if text else None


def _last_newest(url: str, runs: Iterable[RunFacts]) -> datetime | None:
    """Return the date of the newest article in a source's last listing, if it had one."""
    return _newest(next((one for one in runs if _listed(one, url)), None), url)


def _usual(runs: Sequence[RunFacts], run: RunFacts, measure: Any) -> int:
    """Return the usual number on this weekday, or recently if too few such runs are known."""
    same = [one for one in runs if one.started.weekday() == run.started.weekday()]
    chosen = same if len(same) >= SAME_WEEKDAY else runs[:LAST]
    return int(median(map(measure, chosen))) if chosen else 0


def _used_to(usual: int) -> str:
    return f"used to list {usual}" if usual else ""


def _usual_gap(listed: Sequence[tuple[RunFacts, int | None]]) -> timedelta:
    """Return the time for which a source was empty at least HABIT times, each between two runs with articles."""
    gaps, ended = [timedelta()] * HABIT, None
    for run, number in listed:
        if number:
            ended = run.started
            gaps.append(timedelta())
        elif ended is not None:
            gaps[-1] = ended - run.started
    return sorted(gaps)[-HABIT]
