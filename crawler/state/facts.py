"""What goes into state and comes out of it.

What is wrong with a state, in one line.

Moments as state writes them: RFC 3339 in UTC with microseconds, so that texts sort as the moments do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

ARTICLE = "article"

# Captured by a run that extracts nothing: its row comes from the record, not from another fetch.
RECORDED_ONLY = "recorded-only"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run learned of one article: `outcome` is "article" or why its page gave no row.

    `run` is the run whose rows hold the article's last version, if it has one.
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


SEEN = tuple(Seen.__dataclass_fields__)


class Known(NamedTuple):
    """Keys that need no fetch (rows exist, or this scope turned them down), and keys of which anything is known."""

    done: set[str]
    met: set[str]


class Version(NamedTuple):
    """An article's last version: its number, 0 without a row; its text digest; the run that wrote its row.

    `extractor` is the version of the code that read it last.
    """

    number: int
    text_digest: str | None
    run: str
    extractor: str | None


class KnownArchive(NamedTuple):
    """The ID of the archive that holds the runs, and a file that was verified there; None where state knows none."""

    id: str | None
    file: str | None


class Entry(NamedTuple):
    """What state says of an article that recovery compares with the files."""

    outlet: str
    key: str
    url: str
    outcome: str
    version: int
    file: str | None
    record_id: str | None


class StateError(SQLAlchemyError):
    """State can't be used; the message is the line to print."""


class StateLocked(StateError):
    """Another process has kept it locked for as long as it is waited for."""


class DamagedState(StateError):
    """What stands there is no whole state of a released khobor: `scrapy state --rebuild` makes it again."""


class NewerSchema(StateError):
    """A newer khobor has migrated the state: this one must not touch it."""


def as_text(moment: datetime) -> str:
    """Return an aware moment as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
