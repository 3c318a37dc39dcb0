"""The private hooks of Scrapy and Twisted that the wire tap needs: a version that moves them fails here."""

from __future__ import annotations

import inspect
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from scrapy.core import engine
from scrapy.core.downloader.handlers import http11
from scrapy.resolver import HostResolution
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.protocols import basic
from twisted.python.failure import Failure
from twisted.web import _newclient, client, http
from twisted.web.client import URI
from twisted.web.http_headers import Headers

from crawler.recording.exchange import Exchange
from crawler.recording.tap import HEAD_BYTES, TapPool

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


class Transport(StringTransport):
    """A connection in memory, with what a protocol asks of a real one."""

    def getHandle(self):  # noqa: N802 (Twisted's name)
        return None

    def abortConnection(self):  # noqa: N802 (Twisted's name)
        self.disconnecting = True


class Endpoint:
    """An endpoint whose connections stand at once, in memory."""

    def __init__(self):
        self.protocols = []

    def connect(self, factory):
        protocol = factory.buildProtocol(None)
        protocol.makeConnection(Transport())
        self.protocols.append(protocol)
        return client.defer.succeed(protocol)


class Wire:
    """A pool with its connections in memory, and the exchanges noted on them."""

    def __init__(self):
        self.pool = TapPool(Clock(), 2)
        self.endpoint = Endpoint()
        self.exchanges = []
        self.failures = []

    def ask(self, path, method=b"GET"):
        def begin():
            self.exchanges.append(Exchange("http://a.example" + path, method.decode()))
            return self.exchanges[-1]

        self.pool.announce(begin, guarded=False)
        agent = client._AgentBase(Clock(), self.pool)
        uri = URI.fromBytes(b"http://a.example" + path.encode())
        asked = agent._requestWithEndpoint(
            (b"http", b"a.example", 80), self.endpoint, method, uri, Headers(), None, uri.originForm
        )
        asked.addErrback(self.failures.append)
        return self.exchanges[-1]

    @property
    def protocol(self):
        return self.endpoint.protocols[-1]

    def written(self):
        return self.protocol.transport.value()

    def close(self):
        for exchange in self.exchanges:
            exchange.close()
        self.pool.closeCachedConnections()


@pytest.fixture
def wire():
    wire = Wire()
    yield wire
    wire.close()


def received(exchange):
    exchange.response.seek(0)
    return exchange.response.read(exchange.received)


def test_the_versions_are_those_that_this_test_allows():
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]
    requirements = {found.name: found for found in map(Requirement, project["dependencies"])}
    assert str(requirements["scrapy"].specifier) in ("<2.20,>=2.19", ">=2.19,<2.20")
    for name in ("scrapy", "twisted"):
        assert requirements[name].specifier.contains(version(name)), name


def test_request_and_response_are_noted_to_the_byte(wire):
    exchange = wire.ask("/page")
    assert bytes(exchange.request) == wire.written() != b""
    wire.protocol.dataReceived(HEAD + b"Content-Length: 5\r\n\r\nhe")
    assert exchange.ended is None
    wire.protocol.dataReceived(b"llo")
    assert exchange.outcome == "complete"
    assert received(exchange) == HEAD + b"Content-Length: 5\r\n\r\nhello"


def test_a_kept_connection_carries_the_next_exchange(wire):
    for path in ("/one", "/two"):
        exchange = wire.ask(path)
        assert path.encode() in exchange.request
        wire.protocol.dataReceived(HEAD + b"Content-Length: 0\r\n\r\n")
        assert exchange.outcome == "complete"
    assert len(wire.endpoint.protocols) == 1


def test_a_dead_kept_connection_gives_two_exchanges_for_one_request(wire):
    wire.ask("/one")
    wire.protocol.dataReceived(HEAD + b"Content-Length: 0\r\n\r\n")
    wire.ask("/two")
    wire.protocol.connectionLost(Failure(ConnectionDone()))
    assert [exchange.outcome for exchange in wire.exchanges] == ["complete", "disconnected", "open"]
    assert wire.exchanges[1].request == wire.exchanges[2].request
    wire.protocol.dataReceived(HEAD + b"Content-Length: 0\r\n\r\n")
    assert wire.exchanges[2].outcome == "complete"


def test_bytes_after_the_message_belong_to_nobody(wire):
    exchange = wire.ask("/page")
    wire.protocol.dataReceived(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nsurplus")
    assert exchange.outcome == "complete"
    assert received(exchange).endswith(b"0\r\n\r\n")
    assert exchange.surplus == len(b"surplus")


def test_a_connection_with_surplus_bytes_is_not_reused(wire):
    wire.ask("/one")
    wire.protocol.dataReceived(HEAD + b"Content-Length: 2\r\n\r\nok" + HEAD)
    assert wire.protocol.transport.disconnecting
    wire.ask("/two")
    assert len(wire.endpoint.protocols) == 2


@pytest.mark.parametrize("length", [17_000, 70_000, HEAD_BYTES - 200])
def test_a_header_line_can_be_as_long_as_a_head(wire, length):
    exchange = wire.ask("/page")
    data = HEAD + b"X-Long: " + b"x" * length + b"\r\nContent-Length: 2\r\n\r\nok"
    for start in range(0, len(data), 60_000):
        wire.protocol.dataReceived(data[start : start + 60_000])
    assert exchange.outcome == "complete"
    assert received(exchange) == data
    assert wire.failures == []


def test_interim_responses_and_heads_without_body_are_noted(wire):
    exchange = wire.ask("/page", b"HEAD")
    data = b"HTTP/1.1 103 Early Hints\r\n\r\n" + HEAD + b"Content-Length: 5\r\n\r\n"
    wire.protocol.dataReceived(data)
    assert (exchange.outcome, received(exchange)) == ("complete", data)


@pytest.mark.parametrize(
    ("framing", "end", "outcome"),
    [
        (b"", ConnectionDone(), "complete-at-close"),
        (b"", ConnectionLost(), "disconnected"),
        (b"Content-Length: 50\r\n", ConnectionDone(), "disconnected"),
        (b"Content-Length: 50\r\n", ConnectionLost(), "disconnected"),
        (b"Content-Length: 50\r\n", ConnectionAborted(), "cancelled"),
        (b"Transfer-Encoding: chunked\r\n", ConnectionDone(), "disconnected"),
    ],
)
def test_the_outcome_depends_on_framing_and_how_the_connection_ends(wire, framing, end, outcome):
    exchange = wire.ask("/page")
    wire.protocol.dataReceived(HEAD + framing + b"\r\n5")
    wire.protocol.connectionLost(Failure(end))
    assert exchange.outcome == outcome


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"X: y\r\n" * 200_000,
        HEAD + b"X-Long: " + b"x" * (HEAD_BYTES + 70_000),
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * 40_000,
    ],
)
def test_what_is_no_http_ends_the_exchange_as_malformed(wire, data):
    exchange = wire.ask("/page")
    for start in range(0, len(data), 60_000):
        wire.protocol.dataReceived(data[start : start + 60_000])
        if exchange.ended:
            break
    assert exchange.outcome == "malformed"
    assert data.startswith(received(exchange))
    assert wire.protocol.transport.disconnecting


def test_all_connections_can_be_cut_at_once(wire):
    for path in ("/one", "/two"):
        wire.ask(path)
    wire.pool.abort()
    assert [protocol.transport.disconnecting for protocol in wire.endpoint.protocols] == [True, True]
    for protocol in wire.endpoint.protocols:
        protocol.connectionLost(Failure(ConnectionAborted()))
    assert [exchange.outcome for exchange in wire.exchanges] == ["cancelled", "cancelled"]


def test_a_connection_that_was_not_announced_is_refused(wire):
    with pytest.raises(AssertionError, match="outside a download"):
        wire.pool.getConnection((b"http", b"a.example", 80), wire.endpoint)


def test_the_hooks_have_the_signatures_that_the_tap_overrides():
    protocol = _newclient.HTTP11ClientProtocol
    assert issubclass(http11._LenientHTTP11ClientProtocol, protocol)
    assert issubclass(http11._LenientHTTP11ClientFactory, client._HTTP11ClientFactory)
    names = {
        protocol.request: ["self", "request"],
        protocol._disconnectParser: ["self", "reason"],
        protocol._giveUp: ["self", "reason"],
        protocol._finishResponse_WAITING: ["self", "rest"],
        client.HTTPConnectionPool.__init__: ["self", "reactor", "persistent"],
        client.HTTPConnectionPool.getConnection: ["self", "key", "endpoint"],
        client.HTTPConnectionPool._newConnection: ["self", "key", "endpoint"],
        http._ChunkedTransferDecoder.__init__: ["self", "dataCallback", "finishCallback"],
        http11._LenientHTTP11ClientFactory.buildProtocol: ["self", "addr"],
    }
    for function, parameters in names.items():
        assert list(inspect.signature(function).parameters) == parameters, function
    assert "request.writeTo(self.transport)" in inspect.getsource(protocol.request)
    assert "contentLength" in http._IdentityTransferDecoder.__slots__


def test_scrapys_engine_lists_requests_in_progress():
    assert "self._slot: _Slot | None" in inspect.getsource(engine.ExecutionEngine.__init__)
    assert "self.inprogress: set[Request]" in inspect.getsource(engine._Slot.__init__)


def test_the_line_limit_is_read_from_each_requests_parser():
    assert issubclass(_newclient.HTTPClientParser, basic.LineReceiver)
    assert "self._parser = HTTPClientParser(" in inspect.getsource(_newclient.HTTP11ClientProtocol.request)
    assert inspect.getsource(basic.LineReceiver.dataReceived).count("self.MAX_LENGTH") == 2
    assert "MAX_LENGTH" not in inspect.getsource(_newclient)


def test_a_long_body_is_spooled_to_an_unnamed_file(tmp_path):
    exchange = Exchange("http://a.example/", "GET", spool=str(tmp_path))
    for _ in range(3):
        exchange.receive(b"x" * 700_000)
    place = Path(f"/proc/self/fd/{exchange.response.fileno()}").readlink()
    assert place.is_relative_to(tmp_path)
    assert list(tmp_path.iterdir()) == []
    exchange.close()


def test_a_missing_spool_is_recorded_as_the_exchange_fault(tmp_path):
    exchange = Exchange("http://a.example/", "GET", spool=str(tmp_path / "gone"))
    exchange.receive(b"x" * 2_000_000)
    assert isinstance(exchange.fault, FileNotFoundError)
    exchange.close()


def test_an_endpoint_uses_the_reactor_resolver_for_each_connection():
    source = inspect.getsource(HostnameEndpoint.connect)
    assert "self._getNameResolverAndMaybeWarn(self._reactor)" in source
    assert "self._hostText, portNumber=self._port" in source
    assert list(inspect.signature(HostResolution.__init__).parameters) == ["self", "name"]


def test_scrapy_calls_the_pool_in_the_first_step_of_downloads():
    # Nothing is awaited between the announcement and the pool's getConnection.
    handler = inspect.getsource(http11.HTTP11DownloadHandler.download_request)
    assert handler.count("await ") == 1
    assert "agent.download_request(request)" in handler
    assert "pool=self._pool" in handler
    assert not inspect.iscoroutinefunction(http11._ScrapyAgent.download_request)
    assert "self._pool.getConnection(key, endpoint)" in inspect.getsource(client._AgentBase._requestWithEndpoint)
