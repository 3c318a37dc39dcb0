"""What a data set is made of: row files, decisions to withhold articles, and run files."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from crawler.archive.storage.base import Storage
from crawler.archive.withdrawals import Withdrawals
from crawler.archive.withheld import withheld_ids
from crawler.model.listing import GIVEN
from crawler.tools.dataset.options import DatasetOptions
from crawler.tools.dataset.plan import digest_of_json, in_order
from crawler.tools.export.rows import named_rows, runs_in


class PlanSources:
    """The files of an archive that concern the options of a data set.

    `files` are the row files in their order. `requested` has the first day that a run requested of each outlet.
    """

    def __init__(self, storage: Storage, options: DatasetOptions, archived: Sequence[str]) -> None:
        """Read manifests, decisions and run files. Raises ExportFailed, StorageError, OSError."""
        days, outlets = options.days, options.outlets
        # Addresses given by hand may be of any outlet.
        folders = [name for name in archived if not outlets or name in outlets or name == GIVEN]
        named = (file for folder in folders for file in named_rows(storage, folder, days.first_month)[0])
        self.files = in_order(named)
        self.withheld = withheld_ids(storage)
        self.withdrawals = Withdrawals()
        self.requested: dict[str, date] = {}
        for run in runs_in(storage, outlets, days):
            run.take(self._take)

    @property
    def digest(self) -> str:
        """A digest of everything here. A run that changes nothing of it is not in it."""
        files = [(file.key, file.sha256, file.replaced) for file in self.files]
        withdrawn = sorted((one.id, one.since) for one in self.withdrawals)
        requested = {outlet: str(first) for outlet, first in self.requested.items()}
        return digest_of_json([files, sorted(self.withheld), withdrawn, requested])

    def _take(self, run: Any) -> None:
        self.withdrawals.take(run)
        if run["outlet"] != GIVEN and (since := (run.get("wanted") or {}).get("since")):
            first = date.fromisoformat(since)
            self.requested[run["outlet"]] = min(self.requested.get(run["outlet"], first), first)
