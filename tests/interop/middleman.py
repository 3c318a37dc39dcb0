"""What stands between us and a server: it listens to what is sent, and spoils some of it when it is told to."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress
from typing import Self

PART = re.compile(rb"PUT [^ ?]*\?[^ ]*partNumber=(\d+)[^ ]* HTTP")
GET = re.compile(rb"GET ([^ ]*) HTTP")
CONFLICT = (
    b"HTTP/1.1 409 Conflict\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: 66\r\n\r\n"
    b"<Error><Code>ConditionalRequestConflict</Code><Message/></Error>\r\n"
)
REFUSAL = (
    b"HTTP/1.1 501 Not Implemented\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: 54\r\n\r\n"
    b"<Error><Code>NotImplemented</Code><Message/></Error>\r\n"
)
GONE = (
    b"HTTP/1.1 404 Not Found\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: 52\r\n\r\n"
    b"<Error><Code>NoSuchUpload</Code><Message/></Error>\r\n"
)
PORTAL = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: 34\r\n\r\n"
    b"<html>Log in to the network</html>"
)
EXPIRED = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: 52\r\n\r\n"
    b"<Error><Code>ExpiredToken</Code><Message/></Error>\r\n"
)


class Middleman:
    """Passes bytes on, both ways, as they come.

    `passed` and `returned` are the bytes from and to clients, `connections` how many there were. `parts` are the
    numbers of those that were begun to be sent, `targets` what was asked for by GET. `spoil` is changed where it is
    met, `times` times, in what clients send. A request with a header that begins with one of `refused`, in small
    letters, is answered as a store does that doesn't know it. One that has `cut` in it is not answered, one that has
    `stalled` never comes to an end, one that has `conflict` is told of one, one that has `gone` that its upload is, one
    that has `unknown` that the server can't do it. From one on that has `portal`, all are answered by a page, and from
    one on that has `expired` with words about a token that is no longer valid.
    """

    def __init__(
        self,
        port: int,
        spoil: bytes = b"",
        times: int = 0,
        refused: tuple[bytes, ...] = (),
        cut: bytes = b"",
        stalled: bytes = b"",
        conflict: bytes = b"",
        gone: bytes = b"",
        unknown: bytes = b"",
        portal: bytes = b"",
        expired: bytes = b"",
    ) -> None:
        self.parts: list[int] = []
        self.targets: list[str] = []
        self.stalls = 0
        self._cut = cut
        self._stalled = stalled
        self._conflict = conflict
        self._gone = gone
        self._unknown = unknown
        self._portal = portal
        self.is_portal = False
        self._expired = expired
        self._has_expired = False
        self._has_ended = threading.Event()
        self.times = times
        self.passed = self.returned = self.connections = 0
        self._spoil = spoil
        self._refused = refused
        self._server_port = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._has_ended.set()
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self._server_port)) as server:
            self.connections += 1
            back = threading.Thread(target=self._pass_back, args=(server, client), daemon=True)
            back.start()
            while data := client.recv(1 << 16):
                self.passed += len(data)
                self.parts += [int(match[1]) for match in PART.finditer(data)]
                self.targets += [match[1].decode() for match in GET.finditer(data)]
                if self._cut and self._cut in data:
                    return
                if self._stalled and re.search(self._stalled, data):
                    self.stalls += 1
                    self._has_ended.wait()
                    return
                if answer := self._answer(data):
                    client.sendall(answer)
                    return
                server.sendall(self._spoilt(data))
            server.shutdown(socket.SHUT_WR)
            back.join(10)

    def _answer(self, data: bytes) -> bytes:
        """Return what is answered in the server's place, nothing when it is to answer itself."""
        self.is_portal |= bool(self._portal) and self._portal in data
        self._has_expired |= bool(self._expired) and self._expired in data
        answers = (
            (PORTAL, self.is_portal),
            (EXPIRED, self._has_expired),
            (CONFLICT, self._conflict and self._conflict in data),
            (GONE, self._gone and self._gone in data),
            (REFUSAL, self._unknown and self._unknown in data),
            (REFUSAL, any(b"\r\n" + header in data.lower() for header in self._refused)),
        )
        return next((answer for answer, is_meant in answers if is_meant), b"")

    def _spoilt(self, data: bytes) -> bytes:
        if self._spoil and self.times and self._spoil in data:
            self.times -= 1
            return data.replace(self._spoil, self._spoil.swapcase())
        return data

    def _pass_back(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(1 << 16):
                self.returned += len(data)
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)
