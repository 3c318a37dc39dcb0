"""The rebuild of state: every archived run file, row and record is read once, into an empty state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import insert

from crawler.archive.storage.base import Storage
from crawler.outlets.loader import Outlets
from crawler.state.queries import upsert
from crawler.state.store import State
from crawler.state.tables import runs
from crawler.tools.rebuild.inventory import Inventory
from crawler.tools.rebuild.records import Records
from crawler.tools.rebuild.rows import Rows
from crawler.tools.rebuild.runs import run_values, unnamed_warcs
from crawler.tools.rebuild.unread import Reader

if TYPE_CHECKING:
    from crawler.crawl.preflight import MakeSpider

BATCH = 1000
Item = TypeVar("Item")


class Rebuild:
    """Fills an empty state from an archive and its spool; `progress(done, total)` receives bytes."""

    def __init__(self, state: State, storage: Storage, spool: Path, progress: Callable[[int, int], None]) -> None:
        self.inventory = Inventory(storage, spool, progress)
        self._state = state

    def survey(self) -> str:
        """List the files and return their numbers in one line. Raises StorageError."""
        self.inventory.survey()
        (rows, _), (warcs, size) = (self.inventory.count(kind) for kind in ("articles", "warc"))
        return f"reading {rows:,} row files and {warcs:,} WARC files, {size / 1e6:,.0f} MB"

    def run(self, outlets: Outlets, make_spider: MakeSpider, processes: int) -> None:
        """Read everything; damage is added to `inventory.problems`. Raises StorageError, SQLAlchemyError."""
        self._enter_runs()
        unnamed = unnamed_warcs(self.inventory)
        self._enter_rows(Rows(self.inventory, outlets))
        with closing(Reader(outlets, make_spider, processes, self.inventory.add_problem)) as reader:
            records = Records(self.inventory, self._state, reader)
            for key in self.inventory.files("warc"):
                with self.inventory.reading(key):
                    if key not in unnamed:
                        records.enter(key)

    def close(self) -> None:
        self.inventory.close()

    def _enter_runs(self) -> None:
        for keys in _batches(self.inventory.files("runs")):
            values = {}
            for key in keys:
                with self.inventory.reading(key):
                    if read := run_values(self.inventory, key):
                        values[read["run"]] = read
            if values:
                with self._state.engine.begin() as connection:
                    connection.execute(insert(runs), list(values.values()))

    def _enter_rows(self, rows: Rows) -> None:
        for key in self.inventory.files("articles"):
            with self.inventory.reading(key):
                for seen in _batches(rows.seen(key)):
                    with self._state.engine.begin() as connection:
                        upsert(connection, seen, self.inventory)


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    left = iter(items)
    while batch := list(islice(left, BATCH)):
        yield batch
