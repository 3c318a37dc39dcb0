"""The pages of a segment, read from its records and extracted in a process of their own, without network."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from scrapy.settings import Settings

from crawler.archive.names import outlet_of
from crawler.archive.storage import archive_to_read
from crawler.archive.storage.base import Storage, fault_of_file, unwatched
from crawler.archive.warc_reader import DamagedRecord, walk
from crawler.crawl.extraction_pool import ExtractionPool, extract_in_time, load_extractor
from crawler.crawl.settings import Extraction
from crawler.crawl.stored_pages import Extractions, StoredPages
from crawler.model.article import Article
from crawler.model.exit_codes import BrokenOutlet
from crawler.model.listing import GIVEN, Page, Verdict
from crawler.model.span import read_wanted, rfc3339
from crawler.outlets.loader import Outlets, account_of, is_of_an_outlet, own_code
from crawler.outlets.outlet import Outlet
from crawler.recording.commits import complete
from crawler.recording.stored_exchanges import StoredExchange, exchanges, read_content
from crawler.system.files import Measured
from crawler.system.processes import end_with_parent
from crawler.system.terminal import Interrupted
from crawler.tools.reextraction.segments import Segment

# If as many pages in a row end their process, the cause is the outlet's code or this machine.
MOST_CRASHES = 5


@dataclass(slots=True)
class Extracted:
    """What one segment gave: `pages` that were read, and how many gave no article, by reason.

    `problem` says why it gave nothing; `is_ours` if the archive is not at fault.
    """

    pages: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    problem: str | None = None
    is_ours: bool = False


class LeftOut(Exception):
    """A segment gives no rows: a sentence with the reason, and whether our own code is at fault, not the archive."""

    def __init__(self, problem: str, is_ours: bool = False) -> None:
        super().__init__(problem, is_ours)


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

    def read(self, segment: Segment, target: Path, is_careful: bool) -> Extracted:
        """Write the articles of a segment as lines, in the order of its records, each as the first version.

        Before the row are ID, time and text digest, with tabs between.

        A page that would end its process ends another one if it `is_careful`. Raises StorageError, OSError.
        """
        found = Extracted()
        pool = closing(ExtractionPool(1, self._extraction.keep)) if is_careful else nullcontext(self._here)
        try:
            with pool as extractions, target.open("w", encoding="utf-8", newline="\n") as lines:
                for article in self._articles(segment, extractions, found):
                    fetched = rfc3339(article.fetched_at) if article.fetched_at else ""
                    lines.write(f"{article.id}\t{fetched}\t{article.text_digest}\t{article.as_line()}\n")
        except LeftOut as error:
            found.problem, found.is_ours = error.args
        return found

    def _articles(self, segment: Segment, extractions: Extractions, found: Extracted) -> Iterator[Article]:
        pages_of: dict[str, StoredPages] = {}
        crashes = 0
        for stored in self._exchanges(segment):
            outlet = _crawled(segment.warc, stored.run)
            if outlet not in pages_of:
                pages_of[outlet] = self._pages(outlet, extractions)
            pages = pages_of[outlet]
            page = self._page(pages, stored)
            if page is None:
                continue
            found.pages += 1
            (verdict,) = pages.verdicts([page], read_wanted(stored.run_wanted, pages.zone))
            if not isinstance(verdict, Verdict):
                raise _failed(stored, verdict) from verdict
            if verdict.article is None:
                found.rejected[verdict.outcome] += 1
                crashes = crashes + 1 if verdict.outcome == "crash" else 0
                if crashes == MOST_CRASHES:
                    problem = f"{segment.warc}: extraction of {crashes} pages in a row ended the process"
                    raise LeftOut(problem, is_ours=True)
            else:
                crashes = 0
                complete(verdict.article, stored.capture, version=1, previous=None)
                yield verdict.article
        for pages in pages_of.values():
            found.pages += pages.undecoded.total()
            found.rejected += pages.undecoded

    def _page(self, pages: StoredPages, stored: StoredExchange) -> Page | None:
        try:
            return pages.page(stored)
        except Interrupted:
            raise
        except BaseException as error:
            raise _failed(stored, error) from error

    def _pages(self, name: str, extractions: Extractions) -> StoredPages:
        outlet = self._outlets.named(name)
        assert outlet is not None
        try:
            with own_code(outlet, name):
                return StoredPages(outlet, self._settings, extractions)
        except BrokenOutlet as error:
            raise LeftOut(f"{error}; its segments are left out", is_ours=True) from error

    def _exchanges(self, segment: Segment) -> Iterator[StoredExchange]:
        """Yield the exchanges that may be pages. Raises LeftOut, StorageError, OSError of this machine."""
        warc = segment.warc
        try:
            with self._storage.open(warc) as stream, closing(walk(measured := Measured(stream, unwatched))) as records:
                for stored in exchanges(records, warc):
                    if stored.listing is not None and (stored.is_page or stored.kind == "revisit"):
                        yield self._filled(stored)
            if measured.sha256 != segment.sha256:
                raise LeftOut(f"{warc}: its SHA-256 differs from its manifest")
        except DamagedRecord as error:
            raise LeftOut(f"{warc} {error}") from error
        except FileNotFoundError as error:
            raise LeftOut(f"{warc} is missing") from error
        except (OSError, ValueError) as error:  # of a field of a record, such as its date
            raise LeftOut(f"{warc}: {fault_of_file(error)}") from error

    def _filled(self, stored: StoredExchange) -> StoredExchange:
        """Return a revisit with head and content of the record that it refers to. Raises as `_exchanges`."""
        original = stored.revisited if stored.kind == "revisit" else None
        if original is None:
            return stored
        content = None
        try:
            content = read_content(self._storage, original)
        except (OSError, DamagedRecord) as error:
            fault_of_file(error)
        if content is None:
            what = f"{original.file} at {original.offset}, to which it refers, can't be read"
            raise LeftOut(f"{stored.place.file} at {stored.place.offset}: {what}")
        response, entity = content
        return replace(stored, response=stored.response or response, entity=entity)


def _failed(stored: StoredExchange, error: BaseException) -> LeftOut:
    """Return the error about a page on which our own code failed, or that of an outlet."""
    place, account = stored.place, account_of(error) if is_of_an_outlet(error) else repr(error)
    return LeftOut(f"{place.file} at {place.offset}: {place.url}: {account}", is_ours=True)


def _crawled(warc: str, run: str | None) -> str:
    """Return the name of the outlet that a run crawled: that of its segment, or `urls`, whose pages are of any."""
    return GIVEN if run and run.startswith(f"khobor-{GIVEN}-") else outlet_of(warc) or ""


class _Process:
    """What a process of the pool holds."""

    reader: SegmentReader


def begin(url: str, settings: Settings) -> None:
    """Prepare a process of the pool, which ignores Ctrl-C (the parent answers it)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    load_extractor()
    _Process.reader = SegmentReader(archive_to_read(url), settings)


def extract_segment(segment: Segment, target: Path, is_careful: bool) -> Extracted:
    """Do SegmentReader.read in a process of the pool."""
    return _Process.reader.read(segment, target, is_careful)
