"""`scrapy reextract`: the rows of an archive made again from its records."""

from __future__ import annotations

import argparse
import json
import shutil
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.jobs.command import BaseCommand, add_day_options, add_outlet_option, days_of, whole_number
from crawler.model.exit_codes import FAILED, LOCKED, OK, UNHEALTHY, USAGE, Refused
from crawler.system.terminal import complain, complain_of, counted, say, standard_output

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from crawler.archive.storage.base import Storage
    from crawler.tools.reextraction.differences import OutletDifferences
    from crawler.tools.reextraction.reextraction import Totals
    from crawler.tools.reextraction.segments import Segment
    from crawler.tools.reextraction.tree import Tree

    Segments = dict[str, list[Segment]]


class Command(BaseCommand):
    """Make the rows of an archive again from its WARC records, with this version of the extractor, without network.

    Each segment is read in a process of its own. Its rows go into `reextracted/VERSION/` below the URL of --to. If that
    is the archive itself, exports and reports use these rows from then on instead of those that the crawl wrote; those
    stay. Segments that are there already are left as they are, so a command that was stopped goes on. Versions of an
    article are numbered in the order of capture, from the first selected segment on: select whole outlets unless you
    know better. Days are days of capture (UTC); a segment with a capture of these days is read as a whole.

    --diff leaves the archive as it is: it makes the rows in the spool, compares them with those of the archive, and
    shows counts for each outlet and field, and rows side by side.
    """

    usage = "--to URL | --diff [options]"
    examples = (
        "scrapy reextract --diff --outlet samakal --since 2026-11-01",
        "scrapy reextract --to archive --jobs 2",
        "scrapy reextract --to s3://news/trial --outlet samakal",
    )
    exit_codes = {
        OK: "done, also if --diff found differences",
        FAILED: "a store, the spool or a process can't be used, or our own code or an outlet's failed",
        UNHEALTHY: "segments are damaged or missing, or of an outlet that no spider declares; they were left out",
        LOCKED: "another re-extraction is running in this spool",
    }
    when_stopped = "interrupted; the same command goes on"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--to", metavar="URL", help="archive, directory or s3://bucket/prefix that gets the rows")
        where.add_argument("--diff", action="store_true", help="compare with the rows of the archive, keep none")
        add_outlet_option(parser, "only these outlets")
        add_day_options(parser)
        parser.add_argument("--jobs", type=whole_number, default=1, metavar="N", help="segments at a time (default: 1)")
        parser.add_argument(
            "--samples",
            type=whole_number,
            metavar="N",
            help="--diff: rows shown of each change (default: 3)",
        )
        parser.add_argument("--json", action="store_true", help="--diff: one line of JSON")

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        if opts.to is not None and (opts.samples or opts.json):
            raise UsageError("--samples and --json belong to --diff")
        storage = self.whole_archive(opts.outlet)
        segments, unknown = self._segments(storage, opts)
        # A wrong target is refused before anything is written to the spool.
        reextract = self._compare if opts.diff else partial(self._write, self._target(storage, opts.to))
        with self._folder(opts.outlet) as folder:
            totals = reextract(storage, folder, opts, segments)
        code = _report(totals, unknown)
        return self.with_faults(code, "its segments are left out") if unknown else code

    @contextmanager
    def _folder(self, outlets: Sequence[str]) -> Iterator[Path]:
        """Hold the lock and yield an empty folder of the spool, which is removed at the end. Raises Locked.

        Others may be re-extracted in this spool at the same time, if each command has one outlet.
        """
        from crawler.system.locks import reextraction_lock

        spool, only = self.deployment.spool, outlets[0] if len(outlets) == 1 else None
        folder = spool / "reextracting" / (only or "")
        with reextraction_lock(spool, only):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def _write(
        self, target: Storage, storage: Storage, folder: Path, opts: argparse.Namespace, segments: Segments
    ) -> Totals:
        totals = self._run(storage, opts, segments, self._tree(target, folder))
        without = sum(totals.rejected.values())
        parts = [counted(totals.rows, "row"), f"{totals.pages} pages", f"{without} without an article"]
        there = f"; {counted(totals.there, 'segment')} were there" if totals.there else ""
        say(f"{opts.to}: {', '.join(parts)}, {counted(totals.segments, 'segment')}{there}")
        return totals

    def _compare(self, storage: Storage, folder: Path, opts: argparse.Namespace, segments: Segments) -> Totals:
        from crawler.archive.storage.directory import DirectoryStorage
        from crawler.tools.reextraction.differences import Comparison

        tree = self._tree(DirectoryStorage(folder / "trial"), folder)
        totals = self._run(storage, opts, segments, tree)
        with closing(Comparison(storage, tree, opts.samples or 3)) as comparison:
            _show({name: comparison.outlet(name, each) for name, each in segments.items()}, opts.json)
        return totals

    def _run(self, storage: Storage, opts: argparse.Namespace, segments: Segments, tree: Tree) -> Totals:
        from crawler.jobs.output import progress_bar
        from crawler.tools.reextraction.reextraction import Reextraction

        total = sum(one.bytes for each in segments.values() for one in each)
        with progress_bar("reextract", total=total, is_quiet=opts.json) as bar:
            work = Reextraction(storage, self._settings, tree, opts.jobs, bar.advance)
            work.run(segments)
        return work.totals

    def _segments(self, storage: Storage, opts: argparse.Namespace) -> tuple[Segments, list[str]]:
        """Return the segments of the outlets with a spider, and the outlets without one."""
        from crawler.tools.reextraction.segments import segments_of

        days = days_of(opts)
        archived = list(storage.folders("manifest/"))
        self.check_outlets(opts.outlet, archived)
        wanted = [name for name in archived if not opts.outlet or name in opts.outlet]
        if absent := [name for name in opts.outlet if name not in archived]:
            complain(f"{storage.url}: there are no segments of {', '.join(absent)}")
        try:
            found = {name: segments_of(storage, name) for name in wanted if self.outlets.named(name)}
        except ValueError as error:
            raise Refused(f"{error}; scrapy verify says what else is damaged", UNHEALTHY) from error
        chosen = {name: [one for one in segments if one.is_of(days)] for name, segments in found.items()}
        return chosen, [name for name in wanted if name not in found]

    def _tree(self, target: Storage, folder: Path) -> Tree:
        from crawler.crawl.settings import Extraction
        from crawler.extraction import EXTRACTOR
        from crawler.tools.reextraction.tree import Tree

        keep = Extraction.from_settings(self._settings).keep
        return Tree(target, folder, replace(EXTRACTOR, keep=tuple(sorted(keep))))

    def _target(self, storage: Storage, to: str) -> Storage:
        from crawler.archive.storage import storage_for

        target = self.deployment.archive()
        if not _is_same(to, storage.url, self.deployment.spool):
            target = storage_for(to, self.deployment.upload)
            _check_id(target, storage)
        target.check()
        return target


def _is_same(to: str, archive: str, spool: Path) -> bool:
    """Return whether --to is the archive. Raises Refused if it overlaps with the archive, or with the spool."""
    from crawler.archive.storage import is_within

    if not to:
        raise Refused("--to is empty", USAGE)
    if is_within(to, str(spool)) or is_within(str(spool), to):
        raise Refused(f"{to} and {spool} (SPOOL_DIR) must lie apart", USAGE)
    if is_within(to, archive) and is_within(archive, to):
        return True
    if is_within(to, archive) or is_within(archive, to):
        raise Refused(f"{to} and {archive} must be the same, or lie apart", USAGE)
    return False


def _check_id(target: Storage, source: Storage) -> None:
    """Raise Refused if the target is another archive: its readers would take the rows for its own."""
    from crawler.recording.archive_identity import id_of

    if (found := id_of(target)) and found != id_of(source):
        raise Refused(f"{target.url} is another archive than {source.url}", USAGE)


def _report(totals: Totals, unknown: list[str]) -> int:
    """Print the problems; return the exit code."""
    problems = [*totals.problems, *(f"{name}: no spider declares this outlet; left out" for name in unknown)]
    complain_of(problems, "problem")
    return FAILED if totals.has_failed else UNHEALTHY if problems else OK


def _show(outlets: Mapping[str, OutletDifferences], as_json: bool) -> None:
    from crawler.jobs.output import print_table
    from crawler.tools.reextraction.differences import COLUMNS, COUNTS

    with standard_output() as stream:
        if as_json:
            print(json.dumps({name: one.as_json() for name, one in outlets.items()}, ensure_ascii=False), file=stream)
            return
        counts = ((name, *one.cells()) for name, one in outlets.items())
        print_table(COUNTS, counts, right=set(range(1, len(COUNTS) - 1)), is_wide=not stream.isatty())
        for name, one in outlets.items():
            for sample in one.samples:
                print(f"\n{name}: {sample.place}", file=stream)
                print_table(COLUMNS, sample.cells(), is_wide=not stream.isatty())
