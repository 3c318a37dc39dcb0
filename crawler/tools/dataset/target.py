"""The place of a data set, a directory or a bucket, and what is there."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from scrapy.exceptions import UsageError

from crawler.archive.manifests import FinishedFile, write_final
from crawler.archive.names import PARTIAL
from crawler.archive.storage import storage_for
from crawler.archive.storage.base import StorageError
from crawler.archive.storage.directory import DirectoryStorage
from crawler.system.files import READ_BYTES, make_directory
from crawler.tools.dataset import facts
from crawler.tools.dataset.facts import DatasetFacts, FileFacts
from crawler.tools.export.output import ExportFailed

# The file that is there while a data set is written, with its options.
UNFINISHED = f"{facts.NAME}.unfinished"
# What a data set that is being filled says of itself.
FILLING = {"filling": True}
# The files that a data set may have.
OURS = re.compile(
    rf"{facts.FILE.pattern}|facts\.json(?:\.unfinished)?"
    r"|README\.md|LICENSE\.md|croissant\.json|plots/[\w-]+\.svg"
)
Write = Callable[[BinaryIO], object]


class DatasetTarget:
    """A place for a data set, and its folder in the spool, where files for a bucket are made first."""

    def __init__(self, url: str, spool: Path) -> None:
        """Raise UsageError for a URL that is no place of files."""
        self.url = url
        if url in ("", "-") or (("://" in url or url.startswith("s3:")) and not url.startswith("s3://")):
            raise UsageError(f"{url!r}: a data set is in a directory or in s3://bucket/prefix")
        if Path(url).exists() and not Path(url).is_dir():
            raise UsageError(f"{url} is not a directory")
        try:
            self._storage = storage_for(url)
        except StorageError as error:
            raise UsageError(f"{url!r}: a data set is in a directory or in s3://bucket/prefix") from error
        self._is_directory = isinstance(self._storage, DirectoryStorage)
        # One name for every spelling of the place.
        self.place = os.path.abspath(url) if self._is_directory else url.rstrip("/")
        self.folder = spool / "dataset" / hashlib.sha256(self.place.encode()).hexdigest()[:16]
        self._stage = Path(url) if self._is_directory else self.folder
        self._keys: set[str] | None = None

    @property
    def keys(self) -> set[str]:
        """The files that are there, without those that an interrupted process has begun. Raises ExportFailed."""
        if self._keys is None:
            with self._named():
                self._keys = {key for key, _ in self._storage.list() if key and not key.endswith(PARTIAL)}
        return self._keys

    def look_again(self) -> None:
        """Forget which files are there: another process may have changed them."""
        self._keys = None

    @property
    def is_unfinished(self) -> bool:
        return UNFINISHED in self.keys

    @property
    def is_finished(self) -> bool:
        return facts.NAME in self.keys and not self.is_unfinished

    def check(self, purpose: dict[str, Any], is_forced: bool) -> None:
        """Raise UsageError if the place has other files, a finished data set, or one of another purpose.

        `is_forced` replaces any data set.
        """
        other = next((key for key in sorted(self.keys) if not OURS.fullmatch(key)), None)
        if other is None and self.keys and not self.is_finished and not self.is_unfinished:
            other = min(self.keys)
        if other is not None:
            raise UsageError(f"{self.url} has other files, such as {other}; choose an empty place")
        if is_forced:
            return
        if self.is_finished:
            raise UsageError(f"{self.url} is a finished data set; --force replaces it")
        noted = self.unfinished
        if self.is_unfinished and not (isinstance(noted, dict) and noted.items() >= purpose.items()):
            raise UsageError(f"{self.url} is an unfinished data set with other options; --force replaces it")

    def check_filling(self) -> None:
        """Raise UsageError if there is no data set that can be filled, ExportFailed."""
        if self.is_unfinished and self.unfinished != FILLING:
            raise UsageError(f"{self.url} is unfinished: complete it with the command that began it")
        self.facts()

    @property
    def unfinished(self) -> Any:
        """What `begin` noted; None if nothing is noted, or it can't be read."""
        try:
            return json.loads(self.read(UNFINISHED)) if self.is_unfinished else None
        except ValueError:
            return None

    def begin(self, purpose: dict[str, Any]) -> None:
        """Mark the place as unfinished, and remove every other file of a data set."""
        self.mark(purpose)
        for key in sorted(self.keys - {UNFINISHED}, key=lambda key: (key != facts.NAME, key)):
            self.remove(key)
        with self._named():
            for key in [key for key, _ in self._storage.list() if key.endswith(PARTIAL)]:
                self._storage.remove(key)

    def mark(self, purpose: dict[str, Any]) -> None:
        """Mark the place as unfinished."""
        self.put(UNFINISHED, json.dumps(purpose, indent=1).encode() + b"\n", replaces=True)

    def check_ours(self, purpose: dict[str, Any], files: Iterable[FileFacts]) -> None:
        """Raise ExportFailed if a process with another spool, which has no lock of ours, has written to the place."""
        self.look_again()
        sizes = {file.path: file.bytes for file in files}
        is_whole = {key for key in self.keys if key.startswith("data/")} == sizes.keys()
        if not is_whole or self.unfinished != purpose or not all(self.has(*file) for file in sizes.items()):
            raise self._disturbed()

    def _disturbed(self) -> ExportFailed:
        return ExportFailed(f"another process writes the data set in {self.url}; give the command again")

    def end(self) -> None:
        self.remove(UNFINISHED)

    def facts(self) -> DatasetFacts:
        """Return the facts of the data set. Raises UsageError without one, ExportFailed for damaged ones."""
        if facts.NAME not in self.keys:
            raise UsageError(f"{self.url} is not a data set: it has no {facts.NAME}")
        try:
            return DatasetFacts.decoded(self.read(facts.NAME))
        except ValueError as error:
            raise ExportFailed(f"{facts.NAME} in {self.url} is damaged: {error}") from error

    def read(self, key: str) -> bytes:
        with self._named(), self._storage.open(key) as stream:
            return stream.read()

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """Yield the path of a file, of an object that of a copy."""
        path = self._stage / key
        if self._is_directory:
            yield path
            return
        make_directory(path.parent)
        try:
            with self._named(), self._storage.open(key) as stream, path.open("wb") as copy:
                shutil.copyfileobj(stream, copy, READ_BYTES)
            yield path
        finally:
            path.unlink(missing_ok=True)

    def has(self, key: str, size: int) -> bool:
        """Return whether a file is there with its size."""
        with self._named():
            return key in self.keys and self._storage.head(key) == size

    def put(self, key: str, content: bytes, replaces: bool = False) -> None:
        self.write(key, lambda stream: stream.write(content), replaces)

    def write(self, key: str, write: Write, replaces: bool = False) -> FinishedFile:
        """Write a file, which appears whole; it takes the place of another one only if it `replaces` it."""
        try:
            finished = write_final(self._stage, key, write)
        except FileNotFoundError as error:
            # Whoever begins a data set removes what others have begun.
            raise self._disturbed() from error
        except OSError as error:
            # A full disk names no file.
            error.filename = error.filename or str(self._stage / key)
            raise
        if not self._is_directory:
            self._upload(finished, replaces)
        self.keys.add(key)
        return finished

    def _upload(self, file: FinishedFile, replaces: bool) -> None:
        local = self._stage / file.file
        try:
            with self._named():
                if replaces and file.file in self.keys:
                    self._storage.replace(local, file.file, file.sha256)
                else:
                    self._storage.put(local, file.file, sha256=file.sha256)
        finally:
            local.unlink(missing_ok=True)

    def remove(self, key: str) -> None:
        with self._named():
            self._storage.remove(key)
        self.keys.discard(key)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Name the place in an error of the store: it is not the archive."""
        try:
            yield
        except StorageError as error:
            reason = str(error).removeprefix(f"{self.url}: ")
            raise ExportFailed(f"the data set in {self.url} can't be used: {reason}") from error
