"""Leases of spools: a spool that was not renewed in time is lost, and its segments with it."""

import threading
from collections.abc import Callable
from concurrent.futures import wait
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, and_, delete, exists, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from crawler.state.engine import now_text, time_of
from crawler.state.facts import SpooledSegment, as_text
from crawler.state.tables import articles, captures, days, insert_into, is_waiting, listings, segments, spools
from crawler.system.processes import in_background

# Renewals within a lease.
RENEWALS = 4

_HELD = segments.outerjoin(spools, spools.c.spool == segments.c.spool)
_HAS_ENDED = spools.c.held_until.is_(None) | (spools.c.held_until <= now_text())

# Whether the segment of an article is in a lost spool.
IS_LOST = is_waiting(articles) & exists(
    select(1).select_from(_HELD).where(segments.c.file == articles.c.file, _HAS_ENDED).correlate(articles)
)


class LostMonth(NamedTuple):
    """A month (YYYY-MM) of backfilled days, some of whose articles are in spools that are lost since a moment."""

    outlet: str
    scope: str
    month: str
    since: str


def lost_months(engine: Engine) -> list[LostMonth]:
    """Return the months whose days lost spools have reopened. Raises SQLAlchemyError."""
    keys, month = (days.c.outlet, days.c.scope), func.substr(days.c.day, 1, 7)
    since = func.max(func.coalesce(spools.c.held_until, ""))
    joined = days.join(listings, and_(*(days.c[name] == listings.c[name] for name in ("outlet", "scope", "day"))))
    joined = joined.join(articles, (articles.c.outlet == listings.c.outlet) & (articles.c.key == listings.c.key))
    joined = joined.join(segments, segments.c.file == articles.c.file)
    joined = joined.outerjoin(spools, spools.c.spool == segments.c.spool)
    query = select(*keys, month, since).select_from(joined).where(is_waiting(articles), _HAS_ENDED)
    with engine.connect() as connection:
        return [LostMonth(*row) for row in connection.execute(query.group_by(*keys, month))]


def held_spools(engine: Engine) -> set[str]:
    """Return the IDs of the spools whose lease is valid. Raises SQLAlchemyError."""
    with engine.connect() as connection:
        return set(connection.execute(select(spools.c.spool).where(spools.c.held_until > now_text())).scalars())


class Leases:
    """The lease of one spool, by its ID, and the spools whose lease has ended. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine, spool: str, lease: timedelta) -> None:
        self.spool = spool
        self.lease = lease
        self._engine = engine

    def renew(self, due: datetime | None = None) -> None:
        """Extend the lease of this spool, from `due` on if its open segment is finished only then."""
        now = datetime.fromtimestamp(time_of(self._engine), UTC)
        until = as_text(max(now, due or now) + self.lease)
        insert = insert_into(spools, self._engine.dialect).values(spool=self.spool, held_until=until)
        with self._engine.begin() as connection:
            connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["spool"],
                    set_={"held_until": insert.excluded.held_until},
                    where=spools.c.held_until < insert.excluded.held_until,
                )
            )

    def lost(self, outlet: str) -> list[SpooledSegment]:
        """Return the segments in lost spools that may have articles of an outlet, once for each of their runs."""
        return self._read(outlet, (segments.c.spool != self.spool) & _HAS_ENDED)

    def own(self, outlet: str) -> list[SpooledSegment]:
        """Return the segments in this spool that are not archived, as `lost` does."""
        return self._read(outlet, segments.c.spool == self.spool)

    def left_open(self, file: str, decided: int) -> None:
        """Note that all pages in the first `decided` bytes of an open segment have their verdict."""
        with self._engine.begin() as connection:
            connection.execute(update(segments).where(segments.c.file == file).values(decided=decided))

    def decided(self, outlet: str) -> dict[str, int]:
        """Return by WARC file how many bytes of the segments in this spool need no recovery."""
        return {one.file: one.decided for one in self.own(outlet)}

    def forget(self, outlet: str, file: str) -> None:
        """Forget a segment and its captures. A machine that returns uploads it all the same."""
        mine = (captures.c.outlet == outlet) & (captures.c.file == file) & is_waiting(captures)
        with self._engine.begin() as connection:
            connection.execute(delete(captures).where(mine))
            connection.execute(delete(segments).where(segments.c.file == file))

    def _read(self, outlet: str, condition: ColumnElement[bool]) -> list[SpooledSegment]:
        query = select(*(segments.c[name] for name in SpooledSegment._fields)).select_from(_HELD)
        query = query.where(segments.c.outlet == outlet, condition)
        with self._engine.connect() as connection:
            return [SpooledSegment(*row) for row in connection.execute(query.order_by(segments.c.file, segments.c.run))]


class Lease:
    """Renews the lease of a spool until `close`; `on_failure` is called in another thread whenever state fails.

    Without it the errors are dropped: the work under the lease needs state too. Raises SQLAlchemyError.
    """

    def __init__(self, leases: Leases, on_failure: Callable[[BaseException], object] = lambda error: None) -> None:
        self._leases = leases
        self._on_failure = on_failure
        self._has_ended = threading.Event()
        leases.renew()
        self._work = in_background("khobor-lease", self._renew)

    def close(self) -> None:
        self._has_ended.set()
        wait([self._work])

    def _renew(self) -> None:
        while not self._has_ended.wait(self._leases.lease.total_seconds() / RENEWALS):
            try:
                self._leases.renew()
            except SQLAlchemyError as error:
                self._on_failure(error)
