"""The unfinished segments of dead crawls in a spool: read, cut after the last whole record, and opened again."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import BinaryIO

from crawler.archive.manifests import write_final
from crawler.archive.names import KINDS, OPEN, PARTIAL, key_of, moment_of, stem_of
from crawler.archive.spool import SegmentLimits
from crawler.recording.lease import take
from crawler.recording.recovery.records import LeftRecords
from crawler.recording.recovery.rows import KeptRow, kept, row_of
from crawler.recording.segments import Segment, growing_rows, remove_growing
from crawler.recording.warc import WarcFile
from crawler.system.files import sync_path

COPY_BYTES = 1 << 20


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
    def file(self) -> str:
        return key_of("warc", self.stem)

    @property
    def path(self) -> Path:
        return self.spool / (self.file + OPEN)

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
        self.rows[row["warc"]["record_id"]] = kept(row)
        return True


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
        left.records.read(path)
        left.repair()
        if left.records.first:
            yield left
        else:
            left.remove()


def unfinished(spool: Path, outlet: str) -> list[Path]:
    """Return the WARC files of an outlet without a manifest, oldest first; a living crawl may write them."""
    paths = sorted((spool / "warc" / outlet).rglob("khobor-*"), key=lambda path: path.name)
    return [path for path in paths if not (spool / key_of("manifest", stem_of(path.name))).exists()]


def is_here(spool: Path, warc: str) -> bool:
    """Return whether a segment is in the spool, by its WARC file."""
    # In the order of its moving on; a recovery renames it back.
    return any((spool / key).exists() for key in (warc + OPEN, warc, warc + OPEN, key_of("manifest", stem_of(warc))))


def _take(spool: Path, path: Path) -> int | None:
    """Return a descriptor with the flock on an unfinished WARC file; None if a process has it, or had it until now."""
    if (descriptor := take(path)) is None:
        return None
    # In this order: its writer may have finished it meanwhile, and an upload removes the manifest last.
    if (spool / key_of("manifest", stem_of(path.name))).exists() or not _is_at(path, descriptor):
        os.close(descriptor)
        return None
    return descriptor


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
            is_finished = (spool / key_of("manifest", stem)).exists()
            if not is_finished and not is_growing and path == growing_rows(spool, stem):
                # The disk lost its WARC.
                _keep_lines(spool, path, path.read_bytes().splitlines(keepends=True))
            if is_finished or not is_growing:
                path.unlink(missing_ok=True)


def is_due(path: Path, limits: SegmentLimits) -> bool:
    """Return whether an unfinished WARC file takes no more records by its age or size."""
    with suppress(FileNotFoundError, ValueError, IndexError):
        return limits.are_reached(moment_of(path.name), path.stat().st_size, datetime.now(UTC))
    return False


# Bytes that are cut off are kept in `tails/` of the spool, for people to inspect.


def _keep_aside(spool: Path, path: Path, size: int) -> None:
    """Copy what follows the first `size` bytes of a file to `tails/NAME.SIZE`, then cut it off. Raises OSError."""
    with path.open("rb") as source:
        source.seek(size)
        _keep(spool, f"{_name(path)}.{size}", source)
    with path.open("r+b") as file:
        file.truncate(size)
        os.fsync(file.fileno())


def _keep_lines(spool: Path, path: Path, lines: list[bytes]) -> None:
    """Write the rejected lines of a file to `tails/NAME.lines`. Raises OSError."""
    _keep(spool, f"{_name(path)}.lines", BytesIO(b"".join(lines)))


def _name(path: Path) -> str:
    return path.name.removesuffix(OPEN)


def _keep(spool: Path, name: str, source: BinaryIO) -> None:
    target = spool / "tails" / name
    target.parent.mkdir(exist_ok=True)
    for number in count(1):
        if not target.exists():
            break
        target = spool / "tails" / f"{name}.{number}"
    with target.open("wb") as stream:
        shutil.copyfileobj(source, stream, COPY_BYTES)
        stream.flush()
        os.fsync(stream.fileno())
    sync_path(target.parent)
