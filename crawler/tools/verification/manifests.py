"""Manifests and run files: that they are whole, and what they say of the other files."""

from __future__ import annotations

import json
from typing import Any

from crawler.archive.documents import parsed
from crawler.archive.manifests import DOCUMENT_BYTES, is_entry
from crawler.archive.names import name_of
from crawler.archive.rows import is_compaction
from crawler.system.files import Measured
from crawler.system.terminal import printable
from crawler.tools.verification.findings import Verdicts
from crawler.tools.verification.holdings import Holdings
from crawler.tools.verification.scratch import Scratch
from crawler.tools.verification.warcs import Facts

KEYS = ["run", "outlet", "files"]
RUN_KEYS = [*KEYS, "started", "finished", "reason"]
ROWS = "khobor/rows"

# What a run counts, and in which folder's files it stands. Runs have not always counted exchanges.
COUNTED = {ROWS: "articles/", "khobor/exchanges": "warc/"}
COUNTS = """SELECT run, stat, told, coalesce(sum(number), 0), count(named.file) - count(counted.file) FROM claimed
    LEFT JOIN named ON named.manifest = claimed.manifest AND named.file LIKE folder || '%' AND NOT recovered
    LEFT JOIN counted ON counted.file = named.file GROUP BY run, stat"""
MISSING = """SELECT file, manifest FROM named LEFT JOIN files ON key = file WHERE key IS NULL
    AND manifest IN (SELECT key FROM files WHERE checked) AND file NOT IN (SELECT file FROM replaced) ORDER BY file"""


class ManifestBook:
    """What manifests say of files, and how what is found compares."""

    def __init__(self, holdings: Holdings, report: Verdicts) -> None:
        self._holdings = holdings
        self._scratch: Scratch = holdings.scratch
        self._report = report

    def read(self, key: str, stream: Measured) -> None:
        """Take a manifest in, telling what is wrong with it by itself."""
        manifest = self.document(key, stream, KEYS)
        if not manifest:
            return
        entries, replaced = manifest["files"], manifest.get("replaces")
        if set(manifest) - {*KEYS, "replaces"} or not isinstance(entries, list):
            self._report.add(key, None, "the manifest holds something else than files")
            return
        names: set[str] = set()
        for number, entry in enumerate(entries):
            if not is_entry(entry):
                self._report.add(key, None, f"entry {number + 1} of the manifest is none")
            elif entry["file"] in names:
                self._report.add(key, None, f"the manifest names {entry['file']} twice")
            else:
                names.add(entry["file"])
                self._enter(key, entry, manifest["run"])
        if replaced is not None:
            self._read_replaced(key, entries, replaced)
        elif (own := key.replace("manifest/", "runs/", 1)) not in names:
            self._report.add(key, None, f"the manifest does not name {own}")

    def _read_replaced(self, key: str, entries: list[Any], replaced: object) -> None:
        """Take in what a compaction's file replaces: as many rows, no more and no less."""
        if not (isinstance(replaced, list) and is_compaction(key) and all(map(is_entry, [*entries, *replaced]))):
            self._report.add(key, None, "replaces is no list of files")
            return
        kept, before = (sum(entry["records"].get("rows", 0) for entry in files) for files in (entries, replaced))
        if kept != before:
            self._report.add(key, None, f"the compaction has {kept} rows, what it replaces had {before}")
        for entry in replaced:
            self._scratch.run("INSERT INTO replaced VALUES (?, ?, ?)", entry["file"], key, entry["sha256"])

    def counts(self, key: str) -> bool:
        """Tell whether the rows of a file count: not those that a compaction replaces, nor its own before that."""
        if self.is_replaced(key):
            return False
        return not is_compaction(key) or self._scratch.one("SELECT 1 FROM named WHERE file = ?", key) is not None

    def is_replaced(self, key: str) -> bool:
        """Tell whether a compaction's file stands for a file."""
        return self._scratch.one("SELECT 1 FROM replaced WHERE file = ?", key) is not None

    def read_run(self, key: str, stream: Measured) -> None:
        """Take a run file in, which lists what its manifest names besides it."""
        document = self.document(key, stream, RUN_KEYS)
        files, stats = document.get("files"), document.get("stats")
        manifest = key.replace("runs/", "manifest/", 1)
        query = "SELECT file FROM named WHERE manifest = ? AND file <> ? ORDER BY file"
        named = [file for (file,) in self._scratch.run(query, manifest, key)]
        if document and not (isinstance(files, list) and all(isinstance(one, str) for one in files)):
            self._report.add(key, None, "files is no list of files")
        elif document and self._is_entered(manifest) and sorted(document["files"]) != named:
            self._report.add(key, None, f"files are others than those in {manifest}")
        if document and "recovered_by" not in document and not (isinstance(stats, dict) and ROWS in stats):
            self._report.add(key, None, f"stats do not say how many {ROWS} the run has")
        if files == []:
            # A run that archived nothing leaves no manifest.
            self._scratch.run("UPDATE files SET bare = 1 WHERE key = ?", key)
        if isinstance(stats, dict) and (files == [] or self._is_entered(manifest)):
            for stat in stats.keys() & COUNTED.keys():
                claim = (key, manifest, stat, COUNTED[stat], json.dumps(stats[stat]))
                self._scratch.run("INSERT INTO claimed VALUES (?, ?, ?, ?, ?)", *claim)

    def check_counts(self) -> None:
        """Tell of run files that say other numbers than their files have, as far as all of these could be read."""
        for run, stat, told, number, unread in self._scratch.run(COUNTS):
            if not unread and told != str(number):
                what = stat.removeprefix("khobor/")
                self._report.add(run, None, f"{stat} is {told}, the run's files have {number} {what}")

    def check_run_named(self, key: str) -> None:
        """Tell of the manifest that a run file without one says there must be."""
        manifest = key.replace("runs/", "manifest/", 1)
        if key.startswith("runs/") and not self._holdings.stands(manifest):
            self._report.add(manifest, None, f"the manifest is missing; {key} is of its run", is_cause=True)

    def document(self, key: str, stream: Measured, keys: list[str]) -> dict[str, Any]:
        """Return the JSON object of a run; empty, and told of, when it is damaged."""
        data = stream.read(DOCUMENT_BYTES)
        stream.drain()
        try:
            if stream.bytes > len(data):
                raise ValueError(f"it has {stream.bytes} bytes, more than {DOCUMENT_BYTES}")
            value = parsed(data)
        except ValueError as error:
            self._report.add(key, None, f"the file is no JSON: {error}", is_cause=True)
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

    def missing(self) -> list[tuple[str, str]]:
        """Return the files that are nowhere, each with a manifest that names it."""
        found = self._scratch.run(MISSING).fetchall()
        return [(file, manifest) for file, manifest in found if not self._holdings.stands(file)]

    def check_missing(self) -> None:
        """Tell of files that manifests name and that are nowhere, or that two of them describe differently."""
        for file, manifest in self.missing():
            self._report.add(file, None, f"the file is missing; {manifest} names it", is_cause=True)
        query = """SELECT file, min(manifest), max(manifest) FROM (SELECT file, manifest, sha256 FROM named
            UNION ALL SELECT * FROM replaced) GROUP BY file HAVING count(DISTINCT sha256) > 1"""
        for file, one, other in self._scratch.run(query):
            self._report.add(file, None, f"{one} and {other} give different digests of the file")

    def compare(self, key: str, facts: Facts) -> None:
        """Hold what a file was found to be against each manifest that names it, which may be the one that is wrong."""
        query = "SELECT manifest, bytes, sha256, records, first, last FROM named WHERE file = ?"
        for manifest, *told in self._scratch.run(query, key).fetchall():
            problems = _differences(told, facts)
            if told[1] == facts.sha256:
                for problem in problems:
                    self._report.add(manifest, None, f"{key}: {problem}")
                continue
            for problem in problems:
                self._report.altered.add(printable(key))
                is_cut = problem.startswith("the file ends")
                # An offset in a row file is one among its lines.
                offset = facts.bytes if is_cut and not key.startswith("articles/") else None
                self._report.add(key, offset, f"{problem} ({manifest})", is_cut)

    def is_recovered(self, key: str) -> bool:
        """Tell whether a file was cut and finished after a crash."""
        return self._scratch.one("SELECT 1 FROM named WHERE file = ? AND recovered", key) is not None

    def is_mended(self, key: str) -> bool:
        """Tell whether damaged records were left out of the middle of a file when it was recovered."""
        return self._scratch.one("SELECT 1 FROM named WHERE file = ? AND mended", key) is not None

    def _is_entered(self, manifest: str) -> bool:
        return self._scratch.one("SELECT 1 FROM named WHERE manifest = ?", manifest) is not None

    def _enter(self, key: str, entry: dict[str, Any], run: object) -> None:
        recovery = self._recovery(key, entry, run)
        self._check_name(key, entry["file"], recovery["run"] if recovery else run)
        records = json.dumps(entry["records"], sort_keys=True)
        told = (entry["bytes"], entry["sha256"], records, entry["first"], entry["last"])
        excuses = (recovery is not None, recovery is not None and "mended" in recovery)
        self._scratch.run("INSERT INTO named VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", entry["file"], key, *told, *excuses)

    def _recovery(self, key: str, entry: dict[str, Any], run: object) -> Any:
        """Return how a file was recovered; None for one that its own run finished, whatever its entry says."""
        recovery = entry.get("recovered")
        if recovery and recovery["run"] == run:
            self._report.add(key, None, f"{entry['file']} is said to be recovered of the manifest's own run")
            return None
        return recovery

    def _check_name(self, key: str, file: str, run: object) -> None:
        """Tell of a row file that does not bear the name of the run that began it."""
        name = name_of(file) if file.startswith("articles/") else None
        if name and run is not None and name["run"] != run:
            self._report.add(file, None, f"the name of the row file is not that of its run, {run} ({key})")


def _differences(told: list[Any], facts: Facts) -> list[str]:
    size, sha256, records, first, last = told
    problems = []
    if facts.bytes < size and not facts.damaged:
        problems.append(f"the file ends after {facts.bytes} bytes, its manifest says {size}")
    elif size != facts.bytes:
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
