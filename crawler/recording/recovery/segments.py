"""The unfinished segments of dead crawls in a spool: read, cut after the last whole record, and opened again."""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from crawler.archive.documents import parsed, row_check
from crawler.archive.manifests import write_final
from crawler.archive.names import KINDS, OPEN, PARTIAL, is_key, key_of, moment_of, stem_of
from crawler.archive.rows import text_digest
from crawler.archive.spool import SegmentLimits
from crawler.extraction import EXTRACTOR
from crawler.model.article import label_of
from crawler.recording.recovery.records import LeftRecords
from crawler.recording.segments import Segment, growing_rows, remove_growing
from crawler.recording.warc import WarcFile
from crawler.system import clock
from crawler.system.files import sync_path

COPY_BYTES = 1 << 20

# Whoever checks a lock holds it for a moment. `verify` only shares it, but may come often.
GLANCES, LOOKS, GLANCE_SECONDS = 10, 500, 0.02


# What of a row is in the article's entry in state, and of its pointer.
KEPT = ("outlet", "fetched_at", "version", "text_digest")
PLACE = ("file", "offset", "record_id")


class KeptRow(NamedTuple):
    """What recovery needs of a row; `facts` are those of the article's entry in state."""

    id: str
    canonical_url: str
    facts: dict[str, Any]


@dataclass(slots=True)
class LeftSegment:
    """An unfinished segment, held by the flock on its WARC file; `rows` are its rows by record ID."""

    spool: Path
    stem: str
    descriptor: int
    records: LeftRecords
    rows: dict[str, KeptRow] = field(default_factory=dict)
    decided: int = 0

    def is_decided(self, record_id: str | None) -> bool:
        """Return whether a record is among the first `decided` bytes, whose pages have their verdict."""
        return self.records.places.get(record_id or "", (self.decided, 0))[0] < self.decided

    @property
    def path(self) -> Path:
        return self.spool / (self.records.file + OPEN)

    @property
    def cut_bytes(self) -> int:
        """The bytes of records and rows that were cut off, by this recovery and by earlier ones."""
        return sum(path.stat().st_size for path in (self.spool / "tails").glob(f"{self.stem}.*"))

    def repair(self) -> None:
        """Cut off torn records and rows, and write the index again. Raises OSError."""
        self._sweep()
        if self.path.stat().st_size > self.records.size:
            _keep_aside(self.spool, self.path, self.records.size)
        self._repair_rows()
        lines = [line.encode() + b"\n" for line in sorted(self.records.index_lines)]
        write_final(self.spool, key_of("index", self.stem) + OPEN, lambda stream: stream.writelines(lines))

    def open(self) -> Segment:
        """Return the segment again, for the rows of its pages."""
        left = self.records
        warc = WarcFile.reopen(self.descriptor, self.spool, left.file, left.counts, left.first, left.last)
        return Segment(self.spool, warc, left.runs, self.cut_bytes)

    def remove(self) -> None:
        """Remove a segment without an exchange."""
        remove_growing(self.spool, self.stem)
        self.path.unlink()
        os.close(self.descriptor)

    def _sweep(self) -> None:
        """Remove final forms: the growing ones stay until the manifest is there."""
        for kind in KINDS:
            for path in (self.spool / key_of(kind, self.stem)).parent.glob(f"{self.stem}.*{PARTIAL}"):
                path.unlink()
        for kind in ("index", "articles"):
            (self.spool / key_of(kind, self.stem)).unlink(missing_ok=True)

    def _repair_rows(self) -> None:
        path = growing_rows(self.spool, self.stem)
        if not path.exists():
            return
        lines, rejected = list[bytes](), list[bytes]()
        with path.open("rb") as stream:
            for line in stream:
                (lines if self._keeps(line) else rejected).append(line)
        if rejected:
            _keep_lines(self.spool, path, rejected)
            key = path.relative_to(self.spool).as_posix()
            write_final(self.spool, key, lambda stream: stream.writelines(lines))

    def _keeps(self, line: bytes) -> bool:
        """Return whether a line is a row, the first one, of a capture in this segment."""
        row = row_of(line)
        if row is None or row["warc"]["record_id"] in self.rows or not self.records.holds(row["warc"]):
            return False
        facts = {name: row[name] for name in KEPT} | {name: row["warc"][name] for name in PLACE}
        facts["extractor"] = label_of(row["extractor"])
        self.rows[facts["record_id"]] = KeptRow(row["id"], row["canonical_url"], facts)
        return True


def row_of(line: bytes) -> dict[str, Any] | None:
    """Return the row in a line; None for a line that is torn, damaged or not ours."""
    row: Any = None
    with suppress(ValueError):
        row = parsed(line) if line.endswith(b"\n") else None
    if any(row_check()(row)) or not row["fetched_at"] or not row["warc"] or not is_key(row["warc"]["file"]):
        return None
    # Other extractor versions may fold title and text differently.
    is_whole = not EXTRACTOR.made(row["extractor"]) or row["text_digest"] == text_digest(row["title"], row["text"])
    return row if is_whole else None


def left_segments(
    spool: Path, outlet: str, is_wanted: Callable[[Path], bool] = lambda path: True
) -> Iterator[LeftSegment]:
    """Yield the unfinished segments of an outlet that no living crawl writes, repaired, oldest first.

    `is_wanted` chooses among their WARC files. Raises OSError, ValueError for a file that was moved.
    """
    _sweep(spool, outlet)
    for path in unfinished(spool, outlet):
        descriptor = _take(spool, path) if is_wanted(path) else None
        if descriptor is None:
            continue
        stem = stem_of(path.name)
        if path.suffix != OPEN:
            # Its crawl died between the two names.
            path.rename(path := path.with_name(path.name + OPEN))
            sync_path(path.parent)
        left = LeftSegment(spool, stem, descriptor, LeftRecords(key_of("warc", stem)))
        try:
            left.records.read(path)
            left.repair()
        except BaseException:
            os.close(descriptor)
            raise
        if left.records.first:
            yield left
        else:
            left.remove()


def unfinished(spool: Path, outlet: str) -> list[Path]:
    """Return the WARC files of an outlet without a manifest, oldest first; a living crawl may write them."""
    paths = sorted((spool / "warc" / outlet).rglob("khobor-*"), key=lambda path: path.name)
    return [path for path in paths if not _is_finished(spool, path.name)]


def _is_finished(spool: Path, name: str) -> bool:
    return (spool / key_of("manifest", stem_of(name))).exists()


def is_here(spool: Path, warc: str) -> bool:
    """Return whether a segment is in the spool, by its WARC file."""
    # In the order of its moving on; a recovery renames it back.
    return any((spool / key).exists() for key in (warc + OPEN, warc, warc + OPEN, key_of("manifest", stem_of(warc))))


def _take(spool: Path, path: Path) -> int | None:
    """Return a descriptor with the flock on an unfinished WARC file; None if a process has it, or had it until now."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    # In this order: its writer may have finished it meanwhile, and an upload removes the manifest last.
    if _lock(descriptor) and not _is_finished(spool, path.name) and _is_at(path, descriptor):
        return descriptor
    os.close(descriptor)
    return None


def _lock(descriptor: int) -> bool:
    """Take the flock of a file, unless a living process holds it."""
    held = 0
    for _ in range(LOOKS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            held += not _is_looked_at(descriptor)
        if held == GLANCES:
            break
        time.sleep(GLANCE_SECONDS)
    return False


def _is_looked_at(descriptor: int) -> bool:
    """Return whether the lock on a file is shared, as writers never do."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return True


def _is_at(path: Path, descriptor: int) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(descriptor), path.stat())
    return False


def _sweep(spool: Path, outlet: str) -> None:
    """Remove growing files whose segment is finished or gone."""
    for folder in (spool / "index" / outlet, spool / "articles" / f"outlet={outlet}"):
        for path in folder.rglob(f"khobor-*{OPEN}"):
            stem = stem_of(path.name)
            # In this order: its writer may rename the WARC at this moment, and a recovery renames it back.
            is_growing = any((spool / (key_of("warc", stem) + end)).exists() for end in (OPEN, "", OPEN))
            is_finished = _is_finished(spool, stem)
            if not is_finished and not is_growing and path == growing_rows(spool, stem):
                # The disk lost its WARC.
                _keep_lines(spool, path, path.read_bytes().splitlines(keepends=True))
            if is_finished or not is_growing:
                path.unlink(missing_ok=True)


def is_due(path: Path, limits: SegmentLimits) -> bool:
    """Return whether an unfinished WARC file takes no more records by its age or size."""
    with suppress(FileNotFoundError, ValueError, IndexError):
        return limits.are_reached(moment_of(path.name), path.stat().st_size, clock.now())
    return False


def _keep_aside(spool: Path, path: Path, size: int) -> None:
    """Copy what follows the first `size` bytes of a file to `tails/NAME.SIZE`, then cut it off. Raises OSError."""
    with path.open("rb") as source:
        source.seek(size)
        _keep(spool, path, str(size), source)
    with path.open("r+b") as file:
        file.truncate(size)
        os.fsync(file.fileno())


def _keep_lines(spool: Path, path: Path, lines: list[bytes]) -> None:
    """Write the rejected lines of a file to `tails/NAME.lines`. Raises OSError."""
    _keep(spool, path, "lines", BytesIO(b"".join(lines)))


def _keep(spool: Path, path: Path, suffix: str, source: BinaryIO) -> None:
    """Append what is cut off a file to one in `tails/` of the spool, for people to inspect."""
    target = spool / "tails" / f"{path.name.removesuffix(OPEN)}.{suffix}"
    target.parent.mkdir(exist_ok=True)
    with target.open("ab") as stream:
        shutil.copyfileobj(source, stream, COPY_BYTES)
        stream.flush()
        os.fsync(stream.fileno())
    sync_path(target.parent)
