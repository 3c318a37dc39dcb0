"""Replay: the page with its frame, the origin of the player, and the index of a page with what it shows."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import pytest
from open_room import client_of, room_of
from origin import Origin, answer
from recorded_crawl import crawl
from starlette.routing import Route
from starlette.testclient import TestClient
from test_recording_exchanges import HTML

from crawler.room.app import make_app
from crawler.room.index.captures import find
from crawler.room.interfaces.page_captures import addresses_in_page, addresses_in_style, replay_lines
from crawler.room.interfaces.player import is_player, make_player
from crawler.room.interfaces.replay import replay
from crawler.room.search.articles import newest

UNCHANGED = [b'HTTP/1.1 304 Not Modified\r\nETag: "one"\r\n\r\n']
STYLE = b'@import "/more.css"; body { background: url(/back.png) }'
PAGE = """<html><head><link rel="stylesheet preload" href="/style.css"><link rel="icon" href="/icon.png">
<style>p { background: url('/inline.png') }</style></head>
<body><img src="/one.jpg" data-src="/lazy.jpg" srcset="/two.jpg 2x, /not-kept.jpg 3x"><script src="/code.js"></script>
<a href="/other">অন্য</a><p>ঢাকার খবর</p></body></html>""".encode()
CSS = b"Content-Type: text/css"
SHOWN = ("/style.css", "/icon.png", "/inline.png", "/one.jpg", "/two.jpg", "/lazy.jpg", "/more.css", "/back.png")
# Crawled twice; a tuple has the answers of both crawls.
PAGES = {
    "/page": (answer(PAGE, HTML), answer(PAGE + b"<!-- again -->", HTML)),
    "/style.css": (answer(zlib.compress(STYLE), CSS, b'ETag: "one"', b"Content-Encoding: deflate"), UNCHANGED),
    "/more.css": answer(b"p { color: red }", CSS),
    **{path: answer(path.encode(), b"Content-Type: image/png") for path in SHOWN if "css" not in path},
    "/code.js": answer(b"alert(1)", b"Content-Type: text/javascript"),
    "/other": answer(PAGE, HTML),
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The room of two crawls of a page with what it shows, and the address of its server."""
    folder = tmp_path_factory.mktemp("shown")
    with Origin(PAGES) as origin:
        for _ in range(2):
            crawl(folder, [{"url": origin.base + path} for path in PAGES])
        return room_of(folder / "archive", folder), origin.base


@pytest.fixture(scope="module")
def room(crawled, tmp_path_factory):
    """The room of a real crawl, with a player."""
    room = room_of(crawled.root / "archive", tmp_path_factory.mktemp("room"))
    room.replay_origin = ":8001"
    return room


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A folder in the place of the npm package."""
    folder = tmp_path_factory.mktemp("package")
    for name in ("index.html", "ui.js", "sw.js"):
        (folder / name).write_text("// player")
    return folder


@pytest.fixture
def client(room):
    return client_of(room, *make_app(room).routes)


@pytest.fixture
def player(room, package):
    return TestClient(make_player(room, package), follow_redirects=False)


@pytest.fixture(scope="module")
def row(crawled):
    return crawled.rows()[0]


def entries(text):
    return [json.loads(line.split(" ", 2)[2]) for line in text.splitlines()]


def test_an_index_has_a_page_and_what_it_shows(shown):
    room, base = shown
    with room.reading() as connection:
        first, second = find(connection, f"{base}/page")
        for page in (first, second):
            lines = replay_lines(connection, room.storage, page)
            assert lines == sorted(lines)
            assert all(len(line.split(" ")[1]) == 14 for line in lines)
            found = entries("".join(lines))
            assert {entry["url"].removeprefix(base) for entry in found} == {"/page", *SHOWN}
            assert [entry["offset"] for entry in found if entry["url"] == page.url] == [str(page.offset)]


def test_an_index_has_the_originals_of_revisits(shown):
    room, base = shown
    with room.reading() as connection:
        page = list(find(connection, f"{base}/page"))[1]
        styles = list(find(connection, f"{base}/style.css"))
        found = entries("".join(replay_lines(connection, room.storage, page)))
    assert [one.is_revisit for one in styles] == [False, True]
    places = {(entry["filename"], entry["offset"]) for entry in found}
    revisits = [entry for entry in found if entry["mime"] == "warc/revisit"]
    assert (styles[0].name, str(styles[0].offset)) in places
    assert all(entry["url"] != page.url for entry in revisits)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"\0\0", []),
        (b"<base href='/below/'><img src=a.png>", ["http://a.example/below/a.png"]),
        (b"<img src='http://[x'><img src='data:image/png;base64,AA'><img src='javascript:1'>", []),
        (b"<link rel=alternate href=/feed><link rel=stylesheet href=//b.example/s.css>", ["http://b.example/s.css"]),
        (b"<p style='background:url(\"x.png\")'>", ["http://a.example/x.png"]),
    ],
)
def test_addresses_are_those_of_what_is_shown(content, expected):
    assert addresses_in_page(content, "http://a.example/") == expected


def test_a_page_with_thousands_of_pictures_is_bounded():
    pictures = b"".join(b"<img src=/%d.png>" % number for number in range(5000))
    assert len(addresses_in_page(pictures, "http://a.example/")) == 400
    assert len(addresses_in_style("url( " * 9999, "http://a.example/")) == 1


def test_a_version_has_a_page_with_the_player_in_a_frame(client, row):
    page = client.get(f"/replay/{row['id']}", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert f'<iframe src="http://room.example:8001/replay/{row["id"]}/1"' in page.text
    # Scripts of archived pages open no windows and do not leave the frame.
    assert 'sandbox="allow-scripts allow-same-origin allow-forms"' in page.text
    assert page.headers["content-security-policy"].endswith("; frame-src http://room.example:8001")


def test_another_origin_of_the_player_is_used(room, row, monkeypatch):
    monkeypatch.setattr(room, "replay_origin", "https://replay.example.org")
    page = TestClient(make_app(room)).get(f"/replay/{row['id']}")
    assert f'<iframe src="https://replay.example.org/replay/{row["id"]}/1"' in page.text


def test_without_the_player_a_version_leads_to_its_record(room, row, monkeypatch):
    monkeypatch.setattr(room, "replay_origin", None)
    client = TestClient(make_app(room), follow_redirects=False)
    answer = client.get(f"/replay/{row['id']}")
    assert answer.status_code == 303
    record = client.get(answer.headers["location"])
    assert (record.status_code, len(record.content)) == (200, row["warc"]["length"])


@pytest.mark.parametrize("path", ["..%2f..", "x", "00000000-0000-0000-0000-000000000000", "%00", "x" * 3000])
def test_unknown_articles_are_not_found(client, player, path):
    assert client.get(f"/replay/{path}").status_code == 404
    assert player.get(f"/replay/{path}/1").status_code == 404
    assert player.get(f"/records/{path}.1.cdxj").status_code == 404


@pytest.mark.parametrize("version", ["0", "2", "-1", "x", "১", "9" * 30])
def test_unknown_versions_are_not_found(client, row, version):
    assert client.get(f"/replay/{row['id']}", params={"version": version}).status_code == 404


@pytest.mark.parametrize("host", ["evil.example; script-src *", "a b", '"><script>', "[::1]:8000", "room.example:80"])
def test_a_strange_host_is_no_part_of_a_page(client, row, host):
    page = client.get(f"/replay/{row['id']}", headers={"Host": host})
    if page.status_code == 400:
        assert "script-src *" not in page.headers.get("content-security-policy", "")
    else:
        assert f"http://{host.rpartition(':')[0]}:8001" in page.headers["content-security-policy"]


def test_a_page_that_was_not_kept_has_a_clear_line(tmp_path, kept):
    room = room_of(kept.archive, tmp_path)
    room.replay_origin = ":8001"
    client = client_of(room, Route("/replay/{id}", replay))
    with room.reading() as connection:
        row = newest(connection, 1)[0]
    (kept.archive / row["warc"]["file"]).unlink()
    page = client.get(f"/replay/{row['id']}", headers={"Accept-Language": "en"})
    assert page.status_code == 404
    assert "The archive has not kept this page." in page.text
    assert "is not in the archive" in page.text
    assert "<iframe" not in page.text


def test_the_player_has_the_page_the_index_and_the_records(player, row):
    page = player.get(f"/replay/{row['id']}/1")
    assert page.status_code == 200
    assert f'source="/records/{row["id"]}.1.cdxj"' in page.text
    assert player.get("/player/ui.js").text == "// player"
    # The service worker has the same page, but may not answer yet.
    assert player.get("/player/?source=x").text == "// player"
    lines = player.get(f"/records/{row['id']}.1.cdxj")
    (entry, *_) = (one for one in entries(lines.text) if one["offset"] == str(row["warc"]["offset"]))
    first, last = int(entry["offset"]), int(entry["offset"]) + int(entry["length"]) - 1
    record = player.get(f"/records/{entry['filename']}", headers={"Range": f"bytes={first}-{last}"})
    assert (record.status_code, len(record.content)) == (206, int(entry["length"]))


def test_the_player_lets_nothing_reach_the_web(player, row):
    for path in (f"/replay/{row['id']}/1", "/player/sw.js", f"/records/{row['id']}.1.cdxj", "/unknown"):
        policy = player.get(path).headers["content-security-policy"]
        assert policy.startswith("default-src 'self'")
        assert not {"*", "http:", "https:"} & set(policy.replace(";", " ").split())


def test_a_player_is_a_folder_with_its_files(package, tmp_path):
    assert is_player(package)
    assert not is_player(tmp_path)
    assert not is_player(Path("/nowhere"))
