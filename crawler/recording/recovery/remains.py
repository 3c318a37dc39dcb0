"""The remains of an outlet's dead runs in a spool: held by flocks, and finished with a living run's files."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from crawler.archive.manifests import FinishedFile, write_run
from crawler.archive.names import OPEN, started_of, warc_of
from crawler.model.span import rfc3339
from crawler.recording.claims import Claim, is_living, is_young_and_empty
from crawler.recording.recovery.rows import LeftRows
from crawler.recording.recovery.tails import no_copy
from crawler.recording.recovery.warcs import LeftWarc
from crawler.system.files import digest_of


@dataclass(slots=True)
class Remains:
    """What dead runs left, held by its flocks until `close` or `release`.

    Nothing of it gets its final name before `is_settled` says that all pages are decided. `named` are the files
    that manifests in the spool name, `living` the runs that lived before these were read: one that has ended since
    is no dead one. `is_archived` tells None when the store can't tell. `lost` are, by run, the addresses of the
    articles that state knew of and the files don't have.
    """

    spool: Path
    outlet: str
    run: str
    is_archived: Callable[[str], bool | None]
    restore: Callable[[Path, str], int | None] = no_copy
    named: set[str] = field(default_factory=set)
    living: set[str] = field(default_factory=set)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    claims: list[Claim] = field(default_factory=list)
    warcs: list[LeftWarc] = field(default_factory=list)
    rows: list[LeftRows] = field(default_factory=list)
    reports: list[Path] = field(default_factory=list)
    is_settled: bool = False
    lost: dict[str, set[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Tell whether there is anything."""
        return bool(self.claims or self.warcs or self.rows or self.reports)

    def is_safe(self, file: str) -> bool:
        """Tell whether a WARC that is not among the remains is there all the same: with a closed run, or archived."""
        # In the order of its moving on: a living run may finish it, and bring it up, at this moment.
        here = (self.spool / (file + OPEN), self.spool / file)
        return file in self.named or any(map(_has_content, here)) or self.may_be_archived(file)

    def may_be_archived(self, file: str) -> bool:
        """Tell whether a file is archived, or nobody can tell now: nothing is given up for that."""
        return self.is_archived(file) is not False

    def has_gone_up(self, index: str) -> bool:
        """Tell whether an index is in the archive with its WARC, which is not here: another run has brought both up."""
        warc = warc_of(index)
        is_here = any((self.spool / file).exists() for file in (warc + OPEN, warc))
        return not is_here and bool(self.is_archived(index)) and not self._may_grow(Path(index).name)

    def _may_grow(self, name: str) -> bool:
        """Tell whether a living run may have made a file, which names its own moment and not that of its run."""
        return bool(self.living - {self.run}) or self._has_another_run() or _has_begun_since(name, self.began)

    def is_living(self, run: str) -> bool:
        """Tell whether a run lives, lived when this began, or has begun since: what it leaves is not whole yet."""
        return run in self.living or is_living(self.spool, run) or _has_begun_since(run, self.began)

    def may_be_made_now(self, path: Path) -> bool:
        """Tell whether another process may have made a file and not come to lock it. Raises OSError."""
        # A run claims its name before it makes a file; of a claim in the making, which is hidden, nothing tells.
        is_made = path.name.startswith(".") or self._has_another_run()
        return is_made and is_young_and_empty(path.stat())

    def _has_another_run(self) -> bool:
        mine = {self.run, *(claim.run for claim in self.claims)}
        claimed = (self.spool / "runs").rglob(f"khobor-{self.outlet}-*.json{OPEN}")
        return any(path.name.removesuffix(".json" + OPEN) not in mine for path in claimed)

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
        if not report.exists() and not self._has_report(claim, report.relative_to(self.spool).as_posix()):
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

    def _has_report(self, claim: Claim, key: str) -> bool:
        """Tell whether the archive has a dead run's file, or may have it."""
        is_archived = self.is_archived(key)
        # With what was brought back it would have come: its own spool is to find out that it was recovered.
        return bool(is_archived) or (is_archived is None and not claim.facts.get("brought_back"))


def _has_content(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return path.stat().st_size > 0
    return False


def _has_begun_since(run: str, moment: datetime) -> bool:
    try:
        return started_of(run) >= moment
    except ValueError:
        return False


def _adopted(spool: Path, path: Path) -> FinishedFile:
    return FinishedFile(path.relative_to(spool).as_posix(), path.stat().st_size, digest_of(path))
