"""What the manifests of an archive say of the files that an export reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain
from typing import Any

from crawler.exporting import ExportFailed
from crawler.row_files import folder_of, month_of, row_files
from crawler.storage import Storage
from crawler.verification.documents import parsed
from crawler.verification.manifests import DOCUMENT_BYTES, is_entry
from crawler.verification.measured import Measured
from crawler.verification.names import name_of

# A compaction may come between two looks at the archive.
LOOKS = 3


def manifest_keys(storage: Storage) -> Iterator[tuple[str, str]]:
    """Yield (outlet, key) of each manifest. Raises StorageError."""
    for key, _ in storage.list("manifest/"):
        if name := name_of(key):
            yield name["outlet"], key


def named_rows(
    storage: Storage, outlet: str, since: str = "", manifests: Collection[str] | None = None
) -> tuple[list[str], dict[str, str]]:
    """Return the row files of an outlet that count, and the SHA-256 of all files that its manifests name.

    With `since` (`2026-10`) only the rows captured from that month on. `manifests` are those of the outlet where they
    have been listed already. A file that no manifest names yet is of a run that is being brought up. Raises
    ExportFailed, StorageError.
    """
    for _ in range(LOOKS):
        if manifests is None:
            manifests = [key for owner, key in manifest_keys(storage) if owner == outlet]
        digests = _digests(storage, manifests, _begun(storage, outlet, since))
        keys = [key for key in row_files(storage, outlet) if month_of(key) >= since]
        named = {key for key in digests if key.startswith(folder_of(outlet)) and month_of(key) >= since}
        missing, manifests = sorted(named - set(keys)), None
        if not missing:
            return keys, digests
    raise ExportFailed(f"{missing[0]} is not in the archive, though a manifest names it")


def is_mended(storage: Storage, file: str) -> bool:
    """Tell whether records were left out of the middle of a WARC when it was recovered. Raises ExportFailed."""
    manifests = (_manifest(storage, key) for outlet, key in manifest_keys(storage) if outlet == file.split("/")[1])
    entries = chain.from_iterable(manifest["files"] for manifest in manifests)
    return any(entry["file"] == file and "mended" in entry.get("recovered", ()) for entry in entries)


def check_digest(key: str, stream: Measured, sha256: str | None) -> None:
    """Raise ExportFailed unless a file that was read to its end has the SHA-256 that its manifest gives."""
    if sha256 is not None and stream.sha256 != sha256:
        raise ExportFailed(f"{key} is damaged: its SHA-256 is not that of its manifest")


def _begun(storage: Storage, outlet: str, since: str) -> str:
    """Return when the first of the runs began (`20261124T101500123`) that have rows captured from a month on."""
    if not since:
        return ""
    names = (name_of(key) for key, _ in storage.list(folder_of(outlet)) if month_of(key) >= since)
    return min((name["stamp"] for name in names if name), default=since.replace("-", ""))


def _digests(storage: Storage, manifests: Collection[str], begun: str) -> dict[str, str]:
    digests: dict[str, str] = {}
    replaced: set[str] = set()
    for key in manifests:
        if (name := name_of(key)) and name["stamp"] >= begun:
            manifest = _manifest(storage, key)
            digests |= {entry["file"]: entry["sha256"] for entry in manifest["files"]}
            replaced |= {entry["file"] for entry in manifest.get("replaces", [])}
    return {file: digest for file, digest in digests.items() if file not in replaced}


def _manifest(storage: Storage, key: str) -> dict[str, Any]:
    with storage.open(key) as stream:
        data = stream.read(DOCUMENT_BYTES + 1)
    try:
        manifest = parsed(data[:DOCUMENT_BYTES])
        whole = len(data) <= DOCUMENT_BYTES and isinstance(manifest, dict)
        lists = [manifest["files"], manifest.get("replaces", [])] if whole else [None]
    except (ValueError, KeyError) as error:
        raise ExportFailed(f"{key} is damaged: {error!r}") from error
    if not all(isinstance(entries, list) and all(map(is_entry, entries)) for entries in lists):
        raise ExportFailed(f"{key} is damaged: it names no files")
    return dict(manifest)
