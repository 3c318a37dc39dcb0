"""The reading room and the clients of web archives: cdx_toolkit, wayback, a Memento client, and ReplayWeb.page."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import shutil
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import timedelta
from unicodedata import normalize
from urllib.parse import urlsplit

import pytest
import warm
from origin import answer
from test_recording_exchanges import HTML
from verify_tools import PEER, STARTED, Run, row_of

from crawler.archive.storage import storage_for
from crawler.archive.storage.directory import DirectoryStorage
from crawler.model.article import article_id
from crawler.recording.exchange import Exchange
from interop.foreign import CLIENTS, ROOT, TOOLS, Archive, run

SITE = "room.example"
STYLE = b"body { color: rgb(1, 2, 3) }"
PAGES = [
    f'<html><head><link rel="stylesheet" href="/style.css"></head><body><p>{text}</p></body></html>'.encode()
    for text in ("ঢাকার খবর", "খুলনার খবর")
]


def exchange(url, body, *headers, status=b"200 OK", moment=0):
    """Return an exchange that ended well, `moment` seconds into the run."""
    seen = Exchange(url=url, method="GET", started=STARTED + timedelta(seconds=moment))
    seen.peer = PEER
    seen.send(f"GET {url} HTTP/1.1\r\nHost: {SITE}\r\n\r\n".encode())
    seen.receive(b"".join(answer(body, *headers, status=status)))
    seen.end("complete")
    return seen


def edited_article(archive):
    """Write an article's redirect, stylesheet and two versions; return the captures of redirect and versions."""
    run, article = Run(archive), f"https://{SITE}/article/1"
    redirect, _, *versions = run.keep(
        exchange(f"http://{SITE}/1", b"", b"Location: " + article.encode(), status=b"301 Moved Permanently"),
        exchange(f"https://{SITE}/style.css", STYLE, b"Content-Type: text/css", moment=1),
        exchange(article, PAGES[0], HTML, moment=2),
        exchange(article, PAGES[1], HTML, moment=3600),
    )
    digest = None
    for number, version in enumerate(versions, 1):
        line, digest = row_of(version, "1", number, digest)
        run.rows(line)
    run.end()
    return redirect, versions


@contextmanager
def opened(archive, spool):
    """Open a room on the archive at a URL; yield its address without a last slash."""
    places = {"KHOBOR_ARCHIVE_URL": str(archive), "KHOBOR_SPOOL_DIR": str(spool)}
    environment = {**os.environ, **places, "SCRAPY_PROJECT": "test"}
    command = [sys.executable, "-m", "scrapy", "room", "--port", "0"]
    with warm.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().split()[0].rstrip("/")
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def kept(news, tmp_path_factory):
    """The crawled archive with an edited article, and the captures of that."""
    folder = tmp_path_factory.mktemp("kept") / "archive"
    shutil.copytree(news.folder, folder)
    return Archive(folder), *edited_article(folder)


@pytest.fixture(scope="module")
def room(kept, tmp_path_factory):
    with opened(kept[0].folder, tmp_path_factory.mktemp("spool")) as address:
        yield address


@pytest.fixture(scope="module")
def rows(news):
    """The rows of the crawl, oldest first."""
    paths = sorted(news.folder.rglob("*.jsonl.gz"))
    lines = [line for path in paths for line in gzip.decompress(path.read_bytes()).splitlines()]
    return sorted(map(json.loads, lines), key=lambda row: row["fetched_at"])


@pytest.fixture(scope="module")
def pages(news, kept, rows):
    """The addresses of an article, of a redirect, and of a page with a revisit."""
    repeated = next(fields["url"] for _, fields in news.lines if fields["mime"] == "warc/revisit")
    return {"article": rows[0]["url"], "redirect": kept[1].url, "repeated": repeated}


@pytest.fixture(scope="module")
def captures(news):
    """Timestamp, address and status of each capture."""
    return sorted([stamp, fields["url"], fields["status"]] for stamp, fields in news.lines)


@pytest.fixture(scope="module")
def seen(room, pages):
    """What the clients report."""
    host = urlsplit(pages["article"]).netloc
    done = run(CLIENTS / "python", "tests/interop/room_clients.py", room, host, given=json.dumps(pages))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def stamps_of(captures, url):
    return [stamp for stamp, known, _ in captures if known == url]


def test_cdx_toolkit_finds_every_capture(seen, captures):
    found = seen["cdx_toolkit"]
    assert sorted(found["iterated"]) == captures
    assert (found["got"], found["limited"], found["pages"], found["dated"]) == (len(captures), 7, 1, 0)
    assert 0 < found["filtered"] < len(captures)
    assert found["unknown"] == [[], []]


def test_cdx_toolkit_fetches_mementos_records_and_revisits(seen, rows):
    found = seen["cdx_toolkit"]
    assert rows[0]["title"] in normalize("NFC", found["memento"])
    assert found["record"] == found["memento"]
    assert found["revisits"]
    assert all("<html" in text or "<rss" in text or "<urlset" in text for text in found["revisits"])


def test_wayback_finds_every_capture(seen, captures, pages):
    found = seen["wayback"]
    assert sorted(found["found"]) == sorted([stamp, url] for stamp, url, _ in captures)
    assert found["newest"] == stamps_of(captures, pages["repeated"])[-1:]


def test_wayback_fetches_mementos_and_follows_redirects(seen, rows, pages):
    found = seen["wayback"]
    assert (rows[0]["title"] in normalize("NFC", found["memento"]), found["url"]) == (True, pages["article"])
    assert {"original", "timegate", "timemap"} <= set(found["links"])
    assert found["early"] == pages["article"]
    history, target, status = found["redirected"]
    assert (history, target, status) == ([pages["redirect"]], f"https://{SITE}/article/1", 200)
    assert len(found["versions"]) > 1
    assert all(found["versions"])
    assert found["unknown"] == "NoMementoError"


def test_a_memento_client_finds_the_captures_of_a_moment(seen, room, captures, pages):
    found, url = seen["memento"], pages["repeated"]
    stamps = stamps_of(captures, url)
    first, last = (f"{room}/web/{stamp}id_/{url}" for stamp in (stamps[0], stamps[-1]))
    assert (found["early"]["closest"], found["late"]["closest"]) == (first, last)
    for one in (found["early"], found["late"]):
        assert (one["original"], one["first"], one["last"]) == (url, first, last)
    assert (found["is_timegate"], found["is_memento"], found["original"]) == (True, True, url)


def test_each_version_is_replayed_with_its_stylesheet_and_nothing_else(kept, room, tmp_path):
    wanted = []
    for number, (version, text) in enumerate(zip(kept[2], ["ঢাকার খবর", "খুলনার খবর"], strict=True), 1):
        address = f"{room}/replay/{article_id('samakal', '1')}?version={number}"
        wanted.append((address, f"{version.date:%Y%m%d%H%M%S}", text))
    done = run(TOOLS / "python", "tests/interop/replay_room_in_chromium.py", tmp_path, given=json.dumps(wanted))
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["pages"] == [[True, "rgb(1, 2, 3)", True]] * 4, tmp_path
    # The room, and the player beside it.
    assert all(len(origins) == 2 for origins in seen["origins"])


def got(address):
    """Return status, body and type of an answer, whose redirect is not followed."""
    with closing(http.client.HTTPConnection(urlsplit(address).netloc)) as connection:
        connection.request("GET", f"/{address.split('/', 3)[3]}")
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read()


def test_a_room_on_a_bucket_sends_the_same_records_and_mementos(kept, room, server, tmp_path, monkeypatch):
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    bucket, storage = f"s3://{server.new_bucket()}/below", DirectoryStorage(kept[0].folder)
    for key, _ in storage.list():
        storage_for(bucket).put(storage.root / key, key)
    with opened(bucket, tmp_path) as other:
        for stamp, fields in kept[0].lines:
            for path in (f"web/{stamp}id_/{fields['url']}", f"records/{fields['filename']}?offset={fields['offset']}"):
                assert got(f"{other}/{path}") == got(f"{room}/{path}"), path
