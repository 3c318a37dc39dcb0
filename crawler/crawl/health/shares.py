"""Shares of a run's pages that are bad, and whether chance explains them. Pure: no clock, no I/O."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from crawler.crawl.health.findings import Thresholds
from crawler.state.history import RunFacts

# Pages whose reading worked and that were not wanted; those that nobody reads or that say that they are no article.
READ = ("out-of-scope", "out-of-span")
NOT_READ = ("recorded-only", "not-found", "challenge", "redirected-away")

# Sources of a date that the page itself does not state.
DATED_ELSEWHERE = ("listing", "url")

# Requests that came to nothing without any fault of a server.
NO_FAULT = ("http-404", "http-410", "robots", "ignored", "cancelled", "crawl-ends")

# Two pages may be odd.
FEWEST = 3

# A foreign desk or sport has a night, not a day and a night; a daily run may begin somewhat earlier than yesterday's.
DAY_ROUND = timedelta(hours=23)


@dataclass(frozen=True, slots=True)
class Share:
    """So many bad ones of so many."""

    bad: int = 0
    of: int = 0

    def __add__(self, other: Share) -> Share:
        """Return both together."""
        return Share(self.bad + other.bad, self.of + other.of)

    @property
    def value(self) -> float:
        """The share, from 0 to 1."""
        return self.bad / self.of if self.of else 0.0

    @property
    def expected(self) -> float:
        """The share to be expected of others, as if a quarter of one more and two good ones more had been seen."""
        return (self.bad + 0.25) / (self.of + 2.25)


def unread(facts: Mapping[str, Any]) -> Share:
    """Return the pages that gave no article though they did not say that they are none, or on which our code failed.

    A page that was read before and has not changed speaks for the layout.
    """
    rejected = facts.get("rejected", {})
    bad = sum(count for reason, count in rejected.items() if reason not in (*READ, *NOT_READ))
    read = sum(rejected.get(reason, 0) for reason in READ)
    return Share(bad, bad + read + facts.get("articles", 0) + facts.get("confirmed", 0))


def undated(facts: Mapping[str, Any]) -> Share:
    """Return the articles without a date."""
    return Share(facts.get("articles", 0) - facts.get("dated", 0), facts.get("articles", 0))


def unstated(facts: Mapping[str, Any]) -> Share:
    """Return the dated articles whose date stands in their listing or address alone."""
    dated = facts.get("dated", 0)
    return Share(dated - facts["self_dated"], dated) if "self_dated" in facts else Share()


def short(facts: Mapping[str, Any]) -> Share:
    """Return the articles whose text is suspiciously short."""
    return Share(facts.get("warnings", {}).get("short-text", 0), facts.get("articles", 0))


def failed(facts: Mapping[str, Any]) -> Share:
    """Return the articles that could not be fetched, but for those that their outlet always refuses."""
    bad = sum(count for reason, count in facts.get("failed", {}).items() if reason not in NO_FAULT)
    bad -= facts.get("refused_again", 0)
    return Share(bad, bad + facts.get("pages", 0))


def fruitless(facts: Mapping[str, Any]) -> Share:
    """Return the articles that were asked for the first time and gave no row, of those and all that gave one.

    Articles that an earlier run has asked for in vain, that are visited again or refused, count for nothing. Of runs
    that counted no first tries, which older versions made, all rows count.
    """
    bad = sum(facts.get("fruitless", {}).values())
    return Share(bad, bad + facts.get("fruitful", facts.get("rows", 0)))


def missed(facts: Mapping[str, Any]) -> Share:
    """Return the same without those that were read well and not wanted: such ones come in rows, not by chance."""
    reasons = facts.get("fruitless", {})
    return fruitless({**facts, "fruitless": {name: reasons[name] for name in reasons.keys() - READ}})


def tail(share: Share, expected: float) -> float:
    """Return how likely so many bad ones or more would be if each were bad with the expected chance (binomial)."""
    total = 0.0
    term = math.comb(share.of, share.bad) * expected**share.bad * (1 - expected) ** (share.of - share.bad)
    for number in range(share.bad, share.of + 1):
        total += term
        term *= (share.of - number) / (number + 1) * expected / (1 - expected)
    return total


def risen(
    runs: Sequence[tuple[RunFacts, Share]],
    healthy: Sequence[Share],
    thresholds: Thresholds,
    least: int,
    fewest: int,
    lasting: timedelta,
) -> tuple[Share, Share, datetime] | None:
    """Return the bad share of the last runs, that of the healthy ones before, and since when; None when all is well.

    `runs` are the newest first and have pages each; `healthy` says of each whether it measures what is normal, and
    is empty where it doesn't; `least` is how many they must be in all, `fewest` how many bad ones are enough to tell
    of, `lasting` how long it must have been so. Runs of few pages are taken together as far as each of them is worse
    than before.
    """
    found, recent = None, Share()
    for (run, share), before in zip(runs, earlier(healthy), strict=True):
        is_worse = share.value >= min(1.0, before.expected + thresholds.rise) and share.value > before.value
        if not is_worse:
            break
        recent += share
        is_enough = before.of >= least and recent.bad >= fewest and runs[0][0].started - run.started >= lasting
        if is_enough and tail(capped(recent), before.expected) <= thresholds.chance:
            found = recent, before, run.started
    return found


def earlier(shares: Sequence[Share]) -> list[Share]:
    """Return for each share all those after it together."""
    return list(accumulate(reversed(shares), initial=Share()))[-2::-1]


def capped(share: Share, most: int = 1000) -> Share:
    """Return the same share of no more than so many: powers of large numbers underflow, and nothing is gained."""
    return share if share.of <= most else Share(round(share.value * most), most)
