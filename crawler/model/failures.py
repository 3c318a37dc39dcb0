"""Why a request or a listed article came to nothing, in one word, and whether that is for good."""

from __future__ import annotations

import re
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from datetime import date

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.spidermiddlewares.httperror import HttpError
from sqlalchemy.exc import SQLAlchemyError

REASONS: dict[type[BaseException], str] = {
    CannotResolveHostError: "no-such-host",
    DownloadCancelledError: "cancelled",
    DownloadConnectionRefusedError: "connection-refused",
    DownloadFailedError: "connection-lost",
    DownloadTimeoutError: "timeout",
    ResponseDataLossError: "cut-short",
}

# What our own part can't go on with: the recorder ends the crawl for it, and says so in one line.
BREAKING = (OSError, BrokenExecutor, SQLAlchemyError)

# What the answer says of the article itself: asking once more changes nothing.
FINAL_FAILURES = frozenset({"http-404", "http-410", "http-451", "redirect-loop", "robots"})

# What a page that gave no article says of the moment only.
PASSING_REJECTIONS = frozenset({"challenge", "crash", "error-page", "timeout"})

# What a page of the last days may grow out of: it stands there before its text. A page of a past day keeps it.
UNFINISHED_REJECTIONS = frozenset({"empty", "no-headline"})

# A host of which nothing is asked, since its robots.txt can't be had; the stats tell why.
ROBOTS_UNAVAILABLE, ROBOTS_FAILURE = "robots-unavailable", "khobor/robots/failure"

# It is of a day that was not asked for; the failure's own day is the one it is of.
OUT_OF_SPAN = "out-of-span"

# What Scrapy refuses to ask for, by a word of its sentence.
REFUSED = {"robots.txt": "robots", "max redirections": "redirect-loop"}

# The crawl was told to stop: that says nothing of the article.
CRAWL_ENDS = "crawl-ends"

# What an article came to that gave a row.
ROW = "row"

# What says nothing of an outlet's articles: it refuses us, which is told by itself, or nobody was asked or read.
NO_ANSWER = frozenset({"challenge", "http-401", "http-403", "http-429", "http-451", "host-asks-to-wait"}) | {
    "cancelled",
    CRAWL_ENDS,
    "recorded-only",
    "robots-unavailable",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a listed article came to nothing; one that is final is tried again only when somebody asks for that.

    `day` is the one whose source listed it, if that is known; `national` when a national listing had it.
    """

    url: str
    reason: str
    is_final: bool
    day: date | None = None
    national: bool = False


def failure_of(outcome: str, reason: str, url: str, day: date | None = None, national: bool = False) -> Failure:
    """Return the failure of an article that was not fetched ("failed") or whose page is none ("rejected")."""
    is_final = reason in FINAL_FAILURES if outcome == "failed" else reason not in PASSING_REJECTIONS
    return Failure(url, reason, is_final, day, national)


def reason_of(error: BaseException | None) -> str:
    """Return `http-404`, `robots`, `timeout` and the like; an error nobody foresaw gives its own name."""
    if isinstance(error, HttpError):
        return f"http-{error.response.status}"
    if type(error) is IgnoreRequest:
        return next((reason for word, reason in REFUSED.items() if word in str(error)), "ignored")
    for kind, reason in REASONS.items():
        if isinstance(error, kind):
            return reason
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(error).__name__).lower()
