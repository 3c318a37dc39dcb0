"""The verification of an archive: every file once, then what holds between files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from crawler.archive.names import folder_problem, index_of, outlet_of, warc_of
from crawler.archive.rows import is_compaction
from crawler.archive.storage.base import NoAccess, Storage, StorageError, StoreUnreachable
from crawler.system.files import Measured
from crawler.tools.verification.book import Book
from crawler.tools.verification.findings import Verdicts
from crawler.tools.verification.holdings import MANIFESTS, STRAY, Holdings, is_ours
from crawler.tools.verification.index import IndexCheck
from crawler.tools.verification.manifests import ManifestBook
from crawler.tools.verification.rows import RowsCheck
from crawler.tools.verification.scratch import Scratch
from crawler.tools.verification.warcs import Facts, WarcCheck, altered_member

UNNAMED = """kind <> 'manifest' AND checked AND NOT bare
    AND NOT EXISTS (SELECT 1 FROM named WHERE named.file = files.key)"""


class Verification:
    """One archive with the spool before it, judged as far as it is asked for.

    `progress(done, total)` is told bytes. Every method raises StorageError when the store can't be listed or is away.
    """

    def __init__(self, storage: Storage, spool: Path, progress: Callable[[int, int], None]) -> None:
        self.report = Verdicts()
        self._scratch = Scratch()
        self._holdings = Holdings(storage, spool, self._scratch)
        self._manifests = ManifestBook(self._holdings, self.report)
        self._book = Book(self._holdings)
        self._rows = RowsCheck(self._book, self.report)
        self._told = progress
        self._total = 0
        self._done = 0
        self._dead: list[str] = []
        # Row files that a compaction put after the listing.
        self._late: list[str] = []

    def close(self) -> None:
        """Remove what was noted."""
        self._scratch.close()

    def survey(self) -> set[str]:
        """List what there is and return the outlets it belongs to."""
        self._dead = list(self._holdings.survey())
        found = {outlet for (outlet,) in self._scratch.run("SELECT DISTINCT outlet FROM files") if outlet}
        return found | {outlet for key in self._dead if (outlet := outlet_of(key))}

    def check(self, outlets: list[str], since: date | None) -> Verdicts:
        """Read all that was listed: of these outlets, or of every one; of runs since a day, or of every one."""
        self._ask_for(outlets, since)
        for key in self._dead:
            if not outlets or outlet_of(key) in outlets:
                self.report.add(key, None, "left by a run that died; the outlet's next crawl recovers it")
        self._read_manifests()
        self._count()
        self._check_places()
        self._read_each("runs", self._check_run)
        self._read_warcs()
        self._check_halves()
        self._book.check_revisits(self.report)
        self._read_each("articles", self._check_rows)
        for key in self._late:
            self._read_one(key, self._check_rows)
        # A run at work or a dead one may hold the version before in a file that is not finished.
        is_growing = self._dead or self._scratch.one("SELECT 1 FROM living")
        self._rows.check_versions(all_read=not (outlets or since or is_growing))
        self._manifests.check_counts()
        self._check_unnamed()
        return self.report

    def _ask_for(self, outlets: list[str], since: date | None) -> None:
        """Mark the files to be checked; what has not one of our names is checked wherever it may belong."""
        marks = ", ".join("?" * len(outlets))
        where = f"outlet IN ({marks})" if outlets else "1"
        self._scratch.run(
            f"UPDATE files SET checked = 1 WHERE {where} AND coalesce(stamp, '9') >= ?",
            *outlets,
            f"{since:%Y%m%d}" if since else "",
        )

    def _read_manifests(self) -> None:
        self._read_each("manifest", self._check_manifest)
        # Files that a run finished long after it began, and files of earlier runs that it recovered.
        while self._scratch.one(f"SELECT 1 FROM files WHERE {UNNAMED} AND kind <> 'runs'"):
            older = self._scratch.one(
                """SELECT key FROM files WHERE kind = 'manifest' AND NOT checked AND NOT consulted
                AND outlet IN (SELECT outlet FROM files WHERE checked) ORDER BY stamp DESC LIMIT 1"""
            )
            if older is None:
                break
            self._scratch.run("UPDATE files SET consulted = 1 WHERE key = ?", older[0])
            self._read(older[0], self._check_manifest)
        self._scratch.run(
            """UPDATE files SET checked = 1 WHERE key IN (SELECT file FROM named
            JOIN files AS manifests ON manifests.key = manifest WHERE manifests.checked)"""
        )
        if self._manifests.missing():
            # A compaction may have removed them since its manifest was not there yet.
            self._read_new_manifests()
        self._manifests.check_missing()

    def _check_places(self) -> None:
        """Tell of files that lie where no run puts them, and of those that spool and archive disagree about."""
        for key in self._scratch.keys(f"checked AND kind <> '{STRAY}'"):
            if problem := folder_problem(key):
                self.report.add(key, None, problem)
        for key in self._scratch.keys("checked AND key IN (SELECT key FROM twins)"):
            with self._reading(key):
                if self._holdings.differs(key):
                    self.report.add(key, None, "spool and archive hold the file with different content")

    def _count(self) -> None:
        self._total = self._scratch.one("SELECT coalesce(sum(bytes), 0) FROM files WHERE checked")[0]

    def _read_each(self, kind: str, check: Callable[[str, Measured], Facts | None]) -> None:
        for key in self._holdings.ahead(self._scratch.keys("checked AND kind = ?", kind), lambda key: [key]):
            self._read_one(key, check)

    def _read_one(self, key: str, check: Callable[[str, Measured], Facts | None]) -> None:
        facts = self._read(key, check)
        self.report.files += 1
        if facts is not None:
            self._manifests.compare(key, facts)

    def _read(self, key: str, check: Callable[[str, Measured], Facts | None]) -> Facts | None:
        with self._reading(key), self._holdings.open(key) as stream:
            return check(key, Measured(stream, self._advance))
        return None

    @contextmanager
    def _reading(self, key: str) -> Iterator[None]:
        """Make a finding of a file that can't be read.

        A store that is away or shut is none, nor is a full disk of ours: that is raised.
        """
        try:
            yield
        except (StoreUnreachable, NoAccess):
            raise
        except FileNotFoundError as error:
            if not key.startswith(MANIFESTS):
                self._read_new_manifests()
            if not self._manifests.is_replaced(key):
                self.report.add(key, None, f"the file can't be read: {error.strerror or error}", is_cause=True)
        except (OSError, StorageError) as error:
            if is_ours(error):
                raise
            reason = error.strerror if isinstance(error, OSError) else None
            self.report.add(key, None, f"the file can't be read: {reason or error}", is_cause=True)

    def _check_manifest(self, key: str, stream: Measured) -> None:
        self._manifests.read(key, stream)

    def _check_run(self, key: str, stream: Measured) -> Facts:
        self._manifests.read_run(key, stream)
        return Facts(stream.bytes, stream.sha256)

    def _check_rows(self, key: str, stream: Measured) -> Facts:
        rows = self._rows.check(key, stream, self._manifests.counts(key))
        stream.drain()
        return Facts(stream.bytes, stream.sha256, {"rows": rows})

    def _check_halves(self) -> None:
        """Tell of WARCs without an index, unless a run at work is about to finish it, and the other way round."""
        for key in self._scratch.keys("checked AND kind = 'warc'"):
            index = index_of(key)
            if not self._has(index) and not self._holdings.stands(index) and not self._is_alive(key):
                self.report.add(key, None, "the WARC has no index")
        for key in self._scratch.keys("checked AND kind = 'index'"):
            if not self._has(warc_of(key)) and not self._holdings.stands(warc_of(key)):
                self.report.add(key, None, "the index has no WARC")

    def _read_warcs(self) -> None:
        warcs = self._scratch.keys("checked AND kind = 'warc'")
        for key in self._holdings.ahead(warcs, lambda key: [index_of(key), key]):
            index = self._load_index(index_of(key))
            warc = WarcCheck(self._book, self.report, key, index, self._advance)
            size = self._scratch.one("SELECT bytes FROM files WHERE key = ?", key)[0]
            with self._reading(key):
                facts = warc.check(size, self._manifests.is_recovered(key), self._manifests.is_mended(key))
                self._manifests.compare(key, facts)
                if not self.report.is_explained(key):
                    self._look_closer(key)
                if index is not None:
                    index.finish(facts.damaged, facts.bytes)
            self.report.files += 1

    def _look_closer(self, key: str) -> None:
        """Tell where a WARC was altered though every record in it reads well."""
        places = self._scratch.run("SELECT offset, length FROM records WHERE file = ? ORDER BY offset", key).fetchall()
        with self._holdings.open(key) as stream:
            offset = altered_member(stream, places)
        if offset is not None:
            self.report.add(key, offset, "the gzip member is not as it was written, though its content reads well")

    def _load_index(self, key: str) -> IndexCheck | None:
        if not self._has(key):
            return None
        index = IndexCheck(self._scratch, self.report, key)

        def load(_: str, stream: Measured) -> Facts:
            index.load(stream)
            return Facts(stream.bytes, stream.sha256)

        facts = self._read(key, load)
        self.report.files += 1
        if facts is not None:
            self._manifests.compare(key, facts)
        return index

    def _check_unnamed(self) -> None:
        """Tell of files that no manifest names, unless a run at work will."""
        found = [key for key in self._scratch.keys(UNNAMED) if not self._is_alive(key) and not is_compaction(key)]
        if found:
            self._read_new_manifests()
        for key in found:
            if self._scratch.one(f"SELECT 1 FROM files WHERE key = ? AND {UNNAMED}", key):
                place = self._scratch.one("SELECT place FROM files WHERE key = ?", key)[0]
                left = "left by a run that died; " if place == "spool" else ""
                self.report.add(key, None, f"{left}no manifest names the file")
                if place == "archive":
                    self._manifests.check_run_named(key)

    def _read_new_manifests(self) -> None:
        """Read the manifests of runs that ended, and of compactions, while the files were read."""
        for key in self._manifest_keys():
            if not self._has(key):
                self._read(key, self._check_manifest)
                self._late += self._holdings.add_named(key)

    def _manifest_keys(self) -> Iterator[str]:
        yield from self._holdings.finished("manifest")
        yield from (key for key, _ in self._holdings.storage.list("manifest/"))

    def _is_alive(self, key: str) -> bool:
        """Tell whether the run is at work that made a file, by its name or by the warcinfo of the WARC."""
        warc = warc_of(key) if key.startswith("index/") else key
        found = self._scratch.one("SELECT run FROM files WHERE key = ?", warc)
        return found is not None and self._holdings.lives(found[0])

    def _has(self, key: str) -> bool:
        return self._scratch.one("SELECT 1 FROM files WHERE key = ?", key) is not None

    def _advance(self, count: int) -> None:
        self.report.bytes += count
        self._done += count
        self._told(self._done, self._total)
