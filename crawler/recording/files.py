"""The growing files of one run in the spool: WARC, index and rows."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.archive.manifests import Convert, FinishedFile, compress, sort_lines, write_final
from crawler.archive.names import KINDS, OPEN, run_name, warc_stem
from crawler.model.capture import Capture
from crawler.model.span import rfc3339
from crawler.recording.exchange import Exchange
from crawler.recording.warc import WarcFile
from crawler.system.files import make_directory, sync_path

if TYPE_CHECKING:
    from crawler.recording.recovery.remains import Remains


class LineFile:
    """A growing file of lines, held by an flock; one write a batch, so that a kill tears the last one at most."""

    def __init__(self, spool: Path, file: str) -> None:
        self.spool = spool
        self.file = file
        self.count = 0
        self.path = spool / (file + OPEN)
        make_directory(self.path.parent)
        self._descriptor = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o644)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
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

    def finish(self, name: str, convert: Convert) -> FinishedFile:
        """Write the final file `name` by `convert(open, final)`; remove the open one."""
        with self.path.open("rb") as source:
            finished = write_final(self.spool, name, partial(convert, source))
        self.path.unlink()
        os.close(self._descriptor)
        return finished


class RunFiles:
    """The files of one run. Not thread-safe: only the writer thread uses it."""

    def __init__(
        self, spool: Path, outlet: str, started: datetime, fields: Mapping[str, str], size: int, age: float
    ) -> None:
        self.spool = spool
        self.outlet = outlet
        self.run = run_name(outlet, started)
        self.finished: list[FinishedFile] = []
        self.inherited: Remains | None = None
        # Called with each WARC file finished during the run.
        self.on_finished: Callable[[FinishedFile], None] | None = None
        self._fields = fields
        self._size = size
        self._age = timedelta(seconds=age)
        self._serial = 0
        self._warc: WarcFile | None = None
        self._index: LineFile | None = None
        self._rows: dict[str, LineFile] = {}

    def due(self, moment: datetime) -> bool:
        """Return whether a capture that began at `moment` needs a new WARC file."""
        if self._warc is None:
            return False
        created = self._warc.created
        full = self._warc.size >= self._size or moment - created >= self._age
        return full or (moment.year, moment.month) > (created.year, created.month)

    def write(self, exchange: Exchange) -> Capture:
        """Write the records of one exchange. Raises OSError."""
        if self._warc is None or self._index is None:
            self._warc, self._index = self._open_warc()
        return self._warc.write(exchange)

    def sync(self, index_lines: list[str]) -> None:
        if self._warc is not None and self._index is not None:
            self._warc.sync()
            self._index.append(index_lines)

    def append_rows(self, month: str, lines: list[str]) -> None:
        """Append rows to the file of a month (`2026-11`) durably."""
        if month not in self._rows:
            folder = f"articles/outlet={self.outlet}/crawl_month={month}"
            self._rows[month] = LineFile(self.spool, f"{folder}/{self.run}.jsonl")
        self._rows[month].append(lines)
        self._rows[month].sync()

    def roll(self) -> None:
        if self._warc is None or self._index is None:
            return
        warc, index, self._warc, self._index = self._warc, self._index, None, None
        warc.finish()
        first, last = (rfc3339(date) if date else None for date in (warc.first_date, warc.last_date))
        finished = FinishedFile(warc.file, warc.size, warc.sha256, dict(warc.counts), first, last)
        self.finished += [finished, index.finish(index.file, sort_lines)]
        if self.on_finished is not None:
            self.on_finished(finished)

    def finish(self) -> list[FinishedFile]:
        """Finish everything; return the files of this run and of the remains, in the order of upload."""
        if self.inherited is not None:
            if not self.inherited.is_settled:
                return []  # rows may point at unfinished files: the next run recovers all
            self.finished += self.inherited.finish()
        self.roll()
        for rows in self._rows.values():
            finished = rows.finish(rows.file + ".gz", compress)
            finished.records = {"rows": rows.count}
            self.finished.append(finished)
        self._rows = {}
        return sorted(self.finished, key=lambda finished: KINDS.index(finished.file.partition("/")[0]))

    def _open_warc(self) -> tuple[WarcFile, LineFile]:
        self._serial += 1
        moment = datetime.now(UTC)
        while True:
            stem = warc_stem(self.outlet, moment, self._serial)
            try:
                warc = WarcFile.create(self.spool, f"warc/{stem}.warc.gz", self._fields)
            except FileExistsError:
                # Another run of `urls` used this millisecond.
                moment += timedelta(milliseconds=1)
            else:
                return warc, LineFile(self.spool, f"index/{stem}.cdxj")
