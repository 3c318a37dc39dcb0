"""The rows of an archive, each from a file that agrees with its manifest, and those of an export."""

import json
import re
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import partial
from itertools import chain, islice
from typing import Any, NamedTuple

from crawler.archive.documents import parsed
from crawler.archive.names import REEXTRACTED, ROWS, name_of, outlet_of, stem_of
from crawler.archive.names import moment_of as moment_of_name
from crawler.archive.reextracted import Reextracted, Spans, is_in
from crawler.archive.rows import folder_of, lines, manifest_in, manifests_of, month_of
from crawler.archive.storage.base import READERS, Storage, unwatched
from crawler.archive.withdrawals import Withdrawals
from crawler.model.listing import GIVEN
from crawler.model.span import DateRange
from crawler.outlets.outlet import Outlet
from crawler.system.files import Measured
from crawler.tools.export.output import ExportFailed
from crawler.tools.verification.database import ScratchDatabase

# The column that rows do not have: since when the site answers that the article is gone.
WITHDRAWN = "withdrawn"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
# The run files that are planned at once.
PAGE = 1000
TABLES = """
PRAGMA cache_size = -64000;
-- `replaced` are spans of lines as JSON.
CREATE TABLE file (key TEXT, sha256 TEXT, replaced TEXT);
-- The last row of each article so far: the time of its capture and its number among all rows.
CREATE TABLE newest (id BLOB PRIMARY KEY, fetched REAL, number INTEGER) WITHOUT ROWID;
"""
TAKE = """INSERT INTO newest VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET fetched = excluded.fetched,
    number = excluded.number WHERE excluded.fetched >= fetched"""


class RowFile(NamedTuple):
    """A row file that counts, its SHA-256, and the lines that a re-extraction has replaced."""

    key: str
    sha256: str
    replaced: Spans = ()


class Row(NamedTuple):
    """A row and its place; `withdrawn` says since when the site answers that the article is gone."""

    key: str
    number: int
    line: bytes
    fields: dict[str, Any]
    withdrawn: str | None = None

    @property
    def place(self) -> str:
        return f"{self.key} line {self.number}"


def malformed(row: Row, error: Exception) -> ExportFailed:
    return ExportFailed(f"{row.place}: malformed row: {error!r}")


def outlets_with_rows(storage: Storage) -> list[str]:
    """Return the outlets that have rows of a crawl or of a re-extraction, in order. Raises StorageError."""
    keys = (key for kind in ("articles/", f"{REEXTRACTED}/") for key, _ in storage.list(kind))
    return sorted({outlet_of(key) or "" for key in keys if "/outlet=" in key and key.endswith(ROWS)})


def outlet_rows(storage: Storage, outlet: str) -> Iterator[Row]:
    """Yield the rows of an outlet that count. Raises ExportFailed, StorageError."""
    return chain.from_iterable(file_rows(storage, file) for file in named_rows(storage, outlet)[0])


def file_rows(storage: Storage, file: RowFile) -> Iterator[Row]:
    """Yield the rows of a file that count, and compare it with its SHA-256. Raises ExportFailed, StorageError."""
    for number, line in file_lines(storage, file):
        yield Row(file.key, number, line, fields_in(file.key, number, line))


def file_lines(storage: Storage, file: RowFile) -> Iterator[tuple[int, bytes]]:
    """Yield numbers and lines of a file that count, and compare it with its SHA-256. Raises as `file_rows` does."""
    number, key = 0, file.key
    try:
        with storage.open(key) as stream:
            measured = Measured(stream, unwatched)
            for number, line in enumerate(lines(measured), 1):
                if not is_in(number, file.replaced):
                    yield number, line
        check_digest(key, measured, file.sha256)
    except FileNotFoundError as error:
        raise _missing(storage, key) from error
    except ValueError as error:
        raise _damaged(key, number, error) from error


def fields_in(key: str, number: int, line: bytes) -> dict[str, Any]:
    """Return the row in a line. Raises ExportFailed."""
    try:
        fields = parsed(line)
        if not isinstance(fields, dict):
            raise ValueError("not a JSON object")
    except ValueError as error:
        raise _damaged(key, number, error) from error
    return fields


def _damaged(key: str, number: int, error: ValueError) -> ExportFailed:
    return ExportFailed(f"{key} is damaged at line {number}: {error}")


def day_of(row: Mapping[str, Any]) -> date:
    """Return a row's day of publication, or the day it was fetched if it has no date."""
    return local(row["published"]["at"] if row.get("published") else row["fetched_at"]).date()


def local(text: str) -> datetime:
    """Return the moment that a row or run states, in the outlet's offset; one in UTC, such as a capture, in Dhaka's.

    The archive is read without its spiders: their code may fail, and the archive outlives them. Raises ValueError,
    OverflowError.
    """
    at = moment_of(text)
    in_dhaka = at.astimezone(Outlet.zone())
    return at if at.utcoffset() else in_dhaka


def moment_of(text: str) -> datetime:
    """Return the moment that a row states. Raises ValueError for a text without date, time and zone."""
    if not MOMENT.fullmatch(text):
        raise ValueError(f"{text} is not a time with its zone")
    return datetime.fromisoformat(text)


def named_rows(storage: Storage, outlet: str, since: str = "") -> tuple[list[RowFile], dict[str, str]]:
    """Return an outlet's row files that count, by segment, and the SHA-256 of all files that its manifests name.

    `since` (`2026-10`) limits them to segments from that month on. A file without a manifest does not count yet.
    Raises ExportFailed, StorageError.
    """
    reextracted = Reextracted(storage, outlet)
    listed = [key for key, _ in storage.list(manifests_of(outlet)) if name_of(key)]
    digests: dict[str, str] = {}
    replaced: set[str] = set()
    try:
        for key in (*listed, *reextracted.manifests):
            if f"{moment_of_name(stem_of(key)):%Y-%m}" >= since:
                manifest = manifest_in(storage, key) or {"files": [], "replaces": []}
                digests |= {entry["file"]: entry["sha256"] for entry in manifest["files"]}
                replaced |= {entry["file"] for entry in manifest["replaces"]}
        named = {file: digest for file, digest in digests.items() if file not in replaced}
        crawled = [(key, reextracted.replaced(key)) for key in named if key.startswith(folder_of(outlet))]
    except ValueError as error:
        raise ExportFailed(str(error)) from error
    files = [RowFile(key, named[key], spans) for key, spans in crawled if spans is not None]
    files += [RowFile(key, named[key]) for key in named if key.startswith(f"{REEXTRACTED}/")]
    return sorted(files, key=lambda file: stem_of(file.key)), named


class RunFile(NamedTuple):
    """A run file and the JSON in it."""

    key: str
    content: Any

    def take(self, read: Callable[[Any], None]) -> None:
        """Call `read` with the content. Raises ExportFailed if it is malformed."""
        try:
            read(self.content)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ExportFailed(f"{self.key} is damaged: malformed run file: {error!r}") from error


def runs_in(storage: Storage, outlets: Collection[str], days: DateRange) -> Iterator[RunFile]:
    """Yield the run files of outlets, of all if none is given, and of addresses given by hand, for these days.

    Several files are read at a time, as a bucket has many small ones. Raises ExportFailed, StorageError.
    """
    names = {*outlets, GIVEN} if outlets else ()
    keys = (key for key, _ in storage.list("runs/") if is_run(key, names, days.first_month))
    with ThreadPoolExecutor(READERS) as pool:
        while page := list(islice(keys, PAGE)):
            yield from pool.map(partial(_run_in, storage), page)


def _run_in(storage: Storage, key: str) -> RunFile:
    try:
        with storage.open(key) as stream:
            return RunFile(key, parsed(stream.read()))
    except ValueError as error:
        raise ExportFailed(f"{key} is damaged: {error}") from error


def is_run(key: str, outlets: Collection[str], since: str) -> bool:
    """Return whether a file is of a run of these outlets, or of any if there are none, since a month (`2026-10`)."""
    name = name_of(key)
    return bool(
        name and (not outlets or name["outlet"] in outlets) and f"{moment_of_name(name['stem']):%Y-%m}" >= since
    )


def check_digest(key: str, stream: Measured, sha256: str | None) -> None:
    """Raise ExportFailed if a file that was read to its end does not have the SHA-256 in its manifest."""
    if sha256 is not None and stream.sha256 != sha256:
        raise ExportFailed(f"{key} is damaged: its SHA-256 differs from its manifest")


def check_archived(outlets: Sequence[str], archived: Collection[str], url: str) -> None:
    """Raise ExportFailed for an outlet without rows: an empty file would say that its days are empty."""
    absent = [name for name in outlets if name not in archived]
    if absent or not archived:
        raise ExportFailed(f"there are no rows in {url}" + (f" of {', '.join(absent)}" if absent else ""))


class RowSelection(ScratchDatabase):
    """The rows of an export, of all outlets if none is given, without those of `withheld` IDs.

    `left_out` are the IDs of the withheld articles that would be in the export, `withdrawals` the withdrawn articles.
    """

    def __init__(
        self,
        storage: Storage,
        outlets: Collection[str],
        days: DateRange,
        withheld: Collection[str] = (),
    ) -> None:
        super().__init__(TABLES)
        self.left_out: set[str] = set()
        self.withdrawals = Withdrawals()
        self._withheld = withheld
        self._storage = storage
        self._outlets = tuple(outlets)
        self._days = days

    def find(self, folders: Iterable[str]) -> int:
        """Find the row files in the folders of outlets; return their number. Raises ExportFailed, StorageError."""
        for folder in folders:
            if not self._outlets or folder in self._outlets:
                for file in named_rows(self._storage, folder, self._days.first_month)[0]:
                    self.add("file", file.key, file.sha256, json.dumps(file.replaced))
        return int(self.one("SELECT count(*) FROM file")[0])

    def read_runs(self) -> None:
        """Read which articles are withdrawn from run files of the outlets and days. Raises as `runs_in` does."""
        for run in runs_in(self._storage, self._outlets, self._days):
            run.take(self.withdrawals.take)

    def rows(self, on_file: Callable[[], None] = lambda: None) -> Iterator[Row]:
        """Yield the rows in the order of the archive. Raises ExportFailed, StorageError, OSError."""
        return map(self._completed, filter(self._is_wanted, self._all(on_file)))

    def newest(self, on_file: Callable[[], None]) -> Iterator[Row]:
        """Yield each article's row that was captured last, and then written last. Raises as `rows` does."""
        for number, row in enumerate(self._all(on_file)):
            self.run(TAKE, *_identity(row), number)
        chosen = self.run("SELECT number FROM newest ORDER BY number")
        following = chosen.fetchone()
        for number, row in enumerate(self._all(on_file)):
            if following and following["number"] == number:
                following = chosen.fetchone()
                if self._is_wanted(row):
                    yield self._completed(row)

    def _all(self, on_file: Callable[[], None]) -> Iterator[Row]:
        for key, sha256, replaced in self.run("SELECT * FROM file ORDER BY rowid"):
            yield from file_rows(self._storage, RowFile(key, sha256, json.loads(replaced)))
            on_file()

    def _completed(self, row: Row) -> Row:
        return row._replace(withdrawn=self.withdrawals.since(row.fields["id"]))

    def _is_wanted(self, row: Row) -> bool:
        try:
            is_in_days = self._days.hold(day_of(row.fields))
            is_withheld = row.fields["id"] in self._withheld
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise malformed(row, error) from error
        if is_in_days and is_withheld:
            self.left_out.add(row.fields["id"])
        return is_in_days and not is_withheld


def _identity(row: Row) -> tuple[bytes, float]:
    try:
        return uuid.UUID(row.fields["id"]).bytes, moment_of(row.fields["fetched_at"]).timestamp()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise malformed(row, error) from error


def _missing(storage: Storage, key: str) -> ExportFailed:
    """Return the error for a row file that is not there: lost, unless a compaction has replaced it meanwhile."""
    if any(file.key == key for file in named_rows(storage, outlet_of(key) or "", month_of(key))[0]):
        return ExportFailed(f"{key} is named by a manifest but is not in the archive")
    return ExportFailed(f"{key} was removed during the export, maybe by a compaction; try again")
