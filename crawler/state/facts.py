"""The values and errors of state."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

ARTICLE = "article"
# Captured by a run that extracts nothing: its row comes from the record, not from another fetch.
RECORDED_ONLY = "recorded-only"
# The outcomes that have a row, or get one by extraction.
WITH_ROW = (ARTICLE, RECORDED_ONLY)
# Its files were lost: it is requested again by its address.
LOST = "lost"


@dataclass(frozen=True, slots=True)
class Seen:
    """The result of a run for one article: `outcome` is "article" or why its page gave no row.

    `version` is that of its last row, 0 without one, and `run` the run that wrote it.
    """

    outlet: str
    key: str
    url: str
    outcome: str
    scope: str
    run: str
    fetched_at: str
    file: str | None = None
    offset: int | None = None
    record_id: str | None = None
    version: int = 0
    text_digest: str | None = None
    extractor: str | None = None


def lost(seen: Seen, version: int) -> Seen:
    """Return an article whose last result is lost; `version` is that of the last row that is still there."""
    return replace(seen, outcome=LOST, version=version, text_digest=None, file=None, offset=None, record_id=None)


SEEN = tuple(Seen.__dataclass_fields__)


class Known(NamedTuple):
    """Keys that need no fetch (rows exist, or this scope rejected them), and all known keys."""

    done: set[str]
    met: set[str]


class KnownArchive(NamedTuple):
    """The ID of the archive and a file that was verified in it, as far as state knows them."""

    id: str | None
    file: str | None


class SpooledSegment(NamedTuple):
    """A segment that is not in the archive yet: its WARC file, a run that wrote it, and the ID of its spool.

    All pages in its first `decided` bytes have their verdict.
    """

    file: str
    outlet: str
    run: str
    spool: str
    decided: int = 0


class StateError(SQLAlchemyError):
    """State is unusable; the message is the line to print."""


class DamagedState(StateError):
    """State is damaged or older than this khobor reads: `scrapy state --rebuild` makes it again."""


def as_text(moment: datetime) -> str:
    """Return an aware moment as RFC 3339 text in UTC with microseconds, which sorts like the moments."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
