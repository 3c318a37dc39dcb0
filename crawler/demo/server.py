"""HTTP/1.1 on loopback: framing, content coding and conditional requests."""

import gzip
import hashlib
import re
import sys
from dataclasses import replace
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from crawler.demo.control import Control
from crawler.demo.replies import Reply
from crawler.demo.site import Site

CHUNK = 8192


class DemoServer(ThreadingHTTPServer):
    """The demo newspaper's server; its threads end with the process."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, site: Site) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.site = site
        self.control = Control(site)

    @property
    def address(self) -> str:
        """The server's own address, for requests without a Host."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report an error, unless the client closed the connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection. Replies of the daily are gzipped if accepted, those of the portal chunked, others plain."""

    protocol_version = "HTTP/1.1"
    server_version = "Probhat/1.0"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a GET."""
        server = cast(DemoServer, self.server)
        host = self.headers.get("Host", "")
        base = f"http://{host}" if re.fullmatch(r"[\w.:\[\]-]+", host) else server.address
        self._send(server.site.get(self.path, base))

    def do_HEAD(self) -> None:
        """Answer a HEAD with the headers of a GET."""
        self.do_GET()

    def do_POST(self) -> None:
        """Run an action of `Control`."""
        length = self.headers.get("Content-Length", "0")
        body = self.rfile.read(int(length) if length.isdigit() else 0)
        self._send(cast(DemoServer, self.server).control.post(self.path, body.decode("utf-8", "replace")))

    def version_string(self) -> str:
        """Return the name of the server."""
        return self.server_version

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""

    def _send(self, reply: Reply) -> None:
        outlet = self.path.lstrip("/").partition("/")[0]
        gzipped = outlet == "daily" and reply.status == 200 and "gzip" in self.headers.get("Accept-Encoding", "")
        tag = f'"{hashlib.sha1(reply.body).hexdigest()[:20]}{"-gzip" if gzipped else ""}"'
        if reply.status == 200 and self.command != "POST" and self._is_current(reply, tag):
            self._send_head(replace(reply, status=304, content_type=""), outlet, tag)
            self.end_headers()
            return
        self._send_head(reply, outlet, tag)
        if gzipped:
            self.send_header("Content-Encoding", "gzip")
        body = gzip.compress(reply.body, 6, mtime=0) if gzipped else reply.body
        self._send_body(body, chunked=outlet == "portal" and self.request_version == "HTTP/1.1")

    def _send_head(self, reply: Reply, outlet: str, tag: str) -> None:
        self.send_response(reply.status)
        if reply.content_type:
            # The daily leaves the charset to the page.
            bare = outlet == "daily" and reply.content_type.startswith("text/html")
            self.send_header("Content-Type", "text/html" if bare else reply.content_type)
        if outlet == "daily":
            self.send_header("Vary", "Accept-Encoding")
        if reply.status in (200, 304) and self.command != "POST":
            self.send_header("ETag", tag)
            if reply.changed:
                self.send_header("Last-Modified", format_datetime(reply.changed.astimezone(UTC), usegmt=True))
        for name, value in reply.headers.items():
            self.send_header(name, value)

    def _send_body(self, body: bytes, chunked: bool) -> None:
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body)))))
        self.end_headers()
        if self.command == "HEAD":
            return
        if not chunked:
            self.wfile.write(body)
            return
        for start in range(0, len(body), CHUNK):
            piece = body[start : start + CHUNK]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def _is_current(self, reply: Reply, tag: str) -> bool:
        known = self.headers.get("If-None-Match")
        if known is not None:
            tags = [item.strip().removeprefix("W/") for item in known.split(",")]
            return tag in tags or "*" in tags
        since = self.headers.get("If-Modified-Since")
        if since is None or reply.changed is None:
            return False
        try:
            return reply.changed.replace(microsecond=0) <= parsedate_to_datetime(since)
        except (ValueError, TypeError):
            return False
