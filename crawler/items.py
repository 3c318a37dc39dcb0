"""What flows through the crawl: listings, fetched pages, and the article row."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal

from crawler.bengali.values import Author, Dateline, Scope

if TYPE_CHECKING:
    from crawler.recording.exchange import Capture
    from crawler.recording.revisits import Original
    from crawler.selection import Selection

Precision = Literal["second", "minute", "hour", "day", "month", "year"]
DateSource = Literal["json-ld", "microdata", "meta", "page-data", "time", "visible", "listing", "url"]

ARTICLE_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "khobor.article")


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
    `selection` is what the run wanted that fetched it, None for the run that is under way. `original` is the
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
    selection: Selection | None = None
    original: Original | None = None


@dataclass(frozen=True, slots=True)
class PublicationDate:
    """A date of the article with how exact it is and where it was found; `at` carries the outlet's offset."""

    at: datetime
    precision: Precision
    source: DateSource

    def as_json(self) -> dict[str, str]:
        """Return the row's form: RFC 3339 text, precision and source."""
        return {"at": self.at.isoformat(), "precision": self.precision, "source": self.source}


@dataclass(frozen=True, slots=True)
class WarcPointer:
    """Where the record stands that a row was read from; `file` is the path below the archive's root."""

    file: str
    offset: int
    length: int
    record_id: str
    payload_digest: str | None


@dataclass(frozen=True, slots=True)
class Extractor:
    """Which code made the text."""

    name: str
    version: str


@dataclass(slots=True)
class Article:
    """One row of `articles/`: every key of the design, in its order; unknown is `None` or `[]`."""

    id: str
    outlet: str
    url: str
    canonical_url: str
    title: str
    subtitle: str | None = None
    description: str | None = None
    text: str = ""
    authors: list[Author] = field(default_factory=list)
    agencies: list[str] = field(default_factory=list)
    dateline: Dateline | None = None
    section: str | None = None
    scope: Scope | None = None
    topics: list[str] = field(default_factory=list)
    genre: str | None = None
    tags: list[str] = field(default_factory=list)
    published: PublicationDate | None = None
    modified: PublicationDate | None = None
    language: str = "und"
    image: str | None = None
    fetched_at: datetime | None = None
    http_status: int | None = None
    warc: WarcPointer | None = None
    text_digest: str | None = None
    version: int = 1
    previous: str | None = None
    extractor: Extractor | None = None
    warnings: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the row as plain JSON types, keys in the design's order."""
        row = asdict(self)
        row["published"] = self.published.as_json() if self.published else None
        row["modified"] = self.modified.as_json() if self.modified else None
        row["fetched_at"] = rfc3339(self.fetched_at) if self.fetched_at else None
        return row

    def as_line(self) -> str:
        """Return the row as one line of JSON, without its line end."""
        return json.dumps(self.as_json(), ensure_ascii=False, separators=(",", ":"))


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


def article_id(outlet: str, key: str) -> str:
    """Return the UUIDv5 of an outlet and its own article key: stable over re-crawls and re-extraction."""
    return str(uuid.uuid5(ARTICLE_NAMESPACE, f"{outlet}/{key}"))


def rfc3339(moment: datetime) -> str:
    """Return an aware moment in UTC with microseconds and `Z`, as WARC-Date has it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
