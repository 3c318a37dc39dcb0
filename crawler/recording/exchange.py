"""What of a request is the operator's secret and not the site's business: never written down.

Redacted are all of Proxy-Authorization, and of Authorization and Cookie the values that the settings or the
spider's attributes give. A header line keeps its name and loses its value, a cookie pair keeps `name=`. What a
spider sets on one request, and cookies that servers set, are recorded as sent; so is what a server says.


One exchange with a server as seen on the wire, and where its capture came to lie."""

from __future__ import annotations

import re
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Literal, NamedTuple

from crawler.archive.message import Response
from crawler.model.capture import Capture, Original
from crawler.model.listing import Listing
from crawler.recording.robots import Robots
from crawler.recording.signals import Signal

NAMES = {b"proxy-authorization": "Proxy-Authorization", b"authorization": "Authorization", b"cookie": "Cookie"}
CREDENTIALS = re.compile(rb"(?im)^(%b):([^\r\n]*)" % b"|".join(NAMES))


class Packed(NamedTuple):
    """The members of one exchange and what kinds of record they hold, the main one first, which has `identifier`.

    `response` is None when no answer came.
    """

    warcinfo_id: str
    identifier: str
    kinds: list[str]
    members: list[bytes]
    response: Response | None


@dataclass(frozen=True, slots=True)
class Secrets:
    """Values of Authorization, and pairs of Cookie, that are the operator's."""

    authorizations: frozenset[bytes] = field(default=frozenset(), repr=False)
    cookies: frozenset[bytes] = field(default=frozenset(), repr=False)

    def redact(self, request: bytes) -> tuple[bytes, list[str]]:
        """Return a request without its secrets, and the names of the header fields that held any."""
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


NO_SECRETS = Secrets()
MEMORY_BYTES = 1 << 20

# How an exchange ended: with its message, with a connection that ended the message, or too early.
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
    """The exact bytes of one request and what came back; a long response is spooled to disk.

    `hops` are the letters of the way from a start address: L link, R redirect, P prerequisite (robots.txt);
    `tls_version` is like `tls/1.3`, `cipher_suite` IANA's name of it. `original` is the archived capture of the
    same address, `is_conditional` whether the server was asked for what differs from it. `peer` is the address of
    the proxy when it is `proxied`. `robots_of` are the hosts whose robots.txt this is.

    Filled and, when it is short, `packed` in the reactor's thread; handed over once ended, then read by the
    writer's thread, which sets `capture` after the commit. Whoever drops an exchange closes it.
    """

    url: str
    method: str
    via: str | None = None
    hops: str = ""
    listing: Listing | None = None
    original: Original | None = None
    is_conditional: bool = False
    proxied: bool = False
    robots_of: tuple[str, ...] = ()
    secrets: Secrets = NO_SECRETS
    robots: Robots = field(default_factory=Robots)
    spool: str | None = None
    peer: str | None = None
    tls_version: str | None = None
    cipher_suite: str | None = None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    first_byte: datetime | None = None
    ended: datetime | None = None
    outcome: Outcome = "open"
    request: bytearray = field(default_factory=bytearray)
    response: IO[bytes] = field(default_factory=BytesIO)
    received: int = 0
    surplus: int = 0
    fault: OSError | None = None
    signals: list[Signal] | None = None
    packed: Packed | None = None
    capture: Future[Capture] = field(default_factory=Future)

    @property
    def size(self) -> int:
        """Bytes held, for back-pressure."""
        return len(self.request) + self.received

    @property
    def truncated(self) -> Truncation | None:
        """What WARC-Truncated says of the response, None when all of it came."""
        return TRUNCATIONS.get(self.outcome)

    def send(self, data: bytes) -> None:
        """Note bytes on their way to the server."""
        self.request += data

    def receive(self, data: bytes) -> None:
        """Note bytes from the server. A full disk is kept as `fault`, for the writer to fail on."""
        if self.ended is not None or self.fault is not None:
            return
        if self.first_byte is None:
            self.first_byte = datetime.now(UTC)
        try:
            if self.received <= MEMORY_BYTES < self.received + len(data):
                self._go_on_disk()
            self.response.write(data)
            self.received += len(data)
        except OSError as error:
            # Raised here, it would be one more failed download; the writer makes it the end of the crawl.
            self.fault = error

    def _go_on_disk(self) -> None:
        """Move the response into a file without a name in the spool."""
        self.response.seek(0)
        begun, self.response = self.response.read(), TemporaryFile(dir=self.spool)  # noqa: SIM115 (closed by `close`)
        self.response.write(begun)

    def end(self, outcome: Outcome, surplus: int = 0) -> None:
        """Note the end as the wire shows it; the last `surplus` bytes came after the message: nobody's."""
        if self.ended is None:
            self.ended = datetime.now(UTC)
            self.outcome = outcome
            self.received -= surplus
            self.surplus = surplus

    def conclude(self, outcome: Outcome | None) -> None:
        """Note what the downloader knows of the end: it goes before a connection's end, not a message's."""
        self.end("cancelled")
        if outcome is not None and self.outcome != "complete":
            self.outcome = outcome

    def close(self) -> None:
        """Give up the bytes held; idempotent."""
        # What a full disk does not take any more is not missed.
        with suppress(OSError):
            self.response.close()
