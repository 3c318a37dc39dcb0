"""Manifests, run files and decisions to withhold articles, each by itself."""

import json
from collections.abc import Container
from typing import Any

from crawler.archive.documents import parsed
from crawler.archive.manifests import DOCUMENT_BYTES, ENTRY_KEYS, are_segments, format_problem, is_entry
from crawler.archive.names import MANIFEST, ROWS, folder_problem, index_of, key_of, stem_of, warc_of
from crawler.archive.rows import is_compaction
from crawler.archive.withheld import decision_in
from crawler.system.files import Measured
from crawler.tools.verification.facts import Findings
from crawler.tools.verification.files import ArchiveFiles

KEYS = ["format", "segment", "outlet", "runs", "files"]
OPTIONAL = ("after", "replaces", "cut_bytes")
REEXTRACTED_KEYS = ["format", "segment", "outlet", "extractor", "pages", "rejected", "files"]
RUN_KEYS = ["run", "outlet", "started", "finished", "reason", "segments"]
NAMED = ("warc", "index", "articles")


def read_manifest(facts: Findings, archive: ArchiveFiles, key: str, stream: Measured) -> None:
    """Read a manifest, whose segment is checked later; the segments in `after` must be there."""
    manifest = _document(facts, key, stream, KEYS)
    if not manifest:
        return
    runs, files = manifest["runs"], manifest["files"]
    has_types = isinstance(runs, list) and all(isinstance(run, str) for run in runs) and isinstance(files, list)
    has_types = has_types and are_segments(manifest.get("after", []))
    if set(manifest) - {*KEYS, *OPTIONAL} or not has_types or type(manifest.get("cut_bytes", 0)) is not int:
        facts.find(key, None, f"the manifest has other keys than {', '.join(KEYS)}, or values of other types")
        return
    entries: dict[str, Any] = {}
    for number, entry in enumerate(files, 1):
        if problem := _entry_problem(entry, stem_of(key), entries):
            facts.find(key, None, f"entry {number} of the manifest {problem}")
        else:
            entries[entry["file"]] = entry
            facts.add("named", entry["file"], key, entry["bytes"], entry["sha256"])
    known = {"runs": runs, "is_recovered": "cut_bytes" in manifest, "files": list(entries.values())}
    facts.add("manifests", key, json.dumps(known))
    _find_missing(facts, archive, key, manifest.get("after", []))
    if "replaces" in manifest:
        _read_replaced(facts, key, files, manifest["replaces"])
        return
    for name in (index_of(key), warc_of(key)):
        if name not in entries:
            facts.find(key, None, f"the manifest does not name {name}")


def read_reextracted(facts: Findings, key: str, stream: Measured) -> None:
    """Read the manifest of re-extracted rows, which are checked later."""
    manifest = _document(facts, key, stream, REEXTRACTED_KEYS)
    if not manifest:
        return
    files, rows = manifest["files"], key.removesuffix(MANIFEST) + ROWS
    are_entries = isinstance(files, list) and all(is_entry(entry) and entry["file"] == rows for entry in files)
    if set(manifest) != {*REEXTRACTED_KEYS} or not are_entries or len(files) > 1:
        facts.find(key, None, f"the manifest has other keys than {', '.join(REEXTRACTED_KEYS)}, or names other files")
        return
    for entry in files:
        facts.add("named", entry["file"], key, entry["bytes"], entry["sha256"])
    facts.add("manifests", key, json.dumps({"runs": [], "is_recovered": False, "files": files}))


def _read_replaced(facts: Findings, key: str, entries: list[Any], replaced: object) -> None:
    if not (isinstance(replaced, list) and is_compaction(key) and all(map(is_entry, [*entries, *replaced]))):
        facts.find(key, None, "replaces is not a list of files")
        return
    kept, before = (sum(entry["records"].get("rows", 0) for entry in files) for files in (entries, replaced))
    if kept != before:
        facts.find(key, None, f"the compacted file has {kept} rows, the files that it replaces had {before}")
    for entry in replaced:
        facts.add("replaced", entry["file"], key, entry["sha256"])


def read_run(facts: Findings, files: ArchiveFiles, key: str, stream: Measured) -> None:
    """Read a run file, which lists its segments."""
    document = _document(facts, key, stream, RUN_KEYS)
    if not document:
        return
    segments = document["segments"]
    if not are_segments(segments):
        facts.find(key, None, "segments is not a list of segments")
        return
    _find_missing(facts, files, key, segments)


def read_decision(facts: Findings, key: str, stream: Measured) -> None:
    """Read a decision to withhold an article, or to lift that."""
    try:
        decision_in(stream.read(DOCUMENT_BYTES), key)
    except ValueError as error:
        facts.find(key, None, f"the file {error}")


def _find_missing(facts: Findings, files: ArchiveFiles, key: str, segments: list[str]) -> None:
    """Find the manifests of segments that a manifest or run file names."""
    for manifest in (key_of("manifest", one) for one in segments):
        if not files.is_listed(manifest) and not files.has_appeared(manifest):
            facts.find(manifest, None, f"the manifest is missing; {key} lists its segment", is_cause=True)


def _document(facts: Findings, key: str, stream: Measured, keys: list[str]) -> dict[str, Any]:
    """Return the content of a manifest or run file, empty if it cannot be used."""
    if problem := folder_problem(key):
        facts.find(key, None, problem)
    data = stream.read(DOCUMENT_BYTES + 1)
    try:
        if len(data) > DOCUMENT_BYTES:
            raise ValueError(f"more than {DOCUMENT_BYTES} bytes")
        value = parsed(data)
    except ValueError as error:
        facts.find(key, None, f"the file is not JSON: {error}", is_cause=True)
        return {}
    if not isinstance(value, dict):
        value = {}
    if newer := format_problem(value):
        facts.find(key, None, f"the file {newer}", is_cause=True)
        return {}
    if not set(keys) <= set(value):
        facts.find(key, None, f"the file lacks one of the keys {', '.join(keys)}")
        return {}
    own = value.get("segment", value.get("run"))
    if (own, value["outlet"]) != (stem_of(key), stem_of(key).split("-")[1]):
        facts.find(key, None, f"the file belongs to {own} and outlet {value['outlet']}")
    # Finds changes that have no meaning too.
    if (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode() != data:
        facts.find(key, None, "the file is not formatted as khobor formats it")
    return value


def _entry_problem(entry: Any, stem: str, names: Container[str]) -> str | None:
    if not is_entry(entry) or list(entry) != ENTRY_KEYS:
        return "is malformed"
    file = entry["file"]
    if file in names:
        return f"names {file} again"
    kind = file.partition("/")[0]
    if kind not in NAMED or file != key_of(kind, stem):
        return f"names {file}, which is not a file of the segment"
    return None
