"""The wire tap: Twisted's connections, noting the exact bytes of each exchange, above TLS and below all parsing.

The hooks are private to Scrapy 2.19 and Twisted; tests/test_recording_contract.py fails when they move.
"""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, cast
from weakref import WeakSet

from OpenSSL.SSL import Connection
from scrapy.core.downloader.handlers.http11 import _LenientHTTP11ClientFactory, _LenientHTTP11ClientProtocol
from scrapy.exceptions import DownloadCancelledError
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS
from twisted.web.client import HTTPConnectionPool
from twisted.web.http import _IdentityTransferDecoder

from crawler.recording.exchange import Exchange, Outcome
from crawler.recording.guard import GuardedEndpoint

Begin = Callable[[], Exchange]

# The limit of a head, which Twisted keeps in memory; lines have no other one.
HEAD_BYTES = 1 << 20
LINE_BYTES = HEAD_BYTES << 1

# OpenSSL's names of cipher suites before TLS 1.3.
OPENSSL_SUITE = re.compile(
    r"(?:(?P<exchange>ECDHE|DHE)-(?P<authentication>RSA|ECDSA)-)?"
    r"(?:AES(?P<bits>128|256)(?P<mode>-GCM)?-(?P<hash>SHA\d*)|(?P<stream>CHACHA20-POLY1305))"
)


class HeadTooLong(DownloadCancelledError):
    """The head of a response is longer than HEAD_BYTES."""


class TapPool(HTTPConnectionPool):
    """Persistent connections that record their traffic."""

    def __init__(self, reactor: Any, connections_per_host: int) -> None:
        super().__init__(reactor, persistent=True)
        self.maxPersistentPerHost = connections_per_host
        self._living: WeakSet[_TapProtocol] = WeakSet()
        self._factory = cast(Any, partial(_TapFactory, self._living))
        self._begin: Begin | None = None
        self._guarded = True

    def announce(self, begin: Begin, guarded: bool) -> None:
        """Announce the next connection, which the download requests at once; `guarded` refuses private hosts."""
        self._begin, self._guarded = begin, guarded

    def abort(self) -> None:
        """Close all connections; exchanges under way end as cancelled."""
        for connection in list(self._living):
            if connection.transport is not None:
                cast(Any, connection.transport).abortConnection()

    def getConnection(self, key: Any, endpoint: Any) -> Deferred[Any]:  # noqa: N802 (Twisted's name)
        begin, self._begin = self._begin, None
        if begin is None:
            raise AssertionError("a connection was requested outside a download")
        if self._guarded:
            endpoint = GuardedEndpoint(endpoint)
        return super().getConnection(key, endpoint).addCallback(_TapConnection, begin)


class _TapConnection:
    """A connection for one request, which may be sent twice (a stale connection)."""

    def __init__(self, connection: Any, begin: Begin) -> None:
        self._connection = connection
        self._begin = begin

    def request(self, request: Any) -> Deferred[Any]:
        request.begin = self._begin
        sent: Deferred[Any] = self._connection.request(request)
        return sent


class _TapTransport:
    """A connection's transport, noting what is sent with `send`."""

    def __init__(self, transport: Any, send: Callable[[bytes], None]) -> None:
        self._transport = transport
        self._send = send

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        self._send(data)
        self._transport.write(data)

    def writeSequence(self, sequence: list[bytes]) -> None:  # noqa: N802 (Twisted's name)
        self.write(b"".join(sequence))


class _TapProtocol(_LenientHTTP11ClientProtocol):
    """Scrapy's protocol, noting received bytes and the end of each exchange."""

    _exchange: Exchange | None = None
    _peer: str | None = None
    _handle: Any = None

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        self._peer = cast(Any, self.transport).getPeer().host
        super().connectionMade()
        self.transport = cast(Any, _TapTransport(self.transport, self._note_sent))

    def _note_sent(self, data: bytes) -> None:
        # Before the first exchange, a tunnel is requested of a proxy.
        if self._exchange is not None:
            self._exchange.send(data)

    def request(self, request: Any) -> Deferred[Any]:
        if self.state == "QUIESCENT":
            self._exchange = request.begin()
            self._exchange.peer = self._peer
            # A lost transport has none.
            self._handle = cast(Any, self.transport).getHandle()
        sent = super().request(request)
        if self._parser is not None:
            # Twisted's limit of 16 KiB a line rejects responses that browsers accept.
            cast(Any, self._parser).MAX_LENGTH = LINE_BYTES
        return sent

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        exchange = self._exchange
        if exchange is None:
            # Unrequested data. Over TLS, Twisted would wait for the server and meanwhile reuse the connection.
            cast(Any, self.transport).abortConnection()
            return
        if exchange.first_byte is None:
            self._note_tls(exchange)
        exchange.receive(data)
        super().dataReceived(data)
        if exchange.received > HEAD_BYTES and self._in_head():
            self._giveUp(Failure(HeadTooLong()))

    def _in_head(self) -> bool:
        return self._parser is not None and cast(Any, self._parser).state in (STATUS, HEADER)

    def _finishResponse(self, rest: bytes) -> None:  # noqa: N802 (Twisted's name)
        self._end("complete", len(rest))
        if rest and self._currentRequest is not None:
            # The rest would be taken for the response to the next request on this connection.
            cast(Any, self._currentRequest).persistent = False
        super()._finishResponse(rest)

    def _disconnectParser(self, reason: Any) -> None:  # noqa: N802 (Twisted's name)
        if self._exchange is not None:
            self._end(self._outcome(reason))
        super()._disconnectParser(reason)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 (Twisted's name)
        if self._exchange is not None:
            self._end(self._outcome(reason))
        super().connectionLost(reason)

    def _outcome(self, reason: Failure) -> Outcome:
        decoder = self._parser.bodyDecoder if self._parser is not None else None
        to_the_end = isinstance(decoder, _IdentityTransferDecoder) and decoder.contentLength is None
        if reason.check(ConnectionAborted, CancelledError):
            return "cancelled"
        if reason.check(ConnectionDone, ConnectionLost):
            return "complete-at-close" if to_the_end and reason.check(ConnectionDone) else "disconnected"
        return "malformed"

    def _end(self, outcome: Outcome, surplus: int = 0) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is None:
            return
        if exchange.first_byte is None and exchange.ended is None:
            self._note_tls(exchange)
            if isinstance(self._handle, Connection) and exchange.tls_version is None:
                # It waited for a handshake that never happened, so nothing was sent.
                exchange.request.clear()
        exchange.end(outcome, surplus)

    def _note_tls(self, exchange: Exchange) -> None:
        """Note the TLS facts; the first request on a connection does not wait for the handshake."""
        exchange.tls_version, exchange.cipher_suite = _tls(self._handle)


class _TapFactory(_LenientHTTP11ClientFactory):
    def __init__(self, connections: WeakSet[_TapProtocol], *arguments: Any) -> None:
        super().__init__(*arguments)
        self._living = connections

    def buildProtocol(self, addr: Any) -> _TapProtocol:  # noqa: N802 (Twisted's name)
        protocol = _TapProtocol(self._quiescentCallback)
        self._living.add(protocol)
        return protocol


def cipher_suite(name: str) -> str | None:
    """Return IANA's name for an OpenSSL cipher suite, None for an unknown one."""
    if name.startswith("TLS_"):
        return name
    match = OPENSSL_SUITE.fullmatch(name)
    if match is None:
        return None
    keys = f"{match['exchange']}_{match['authentication']}" if match["exchange"] else "RSA"
    if match["stream"]:
        return f"TLS_{keys}_WITH_CHACHA20_POLY1305_SHA256"
    return f"TLS_{keys}_WITH_AES_{match['bits']}_{'GCM' if match['mode'] else 'CBC'}_{match['hash']}"


def _tls(handle: Any) -> tuple[str | None, str | None]:
    is_shaken = isinstance(handle, Connection) and handle.get_finished() is not None
    suite = handle.get_cipher_name() if is_shaken else None
    if suite is None:
        return None, None  # no TLS, or none yet
    return handle.get_protocol_version_name().lower().replace("tlsv", "tls/"), cipher_suite(suite)
