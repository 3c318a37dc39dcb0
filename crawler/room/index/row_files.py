"""Row files as the index reads them: one that is damaged is skipped, and so is each malformed line."""

from collections.abc import Callable, Iterator
from typing import IO, Any

from crawler.archive.documents import parsed, row_check
from crawler.archive.reextracted import is_in
from crawler.archive.rows import DamagedRows, lines
from crawler.archive.storage.base import Storage, fault_of_file, unwatched
from crawler.system.files import Measured
from crawler.tools.export.rows import RowFile, local


def copy_file(storage: Storage, key: str, sha256: str, copy: IO[bytes]) -> str | None:
    """Copy a file, to be read from its start; return what is wrong with it. Raises StorageError, OSError."""
    try:
        with storage.open(key) as stream:
            measured = Measured(stream, unwatched, copy)
            measured.drain()
    except FileNotFoundError:
        return "it is not in the archive; a compaction may have replaced it meanwhile"
    except OSError as error:
        return fault_of_file(error)
    copy.seek(0)
    return None if measured.sha256 == sha256 else "its SHA-256 differs from its manifest"


def rows_in(
    file: RowFile, stream: IO[bytes], on_problem: Callable[[str], object]
) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
    """Yield the number, the line and the fields of each row of a file that counts."""
    number = 0
    try:
        for number, line in enumerate(lines(stream), 1):  # type: ignore[arg-type]
            if is_in(number, file.replaced):
                continue
            try:
                fields = parsed(line)
                _check(fields)
            except (ValueError, OverflowError) as error:
                on_problem(f"{file.key} line {number} is skipped: {error}")
            else:
                yield number, line, fields
    except DamagedRows as error:
        on_problem(f"{file.key} is damaged after line {number}: {error}")


def _check(fields: Any) -> None:
    """Raise ValueError, OverflowError unless a value is a row whose moments exist: 30 February does not."""
    if problem := next(row_check()(fields), None):
        raise ValueError(problem)
    if fields["fetched_at"] is None:
        raise ValueError("fetched_at is null")
    for stated in (fields["published"], fields["modified"], {"at": fields["fetched_at"]}):
        if stated:
            local(stated["at"])
