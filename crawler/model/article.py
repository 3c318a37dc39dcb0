"""The article row and its parts."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from crawler.model.span import rfc3339

Precision = Literal["second", "minute", "hour", "day", "month", "year"]
DateSource = Literal["json-ld", "microdata", "meta", "page-data", "time", "visible", "listing", "url"]
AuthorKind = Literal["person", "desk", "agency"]
Scope = Literal["national", "local", "international"]
# The precisions of a date that state a time.
CLOCK_PRECISIONS = {"second", "minute", "hour"}
# All warnings of a row, without the `:RULE` that follows `text-dropped`. The last two lines are opt-outs of the page.
WARNINGS = (
    *("no-date", "short-text", "not-bengali", "mixed-language", "legacy-font", "mojibake"),
    *("text-unsure", "text-dropped"),
    *("noarchive", "noai", "noimageai"),
    *("tdm-reservation", "tdm-policy", "content-signal", "content-usage"),
)
ARTICLE_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "khobor.article")


@dataclass(frozen=True, slots=True)
class PublicationDate:
    """A date of the article, its precision and the place where it was found; `at` has the outlet's offset."""

    at: datetime
    precision: Precision
    source: DateSource

    def as_json(self) -> dict[str, str]:
        return {"at": self.at.isoformat(), "precision": self.precision, "source": self.source}


@dataclass(frozen=True, slots=True)
class Author:
    """A credited name: a person, a desk (নিজস্ব প্রতিবেদক) or an agency."""

    name: str
    kind: AuthorKind


@dataclass(frozen=True, slots=True)
class Dateline:
    """The place, and the date if there is one, with which a body opens; `date` is YYYY-MM-DD."""

    place: str
    date: str | None = None


@dataclass(frozen=True, slots=True)
class WarcPointer:
    """The record from which a row was read; `file` is the path below the archive's root."""

    file: str
    offset: int
    length: int
    record_id: str
    payload_digest: str | None


@dataclass(frozen=True, slots=True)
class Extractor:
    """The extractor of a row; `keep` are the sorted values of EXTRACT_KEEP."""

    name: str
    version: str
    keep: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The version with what it keeps: only texts of one label are compared."""
        return "+keep-".join((self.version, *self.keep))

    def made(self, extractor: Mapping[str, Any] | None) -> bool:
        """Return whether a row's extractor folds texts as this one."""
        return extractor is not None and (extractor["name"], extractor["version"]) == (self.name, self.version)


def label_of(extractor: Mapping[str, Any] | None) -> str | None:
    return Extractor(**{**extractor, "keep": tuple(extractor.get("keep", ()))}).label if extractor else None


@dataclass(slots=True)
class Article:
    """One row of `articles/`: every key of the design, in its order; an unknown one is `None` or `[]`."""

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
        if self.extractor:
            row["extractor"]["keep"] = list(self.extractor.keep)
        row["published"] = self.published.as_json() if self.published else None
        row["modified"] = self.modified.as_json() if self.modified else None
        row["fetched_at"] = rfc3339(self.fetched_at) if self.fetched_at else None
        return row

    def as_line(self) -> str:
        return json.dumps(self.as_json(), ensure_ascii=False, separators=(",", ":"))


def article_id(outlet: str, key: str) -> str:
    """Return the UUIDv5 of an outlet and its own article key: stable over re-crawls and re-extraction."""
    return str(uuid.uuid5(ARTICLE_NAMESPACE, f"{outlet}/{key}"))
