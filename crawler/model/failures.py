"""Why a request or a listed article failed, as one word, and whether a retry can help.

`docs/messages.md` lists all reasons.
"""

import re
import zlib
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from datetime import date
from gzip import BadGzipFile

import brotli
from backports import zstd
from OpenSSL.SSL import Error as TLSError
from scrapy import exceptions
from scrapy.spidermiddlewares.httperror import HttpError
from sqlalchemy.exc import SQLAlchemyError
from twisted.internet.error import NoRouteError
from twisted.web._newclient import ParseError

# The errors of libraries that end a download. Our own have the name of their reason, such as CrawlEnds.
REASONS: dict[type[BaseException], str] = {
    exceptions.CannotResolveHostError: "no-such-host",
    NoRouteError: "no-route",
    exceptions.DownloadConnectionRefusedError: "connection-refused",
    exceptions.DownloadFailedError: "connection-lost",
    exceptions.DownloadTimeoutError: "timeout",
    # Scrapy raises it for a body of more than DOWNLOAD_MAXSIZE.
    exceptions.DownloadCancelledError: "too-large",
    exceptions.ResponseDataLossError: "cut-short",
    BadGzipFile: "corrupt-gzip",
    zlib.error: "corrupt-gzip",
    brotli.error: "corrupt-brotli",
    zstd.ZstdError: "corrupt-zstd",
    # Of an address that a page or redirect gave: its host or port.
    ValueError: "bad-address",
}

# What DownloadFailedError wraps, if it is not the end of a connection. HTTP itself is wrong in a ValueError here.
CAUSES: dict[type[BaseException], str] = {
    TLSError: "tls-error",
    ParseError: "not-http",
    ValueError: "not-http",
    exceptions.DownloadCancelledError: "too-large",
}

# Reasons of requests to which no server has answered.
SILENT = frozenset(
    {"no-such-host", "no-route", "connection-refused", "connection-lost", "timeout", "tls-error", "not-http"}
)

# Scrapy's reasons to ignore a request, by words of its message.
REFUSED = {
    "robots.txt": "robots",
    "max redirections": "redirect-loop",
    "DOWNLOAD_MAXSIZE": "too-large",
    "offsite": "off-site",
}

# The recorder ends the crawl on these, with one line.
BREAKING = (OSError, BrokenExecutor, SQLAlchemyError)

# A retry of these articles changes nothing.
FINAL_FAILURES = frozenset({"http-404", "http-410", "http-451", "redirect-loop", "robots"})

# Pages without an article: these may have one at another time.
PASSING_REJECTIONS = frozenset({"challenge", "crash", "error-page", "timeout"})

# A page of the last days may be online before its text; a page of an older day stays like this.
UNFINISHED_REJECTIONS = frozenset({"empty", "no-headline"})

# The host's robots.txt is unavailable, so nothing is requested; the stats have the reason.
ROBOTS_UNAVAILABLE, ROBOTS_FAILURE = "robots-unavailable", "khobor/robots/failure"

# The article is of a day outside the span: the failure's `day`.
OUT_OF_SPAN = "out-of-span"

# The crawl was stopped before the article was fetched.
CRAWL_ENDS = "crawl-ends"

# The outcome of an article that has a row.
ROW = "row"

# Not failures of an outlet's articles: the outlet refuses us, which is reported by itself, or nothing was fetched.
NO_ANSWER = frozenset({"challenge", "http-401", "http-403", "http-429", "http-451", "host-asks-to-wait"}) | {
    "too-large",
    CRAWL_ENDS,
    "recorded-only",
    ROBOTS_UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a listed article has no row. Only `--retry-failed` retries a final one; a source listed it for `day`."""

    url: str
    reason: str
    is_final: bool
    day: date | None = None
    national: bool = False


def failure_of(outcome: str, reason: str, url: str, day: date | None = None, national: bool = False) -> Failure:
    """Return the failure of an article that was not fetched ("failed") or whose page has no article ("rejected")."""
    is_final = reason in FINAL_FAILURES if outcome == "failed" else reason not in PASSING_REJECTIONS
    return Failure(url, reason, is_final, day, national)


def reason_of(error: BaseException | None) -> str:
    """Return why a download failed: `http-404`, `robots`, `timeout` and the like; else the error's own name."""
    if isinstance(error, HttpError):
        return f"http-{error.response.status}"
    if type(error) is exceptions.IgnoreRequest:
        return next((reason for word, reason in REFUSED.items() if word in str(error)), "ignored")
    causes = [failure.value for failure in getattr(error.__cause__, "reasons", ())] if error else []
    found = [reason for cause in causes for kind, reason in CAUSES.items() if isinstance(cause, kind)]
    found += [reason for kind, reason in REASONS.items() if isinstance(error, kind)]
    return found[0] if found else name_of(error)


def name_of(error: BaseException | None) -> str:
    """Return the name of an error's class as a reason: `runtime-error`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(error).__name__).lower()
