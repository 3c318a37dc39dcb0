"""The copy: survey both ends, then bring kind after kind what is not there, and hold against manifests what is.

A file appears at the target whole, under its name, or not at all; rows come after the records that they point at, and
manifests after all that they name. So whoever reads the target while it fills, or after a copy was killed, finds no
pointer that leads nowhere, unless what it leads to is missing or damaged at the source: that keeps nothing else back.
The manifests are those that were at the source before anything else was listed: what a crawl or a compaction adds
meanwhile is left to the next copy.


Reading at a copy's source: one file that can't be read keeps nothing else back."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Container, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import BinaryIO

from crawler.archive.manifests import is_entry
from crawler.archive.names import KINDS
from crawler.archive.rows import is_compaction, manifest_in, replaced_by
from crawler.archive.storage.base import NoAccess, Storage, StorageError, StoreUnreachable
from crawler.recording.archive_identity import carry
from crawler.system.files import Measured
from crawler.tools.copying.inventory import CopyInventory, CopyItem
from crawler.tools.verification.holdings import is_ours

STAGE = "copying"
MANIFESTS = "manifest"
READ_BYTES = 1 << 20

# Each has a file of up to WARC_SIZE on its way in the spool.
WORKERS = 4
COPIED, THERE, DAMAGED, DIFFERS, GONE = "copied", "there", "damaged", "differs", "gone"


@dataclass(frozen=True, slots=True)
class CopyOutcome:
    """What became of a file; `sentence` tells what is wrong."""

    key: str
    bytes: int
    what: str
    sentence: str = ""


@dataclass(slots=True)
class Copied:
    """What a copy did: files and bytes by what became of them, and what is wrong, by the sentence that tells it."""

    files: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)
    problems: list[CopyOutcome] = field(default_factory=list)
    removed: int = 0
    # The kind with which it ended, because files of the later ones point at such of this one.
    kept_back: str = ""

    def add(self, outcome: CopyOutcome) -> None:
        """Count a file."""
        self.files[outcome.what] += 1
        self.bytes[outcome.what] += outcome.bytes
        if outcome.sentence:
            self.problems.append(outcome)


class Stopped(Exception):
    """The copy is ending: what is on its way is given up."""


class Copying:
    """One copy from a store to another, through a folder of the spool; one at a time in a spool."""

    def __init__(self, source: Storage, target: Storage, spool: Path, told: Callable[[int], None]) -> None:
        """`told` learns, from any thread, how many more bytes were read."""
        self.copied = Copied()
        self.strays: list[str] = []
        self._source = source
        self._target = target
        self._told = told
        self._stopping = Event()
        self._is_done = False
        name = hashlib.sha256(f"{source.url}\n{target.url}".encode()).hexdigest()[:16]
        self._stage = spool / STAGE / name
        self._ledger = CopyInventory(spool / STAGE / f"{name}.db")

    def close(self) -> None:
        """Keep what was found whole for the next copy, unless there is none to come."""
        shutil.rmtree(self._stage, ignore_errors=True)
        if self._is_done and not self.copied.problems:
            self._ledger.remove()
        else:
            self._ledger.close()

    @property
    def left(self) -> tuple[int, int]:
        """The number and bytes of the files that were not found whole at the target yet."""
        return self._ledger.sum_wanted()

    @property
    def whole(self) -> tuple[int, int]:
        """The number and bytes of the files that are to be at the target."""
        return self._ledger.sum_source()

    def survey(self) -> None:
        """List both ends. Raises StorageError, OSError."""
        # Before all else: what these name is there already.
        manifests = dict(self._source.list(f"{MANIFESTS}/"))
        for key in list(manifests):
            if problem := self._enter_manifest(key):
                self.copied.add(CopyOutcome(key, manifests.pop(key), DAMAGED, problem))
        self._ledger.enter_source((key, MANIFESTS, size) for key, size in manifests.items())
        self._ledger.enter_source(self._listed())
        self._ledger.enter_target(self._target.list())
        missing = self._ledger.missing()
        replaced = self._replaced_since(manifests) if missing else set()
        for key in missing:
            sentence = f"{key} is not in {self._source.url}, though a manifest names it"
            self.copied.add(self._gone(key, 0) if key in replaced else CopyOutcome(key, 0, DAMAGED, sentence))

    def copy(self) -> Iterator[tuple[str, Copied]]:
        """Bring kind after kind; yield each with what became of its files, and end after one that differs there.

        Raises StorageError, OSError.
        """
        for kind in KINDS:
            done = Copied()
            for outcome in self._brought(kind):
                done.add(outcome)
                self.copied.add(outcome)
                if not outcome.sentence:
                    self._ledger.enter_verified(outcome.key, outcome.bytes)
            yield kind, done
            if any(problem.what != DAMAGED for problem in done.problems):
                self.copied.kept_back = "" if kind == MANIFESTS else kind
                return
        carry(self._source, self._target)
        if self.copied.problems:
            return  # what should have replaced the files of the target may be lost
        for key in self._ledger.outlived():
            self._target.remove(key)
            self.copied.removed += 1
        self._is_done = True

    def _enter_manifest(self, key: str) -> str | None:
        """Take in what a manifest says; return what is wrong with it."""
        try:
            with reading():
                manifest = manifest_in(self._source, key)
        except ValueError as error:
            return f"{key} in {self._source.url} is damaged: {error}"
        except Unreadable as error:
            return self._unreadable(key, error)
        files, replaced = (manifest["files"], manifest.get("replaces", [])) if manifest else ([], [])
        if not (isinstance(replaced, list) and all(map(is_entry, [*files, *replaced]))):
            return f"{key} in {self._source.url} is damaged: it names no files"
        self._ledger.enter_manifest(files, replaced)
        return None

    def _replaced_since(self, known: Container[str]) -> set[str]:
        """Return the files that compactions have replaced whose manifests came after the others were listed."""
        new = (key for key, _ in self._source.list(f"{MANIFESTS}/") if key not in known and is_compaction(key))
        found = (manifest_in(self._source, key) for key in new)
        return {file for manifest in found if manifest for file in replaced_by(manifest)}

    def _gone(self, key: str, size: int) -> CopyOutcome:
        sentence = f"{key} was in {self._source.url} a moment ago: is the archive being compacted? Copy again"
        return CopyOutcome(key, size, GONE, sentence)

    def _listed(self) -> Iterator[tuple[str, str, int]]:
        for key, size in self._source.list():
            kind, *parts = key.split("/")
            if kind in KINDS and parts and not {"", ".", ".."} & set(parts):
                if kind != MANIFESTS:
                    yield key, kind, size
            elif key:  # S3 may have an object for the folder itself
                self.strays.append(key)

    def _brought(self, kind: str) -> Iterator[CopyOutcome]:
        waiting: set[Future[CopyOutcome]] = set()
        with ThreadPoolExecutor(WORKERS) as pool:
            try:
                for item in self._ledger.wanted(kind):
                    waiting.add(pool.submit(self._bring, item))
                    if len(waiting) > 2 * WORKERS:
                        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                        yield from (one.result() for one in done)
                yield from (one.result() for one in waiting)
            except BaseException:
                self._stopping.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _bring(self, item: CopyItem) -> CopyOutcome:
        """See to it that a file is at the target. Raises StorageError, OSError, Stopped."""
        try:
            return self._compare(item) if item.there is not None else self._transfer(item)
        except FileNotFoundError:
            return self._gone(item.key, item.bytes)
        except Unreadable as error:
            return CopyOutcome(item.key, item.bytes, DAMAGED, self._unreadable(item.key, error))

    def _unreadable(self, key: str, error: Unreadable) -> str:
        return f"{key} in {self._source.url} can't be read: {error}"

    def _compare(self, item: CopyItem) -> CopyOutcome:
        """Hold what is at the target already against the manifest, or the source where none names it."""
        if item.there != item.bytes:
            with reading(), self._source.open(item.key):
                pass  # A link to nothing has no bytes that could differ.
            sentence = f"{item.key} in {self._target.url} has {item.there} bytes, in {self._source.url} {item.bytes}"
            return CopyOutcome(item.key, item.bytes, DIFFERS, sentence)
        wanted = item.sha256 or {self._read_source(item.key, None).sha256}
        if self._read(self._target, item.key, None).sha256 not in wanted:
            other = "its manifest says" if item.sha256 else f"is in {self._source.url}"
            sentence = f"{item.key} in {self._target.url} is not what {other} (SHA-256)"
            return CopyOutcome(item.key, item.bytes, DIFFERS, sentence)
        return CopyOutcome(item.key, item.bytes, THERE)

    def _transfer(self, item: CopyItem) -> CopyOutcome:
        staged = self._stage / item.key
        staged.parent.mkdir(parents=True, exist_ok=True)
        try:
            with staged.open("wb") as stream:
                measured = self._read_source(item.key, stream)
                stream.flush()
                os.fsync(stream.fileno())
            if problem := _problem(item, measured):
                reason = f"{item.key} in {self._source.url} is damaged: {problem}"
                return CopyOutcome(item.key, item.bytes, DAMAGED, reason)
            self._target.put(staged, item.key, sha256=measured.sha256)
        finally:
            staged.unlink(missing_ok=True)
        return CopyOutcome(item.key, item.bytes, COPIED)

    def _read_source(self, key: str, into: BinaryIO | None) -> Measured:
        with reading():
            return self._read(self._source, key, into)

    def _read(self, storage: Storage, key: str, into: BinaryIO | None) -> Measured:
        with storage.open(key) as stream:
            measured = Measured(stream, self._told)
            while data := measured.read(READ_BYTES):
                if self._stopping.is_set():
                    raise Stopped
                if into is not None:
                    into.write(data)
        return measured


def _problem(item: CopyItem, measured: Measured) -> str | None:
    """Return what is wrong with a file that was read."""
    if measured.bytes != item.bytes:
        return f"it has {measured.bytes} bytes, listed with {item.bytes}"
    if item.sha256 and measured.sha256 not in item.sha256:
        return "its SHA-256 is not that of its manifest"
    return None


class Unreadable(Exception):
    """A file is there and can't be read; the message tells why."""


@contextmanager
def reading() -> Iterator[None]:
    """Raise Unreadable for what is wrong with one file: no store that is away or shut, no full disk of ours."""
    try:
        yield
    except FileNotFoundError as error:
        if error.filename and os.path.islink(error.filename):
            raise Unreadable("it is a link to nothing") from error
        raise
    except (StoreUnreachable, NoAccess):
        raise
    except (OSError, StorageError) as error:
        if is_ours(error):
            raise
        raise Unreadable(str(getattr(error, "strerror", None) or error)) from error
