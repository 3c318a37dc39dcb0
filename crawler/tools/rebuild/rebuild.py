"""The rebuilding of state: everything that is archived is read once, in a place of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import insert

from crawler.archive.storage.base import Storage
from crawler.outlets.loader import Outlets
from crawler.state.facts import Seen
from crawler.state.queries import upsert
from crawler.state.store import State
from crawler.state.tables import runs
from crawler.tools.rebuild.inventory import Inventory
from crawler.tools.rebuild.records import Records
from crawler.tools.rebuild.rows import Rows
from crawler.tools.rebuild.runs import Runs
from crawler.tools.rebuild.unread import Reader

if TYPE_CHECKING:
    from crawler.crawl.preflight import MakeSpider

BATCH = 1000
Item = TypeVar("Item")


class Rebuild:
    """Fills an empty state from an archive and the spool before it; `told(done, total)` is told bytes."""

    def __init__(self, state: State, storage: Storage, spool: Path, told: Callable[[int, int], None]) -> None:
        self.inventory = Inventory(storage, spool, told)
        self._state = state

    def survey(self) -> str:
        """List what there is and tell it in one line. Raises StorageError."""
        self.inventory.survey()
        (rows, _), (warcs, size) = (self.inventory.count(kind) for kind in ("articles", "warc"))
        return f"reading {rows:,} row files and {warcs:,} WARC files, {size / 1e6:,.0f} MB"

    def run(self, outlets: Outlets, make_spider: MakeSpider, processes: int) -> None:
        """Read everything; what is damaged is named in `inventory.problems`. Raises StorageError, SQLAlchemyError."""
        self._enter_runs(told := Runs(self.inventory))
        unnamed = told.unnamed()
        self._enter_rows(Rows(self.inventory, outlets))
        with closing(Reader(outlets, make_spider, processes, self.inventory.name)) as reader:
            records = Records(self.inventory, self._state, reader)
            for key in self.inventory.files("warc"):
                with self.inventory.reading(key):
                    if key not in unnamed:
                        records.enter(key)

    def close(self) -> None:
        """Remove what was noted."""
        self.inventory.close()

    def _enter_runs(self, reader: Runs) -> None:
        for keys in _batches(self.inventory.files("runs")):
            values = {}
            for key in keys:
                with self.inventory.reading(key):
                    if read := reader.values(key):
                        values[read["run"]] = read
            if values:
                with self._state.engine.begin() as connection:
                    connection.execute(insert(runs), list(values.values()))

    def _enter_rows(self, rows: Rows) -> None:
        for key in self.inventory.files("articles"):
            with self.inventory.reading(key):
                for seen in _batches(rows.seen(key)):
                    self._enter(seen)

    def _enter(self, seen: Iterable[Seen]) -> None:
        with self._state.engine.begin() as connection:
            upsert(connection, seen, self.inventory)


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    left = iter(items)
    while batch := list(islice(left, BATCH)):
        yield batch
