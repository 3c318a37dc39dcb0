"""The remains of an outlet's dead runs in a spool: found, mended, locked, and finished with a living run's files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from crawler.items import rfc3339
from crawler.recording.claims import Claim, dead_claims, is_young_and_empty, living_runs, take
from crawler.recording.files import KINDS, PARTIAL, FinishedFile
from crawler.recording.manifests import closed_runs
from crawler.recording.recovery.rows import LeftRows
from crawler.recording.recovery.warcs import LeftWarc, run_of
from crawler.recording.report import write_run
from crawler.recording.warc import OPEN
from crawler.storage import digest_of


@dataclass(slots=True)
class Remains:
    """What dead runs left. Nothing of it gets its final name before `is_settled` says that all pages are decided."""

    spool: Path
    run: str
    claims: list[Claim] = field(default_factory=list)
    warcs: list[LeftWarc] = field(default_factory=list)
    rows: list[LeftRows] = field(default_factory=list)
    reports: list[Path] = field(default_factory=list)
    is_settled: bool = False

    def __bool__(self) -> bool:
        """Tell whether there is anything."""
        return bool(self.claims or self.warcs or self.rows or self.reports)

    def finish(self) -> list[FinishedFile]:
        """Finish the files and close the dead runs; without a settlement, leave all as it is. Raises OSError."""
        parts: list[LeftWarc | LeftRows] = [*self.warcs, *self.rows]
        if not self.is_settled:
            for part in parts:
                part.release()
            for claim in self.claims:
                claim.release()
            return []
        finished = [file for part in parts for file in part.finish()]
        finished += [_adopted(self.spool, path) for path in self.reports]
        for claim in self.claims:
            self._close(claim)
        return finished

    def _close(self, claim: Claim) -> None:
        """Write the run file that the dead run did not come to write."""
        if not claim.path.with_suffix("").exists():
            facts = {
                **claim.facts,
                "run": claim.run,
                "started": rfc3339(claim.started),
                "finished": None,
                "reason": "died",
                "recovered_by": self.run,
                "files": [],
            }
            write_run(self.spool, claim.run, claim.started, facts)
        claim.close()


def find_remains(spool: Path, outlet: str, run: str) -> Remains:
    """Return what dead runs of an outlet left, mended and locked, for `run` to finish. Raises OSError."""
    remains = Remains(spool, run)
    remains.claims += dead_claims(spool, outlet)
    living = living_runs(spool) - {claim.run for claim in remains.claims}
    named = {file for _, files in closed_runs(spool, outlet) for file in files}
    remains.warcs += _left_warcs(spool, outlet, living, named)
    records = {warc.file: warc.records for warc in remains.warcs}
    for rows in _left_rows(spool, outlet, living, named):
        rows.walk(records)
        remains.rows.append(rows)
    remains.reports += _left_reports(spool, outlet, living, named)
    _sweep(spool, outlet, {warc.path.name for warc in remains.warcs})
    return remains


def _left_warcs(spool: Path, outlet: str, living: set[str], named: set[str]) -> Iterator[LeftWarc]:
    for path in sorted((spool / "warc" / outlet).rglob("khobor-*")):
        file = path.relative_to(spool).as_posix().removesuffix(OPEN)
        descriptor = take(path) if file not in named else None
        if descriptor is None:
            continue
        if is_young_and_empty(descriptor) or run_of(path) in living:
            os.close(descriptor)
            continue
        warc = LeftWarc(spool, file, path, descriptor)
        warc.walk()
        yield warc


def _left_rows(spool: Path, outlet: str, living: set[str], named: set[str]) -> Iterator[LeftRows]:
    for path in sorted((spool / "articles" / f"outlet={outlet}").rglob(f"khobor-{outlet}-*")):
        if path.name.endswith(PARTIAL) or _is_twin(path) or path.relative_to(spool).as_posix() in named:
            continue
        run = path.name.removesuffix(OPEN).removesuffix(".gz").removesuffix(".jsonl")
        descriptor = take(path) if run not in living else None
        if descriptor is not None:
            yield LeftRows(spool, path, descriptor, run)


def _is_twin(path: Path) -> bool:
    """Tell whether a finished file's growing form is still there: killed between the two, it is finished again."""
    return path.suffix == ".gz" and path.with_suffix(OPEN).exists()


def _left_reports(spool: Path, outlet: str, living: set[str], named: set[str]) -> Iterator[Path]:
    """Yield the files of runs that were killed before their manifest was there."""
    for path in sorted((spool / "runs").rglob(f"khobor-{outlet}-*.json")):
        is_ours = path.stem in living or path.relative_to(spool).as_posix() in named
        if not is_ours and json.loads(path.read_bytes())["files"]:
            yield path


def _sweep(spool: Path, outlet: str, warcs: set[str]) -> None:
    """Remove what can be made again: files in the making, and growing indexes of WARCs that are no more."""
    kinds = (spool / kind for kind in KINDS)
    partials = [path for kind in kinds for path in kind.rglob(f"khobor-{outlet}-*{PARTIAL}")]
    indexes = [
        path
        for path in (spool / "index" / outlet).rglob(f"khobor-*.cdxj{OPEN}")
        if path.name.replace(".cdxj", ".warc.gz") not in warcs
    ]
    for path in (*partials, *indexes):
        descriptor = take(path)
        if descriptor is not None:
            if not is_young_and_empty(descriptor):
                with suppress(FileNotFoundError):
                    path.unlink()
            os.close(descriptor)


def _adopted(spool: Path, path: Path) -> FinishedFile:
    return FinishedFile(path.relative_to(spool).as_posix(), path.stat().st_size, digest_of(path))
