"""How outlets stand: which refuse us and until when, and what of them was told already.

When hosts may next be asked: shared by every process and machine that uses this state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from crawler.state.facts import as_text
from crawler.state.tables import hosts, reports, standings

NEVER = datetime.min.replace(tzinfo=UTC)

# How long an outlet that refuses us is left alone: the first time, the second, …, and every time after the last.
WAITS = tuple(timedelta(hours=hours) for hours in (6, 24, 72, 168))


class Standing(NamedTuple):
    """An outlet that refuses us: in how many runs in a row, until when it is left alone, why, since when."""

    refusals: int
    refused_until: datetime
    reason: str
    since: datetime

    def is_waiting(self, now: datetime) -> bool:
        """Tell whether to leave the outlet alone at a moment; what a clock that ran ahead has said does not count."""
        return now < self.refused_until <= now + WAITS[-1]


class Standings:
    """The standings of outlets. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, outlets: Iterable[str]) -> dict[str, Standing]:
        """Return the standings of those outlets that refuse us."""
        query = select(standings).where(standings.c.outlet.in_(list(outlets)))
        with self._engine.connect() as connection:
            return {row.outlet: _standing(row) for row in connection.execute(query)}

    def refused(self, outlet: str, reason: str, now: datetime, until: datetime | None = None) -> Standing:
        """Note that an outlet refused a run; return how it stands.

        `until` is the moment that its host named, if it did: it wants no more than that.
        """
        before = self.of([outlet]).get(outlet)
        number = (before.refusals if before else 0) + (until is None)
        standing = Standing(number, until or now + _wait(number), reason, before.since if before else now)
        values = {
            "refusals": number,
            "refused_until": as_text(standing.refused_until),
            "reason": reason,
            "since": as_text(standing.since),
        }
        with self._engine.begin() as connection:
            connection.execute(delete(standings).where(standings.c.outlet == outlet))
            connection.execute(insert(standings).values(outlet=outlet, **values))
        return standing

    def cleared(self, outlet: str) -> None:
        """Note that an outlet let a run have what it asked for."""
        with self._engine.begin() as connection:
            connection.execute(delete(standings).where(standings.c.outlet == outlet))


class Reports:
    """What was told of outlets, and when. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine, again: timedelta) -> None:
        """Take how long a report holds before it is told again."""
        self._engine = engine
        self._again = again

    def tell(
        self, outlet: str, found: Mapping[str, datetime], now: datetime, is_all: bool = True
    ) -> dict[str, datetime]:
        """Return which findings of an outlet are to be told now, with the moment since which each is known.

        `found` is what is wrong with it, and since when as far as its runs show; if it `is_all`, what is not in it is
        forgotten. What is due stays so until somebody has heard it.
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
                    values = {"outlet": outlet, "finding": finding, "since": as_text(since), "told": as_text(NEVER)}
                    connection.execute(insert(reports).values(**values))
                    due[finding] = since
                elif not self._is_fresh(datetime.fromisoformat(row.told), now):
                    due[finding] = min(since, datetime.fromisoformat(row.since))
        return due

    def heard(self, told: Iterable[tuple[str, str]], now: datetime) -> None:
        """Note that findings, each with its outlet before it, were told at a moment."""
        with self._engine.begin() as connection:
            for outlet, finding in told:
                it = (reports.c.outlet == outlet) & (reports.c.finding == finding)
                connection.execute(update(reports).where(it).values(told=as_text(now)))

    def _is_fresh(self, told: datetime, now: datetime) -> bool:
        # What a clock has said that ran ahead doesn't count.
        return told <= now + timedelta(seconds=CLOCK_SECONDS) and now - told < self._again


def _wait(refusals: int) -> timedelta:
    return WAITS[min(refusals, len(WAITS)) - 1]


def _standing(row: Any) -> Standing:
    until, since = (datetime.fromisoformat(text) for text in (row.refused_until, row.since))
    return Standing(row.refusals, until, row.reason, since)


# The clocks of machines that share a state differ by less.
CLOCK_SECONDS = 600.0


class Hosts:
    """The turns of hosts. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._insert = (postgresql if engine.dialect.name == "postgresql" else sqlite).insert(hosts)

    def claim_host(self, host: str, now: float, until: float) -> float:
        """Take a free host until a moment, or until it is given back; return 0, else the moment it is free at.

        What a clock has said that ran ahead since does not count.
        """
        insert = self._insert.values(host=host, free_at=until, claimed_at=now)
        is_free = (hosts.c.free_at <= now) | (hosts.c.claimed_at > now + CLOCK_SECONDS)
        take = insert.on_conflict_do_update(
            index_elements=["host"], set_={"free_at": until, "claimed_at": now}, where=is_free
        )
        with self._engine.begin() as connection:
            if connection.execute(take).rowcount:
                return 0.0
            found = connection.execute(select(hosts.c.free_at).where(hosts.c.host == host)).scalar()
            return float(found or now)

    def hold_host(self, host: str, moment: float) -> None:
        """Say that a host may not be asked before a moment, whatever was said when it was given back."""
        with self._engine.begin() as connection:
            connection.execute(
                update(hosts).where(hosts.c.host == host, hosts.c.free_at < moment).values(free_at=moment)
            )

    def free_host(self, host: str, moment: float) -> None:
        """Give a host back: it may be asked from a moment on."""
        with self._engine.begin() as connection:
            connection.execute(update(hosts).where(hosts.c.host == host).values(free_at=moment))
