"""Manifests and run files: each by itself, and compared with the files that they name."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from crawler.archive.documents import parsed
from crawler.archive.manifests import DOCUMENT_BYTES, is_entry
from crawler.archive.names import name_of
from crawler.archive.rows import is_compaction
from crawler.system.files import Measured
from crawler.system.terminal import printable
from crawler.tools.verification.files import ArchiveFiles
from crawler.tools.verification.findings import Verdicts

KEYS = ["run", "outlet", "files"]
RUN_KEYS = [*KEYS, "started", "finished", "reason"]
ROWS = "khobor/rows"

# The numbers in a run file, and the folder of the files that they count. Early runs did not count exchanges.
COUNTED = {ROWS: "articles/", "khobor/exchanges": "warc/"}
COUNTS = """SELECT run, stat, claimed.number, coalesce(sum(counted.number), 0), count(named.file) - count(counted.file)
    FROM claimed
    LEFT JOIN named ON named.manifest = claimed.manifest AND named.file LIKE folder || '%' AND NOT recovered
    LEFT JOIN counted ON counted.file = named.file GROUP BY run, stat"""
MISSING = """SELECT file, manifest FROM named LEFT JOIN files ON key = file WHERE key IS NULL
    AND manifest IN (SELECT key FROM files WHERE checked) AND file NOT IN (SELECT file FROM replaced) ORDER BY file"""
CONTRADICTIONS = """SELECT file, min(manifest), max(manifest) FROM (SELECT file, manifest, sha256 FROM named
    UNION ALL SELECT * FROM replaced) GROUP BY file HAVING count(DISTINCT sha256) > 1"""


@dataclass(slots=True)
class FileFacts:
    """Size, digest, record counts and first and last date of a file, to be compared with its manifest."""

    bytes: int = 0
    sha256: str = ""
    records: dict[str, int] = field(default_factory=dict)
    first: str | None = None
    last: str | None = None
    damaged: bool = False


class ManifestCheck:
    """The entries of manifests and the numbers in run files, compared with the files."""

    def __init__(self, files: ArchiveFiles, report: Verdicts) -> None:
        self._files = files
        self._database = files.database
        self._report = report

    def read(self, key: str, stream: Measured) -> None:
        manifest = self._document(key, stream, KEYS)
        if not manifest:
            return
        entries, replaced = manifest["files"], manifest.get("replaces")
        if set(manifest) - {*KEYS, "replaces"} or not isinstance(entries, list):
            self._report.add(key, None, f"the manifest has other keys than {', '.join(KEYS)}, or files is not a list")
            return
        names: set[str] = set()
        for number, entry in enumerate(entries, 1):
            if not is_entry(entry):
                self._report.add(key, None, f"entry {number} of the manifest is malformed")
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
        if not (isinstance(replaced, list) and is_compaction(key) and all(map(is_entry, [*entries, *replaced]))):
            self._report.add(key, None, "replaces is not a list of files")
            return
        kept, before = (sum(entry["records"].get("rows", 0) for entry in files) for files in (entries, replaced))
        if kept != before:
            self._report.add(key, None, f"the compacted file has {kept} rows, the files that it replaces had {before}")
        for entry in replaced:
            self._database.add("replaced", entry["file"], key, entry["sha256"])

    def counts(self, key: str) -> bool:
        """Return whether the rows of a file count: one of a compacted file and the files that it replaces does."""
        if self.is_replaced(key):
            return False
        return not is_compaction(key) or self._has("named", "file", key)

    def is_replaced(self, key: str) -> bool:
        return self._has("replaced", "file", key)

    def read_run(self, key: str, stream: Measured) -> None:
        """Read a run file, which lists the other files in its manifest."""
        document = self._document(key, stream, RUN_KEYS)
        if not document:
            return
        files, stats = document["files"], document.get("stats")
        manifest = key.replace("runs/", "manifest/", 1)
        has_manifest = self._has("named", "manifest", manifest)
        query = "SELECT file FROM named WHERE manifest = ? AND file <> ? ORDER BY file"
        if not (isinstance(files, list) and all(isinstance(one, str) for one in files)):
            self._report.add(key, None, "files is not a list of files")
        elif has_manifest and sorted(files) != [file for (file,) in self._database.run(query, manifest, key)]:
            self._report.add(key, None, f"files differ from those in {manifest}")
        if "recovered_by" not in document and not (isinstance(stats, dict) and ROWS in stats):
            self._report.add(key, None, f"stats have no {ROWS}")
        if files == []:
            # A run that archived nothing has no manifest.
            self._database.run("UPDATE files SET bare = 1 WHERE key = ?", key)
        if isinstance(stats, dict) and (files == [] or has_manifest):
            for stat in stats.keys() & COUNTED.keys():
                self._database.add("claimed", key, manifest, stat, COUNTED[stat], json.dumps(stats[stat]))

    def check_counts(self) -> None:
        """Report run files whose numbers differ from those of their files, if all files were read."""
        for run, stat, claimed, number, unread in self._database.run(COUNTS):
            if not unread and claimed != str(number):
                kind = stat.removeprefix("khobor/")
                self._report.add(run, None, f"{stat} is {claimed}, the run's files have {number} {kind}")

    def check_run_named(self, key: str) -> None:
        manifest = key.replace("runs/", "manifest/", 1)
        if key.startswith("runs/") and not self._files.exists(manifest):
            self._report.add(manifest, None, f"the manifest is missing; {key} belongs to its run", is_cause=True)

    def _document(self, key: str, stream: Measured, keys: list[str]) -> dict[str, Any]:
        data = stream.read(DOCUMENT_BYTES + 1)
        try:
            if len(data) > DOCUMENT_BYTES:
                raise ValueError(f"more than {DOCUMENT_BYTES} bytes")
            value = parsed(data)
        except ValueError as error:
            self._report.add(key, None, f"the file is not JSON: {error}", is_cause=True)
            return {}
        name = name_of(key)
        if not isinstance(value, dict) or not set(keys) <= set(value):
            self._report.add(key, None, f"the file lacks one of the keys {', '.join(keys)}")
            return {}
        if name and (value["run"], value["outlet"]) != (name["run"], name["outlet"]):
            self._report.add(key, None, f"the file belongs to run {value['run']} and outlet {value['outlet']}")
        # Finds changes that have no meaning too.
        if (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode() != data:
            self._report.add(key, None, "the file is not formatted as a run formats it")
        return dict(value)

    def missing(self) -> list[tuple[str, str]]:
        """Return the files that do not exist, each with a manifest that names it."""
        found = self._database.run(MISSING).fetchall()
        return [(file, manifest) for file, manifest in found if not self._files.exists(file)]

    def check_missing(self) -> None:
        """Report files in manifests that do not exist, or that two manifests describe differently."""
        for file, manifest in self.missing():
            self._report.add(file, None, f"the file is missing; {manifest} names it", is_cause=True)
        for file, one, other in self._database.run(CONTRADICTIONS):
            self._report.add(file, None, f"{one} and {other} give different digests of the file")

    def compare(self, key: str, facts: FileFacts) -> None:
        """Compare a file with each manifest that names it. If the digest is equal, the manifest is wrong."""
        query = "SELECT manifest, bytes, sha256, records, first, last FROM named WHERE file = ?"
        for manifest, *entry in self._database.run(query, key).fetchall():
            problems = _differences(entry, facts)
            if entry[1] == facts.sha256:
                for problem in problems:
                    self._report.add(manifest, None, f"{key}: {problem}")
                continue
            for problem in problems:
                self._report.altered.add(printable(key))
                is_cut = problem.startswith("the file ends")
                # In row files, offsets are those of decompressed lines.
                offset = facts.bytes if is_cut and not key.startswith("articles/") else None
                self._report.add(key, offset, f"{problem} ({manifest})", is_cut)

    def recovery_of(self, key: str) -> tuple[bool, bool]:
        """Return whether a file was recovered after a crash, and whether damaged records were then left out of it."""
        query = "SELECT count(*), coalesce(max(mended), 0) FROM named WHERE file = ? AND recovered"
        recovered, mended = self._database.one(query, key)
        return recovered > 0, mended > 0

    def _has(self, table: str, column: str, value: str) -> bool:
        return self._database.one(f"SELECT 1 FROM {table} WHERE {column} = ?", value) is not None

    def _enter(self, key: str, entry: dict[str, Any], run: object) -> None:
        file, recovery = entry["file"], entry.get("recovered")
        if recovery and recovery["run"] == run:
            # The file counts as finished by its own run.
            self._report.add(key, None, f"{file} is marked as recovered from the manifest's own run")
            recovery = None
        self._check_name(key, file, recovery["run"] if recovery else run)
        values = (entry["bytes"], entry["sha256"], json.dumps(entry["records"], sort_keys=True))
        dates = (entry["first"], entry["last"])
        self._database.add("named", file, key, *values, *dates, bool(recovery), "mended" in (recovery or {}))

    def _check_name(self, key: str, file: str, run: object) -> None:
        name = name_of(file) if file.startswith("articles/") else None
        if name and run is not None and name["run"] != run:
            self._report.add(file, None, f"the row file does not have the name of its run, {run} ({key})")


def _differences(entry: list[Any], facts: FileFacts) -> list[str]:
    size, sha256, records, first, last = entry
    problems = []
    if facts.bytes < size and not facts.damaged:
        problems.append(f"the file ends after {facts.bytes} bytes, its manifest says {size}")
    elif size != facts.bytes:
        problems.append(f"the file has {facts.bytes} bytes, its manifest says {size}")
    if sha256 != facts.sha256:
        problems.append("the file's SHA-256 differs from its manifest")
    if facts.damaged:
        return problems
    if json.loads(records) != facts.records:
        problems.append(f"the file holds {_counted(facts.records)}, its manifest says {_counted(json.loads(records))}")
    if (first, last) != (facts.first, facts.last):
        problems.append(f"the file goes from {facts.first} to {facts.last}, its manifest says {first} to {last}")
    return problems


def _counted(records: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(records.items())) or "nothing"
