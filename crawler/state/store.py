"""The store of known articles, captures and runs."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, case, delete, event, func, select, text, tuple_, update

from crawler.model.capture import Original
from crawler.state import engine as database
from crawler.state.archived import add_archived
from crawler.state.engine import be_brief, durably, file_of, open_engine
from crawler.state.facts import (
    ARTICLE,
    LOST,
    SEEN,
    WITH_ROW,
    Known,
    Seen,
    SpooledSegment,
    StateError,
    as_text,
)
from crawler.state.queries import KNOWN, ORIGINALS, upsert, upsert_originals, url_digest
from crawler.state.schema import bring_up
from crawler.state.tables import articles, captures, insert_into, is_waiting, runs, segments
from crawler.system import clock
from crawler.system.locks import DirectoryLock, Locked

KEYS = 500
SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}
ENTRIES = select(*(articles.c[name] for name in SEEN))


@dataclass(slots=True)
class Held:
    """What is held of an outlet; `others` are keys without a row."""

    outlet: str
    articles: int = 0
    others: int = 0
    captures: int = 0
    last_run: str | None = None


class State:
    """Known articles, captures and runs, for several threads and processes. Every method raises SQLAlchemyError."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        try:
            bring_up(self.engine)
        except BaseException:  # an interrupted migration too leaves no connection behind
            self.close()
            raise
        # SQLite begins no transaction for reads; PostgreSQL would need two more statements.
        is_sqlite = self.engine.dialect.name == "sqlite"
        self._reader = self.engine if is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")

    def known(self, outlet: str, keys: Sequence[str], scope: str) -> Known:
        """Return which keys of an outlet need no fetch, and which are known at all."""
        found = Known(set(), set())
        with self._reader.connect() as connection:
            for start in range(0, len(keys), KEYS):
                values = {"outlet": outlet, "keys": keys[start : start + KEYS], "scope": scope}
                for key, is_done in connection.execute(KNOWN, values):
                    found.met.add(key)
                    if is_done:
                        found.done.add(key)
        return found

    def entry(self, outlet: str, key: str) -> Seen | None:
        return next(iter(self._entries(articles.c.outlet == outlet, articles.c.key == key)), None)

    def entries(self, outlet: str, keys: Sequence[str]) -> list[Seen]:
        """Return the known articles among keys."""
        batches = (keys[start : start + KEYS] for start in range(0, len(keys), KEYS))
        found = (self._entries(articles.c.outlet == outlet, articles.c.key.in_(batch)) for batch in batches)
        return [*chain.from_iterable(found)]

    def entries_in(self, file: str) -> list[Seen]:
        """Return the articles whose last result rests on a WARC file that is not archived."""
        return self._entries(articles.c.file == file, is_waiting(articles))

    def _entries(self, *conditions: ColumnElement[bool]) -> list[Seen]:
        with self._reader.connect() as connection:
            return [Seen(*row) for row in connection.execute(ENTRIES.where(*conditions))]

    def spool_of(self, file: str | None) -> str | None:
        """Return the spool that has a segment, by its WARC file; None if it is archived."""
        with self._reader.connect() as connection:
            return connection.scalar(select(segments.c.spool).where(segments.c.file == file))

    def take_back(self, entries: Iterable[Seen]) -> None:
        """Note that the last result of each article is lost, and forget those without a row."""
        lost = {"outcome": LOST, "text_digest": None, "file": None, "record_id": None}
        with self.engine.begin() as connection:
            # Processes that write the same articles use one order, so that none deadlocks.
            for entry in sorted(entries, key=attrgetter("outlet", "key")):
                it = (articles.c.outlet == entry.outlet) & (articles.c.key == entry.key)
                if entry.outcome in WITH_ROW:
                    connection.execute(update(articles).where(it).values(version=max(entry.version - 1, 0), **lost))
                else:
                    connection.execute(delete(articles).where(it))

    def lost(self, outlet: str) -> dict[str, str | None]:
        """Return the addresses of lost articles to request again, with the parameters of their runs as JSON."""
        joined = articles.outerjoin(runs, runs.c.run == articles.c.run)
        query = select(articles.c.url, runs.c.wanted).select_from(joined)
        query = query.where(articles.c.outlet == outlet, articles.c.outcome == LOST, is_waiting(articles))
        with self._reader.connect() as connection:
            return {row.url: row.wanted for row in connection.execute(query)}

    def forget_lost(self, outlet: str, urls: Iterable[str]) -> None:
        """Note that lost articles were answered: those without a new row keep their earlier one, or are forgotten."""
        with self.engine.begin() as connection:
            for url in sorted(urls):
                it = (articles.c.outlet == outlet) & (articles.c.url == url) & (articles.c.outcome == LOST)
                it &= is_waiting(articles)
                connection.execute(delete(articles).where(it, articles.c.version == 0))
                connection.execute(update(articles).where(it).values(outcome=ARTICLE, status="archived"))

    def forget_captures(self, outlet: str, file: str, records: set[str]) -> None:
        """Forget the originals of a spooled WARC file that are not among its records."""
        mine = (captures.c.outlet == outlet) & (captures.c.file == file) & is_waiting(captures)
        with self._reader.connect() as connection:
            found = set(connection.execute(select(captures.c.record_id).where(mine)).scalars())
        with self.engine.begin() as connection:
            for record_id in sorted(found - records):
                connection.execute(delete(captures).where(mine, captures.c.record_id == record_id))

    def originals(self, outlet: str, urls: Sequence[str]) -> dict[str, Original]:
        """Return by address the last archived full response of each."""
        values = {"outlet": outlet, "digests": [url_digest(url) for url in urls]}
        with self._reader.connect() as connection:
            return {row.url: Original(*row) for row in connection.execute(ORIGINALS, values)}

    def recorded(
        self,
        seen: Iterable[Seen],
        originals: Iterable[Original] = (),
        spooled: Iterable[SpooledSegment] = (),
    ) -> None:
        """Write the results of durable records; `spooled` are the segments that hold them."""
        with self.engine.begin() as connection:
            upsert(connection, seen)
            upsert_originals(connection, originals)
            _upsert_spooled(connection, spooled)

    def archived(self, file: str, after: Iterable[str] = ()) -> None:
        """Note durably that the archive holds a verified segment, by its WARC file; its manifest names `after`."""
        with durably(self.engine) as connection:
            for table in (articles, captures):
                # PostgreSQL locks the lines in this order.
                keys = list(table.primary_key.columns)
                waiting = select(*keys).where(table.c.file == file, is_waiting(table)).order_by(*keys).with_for_update()
                connection.execute(update(table).where(tuple_(*keys).in_(waiting)).values(status="archived"))
            connection.execute(delete(segments).where(segments.c.file == file))
            add_archived(connection, file, after)

    def sync(self) -> None:
        """Make everything written before survive a power cut."""
        with durably(self.engine) as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = version_num"))

    def run_started(self, run: str, outlet: str, command: str | None = None, wanted: str | None = None) -> bool:
        """Note that a run began; return whether its name is new. `wanted` are its parameters as JSON."""
        values = {"run": run, "outlet": outlet, "started": _now(), "command": command, "wanted": wanted}
        with self.engine.begin() as connection:
            insert = insert_into(runs, self.engine.dialect).values(**values).on_conflict_do_nothing()
            return connection.execute(insert.returning(runs.c.run)).first() is not None

    def run_finished(self, run: str, **facts: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(runs).where(runs.c.run == run).values(finished=_now(), **facts))

    def contents(self) -> list[Held]:
        """Return what is held of each outlet, sorted by its name."""
        held: dict[str, Held] = {}
        has_row = case((articles.c.version > 0, 1), else_=0)
        counts = (
            select(articles.c.outlet, func.sum(has_row).label("articles"), func.sum(1 - has_row).label("others")),
            select(captures.c.outlet, func.count().label("captures")),
            select(runs.c.outlet, func.max(runs.c.started).label("last_run")),
        )
        with self._reader.connect() as connection:
            for query in counts:
                for row in connection.execute(query.group_by("outlet")).mappings():
                    one = held.setdefault(row["outlet"], Held(row["outlet"]))
                    for name in row.keys() - {"outlet"}:
                        setattr(one, name, row[name])
        return [held[outlet] for outlet in sorted(held)]

    def size(self) -> int:
        """Return the bytes of the database."""
        with self._reader.connect() as connection:
            return int(connection.scalar(text(SIZE[self.engine.dialect.name])) or 0)

    def hurry(self) -> None:
        """Shorten the time-out of SQLite locks: the process is about to end."""
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", be_brief)
            self.engine.dispose()

    def close(self) -> None:
        self.engine.dispose()


def _upsert_spooled(connection: Connection, spooled: Iterable[SpooledSegment]) -> None:
    """Write the segments that are not in the archive; the spool that has the files now is the right one."""
    insert = insert_into(segments, connection.dialect)
    spool = insert.excluded.spool
    moved = insert.on_conflict_do_update(
        index_elements=["file", "run"], set_={"spool": spool}, where=segments.c.spool != spool
    )
    if rows := [one._asdict() for one in sorted(spooled)]:
        connection.execute(moved, rows)


def _now() -> str:
    return as_text(clock.now())


@contextmanager
def numbering(engine: Engine, outlets: Iterable[str]) -> Iterator[None]:
    """Lock the version numbers of outlets. Raises OSError, SQLAlchemyError.

    SQLite uses a lock file beside the database, PostgreSQL an advisory lock. Both time out like the database's own
    locks.
    """
    file, seconds = file_of(engine.url), database.BUSY_SECONDS
    with ExitStack() as stack:
        # One order for all processes, so that none deadlocks.
        for outlet in sorted(set(outlets)):
            if engine.dialect.name == "postgresql":
                number = func.hashtextextended(f"khobor versions {outlet}", 0)
                stack.enter_context(engine.connect()).execute(select(func.pg_advisory_xact_lock(number)))
            elif file:
                folder = file.parent / "locks" / "versions" / outlet
                reason = f"{folder}: another process has kept it locked for {seconds:.0f} seconds"
                try:
                    stack.enter_context(DirectoryLock(folder, seconds, holder=reason))
                except Locked as error:
                    raise StateError(reason) from error
        yield
