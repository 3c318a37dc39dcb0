"""When hosts may next be asked: shared by every process and machine that uses this state."""

from __future__ import annotations

from sqlalchemy import Engine, select, update
from sqlalchemy.dialects import postgresql, sqlite

from crawler.state.tables import hosts

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
