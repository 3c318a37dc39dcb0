"""The search for the remains of an outlet's dead runs in a spool."""

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
from crawler.recording.recovery.copies import no_copy
from crawler.recording.recovery.remains import Remains
from crawler.recording.recovery.rows import LeftRows
from crawler.recording.recovery.tails import keep_twin
from crawler.recording.recovery.warcs import LeftWarc, run_of

logger = logging.getLogger(__name__)


def find_remains(
    spool: Path,
    outlet: str,
    run: str,
    is_archived: Callable[[str], bool | None],
    restore: Callable[[Path, str], int | None] = no_copy,
) -> Remains:
    """Find, repair and lock the remains of an outlet's dead runs, for `run` to finish.

    `restore(path, key)` replaces a file by the archive's copy and returns the descriptor with its flock, None without a
    copy. Raises OSError, ValueError for a damaged manifest or run file.
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
    # Rows that may be archived come first: one row of each record stays.
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
            # No run leaves both forms, unless it renames the file at this moment.
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
    try:
        if warc.is_growing and remains.may_be_made_now(warc.path):
            return False
        run = run_of(warc.path)
    except FileNotFoundError:
        return False  # another run uploaded it
    return not run or run in dead or not remains.is_living(run)


def _is_walked(remains: Remains, warc: LeftWarc) -> bool:
    """Read a WARC file; without a whole copy of a damaged one, its run is taken for a living one."""
    try:
        warc.walk()
    except (DamagedRecord, StoreUnreachable) as error:
        logger.warning("%s is damaged, and its run is left to the next one: %s", warc.path, error)
        remains.living |= {warc.run} if warc.run else set()
        return False
    return True


def _leave_alone(remains: Remains) -> None:
    """Release all files of runs with a file that is unreadable now."""
    for claim in [claim for claim in remains.claims if claim.run in remains.living]:
        claim.release()
        remains.claims.remove(claim)
    for warc in [warc for warc in remains.warcs if warc.run in remains.living]:
        os.close(warc.descriptor)
        remains.warcs.remove(warc)


def _left_rows(remains: Remains, dead: set[str]) -> Iterator[LeftRows]:
    spool, outlet = remains.spool, remains.outlet
    for path in sorted((spool / "articles" / f"outlet={outlet}").rglob(f"khobor-{outlet}-*")):
        # A killed run may leave both forms; the growing one is finished again.
        is_twin = path.suffix == ".gz" and path.with_suffix(OPEN).exists()
        if path.name.endswith(PARTIAL) or is_twin or path.relative_to(spool).as_posix() in remains.named:
            continue
        run = path.name.removesuffix(OPEN).removesuffix(".gz").removesuffix(".jsonl")
        descriptor = take(path) if run in dead or not remains.is_living(run) else None
        if descriptor is not None:
            yield LeftRows(spool, path, descriptor, run)


def _left_reports(remains: Remains, dead: set[str]) -> Iterator[Path]:
    """Yield the run files of runs that were killed before they wrote their manifest."""
    spool, outlet = remains.spool, remains.outlet
    for path in sorted((spool / "runs").rglob(f"khobor-{outlet}-*.json")):
        is_left = path.stem in dead or not remains.is_living(path.stem)
        is_named = path.relative_to(spool).as_posix() in remains.named
        # Another run may upload it at this moment.
        with suppress(FileNotFoundError):
            if is_left and not is_named and json.loads(path.read_bytes())["files"]:
                yield path


def _sweep(remains: Remains, dead: set[str]) -> None:
    """Remove unfinished files, and growing indexes without a WARC file."""
    spool, outlet = remains.spool, remains.outlet
    warcs = {warc.path.name for warc in remains.warcs}
    found = [path for kind in KINDS for path in (spool / kind).rglob(f"khobor-{outlet}-*{PARTIAL}")]
    found += (spool / "runs").rglob(f".khobor-{outlet}-*")
    indexes = (spool / "index" / outlet).rglob(f"khobor-*.cdxj{OPEN}")
    found += (path for path in indexes if path.name.replace(".cdxj", ".warc.gz") not in warcs)
    for path in found:
        descriptor = take(path)
        if descriptor is not None:
            with suppress(FileNotFoundError):
                if path.name.partition(".")[0] in dead or not remains.may_be_made_now(path):
                    path.unlink()
            os.close(descriptor)


def _sweep_indexes(remains: Remains) -> None:
    """Remove finished indexes that no manifest names and whose WARC file is gone or uploaded with them."""
    for path in (remains.spool / "index" / remains.outlet).rglob("khobor-*.cdxj"):
        key = path.relative_to(remains.spool).as_posix()
        if key not in remains.named and (not remains.is_safe(warc_of(key)) or remains.has_gone_up(key)):
            # Another run may sweep at this moment.
            path.unlink(missing_ok=True)
