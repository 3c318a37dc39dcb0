"""`scrapy extract` as a user runs it: files, addresses, standard input, lines of JSON."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import warm
from jsonschema import Draft202012Validator
from origin import Origin, answer

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "tests" / "pages"
GENERIC, CHALLENGE = PAGES / "generic.html", PAGES / "refused_challenge.html"
TITLE = json.loads((PAGES / "generic.json").read_text("utf-8"))["title"]
SAMAKAL = "https://samakal.com/bangladesh/article/340205/slug"
VALIDATOR = Draft202012Validator(json.loads((ROOT / "crawler" / "archive" / "article.schema.json").read_text("utf-8")))


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    """An environment whose archive, spool and state are below an empty folder, and no contact."""
    names = {"KHOBOR_ARCHIVE_URL": "archive", "KHOBOR_SPOOL_DIR": "spool", "KHOBOR_STATE_URL": "state.db"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KHOBOR_", "SCRAPY_"))}
    places = {name: str(tmp_path / "deployment" / value) for name, value in names.items()}
    return {**kept, **places, "KHOBOR_CONTACT": ""}


def extract(*arguments: str | Path, places: dict[str, str], given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "scrapy", "extract", *map(str, arguments)]
    return warm.run(command, cwd=ROOT, env=places, input=given, capture_output=True, timeout=60)


def one_line(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the one line on standard error of a command that printed nothing else."""
    assert done.stdout == b""
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1
    return lines[0]


def test_a_gzipped_page_is_read_from_standard_input(places: dict[str, str]) -> None:
    packed = gzip.compress(GENERIC.read_bytes())
    row = json.loads(extract("-", "--outlet", "ittefaq", places=places, given=packed).stdout)
    assert (row["title"], row["outlet"]) == (TITLE, "ittefaq")


def test_a_page_without_an_address_gives_its_own(places: dict[str, str]) -> None:
    markup = GENERIC.read_text("utf-8").replace("</head>", f'<link rel="canonical" href="{SAMAKAL}"></head>')
    row = json.loads(extract("-", places=places, given=markup.encode()).stdout)
    assert (row["outlet"], row["url"]) == ("samakal", SAMAKAL)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([CHALLENGE], 1, "challenge"),
        (["no-such-file.html"], 1, "no-such-file.html can't be read: No such file"),
        ([GENERIC, "--outlet", "nobody"], 2, "unknown outlet 'nobody'"),
        ([GENERIC, "--url", "nonsense"], 1, "nonsense is not a web address"),
        ([GENERIC, "--fetched", "yesterday"], 1, "yesterday is not a time"),
        ([], 2, "one page"),
        ([""], 2, "empty"),
        ([GENERIC, CHALLENGE], 2, "one page"),
        (["--jsonl", "lines", "--outlet", "samakal"], 2, "--jsonl takes no other page"),
        (["--jsonl", "no-such-file.jsonl"], 2, "no-such-file.jsonl can't be read: No such file"),
        (["--jsnl", "lines"], 2, "no option --jsnl"),
        (["--jsonl", "lines", "--explain"], 2, "--jsonl takes no other page"),
        (["-s", "EXTRACT_KEEP=teasers", GENERIC], 2, "EXTRACT_KEEP=teasers is not one of captions, cells"),
        (["http://127.0.0.1:9/x"], 1, "private address"),
        (["https://example.org/x"], 1, "CONTACT"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_mistake_is_one_clear_line(arguments: list[str | Path], code: int, said: str, places: dict[str, str]) -> None:
    done = extract(*arguments, places=places)
    assert done.returncode == code
    assert said in one_line(done)


@pytest.mark.parametrize("is_before", [False, True], ids=["after the page", "before the page"])
def test_explain_writes_a_page_for_the_browser(is_before: bool, places: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "explained.html"
    arguments = ["--explain", file, GENERIC] if is_before else [GENERIC, "--explain", file]
    done = extract(*arguments, places=places)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    written = file.read_text("utf-8")
    assert written.startswith("<!DOCTYPE html>")
    assert written.count('<p class="kept">') > 1
    assert '<p class="dropped" title="It repeats the headline."><b>title</b>' in written


def test_explain_replaces_a_file_only_with_force(places: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "explained.html"
    file.write_text("precious")
    done = extract(GENERIC, "--explain", file, places=places)
    assert (done.returncode, file.read_text()) == (2, "precious")
    assert done.stderr.decode() == f"khobor: {file} already exists; --force replaces it\n"
    assert extract(GENERIC, "--explain", file, "--force", places=places).returncode == 0
    assert file.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_explain_directly_before_a_page_explains_that_page(places: dict[str, str]) -> None:
    done = extract("--explain", GENERIC, places=places)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"- ")
    assert GENERIC.read_text("utf-8").startswith("<")


def test_explain_says_why_a_page_is_refused(places: dict[str, str], tmp_path: Path) -> None:
    done = extract(CHALLENGE, "--explain", places=places)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "not an article: challenge: " in done.stdout.decode()
    assert extract(CHALLENGE, "--explain", tmp_path / "refused.html", places=places).returncode == 0
    assert "not an article: challenge: " in (tmp_path / "refused.html").read_text("utf-8")


def test_the_setting_keep_reaches_article_and_explanation(places: dict[str, str], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    figure = "<figure><video></video><figcaption>সেতুর ভাঙা অংশ</figcaption></figure>"
    first = json.loads((PAGES / "generic.json").read_text("utf-8"))["text"][0]
    page.write_text(GENERIC.read_text("utf-8").replace(f"{first}</p>", f"{first}</p>{figure}"), "utf-8")
    kept = ("-s", "EXTRACT_KEEP=captions,cells", page)
    assert json.loads(extract(*kept, places=places).stdout)["extractor"]["keep"] == ["captions", "cells"]
    assert "caption " in extract(page, "--explain", places=places).stdout.decode()
    assert "caption " not in extract(*kept, "--explain", places=places).stdout.decode()


def test_lines_of_json_are_answered_in_order(places: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "packed.html.gz").write_bytes(gzip.compress(GENERIC.read_bytes()))
    lines: list[dict[str, Any] | str] = [
        {"path": str(GENERIC), "url": SAMAKAL, "fetched_at": "2026-11-24T10:15:00Z"},
        "not JSON",
        {"path": "packed.html.gz", "outlet": "ittefaq"},
        {"path": str(CHALLENGE)},
        {"path": "nowhere.html"},
        {"html": GENERIC.read_text("utf-8"), "url": "https://news.example/1"},
        {"html": "<p>x", "outlet": "nobody"},
        {"url": SAMAKAL},
        {"path": 7},
        "[]",
        "",
        {"html": GENERIC.read_text("utf-8"), "fetched_at": "soon"},
        {"path": str(GENERIC), "url": None, "outlet": None},
    ]
    asked = tmp_path / "pages.jsonl"
    asked.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    done = extract("--jsonl", asked, places=places)
    assert (done.returncode, done.stderr) == (0, b"")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["error"]["reason"] if "error" in row else row["outlet"] for row in rows] == [
        *("samakal", "bad-line", "ittefaq", "challenge", "unreadable", "urls", "unknown-outlet"),
        *("bad-line", "bad-line", "bad-line", "bad-time", "urls"),
    ]
    assert [row["error"]["line"] for row in rows if "error" in row] == [2, 4, 5, 7, 8, 9, 10, 12]
    for row in rows:
        if "error" not in row:
            VALIDATOR.validate(row)
            assert row["title"] == TITLE
    assert not (tmp_path / "deployment").exists()


def test_an_odd_line_does_not_stop_the_others(places: dict[str, str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(bytes(65 * 1024 * 1024)))
    odd = ["a" * 300, "/dev/zero", "pipe", str(tmp_path), "x\0y", "\ud800", ["x"], {"x": 1}, "bomb.gz"]
    moments = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
    lines: list[dict[str, Any]] = [{"path": value} for value in odd]
    lines += [{"html": "<p>x", "fetched_at": value} for value in moments]
    lines += [{"html": 7}, {"html": "<p>x", "url": "https://news.example/a\n1"}, {"html": GENERIC.read_text("utf-8")}]
    asked = tmp_path / "pages.jsonl"
    asked.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    rows = [json.loads(line) for line in extract("--jsonl", asked, places=places).stdout.splitlines()]
    assert [row["error"]["reason"] for row in rows[:-1]] == [
        *["unreadable"] * 6,
        *("bad-line", "bad-line", "too-large", "bad-time", "bad-time", "bad-line", "bad-address"),
    ]
    assert (rows[-1]["title"], rows[-1]["fetched_at"]) == (TITLE, None)


def test_lines_that_cannot_be_read_to_their_end_are_an_error(places: dict[str, str]) -> None:
    done = extract("--jsonl", "/proc/self/mem", places=places)
    assert done.returncode == 1
    assert "the lines can't be read to their end" in one_line(done)


def test_a_full_disk_is_one_clear_line(places: dict[str, str]) -> None:
    command = [sys.executable, "-m", "scrapy", "extract", str(GENERIC)]
    with Path("/dev/full").open("wb") as full:
        done = warm.run(command, cwd=ROOT, env=places, stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert (done.returncode, done.stderr) == (1, b"khobor: standard output: No space left on device\n")


def test_ctrl_c_ends_it_at_once_with_one_line(places: dict[str, str]) -> None:
    command = [sys.executable, "-m", "scrapy", "extract", "--jsonl", "-"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with warm.Popen(command, cwd=ROOT, env=places, **pipes) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdin.write(json.dumps({"path": str(GENERIC)}).encode() + b"\n")
        running.stdin.flush()
        assert running.stdout.readline()
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=60) == 130
        assert running.stderr.read() == b"khobor: interrupted\n"


def test_it_ends_quietly_when_the_reader_goes_away(places: dict[str, str], tmp_path: Path) -> None:
    asked = tmp_path / "pages.jsonl"
    asked.write_text((json.dumps({"path": str(GENERIC)}) + "\n") * 300, "utf-8")
    command = [sys.executable, "-m", "scrapy", "extract", "--jsonl", str(asked)]
    with warm.Popen(command, cwd=ROOT, env=places, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 0


@pytest.fixture
def origin() -> Iterator[str]:
    """A web server on loopback with a page, and a robots.txt that closes /private/ to everybody."""
    page = answer(GENERIC.read_bytes(), b"Content-Type: text/html")
    robots = answer(b"User-agent: *\nDisallow: /private/\n", b"Content-Type: text/plain")
    with Origin({"/robots.txt": robots, "/page.html": page, "/private/page.html": page}) as origin:
        yield origin.base


ALLOWED = ("-s", "ALLOW_PRIVATE_ADDRESSES=True", "-s", "DOWNLOAD_DELAY=0")


def test_an_address_is_fetched_and_nothing_stored(places: dict[str, str], origin: str, tmp_path: Path) -> None:
    done = extract(*ALLOWED, f"{origin}/page.html", places=places)
    assert (done.returncode, done.stderr) == (0, b"")
    row = json.loads(done.stdout)
    assert (row["title"], row["url"], row["http_status"]) == (TITLE, f"{origin}/page.html", 200)
    assert not (tmp_path / "deployment").exists()


@pytest.mark.parametrize(("path", "said"), [("/private/page.html", "robots"), ("/nothing.html", "http-404")])
def test_an_address_that_cannot_be_fetched_is_one_line(
    path: str, said: str, places: dict[str, str], origin: str
) -> None:
    done = extract(*ALLOWED, f"{origin}{path}", places=places)
    assert done.returncode == 1
    assert said in one_line(done)
