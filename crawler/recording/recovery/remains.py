"""The remains of an outlet's dead runs in a spool, finished with the files of a living run."""

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
from crawler.recording.recovery.copies import is_here, no_copy
from crawler.recording.recovery.rows import LeftRows
from crawler.recording.recovery.warcs import LeftWarc
from crawler.system.files import digest_of


@dataclass(slots=True)
class Remains:
    """The remains of dead runs, held by their flocks until `close` or `release`.

    Files get no final name before all pages are decided (`is_settled`). `named` are the files that manifests in the
    spool name, `living` the runs that lived before these were read: one that has ended since is not dead. `is_archived`
    returns None if the store does not respond. `lost` are, by run, the addresses of articles that state knew and the
    files lack.
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

    @property
    def parts(self) -> list[LeftWarc | LeftRows]:
        return [*self.warcs, *self.rows]

    def __bool__(self) -> bool:
        return bool(self.claims or self.warcs or self.rows or self.reports)

    def is_safe(self, file: str) -> bool:
        """Return whether a WARC file that is not among the remains exists: with a closed run, or archived."""
        # In this order: a living run may finish it, and upload it, at this moment.
        here = (self.spool / (file + OPEN), self.spool / file)
        return file in self.named or any(map(_has_content, here)) or self.may_be_archived(file)

    def may_be_archived(self, file: str) -> bool:
        """Return whether a file is archived, or the store does not respond."""
        return self.is_archived(file) is not False

    def has_gone_up(self, index: str) -> bool:
        """Return whether another run uploaded an index and its WARC file."""
        if is_here(self.spool, warc_of(index)) or not self.is_archived(index):
            return False
        # The file of a living run names its own moment, not that of the run.
        is_dead = not (self.living - {self.run}) and not self._has_another_run()
        return is_dead and not _has_begun_since(Path(index).name, self.began)

    def is_living(self, run: str) -> bool:
        """Return whether a run lives, lived when this began, or began since: its files are not complete yet."""
        return run in self.living or is_living(self.spool, run) or _has_begun_since(run, self.began)

    def may_be_made_now(self, path: Path) -> bool:
        """Return whether another process may have made a file without locking it yet. Raises OSError."""
        # A run claims its name before it makes a file; a claim in the making is hidden.
        is_made = path.name.startswith(".") or self._has_another_run()
        return is_made and is_young_and_empty(path.stat())

    def _has_another_run(self) -> bool:
        mine = {self.run, *(claim.run for claim in self.claims)}
        claimed = (self.spool / "runs").rglob(f"khobor-{self.outlet}-*.json{OPEN}")
        return any(path.name.removesuffix(".json" + OPEN) not in mine for path in claimed)

    def finish(self) -> list[FinishedFile]:
        """Give the files their final names and return them. Raises OSError."""
        finished = [file for part in self.parts for file in part.finish()]
        for path in self.reports:
            key = path.relative_to(self.spool).as_posix()
            finished.append(FinishedFile(key, path.stat().st_size, digest_of(path)))
        return finished

    def close(self) -> None:
        """Close the dead runs, once a manifest names their files. Raises OSError."""
        for claim in self.claims:
            self._close(claim)
        self._release_files()

    def release(self) -> None:
        for claim in self.claims:
            claim.release()
        self._release_files()

    def _release_files(self) -> None:
        for part in self.parts:
            os.close(part.descriptor)

    def _close(self, claim: Claim) -> None:
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
        """Return whether the archive has a dead run's file, or may have it."""
        is_archived = self.is_archived(key)
        # A run that was fetched back has none in the archive; its own spool must learn that it was recovered.
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
