"""What flows through the crawl: listings, fetched pages, and the article row."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from crawler.model.article import Article, PublicationDate

if TYPE_CHECKING:
    from crawler.model.capture import Capture, Original
    from crawler.model.span import Wanted


@dataclass(frozen=True, slots=True)
class Listing:
    """One line of a feed, sitemap or section page: an address and what was said of it.

    `published` is aware when the source gave a time, a plain date when it gave a day only.
    """

    url: str
    published: datetime | date | None = None
    title: str | None = None
    national: bool = False
    source: str | None = None


@dataclass(slots=True)
class Page:
    """A fetched page on its way to extraction: its bytes without content coding, and their capture.

    `key` is the outlet's own article key; None until the page has told its canonical address where its own has
    none. `aliases` are further keys under which the same page was listed. `fetched_at` is None when nobody knows it.
    `wanted` is what the run wanted that fetched it, None for the run that is under way. `original` is the
    archived capture of the same address before this one.
    """

    outlet: str
    url: str
    body: bytes
    key: str | None = None
    aliases: tuple[str, ...] = ()
    content_type: str | None = None
    http_status: int = 200
    fetched_at: datetime | None = field(default_factory=lambda: datetime.now(UTC))
    listing: Listing | None = None
    capture: Future[Capture] | None = None
    wanted: Wanted | None = None
    original: Original | None = None


@dataclass(slots=True)
class Verdict:
    """What became of a page: its article, or why it gave none; written once its record is durable.

    `earlier_digest` is the text digest of the capture before as this extractor reads it, where another one had;
    `published` is the date of an article that this run is not for.
    """

    page: Page
    outcome: str
    article: Article | None = None
    earlier_digest: str | None = None
    published: PublicationDate | None = None
