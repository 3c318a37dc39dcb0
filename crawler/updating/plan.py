"""Which outlets an update crawls, in which order, and how far back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crawler.jobs import Job
from crawler.state.history import History, Missed
from crawler.state.standings import Standing, Standings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from crawler.outlets import Outlets

NEVER = datetime.min.replace(tzinfo=UTC)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """The jobs of an update, and the outlets that it leaves alone because they refuse us."""

    jobs: Sequence[Job]
    waiting: Mapping[str, Standing]


def plan(names: Sequence[str], outlets: Outlets, engine: Engine, scope: str, days: int, now: datetime) -> Plan:
    """Return what an update does with the outlets of these names: those crawled longest ago first.

    An outlet is asked for what its updates have missed before yesterday, `days` back at most.
    Raises SQLAlchemyError.
    """
    history = History(engine)
    waiting = {name: one for name, one in Standings(engine).of(names).items() if one.is_waiting(now)}
    uncut, missed = history.last_uncut(names), history.missed(names, now - days * ONE_DAY)
    jobs = []
    for name in sorted(names, key=lambda name: uncut.get(name, NEVER)):
        if name not in waiting:
            outlet = outlets.named(name) or outlets.unknown
            again = asked_again(missed[name], now.astimezone(outlet.zone()), days) if name in missed else {}
            jobs.append(Job(name, {"scope": scope, **again}))
    return Plan(jobs, waiting)


def asked_again(missed: Missed, now: datetime, days: int) -> dict[str, str]:
    """Return the arguments of a crawl for the days that updates have missed, none when it is none.

    `now` is in the outlet's own time zone.
    """
    today = now.date()
    first, usual = today - days * ONE_DAY, today - ONE_DAY
    looked = max(missed.since.astimezone(now.tzinfo).date(), first)
    # From `looked` on all are asked; otherwise not each source by day is asked for yesterday.
    until = min(looked - ONE_DAY, usual).isoformat()
    left = {url: [day for day in of if first.isoformat() <= day <= until] for url, of in missed.unread.items()}
    unread = {url: sorted(of) for url, of in left.items() if of}
    arguments = {"looked": looked.isoformat()} if looked < usual else {}
    since = min([*arguments.values(), *(of[0] for of in unread.values())], default=None)
    if unread:
        arguments["unread"] = json.dumps(unread)
    return {"since": since, **arguments} if since else {}
