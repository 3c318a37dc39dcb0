"""The manifests of an archive as the index keeps them: each is read once, because it never changes."""

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from io import BytesIO
from typing import BinaryIO, NamedTuple, cast

from crawler.archive.manifests import document_in
from crawler.archive.names import MANIFEST, REEXTRACTED, manifest_of, moment_of, name_of, reextracted_folder, stem_of
from crawler.archive.rows import manifests_of
from crawler.archive.storage.base import READERS, Storage, fault_of_file
from crawler.system import clock

KEEP = "INSERT OR REPLACE INTO manifests VALUES (?, ?, 0, ?)"
PAGE = 500
BELOW = "WHERE key >= ? AND key < ?"


class Undone(NamedTuple):
    """The first month that has new manifests (`2026-10`), None without any, and what is wrong with damaged ones."""

    month: str | None
    problems: list[str]


class KeptManifests:
    """A storage to read, with the manifests that the index keeps; damaged ones are not in it."""

    def __init__(self, storage: Storage, connection: sqlite3.Connection, is_recent: bool) -> None:
        """If `is_recent`, only this month's manifests and those of the month before are looked for."""
        self._storage = storage
        self._connection = connection
        self.is_recent = is_recent
        self.url = storage.url

    def as_storage(self) -> Storage:
        """Return this as a storage; readers of rows only use `list`, `folders` and `open`."""
        return cast(Storage, self)

    def outlets(self) -> list[str]:
        """Return the outlets that have manifests. Raises StorageError."""
        found = set(self._storage.folders("manifest/"))
        for version in self._storage.folders(f"{REEXTRACTED}/"):
            names = self._storage.folders(f"{REEXTRACTED}/{version}/")
            found.update(name.removeprefix("outlet=") for name in names if name.startswith("outlet="))
        return sorted(found)

    def update(self, outlet: str) -> Undone:
        """Read the new manifests of an outlet. Raises StorageError, OSError, sqlite3.Error."""
        problems: list[str] = []
        months: set[str] = set()
        for prefix in self._prefixes(outlet):
            known = dict(
                map(tuple, self._connection.execute(f"SELECT key, is_done FROM manifests {BELOW}", _ends(prefix)))
            )
            listed = [key for key, _ in self._storage.list(prefix) if key.endswith(MANIFEST) and name_of(key)]
            new = [key for key in listed if key not in known]
            for first in range(0, len(new), PAGE):
                problems += self._read(new[first : first + PAGE])
            months.update(month_of(key) for key in (*known, *new) if not known.get(key))
        return Undone(min(filter(None, months), default=None), problems)

    def finish(self, outlet: str) -> None:
        """Note that all files of an outlet were read."""
        for prefix in self._prefixes(outlet):
            self._connection.execute(f"UPDATE manifests SET is_done = 1 {BELOW} AND NOT is_done", _ends(prefix))

    def begin_again(self, file: str) -> None:
        """Let the outlet of a file be read again."""
        self._connection.execute("UPDATE manifests SET is_done = 0 WHERE key = ?", (manifest_of(file),))

    def forget_damaged(self, before: float) -> None:
        """Let the manifests that were damaged before a time be read again."""
        self._connection.execute("DELETE FROM manifests WHERE content IS NULL AND read_at < ?", (before,))

    def list(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        for key, size in self._storage.list(prefix):
            if not key.endswith(MANIFEST) or self._content(key) is not None:
                yield key, size

    def folders(self, prefix: str) -> Iterator[str]:
        return self._storage.folders(prefix)

    def open(self, key: str, offset: int = 0) -> BinaryIO:
        content = self._content(key) if key.endswith(MANIFEST) else None
        if content is None:
            return self._storage.open(key, offset)
        return BytesIO(zlib.decompress(content)[offset:])

    def _prefixes(self, outlet: str) -> Iterator[str]:
        if self.is_recent:
            today = clock.today(UTC)
            for day in (today, today.replace(day=1) - timedelta(1)):
                yield manifests_of(outlet, f"{day:%Y-%m}")
            return
        yield manifests_of(outlet)
        for version in self._storage.folders(f"{REEXTRACTED}/"):
            yield reextracted_folder(version, outlet)

    def _content(self, key: str) -> bytes | None:
        row = self._connection.execute("SELECT content FROM manifests WHERE key = ?", (key,)).fetchone()
        return row["content"] if row else None

    def _read(self, keys: Sequence[str]) -> Iterator[str]:
        """Read manifests at the same time, as a bucket has many small ones; yield what is wrong with one."""
        with ThreadPoolExecutor(READERS) as pool:
            for key, read in zip(keys, pool.map(self._checked, keys), strict=True):
                content, problem = read
                packed = zlib.compress(content) if content is not None else None
                self._connection.execute(KEEP, (key, packed, clock.timestamp()))
                if problem:
                    yield problem

    def _checked(self, key: str) -> tuple[bytes | None, str | None]:
        try:
            with self._storage.open(key) as stream:
                content = stream.read()
            document_in(content, key)
            moment_of(stem_of(key))
        except (OSError, ValueError) as error:
            return None, f"{key} is skipped: {fault_of_file(error)}"
        return content, None


def _ends(prefix: str) -> tuple[str, str]:
    """Return the first key below a prefix, and one behind the last: a name has no character above `~`."""
    return prefix, f"{prefix}\x7f"


def month_of(key: str) -> str:
    """Return the month of a segment (`2026-10`), "" for a name without one."""
    try:
        return f"{moment_of(stem_of(key)):%Y-%m}"
    except ValueError:
        return ""
