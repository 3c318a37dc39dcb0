"""When a host may next be asked: our own delay, its Crawl-delay, its slowness, its Retry-After. No clock, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from tldextract import TLDExtract

# A longer Crawl-delay would make a day's news take more than a day; it is honoured up to here and told.
LONGEST_DELAY = 60.0

# Who asks for more is left alone until then, by this run and the next ones.
LONGEST_WAIT = 300.0
LONGEST_RETRY_AFTER = 7 * 86400.0

# Status codes that say "too much" (RFC 6585 §4, RFC 9110 §15.6.4).
TOO_MANY_REQUESTS = 429
OVERLOADED = frozenset({TOO_MANY_REQUESTS, 503})
_suffixes = TLDExtract(suffix_list_urls=(), cache_dir=None)


@dataclass(slots=True)
class Pace:
    """How fast one host is asked; all times in seconds.

    `least` is our own delay, `wish` its Crawl-delay, `penalty` what its overload answers have added, `latency`
    how long it takes to answer, risen at once and fallen slowly.
    """

    least: float
    wish: float = 0.0
    penalty: float = 0.0
    latency: float = 0.0

    @property
    def delay(self) -> float:
        """Seconds between the end of a request and the beginning of the next."""
        return max(self.least, min(max(self.wish, self.penalty, self.latency), LONGEST_DELAY))

    def answered(self, started: float, ended: float, status: int | None, retry_after: float | None = None) -> float:
        """Take note of an answer, or of none (status None); return the moment at which the next may be asked."""
        took = max(0.0, ended - started)
        self.latency = max(took, (self.latency + took) / 2)
        if status in OVERLOADED:
            self.penalty = min(2 * self.delay, LONGEST_DELAY)
        elif status is not None:
            self.penalty = self.penalty / 2 if self.penalty > self.least else 0.0
        return ended + max(self.delay, min(retry_after or 0.0, LONGEST_RETRY_AFTER))


def retry_after(fields: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that Retry-After asks for, in either of its forms (RFC 9110 §10.2.3), None without one.

    `fields` have names in lower case; `now` is aware.
    """
    text = fields.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:10])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def site_of(url: str) -> str:
    """Return what a host is known by whatever its names: its registered domain, else the host itself."""
    host = urlsplit(url).hostname or ""
    return _suffixes(host).top_domain_under_public_suffix or host
