"""A web server on plain sockets that logs the exact bytes of every exchange: the judge of a recording."""

from __future__ import annotations

import contextlib
import datetime
import functools
import ipaddress
import re
import socket
import ssl
import struct
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crawler.system import clock

# What a route does besides sending bytes (a bytes object) and pausing (a float, in seconds).
CLOSE = "close"
RESET = "reset"
CUT = "cut"  # over TLS: the connection ends without the close_notify that says so
READ = "read"  # the request's body, which is not read before then by a route that has this step

Step = bytes | float | str
# A route is one list of steps, or a tuple of lists: one for each visit, the last for all later ones.
Route = Sequence[Step] | tuple[Sequence[Step], ...]


@dataclass
class Logged:
    """One exchange as the server saw it; moments of the monotonic clock."""

    target: str
    received: bytes
    sent: bytes = b""
    began: float = field(default_factory=time.monotonic)
    ended: float = 0.0


class Origin:
    """The server, as a context manager; `log` holds the exchanges in the order in which requests came.

    It plays a proxy as well: absolute targets are answered by their path, and what follows a CONNECT is TLS.
    """

    def __init__(self, routes: Mapping[str, Route], tls: bool = False, host: str = "127.0.0.1") -> None:
        self.routes = routes
        self.host = host
        self.log: list[Logged] = []
        self.tls = tls
        self.connects: list[bytes] = []
        self.visits: Counter[str] = Counter()
        self.connections = 0
        self.bytes_received = 0
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), backlog=64, family=family)
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    @property
    def base(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    def __enter__(self) -> Origin:
        self._start(self._accept)
        return self

    def __exit__(self, *failure: Any) -> None:
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _start(self, work: Any, *arguments: Any) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = self._admit(connection)
            with self._lock:
                self._open.add(connection)
            while self._exchange(connection):
                pass
        except OSError:
            # The client went away: what it was sent until then is in the log.
            return
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _admit(self, connection: socket.socket) -> socket.socket:
        """Return the connection that exchanges go over: TLS from the start, after a CONNECT, or none."""
        if self.tls:
            return server_context().wrap_socket(connection, server_side=True)
        if connection.recv(8, socket.MSG_PEEK).startswith(b"CONNECT"):
            self.connects.append(self._read(connection, b""))
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            return server_context().wrap_socket(connection, server_side=True)
        return connection

    def _exchange(self, connection: socket.socket) -> bool:
        request = self._read(connection, b"")
        if not request:
            return False
        target = request.split(b" ", 2)[1].decode("latin-1")
        with self._lock:
            logged = Logged(target, request)
            self.log.append(logged)
            path = "/" + target.partition("://")[2].partition("/")[2] if "://" in target else target
            path = path.partition("?")[0]
            visit = self.visits[path]
            self.visits[path] += 1
        route = self.routes.get(path, NOT_FOUND)
        steps = route[min(visit, len(route) - 1)] if isinstance(route, tuple) else route
        if READ not in steps:
            logged.received += self._read(connection, request)
        goes_on = all(self._step(connection, step, logged) for step in steps)
        logged.ended = time.monotonic()
        return goes_on

    def _read(self, connection: socket.socket, head: bytes) -> bytes:
        """Return the next request's head or, given a head, its body; empty when the client has gone."""
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        data, wanted = b"", (int(length[1]) if length else 0) if head else 1
        while wanted:
            # One byte at a time until the head is whole: nothing of a next request may be taken.
            piece = connection.recv(wanted)
            self.bytes_received += len(piece)
            if not piece:
                return b""
            data += piece
            wanted = wanted - len(piece) if head else int(not data.endswith(b"\r\n\r\n"))
        return data

    def _step(self, connection: socket.socket, step: Step, logged: Logged) -> bool:
        """Do a step and tell whether the connection is kept."""
        if isinstance(step, bytes):
            view = memoryview(step)
            while view:
                count = connection.send(view[:16384])
                logged.sent += bytes(view[:count])
                view = view[count:]
            return True
        if step == READ:
            logged.received += self._read(connection, logged.received)
            return True
        if isinstance(step, float):
            return not self._stopped.wait(step)
        if step == RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif step == CLOSE and isinstance(connection, ssl.SSLSocket):
            # A client, or the end of the test, may have been quicker.
            with contextlib.suppress(OSError, ValueError):
                connection.settimeout(0.5)
                connection.unwrap()
        return False


def answer(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> list[Step]:
    """Return the steps of a plain answer with a Content-Length."""
    head = [b"HTTP/1.1 " + status, *headers, b"Content-Length: %d" % len(body)]
    return [b"\r\n".join(head) + b"\r\n\r\n" + body]


def chunked(*chunks: bytes, trailers: bytes = b"", extension: bytes = b"") -> bytes:
    """Return a chunked body."""
    body = b"".join(b"%x%b\r\n%b\r\n" % (len(chunk), extension, chunk) for chunk in chunks)
    return body + b"0\r\n" + trailers + b"\r\n"


NOT_FOUND = answer("পাওয়া যায়নি".encode(), b"Content-Type: text/plain; charset=utf-8", status=b"404 Not Found")


@functools.cache
def server_context() -> ssl.SSLContext:
    """Return a TLS context with a self-signed certificate made now."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = clock.machine_now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        file.flush()
        context.load_cert_chain(file.name)
    return context
