"""The rebuild of state: every archived run file, row and record is read once, into an empty state."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from functools import partial
from typing import Any

from scrapy.settings import Settings
from sqlalchemy import insert

from crawler.archive.names import key_of
from crawler.archive.rows import DamagedRows, lines
from crawler.archive.withdrawals import Withdrawals
from crawler.crawl.extraction_pool import ExtractionPool
from crawler.crawl.health.facts import facts_of
from crawler.model.article import article_id, label_of
from crawler.model.listing import GIVEN
from crawler.outlets.loader import Outlets
from crawler.state.facts import ARTICLE, RECORDED_ONLY, Seen, as_text, lost
from crawler.state.queries import upsert
from crawler.state.store import State
from crawler.state.tables import archived_segments, insert_into, runs
from crawler.state.withdrawn import WithdrawnArticles
from crawler.tools.rebuild.inventory import Inventory
from crawler.tools.rebuild.records import Records, batches

BATCH = 1000


def rebuild(inventory: Inventory, state: State, outlets: Outlets, settings: Settings, pool: ExtractionPool) -> None:
    """Read the files of an inventory; damage is added to its problems. Raises StorageError, SQLAlchemyError."""
    withdrawals = Withdrawals()
    found_runs = (one for key in inventory.files("runs") for one in _run(inventory, key, withdrawals))
    for values in batches(found_runs, BATCH):
        with state.engine.begin() as connection:
            connection.execute(insert_into(runs, connection.dialect).on_conflict_do_nothing(), values)
    WithdrawnArticles(state.engine).restore(withdrawals)
    for values in batches(inventory.archived_segments(), BATCH):
        with state.engine.begin() as connection:
            connection.execute(insert(archived_segments), values)
    found = (one for key in inventory.files("articles") for one in _rows(inventory, outlets, key))
    for seen in batches(found, BATCH):
        with state.engine.begin() as connection:
            upsert(connection, seen, inventory)
    with closing(pool):
        records = Records(inventory, state, outlets, settings, pool)
        for key in inventory.files("warc"):
            with inventory.reading(key):
                records.enter(key)


def _run(inventory: Inventory, key: str, withdrawals: Withdrawals) -> Iterator[dict[str, Any]]:
    """Yield the values of a run, and take its withdrawn articles; a malformed file is a problem."""
    with inventory.reading(key), inventory.open(key) as stream:
        try:
            facts = json.loads(stream.read())
            stats = facts.get("stats") or {}
            wanted = facts.get("wanted") or {}
            is_recorded_only = f"khobor/rejected/{RECORDED_ONLY}" in stats
            parameters = json.dumps({**wanted, "is_recorded_only": is_recorded_only})
            inventory.database.add("wanted", facts["run"], parameters)
            values = _values(inventory, facts, stats)
            withdrawals.take(facts)
            yield values
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            inventory.add_problem(f"{key}: malformed run file: {type(error).__name__} {error}")


def _values(inventory: Inventory, facts: dict[str, Any], stats: dict[str, Any]) -> dict[str, Any]:
    started = datetime.fromisoformat(facts["started"])
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
        "bytes": sum(inventory.size(key_of("warc", segment)) for segment in facts["segments"]),
        "files": len(facts["segments"]),
        "command": facts.get("command"),
        "wanted": json.dumps(facts["wanted"]) if facts.get("wanted") else None,
        "facts": json.dumps(health, ensure_ascii=False) if health else None,
    }


def _rows(inventory: Inventory, outlets: Outlets, key: str) -> Iterator[Seen]:
    """Yield the article of each row; a malformed row is a problem."""
    number = 0
    with inventory.reading(key), inventory.open(key) as stream:
        try:
            for number, line in enumerate(lines(stream), 1):
                try:
                    yield _seen(inventory, outlets, key, json.loads(line))
                except (ValueError, KeyError, TypeError) as error:
                    inventory.add_problem(f"{key}: line {number}: malformed row: {type(error).__name__} {error}")
        except DamagedRows as error:
            inventory.add_problem(f"{key}: the gzip data is corrupt or cut off after line {number}: {error}")


def _seen(inventory: Inventory, outlets: Outlets, file: str, row: dict[str, Any]) -> Seen:
    pointer = row["warc"]
    # In a compaction the record names the run; the row of a revisit may be of a later one.
    run = inventory.run_of(file) or inventory.run_of(pointer["file"])
    outlet, url, canonical_url = row["outlet"], row["url"], row["canonical_url"]
    if not all(isinstance(text, str) for text in (outlet, url, canonical_url, row["fetched_at"], pointer["file"])):
        raise TypeError("a text is missing")
    spider = outlets.named(outlet)
    if spider is None and outlet != GIVEN:
        inventory.add_unknown_outlet(outlet)
    key = outlets.ask(spider, partial(spider.article_key, url, canonical_url)) if spider else None
    seen = Seen(
        outlet=outlet,
        key=key or outlets.unknown.article_key(url, canonical_url),
        url=url,
        outcome=ARTICLE,
        scope=inventory.wanted(run).get("scope", "national"),
        run=run or "",
        fetched_at=row["fetched_at"],
        file=pointer["file"],
        offset=int(pointer["offset"]),
        record_id=pointer["record_id"],
        version=int(row["version"]),
        text_digest=row["text_digest"],
        extractor=label_of(row["extractor"]),
    )
    is_placed = article_id(seen.outlet, seen.key) == row["id"]
    if not inventory.is_listed(pointer["file"]):
        inventory.add_problem(
            f"{pointer['file']} is missing, though rows refer to it: their articles will be refetched"
        )
        # Under another key the article will have another ID, and begin with version 1.
        return lost(seen, seen.version if is_placed else 0)
    if not is_placed:
        inventory.add_unplaced(seen)
    return seen
