"""Each way in which a page can fail has a reason that an operator knows."""

import gzip
import re
import socket
from threading import Thread

import pytest
from origin import CLOSE, RESET, Origin
from place import Place

from crawler.crawl.settings import PROJECT_ROOT
from crawler.model.failures import CAUSES, REASONS, REFUSED


def page(body: bytes = b"", *fields: bytes, status: bytes = b"200 OK", length: int | None = None) -> list[bytes]:
    fields = (b"Content-Type: text/html", b"Content-Length: %d" % (len(body) if length is None else length), *fields)
    return [b"HTTP/1.1 " + b"\r\n".join((status, *fields)) + b"\r\n\r\n" + body]


def redirect(address: bytes) -> list[bytes]:
    return page(b"", b"Location: " + address, status=b"302 Found")


GZIP, DEFLATE = b"Content-Encoding: gzip", b"Content-Encoding: deflate"
BOMB = gzip.compress(b"a" * 30_000_000)
ROUTES = {
    "cut-short": {"/few-bytes": [*page(b"few", length=4000), CLOSE], "/half": page(gzip.compress(b"x")[:5], GZIP)},
    "corrupt-gzip": {"/no-gzip": page(b"plain text", GZIP), "/no-deflate": page(b"plain text", DEFLATE)},
    "corrupt-brotli": {"/no-brotli": page(b"\xff plain text", b"Content-Encoding: br")},
    "corrupt-zstd": {"/no-zstd": page(b"plain text", b"Content-Encoding: zstd")},
    "too-large": {
        "/bomb": page(BOMB, GZIP),
        "/big": page(b"few", length=40_000_000),
        "/head": [b"HTTP/1.1 200 OK\r\nX: " + b"y" * 3_000_000 + b"\r\n\r\n"],
    },
    "connection-lost": {"/reset": [b"HTTP/1.1 200 OK\r\n", RESET], "/nothing": [CLOSE]},
    "not-http": {
        "/junk": [b"hello world\r\n\r\nfoo", CLOSE],
        "/lengths": [b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabc"],
    },
    "timeout": {"/slow": [4.0]},
    "redirect-loop": {"/loop": redirect(b"/loop")},
    "bad-address": {"/to-no-host": redirect(b"http://[bad/"), "/to-no-port": redirect(b"http://127.0.0.1:99999/")},
    "http-302": {"/to-file": redirect(b"file:///etc/passwd")},
    "http-404": {"/gone": page(status=b"404 Not Found")},
    "empty-body": {"/empty": page()},
    "address-too-long": {"/" + "l" * 13_000: []},
}


@pytest.fixture
def no_tls():
    """A port that answers a TLS handshake with plain HTTP."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    thread = Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_each_failure_has_a_reason_that_an_operator_knows(tmp_path, no_tls):
    routes = {path: steps for one in ROUTES.values() for path, steps in one.items()}
    with socket.create_server(("127.0.0.1", 0)) as closed, Origin(routes) as origin:
        dead = closed.getsockname()[1]
        closed.close()
        wanted = {f"{origin.base}{path}": reason for reason, paths in ROUTES.items() for path in paths}
        wanted |= {
            f"http://127.0.0.1:{dead}/": "connection-refused",
            f"https://127.0.0.1:{no_tls}/": "tls-error",
            "http://no-such-host.invalid/": "no-such-host",
            "no address": "no-web-address",
        }
        given, failed = tmp_path / "given", tmp_path / "failed"
        given.write_text("".join(f"{address}\n" for address in wanted))
        settings = {"ROBOTSTXT_OBEY": False, "RETRY_TIMES": 0, "DOWNLOAD_TIMEOUT": 2, "CONTACT": "desk@archive.example"}
        words = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
        place = Place(tmp_path, origin.base)
        done = place.scrapy("crawl", "urls", "-a", f"file={given}", "--failed", str(failed), *words)
    assert done.returncode == 3, done.stderr
    assert dict(line.split("\t") for line in failed.read_text().splitlines()) == wanted


def test_every_reason_is_documented():
    page = (PROJECT_ROOT / "docs/crawling.md").read_text()
    section = page.partition("## Failed and rejected pages")[2].partition("\n## ")[0]
    documented = set(re.findall(r"`([\w-]+)`", section))
    assert not {*REASONS.values(), *CAUSES.values(), *REFUSED.values(), *ROUTES} - documented
