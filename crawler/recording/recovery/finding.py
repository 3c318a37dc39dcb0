"""What dead runs of an outlet left is looked for in a spool, locked and mended; what can be made again goes."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from crawler.archive.manifests import closed_runs
from crawler.archive.names import KINDS, OPEN, PARTIAL, warc_of
from crawler.archive.storage.base import StoreUnreachable
from crawler.archive.warc_reader import DamagedRecord
from crawler.recording.claims import sorted_claims, take
from crawler.recording.recovery.remains import Remains
from crawler.recording.recovery.rows import LeftRows
from crawler.recording.recovery.tails import keep_twin, no_copy
from crawler.recording.recovery.warcs import LeftWarc, run_of

logger = logging.getLogger(__name__)


def find_remains(
    spool: Path,
    outlet: str,
    run: str,
    is_archived: Callable[[str], bool | None],
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
    brought_back = {claim.run for claim in remains.claims if "brought_back" in claim.facts}
    # What may be in the archive already, as it is, comes first: of a record, one row stays.
    for rows in sorted(_left_rows(remains, dead), key=lambda rows: rows.run not in brought_back):
        rows.walk(records, remains.is_safe, {record for others in remains.rows for record in others.kept})
        remains.rows.append(rows)
    remains.reports += _left_reports(remains, dead)
    _sweep(remains, dead)
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
        warc = LeftWarc(spool, file, path, descriptor, remains.restore)
        if _is_left(remains, warc, dead) and _is_walked(remains, warc):
            yield warc
        else:
            os.close(warc.descriptor)


def _is_left(remains: Remains, warc: LeftWarc, dead: set[str]) -> bool:
    """Tell whether a WARC that is held now is of a run that has died."""
    try:
        if warc.is_growing and remains.may_be_made_now(warc.path):
            return False
        run = run_of(warc.path)
    except FileNotFoundError:
        return False  # another run has brought it up
    return not run or run in dead or not remains.is_living(run)


def _is_walked(remains: Remains, warc: LeftWarc) -> bool:
    """Read a WARC, or call its run a living one when the copy it needs is damaged, or none that the store gives now."""
    try:
        warc.walk()
    except (DamagedRecord, StoreUnreachable) as error:
        logger.warning("%s is damaged, and its run is left to the next one: %s", warc.path, error)
        remains.living |= {warc.run} if warc.run else set()
        return False
    return True


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


def _sweep(remains: Remains, dead: set[str]) -> None:
    """Remove what can be made again: files in the making, and growing indexes of WARCs that are no more."""
    spool, outlet = remains.spool, remains.outlet
    warcs = {warc.path.name for warc in remains.warcs}
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
            with suppress(FileNotFoundError):
                if path.name.partition(".")[0] in dead or not remains.may_be_made_now(path):
                    path.unlink()
            os.close(descriptor)


def _sweep_indexes(remains: Remains) -> None:
    """Remove finished indexes that no manifest names and whose WARC is gone, or has gone up with them."""
    for path in (remains.spool / "index" / remains.outlet).rglob("khobor-*.cdxj"):
        key = path.relative_to(remains.spool).as_posix()
        if key not in remains.named and (not remains.is_safe(warc_of(key)) or remains.has_gone_up(key)):
            # Another run may sweep at this moment.
            path.unlink(missing_ok=True)
