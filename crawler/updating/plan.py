"""Which outlets an update crawls, in which order, and how far back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crawler.jobs import Job
from crawler.state.history import History
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

    An outlet whose sources were last read by an update before yesterday is asked for what it missed, `days` back at
    most.
    Raises SQLAlchemyError.
    """
    history = History(engine)
    waiting = {name: one for name, one in Standings(engine).of(names).items() if one.is_waiting(now)}
    uncut, looked = history.last_uncut(names), history.last_looks(names, now - days * ONE_DAY)
    jobs = []
    for name in sorted(names, key=lambda name: uncut.get(name, NEVER)):
        if name not in waiting:
            outlet = outlets.named(name) or outlets.unknown
            since = missed_since(looked.get(name), now.astimezone(outlet.zone()), days)
            jobs.append(Job(name, {"scope": scope} | ({"since": since} if since else {})))
    return Plan(jobs, waiting)


def missed_since(looked: datetime | None, now: datetime, days: int) -> str | None:
    """Return the first day that updates may have missed, None when the usual two days reach back far enough.

    `now` is in the outlet's own time zone.
    """
    if looked is None:
        return None
    today = now.date()
    day = max(looked.astimezone(now.tzinfo).date(), today - days * ONE_DAY)
    return day.isoformat() if day < today - ONE_DAY else None
