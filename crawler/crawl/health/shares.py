"""Shares of a run's pages that are bad, and whether chance explains them. Pure: no clock, no I/O."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from crawler.crawl.settings import Thresholds
from crawler.state.history import RunFacts

# Pages that were extracted and not wanted, and pages that are not extracted or are no articles by their own account.
READ = ("out-of-scope", "out-of-span")
NOT_READ = ("recorded-only", "not-found", "challenge", "redirected-away")

# Sources of a date that is not in the page.
DATED_ELSEWHERE = ("listing", "url")

# Failures that are not the server's fault.
NO_FAULT = ("http-404", "http-410", "robots", "ignored", "off-site", "too-large", "crawl-ends")

# One or two odd pages are no finding, and not more than MOST count.
FEWEST, MOST = 3, 1000

# Foreign news or sport may fill a night, not a day and a night. A daily run may begin earlier than the day before.
DAY_ROUND = timedelta(hours=23)


@dataclass(frozen=True, slots=True)
class Share:
    """The bad pages `bad` among all pages `of`."""

    bad: int = 0
    of: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(self.bad + other.bad, self.of + other.of)

    @property
    def value(self) -> float:
        return self.bad / self.of if self.of else 0.0

    @property
    def expected(self) -> float:
        """The expected share of other pages, as if a quarter more bad and two more good ones had been seen."""
        return (self.bad + 0.25) / (self.of + 2.25)


def unread(facts: Mapping[str, Any]) -> Share:
    """Return the pages from which no article could be read; an unchanged page that was read before is good."""
    rejected = facts.get("rejected", {})
    bad = sum(count for reason, count in rejected.items() if reason not in (*READ, *NOT_READ))
    read = sum(rejected.get(reason, 0) for reason in READ)
    return Share(bad, bad + read + facts.get("articles", 0) + facts.get("confirmed", 0))


def undated(facts: Mapping[str, Any]) -> Share:
    return Share(facts.get("articles", 0) - facts.get("dated", 0), facts.get("articles", 0))


def unstated(facts: Mapping[str, Any]) -> Share:
    """Return the dated articles whose date is only in their listing or address."""
    return Share(facts.get("dated", 0) - facts.get("self_dated", 0), facts.get("dated", 0))


def short(facts: Mapping[str, Any]) -> Share:
    return Share(facts.get("warnings", {}).get("short-text", 0), facts.get("articles", 0))


def failed(facts: Mapping[str, Any]) -> Share:
    """Return the articles that could not be fetched, without those that their outlet always refuses."""
    bad = sum(count for reason, count in facts.get("failed", {}).items() if reason not in NO_FAULT)
    bad -= facts.get("refused_again", 0)
    return Share(bad, bad + facts.get("pages", 0))


def fruitless(facts: Mapping[str, Any]) -> Share:
    """Return the new articles that gave no row, among all new ones; retries and revisits do not count."""
    bad = sum(facts.get("fruitless", {}).values())
    return Share(bad, bad + facts.get("fruitful", 0))


def missed(facts: Mapping[str, Any]) -> Share:
    """Return the same without articles that were read and not wanted: those come in series, not by chance."""
    reasons = facts.get("fruitless", {})
    return fruitless({**facts, "fruitless": {name: reasons[name] for name in reasons.keys() - READ}})


def tail(share: Share, expected: float) -> float:
    """Return the probability of at least this many bad pages if each is bad with the expected chance (binomial)."""
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
    """Return the bad share of the last runs, the healthy share before, and since when; None if all is well.

    `runs` are newest first, `healthy` has their shares, empty for runs that are not normal. There must be `least`
    healthy pages and `fewest` bad ones, over `lasting` time. Runs that are worse than those before count together.
    """
    found, recent = None, Share()
    earlier = list(accumulate(reversed(healthy), initial=Share()))[-2::-1]
    for (run, share), before in zip(runs, earlier, strict=True):
        is_worse = share.value >= min(1.0, before.expected + thresholds.rise) and share.value > before.value
        if not is_worse:
            break
        recent += share
        is_enough = before.of >= least and recent.bad >= fewest and runs[0][0].started - run.started >= lasting
        # Powers of large numbers underflow.
        sample = recent if recent.of <= MOST else Share(round(recent.value * MOST), MOST)
        if is_enough and tail(sample, before.expected) <= thresholds.chance:
            found = recent, before, run.started
    return found
