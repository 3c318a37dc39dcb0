"""The remains of an outlet's dead runs in a spool: found, mended, locked, and finished with a living run's files."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from crawler.items import rfc3339
from crawler.recording.claims import Claim, is_living, is_young_and_empty, sorted_claims, take
from crawler.recording.files import KINDS, PARTIAL, FinishedFile, started_of
from crawler.recording.manifests import closed_runs
from crawler.recording.recovery.restoring import no_copy
from crawler.recording.recovery.rows import LeftRows
from crawler.recording.recovery.tails import keep_twin
from crawler.recording.recovery.warcs import LeftWarc, run_of
from crawler.recording.report import write_run
from crawler.recording.warc import OPEN
from crawler.storage import StoreUnreachable, digest_of
from crawler.verification.names import warc_of

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Remains:
    """What dead runs left, held by its flocks until `close` or `release`.

    Nothing of it gets its final name before `is_settled` says that all pages are decided. `named` are the files
    that manifests in the spool name, `living` the runs that lived before these were read: one that has ended since
    is no dead one. `lost` counts the articles that state knew of and the files don't have.
    """

    spool: Path
    outlet: str
    run: str
    is_archived: Callable[[str], bool]
    restore: Callable[[Path, str], int | None] = no_copy
    named: set[str] = field(default_factory=set)
    living: set[str] = field(default_factory=set)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    claims: list[Claim] = field(default_factory=list)
    warcs: list[LeftWarc] = field(default_factory=list)
    rows: list[LeftRows] = field(default_factory=list)
    reports: list[Path] = field(default_factory=list)
    is_settled: bool = False
    lost: int = 0

    def __bool__(self) -> bool:
        """Tell whether there is anything."""
        return bool(self.claims or self.warcs or self.rows or self.reports)

    def is_safe(self, file: str) -> bool:
        """Tell whether a WARC that is not among the remains is there all the same: with a closed run, or archived."""
        # In the order of its moving on: a living run may finish it, and bring it up, at this moment.
        here = (self.spool / (file + OPEN), self.spool / file)
        return file in self.named or any(map(_has_content, here)) or self.is_archived(file)

    def is_living(self, run: str) -> bool:
        """Tell whether a run lives, lived when this began, or has begun since: what it leaves is not whole yet."""
        return run in self.living or is_living(self.spool, run) or _has_begun_since(run, self.began)

    def finish(self) -> list[FinishedFile]:
        """Give the files their final names and return them. Raises OSError."""
        parts: list[LeftWarc | LeftRows] = [*self.warcs, *self.rows]
        finished = [file for part in parts for file in part.finish()]
        return finished + [_adopted(self.spool, path) for path in self.reports]

    def close(self) -> None:
        """Close the dead runs once a manifest names their files: only now may another run see these. Raises OSError."""
        for claim in self.claims:
            self._close(claim)
        self._release_files()

    def release(self) -> None:
        """Leave all as it is, to the next recovery."""
        for claim in self.claims:
            claim.release()
        self._release_files()

    def _release_files(self) -> None:
        parts: list[LeftWarc | LeftRows] = [*self.warcs, *self.rows]
        for part in parts:
            os.close(part.descriptor)

    def _close(self, claim: Claim) -> None:
        """Write the run file that the dead run did not come to write."""
        report = claim.path.with_suffix("")
        if not report.exists() and not self.is_archived(report.relative_to(self.spool).as_posix()):
            facts = {
                "run": claim.run,
                "outlet": self.outlet,
                **{name: claim.facts[name] for name in ("command", "software", "wanted") if name in claim.facts},
                "started": rfc3339(claim.started),
                "finished": None,
                "reason": "died",
                "recovered_by": self.run,
                "files": [],
            }
            write_run(self.spool, claim.run, claim.started, facts)
        claim.close()


def find_remains(
    spool: Path,
    outlet: str,
    run: str,
    is_archived: Callable[[str], bool],
    restore: Callable[[Path, str], int | None] = no_copy,
) -> Remains:
    """Return what dead runs of an outlet left, mended and locked, for `run` to finish.

    `restore(path, key)` puts the archive's copy of a file in its place and returns the descriptor that holds it, None
    when there is none. Raises OSError, ValueError for a manifest or run file that is damaged.
    """
    remains = Remains(spool, outlet, run, is_archived, restore)
    remains.claims, remains.living = sorted_claims(spool, outlet)
    remains.named |= {one.file for _, named in closed_runs(spool, outlet) for one in named}
    dead = {claim.run for claim in remains.claims}
    remains.warcs += _left_warcs(remains, dead)
    _leave_alone(remains)
    dead -= remains.living
    records = {warc.file: warc.records for warc in remains.warcs}
    for rows in _left_rows(remains, dead):
        rows.walk(records, remains.is_safe)
        remains.rows.append(rows)
    remains.reports += _left_reports(remains, dead)
    _sweep(spool, outlet, dead, {warc.path.name for warc in remains.warcs})
    _sweep_indexes(remains)
    return remains


def _left_warcs(remains: Remains, dead: set[str]) -> Iterator[LeftWarc]:
    spool = remains.spool
    for path in sorted((spool / "warc" / remains.outlet).rglob("khobor-*")):
        file = path.relative_to(spool).as_posix().removesuffix(OPEN)
        if path.name.endswith(PARTIAL):
            continue
        if path.name.endswith(OPEN) and (spool / file).exists():
            # Finished and growing at once: nobody of ours leaves that. A living run finishes it at this moment.
            with suppress(FileNotFoundError):
                keep_twin(spool, path)
            continue
        descriptor = take(path) if file not in remains.named else None
        if descriptor is None:
            continue
        try:
            run = run_of(path)
        except FileNotFoundError:
            os.close(descriptor)
            continue  # another run has brought it up
        is_new = path.name.endswith(OPEN) and is_young_and_empty(descriptor)
        if is_new or (run and run not in dead and remains.is_living(run)):
            os.close(descriptor)
            continue
        warc = LeftWarc(spool, file, path, descriptor, remains.restore)
        try:
            warc.walk()
        except StoreUnreachable as error:
            logger.warning("%s is damaged, and its run is left to the next one: %s", path, error)
            os.close(descriptor)
            remains.living |= {run} if run else set()
        else:
            yield warc


def _leave_alone(remains: Remains) -> None:
    """Let go of what is of a run whose files can't all be read now: it is whole, or not, when the store answers."""
    for claim in [claim for claim in remains.claims if claim.run in remains.living]:
        claim.release()
        remains.claims.remove(claim)
    for warc in [warc for warc in remains.warcs if warc.run in remains.living]:
        os.close(warc.descriptor)
        remains.warcs.remove(warc)


def _left_rows(remains: Remains, dead: set[str]) -> Iterator[LeftRows]:
    spool, outlet = remains.spool, remains.outlet
    for path in sorted((spool / "articles" / f"outlet={outlet}").rglob(f"khobor-{outlet}-*")):
        if path.name.endswith(PARTIAL) or _is_twin(path) or path.relative_to(spool).as_posix() in remains.named:
            continue
        run = path.name.removesuffix(OPEN).removesuffix(".gz").removesuffix(".jsonl")
        descriptor = take(path) if run in dead or not remains.is_living(run) else None
        if descriptor is not None:
            yield LeftRows(spool, path, descriptor, run)


def _has_content(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return path.stat().st_size > 0
    return False


def _has_begun_since(run: str, moment: datetime) -> bool:
    try:
        return started_of(run) >= moment
    except ValueError:
        return False


def _is_twin(path: Path) -> bool:
    """Tell whether a finished file's growing form is still there: killed between the two, it is finished again."""
    return path.suffix == ".gz" and path.with_suffix(OPEN).exists()


def _left_reports(remains: Remains, dead: set[str]) -> Iterator[Path]:
    """Yield the files of runs that were killed before their manifest was there."""
    spool, outlet = remains.spool, remains.outlet
    for path in sorted((spool / "runs").rglob(f"khobor-{outlet}-*.json")):
        is_left = path.stem in dead or not remains.is_living(path.stem)
        is_named = path.relative_to(spool).as_posix() in remains.named
        # Another run may bring it up at this moment.
        with suppress(FileNotFoundError):
            if is_left and not is_named and json.loads(path.read_bytes())["files"]:
                yield path


def _sweep(spool: Path, outlet: str, dead: set[str], warcs: set[str]) -> None:
    """Remove what can be made again: files in the making, and growing indexes of WARCs that are no more."""
    kinds = [spool / kind for kind in KINDS]
    making = [path for kind in kinds for path in kind.rglob(f"khobor-{outlet}-*{PARTIAL}")]
    making += (spool / "runs").rglob(f".khobor-{outlet}-*")
    indexes = [
        path
        for path in (spool / "index" / outlet).rglob(f"khobor-*.cdxj{OPEN}")
        if path.name.replace(".cdxj", ".warc.gz") not in warcs
    ]
    for path in (*making, *indexes):
        descriptor = take(path)
        if descriptor is not None:
            if path.name.partition(".")[0] in dead or not is_young_and_empty(descriptor):
                with suppress(FileNotFoundError):
                    path.unlink()
            os.close(descriptor)


def _sweep_indexes(remains: Remains) -> None:
    """Remove finished indexes that no manifest names and whose WARC is gone."""
    for path in (remains.spool / "index" / remains.outlet).rglob("khobor-*.cdxj"):
        key = path.relative_to(remains.spool).as_posix()
        if key not in remains.named and not remains.is_safe(warc_of(key)):
            # Another run may sweep at this moment.
            path.unlink(missing_ok=True)


def _adopted(spool: Path, path: Path) -> FinishedFile:
    return FinishedFile(path.relative_to(spool).as_posix(), path.stat().st_size, digest_of(path))
