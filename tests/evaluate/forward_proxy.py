"""A forward proxy on loopback that answers for every host, and logs the requests."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from origin import server_context

ALLOW_ALL = b"User-agent: *\nAllow: /\n"


@dataclass(frozen=True, slots=True)
class Served:
    """A page and its media type."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"


ROBOTS = Served(ALLOW_ALL, "text/plain")
# Returns the page at an address, None if there is none.
Pages = Callable[[str], Served | None]


class ForwardProxy(ThreadingHTTPServer):
    """The proxy, as a context manager; every robots.txt allows all, and an address without a page is a 404.

    `log` has the method and the full address of each request. After CONNECT the proxy ends TLS itself, with a
    self-signed certificate: its clients must not verify certificates.
    """

    daemon_threads = True

    def __init__(self, pages: Pages) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages = pages
        self.log: list[tuple[str, str]] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> ForwardProxy:
        self._thread.start()
        return self

    def __exit__(self, *failure: Any) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print the traceback of an error, unless the client went away."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ForwardProxy
    # Scheme and host of a tunnel.
    site = ""

    def do_CONNECT(self) -> None:
        self.send_response(200, "Connection established")
        self.end_headers()
        self.site = "https://" + self.path.removesuffix(":443")
        self.request = server_context().wrap_socket(self.request, server_side=True)
        self.setup()
        # A tunnel outlives its CONNECT, which some clients send as HTTP/1.0.
        self.close_connection = False

    def do_GET(self) -> None:
        address = self.site + self.path
        self.server.log.append((self.command, address))
        page = ROBOTS if address.endswith("/robots.txt") else self.server.pages(address)
        self.send_response(200 if page else 404)
        body = page.body if page else b""
        if page:
            self.send_header("Content-Type", page.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def finish(self) -> None:
        super().finish()
        # The server knows only the connection without TLS.
        self.request.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing: the proxy has a log of its own."""
