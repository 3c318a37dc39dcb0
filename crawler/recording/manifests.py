"""Which finished files of a spool closed runs name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crawler.verification.documents import parsed
from crawler.verification.names import is_key


def closed_runs(spool: Path, outlet: str) -> Iterator[tuple[Path, list[str]]]:
    """Yield the manifests of an outlet's closed runs with the files they name, and run files that name none.

    Raises ValueError for a damaged one, OSError.
    """
    for path in sorted((spool / "manifest").rglob(f"khobor-{outlet}-*.json")):
        files = _files(path)
        if files is not None:
            yield path, [_name(entry, path) for entry in files]
    for path in sorted((spool / "runs").rglob(f"khobor-{outlet}-*.json")):
        if _files(path) == []:
            yield path, []


def _name(entry: Any, path: Path) -> str:
    name = entry.get("file") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not is_key(name):
        raise ValueError(f"{path} is damaged: it names {entry}")
    return name


def _files(path: Path) -> list[Any] | None:
    """Return the files that a manifest or run file names, None when it was brought up in this moment."""
    try:
        files = parsed(path.read_bytes())["files"]
    except FileNotFoundError:
        return None
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    if not isinstance(files, list):
        raise ValueError(f"{path} is damaged: it names no files")
    return files
