"""Archives of real crawls, made once for all foreign programs."""

from __future__ import annotations

import gzip
import os
import sys
import time
from dataclasses import dataclass

import pytest
import warm
from origin import Logged, Origin, answer, chunked
from recorded_crawl import crawl
from test_recording_exchanges import HTML, PAGE, ROUTES, TE, requests_for

from interop import seaweedfs
from interop.foreign import ROOT, Archive, Notebook, Visit

OUTLET = "demo_daily"
PACKED = gzip.compress(PAGE, mtime=0)
TAGGED = b'ETag: "one"'
UNCHANGED = [b'HTTP/1.1 304 Not Modified\r\nETag: "one"\r\n\r\n']
# Routes that are crawled twice; a tuple has the answers of both crawls.
TWICE = {
    "/same": answer(PAGE, HTML),
    "/same-gzip": answer(PACKED, HTML, b"Content-Encoding: gzip"),
    "/same-chunked": [TE + b"\r\n" + chunked(PAGE[:700], PAGE[700:])],
    "/other-chunks": ([TE + b"\r\n" + chunked(PAGE[:700], PAGE[700:])], [TE + b"\r\n" + chunked(PAGE[:9], PAGE[9:])]),
    "/changes": (answer(PAGE, HTML), answer(PAGE + b"<!-- again -->", HTML)),
    "/tagged": (answer(PAGE, HTML, TAGGED), UNCHANGED),
    "/tagged-gzip": (answer(PACKED, HTML, TAGGED, b"Content-Encoding: gzip"), UNCHANGED),
    "/tagged-chunked": ([TE + TAGGED + b"\r\n\r\n" + chunked(PAGE[:700], PAGE[700:])], UNCHANGED),
}


@dataclass(frozen=True)
class Crawled(Archive):
    """An archive and the log of the crawled server."""

    log: list[Logged]
    base: str


@pytest.fixture(scope="session")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """A crawl of the awkward routes."""
    folder = tmp_path_factory.mktemp("awkward")
    with Origin(ROUTES) as origin:
        crawl(folder, requests_for(origin.base, [path for path in ROUTES if path != "/robots.txt"]))
        return Crawled(folder / "archive", list(origin.log), origin.base)


@pytest.fixture(scope="session")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """Two crawls of the same routes in different seconds, the precision of an index."""
    folder = tmp_path_factory.mktemp("twice")
    with Origin(TWICE) as origin:
        for _ in range(2):
            crawl(folder, [{"url": origin.base + path} for path in TWICE])
            time.sleep(1)
        return Crawled(folder / "archive", list(origin.log), origin.base)


@pytest.fixture(scope="module")
def server():
    with seaweedfs.running() as server:
        yield server


@dataclass(frozen=True)
class News(Archive):
    """An archive of OUTLET, and our command line for it."""

    def scrapy(self, *words: object) -> None:
        """Run one of our commands and require exit code 0."""
        spool = self.folder.with_name("spool")
        places = {"KHOBOR_ARCHIVE_URL": str(self.folder), "KHOBOR_SPOOL_DIR": str(spool)}
        environment = {**os.environ, **places, "SCRAPY_PROJECT": "test", "KHOBOR_CONTACT": "archive@example.org"}
        command = [sys.executable, "-m", "scrapy", *map(str, words)]
        done = warm.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def news(tmp_path_factory: pytest.TempPathFactory, demo) -> News:
    """Three days of a demo outlet, the last two crawled twice."""
    made = News(tmp_path_factory.mktemp("news") / "archive")
    options = ["-s", f"DEMO_URL={demo.url}", "-s", "DOWNLOAD_DELAY=0", "-s", "LOG_LEVEL=WARNING"]
    for since in ("2026-11-22", "2026-11-23"):
        made.scrapy("crawl", OUTLET, "-a", f"since={since}", "-a", "until=2026-11-24", *options)
    return made


@dataclass(frozen=True)
class Notes(News):
    """An archive of captures made by hand."""

    visits: list[Visit]


@pytest.fixture(scope="session")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Notes:
    """Both kinds of revisit to plain, compressed and chunked originals, with another version between."""
    folder = tmp_path_factory.mktemp("notes") / "archive"
    notebook = Notebook(folder, OUTLET)
    other = PAGE.replace("ঢাকার".encode(), "খুলনার".encode())
    head = b"HTTP/1.1 200 OK\r\n" + HTML + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
    sent = {
        "plain": lambda body: answer(body, HTML)[0],
        "gzip": lambda body: answer(gzip.compress(body, mtime=0), HTML, b"Content-Encoding: gzip")[0],
        "chunked": lambda body: head + chunked(body[:700], body[700:]),
    }
    for name, make in sent.items():
        wanted = {body: gzip.compress(body, mtime=0) if name == "gzip" else body for body in (PAGE, other)}
        original = notebook.visit(f"/{name}", make(PAGE), wanted[PAGE])
        notebook.visit(f"/{name}", make(other), wanted[other])
        notebook.visit(f"/{name}", make(PAGE), wanted[PAGE], original)
        notebook.visit(f"/{name}", UNCHANGED[0], wanted[PAGE], original, is_conditional=True)
    notebook.close()
    return Notes(folder, notebook.visits)


@pytest.fixture(scope="session", params=["awkward", "twice", "news", "notes"])
def archive(request: pytest.FixtureRequest) -> Archive:
    """Each archive in turn."""
    return request.getfixturevalue(request.param)
