"""The store of what was seen; SQLite by default."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, delete, event, make_url, select, update

from crawler.recording.revisits import Original
from crawler.state.facts import RECORDED_ONLY, Entry, Known, Seen, Version
from crawler.state.queries import known, upsert, upsert_originals, url_digest
from crawler.state.sqlite import prepare
from crawler.state.tables import ORIGINAL, articles, captures, create_tables, runs


class State:
    """The store of what was seen; safe to use from several threads and processes.

    Every method raises `sqlalchemy.exc.SQLAlchemyError` when the store can't be read or written.
    """

    def __init__(self, url: str) -> None:
        database = make_url(url).database
        if url.startswith("sqlite") and database and database != ":memory:":
            Path(database).parent.mkdir(parents=True, exist_ok=True)
        self.engine = create_engine(url)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", prepare)
        with self.engine.begin() as connection:
            create_tables(connection)

    def known(self, outlet: str, keys: Sequence[str], scope: str) -> Known:
        """Return which keys of an outlet need no fetch, and which were met at all."""
        found = Known(set(), set())
        with self.engine.connect() as connection:
            for start in range(0, len(keys), 500):
                for key, is_done in known(connection, outlet, keys[start : start + 500], scope):
                    found.met.add(key)
                    if is_done:
                        found.done.add(key)
        return found

    def last_version(self, outlet: str, key: str) -> Version:
        """Return an article's last version."""
        columns = (articles.c.version, articles.c.text_digest, articles.c.run, articles.c.extractor)
        query = select(*columns).where(articles.c.outlet == outlet, articles.c.key == key)
        with self.engine.connect() as connection:
            row = connection.execute(query).first()
        return Version(*row) if row else Version(0, None, "", None)

    def settled(self, file: str) -> set[str]:
        """Return the identifiers of the records in a WARC of which state knows what became of them."""
        query = select(articles.c.record_id).where(articles.c.file == file, articles.c.outcome != RECORDED_ONLY)
        with self.engine.connect() as connection:
            return set(connection.execute(query).scalars())

    def entries_of(self, run: str) -> list[Entry]:
        """Return what a run told of its articles, apart from what others told since and what is archived."""
        query = select(*(articles.c[name] for name in Entry._fields)).where(
            articles.c.run == run, articles.c.status != "archived"
        )
        with self.engine.connect() as connection:
            return [Entry(*row) for row in connection.execute(query)]

    def take_back(self, entries: Iterable[Entry]) -> None:
        """Forget an article's last version, and the article when it was its first."""
        with self.engine.begin() as connection:
            for entry in entries:
                it = (articles.c.outlet == entry.outlet) & (articles.c.key == entry.key)
                if entry.version > 1:
                    values = {"version": entry.version - 1, "text_digest": None, "file": None, "record_id": None}
                    connection.execute(update(articles).where(it).values(**values))
                else:
                    connection.execute(delete(articles).where(it))

    def forget_captures(self, outlet: str, file: str, records: set[str]) -> None:
        """Forget the originals said to be in a WARC that are not among its records."""
        query = select(captures.c.record_id).where(captures.c.outlet == outlet, captures.c.file == file)
        with self.engine.begin() as connection:
            lost = set(connection.execute(query).scalars()) - records
            for record_id in lost:
                connection.execute(delete(captures).where(captures.c.file == file, captures.c.record_id == record_id))

    def originals(self, outlet: str, urls: Sequence[str]) -> dict[str, Original]:
        """Return by address the last full response of each, where it is archived."""
        query = select(*(captures.c[name] for name in ORIGINAL)).where(
            captures.c.outlet == outlet,
            captures.c.url_digest.in_([url_digest(url) for url in urls]),
            captures.c.status == "archived",
        )
        with self.engine.connect() as connection:
            return {row.url: Original(*row) for row in connection.execute(query)}

    def recorded(self, seen: Iterable[Seen], outlet: str = "", originals: Iterable[Original] = ()) -> None:
        """Write what a batch of durable records and rows taught, in one transaction.

        `originals` are the full responses that were recorded for an outlet.
        """
        with self.engine.begin() as connection:
            for one in seen:
                upsert(connection, one)
            upsert_originals(connection, outlet, originals)

    def archived(self, file: str) -> None:
        """Say that a WARC, named by its path below the archive's root, is verified in the archive."""
        with self.engine.begin() as connection:
            for table in (articles, captures):
                connection.execute(update(table).where(table.c.file == file).values(status="archived"))

    def run_started(self, run: str, outlet: str) -> None:
        """Note the beginning of a run."""
        with self.engine.begin() as connection:
            connection.execute(runs.insert().values(run=run, outlet=outlet, started=_now()))

    def run_finished(self, run: str, **facts: Any) -> None:
        """Note the end of a run with its `reason`, `rows`, `requests` and `bytes`."""
        with self.engine.begin() as connection:
            connection.execute(update(runs).where(runs.c.run == run).values(finished=_now(), **facts))

    def runs_since(self, moment: datetime) -> list[dict[str, Any]]:
        """Return the runs started at or after an aware moment, oldest first, as dictionaries."""
        query = select(runs).where(runs.c.started >= _text(moment)).order_by(runs.c.started)
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _now() -> str:
    return _text(datetime.now(UTC))


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
