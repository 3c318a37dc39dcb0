"""The copy of an archive: list both ends, then copy each kind of file that is missing and verify the rest.

A file appears at the target whole or not at all. Rows are copied after the records that they point to, and manifests
after all files that they name. So every pointer at the target is valid at any moment, also after a copy was killed,
unless the source lacks the file or has it damaged. The manifests are listed first: files that a crawl or a compaction
adds later are left to the next copy.
"""

import hashlib
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any, BinaryIO, NamedTuple

from crawler.archive.manifests import entries_of
from crawler.archive.names import KINDS
from crawler.archive.rows import is_compaction, manifest_in, replaced_by
from crawler.archive.storage.base import Storage, StorageError, fault_of_file
from crawler.recording.archive_identity import carry
from crawler.system.files import Measured
from crawler.system.terminal import counted, readable

STAGE = "copying"
MANIFESTS = "manifest"
READ_BYTES = 1 << 20

# Each has a file of up to WARC_SIZE in the spool.
WORKERS = 4
COPIED, THERE, DAMAGED, DIFFERS, GONE = "copied", "there", "damaged", "differs", "gone"

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
-- Files that this copy, or an earlier one that did not complete, has verified at the target.
CREATE TABLE IF NOT EXISTS verified (key TEXT PRIMARY KEY, bytes INTEGER) WITHOUT ROWID;
DROP TABLE IF EXISTS source;
DROP TABLE IF EXISTS target;
DROP TABLE IF EXISTS named;
DROP TABLE IF EXISTS replaced;
CREATE TABLE source (key TEXT PRIMARY KEY, kind TEXT, bytes INTEGER) WITHOUT ROWID;
CREATE TABLE target (key TEXT PRIMARY KEY, bytes INTEGER) WITHOUT ROWID;
-- Entries of manifests.
CREATE TABLE named (key TEXT PRIMARY KEY, sha256 TEXT) WITHOUT ROWID;
CREATE TABLE replaced (key TEXT PRIMARY KEY) WITHOUT ROWID;
"""
WHOLE = "FROM source WHERE key NOT IN (SELECT key FROM replaced)"
WANTED = """FROM source LEFT JOIN target USING (key) WHERE key NOT IN (SELECT key FROM replaced)
    AND NOT EXISTS (SELECT 1 FROM verified WHERE verified.key = source.key AND verified.bytes = source.bytes
    AND target.bytes = source.bytes)"""


@dataclass(frozen=True, slots=True)
class FileOutcome:
    key: str
    bytes: int
    what: str
    sentence: str = ""


@dataclass(slots=True)
class Copied:
    files: Counter[str] = field(default_factory=Counter)
    # Of the copied files.
    bytes: int = 0
    problems: list[FileOutcome] = field(default_factory=list)
    removed: int = 0
    # The kind after which the copy stopped, because later kinds would point to missing files.
    kept_back: str = ""

    def add(self, outcome: FileOutcome) -> None:
        self.files[outcome.what] += 1
        self.bytes += outcome.bytes if outcome.what == COPIED else 0
        if outcome.sentence:
            self.problems.append(outcome)

    def __str__(self) -> str:
        parts = [f"{counted(self.files[COPIED], 'file')} of {readable(self.bytes)} copied"]
        parts += [f"{self.files[THERE]} found there"] if self.files[THERE] else []
        parts += [f"{len(self.problems)} wrong"] if self.problems else []
        parts += [f"{self.removed} replaced ones removed"] if self.removed else []
        return ", ".join(parts)


class Unreadable(Exception):
    """An existing file of the source cannot be read; the message says why."""


class PlannedFile(NamedTuple):
    """A file to copy or compare: its bytes at both ends (`there` is None if missing), and its digest, if known."""

    key: str
    bytes: int
    there: int | None
    sha256: str | None


class CopyInventory:
    """The files at both ends, the entries of manifests, and the files that are verified.

    It is a database in the spool, so that memory stays flat, for one thread. The next copy between the same two stores
    skips the files that an interrupted one verified.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(SCHEMA)

    def close(self) -> None:
        self._database.close()

    def remove(self) -> None:
        self._database.close()
        for path in self._path.parent.glob(f"{self._path.name}*"):
            path.unlink()

    def enter_manifest(self, files: Iterable[dict[str, Any]], replaced: Iterable[dict[str, Any]]) -> None:
        self._many("INSERT OR IGNORE INTO named VALUES (?, ?)", ((one["file"], one["sha256"]) for one in files))
        self._many("INSERT OR IGNORE INTO replaced VALUES (?)", ((one["file"],) for one in replaced))

    def enter_source(self, files: Iterable[tuple[str, str, int]]) -> None:
        self._many("INSERT OR REPLACE INTO source VALUES (?, ?, ?)", files)

    def enter_target(self, files: Iterable[tuple[str, int]]) -> None:
        self._many("INSERT OR REPLACE INTO target VALUES (?, ?)", files)

    def enter_verified(self, key: str, size: int) -> None:
        for table in ("verified", "target"):
            self._database.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", (key, size))

    def wanted(self, kind: str) -> Iterator[PlannedFile]:
        """Yield the files of a kind that are not verified, in order; they may be entered as verified meanwhile."""
        digest = "(SELECT sha256 FROM named WHERE named.key = source.key)"
        query = f"SELECT key, source.bytes, target.bytes, {digest} {WANTED} AND kind = ? ORDER BY key"
        return map(PlannedFile._make, self._database.execute(query, (kind,)))

    def missing(self) -> list[str]:
        return self._keys("""SELECT key FROM named WHERE key NOT IN (SELECT key FROM source)
            AND key NOT IN (SELECT key FROM replaced) ORDER BY key""")

    def outlived(self) -> list[str]:
        """Return the target's files that a compaction replaced and the source no longer has."""
        return self._keys("""SELECT key FROM target WHERE key IN (SELECT key FROM replaced)
            AND key NOT IN (SELECT key FROM source) ORDER BY key""")

    def _keys(self, query: str, *values: str) -> list[str]:
        return [one for (one,) in self._database.execute(query, values)]

    def sum(self, files: str) -> tuple[int, int]:
        """Return the number and bytes of the source's files in WHOLE, or in WANTED."""
        count, size = self._database.execute(f"SELECT count(*), coalesce(sum(source.bytes), 0) {files}").fetchone()
        return int(count), int(size)

    def _many(self, statement: str, values: Iterable[Any]) -> None:
        self._database.execute("BEGIN")
        self._database.executemany(statement, values)
        self._database.execute("COMMIT")


class Copying:
    """One copy from a store to another, through a folder of the spool; one at a time in a spool."""

    def __init__(self, source: Storage, target: Storage, spool: Path, on_bytes: Callable[[int], None]) -> None:
        """`on_bytes` is called from any thread with the number of bytes just read."""
        self.copied = Copied()
        self.strays: list[str] = []
        self._source = source
        self._target = target
        self._on_bytes = on_bytes
        self._stopping = Event()
        self._is_done = False
        name = hashlib.sha256(f"{source.url}\n{target.url}".encode()).hexdigest()[:16]
        self._stage = spool / STAGE / name
        self._inventory = CopyInventory(spool / STAGE / f"{name}.db")

    def close(self) -> None:
        """Keep the verified files for the next copy, unless this one is complete."""
        shutil.rmtree(self._stage, ignore_errors=True)
        if self._is_done and not self.copied.problems:
            self._inventory.remove()
        else:
            self._inventory.close()

    @property
    def bytes_left(self) -> int:
        """The bytes of the files that are not verified at the target yet."""
        return self._inventory.sum(WANTED)[1]

    def summary(self) -> str:
        files, size = self._inventory.sum(WHOLE)
        left, _ = self._inventory.sum(WANTED)
        holds = f"holds {files - left} of" if left else "holds all"
        whole = f"{self._target.url} {holds} {counted(files, 'file')} of {self._source.url}, {readable(size)}"
        return f"{self.copied}; {whole}"

    def survey(self) -> None:
        """List both ends. Raises StorageError, OSError."""
        # Listed before all else: the files that these name exist already.
        manifests = dict(self._source.list(f"{MANIFESTS}/"))
        for key in list(manifests):
            if problem := self._enter_manifest(key):
                self.copied.add(FileOutcome(key, manifests.pop(key), DAMAGED, problem))
        self._inventory.enter_source((key, MANIFESTS, size) for key, size in manifests.items())
        self._inventory.enter_source(self._listed())
        self._inventory.enter_target(self._target.list())
        missing = self._inventory.missing()
        replaced = self._replaced_since(manifests) if missing else set()
        for key in missing:
            sentence = f"{key} is named by a manifest but is not in {self._source.url}"
            self.copied.add(self._gone(key, 0) if key in replaced else FileOutcome(key, 0, DAMAGED, sentence))

    def copy(self) -> Iterator[tuple[str, Copied]]:
        """Copy and yield kind after kind; end after one that differs at the target. Raises StorageError, OSError."""
        for kind in KINDS:
            done = Copied()
            for outcome in self._outcomes(kind):
                done.add(outcome)
                self.copied.add(outcome)
                if not outcome.sentence:
                    self._inventory.enter_verified(outcome.key, outcome.bytes)
            yield kind, done
            if any(problem.what != DAMAGED for problem in done.problems):
                self.copied.kept_back = "" if kind == MANIFESTS else kind
                return
        carry(self._source, self._target)
        if self.copied.problems:
            return  # a compacted file may be lost; the target keeps the files that it replaced
        for key in self._inventory.outlived():
            self._target.remove(key)
            self.copied.removed += 1
        self._is_done = True

    def _enter_manifest(self, key: str) -> str | None:
        try:
            with self._reading(key):
                manifest = manifest_in(self._source, key)
            if manifest is not None:
                self._inventory.enter_manifest(*entries_of(manifest, key))
        except ValueError as error:
            return f"{self._source.url}: {error}"
        except Unreadable as error:
            return str(error)
        return None

    def _replaced_since(self, known: Container[str]) -> set[str]:
        new = (key for key, _ in self._source.list(f"{MANIFESTS}/") if key not in known and is_compaction(key))
        found = (manifest_in(self._source, key) for key in new)
        return {file for manifest in found if manifest for file in replaced_by(manifest)}

    def _gone(self, key: str, size: int) -> FileOutcome:
        sentence = f"{key} was removed from {self._source.url} during the copy, maybe by a compaction; copy again"
        return FileOutcome(key, size, GONE, sentence)

    def _listed(self) -> Iterator[tuple[str, str, int]]:
        for key, size in self._source.list():
            kind, *parts = key.split("/")
            if kind in KINDS and parts and not {"", ".", ".."} & set(parts):
                if kind != MANIFESTS:
                    yield key, kind, size
            elif key:  # S3 may have an object for the folder itself
                self.strays.append(key)

    def _outcomes(self, kind: str) -> Iterator[FileOutcome]:
        waiting: set[Future[FileOutcome]] = set()
        with ThreadPoolExecutor(WORKERS) as pool:
            try:
                for file in self._inventory.wanted(kind):
                    waiting.add(pool.submit(self._process, file))
                    if len(waiting) > 2 * WORKERS:
                        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                        yield from (one.result() for one in done)
                yield from (one.result() for one in waiting)
            except BaseException:
                self._stopping.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _process(self, file: PlannedFile) -> FileOutcome:
        try:
            what, sentence = self._transfer(file) if file.there is None else self._compare(file)
        except FileNotFoundError:
            return self._gone(file.key, file.bytes)
        except Unreadable as error:
            what, sentence = DAMAGED, str(error)
        return FileOutcome(file.key, file.bytes, what, sentence)

    def _compare(self, file: PlannedFile) -> tuple[str, str]:
        """Compare a file at the target with its manifest, or with the source if no manifest names it."""
        if file.there != file.bytes:
            sizes = f"{file.there} bytes, in {self._source.url} {file.bytes}"
            return DIFFERS, f"{file.key} in {self._target.url} has {sizes}"
        wanted = file.sha256 or self._read_source(file.key, None).sha256
        if self._read(self._target, file.key, None).sha256 == wanted:
            return THERE, ""
        other = "its manifest" if file.sha256 else f"the file in {self._source.url}"
        return DIFFERS, f"{file.key} in {self._target.url} differs from {other} (SHA-256)"

    def _transfer(self, file: PlannedFile) -> tuple[str, str]:
        staged = self._stage / file.key
        staged.parent.mkdir(parents=True, exist_ok=True)
        try:
            with staged.open("wb") as stream:
                measured = self._read_source(file.key, stream)
                stream.flush()
                os.fsync(stream.fileno())
            damaged = f"{file.key} in {self._source.url} is damaged"
            if measured.bytes != file.bytes:
                return DAMAGED, f"{damaged}: it has {measured.bytes} bytes, listed with {file.bytes}"
            if file.sha256 and measured.sha256 != file.sha256:
                return DAMAGED, f"{damaged}: its SHA-256 differs from its manifest"
            self._target.put(staged, file.key, sha256=measured.sha256)
        finally:
            staged.unlink(missing_ok=True)
        return COPIED, ""

    @contextmanager
    def _reading(self, key: str) -> Iterator[None]:
        """Raise Unreadable for a problem of one file, but not for an unreachable store or a full disk of ours."""
        try:
            yield
        except FileNotFoundError:
            raise
        except (OSError, StorageError) as error:
            raise Unreadable(f"{key} in {self._source.url} cannot be read: {fault_of_file(error)}") from error

    def _read_source(self, key: str, into: BinaryIO | None) -> Measured:
        with self._reading(key):
            return self._read(self._source, key, into)

    def _read(self, storage: Storage, key: str, into: BinaryIO | None) -> Measured:
        with storage.open(key) as stream:
            measured = Measured(stream, self._on_bytes)
            while data := measured.read(READ_BYTES):
                if self._stopping.is_set():
                    raise CancelledError
                if into is not None:
                    into.write(data)
        return measured
