"""The making of a data set: plan, layout, shards, then the files that describe them."""

from dataclasses import dataclass
from typing import IO, Any, Protocol

import pyarrow

from crawler import __version__
from crawler.archive.storage.base import Storage
from crawler.recording.archive_identity import id_of
from crawler.tools.dataset.card import files_of
from crawler.tools.dataset.facts import NAME, DatasetFacts, FileFacts
from crawler.tools.dataset.gathering import facts_of
from crawler.tools.dataset.layout import Shard, lay_out, shards
from crawler.tools.dataset.options import DatasetOptions
from crawler.tools.dataset.plan import SUFFIX, Plan, PlanSources, digest_of_json, naming_plan, remove_plan
from crawler.tools.dataset.selection import ArticleSelection
from crawler.tools.dataset.shards import ShardWriter
from crawler.tools.dataset.target import DatasetTarget
from crawler.tools.export.output import ExportFailed

# In a plan: the place has no files of another one.
CLEAN = "clean"


class ProgressBar(Protocol):
    """A progress bar."""

    def describe(self, what: str) -> None: ...
    def begin(self, total: int) -> None: ...
    def advance(self, count: int = 1) -> None: ...


@dataclass
class Building:
    """The making of a data set of an archive in a place."""

    storage: Storage
    target: DatasetTarget
    options: DatasetOptions
    progress: ProgressBar

    @property
    def purpose(self) -> dict[str, Any]:
        """What an unfinished data set must agree on."""
        return {"archive": id_of(self.storage), "options": self.options.as_json()}

    def build(self, archived: list[str]) -> DatasetFacts:
        """Make the data set, or continue one that was interrupted; `archived` are the outlets with rows.

        Raises ExportFailed, StorageError, OSError.
        """
        sources = PlanSources(self.storage, self.options, archived)
        path = self.target.folder / f"plan{SUFFIX}"
        if self.target.is_finished:
            remove_plan(path)
        with naming_plan(path), Plan(path, self._purpose_of_plan(sources), sources.files) as plan:
            self._fill(plan, sources)
            if not plan.count("SELECT count(*) FROM kept"):
                remove_plan(path)
                raise ExportFailed(f"there are no articles of this selection in {self.storage.url}")
            self._clean(plan)
            files = self._write(plan, sources)
            facts = facts_of(plan, sources, self.storage, self.options, files)
            self.target.check_ours(self._note(plan), files)
        for name, content in described(facts).items():
            self.target.put(name, content)
        self.target.end()
        remove_plan(path)
        return facts

    def _purpose_of_plan(self, sources: PlanSources) -> str:
        versions = (__version__, pyarrow.__version__)
        return digest_of_json([self.storage.url, self.target.url, self.purpose, versions, sources.digest])

    def _fill(self, plan: Plan, sources: PlanSources) -> None:
        """Read the archive, and decide where its articles go."""
        self.progress.begin(plan.unread)
        plan.read(self.storage, ArticleSelection(self.options, sources.withheld), self.progress.advance)
        lay_out(plan, self.options.without_copies)

    def _clean(self, plan: Plan) -> None:
        """Remove the files of another plan, unless this one wrote those that are there."""
        if not plan.note(CLEAN) or self.target.unfinished != self._note(plan):
            with plan.transaction():
                plan.run("DELETE FROM shard")
                self.target.begin(self._note(plan))
                plan.take_note(CLEAN, "done")

    def _note(self, plan: Plan) -> dict[str, Any]:
        """Return what the place says of us until the data set is whole."""
        return self.purpose | {"plan": plan.digest}

    def _write(self, plan: Plan, sources: PlanSources) -> list[FileFacts]:
        planned = shards(plan)
        self.progress.describe("rows")
        self.progress.begin(sum(shard.rows for shard in planned))
        writer = ShardWriter(self.storage, plan, sources.withdrawals, self.options.text, self.progress.advance)
        return [self._shard(plan, writer, shard) for shard in planned]

    def _shard(self, plan: Plan, writer: ShardWriter, shard: Shard) -> FileFacts:
        if (done := plan.shard(shard.path)) and self.target.has(done.path, done.bytes):
            self.progress.advance(shard.rows)
            return done

        def write(stream: IO[bytes]) -> None:
            writer.write(shard, stream)

        finished = self.target.write(shard.path, write)
        file = FileFacts(shard.path, shard.rows, finished.bytes, finished.sha256)
        plan.keep_shard(file)
        return file


def described(facts: DatasetFacts) -> dict[str, bytes]:
    """Return the files that describe a data set, by name; the facts come last."""
    return files_of(facts) | {NAME: facts.encoded()}
