"""Notes on disk of what a store can and of what is on its way to it: they outlive this process."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from crawler.storage import sync_path
from crawler.verification.documents import parsed


class Notes:
    """Small JSON files in a folder, named by what they are about; without a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def read(self, *about: str) -> dict[str, Any]:
        """Return what was noted; empty when nothing was, or nothing that can be read. Raises OSError."""
        if self._folder is None:
            return {}
        try:
            facts = parsed(self._path(self._folder, about).read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return facts if isinstance(facts, dict) else {}

    def write(self, facts: dict[str, Any], *about: str) -> None:
        """Note it durably. Raises OSError."""
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(self._folder, about)
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.write_text(json.dumps(facts, ensure_ascii=False))
        sync_path(partial)
        partial.replace(path)
        sync_path(self._folder)

    def remove(self, *about: str) -> None:
        """Forget it. Raises OSError."""
        if self._folder is not None:
            self._path(self._folder, about).unlink(missing_ok=True)

    def _path(self, folder: Path, about: tuple[str, ...]) -> Path:
        name = hashlib.sha256("\n".join(about).encode()).hexdigest()[:32]
        return folder / f"{name}.json"
