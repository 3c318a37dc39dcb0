"""Run other people's programs, and write archives for them to read."""

from __future__ import annotations

import http.client
import io
import json
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from verify_tools import row_of

from crawler.archive.names import key_of
from crawler.model.capture import Capture
from crawler.recording.exchange import Exchange
from crawler.recording.segments import Segment
from crawler.recording.warc import WarcFile

ROOT = Path(__file__).resolve().parent.parent.parent
TOOLS = ROOT / ".venv-interop" / "bin"
PYWB = ROOT / ".venv-pywb" / "bin"
CLIENTS = ROOT / ".venv-clients" / "bin"
PLAYER = ROOT / ".room" / "package"
AXE = ROOT / ".interop-axe" / "package" / "axe.min.js"
# gzip checks completeness, warcio digests and members, fastwarc block digests. fastwarc's payload check (-p) is left
# out: it computes digests over the payload that revisits lack.
CHECKS = [["gzip", "-t"], [TOOLS / "warcio", "check"], [TOOLS / "fastwarc", "check"]]
START_SECONDS = 60
FIRST = datetime(2026, 11, 24, 10, 0, 0, 123456, tzinfo=UTC)


@dataclass(frozen=True)
class Archive:
    """The files of a crawl."""

    folder: Path

    @property
    def warcs(self) -> list[Path]:
        return sorted(self.folder.rglob("*.warc.gz"))

    @property
    def lines(self) -> list[tuple[str, dict[str, str]]]:
        """The lines of all indexes: timestamp and fields."""
        texts = [path.read_text("ascii") for path in sorted(self.folder.rglob("*.cdxj"))]
        return [read_line(line) for text in texts for line in text.splitlines()]


def read_line(line: str) -> tuple[str, dict[str, str]]:
    """Return timestamp and fields of an index line."""
    _, stamp, fields = line.split(" ", 2)
    return stamp, json.loads(fields)


def path_of(url: str) -> str:
    """Return the path of an address."""
    return "/" + url.split("/", 3)[3].partition("?")[0]


def run(*words: object, cwd: Path | None = None, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program to its end, with `given` as standard input."""
    words = tuple(map(str, words))
    return subprocess.run(words, cwd=cwd, input=given, capture_output=True, text=True, check=False, timeout=200)


class _Sent:
    """Received bytes with the interface of a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, *_: object) -> io.BytesIO:
        return io.BytesIO(self._data)


@dataclass(frozen=True)
class Answer:
    """An answer as a client sees it, without transfer coding, with content coding."""

    status: int
    location: str | None
    body: bytes


def answer_in(sent: bytes) -> Answer | None:
    """Return the answer that Python's HTTP client reads from a server's bytes, None if it is incomplete."""
    final = re.sub(rb"\A(?:HTTP/1\.1 1\d\d [^\n]*\n(?:[^\r\n]+\r\n)*\r\n)+", b"", sent)
    response = http.client.HTTPResponse(_Sent(final))  # type: ignore[arg-type]
    try:
        response.begin()
        return Answer(response.status, response.headers["Location"], response.read())
    except (http.client.HTTPException, OverflowError, ValueError):
        return None


def _all_of(answer: http.client.HTTPResponse | urllib.error.HTTPError) -> bytes:
    try:
        return answer.read()
    except http.client.IncompleteRead as error:
        return error.partial


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@dataclass(frozen=True)
class Wayback:
    """A running pywb with one collection, indexed by pywb itself."""

    base: str

    def get(self, stamp: str, url: str) -> tuple[Answer, str | None]:
        """Return a capture as pywb replays it, not rewritten, and its timestamp by pywb (14 digits)."""
        opener = urllib.request.build_opener(_NoRedirect)
        # Without this header pywb decompresses the body.
        wanted = urllib.request.Request(f"{self.base}/slice/{stamp}id_/{url}", headers={"Accept-Encoding": "gzip"})
        try:
            answer = opener.open(wanted, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            moment = answer.headers["Memento-Datetime"]
            stamp = f"{parsedate_to_datetime(moment):%Y%m%d%H%M%S}" if moment else None
            return Answer(answer.status, answer.headers["Location"], _all_of(answer)), stamp


@contextmanager
def wayback(folder: Path, warcs: list[Path]) -> Iterator[Wayback]:
    """Serve WARCs in a new collection of pywb on loopback."""
    folder.mkdir(parents=True)
    for words in (["init", "slice"], ["add", "slice", *warcs]):
        done = run(PYWB / "wb-manager", *words, cwd=folder)
        assert done.returncode == 0, done.stderr
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [PYWB / "wayback", "-b", "127.0.0.1", "-p", str(port)]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as server:
        try:
            _await(port, server, folder / "log")
            yield Wayback(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()


def _await(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_SECONDS * 10):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert server.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError("pywb did not start")


@dataclass(frozen=True)
class Visit:
    """A capture made by hand, and the body that its replay must return."""

    capture: Capture
    body: bytes

    @property
    def url(self) -> str:
        return self.capture.url

    @property
    def stamp(self) -> str:
        return f"{self.capture.date:%Y%m%d%H%M%S}"


class Notebook:
    """Writes captures to an archive with the recorder's code, without a network."""

    def __init__(self, folder: Path, outlet: str) -> None:
        self.visits: list[Visit] = []
        self._outlet = outlet
        stem = f"khobor-{outlet}-20261124T100000000-00001-host"
        fields = {"software": "khobor", "format": "WARC File Format 1.1"}
        self._segment = Segment(folder, WarcFile.create(folder, key_of("warc", stem), fields), [])

    def visit(self, path: str, response: bytes, body: bytes, original=None, is_conditional: bool = False):
        """Record an exchange a minute after the last; return the original for later revisits."""
        started = FIRST + timedelta(minutes=len(self.visits))
        exchange = Exchange(
            f"http://notes.example{path}", "GET", original=original, is_conditional=is_conditional, started=started
        )
        exchange.send(b"GET %b HTTP/1.1\r\nHost: notes.example\r\n\r\n" % path.encode())
        exchange.receive(response)
        exchange.end("complete")
        capture = self._segment.warc.write(exchange)
        self.visits.append(Visit(capture, body))
        return capture.original

    def close(self) -> None:
        """Finish the segment, with a row for each capture."""
        self._segment.sync([visit.capture.index_line for visit in self.visits])
        self._segment.append_rows([row_of(visit.capture, visit.url, outlet=self._outlet)[0] for visit in self.visits])
        self._segment.finish([])
