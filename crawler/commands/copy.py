"""`scrapy copy`: an archive from one store to another."""

from __future__ import annotations

import argparse
from contextlib import closing
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.jobs.command import BaseCommand
from crawler.model.exit_codes import FAILED, LOCKED, OK, UNHEALTHY, USAGE, Refused
from crawler.system.terminal import complain, complain_of, counted, say

if TYPE_CHECKING:
    from crawler.archive.storage.base import Storage
    from crawler.tools.copying import Copying


class Command(BaseCommand):
    """Copy an archive to another directory or bucket.

    FROM and TO are directories or s3://bucket/prefix. Files go in the order records, indexes, rows, manifests, runs,
    so that every pointer at TO leads somewhere. A file that is damaged or missing at FROM is named, and the rest is
    copied. Each file is compared with the SHA-256 in its manifest, or with the file at FROM if no manifest names it.
    Nothing at TO is overwritten; files with other content there are named. Row files that a compaction replaced at FROM
    are removed at TO. If the command is stopped, the next copy goes on. The spool needs room for four files. FROM is
    not changed, and crawls may write to it meanwhile: copy again for the new files.

    With --replace-damaged, FROM is a backup of TO, with the same ID. A file at TO that differs from the SHA-256 in
    FROM's manifest is replaced, if the file at FROM agrees with it. Manifests, run files and decisions to withhold
    articles are replaced if `verify` rejects them and accepts those at FROM. If TO has lost its ID, a manifest that
    both have proves that they are one archive, and TO gets the ID of FROM.
    """

    usage = "FROM TO"
    takes_arguments = True
    examples = ("scrapy copy archive s3://news/archive", "scrapy copy s3://news/archive archive --replace-damaged")
    exit_codes = {
        OK: "everything is at TO",
        FAILED: "a store can't be used, TO has other content, or it is another archive than its backup",
        UNHEALTHY: "files at FROM are damaged, missing or can't be read",
        LOCKED: "another copy is running in this spool",
    }
    when_stopped = "interrupted; copy again to go on"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--replace-damaged",
            action="store_true",
            help="restore missing and damaged files at TO from its backup FROM",
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        from crawler.archive.storage import filled_archive, storage_for
        from crawler.jobs.output import is_watched, progress_bar
        from crawler.system.locks import DirectoryLock
        from crawler.tools.copying import Copying

        spool = self.deployment.spool
        _check_places(args, spool)
        source, target = filled_archive(args[0]), storage_for(args[1], self.deployment.upload)
        target.check()
        _check_ids(source, target, opts.replace_damaged)
        with (
            DirectoryLock(spool / "locks" / "copying", holder="another copy is running in this spool"),
            progress_bar("copy") as bar,
            closing(Copying(source, target, spool, bar.advance, opts.replace_damaged)) as copying,
        ):
            copying.survey()
            bar.begin(copying.bytes)
            for kind, done in copying.copy():
                if not is_watched():
                    say(f"{kind}: {done}")
            return _report(copying, source)


def _check_places(args: list[str], spool: Path) -> None:
    """Raise Refused unless there are two archives, and neither they nor the spool are within one another."""
    from crawler.archive.storage import is_within

    if len(args) != 2 or not all(args):
        raise Refused("copy takes two archives, FROM and TO; see scrapy copy --help", USAGE)
    for one, other in permutations([*args, str(spool)], 2):
        if is_within(one, other):
            raise Refused(f"{one} and {other} must lie apart", USAGE)


def _check_ids(source: Storage, target: Storage, is_backup: bool) -> None:
    """Raise Refused for two archives, and for a backup unless both have the ID of one. Raises StorageError."""
    from crawler.recording.archive_identity import have_a_manifest_in_common, id_of

    one, other = id_of(source), id_of(target)
    if is_backup and one and not other and have_a_manifest_in_common(source, target):
        return
    # One without an ID may be new, but no backup.
    if one != other if one and other else is_backup:
        source_has, target_has = (f"has ID {found}" if found else "has no ID" for found in (one, other))
        rule = "--replace-damaged takes a backup of the same archive" if is_backup else "they are two archives"
        raise Refused(f"{source.url} {source_has}, {target.url} {target_has}: {rule}", FAILED)


def _report(copying: Copying, source: Storage) -> int:
    """Print the problems and the totals; return the exit code."""
    from crawler.tools.copying import DAMAGED

    problems, kept_back, strays = copying.copied.problems, copying.copied.kept_back, copying.strays
    complain_of([problem.sentence for problem in problems], "file")
    if kept_back:
        complain(f"the files after {kept_back} were not copied: they would point at these")
    if strays:
        more_of_them = ", …" if len(strays) > 1 else ""
        complain(
            f"{source.url} has {counted(len(strays), 'file')} of no archive, not copied: {strays[0]}{more_of_them}"
        )
    say(copying.summary())
    if any(problem.what == DAMAGED for problem in problems):
        return UNHEALTHY
    return FAILED if problems else OK
