"""The pages of a segment, read from its records and extracted in a process of their own, without network."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from scrapy.settings import Settings

from crawler.archive.names import outlet_of
from crawler.archive.storage import archive_to_read
from crawler.archive.storage.base import Storage, fault_of_file
from crawler.archive.warc_reader import DamagedRecord, walk
from crawler.crawl.extraction_pool import ExtractionPool, extract_in_time, load_extractor
from crawler.crawl.settings import Extraction
from crawler.crawl.stored_pages import StoredPages
from crawler.model.article import Article
from crawler.model.listing import Page, Verdict
from crawler.model.span import read_wanted
from crawler.outlets.loader import Outlets
from crawler.outlets.outlet import Outlet
from crawler.recording.commits import complete
from crawler.recording.stored_exchanges import StoredExchange, exchanges, read_content
from crawler.system.processes import end_with_parent


@dataclass(slots=True)
class Extracted:
    """What one segment gave: `pages` that were read, and how many gave no article, by reason.

    `problem` says why it gave nothing; `is_ours` if the archive is not at fault.
    """

    pages: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    problem: str | None = None
    is_ours: bool = False


class UnreadPage(Exception):
    """Our own code failed on a page; the message names it."""


class _Here:
    """Extracts in this process: a page that takes too long ends it."""

    def __init__(self, keep: frozenset[str]) -> None:
        self._keep = keep

    def submit(self, page: Page, outlet: type[Outlet]) -> Future[Article]:
        work: Future[Article] = Future()
        try:
            work.set_result(extract_in_time(replace(page, capture=None, wanted=None), outlet, self._keep))
        except Exception as error:  # noqa: BLE001 (as an executor does: `result` raises it)
            work.set_exception(error)
        return work


class SegmentReader:
    """Reads segments of an archive; what a process does with its whole life."""

    def __init__(self, storage: Storage, settings: Settings) -> None:
        self._storage = storage
        self._settings = settings
        self._outlets = Outlets.from_settings(settings)
        self._extraction = Extraction.from_settings(settings)
        self._here = _Here(self._extraction.keep)

    def read(self, warc: str, target: Path, is_careful: bool) -> Extracted:
        """Write the articles of a segment as lines, in the order of its records, each as the first version.

        A page that would end its process ends another one if it `is_careful`. Raises StorageError, OSError.
        """
        found = Extracted()
        try:
            with self._pages(warc, is_careful) as pages, target.open("w", encoding="utf-8") as lines:
                for article in self._articles(warc, pages, found):
                    lines.write(article.as_line() + "\n")
        except DamagedRecord as error:
            found.problem = f"{warc} at {error.offset}: {error.problem}"
        except FileNotFoundError:
            found.problem = f"{warc} is missing"
        except UnreadPage as error:
            found.problem, found.is_ours = str(error), True
        return found

    @contextmanager
    def _pages(self, warc: str, is_careful: bool) -> Iterator[StoredPages]:
        outlet = self._outlets.named(outlet_of(warc) or "")
        assert outlet is not None
        if not is_careful:
            yield StoredPages(outlet, self._settings, self._here)
            return
        with closing(ExtractionPool(1, self._extraction.keep)) as pool:
            yield StoredPages(outlet, self._settings, pool)

    def _articles(self, warc: str, pages: StoredPages, found: Extracted) -> Iterator[Article]:
        with self._storage.open(warc) as stream, closing(walk(stream)) as records:
            for stored in exchanges(records, warc):
                page = pages.page(self._filled(stored)) if stored.is_page or stored.kind == "revisit" else None
                if page is None:
                    continue
                found.pages += 1
                (verdict,) = pages.verdicts([page], read_wanted(stored.run_wanted, pages.zone))
                if not isinstance(verdict, Verdict):
                    raise UnreadPage(f"{warc} at {stored.place.offset}: {page.url}: {verdict!r}") from verdict
                if verdict.article is None:
                    found.rejected[verdict.outcome] += 1
                else:
                    complete(verdict.article, stored.capture, version=1, previous=None)
                    yield verdict.article

    def _filled(self, stored: StoredExchange) -> StoredExchange:
        """Return an exchange; a revisit has head and content of the record that it refers to, if that can be read."""
        original = stored.revisited if stored.kind == "revisit" else None
        content = read_content(self._storage, original) if original else None
        if content is None:
            return stored
        response, entity = content
        return replace(stored, response=stored.response or response, entity=entity)


class _Process:
    """What a process of the pool holds."""

    reader: SegmentReader


def begin(url: str, settings: Settings) -> None:
    """Prepare a process of the pool, which ignores Ctrl-C (the parent answers it)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    load_extractor()
    _Process.reader = SegmentReader(archive_to_read(url), settings)


def extract_segment(warc: str, target: Path, is_careful: bool) -> Extracted:
    """Do SegmentReader.read in a process of the pool."""
    try:
        return _Process.reader.read(warc, target, is_careful)
    except OSError as error:
        return Extracted(problem=f"{warc}: {fault_of_file(error)}")
