"""Why a request came to nothing, in one word for the statistics."""

from __future__ import annotations

import re

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

REASONS: dict[type[BaseException], str] = {
    CannotResolveHostError: "no-such-host",
    DownloadCancelledError: "cancelled",
    DownloadConnectionRefusedError: "connection-refused",
    DownloadFailedError: "connection-lost",
    DownloadTimeoutError: "timeout",
    ResponseDataLossError: "cut-short",
}


def reason_of(error: BaseException | None) -> str:
    """Return `http-404`, `robots`, `timeout` and the like; an error nobody foresaw gives its own name."""
    if isinstance(error, HttpError):
        return f"http-{error.response.status}"
    if type(error) is IgnoreRequest:
        return "robots" if "robots.txt" in str(error) else "ignored"
    for kind, reason in REASONS.items():
        if isinstance(error, kind):
            return reason
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(error).__name__).lower()
