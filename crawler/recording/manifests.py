"""Which finished files of a spool closed runs name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def closed_runs(spool: Path, outlet: str) -> Iterator[tuple[Path, list[str]]]:
    """Yield the manifests of an outlet's closed runs with the files they name, and run files that name none.

    Raises ValueError for a file that is no JSON, OSError.
    """
    for path in sorted((spool / "manifest").rglob(f"khobor-{outlet}-*.json")):
        yield path, [entry["file"] for entry in _read(path)["files"]]
    for path in sorted((spool / "runs").rglob(f"khobor-{outlet}-*.json")):
        if not _read(path)["files"]:
            yield path, []


def _read(path: Path) -> Any:
    return json.loads(path.read_bytes())
