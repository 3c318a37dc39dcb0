"""When the next request to a host may begin: our delay, its Crawl-delay, latency, overload and Retry-After. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from tldextract import TLDExtract

# With a longer Crawl-delay, the news of a day would take longer than a day.
LONGEST_DELAY = 60.0

# A host with a longer Retry-After is not requested before its end, by this run or the next ones.
LONGEST_WAIT = 300.0
LONGEST_RETRY_AFTER = 7 * 86400.0

# RFC 6585 §4, RFC 9110 §15.6.4.
TOO_MANY_REQUESTS = 429
OVERLOADED = frozenset({TOO_MANY_REQUESTS, 503})
_suffixes = TLDExtract(suffix_list_urls=(), cache_dir=None)


@dataclass(slots=True)
class HostPace:
    """The pace of requests to one host, in seconds: our own delay, its Crawl-delay, the back-off after overload.

    `latency` rises with a slow answer at once and falls slowly.
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
        """Adapt to an answer (no answer: status None); return when the next request may begin."""
        took = max(0.0, ended - started)
        self.latency = max(took, (self.latency + took) / 2)
        if status in OVERLOADED:
            self.penalty = min(2 * self.delay, LONGEST_DELAY)
        elif status is not None:
            self.penalty = self.penalty / 2 if self.penalty > self.least else 0.0
        return ended + max(self.delay, min(retry_after or 0.0, LONGEST_RETRY_AFTER))


def retry_after(text: str, now: datetime) -> float | None:
    """Return the seconds of Retry-After, in either form (RFC 9110 §10.2.3), None unless it is valid."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:10])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def site_of(url: str) -> str:
    """Return the registered domain of an address, which all names of a host share, else the host."""
    host = urlsplit(url).hostname or ""
    return _suffixes(host).top_domain_under_public_suffix or host
