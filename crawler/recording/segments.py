"""The segments of one crawl in the spool: each is a WARC file with its index, its rows and its manifest."""

import errno
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from crawler.archive.manifests import Convert, FinishedFile, compress, sort_lines, write_final, write_manifest
from crawler.archive.names import OPEN, SUFFIX, key_of, outlet_of, segment_name, stem_of
from crawler.archive.spool import SegmentLimits
from crawler.model.capture import Capture
from crawler.recording.exchange import Exchange
from crawler.recording.warc import WarcFile
from crawler.state import SpooledSegment
from crawler.system import clock
from crawler.system.files import make_directory, sync_path

# The name of growing rows: they are compressed at the end.
GROWING_ROWS = ".jsonl"


class LineFile:
    """A growing file of lines; one write a batch, so that a kill tears the last one at most."""

    def __init__(self, spool: Path, key: str, count: int = 0) -> None:
        """Open `spool/key.open`; `count` lines are in it."""
        self.key = key
        self.count = count
        self.path = spool / (key + OPEN)
        make_directory(self.path.parent)
        self._descriptor = os.open(self.path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o644)
        sync_path(self.path.parent)

    def append(self, lines: list[str]) -> None:
        data = memoryview("".join(line + "\n" for line in lines).encode())
        if os.fstat(self._descriptor).st_nlink == 0:
            raise OSError(errno.ENOENT, "the file was removed while it grew", str(self.path))
        while data:
            # A full disk takes a part; the next write raises.
            data = data[os.write(self._descriptor, data) :]
        self.count += len(lines)

    def sync(self) -> None:
        os.fdatasync(self._descriptor)

    def finish(self, spool: Path, key: str, convert: Convert) -> FinishedFile:
        """Write the final file by `convert(open, final)`; the open one stays until the manifest is there."""
        with self.path.open("rb") as source:
            return write_final(spool, key, partial(convert, source))

    def close(self) -> None:
        os.close(self._descriptor)


class Segment:
    """A growing segment. Only the writer's thread uses it; its lock is that of its WARC file."""

    def __init__(self, spool: Path, warc: WarcFile, runs: list[str], cut_bytes: int | None = None) -> None:
        self.warc = warc
        self.stem = stem_of(warc.file)
        self.outlet = outlet_of(warc.file) or ""
        self.runs = runs
        self._spool = spool
        self._cut_bytes = cut_bytes
        self._index = LineFile(spool, key_of("index", self.stem))
        self._rows: LineFile | None = None
        rows = growing_rows(spool, self.stem)
        if rows.exists():
            self._rows = LineFile(spool, _rows_key(self.stem), count=rows.read_bytes().count(b"\n"))

    def is_due(self, moment: datetime, limits: SegmentLimits) -> bool:
        """Return whether a capture that begins at `moment` needs a new segment."""
        return limits.are_reached(self.warc.created, self.warc.size, moment)

    def sync(self, index_lines: list[str]) -> None:
        """Make the written records durable, then their index lines."""
        self.warc.sync()
        self._index.append(index_lines)

    def append_rows(self, lines: list[str]) -> None:
        """Append rows durably."""
        if self._rows is None:
            self._rows = LineFile(self._spool, _rows_key(self.stem))
        self._rows.append(lines)
        self._rows.sync()

    def finish(self, after: list[str]) -> Path:
        """Finish the files, then the manifest; return its path. Nothing in the segment changes any more.

        `after` are archived segments of the outlet that no other archived one names yet.
        """
        files = [self.warc.finish(), self._index.finish(self._spool, key_of("index", self.stem), sort_lines)]
        if self._rows is not None:
            rows = self._rows.finish(self._spool, key_of("articles", self.stem), compress)
            rows.records = {"rows": self._rows.count}
            files.append(rows)
        facts: dict[str, object] = {"after": after} if after else {}
        facts |= {} if self._cut_bytes is None else {"cut_bytes": self._cut_bytes}
        manifest = write_manifest(self._spool, self.stem, self.runs, files, **facts)
        remove_growing(self._spool, self.stem)
        self.abandon()
        return self._spool / manifest.file

    def abandon(self) -> None:
        """Release the files for recovery."""
        for file in (self._index, self._rows):
            if file is not None:
                file.close()
        self.warc.abandon()


@dataclass
class Segments:
    """The segments of one crawl: one of each outlet takes records, and older ones wait for their last rows.

    `outlet` is that of the crawl, whose run file lists them all; addresses given by hand have segments of several. Not
    thread-safe: only the writer's thread uses it, except for `closing` and `outlets`.
    """

    spool: Path
    spool_id: str
    run: str
    outlet: str
    fields: Mapping[str, str]
    limits: SegmentLimits
    # Called with the manifest of each finished segment.
    on_finished: Callable[[Path], object] = lambda manifest: None
    # Returns the WARC files of archived segments of an outlet that no other archived one names.
    chain_ends: Callable[[str], list[str]] = lambda outlet: []
    # Those with segments of this crawl.
    outlets: set[str] = field(init=False)
    finished: list[str] = field(default_factory=list)
    bytes: int = 0
    # The segments that take no new records, by WARC file, and those that take records, by outlet.
    closing: dict[str, Segment] = field(default_factory=dict)
    _current: dict[str, Segment] = field(default_factory=dict)
    _serial: int = 0

    def __post_init__(self) -> None:
        self.outlets = {self.outlet}

    def due(self, moment: datetime) -> list[str]:
        """Return the outlets in which a capture that began at `moment` needs a new segment."""
        return [outlet for outlet, segment in self._current.items() if segment.is_due(moment, self.limits)]

    def write(self, exchange: Exchange) -> Capture:
        """Write the records of one exchange. Raises OSError."""
        outlet = exchange.outlet or self.outlet
        if outlet not in self._current:
            self.outlets.add(outlet)
            self._current[outlet] = Segment(self.spool, self._new_warc(outlet), [self.run])
        return self._current[outlet].warc.write(exchange)

    def sync(self, captures: Iterable[Capture]) -> None:
        """Make the records of captures durable, then their index lines."""
        lines: dict[str, list[str]] = {}
        for capture in captures:
            lines.setdefault(capture.file, []).extend([capture.index_line] if capture.index_line else [])
        for segment in self._current.values():
            if segment.warc.file in lines:
                segment.sync(lines[segment.warc.file])

    def append_rows(self, warc: str, lines: list[str]) -> None:
        """Append rows durably to the segment of a WARC file."""
        growing = {segment.warc.file: segment for segment in self._current.values()}
        (growing.get(warc) or self.closing[warc]).append_rows(lines)

    def spooled(self, warc: str, run: str | None = None) -> SpooledSegment:
        """Return what state keeps of a segment until it is archived: of this run, or of another that wrote it."""
        return SpooledSegment(warc, outlet_of(warc) or self.outlet, run or self.run, self.spool_id)

    def adopt(self, segment: Segment) -> None:
        """Take a recovered segment, for the rows of its pages."""
        self.outlets.add(segment.outlet)
        self.closing[segment.warc.file] = segment

    def roll(self, outlets: Iterable[str]) -> None:
        """Let the segments of some outlets take no more records."""
        for outlet in outlets:
            segment = self._current.pop(outlet)
            self.closing[segment.warc.file] = segment

    def finish(self, warc: str) -> None:
        """Finish a segment that no page waits for, or go on with it, after a warcinfo of this run, if it is not due."""
        segment = self.closing.pop(warc, None)
        if segment is None:
            return  # the writer was busy, and the job came twice
        if segment.outlet not in self._current and self._continues(segment):
            self._current[segment.outlet] = segment
            segment.warc.begin(self._fields_of(segment.outlet))
            segment.runs.append(self.run)
        else:
            self._complete(segment)

    def _complete(self, segment: Segment) -> None:
        manifest = segment.finish(list(map(stem_of, self.chain_ends(segment.outlet))))
        self.finished.append(segment.stem)
        self.bytes += segment.warc.size
        self.on_finished(manifest)

    def finish_all(self) -> list[Segment]:
        """Finish all segments but those that the next run continues; return these."""
        left = [segment for segment in self._current.values() if self._continues(segment)]
        for segment in left:
            del self._current[segment.outlet]
            segment.abandon()
        self.roll(list(self._current))
        for warc in list(self.closing):
            self._complete(self.closing.pop(warc))
        return left

    def leave(self, outlet: str) -> None:
        """Leave the segments of an outlet to the next recovery."""
        self.roll({outlet} & self._current.keys())
        for segment in [one for one in self.closing.values() if one.outlet == outlet]:
            self.closing.pop(segment.warc.file).abandon()

    def abandon(self) -> None:
        """Leave all segments to the next recovery."""
        for outlet in self.outlets:
            self.leave(outlet)

    def _continues(self, segment: Segment) -> bool:
        return self.limits.is_continued and not segment.is_due(clock.now(), self.limits)

    def _fields_of(self, outlet: str) -> Mapping[str, str]:
        return {**self.fields, "isPartOf": outlet} if "isPartOf" in self.fields else self.fields

    def _new_warc(self, outlet: str) -> WarcFile:
        self.spool.stat()  # raises for a spool that was unmounted: nothing may be written in its place
        self._serial += 1
        moment = clock.now()
        while True:
            stem = segment_name(outlet, moment, self._serial)
            try:
                return WarcFile.create(self.spool, key_of("warc", stem), self._fields_of(outlet))
            except FileExistsError:
                # Another run used this millisecond.
                moment += timedelta(milliseconds=1)


def growing_rows(spool: Path, stem: str) -> Path:
    return spool / (_rows_key(stem) + OPEN)


def remove_growing(spool: Path, stem: str) -> None:
    """Remove the growing index and rows of a segment whose manifest is there."""
    for path in (spool / (key_of("index", stem) + OPEN), growing_rows(spool, stem)):
        path.unlink(missing_ok=True)


def _rows_key(stem: str) -> str:
    return key_of("articles", stem).removesuffix(SUFFIX["articles"]) + GROWING_ROWS
