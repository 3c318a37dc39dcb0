"""The filling of a data set without texts from an archive that has the articles."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO, Any

import pyarrow.parquet

from crawler.archive.storage.base import Storage
from crawler.archive.withheld import withheld_ids
from crawler.model.listing import GIVEN
from crawler.system.files import digest_of
from crawler.tools.dataset.building import ProgressBar, described
from crawler.tools.dataset.facts import OPT_OUTS, DatasetFacts, FileFacts, withheld_digest
from crawler.tools.dataset.options import FULL
from crawler.tools.dataset.plan import in_order
from crawler.tools.dataset.schema import CONTENT, SCHEMA
from crawler.tools.dataset.shards import LineReader
from crawler.tools.dataset.target import FILLING, DatasetTarget
from crawler.tools.dataset.wanted import FILLED, KEYS, WantedTexts
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.parquet import GROUP_ROWS, batch_of, timed, write_batches
from crawler.tools.export.rows import fields_in, named_rows

# Articles that are named when the archive lacks them.
MOST_NAMED = 20


@dataclass
class FillingOutcome:
    """How many articles got their texts, how many lack them, and sentences about the first ones without."""

    filled: int
    lacking: int
    named: list[str]


class TextFilling:
    """Fills a data set in its place. Each file is replaced whole; a later process continues with the others."""

    def __init__(self, storage: Storage, target: DatasetTarget, progress: ProgressBar) -> None:
        """Raise StorageError, ExportFailed; the target was checked."""
        self._storage = storage
        self._target = target
        self._progress = progress
        self._is_continued = target.is_unfinished
        self._facts = target.facts()
        self._withheld = set(self._facts.withheld)
        opt_outs = () if self._facts.options["with_opted_out"] else OPT_OUTS
        self._wanted = WantedTexts(withheld_ids(storage), opt_outs)
        self._reader = LineReader(storage)

    def close(self) -> None:
        self._wanted.close()

    def fill(self, archived: list[str]) -> FillingOutcome:
        """Fill the data set from the outlets with rows. Raises ExportFailed, StorageError, OSError."""
        texts = [self._want(number, file) for number, file in enumerate(self._facts.files)]
        folders = [name for name in archived if name in self._facts.outlets or name == GIVEN]
        files = in_order(file for folder in folders for file in named_rows(self._storage, folder)[0])
        self._progress.begin(len(files))
        self._wanted.search(self._storage, files, self._progress.advance)
        missing = self._wanted.count("file IS NULL")
        done = FillingOutcome(self._wanted.count(FILLED), missing, list(self._wanted.lacking(MOST_NAMED)))
        facts = self._facts_with(missing)
        refused = self._wanted.count("refusal IS NOT NULL")
        if done.filled or self._is_continued or (self._facts.text == FULL and (refused or self._facts != facts)):
            self._replace(texts, facts)
        elif done.lacking and not refused and self._facts.text != FULL:
            raise ExportFailed(f"{self._storage.url} has no article of {self._target.url}")
        return done

    def _want(self, number: int, file: FileFacts) -> str:
        """Note the rows of a file; return in which form the file has texts."""
        with self._target.local(file.path) as path:
            is_replaced = digest_of(path) != file.sha256
            if is_replaced and not self._is_continued:
                raise ExportFailed(
                    f"{file.path} in {self._target.url} is damaged: its SHA-256 is not that in its facts"
                )
            text = FULL if is_replaced else self._facts.text
            batches = pyarrow.parquet.ParquetFile(path).iter_batches(GROUP_ROWS, columns=list(KEYS))
            for place, row in enumerate(row for batch in batches for row in batch.to_pylist()):
                self._wanted.want(number, place, row, has_text=text == FULL and row["text"] is not None)
        return text

    def _facts_with(self, missing: int) -> DatasetFacts:
        """Return the facts of the data set with the texts that were found.

        The list of take-downs gets the articles that are withheld since, and loses those that have their texts again.
        """
        for article, is_withheld, has_text in self._wanted.articles():
            if is_withheld:
                self._withheld.add(withheld_digest(article))
            elif has_text:
                self._withheld.discard(withheld_digest(article))
        options = {**self._facts.options, "text": FULL}
        return replace(self._facts, text=FULL, options=options, lacking=missing, withheld=sorted(self._withheld))

    def _replace(self, texts: list[str], facts: DatasetFacts) -> None:
        """Replace the files that change, and those that describe the data set."""
        self._target.mark(FILLING)
        self._progress.describe("rows")
        self._progress.begin(self._facts.rows)
        files = [self._shard(number, text) for number, text in enumerate(texts)]
        for name, content in described(replace(facts, files=files)).items():
            self._target.put(name, content, replaces=True)
        self._target.end()

    def _shard(self, number: int, text: str) -> FileFacts:
        file = self._facts.files[number]
        with self._target.local(file.path) as path:
            changed = f"shard = {number} AND ({FILLED} OR refusal IS NOT NULL)"
            if text == FULL and not self._wanted.count(changed):
                return replace(file, bytes=path.stat().st_size, sha256=digest_of(path))
            old = pyarrow.parquet.ParquetFile(path)

            def write(stream: IO[bytes]) -> None:
                write_batches(self._batches(number, old), SCHEMA, stream)

            written = self._target.write(file.path, write, replaces=True)
        return replace(file, bytes=written.bytes, sha256=written.sha256)

    def _batches(self, shard: int, old: Any) -> Iterator[Any]:
        """Yield the row groups of a file with the texts that were found."""
        begin = 0
        for number in range(old.num_row_groups):
            rows = old.read_row_group(number).to_pylist()
            self._fill(rows, shard, begin)
            yield batch_of(rows, SCHEMA)
            begin += len(rows)
            self._progress.advance(len(rows))
        self._reader.leave()

    def _fill(self, rows: list[dict[str, Any]], shard: int, begin: int) -> None:
        """Give rows of a file, from the place `begin` on, their content.

        A row that the archive lacks keeps no excerpt, one that is withheld or opts out nothing.
        """
        end = begin + len(rows)
        for place, is_refused in self._wanted.missing(shard, begin, end):
            rows[place - begin] |= dict.fromkeys(CONTENT if is_refused else ["text"])
        for place, file, number in self._wanted.found(shard, begin, end):
            row = timed(fields_in(file.key, number, self._reader.line(file, number)))
            rows[place - begin] |= {name: row.get(name) for name in CONTENT}
