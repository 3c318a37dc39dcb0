"""Manifests and run files: that they are whole, and what they say of the other files."""

from __future__ import annotations

import json
import re
from typing import Any

from crawler.verification.documents import parsed
from crawler.verification.findings import Report
from crawler.verification.holdings import Holdings
from crawler.verification.measured import Measured
from crawler.verification.names import name_of
from crawler.verification.scratch import Scratch
from crawler.verification.warcs import Facts

RUN_KEYS = ["run", "outlet"]
KEYS = [*RUN_KEYS, "files"]
ENTRY_KEYS = ["file", "bytes", "sha256", "records", "first", "last"]
SHA256 = re.compile(r"[0-9a-f]{64}")


class ManifestBook:
    """What manifests say of files, and how what is found compares."""

    def __init__(self, holdings: Holdings, report: Report) -> None:
        self._holdings = holdings
        self._scratch: Scratch = holdings.scratch
        self._report = report

    def read(self, key: str, stream: Measured) -> None:
        """Take a manifest in, telling what is wrong with it by itself."""
        manifest = self.document(key, stream, KEYS)
        entries = manifest.get("files", [])
        if set(manifest) - set(KEYS) or not isinstance(entries, list):
            self._report.add(key, None, "the manifest holds something else than files")
            return
        for number, entry in enumerate(entries):
            if _is_entry(entry):
                self._enter(key, entry)
            else:
                self._report.add(key, None, f"entry {number + 1} of the manifest is none")

    def document(self, key: str, stream: Measured, keys: list[str]) -> dict[str, Any]:
        """Return the JSON object of a run; empty, and told of, when it is damaged."""
        data = stream.read()
        try:
            value = parsed(data)
        except ValueError as error:
            self._report.add(key, None, f"the file is no JSON: {error}")
            return {}
        name = name_of(key)
        if not isinstance(value, dict) or not set(keys) <= set(value):
            self._report.add(key, None, f"the file has not the keys {', '.join(keys)}")
            return {}
        if name and (value["run"], value["outlet"]) != (name["run"], name["outlet"]):
            self._report.add(key, None, f"the file is of run {value['run']} and outlet {value['outlet']}")
        # Whatever was changed that has no meaning.
        if (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode() != data:
            self._report.add(key, None, "the file is not written as a run writes it")
        return dict(value)

    def check_missing(self) -> None:
        """Tell of files that manifests name and that are nowhere, or that two of them describe differently."""
        query = """SELECT file, manifest FROM named LEFT JOIN files ON key = file
            WHERE key IS NULL AND manifest IN (SELECT key FROM files WHERE checked) ORDER BY file"""
        for file, manifest in self._scratch.run(query).fetchall():
            if not self._holdings.stands(file):
                self._report.add(file, None, f"the file is missing; {manifest} names it")
        query = "SELECT file, min(manifest), max(manifest) FROM named GROUP BY file HAVING count(DISTINCT sha256) > 1"
        for file, one, other in self._scratch.run(query):
            self._report.add(file, None, f"{one} and {other} give different digests of the file")

    def compare(self, key: str, facts: Facts) -> None:
        """Hold what a file was found to be against each manifest that names it."""
        query = "SELECT manifest, bytes, sha256, records, first, last FROM named WHERE file = ?"
        for manifest, *told in self._scratch.run(query, key).fetchall():
            for problem in _differences(told, facts):
                self._report.add(key, None, f"{problem} ({manifest})")

    def is_recovered(self, key: str) -> bool:
        """Tell whether a file was cut and finished after a crash."""
        return self._scratch.one("SELECT 1 FROM named WHERE file = ? AND recovered", key) is not None

    def _enter(self, key: str, entry: dict[str, Any]) -> None:
        records = json.dumps(entry["records"], sort_keys=True)
        told = (entry["bytes"], entry["sha256"], records, entry["first"], entry["last"], "recovered" in entry)
        self._scratch.run("INSERT INTO named VALUES (?, ?, ?, ?, ?, ?, ?, ?)", entry["file"], key, *told)


def _is_entry(entry: object) -> bool:
    if not isinstance(entry, dict) or [key for key in entry if key != "recovered"] != ENTRY_KEYS:
        return False
    texts = isinstance(entry["file"], str) and isinstance(entry["sha256"], str) and SHA256.fullmatch(entry["sha256"])
    dates = all(entry[name] is None or isinstance(entry[name], str) for name in ("first", "last"))
    recovered = isinstance(entry.get("recovered", {}), dict | None)
    return bool(texts and dates and recovered and type(entry["bytes"]) is int and isinstance(entry["records"], dict))


def _differences(told: list[Any], facts: Facts) -> list[str]:
    size, sha256, records, first, last = told
    problems = []
    if size != facts.bytes:
        problems.append(f"the file has {facts.bytes} bytes, its manifest says {size}")
    if sha256 != facts.sha256:
        problems.append("the file's SHA-256 is not that of its manifest")
    if facts.damaged:
        return problems
    if json.loads(records) != facts.records:
        problems.append(f"the file holds {_counted(facts.records)}, its manifest says {_counted(json.loads(records))}")
    if (first, last) != (facts.first, facts.last):
        problems.append(f"the file goes from {facts.first} to {facts.last}, its manifest says {first} to {last}")
    return problems


def _counted(records: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(records.items())) or "nothing"
