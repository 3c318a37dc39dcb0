"""The rebuild of state: every archived run file, row and record is read once, into an empty state."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from scrapy.settings import Settings
from sqlalchemy import insert

from crawler.archive.names import key_of
from crawler.archive.rows import DamagedRows, lines
from crawler.archive.storage.base import Storage
from crawler.crawl.extraction_pool import ExtractionPool
from crawler.crawl.health.facts import facts_of
from crawler.model.article import article_id, label_of
from crawler.outlets.loader import Outlets
from crawler.state.facts import ARTICLE, RECORDED_ONLY, Seen, as_text
from crawler.state.queries import upsert
from crawler.state.store import State
from crawler.state.tables import runs
from crawler.tools.rebuild.inventory import Inventory
from crawler.tools.rebuild.records import Reader, Records
from crawler.tools.verification.rows import ANY_OUTLET

BATCH = 1000
Item = TypeVar("Item")


class Rebuild:
    """Fills an empty state from an archive and its spool; `progress(done, total)` receives bytes."""

    def __init__(self, state: State, storage: Storage, spool: Path, progress: Callable[[int, int], None]) -> None:
        self.inventory = Inventory(storage, spool, progress)
        self._state = state

    def survey(self) -> str:
        """List the files and return their numbers in one line. Raises StorageError."""
        self.inventory.find()
        (rows, _), (warcs, size) = (self.inventory.count(kind) for kind in ("articles", "warc"))
        return f"reading {rows:,} row files and {warcs:,} WARC files, {size / 1e6:,.0f} MB"

    def run(self, outlets: Outlets, settings: Settings, pool: ExtractionPool) -> None:
        """Read everything; damage is added to `inventory.problems`. Raises StorageError, SQLAlchemyError."""
        self._enter_runs()
        self._enter_rows(Rows(self.inventory, outlets))
        records = Records(self.inventory, self._state, Reader(outlets, settings, pool, self.inventory.add_problem))
        for key in self.inventory.files("warc"):
            with self.inventory.reading(key):
                records.enter(key)

    def close(self) -> None:
        self.inventory.database.close()

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


def run_values(inventory: Inventory, key: str) -> dict[str, Any] | None:
    """Return the values of a run, None for a malformed file, which is a problem. Raises OSError, StorageError."""
    with inventory.open(key) as stream:
        data = stream.read()
    try:
        facts = json.loads(data)
        stats = facts.get("stats") or {}
        wanted = {**(facts.get("wanted") or {}), "is_recorded_only": f"khobor/rejected/{RECORDED_ONLY}" in stats}
        inventory.add_wanted(facts["run"], wanted)
        values = _values(inventory, facts, stats)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        inventory.add_problem(f"{key}: malformed run file: {type(error).__name__} {error}")
        return None
    return values


def _values(inventory: Inventory, facts: dict[str, Any], stats: dict[str, Any]) -> dict[str, Any]:
    started, warcs = datetime.fromisoformat(facts["started"]), [key_of("warc", one) for one in facts["segments"]]
    finished = datetime.fromisoformat(facts["finished"]) if facts["finished"] else None
    health = facts_of(stats, started, finished) if finished else None
    return {
        "run": facts["run"],
        "outlet": facts["outlet"],
        "started": as_text(started),
        "finished": as_text(finished) if finished else None,
        "reason": facts["reason"],
        "rows": int(stats.get("khobor/rows") or 0),
        "requests": int(stats.get("downloader/request_count") or 0),
        "bytes": sum(map(inventory.size, warcs)),
        "files": len(warcs),
        "command": facts.get("command"),
        "wanted": json.dumps(facts["wanted"]) if facts.get("wanted") else None,
        "facts": json.dumps(health, ensure_ascii=False) if health else None,
    }


class Rows:
    def __init__(self, inventory: Inventory, outlets: Outlets) -> None:
        self._inventory = inventory
        self._outlets = outlets

    def seen(self, key: str) -> Iterator[Seen]:
        """Yield the article of each row; a malformed row is a problem. Raises OSError, StorageError."""
        with self._inventory.open(key) as stream:
            for number, line in self._lines(key, stream):
                try:
                    yield self._seen(key, json.loads(line))
                except (ValueError, KeyError, TypeError) as error:
                    problem = f"{key}: line {number}: malformed row: {type(error).__name__} {error}"
                    self._inventory.add_problem(problem)

    def _lines(self, key: str, stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
        number = 0
        try:
            for number, line in enumerate(lines(stream), 1):
                yield number, line
        except DamagedRows as error:
            self._inventory.add_problem(f"{key}: the gzip data is corrupt or cut off after line {number}: {error}")

    def _seen(self, file: str, row: dict[str, Any]) -> Seen:
        pointer = row["warc"]
        # In a compaction the record names the run; the row of a revisit may be of a later one.
        run = self._inventory.run_of(file) or self._inventory.run_of(pointer["file"])
        key = self._key(row["outlet"], row["url"], row["canonical_url"])
        seen = Seen(
            outlet=row["outlet"],
            key=key,
            url=row["url"],
            outcome=ARTICLE,
            scope=self._inventory.wanted(run).get("scope", "national"),
            run=run or "",
            fetched_at=row["fetched_at"],
            file=pointer["file"],
            offset=int(pointer["offset"]),
            record_id=pointer["record_id"],
            version=int(row["version"]),
            text_digest=row["text_digest"],
            extractor=label_of(row["extractor"]),
        )
        if not all(isinstance(text, str) for text in (seen.outlet, seen.url, seen.fetched_at, seen.file)):
            raise TypeError("a text is missing")
        if not self._inventory.is_listed(pointer["file"]):
            self._inventory.add_problem(f"{pointer['file']} is missing, though rows refer to it")
        if article_id(seen.outlet, key) != row["id"]:
            values = (seen.record_id, json.dumps(asdict(seen)))
            self._inventory.database.run("INSERT OR REPLACE INTO unplaced VALUES (?, ?)", *values)
        return seen

    def _key(self, outlet: str, url: str, canonical: str) -> str:
        spider = self._outlets.named(outlet)
        if spider is None and outlet != ANY_OUTLET:
            self._inventory.add_unknown_outlet(outlet)
        return (spider or self._outlets.unknown).article_key(url, canonical)
