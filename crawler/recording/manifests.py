"""Which finished files of a spool closed runs name."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from crawler.verification.documents import parsed
from crawler.verification.names import is_key


class Named(NamedTuple):
    """A file that a manifest names: its SHA-256, and the dead run that had begun it, if it is none of its own."""

    file: str
    sha256: str
    recovered_from: str | None = None


def closed_runs(spool: Path, outlet: str) -> Iterator[tuple[Path, list[Named]]]:
    """Yield the manifests of an outlet's closed runs with the files they name, and run files that name none.

    Raises ValueError for a damaged one, OSError.
    """
    for path in sorted((spool / "manifest").rglob(f"khobor-{outlet}-*.json")):
        # One may be brought up, and gone, at this moment.
        with suppress(FileNotFoundError):
            yield path, named_in(path.read_bytes(), path)
    for path in sorted((spool / "runs").rglob(f"khobor-{outlet}-*.json")):
        with suppress(FileNotFoundError):
            if not files_in(path.read_bytes(), path):
                yield path, []


def closed_by(report: Path, named: Collection[Named]) -> set[str]:
    """Return the runs that a manifest closes, or a run file that names none: its own, and those it took over."""
    files = (Path(one.file) for one in named)
    recovered = (one.recovered_from for one in named if one.recovered_from)
    return {report.stem, *recovered, *(file.stem for file in files if file.parts[0] == "runs")}


def named_in(data: bytes, path: Path) -> list[Named]:
    """Return the files that a manifest names. Raises ValueError for a damaged one."""
    return [_named(entry, path) for entry in files_in(data, path)]


def files_in(data: bytes, path: Path) -> list[Any]:
    """Return what a manifest or run file has for the files of its run. Raises ValueError for a damaged one."""
    try:
        files = parsed(data)["files"]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    if not isinstance(files, list):
        raise ValueError(f"{path} is damaged: it names no files")
    return files


def _named(entry: Any, path: Path) -> Named:
    name, sha256 = (entry.get(key) if isinstance(entry, dict) else None for key in ("file", "sha256"))
    if not isinstance(name, str) or not is_key(name) or not isinstance(sha256, str):
        raise ValueError(f"{path} is damaged: it names {entry}")
    recovered = entry.get("recovered")
    run = recovered.get("run") if isinstance(recovered, dict) else None
    return Named(name, sha256, run if isinstance(run, str) else None)
