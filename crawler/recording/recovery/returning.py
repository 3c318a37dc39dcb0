"""Uploaded files of dead runs that are not in this spool: they are fetched back, so that recovery finds a whole run."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from crawler.archive.manifests import closed_by, closed_runs, document_in, named_in
from crawler.archive.names import started_of, warc_of
from crawler.archive.storage.base import Storage, StorageError, StoreUnreachable
from crawler.recording.claims import claim_dead, run_path, sorted_claims, take
from crawler.recording.recovery.copies import is_here, read, restore, size_of
from crawler.recording.recovery.taken_over import give_up
from crawler.state.custody import Custody, Spooled
from crawler.system.locks import Locked
from crawler.system.terminal import counted, readable

logger = logging.getLogger(__name__)

# Room for what recovery and the crawl write before anything is uploaded.
MARGIN_BYTES = 64 << 20


class Postponed(Exception):
    """A run can't be fetched back now: the disk is too small, another machine has it, or its files are unknown."""


class Returning:
    """Fetches back the archived files of an outlet's dead runs, for `run` to recover.

    Postponed runs are held by flocks until `close`: recovery takes them for living ones.
    """

    def __init__(self, custody: Custody, storage: Storage, spool: Path, outlet: str, run: str) -> None:
        self._custody = custody
        self._storage = storage
        self._spool = spool
        self._outlet = outlet
        self._run = run
        self._held: list[int] = []

    def bring_back(self) -> None:
        """Fetch the files back. Raises StorageError, OSError, SQLAlchemyError, ValueError for a damaged manifest."""
        self._custody.renew()
        # The push at the end reports these errors.
        with suppress(StorageError, Locked):
            give_up(self._custody, self._storage, self._spool, self._outlet)
        # Closed runs are pushed, or given up later.
        confirmed = {self._run}.union(*(closed_by(*one) for one in closed_runs(self._spool, self._outlet)))
        runs = self._custody.of(self._outlet)
        # The newest first: its manifest may name files that it recovered of older runs.
        for run in reversed(runs):
            if run.run in confirmed:
                continue
            try:
                confirmed |= self._look_after(run)
            except (StoreUnreachable, Postponed) as error:
                logger.warning("%s died and is left to the next run: %s", run.run, error)
        self._look_after_unknown({run.run for run in runs})

    def close(self) -> None:
        while self._held:
            os.close(self._held.pop())

    def _look_after(self, run: Spooled) -> set[str]:
        """Fetch back a dead run; return the runs that turn out to be completely in the archive."""
        path = run_path(self._spool, run.run)
        is_mine = run.spool == self._custody.spool
        is_held = not is_mine and run.held_until > datetime.now(UTC)
        if path.exists():
            if is_held or not (is_mine or self._custody.take_over(run)):
                self._leave(path)
            elif self._missing(run):
                self._fetch(run, take(path))
            return set()
        if is_held or any((self._spool / key).exists() for key in _closing_keys(run.run)):
            return set()
        if archived := self._archived(run.run):
            self._custody.confirm(archived)
        elif self._custody.take_over(run):
            facts = {"outlet": self._outlet, "command": run.command, "wanted": json.loads(run.wanted or "null")}
            self._fetch(run, claim_dead(self._spool, run.run, {**facts, "brought_back": True}))
        return archived

    def _look_after_unknown(self, known: set[str]) -> None:
        """Fetch back WARC files that no manifest names; while a run lives, only for runs unknown to state."""
        claims, living = sorted_claims(self._spool, self._outlet)
        living -= {self._run}
        unknown = [claim for claim in claims if claim.run not in known]
        try:
            # A run may have died since it was looked after, or have been closed without them.
            if unknown or not living:
                self._fetch_unnamed(living)
        except (StoreUnreachable, Postponed) as error:
            self._held += (os.dup(claim.descriptor) for claim in unknown)
            for run in [claim.run for claim in unknown] or ["a run"]:
                logger.warning("%s died and is left to the next run: %s", run, error)
        finally:
            for claim in claims:
                claim.release()

    def _fetch_unnamed(self, living: set[str]) -> None:
        missing = self._unnamed_warcs()
        if not missing:
            return
        if living:
            # An index does not name its run.
            raise Postponed("WARC files in the archive may be its own, or those of a living run")
        self._check_room(missing)
        if fetched := sum(map(self._restored, missing)):
            logger.warning("%s that no manifest names: fetched back from the archive", counted(fetched, "WARC file"))

    def _unnamed_warcs(self) -> list[str]:
        """Return the WARC files whose indexes are only here, named by no manifest."""
        folder = self._spool / "index" / self._outlet
        indexes = sorted(path.relative_to(self._spool).as_posix() for path in folder.rglob("khobor-*.cdxj"))
        named = {one.file for _, named in closed_runs(self._spool, self._outlet) for one in named}
        waiting = [index for index in indexes if index not in named and not is_here(self._spool, warc_of(index))]
        return [warc_of(index) for index in waiting if not size_of(self._storage, index)]

    def _archived(self, run: str) -> set[str]:
        """Return the runs that a run's manifest in the archive closes, or its run file if that names no files.

        A run file names no files if the run left none, or if another run's manifest names them. Raises Postponed.
        """
        manifest, report = (read(self._storage, key) for key in _closing_keys(run))
        try:
            if manifest is not None:
                return closed_by(path := Path(_closing_keys(run)[0]), named_in(manifest, path))
            is_empty = report is not None and not document_in(report, Path(_closing_keys(run)[1]))["files"]
        except ValueError as error:
            raise Postponed(f"restore this file in the archive: {error}") from error
        return {run} if is_empty else set()

    def _missing(self, run: Spooled) -> list[str]:
        return [file for file in sorted(run.files) if not is_here(self._spool, file)]

    def _leave(self, path: Path) -> None:
        # A living run keeps its own lock.
        if (claim := take(path)) is not None:
            self._held.append(claim)
            raise Postponed("another machine has taken it over")

    def _fetch(self, run: Spooled, claim: int | None) -> None:
        if claim is None:
            return
        missing = self._missing(run)
        try:
            # WARC files last: while one is missing, the next recovery repeats this.
            keys = (*_row_keys(run, self._outlet), _closing_keys(run.run)[1], *missing)
            self._check_room(keys)
            here = [key for key in keys if is_here(self._spool, key) or self._restored(key)]
        except (StoreUnreachable, Postponed):
            self._held.append(claim)
            raise
        nowhere = set(missing) - set(here)
        self._custody.forget(run, nowhere)
        os.close(claim)
        logger.warning(
            "%s died: %s of it fetched back from the archive, %s lost with its spool; their URLs will be refetched",
            *(run.run, counted(len(missing) - len(nowhere), "WARC file"), counted(len(nowhere), "WARC file")),
        )

    def _check_room(self, keys: Iterable[str]) -> None:
        needed = MARGIN_BYTES + sum(size_of(self._storage, key) or 0 for key in keys if not is_here(self._spool, key))
        free = shutil.disk_usage(self._spool).free
        if needed > free:
            raise Postponed(f"to fetch it back takes {readable(needed)} in {self._spool}, {readable(free)} are free")

    def _restored(self, key: str) -> bool:
        path = self._spool / key
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = restore(self._storage, path, key)
        if descriptor is not None:
            os.close(descriptor)
        return descriptor is not None


def _closing_keys(run: str) -> tuple[str, str]:
    return tuple(f"{kind}/{started_of(run):%Y/%m}/{run}.json" for kind in ("manifest", "runs"))  # type: ignore[return-value]


def _row_keys(run: Spooled, outlet: str) -> Iterator[str]:
    """Yield the possible keys of a run's row files: one for each month in which it may have lived."""
    month, last = (f"{moment:%Y-%m}" for moment in (started_of(run.run), run.held_until))
    while month <= last:
        yield f"articles/outlet={outlet}/crawl_month={month}/{run.run}.jsonl.gz"
        year, number = map(int, month.split("-"))
        month = f"{year + number // 12}-{number % 12 + 1:02d}"
