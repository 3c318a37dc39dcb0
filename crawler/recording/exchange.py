"""One exchange with a server as seen on the wire, and where its capture came to lie."""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Literal, NamedTuple

from crawler.items import Listing
from crawler.recording.redaction import NO_SECRETS, Secrets
from crawler.recording.revisits import Original
from crawler.recording.robots import Robots
from crawler.recording.signals import Signal

if TYPE_CHECKING:
    from crawler.recording.packing import Packed

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


class Capture(NamedTuple):
    """Where the main record of an exchange stands: its response or, when no answer came, its request.

    `file` is the path below the archive's root with the final name, `payload_digest` that of the entity:
    transfer coding removed, content coding kept. `index_line` is empty when there is nothing to replay.
    `original` is the record that holds the content, if captures may refer to it: this one, or that of a revisit.
    `opt_outs` are the codes of the opt-out signals that came with it.
    """

    url: str
    date: datetime
    record_id: str
    file: str
    offset: int
    length: int
    payload_digest: str | None
    http_status: int | None
    mime: str | None
    index_line: str
    original: Original | None = None
    opt_outs: tuple[str, ...] = ()

    @property
    def is_original(self) -> bool:
        """Tell whether later captures may refer to this record."""
        return self.original is not None and self.original.record_id == self.record_id


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
