"""What run files say of runs, and which WARCs are of none."""

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


class Runs:
    """Reads run files into what state knows of runs, and what they wanted into the inventory."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    def values(self, key: str) -> dict[str, Any] | None:
        """Return the values of a run, None for a file that is damaged, which is named. Raises OSError, StorageError."""
        with self._inventory.open(key) as stream:
            data = stream.read()
        try:
            facts = json.loads(data)
            self._note_wanted(facts)
            values = self._values(facts)
            self._inventory.note_named(facts["files"])
            return values
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self._inventory.name(f"{key} is no run file: {type(error).__name__} {error}")
            return None

    def unnamed(self) -> set[str]:
        """Return the WARCs that no run file read before names, and no manifest; they are named as a problem.

        They went up beside a crawl that died: no row tells of their pages.
        """
        if not self._inventory.unnamed("warc"):
            return set()
        for key in self._inventory.keys("manifest"):
            with self._inventory.reading(key):
                self._note_named(key)
        if warcs := self._inventory.unnamed("warc"):
            self._inventory.name(
                f"no manifest names {counted(len(warcs), 'WARC file')}, like {min(warcs)}: passed over, "
                "what is only there is recovered or fetched again"
            )
        return warcs

    def _note_named(self, manifest: str) -> None:
        with self._inventory.open(manifest) as stream:
            data = stream.read()
        try:
            self._inventory.note_named(named.file for named in named_in(data, Path(manifest)))
        except ValueError as error:
            self._inventory.name(str(error))

    def _note_wanted(self, facts: dict[str, Any]) -> None:
        stats = facts.get("stats") or {}
        wanted = {**(facts.get("wanted") or {}), "is_recorded_only": f"khobor/rejected/{RECORDED_ONLY}" in stats}
        self._inventory.note_wanted(facts["run"], wanted)

    def _values(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Return a run's values. Raises KeyError, TypeError, ValueError for a file that is none."""
        started, stats, files = datetime.fromisoformat(facts["started"]), facts.get("stats") or {}, facts["files"]
        finished = datetime.fromisoformat(facts["finished"]) if facts["finished"] else None
        told = facts_of(stats, started, finished) if finished else None
        return {
            "run": facts["run"],
            "outlet": facts["outlet"],
            "started": as_text(started),
            "finished": as_text(finished) if finished else None,
            "reason": facts["reason"],
            "rows": int(stats.get("khobor/rows") or 0),
            "requests": int(stats.get("downloader/request_count") or 0),
            "bytes": sum(map(self._inventory.size, files)),
            "files": len(files),
            "command": facts.get("command"),
            "facts": json.dumps(told, ensure_ascii=False) if told else None,
        }
