"""The copy of an archive: list the source, then copy each kind of file that is missing and verify the rest.

A file appears at the target whole or not at all. Rows are copied after the records that they point to, and manifests
after all files that they name. So every pointer at the target is valid at any moment, also after a copy was killed,
unless the source lacks the file or has it damaged. The manifests are listed first: files that a crawl or a compaction
adds later are left to the next copy.

A copy from a backup can also replace the damaged files of an archive: those that the backup proves.
"""

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import Any, BinaryIO

from crawler.archive.manifests import document_in
from crawler.archive.names import (
    COPY_ORDER,
    MANIFEST,
    REEXTRACTED,
    WITHHELD,
    is_decision,
    is_key,
    manifest_of,
    outlet_of,
)
from crawler.archive.rows import is_compaction, manifests_of, month_of
from crawler.archive.storage import MANIFESTS, manifests_first
from crawler.archive.storage.base import Storage, StorageError, fault_of_file
from crawler.recording.archive_identity import carry
from crawler.system.files import Measured, sync_path
from crawler.system.terminal import counted, readable
from crawler.tools.verification.database import ScratchDatabase
from crawler.tools.verification.files import ArchiveFiles
from crawler.tools.verification.segments import document_fits

STAGE = "copying"
ARE_MANIFESTS = f"key GLOB '{MANIFESTS}*' OR key GLOB '{REEXTRACTED}/*{MANIFEST}'"

# Each has a file of up to WARC_SIZE in the spool.
WORKERS = 4
# The files that are planned at once; memory holds their keys.
PAGE = 1000
COPIED, REPLACED, THERE = "copied", "replaced", "there"
DAMAGED, DIFFERS, GONE = "damaged", "differs", "gone"

TABLES = """
-- The files of the source, and those that only a manifest names, without bytes. The digest is that in the manifest.
CREATE TABLE files (key TEXT PRIMARY KEY, bytes INTEGER, sha256 TEXT, is_verified INTEGER) WITHOUT ROWID;
CREATE TABLE replaced (key TEXT PRIMARY KEY) WITHOUT ROWID;
"""
NAME = "INSERT INTO files (key, sha256) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET sha256 = excluded.sha256"


@dataclass(slots=True)
class CopiedFile:
    """A file on its way, and in the end what happened to it, with a sentence about a problem.

    `bytes` is its size at the source, None if it is missing there; `sha256` its digest, if a manifest has it.
    """

    key: str
    bytes: int | None
    sha256: str | None = None
    is_verified: bool | None = None
    what: str = ""
    sentence: str = ""


@dataclass(slots=True)
class Copied:
    files: Counter[str] = field(default_factory=Counter)
    # Of the copied files.
    bytes: int = 0
    problems: list[CopiedFile] = field(default_factory=list)
    removed: int = 0
    # The kind after which the copy stopped, because later kinds would point to missing files.
    kept_back: str = ""

    def add(self, file: CopiedFile) -> None:
        self.files[file.what] += 1
        self.bytes += file.bytes or 0 if file.what == COPIED else 0
        if file.sentence:
            self.problems.append(file)

    def __str__(self) -> str:
        parts = [f"{counted(self.files[COPIED], 'file')} of {readable(self.bytes)} copied"]
        parts += [f"{counted(self.files[REPLACED], 'damaged file')} replaced"] if self.files[REPLACED] else []
        parts += [f"{self.files[THERE]} found there"] if self.files[THERE] else []
        parts += [f"{len(self.problems)} wrong"] if self.problems else []
        parts += [f"{self.removed} replaced ones removed"] if self.removed else []
        return ", ".join(parts)


class Problem(Exception):
    """What is wrong with one file (DAMAGED, DIFFERS or GONE), and the sentence about it; the copy goes on."""


class Copying:
    """One copy from a store to another, through a folder of the spool; one at a time in a spool."""

    def __init__(
        self,
        source: Storage,
        target: Storage,
        spool: Path,
        on_bytes: Callable[[int], None],
        replaces_damaged: bool = False,
    ) -> None:
        """`on_bytes` is called from any thread with the number of bytes just read.

        With `replaces_damaged`, the source is a backup of the target.
        """
        self.copied = Copied()
        self.strays: list[str] = []
        # Of the source, without files that a compaction replaced.
        self.files = self.bytes = 0
        self._source = source
        self._target = target
        self._on_bytes = on_bytes
        self._replaces_damaged = replaces_damaged
        self._stopping = Event()
        name = hashlib.sha256(f"{source.url}\n{target.url}".encode()).hexdigest()[:16]
        self._stage = spool / STAGE / name
        # A copy that goes on after a stopped one does not read again what that one verified at the target.
        self._verified = spool / STAGE / f"{name}.verified"
        self._database = ScratchDatabase(TABLES)

    def close(self) -> None:
        shutil.rmtree(self._stage, ignore_errors=True)
        self._database.close()

    def summary(self) -> str:
        done = sum(self.copied.files[what] for what in (COPIED, REPLACED, THERE))
        holds = f"holds {done} of" if done < self.files else "holds all"
        whole = f"{holds} {counted(self.files, 'file')} of {self._source.url}, {readable(self.bytes)}"
        return f"{self.copied}; {self._target.url} {whole}"

    def survey(self) -> None:
        """List the source and read its manifests. Raises StorageError, OSError."""
        for key, size in manifests_first(self._source):
            if is_key(key) or is_decision(key):
                self._database.add("files", key, size, None, None)
            else:
                self.strays.append(key)
        for key in self._database.keys(ARE_MANIFESTS):
            try:
                self._enter_manifest(key)
            except Problem as problem:
                self.copied.add(CopiedFile(key, 0, None, None, *problem.args))
                self._database.run("DELETE FROM files WHERE key = ?", key)
        self._database.run("DELETE FROM files WHERE key IN (SELECT key FROM replaced)")
        if self._replaces_damaged:
            self._leave_out_compacted()
        self.files, self.bytes = self._database.one("SELECT count(*), coalesce(sum(bytes), 0) FROM files")
        # Whatever was verified earlier may be damaged now.
        if self._verified.exists() and not self._replaces_damaged:
            with self._verified.open(errors="replace") as lines:
                for stated, _, file in (line.rstrip("\n").partition(" ") for line in lines):
                    self._database.run("UPDATE files SET is_verified = 1 WHERE key = ? AND bytes = ?", file, stated)

    def copy(self) -> Iterator[tuple[str, Copied]]:
        """Copy and yield kind after kind; end after one that differs at the target. Raises StorageError, OSError."""
        self._stage.mkdir(parents=True, exist_ok=True)
        with self._verified.open("a") as verified:
            for kind in COPY_ORDER:
                done = Copied()
                for file in self._processed(kind):
                    done.add(file)
                    self.copied.add(file)
                    if not file.sentence and not file.is_verified:
                        print(file.bytes, file.key, file=verified, flush=True)
                yield kind, done
                # Nothing points at a decision to withhold an article.
                if kind != WITHHELD and any(problem.what != DAMAGED for problem in done.problems):
                    self.copied.kept_back = "" if kind == COPY_ORDER[-1] else kind
                    return
        carry(self._source, self._target, self._replaces_damaged)
        if not self.copied.problems:  # else a compacted file may be lost; the target keeps the files that it replaced
            self._remove_replaced()
            self._verified.unlink()

    def _enter_manifest(self, key: str) -> None:
        named, replaced = self._entries_of(self._source, key)
        for entry in named:
            self._database.run(NAME, entry["file"], entry["sha256"])
        for entry in replaced:
            self._database.add("replaced", entry["file"])

    def _leave_out_compacted(self) -> None:
        """Leave out the row files that a compaction has replaced at the target since the backup."""
        for key, _ in self._target.list(MANIFESTS):
            if is_compaction(key) and not self._database.one("SELECT 1 FROM files WHERE key = ?", key):
                try:
                    self._leave_out_replaced(key)
                except Problem as problem:
                    self.copied.add(CopiedFile(key, 0, None, None, *problem.args))

    def _leave_out_replaced(self, compaction: str) -> None:
        named, replaced = self._entries_of(self._target, compaction)
        for entry in replaced:
            self._database.run("DELETE FROM files WHERE key = ?", entry["file"])
        if any(self._digest_at_target(entry["file"]) != entry["sha256"] for entry in named):
            remedy = f"if {self._source.url} has the files that it replaced, move it away and copy again"
            raise Problem(DIFFERS, f"the rows of {compaction} in {self._target.url} are damaged or missing; {remedy}")

    def _entries_of(self, storage: Storage, manifest: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the files that a manifest names, and those that it replaces. Raises FileNotFoundError, Problem."""
        try:
            document = document_in(self._content(storage, manifest), manifest)
            return document["files"], document["replaces"]
        except ValueError as error:
            raise Problem(DAMAGED if storage is self._source else DIFFERS, f"{storage.url}: {error}") from error

    def _remove_replaced(self) -> None:
        for key, _ in self._target.list("articles/"):
            if self._database.one("SELECT 1 FROM replaced WHERE key = ?", key):
                self._target.remove(key)
                self.copied.removed += 1

    def _processed(self, kind: str) -> Iterator[CopiedFile]:
        # Re-extracted rows have their manifests in the same folder.
        order = f"key GLOB '*{MANIFEST}', key"
        planned = self._database.run(f"SELECT * FROM files WHERE key GLOB ? ORDER BY {order}", f"{kind}/*")
        with ThreadPoolExecutor(WORKERS) as pool:
            try:
                while page := planned.fetchmany(PAGE):
                    yield from pool.map(self._process, (CopiedFile(*row) for row in page))
            except BaseException:
                self._stopping.set()
                raise

    def _process(self, file: CopiedFile) -> CopiedFile:
        try:
            if file.bytes is None and not self._is_replaced(self._source, file.key):
                raise Problem(DAMAGED, f"{file.key} is named by a manifest but is not in {self._source.url}")
            file.what = self._bring(file)
        except FileNotFoundError:
            removed = f"was removed from {self._source.url} during the copy, maybe by a compaction; copy again"
            file.what, file.sentence = GONE, f"{file.key} {removed}"
        except Problem as problem:
            file.what, file.sentence = problem.args
        return file

    def _bring(self, file: CopiedFile) -> str:
        try:
            is_there = file.bytes is not None and self._is_there(file)
        except Problem as problem:
            if not self._replaces_damaged or problem.args[0] != DIFFERS or not self._is_proven(file):
                raise
            return self._transfer(file, is_damaged=True)
        return THERE if is_there else self._transfer(file)

    def _is_proven(self, file: CopiedFile) -> bool:
        """Return whether the source proves that the target's file is damaged.

        Its manifests prove the files that they name. `verify` must accept any other file, which is JSON, at the source,
        and reject it at the target.
        """
        if file.key.endswith(MANIFEST):
            return self._fits(self._source, file.key) and not self._fits(self._target, file.key)
        return file.sha256 is not None and not self._is_borne_out(file)

    def _is_borne_out(self, file: CopiedFile) -> bool:
        """Return whether the target's file agrees with the target's manifest, which differs from the source's."""
        with suppress(FileNotFoundError, Problem):
            entries = self._entries_of(self._target, manifest_of(file.key))[0]
            named = [one["sha256"] for one in entries if one["file"] == file.key and one["sha256"] != file.sha256]
            return bool(named) and self._digest_at_target(file.key) in named
        return False

    def _fits(self, storage: Storage, key: str) -> bool:
        """Return whether `verify` would accept a store's manifest, run file or decision beside the target's files."""
        with suppress(Problem), closing(ScratchDatabase()) as database:
            data, files = self._content(storage, key), ArchiveFiles(self._target, self._stage, database)
            stores = (self._source, self._target)
            return document_fits(
                files, key, data, self._advance, lambda file: any(self._is_replaced(one, file) for one in stores)
            )
        return False

    def _digest_at_target(self, key: str) -> str:
        """Return the digest of a file at the target, "" if it is missing or can't be read."""
        with suppress(FileNotFoundError, Problem):
            return self._read(self._target, key).sha256
        return ""

    def _is_replaced(self, storage: Storage, key: str) -> bool:
        """Return whether a compaction has replaced a file; the source's may be later than the listing."""
        month = month_of(key)
        listed = storage.list(manifests_of(outlet_of(key) or "", month)) if month else ()
        entries = (entry for one, _ in listed if is_compaction(one) for entry in self._entries_of(storage, one)[1])
        return any(entry["file"] == key for entry in entries)

    def _is_there(self, file: CopiedFile) -> bool:
        """Return whether a file is at the target; compare its content with its manifest, or else with the source."""
        try:
            if file.is_verified and self._target.head(file.key) == file.bytes:
                self._on_bytes(file.bytes)
                return True
            there = self._read(self._target, file.key)
        except FileNotFoundError:
            return False
        if there.sha256 == file.sha256 and there.bytes != file.bytes:
            sizes = f"it has {file.bytes} bytes, in {self._target.url} {there.bytes}"
            raise Problem(DAMAGED, f"{file.key} in {self._source.url} is damaged: {sizes}")
        if there.bytes != file.bytes:
            sizes = f"{there.bytes} bytes, in {self._source.url} {file.bytes}"
            raise Problem(DIFFERS, f"{file.key} in {self._target.url} has {sizes}")
        if there.sha256 != (file.sha256 or self._read(self._source, file.key).sha256):
            other = "its manifest" if file.sha256 else f"the file in {self._source.url}"
            raise Problem(DIFFERS, f"{file.key} in {self._target.url} differs from {other} (SHA-256)")
        return True

    def _transfer(self, file: CopiedFile, is_damaged: bool = False) -> str:
        """Copy a file that is missing or, if `is_damaged`, replace it."""
        staged = self._stage / file.key
        staged.parent.mkdir(parents=True, exist_ok=True)
        try:
            with staged.open("wb") as stream:
                measured = self._read(self._source, file.key, stream)
            sync_path(staged)
            damaged = f"{file.key} in {self._source.url} is damaged"
            if measured.bytes != file.bytes:
                raise Problem(DAMAGED, f"{damaged}: it has {measured.bytes} bytes, listed with {file.bytes}")
            if file.sha256 and measured.sha256 != file.sha256:
                raise Problem(DAMAGED, f"{damaged}: its SHA-256 differs from its manifest")
            if is_damaged:
                self._replace(staged, file.key, measured.sha256)
            else:
                self._target.put(staged, file.key, sha256=measured.sha256)
        finally:
            staged.unlink(missing_ok=True)
        return REPLACED if is_damaged else COPIED

    def _replace(self, staged: Path, key: str, sha256: str) -> None:
        try:
            self._target.replace(staged, key, sha256)
        except (OSError, StorageError) as error:
            reason = fault_of_file(error)
            raise Problem(DIFFERS, f"{key} in {self._target.url} can't be replaced: {reason}") from error
        if self._digest_at_target(key) != sha256:
            raise Problem(DIFFERS, f"{key} in {self._target.url} is not what was put")

    def _content(self, storage: Storage, key: str) -> bytes:
        text = BytesIO()
        self._read(storage, key, text)
        return text.getvalue()

    def _advance(self, count: int) -> None:
        if self._stopping.is_set():
            raise CancelledError
        self._on_bytes(count)

    def _read(self, storage: Storage, key: str, into: BinaryIO | None = None) -> Measured:
        """Read a file. Raises FileNotFoundError; Problem, but not for an unreachable store or a full disk of ours."""
        try:
            with storage.open(key) as stream:
                measured = Measured(stream, self._advance, into)
                measured.drain()
        except FileNotFoundError:
            raise
        except (OSError, StorageError) as error:
            what = DAMAGED if storage is self._source else DIFFERS
            raise Problem(what, f"{key} in {storage.url} cannot be read: {fault_of_file(error)}") from error
        return measured
