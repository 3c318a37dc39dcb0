"""Which outlets an update crawls, in which order, and how far back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crawler.jobs.crew import Job
from crawler.state.history import History, RunFacts
from crawler.state.standings import Standing, Standings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from crawler.outlets.loader import Outlets

NEVER = datetime.min.replace(tzinfo=UTC)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    """The jobs of an update, and the outlets that it leaves alone because they refuse us."""

    jobs: Sequence[Job]
    waiting: Mapping[str, Standing]


def plan(names: Sequence[str], outlets: Outlets, engine: Engine, scope: str, days: int, now: datetime) -> UpdatePlan:
    """Return what an update does with the outlets of these names: those crawled longest ago first.

    An outlet is asked for what its updates have missed, `days` back at most. Raises SQLAlchemyError.
    """
    history = History(engine)
    waiting = {name: one for name, one in Standings(engine).of(names).items() if one.is_waiting(now)}
    uncut, complete = history.last_uncut(names), history.last_complete(names)
    jobs = []
    for name in sorted(names, key=lambda name: uncut.get(name, NEVER)):
        if name not in waiting:
            outlet = outlets.named(name) or outlets.unknown
            sources = [source.at(outlet.home).url for source in outlet.days or outlet.sources()]
            local = now.astimezone(outlet.zone())
            again = asked_again(complete[name], sources, local, days) if name in complete else {}
            jobs.append(Job(name, {"scope": scope, **again}))
    return UpdatePlan(jobs, waiting)


def asked_again(last: RunFacts, sources: Iterable[str], now: datetime, days: int) -> dict[str, str]:
    """Return the arguments of a crawl for the days that updates have missed, by the last one that was complete.

    Those are the days that it has left of each of the sources, and those that have ended since. Of sources without any
    it is said too: the crawl tells by that which it has met. `now` is in the outlet's own time zone.
    """
    first, yesterday = now.date() - days * ONE_DAY, now.date() - ONE_DAY
    began = max(last.started.astimezone(now.tzinfo).date(), first)
    ended = {(began + offset * ONE_DAY).isoformat() for offset in range((now.date() - began).days)}
    # Runs of before it was noted say nothing of any source.
    left: dict[str, Sequence[str]] = last.facts.get("missed", dict.fromkeys(sources, ()))
    missed = {url: sorted(ended.union(day for day in of if day >= first.isoformat())) for url, of in left.items()}
    if not any(missed.values()):
        return {}
    since = min(of[0] for of in missed.values() if of)
    return {**({"since": since} if since < yesterday.isoformat() else {}), "missed": json.dumps(missed)}
