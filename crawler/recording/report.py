"""The two small files that close a run: what it did, and a manifest of what it leaves."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.items import rfc3339
from crawler.recording.files import FinishedFile, run_name
from crawler.recording.warc import OPEN
from crawler.storage import digest_of, sync_path


def claim_run(spool: Path, outlet: str, started: datetime) -> datetime:
    """Return the moment that names a run: `started`, or the next millisecond no other run here has. Raises OSError."""
    while True:
        path = spool / f"runs/{_month(started)}/{run_name(outlet, started)}.json{OPEN}"
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.open("x").close()
        except FileExistsError:
            started += timedelta(milliseconds=1)
        else:
            return started


def write_run(spool: Path, run: str, started: datetime, facts: Mapping[str, Any]) -> FinishedFile:
    """Write `runs/YYYY/MM/RUN.json` durably. Raises OSError."""
    return _write_json(spool, f"runs/{_month(started)}/{run}.json", facts)


def write_manifest(spool: Path, run: str, outlet: str, started: datetime, files: list[FinishedFile]) -> FinishedFile:
    """Write `manifest/YYYY/MM/RUN.json`: SHA-256, bytes, record counts and dates of every file of the run."""
    manifest = {"run": run, "outlet": outlet, "files": [asdict(file) for file in files]}
    return _write_json(spool, f"manifest/{_month(started)}/{run}.json", manifest)


def _write_json(spool: Path, file: str, value: Mapping[str, Any]) -> FinishedFile:
    path = spool / file
    path.parent.mkdir(parents=True, exist_ok=True)
    growing = path.with_name(path.name + OPEN)
    with growing.open("w", encoding="utf-8") as stream:
        json.dump(value, stream, ensure_ascii=False, indent=1, default=_plain)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    growing.rename(path)
    sync_path(path.parent)
    return FinishedFile(file, path.stat().st_size, digest_of(path))


def _plain(value: object) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)


def _month(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y/%m}"
