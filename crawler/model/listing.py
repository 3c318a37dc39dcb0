"""Listings, fetched pages, and the verdict on a page."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date, datetime

from crawler.model.article import Article, PublicationDate
from crawler.model.capture import Capture, Original
from crawler.model.span import Wanted
from crawler.system import clock

# The outlet of addresses given by hand, which may be articles of any outlet.
GIVEN = "urls"


@dataclass(frozen=True, slots=True)
class Listing:
    """One entry of a source; `published` is aware if the source gave a time, a plain date if only a day."""

    url: str
    published: datetime | date | None = None
    title: str | None = None
    national: bool = False
    source: str | None = None


@dataclass(slots=True)
class Page:
    """A fetched page on its way to extraction: its bytes without content coding, and their capture.

    `key` is the outlet's article key; None if only the page's canonical address has one. `aliases` are other keys
    under which the page was listed. `fetched_at` is None if it is unknown. `wanted` is the request of the run that
    fetched the page, None for the current run. `original` is the archived capture of the address before this one.
    """

    outlet: str
    url: str
    body: bytes
    key: str | None = None
    aliases: tuple[str, ...] = ()
    content_type: str | None = None
    http_status: int = 200
    fetched_at: datetime | None = field(default_factory=clock.now)
    listing: Listing | None = None
    capture: Future[Capture] | None = None
    wanted: Wanted | None = None
    original: Original | None = None


@dataclass(slots=True)
class Verdict:
    """A page's article, or the reason why it has none; written once its record is durable.

    `earlier_digest` is the text digest of the capture before, as this extractor reads it, if another one read it
    then. `published` is the date of an article outside this run's span.
    """

    page: Page
    outcome: str
    article: Article | None = None
    earlier_digest: str | None = None
    published: PublicationDate | None = None
