"""Run files: the values of runs in state, and the WARC files that belong to no run."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.archive.manifests import named_in
from crawler.crawl.health.facts import facts_of
from crawler.state.facts import RECORDED_ONLY, as_text
from crawler.system.terminal import counted
from crawler.tools.rebuild.inventory import Inventory


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
        inventory.add_named(facts["files"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        inventory.add_problem(f"{key}: malformed run file: {type(error).__name__} {error}")
        return None
    return values


def unnamed_warcs(inventory: Inventory) -> set[str]:
    """Return the WARCs that neither a run file nor a manifest names, after the run files were read.

    They were uploaded by a crawl that was then killed: no row describes their pages.
    """
    if not inventory.unnamed_warcs():
        return set()
    for key in inventory.database.keys("kind = 'manifest'"):
        with inventory.reading(key), inventory.open(key) as stream:
            try:
                inventory.add_named(named.file for named in named_in(stream.read(), Path(key)))
            except ValueError as error:
                inventory.add_problem(str(error))
    if warcs := inventory.unnamed_warcs():
        inventory.add_problem(
            f"no manifest names {counted(len(warcs), 'WARC file')}, such as {min(warcs)}: skipped; "
            "their URLs will be recovered or refetched"
        )
    return warcs


def _values(inventory: Inventory, facts: dict[str, Any], stats: dict[str, Any]) -> dict[str, Any]:
    """Return a run's values. Raises KeyError, TypeError, ValueError for a malformed file."""
    started, files = datetime.fromisoformat(facts["started"]), facts["files"]
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
        "bytes": sum(map(inventory.size, files)),
        "files": len(files),
        "command": facts.get("command"),
        "facts": json.dumps(health, ensure_ascii=False) if health else None,
    }
