"""Custody: the spool of a run's files, until its manifest is in the archive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine, delete, select, update

from crawler.state.facts import as_text
from crawler.state.tables import articles, captures, is_waiting, spooled_files, spooled_runs


class Spooled(NamedTuple):
    """A run that is not completely in the archive; `wanted` is JSON, `held_until` the end of its lease."""

    run: str
    command: str | None
    wanted: str | None
    spool: str
    held_until: datetime
    files: frozenset[str]


class Custody:
    """The runs whose files are in spools, and their leases. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine, spool: str, lease: timedelta) -> None:
        """Hold leases for a spool, by its identity; a run is lost once its `lease` was not renewed for that time."""
        self.spool = spool
        self.lease = lease
        self._engine = engine

    def begin(self, run: str, outlet: str, command: str | None, wanted: str | None) -> None:
        values = {"run": run, "outlet": outlet, "command": command, "wanted": wanted}
        with self._engine.begin() as connection:
            connection.execute(spooled_runs.insert().values(spool=self.spool, held_until=self._end(), **values))

    def renew(self) -> None:
        mine = update(spooled_runs).where(spooled_runs.c.spool == self.spool)
        with self._engine.begin() as connection:
            connection.execute(mine.values(held_until=self._end()))

    def has(self, run: str) -> bool:
        """Return whether this spool has a run: it was neither taken over nor confirmed."""
        it = (spooled_runs.c.run == run) & (spooled_runs.c.spool == self.spool)
        with self._engine.connect() as connection:
            return connection.execute(select(spooled_runs.c.run).where(it)).first() is not None

    def holders(self, runs: Collection[str]) -> dict[str, tuple[str, datetime]]:
        """Return by run its spool, and until when the lease lasts; runs in no spool are left out."""
        query = select(spooled_runs).where(spooled_runs.c.run.in_(sorted(runs)))
        with self._engine.connect() as connection:
            return {row.run: (row.spool, datetime.fromisoformat(row.held_until)) for row in connection.execute(query)}

    def of(self, outlet: str) -> list[Spooled]:
        """Return the runs of an outlet that are not completely in the archive, oldest first."""
        names = ("run", "command", "wanted", "spool", "held_until")
        query = select(*(spooled_runs.c[name] for name in names)).where(spooled_runs.c.outlet == outlet)
        files = select(spooled_files).where(spooled_files.c.run.in_(query.with_only_columns(spooled_runs.c.run)))
        with self._engine.connect() as connection:
            runs = connection.execute(query.order_by(spooled_runs.c.run)).all()
            found: defaultdict[str, set[str]] = defaultdict(set)
            for file, run in connection.execute(files):
                found[run].add(file)
        return [
            Spooled(run, command, wanted, spool, datetime.fromisoformat(until), frozenset(found[run]))
            for run, command, wanted, spool, until in runs
        ]

    def bereft(self, outlets: Collection[str]) -> set[str]:
        """Return the outlets with runs in other spools whose lease is over."""
        lost = spooled_runs.c.outlet.in_(outlets) & (spooled_runs.c.spool != self.spool)
        lost &= spooled_runs.c.held_until <= as_text(datetime.now(UTC))
        with self._engine.connect() as connection:
            return set(connection.execute(select(spooled_runs.c.outlet).where(lost)).scalars())

    def take_over(self, run: Spooled) -> bool:
        """Move a lost run into this spool, its articles waiting again; return whether no other spool came first."""
        it = (spooled_runs.c.run == run.run) & (spooled_runs.c.spool == run.spool)
        it &= spooled_runs.c.held_until == as_text(run.held_until)
        with self._engine.begin() as connection:
            taken = update(spooled_runs).where(it).values(spool=self.spool, held_until=self._end())
            if not connection.execute(taken).rowcount:
                return False
            connection.execute(update(articles).where(articles.c.run == run.run).values(status="recorded"))
        return True

    def forget(self, run: Spooled, files: Collection[str]) -> None:
        """Forget a run's lost WARC files, except for articles of runs in this spool, which recovery judges."""
        here = select(spooled_runs.c.run).where(spooled_runs.c.spool == self.spool)
        with self._engine.begin() as connection:
            for file in sorted(files):
                connection.execute(delete(captures).where(captures.c.file == file, is_waiting(captures)))
                others = (articles.c.file == file) & (articles.c.run != run.run) & (articles.c.version > 0)
                others &= articles.c.run.not_in(here)
                nowhere = {"file": None, "offset": None, "record_id": None, "status": "archived"}
                connection.execute(update(articles).where(others, is_waiting(articles)).values(**nowhere))
                connection.execute(delete(spooled_files).where(spooled_files.c.file == file))

    def confirm(self, runs: Collection[str]) -> None:
        """Note that runs are completely in the archive, or have left nothing."""
        with self._engine.begin() as connection:
            for table in (spooled_files, spooled_runs):
                connection.execute(delete(table).where(table.c.run.in_(sorted(runs))))

    def _end(self) -> str:
        return as_text(datetime.now(UTC) + self.lease)
