"""Which outlets an update crawls, in which order, and how far back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine

from crawler.jobs.crew import Job
from crawler.model.span import ONE_DAY
from crawler.outlets.loader import Outlets
from crawler.state.history import History, RunFacts
from crawler.state.standings import Standing, Standings

NEVER = datetime.min.replace(tzinfo=UTC)


def plan(
    names: Sequence[str], outlets: Outlets, engine: Engine, scope: str, days: int, now: datetime
) -> tuple[list[Job], dict[str, Standing]]:
    """Return the jobs for outlets, those crawled longest ago first, and the outlets that are skipped: they refuse us.

    A crawl covers the days that the outlet's updates have missed, `days` back at most. Raises SQLAlchemyError.
    """
    history = History(engine)
    waiting = {name: one for name, one in Standings(engine).of(names).items() if one.is_waiting(now)}
    uncut, complete = history.last_uncut(names), history.last_complete(names)
    jobs = []
    for name in sorted(names, key=lambda name: uncut.get(name, NEVER)):
        if name not in waiting:
            local = now.astimezone((outlets.named(name) or outlets.unknown).zone())
            missed = missed_since(complete[name], local, days) if name in complete else {}
            jobs.append(Job(name, {"scope": scope, **missed}))
    return jobs, waiting


def missed_since(last: RunFacts, now: datetime, days: int) -> dict[str, str]:
    """Return the arguments of a crawl for the days that updates have missed since the last complete one.

    For each source these are the days that it left, and those that have ended since. A source without such days is
    listed too: the crawl then knows which sources the update has met. `now` is in the outlet's time zone.
    """
    first, yesterday = now.date() - days * ONE_DAY, now.date() - ONE_DAY
    began = max(last.started.astimezone(now.tzinfo).date(), first)
    ended = {(began + offset * ONE_DAY).isoformat() for offset in range((now.date() - began).days)}
    left: dict[str, Sequence[str]] = last.facts.get("missed", {})
    missed = {url: sorted(ended.union(day for day in of if day >= first.isoformat())) for url, of in left.items()}
    if not any(missed.values()):
        return {}
    since = min(of[0] for of in missed.values() if of)
    return {**({"since": since} if since < yesterday.isoformat() else {}), "missed": json.dumps(missed)}
