"""The two small files that close a run: what it did, and a manifest of what it leaves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from crawler.items import rfc3339
from crawler.recording.files import FinishedFile, write_final


def write_run(spool: Path, run: str, started: datetime, facts: Mapping[str, Any]) -> FinishedFile:
    """Write `runs/YYYY/MM/RUN.json` durably. Raises OSError."""
    return _write_json(spool, f"runs/{_month(started)}/{run}.json", facts)


def write_manifest(spool: Path, run: str, outlet: str, started: datetime, files: list[FinishedFile]) -> FinishedFile:
    """Write `manifest/YYYY/MM/RUN.json`: SHA-256, bytes, record counts and dates of every file of the run."""
    manifest = {"run": run, "outlet": outlet, "files": [file.as_json() for file in files]}
    return _write_json(spool, f"manifest/{_month(started)}/{run}.json", manifest)


def _write_json(spool: Path, file: str, value: Mapping[str, Any]) -> FinishedFile:
    text = json.dumps(value, ensure_ascii=False, indent=1, default=_plain)

    def write(stream: BinaryIO) -> None:
        stream.write(text.encode() + b"\n")

    return write_final(spool, file, write)


def _plain(value: object) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)


def _month(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y/%m}"
