"""The writer: what it acknowledges is on disk, in the order of durability, and its failures are loud."""

import gzip
import io
import json
import os
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from place import full_disk
from warcio.archiveiterator import ArchiveIterator

from crawler.archive.names import run_name
from crawler.model.article import Article, article_id
from crawler.model.listing import Page, Verdict
from crawler.recording.exchange import Exchange
from crawler.recording.files import LineFile, RunFiles
from crawler.recording.robots import Robots
from crawler.recording.writer import Writer, WriterFailed
from crawler.state import State

STARTED = datetime(2026, 11, 24, 10, 15, 0, 123000, tzinfo=UTC)


def exchange(url="https://samakal.com/bangladesh/article/1", body=b"<p>one</p>", started=STARTED):
    seen = Exchange(url=url, method="GET", started=started)
    seen.send(f"GET {url} HTTP/1.1\r\nHost: samakal.com\r\n\r\n".encode())
    seen.receive(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    seen.end("complete")
    return seen


def verdict(seen, key="1", digest="sha256:a", outcome="article"):
    page = Page("samakal", seen.url, b"", key=key, capture=seen.capture)
    if outcome != "article":
        return Verdict(page, outcome)
    article = Article(article_id("samakal", key), "samakal", seen.url, seen.url, "শিরোনাম", text_digest=digest)
    return Verdict(page, outcome, article)


def call(function):
    """Have a function called in another thread, as the reactor's."""
    threading.Thread(target=function, name="reactor", daemon=True).start()


@pytest.fixture
def run(tmp_path):
    state = State(f"sqlite:///{tmp_path}/state.db")
    failed = threading.Event()

    def begin(size=10**9, age=3600.0):
        files = RunFiles(tmp_path / "spool", "samakal", STARTED, {"software": "khobor"}, size, age)
        return Writer(files, state, "national", call, lambda error: failed.set())

    begin.state, begin.spool, begin.failed = state, tmp_path / "spool", failed
    yield begin
    state.close()


def rows_of(spool, finished):
    return [
        json.loads(line)
        for file in finished
        if file.file.startswith("articles/")
        for line in gzip.decompress((spool / file.file).read_bytes()).splitlines()
    ]


def test_a_capture_is_acknowledged_once_its_record_is_on_disk(run):
    writer = run()
    seen = exchange()
    writer.submit(seen)
    capture = seen.capture.result(timeout=60)
    growing = (run.spool / (capture.file + ".open")).read_bytes()
    member = growing[capture.offset : capture.offset + capture.length]
    assert b"<p>one</p>" in gzip.decompress(member)
    index = next(run.spool.rglob("*.cdxj.open")).read_text()
    assert capture.index_line + "\n" in index
    writer.finish()


def test_a_row_points_at_the_record_it_was_read_from(run):
    writer = run()
    seen = [exchange(f"https://samakal.com/a/article/{n}", b"<p>page %d</p>" % n) for n in range(20)]
    for number, one in enumerate(seen):
        writer.submit(one)
        writer.submit(verdict(one, str(number)))
    finished = writer.finish()
    rows = rows_of(run.spool, finished)
    assert len(rows) == writer.rows == 20
    for number, row in enumerate(rows):
        data = (run.spool / row["warc"]["file"]).read_bytes()[row["warc"]["offset"] :][: row["warc"]["length"]]
        record = next(iter(ArchiveIterator(io.BytesIO(data))))
        assert record.rec_headers.get_header("WARC-Record-ID") == row["warc"]["record_id"]
        assert record.content_stream().read() == b"<p>page %d</p>" % number


def test_finished_files_carry_the_run_name_and_none_stays_open(run):
    writer = run()
    seen = exchange()
    writer.submit(seen)
    writer.submit(verdict(seen))
    finished = [file.file for file in writer.finish()]
    name = run_name("samakal", STARTED)
    assert f"articles/outlet=samakal/crawl_month=2026-11/{name}.jsonl.gz" in finished
    assert [file.split("/")[0] for file in finished] == ["warc", "index", "articles"]
    assert sorted(str(path.relative_to(run.spool)) for path in run.spool.rglob("*") if path.is_file()) == sorted(
        finished
    )


def test_state_knows_an_article_only_once_its_row_is_written(run):
    writer = run()
    seen = exchange()
    writer.submit(seen)
    seen.capture.result(timeout=60)
    assert run.state.known("samakal", ["1"], "national").done == set()
    writer.submit(verdict(seen))
    writer.finish()
    assert run.state.known("samakal", ["1"], "national").done == {"1"}


def test_only_a_changed_text_adds_a_row_and_version(run):
    writer = run()
    for digest in ("sha256:a", "sha256:a", "sha256:b"):
        seen = exchange()
        writer.submit(seen)
        writer.submit(verdict(seen, digest=digest))
    finished = writer.finish()
    rows = rows_of(run.spool, finished)
    assert [(row["version"], row["previous"]) for row in rows] == [(1, None), (2, "sha256:a")]
    assert writer.unchanged == 1


def test_a_page_that_is_not_an_article_gets_no_row(run):
    writer = run()
    seen = exchange()
    writer.submit(seen)
    writer.submit(verdict(seen, outcome="challenge"))
    finished = writer.finish()
    assert [file.file.split("/")[0] for file in finished] == ["warc", "index"]
    assert finished[0].records == {"warcinfo": 1, "response": 1, "request": 1, "metadata": 1}


def test_a_run_without_exchanges_makes_no_file(run):
    writer = run()
    assert writer.finish() == []
    assert not list(run.spool.rglob("*"))


def test_a_warc_is_rolled_over_by_size_between_exchanges(run):
    writer = run(size=1500)
    seen = [exchange(body=bytes(range(256)) * 4) for _ in range(6)]
    for one in seen:
        writer.submit(one)
    finished = [file for file in writer.finish() if file.file.startswith("warc/")]
    assert len(finished) > 1
    assert len({one.capture.result().file for one in seen}) == len(finished)
    for file in finished:
        with (run.spool / file.file).open("rb") as stream:
            kinds = [record.rec_type for record in ArchiveIterator(stream)]
        assert kinds[0] == "warcinfo"
        assert kinds.count("response") == kinds.count("request") == kinds.count("metadata")


def test_a_warc_holds_captures_of_one_month(run):
    writer = run()
    for moment in (datetime.now(UTC), datetime.now(UTC) + timedelta(days=32)):
        writer.submit(exchange(started=moment))
    finished = [file for file in writer.finish() if file.file.startswith("warc/")]
    assert len(finished) == 2


def test_index_lines_are_sorted_when_the_index_is_finished(run):
    writer = run()
    for name in ("c", "a", "b"):
        writer.submit(exchange(f"https://samakal.com/{name}"))
    (index,) = (file for file in writer.finish() if file.file.endswith(".cdxj"))
    lines = (run.spool / index.file).read_bytes().splitlines()
    assert len(lines) == 3
    assert lines == sorted(lines)


def test_a_row_that_cannot_be_written_stops_the_writer(run):
    (run.spool).mkdir()
    (run.spool / "articles").write_text("in the way")
    writer = run()
    seen = exchange()
    writer.submit(seen)
    writer.submit(verdict(seen))
    assert run.failed.wait(60)
    with pytest.raises(WriterFailed):
        writer.submit(exchange())
    with pytest.raises(OSError, match="articles"):
        writer.finish()
    assert run.state.known("samakal", ["1"], "national").done == set()


def test_an_error_in_encoding_stops_the_writer_with_itself(run):
    writer = run()
    before, broken = exchange(), exchange()
    writer.submit(before)
    writer.flush().result(60)
    # As no exchange is: an error of our own code.
    broken.robots = None
    writer.submit(broken)
    assert run.failed.wait(60)
    with pytest.raises(AttributeError):
        writer.finish()
    assert broken.capture.cancelled()
    assert broken.response.closed
    (growing,) = run.spool.rglob("*.warc.gz.open")
    assert [record.rec_type for record in ArchiveIterator(io.BytesIO(growing.read_bytes()))][1:] == [
        "response",
        "request",
        "metadata",
    ]


def test_the_reactor_is_held_for_no_longer_than_the_encoding(run):
    writer = run()
    many = [exchange() for _ in range(50)]
    many[-1].robots = None
    for one in many:
        writer.submit(one)
    assert run.failed.wait(60)
    for thread in threading.enumerate():
        if thread.name == "reactor":
            thread.join(60)
            assert not thread.is_alive()
    with pytest.raises(AttributeError):
        writer.finish()


def test_a_full_disk_stops_the_writer_and_leaves_whole_records(run):
    writer = run()
    acknowledged = [exchange(body=os.urandom(60_000)) for _ in range(6)]
    with full_disk(400_000):
        for one in acknowledged:
            writer.submit(one)
            one.capture.result(timeout=60)
        writer.submit(exchange(body=os.urandom(60_000)))
        assert run.failed.wait(60)
        with pytest.raises(WriterFailed):
            writer.submit(exchange())
        with pytest.raises(OSError, match="File too large"):
            writer.finish()
    (growing,) = run.spool.rglob("*.warc.gz.open")
    with growing.open("rb") as stream:
        kinds = [record.rec_type for record in ArchiveIterator(stream)]
        assert kinds.count("response") == kinds.count("metadata") == 6
        stream.seek(0)
        assert subprocess.run(["gzip", "-t"], stdin=stream, check=False).returncode == 0


def test_an_old_warc_is_finished_without_new_captures(run):
    writer = run(age=0.5)
    seen = exchange(started=datetime.now(UTC))
    writer.submit(seen)
    file = seen.capture.result(timeout=60).file
    deadline = time.monotonic() + 60
    while not (run.spool / file).exists():
        assert time.monotonic() < deadline, "it grows on"
        time.sleep(0.05)
    assert not list(run.spool.rglob("*.warc.gz.open"))
    writer.finish()


def test_a_failed_append_raises_the_system_error(tmp_path):
    lines = LineFile(tmp_path, "index/a.cdxj")
    with full_disk(1000), pytest.raises(OSError, match="File too large"):
        lines.append(["x" * 700] * 2)


def test_what_robots_txt_says_holds_from_then_on(run):
    writer = run()
    robots = Robots()
    rules = b"User-agent: *\nContent-Signal: ai-train=no\n"
    before, asked, after = (
        exchange("https://samakal.com/a"),
        exchange("https://samakal.com/robots.txt", rules),
        exchange("https://samakal.com/b"),
    )
    asked.robots_of = ("samakal.com",)
    for one in (before, asked, after):
        one.robots = robots
        writer.submit(one)
    writer.flush().result(60)
    assert [one.capture.result(0).opt_outs for one in (before, asked, after)] == [(), (), ("content-signal",)]
    writer.finish()
