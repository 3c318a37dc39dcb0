"""Leases of spools: a spool that was not renewed in time is lost, and its segments with it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, delete, or_, select, update

from crawler.model.listing import GIVEN
from crawler.state.facts import as_text
from crawler.state.tables import captures, insert_into, is_waiting, segments, spools


class SegmentFacts(NamedTuple):
    """What state knows of a segment: its WARC file, a run that wrote it, and the bytes whose pages are decided."""

    file: str
    run: str
    decided: int


KNOWN = segments.outerjoin(spools, spools.c.spool == segments.c.spool)


class Leases:
    """The lease of one spool, by its ID, and the spools whose lease has ended. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine, spool: str, lease: timedelta) -> None:
        self.spool = spool
        self.lease = lease
        self._engine = engine

    def renew(self, due: datetime | None = None) -> None:
        """Extend the lease of this spool, from `due` on if its open segment is finished only then."""
        until = as_text(max(datetime.now(UTC), due or datetime.min.replace(tzinfo=UTC)) + self.lease)
        insert = insert_into(spools, self._engine.dialect).values(spool=self.spool, held_until=until)
        with self._engine.begin() as connection:
            connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["spool"],
                    set_={"held_until": insert.excluded.held_until},
                    where=spools.c.held_until < insert.excluded.held_until,
                )
            )

    def lost(self, outlet: str) -> list[SegmentFacts]:
        """Return the segments in lost spools that may have articles of an outlet, once for each of their runs."""
        return self._read([outlet, GIVEN], self._is_lost())

    def own(self, outlet: str) -> list[SegmentFacts]:
        """Return the segments in this spool that are not archived, as `lost` does."""
        return self._read([outlet, GIVEN], segments.c.spool == self.spool)

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

    def _is_lost(self) -> ColumnElement[bool]:
        ended = or_(spools.c.held_until.is_(None), spools.c.held_until <= as_text(datetime.now(UTC)))
        return (segments.c.spool != self.spool) & ended

    def _read(self, outlets: Sequence[str], condition: ColumnElement[bool]) -> list[SegmentFacts]:
        query = select(segments.c.file, segments.c.run, segments.c.decided).select_from(KNOWN)
        query = query.where(segments.c.outlet.in_(outlets), condition).order_by(segments.c.file, segments.c.run)
        with self._engine.connect() as connection:
            return [SegmentFacts(*row) for row in connection.execute(query)]
