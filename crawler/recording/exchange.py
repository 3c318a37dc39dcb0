"""One exchange with a server as seen on the wire, without the operator's secrets."""

import re
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Literal

from crawler.model.capture import Capture, Original
from crawler.model.listing import Listing
from crawler.model.span import Wanted
from crawler.recording.robots import Robots
from crawler.recording.signals import Signal
from crawler.system import clock

NAMES = {b"proxy-authorization": "Proxy-Authorization", b"authorization": "Authorization", b"cookie": "Cookie"}
CREDENTIALS = re.compile(rb"(?im)^(%b):([^\r\n]*)" % b"|".join(NAMES))


@dataclass(frozen=True, slots=True)
class Secrets:
    """The operator's secrets, which are never written: values of Authorization, and pairs of Cookie.

    The value of Proxy-Authorization is a secret too. A redacted header line keeps its name, a cookie pair keeps
    `name=`. Headers that a spider sets on one request, cookies from servers, and responses are recorded unchanged.
    """

    authorizations: frozenset[bytes] = field(default=frozenset(), repr=False)
    cookies: frozenset[bytes] = field(default=frozenset(), repr=False)

    def redact(self, request: bytes) -> tuple[bytes, list[str]]:
        """Return a request without its secrets, and the names of the redacted header fields."""
        found: dict[str, None] = {}

        def without(line: re.Match[bytes]) -> bytes:
            name, value = line.groups()
            kept = self._kept(name.lower(), value)
            if kept != value:
                found[NAMES[name.lower()]] = None
            return name + b":" + kept

        head, separator, body = request.partition(b"\r\n\r\n")
        return CREDENTIALS.sub(without, head) + separator + body, list(found)

    def _kept(self, name: bytes, value: bytes) -> bytes:
        if name == b"cookie":
            return b";".join(map(self._without_secret, value.split(b";")))
        is_secret = name == b"proxy-authorization" or value.strip() in self.authorizations
        return b"" if is_secret else value

    def _without_secret(self, pair: bytes) -> bytes:
        if pair.strip() not in self.cookies:
            return pair
        name, equals, _ = pair.partition(b"=")
        return name + equals if equals else b" "


MEMORY_BYTES = 1 << 20

# The end of an exchange: with its message, with the connection that ends the message, or too early.
Outcome = Literal[
    "open",
    "complete",
    "complete-at-close",
    "disconnected",
    "timeout",
    "too-large",
    "stopped",
    "cancelled",
    "malformed",
]
# What WARC-Truncated says of a response that ended so (WARC/1.1 §5.13).
Truncation = Literal["disconnect", "time", "length", "unspecified"]
TRUNCATIONS: dict[Outcome, Truncation] = {
    "disconnected": "disconnect",
    "timeout": "time",
    "too-large": "length",
    "stopped": "unspecified",
    "cancelled": "unspecified",
    "malformed": "unspecified",
}


@dataclass(slots=True, eq=False)
class Exchange:
    """The exact bytes of one request and its response; a long response is spooled to disk.

    `hops` is the path from a start address: L link, E resource of a page, R redirect,
    P prerequisite (robots.txt). `tls_version` is like
    `tls/1.3`, `cipher_suite` is IANA's name. `original` is the archived capture of the address; `is_conditional`
    requests send its validators. `peer` is the proxy's address if `proxied`. `robots_of` are the hosts whose robots.txt
    this is. `outlet` is whose segment takes the records, empty for that of the crawl. `wanted` is the selection for
    the page, None for that of the run.

    The reactor's thread fills the exchange. The writer's thread reads it once it has ended, and sets `capture` after
    the commit. Whoever drops an exchange closes it.
    """

    url: str
    method: str
    via: str | None = None
    hops: str = ""
    listing: Listing | None = None
    wanted: Wanted | None = None
    outlet: str = ""
    original: Original | None = None
    is_conditional: bool = False
    proxied: bool = False
    robots_of: tuple[str, ...] = ()
    secrets: Secrets = Secrets()
    robots: Robots = field(default_factory=Robots)
    spool: str | None = None
    peer: str | None = None
    tls_version: str | None = None
    cipher_suite: str | None = None
    started: datetime = field(default_factory=clock.now)
    first_byte: datetime | None = None
    ended: datetime | None = None
    outcome: Outcome = "open"
    request: bytearray = field(default_factory=bytearray)
    response: IO[bytes] = field(default_factory=BytesIO)
    received: int = 0
    surplus: int = 0
    fault: OSError | None = None
    signals: list[Signal] | None = None
    capture: Future[Capture] = field(default_factory=Future)

    @property
    def size(self) -> int:
        return len(self.request) + self.received

    @property
    def truncated(self) -> Truncation | None:
        """The value of WARC-Truncated, None for a whole response."""
        return TRUNCATIONS.get(self.outcome)

    def send(self, data: bytes) -> None:
        self.request += data

    def receive(self, data: bytes) -> None:
        """Note bytes from the server. The error of a full disk is kept as `fault` for the writer."""
        if self.ended is not None or self.fault is not None:
            return
        if self.first_byte is None:
            self.first_byte = clock.now()
        try:
            if self.received <= MEMORY_BYTES < self.received + len(data):
                self._go_on_disk()
            self.response.write(data)
            self.received += len(data)
        except OSError as error:
            # Raised here it would only fail a download; the writer ends the crawl.
            self.fault = error

    def _go_on_disk(self) -> None:
        self.response.seek(0)
        begun, self.response = self.response.read(), TemporaryFile(dir=self.spool)  # noqa: SIM115 (closed by `close`)
        self.response.write(begun)

    def end(self, outcome: Outcome, surplus: int = 0) -> None:
        """Note the end on the wire; the last `surplus` bytes followed the message."""
        if self.ended is None:
            self.ended = clock.now()
            self.outcome = outcome
            self.received -= surplus
            self.surplus = surplus

    def conclude(self, outcome: Outcome | None) -> None:
        """Note the downloader's outcome: it overrides the end of a connection, not of a message."""
        self.end("cancelled")
        if outcome is not None and self.outcome != "complete":
            self.outcome = outcome

    def close(self) -> None:
        # A full disk does not matter here.
        with suppress(OSError):
            self.response.close()
