"""Files of dead runs that are not in this spool: what has gone up is fetched back, and recovery finds a run whole.

A WARC that went up beside its crawl is no longer in its spool; a container that is gone took all of its spool along.
What is nowhere any more is forgotten, and asked for again.


WARC files that went up beside a crawl and were named by nobody: an index that stayed in the spool tells of them."""

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
from crawler.archive.names import OPEN, started_of, warc_of
from crawler.archive.storage.base import Storage, StorageError, StoreUnreachable
from crawler.recording.claims import claim_dead, run_path, sorted_claims, take
from crawler.recording.recovery.tails import restore
from crawler.recording.recovery.taken_over import give_up
from crawler.state.custody import Custody, Spooled
from crawler.system.locks import Locked
from crawler.system.terminal import counted, readable

logger = logging.getLogger(__name__)

# What else a recovery and the crawl after it write before anything goes up.
MARGIN_BYTES = 64 << 20


class NoRoom(Exception):
    """The disk of the spool is too small for what a run has in the archive."""


class DamagedReport(Exception):
    """What the archive has for a run's manifest or run file can't be read."""


class Elsewhere(Exception):
    """Another machine has taken a run of this spool over, and is at it, or a file may be another run's."""


class Returning:
    """Fetches back what dead runs of an outlet have in the archive, for `run` to recover.

    Runs of which the archive can't tell now, for which there is no room, or which another machine recovers are held by
    flocks until `close`: to recovery they live, and all that is known of them stands.
    """

    def __init__(self, custody: Custody, storage: Storage, spool: Path, outlet: str, run: str) -> None:
        self._custody = custody
        self._storage = storage
        self._spool = spool
        self._outlet = outlet
        self._run = run
        self._held: list[int] = []

    def bring_back(self) -> None:
        """Do so. Raises StorageError, OSError, SQLAlchemyError, ValueError for a damaged manifest in the spool."""
        # Nobody else takes over from now on what this spool has.
        self._custody.renew()
        # What can't be told now is told when all goes up, and so is what another process brings up.
        with suppress(StorageError, Locked):
            give_up(self._custody, self._storage, self._spool, self._outlet)
        # What is closed here goes up, or is given up later.
        confirmed = {self._run}.union(*(closed_by(*one) for one in closed_runs(self._spool, self._outlet)))
        runs = self._custody.of(self._outlet)
        # The newest first: its manifest may name what it had recovered of those before.
        for run in reversed(runs):
            if run.run in confirmed:
                continue
            try:
                confirmed |= self._look_after(run)
            except (StoreUnreachable, NoRoom, Elsewhere) as error:
                logger.warning("%s died and is left to the next run: %s", run.run, error)
            except DamagedReport as error:
                logger.warning("%s died and is left until the archive can tell what it closed: %s", run.run, error)
        self._look_after_unknown({run.run for run in runs})

    def close(self) -> None:
        """Let go of the runs that were left to the next recovery."""
        while self._held:
            os.close(self._held.pop())

    def _look_after(self, run: Spooled) -> set[str]:
        """Fetch back a run that is dead; return the runs that are found to be wholly in the archive."""
        path = run_path(self._spool, run.run)
        is_held = run.spool != self._custody.spool and run.held_until > datetime.now(UTC)
        if path.exists():
            if is_held or not self._is_mine(run):
                self._leave(take(path))
            elif missing := self._missing(run):
                self._fetch(run, take(path), missing)
            return set()
        is_here = any((self._spool / key).exists() for key in _closing_keys(run.run))
        if is_here or is_held:
            return set()
        if archived := self._archived(run.run):
            self._custody.confirm(archived)
        elif self._custody.take_over(run):
            facts = {"outlet": self._outlet, "command": run.command, "wanted": json.loads(run.wanted or "null")}
            self._fetch(run, claim_dead(self._spool, run.run, {**facts, "brought_back": True}), self._missing(run))
        return archived

    def _is_mine(self, run: Spooled) -> bool:
        """Tell whether a run whose files are here is of this spool, taking it back from one that is silent."""
        return run.spool == self._custody.spool or self._custody.take_over(run)

    def _look_after_unknown(self, known: set[str]) -> None:
        """Fetch back WARC files of dead runs of this spool that no manifest names, as when state was lost.

        While a run lives, only those of runs of which state does not know are looked for.
        """
        claims, living = sorted_claims(self._spool, self._outlet)
        living -= {self._run}
        unknown = [claim for claim in claims if claim.run not in known]
        try:
            # A run may have died since it was looked after, or have been closed without them.
            if unknown or not living:
                self._fetch_unnamed(living)
        except (StoreUnreachable, NoRoom, Elsewhere) as error:
            self._held += (os.dup(claim.descriptor) for claim in unknown)
            for run in [claim.run for claim in unknown] or ["a run"]:
                logger.warning("%s died and is left to the next run: %s", run, error)
        finally:
            for claim in claims:
                claim.release()

    def _fetch_unnamed(self, living: set[str]) -> None:
        missing = unnamed_warcs(self._spool, self._storage, self._outlet)
        if not missing:
            return
        if living:
            # An index does not tell whose it is.
            raise Elsewhere("WARC files in the archive may be its own, or those of a run that lives")
        self._check_room(missing)
        if fetched := sum(map(self._restored, missing)):
            logger.warning("%s that no manifest names: fetched back from the archive", counted(fetched, "WARC file"))

    def _leave(self, claim: int | None) -> None:
        """Hold a run that is recovered elsewhere; None when it lives here still."""
        if claim is not None:
            self._held.append(claim)
            raise Elsewhere("another machine has taken it over")

    def _archived(self, run: str) -> set[str]:
        """Return the runs that the archive tells to be closed by a run's manifest, or by its run file if it has none.

        A run file names no files when the run has left none, or when they went with those of another run. Raises
        DamagedReport.
        """
        manifest, report = (self._read(key) for key in _closing_keys(run))
        try:
            if manifest is not None:
                return closed_by(path := Path(_closing_keys(run)[0]), named_in(manifest, path))
            is_empty = report is not None and not document_in(report, Path(_closing_keys(run)[1]))["files"]
        except ValueError as error:
            raise DamagedReport(str(error)) from error
        return {run} if is_empty else set()

    def _read(self, key: str) -> bytes | None:
        try:
            with self._storage.open(key) as stream:
                return stream.read()
        except FileNotFoundError:
            return None

    def _missing(self, run: Spooled) -> list[str]:
        return [file for file in sorted(run.files) if not self._is_here(file)]

    def _is_here(self, key: str) -> bool:
        # What grows in the place of a run file is its claim.
        growing = key.removesuffix(".gz" if key.startswith("articles/") else ".json") + OPEN
        return (self._spool / key).exists() or (self._spool / growing).exists()

    def _fetch(self, run: Spooled, claim: int | None, missing: list[str]) -> None:
        """Fetch back a run whose claim is held; None when another process has it."""
        if claim is None:
            return
        try:
            # The WARC files last: as long as one is missing, all of this is done again.
            keys = (*_row_keys(run, self._outlet), _closing_keys(run.run)[1], *missing)
            self._check_room(keys)
            here = [key for key in keys if self._is_here(key) or self._restored(key)]
        except (StoreUnreachable, NoRoom):
            self._held.append(claim)
            raise
        nowhere = set(missing) - set(here)
        self._custody.forget(run, nowhere)
        os.close(claim)
        logger.warning(
            "%s died: %s of it fetched back from the archive, %s lost with its spool: "
            "what these held is asked for again",
            *(run.run, counted(len(missing) - len(nowhere), "WARC file"), counted(len(nowhere), "WARC file")),
        )

    def _check_room(self, keys: Iterable[str]) -> None:
        needed = MARGIN_BYTES + sum(self._size(key) for key in keys if not self._is_here(key))
        free = shutil.disk_usage(self._spool).free
        if needed > free:
            raise NoRoom(f"to fetch it back takes {readable(needed)} in {self._spool}, {readable(free)} are free")

    def _size(self, key: str) -> int:
        try:
            return self._storage.head(key)
        except FileNotFoundError:
            return 0

    def _restored(self, key: str) -> bool:
        path = self._spool / key
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = restore(self._storage, path, key)
        if descriptor is not None:
            os.close(descriptor)
        return descriptor is not None


def _closing_keys(run: str) -> tuple[str, str]:
    """Return the keys of a run's manifest and run file."""
    return tuple(f"{kind}/{started_of(run):%Y/%m}/{run}.json" for kind in ("manifest", "runs"))  # type: ignore[return-value]


def _row_keys(run: Spooled, outlet: str) -> Iterator[str]:
    """Yield the keys that the files of a run's rows may have: one for each month in which it may have lived."""
    month, last = (f"{moment:%Y-%m}" for moment in (started_of(run.run), run.held_until))
    while month <= last:
        yield f"articles/outlet={outlet}/crawl_month={month}/{run.run}.jsonl.gz"
        year, number = map(int, month.split("-"))
        month = f"{year + number // 12}-{number % 12 + 1:02d}"


def unnamed_warcs(spool: Path, storage: Storage, outlet: str) -> list[str]:
    """Return the WARCs of an outlet whose indexes are here alone, neither named by a manifest nor in the archive.

    Raises StorageError, OSError, ValueError for a manifest that is damaged.
    """
    indexes = [path.relative_to(spool).as_posix() for path in (spool / "index" / outlet).rglob("khobor-*.cdxj")]
    named = {one.file for _, named in closed_runs(spool, outlet) for one in named}
    return [
        warc
        for index, warc in ((index, warc_of(index)) for index in sorted(indexes))
        if not (index in named or _is_here(spool, warc) or _is_archived(storage, index))
    ]


def _is_here(spool: Path, warc: str) -> bool:
    return any((spool / file).exists() for file in (warc + OPEN, warc))


def _is_archived(storage: Storage, file: str) -> bool:
    try:
        return storage.head(file) > 0
    except FileNotFoundError:
        return False
