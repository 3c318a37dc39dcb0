"""Outlets that refuse us, reported problems, and the next turn of each host."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine, delete, insert, select, update

from crawler.state.engine import time_of
from crawler.state.facts import as_text
from crawler.state.tables import hosts, insert_into, reports, standings

NEVER = datetime.min.replace(tzinfo=UTC)

# The clocks of machines that share a state differ by less.
CLOCK_SECONDS = 600.0
CLOCK = timedelta(seconds=CLOCK_SECONDS)

# How long an outlet that refuses us is paused: the first time, the second, …, and every time after the last.
WAITS = tuple(timedelta(hours=hours) for hours in (6, 24, 72, 168))


class Standing(NamedTuple):
    """An outlet that refuses us: consecutive refused runs, until when it is paused, why, and since when."""

    refusals: int
    refused_until: datetime
    reason: str
    since: datetime

    def is_waiting(self, now: datetime) -> bool:
        """Return whether the outlet is paused; a pause longer than any of ours comes from a wrong clock."""
        return now < self.refused_until <= now + WAITS[-1]


class Standings:
    """The outlets that refuse us. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, outlets: Iterable[str]) -> dict[str, Standing]:
        query = select(standings).where(standings.c.outlet.in_(list(outlets)))
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        moment = datetime.fromisoformat
        return {name: Standing(count, moment(until), why, moment(since)) for name, count, until, why, since in rows}

    def refused(self, outlet: str, reason: str, now: datetime, until: datetime | None = None) -> Standing:
        """Note that an outlet refused a run; return its standing. `until` is the moment that its host named, if any."""
        before = self.of([outlet]).get(outlet)
        number = (before.refusals if before else 0) + (until is None)
        wait = WAITS[min(number, len(WAITS)) - 1]
        standing = Standing(number, until or now + wait, reason, before.since if before else now)
        moments = {"refused_until": as_text(standing.refused_until), "since": as_text(standing.since)}
        values = standing._asdict() | moments
        insert = insert_into(standings, self._engine.dialect).values(outlet=outlet, **values)
        with self._engine.begin() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["outlet"], set_=values))
        return standing

    def cleared(self, outlet: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(standings).where(standings.c.outlet == outlet))


class Reports:
    """The problems of outlets that were reported, and when. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine, again: timedelta) -> None:
        """Report a problem again after the time `again`."""
        self._engine = engine
        self._again = again

    def tell(
        self, outlet: str, found: Mapping[str, datetime], now: datetime, is_all: bool = True
    ) -> dict[str, datetime]:
        """Return the findings of an outlet to report now, and since when each is known.

        `found` are the current findings and their beginnings; if it `is_all`, other findings are forgotten. A finding
        stays due until `heard`.
        """
        is_of_outlet = reports.c.outlet == outlet
        due: dict[str, datetime] = {}
        with self._engine.begin() as connection:
            known = {row.finding: row for row in connection.execute(select(reports).where(is_of_outlet))}
            if is_all:
                connection.execute(delete(reports).where(is_of_outlet, reports.c.finding.not_in(list(found))))
            for finding, since in found.items():
                row = known.get(finding)
                if row is None:
                    values = {"outlet": outlet, "finding": finding, "since": as_text(since), "reported": as_text(NEVER)}
                    connection.execute(insert(reports).values(**values))
                    due[finding] = since
                # A moment in the future comes from a wrong clock.
                elif not now - self._again < datetime.fromisoformat(row.reported) <= now + CLOCK:
                    due[finding] = min(since, datetime.fromisoformat(row.since))
        return due

    def heard(self, reported: Iterable[tuple[str, str]], now: datetime) -> None:
        """Note when pairs of outlet and finding were reported."""
        with self._engine.begin() as connection:
            for outlet, finding in reported:
                it = (reports.c.outlet == outlet) & (reports.c.finding == finding)
                connection.execute(update(reports).where(it).values(reported=as_text(now)))


class Hosts:
    """The turns of hosts, shared by all processes and machines with this state. Every method raises SQLAlchemyError.

    Moments are seconds since 1970 by `now`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def now(self) -> float:
        return time_of(self._engine)

    def claim_host(self, host: str, now: float, until: float) -> float:
        """Claim a free host until a moment; return 0, or the moment when it becomes free.

        A claim in the future comes from a wrong clock and does not count.
        """
        insert = insert_into(hosts, self._engine.dialect).values(host=host, free_at=until, claimed_at=now)
        is_free = (hosts.c.free_at <= now) | (hosts.c.claimed_at > now + CLOCK_SECONDS)
        take = insert.on_conflict_do_update(
            index_elements=["host"], set_={"free_at": until, "claimed_at": now}, where=is_free
        )
        with self._engine.begin() as connection:
            # Not the row count, which drivers do not give for an insertion.
            if connection.execute(take.returning(hosts.c.host)).first():
                return 0.0
            found = connection.execute(select(hosts.c.free_at).where(hosts.c.host == host)).scalar()
            return float(found or now)

    def hold_host(self, host: str, moment: float) -> None:
        with self._engine.begin() as connection:
            is_earlier = (hosts.c.host == host) & (hosts.c.free_at < moment)
            connection.execute(update(hosts).where(is_earlier).values(free_at=moment))

    def free_host(self, host: str, moment: float) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(hosts).where(hosts.c.host == host).values(free_at=moment))
