"""A proxy between us and a server that counts what passes, and injects faults."""

from __future__ import annotations

import re
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

PART = re.compile(rb"PUT [^ ?]*\?[^ ]*partNumber=(\d+)[^ ]* HTTP")
GET = re.compile(rb"GET ([^ ]*) HTTP")


def _response(status: bytes, kind: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 %b\r\nContent-Type: %b\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    return head % (status, kind, len(body)) + body


def _error(status: bytes, code: bytes) -> bytes:
    return _response(status, b"application/xml", b"<Error><Code>%b</Code><Message/></Error>\r\n" % code)


CONFLICT = _error(b"409 Conflict", b"ConditionalRequestConflict")
REFUSAL = _error(b"501 Not Implemented", b"NotImplemented")
GONE = _error(b"404 Not Found", b"NoSuchUpload")
EXPIRED = _error(b"400 Bad Request", b"ExpiredToken")
PORTAL = _response(b"200 OK", b"text/html", b"<html>Log in to the network</html>")


@dataclass
class Middleman:
    """Passes bytes on, both ways, as they come; a fault applies to requests that contain its bytes.

    The first `times` occurrences of `corrupt` are changed. `cut` closes the connection; `stalled`, a pattern, leaves
    the request hanging; `mute` withholds the server's answer to the first such request. `conflict`, `gone` and
    `unknown` get that error; so does a request with a header that begins with one of `refused`, in small letters. From
    the first `portal` on, every answer is a login page; from the first `expired` on, an expired token.
    """

    server_port: int
    corrupt: bytes = b""
    times: int = 0
    refused: tuple[bytes, ...] = ()
    cut: bytes = b""
    stalled: bytes = b""
    mute: bytes = b""
    conflict: bytes = b""
    gone: bytes = b""
    unknown: bytes = b""
    portal: bytes = b""
    expired: bytes = b""
    # The numbers of the parts whose upload began, the targets of GET requests and their moments.
    parts: list[int] = field(default_factory=list, init=False)
    targets: list[str] = field(default_factory=list, init=False)
    moments: list[float] = field(default_factory=list, init=False)
    stalls: int = field(default=0, init=False)
    mutes: int = field(default=0, init=False)
    # Bytes to clients, and connections from them.
    returned: int = field(default=0, init=False)
    connections: int = field(default=0, init=False)
    is_portal: bool = field(default=False, init=False)
    has_expired: bool = field(default=False, init=False)
    has_ended: threading.Event = field(default_factory=threading.Event, init=False)

    def __post_init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.has_ended.set()
        self.listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self.server_port)) as server:
            self.connections += 1
            silence = threading.Event()
            back = threading.Thread(target=self._pass_back, args=(server, client, silence), daemon=True)
            back.start()
            while data := client.recv(1 << 16):
                self.parts += [int(match[1]) for match in PART.finditer(data)]
                found = [match[1].decode() for match in GET.finditer(data)]
                self.targets += found
                self.moments += [time.monotonic()] * len(found)
                if self.cut and self.cut in data:
                    return
                if self.stalled and re.search(self.stalled, data):
                    self.stalls += 1
                    self.has_ended.wait()
                    return
                if self.mute and not self.mutes and self.mute in data:
                    self.mutes += 1
                    silence.set()
                if answer := self._answer(data):
                    client.sendall(answer)
                    return
                server.sendall(self._corrupted(data))
            server.shutdown(socket.SHUT_WR)
            back.join(10)

    def _answer(self, data: bytes) -> bytes:
        """Return the answer in the server's place, b"" if the server answers itself."""
        self.is_portal |= bool(self.portal) and self.portal in data
        self.has_expired |= bool(self.expired) and self.expired in data
        answers = (
            (PORTAL, self.is_portal),
            (EXPIRED, self.has_expired),
            (CONFLICT, self.conflict and self.conflict in data),
            (GONE, self.gone and self.gone in data),
            (REFUSAL, self.unknown and self.unknown in data),
            (REFUSAL, any(b"\r\n" + header in data.lower() for header in self.refused)),
        )
        return next((answer for answer, applies in answers if applies), b"")

    def _corrupted(self, data: bytes) -> bytes:
        if self.corrupt and self.times and self.corrupt in data:
            self.times -= 1
            return data.replace(self.corrupt, self.corrupt.swapcase())
        return data

    def _pass_back(self, server: socket.socket, client: socket.socket, silence: threading.Event) -> None:
        with suppress(OSError):
            while (data := server.recv(1 << 16)) and not silence.is_set():
                self.returned += len(data)
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR if silence.is_set() else socket.SHUT_WR)
