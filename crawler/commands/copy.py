"""`scrapy copy`: an archive from one store to another."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.jobs.command import PlainCommand
from crawler.model.exit_codes import FAILED, OK, UNHEALTHY
from crawler.system.terminal import say

if TYPE_CHECKING:
    from crawler.archive.storage.base import Storage
    from crawler.tools.copying.copying import Copied, Copying

# More of a kind are only counted.
SHOWN = 20


class Command(PlainCommand):
    """Copy an archive, file by file and verified; exit 3 when files are damaged at its source."""

    # What a copy that has begun leaves, the next one goes on with.
    _again = ""

    def syntax(self) -> str:
        """Return the usage line."""
        return "FROM TO"

    def short_desc(self) -> str:
        """Return the line of the list of commands."""
        return "Copy an archive to another directory or bucket"

    def long_desc(self) -> str:
        """Return the help text."""
        return (
            "Bring every file of the archive FROM (a directory or s3://bucket/prefix) to the archive TO: records, "
            "then indexes, rows, runs, manifests, so that no pointer there leads nowhere, unless what it leads to is "
            "damaged or missing at FROM: that is named, and the rest goes. Each file is held against the SHA-256 in "
            "its manifest, by its size where none names it; nothing there is overwritten, what is of other content is "
            "named; row files that a compaction has replaced at FROM go at TO as well. Stopped or killed anywhere, "
            "the next copy goes on: what was found whole is remembered in the spool until all is there. The spool "
            "needs room for four files on their way. FROM stays as it is, and may be crawled into meanwhile: copy "
            "again for what came since. "
            "Example: scrapy copy archive s3://news/archive. "
            "Exit codes: 0 all is there, 1 a store can't be used or TO holds something else, 2 usage, 3 files at FROM "
            "are damaged, missing or can't be read, 75 another copy is running in this spool, 130 or 143 interrupted."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, lock, copy."""
        self.exitcode = OK
        with self.refusing():
            self._run(args)

    def told(self, error: BaseException) -> str:
        """Say what an error means to the copy: what it leaves, the next one goes on with."""
        from crawler.system.locks import Locked
        from crawler.tools.copying.copying import STAGE

        if isinstance(error, UsageError):
            return str(error)
        if isinstance(error, Locked):
            return "another copy is running in this spool"
        if isinstance(error, sqlite3.Error):
            told = f"the notes of copies in {self.deployment.spool / STAGE} can't be used: {error}"
            return f"{told}; without them what is there is only read again"
        if isinstance(error, OSError):
            return f"{error.filename or 'the copy failed'}: {error.strerror or error}{self._again}"
        return super().told(error) + self._again

    def _run(self, args: list[str]) -> None:
        from crawler.archive.storage import filled_archive, storage_for
        from crawler.system.locks import DirectoryLock
        from crawler.tools.copying.copying import STAGE, Copying

        spool = self.deployment.spool
        _check_words(args, spool)
        source = filled_archive(args[0])
        target = storage_for(args[1], self.deployment.upload)
        target.check()
        with (
            DirectoryLock(spool / "locks" / STAGE),
            _progress() as (told, begin),
            closing(Copying(source, target, spool, told)) as copying,
        ):
            copying.survey()
            self._again = "; copy again to go on"
            begin(copying.left[1])
            for kind, done in copying.copy():
                if not _is_watched():
                    say(f"{kind}: {_counts(done)}")
            self._tell(copying, source, target)

    def _tell(self, copying: Copying, source: Storage, target: Storage) -> None:
        """Print what came of it."""
        from crawler.system.terminal import counted, readable
        from crawler.tools.copying.copying import DAMAGED

        copied, strays = copying.copied, copying.strays
        for outcome in copied.problems[:SHOWN]:
            self.refuse(outcome.sentence, max(self.exitcode or OK, UNHEALTHY if outcome.what == DAMAGED else FAILED))
        if more := copied.problems[SHOWN:]:
            self.refuse(f"and {counted(len(more), 'file')} more", self.exitcode or FAILED)
        if copied.kept_back:
            self.refuse(
                f"what comes after {copied.kept_back} was left: it would point at these", self.exitcode or FAILED
            )
        if strays:
            told = f"{source.url} holds {counted(len(strays), 'file')} of no archive, left there: {strays[0]}"
            self.refuse(told + (", …" if len(strays) > 1 else ""), self.exitcode or OK)
        files, size = copying.whole
        left, _ = copying.left
        holds = f"holds {files - left} of" if left else "holds all"
        say(f"{_counts(copied)}; {target.url} {holds} {counted(files, 'file')} of {source.url}, {readable(size)}")


def _counts(copied: Copied) -> str:
    from crawler.system.terminal import counted, readable
    from crawler.tools.copying.copying import COPIED, THERE

    told = f"{counted(copied.files[COPIED], 'file')} of {readable(copied.bytes[COPIED])} copied"
    told += f", {copied.files[THERE]} found there" if copied.files[THERE] else ""
    told += f", {len(copied.problems)} wrong" if copied.problems else ""
    return told + (f", {copied.removed} replaced ones removed" if copied.removed else "")


def _check_words(args: list[str], spool: Path) -> None:
    """Raise UsageError for what can't be meant."""
    if len(args) != 2 or not all(args):
        raise UsageError("copy takes two archives, FROM and TO; see scrapy copy --help")
    places = [*args, str(spool)]
    for number, one in enumerate(places):
        for other in places[number + 1 :]:
            if _is_within(one, other) or _is_within(other, one):
                raise UsageError(f"{one} and {other} must lie apart")


def _is_within(one: str, other: str) -> bool:
    if "://" in one or "://" in other:
        return f"{one.rstrip('/')}/".startswith(f"{other.rstrip('/')}/")
    return Path(one).resolve().is_relative_to(Path(other).resolve())


@contextmanager
def _progress() -> Iterator[tuple[Callable[[int], None], Callable[[int], None]]]:
    """Show how many bytes are through, of a number that is told later; on a terminal."""
    if not _is_watched():
        yield lambda count: None, lambda total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("copy", total=None)
        yield lambda count: bar.advance(task, count), lambda total: bar.update(task, total=total)


def _is_watched() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()
