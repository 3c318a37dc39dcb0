"""The writer: what it acknowledges is on disk, in the order of durability, and its failures are loud."""

import gzip
import io
import json
import os
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from place import full_disk
from warcio.archiveiterator import ArchiveIterator

from crawler.archive.manifests import read_segment
from crawler.archive.names import run_name
from crawler.archive.spool import SegmentLimits
from crawler.model.article import Article, Extractor, article_id
from crawler.model.listing import Page, Verdict
from crawler.recording.exchange import Exchange
from crawler.recording.recovery.segments import left_segments
from crawler.recording.segments import LineFile, Segments
from crawler.recording.writer import Writer, WriterFailed
from crawler.state import State
from crawler.system import clock

STARTED = datetime(2026, 11, 24, 10, 15, 0, 123000, tzinfo=UTC)


def exchange(url="https://samakal.com/bangladesh/article/1", body=b"<p>one</p>", started=STARTED):
    seen = Exchange(url=url, method="GET", started=started)
    seen.send(f"GET {url} HTTP/1.1\r\nHost: samakal.com\r\n\r\n".encode())
    seen.receive(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    seen.end("complete")
    return seen


A, B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


def verdict(seen, key="1", digest=A, outcome="article"):
    page = Page("samakal", seen.url, b"", key=key, capture=seen.capture)
    if outcome != "article":
        return Verdict(page, outcome)
    article = Article(
        article_id("samakal", key), "samakal", seen.url, seen.url, "শিরোনাম", text="পাঠ", text_digest=digest
    )
    article.extractor = Extractor("another", "1")  # so that any digest is right
    return Verdict(page, outcome, article)


def call(function):
    """Have a function called in another thread, as the reactor's."""
    threading.Thread(target=function, name="reactor", daemon=True).start()


@pytest.fixture
def run(tmp_path):
    state = State(f"sqlite:///{tmp_path}/state.db")
    failed = threading.Event()
    (tmp_path / "spool").mkdir()

    def begin(size=10**9, age=3600.0, is_continued=False, started=STARTED, spool="mine"):
        limits, name = SegmentLimits(size, timedelta(seconds=age), is_continued), run_name("samakal", started)
        fields = {"software": "khobor", "run": name}
        segments = Segments(tmp_path / "spool", spool, name, "samakal", fields, limits)
        return Writer(segments, state, "national", call, lambda error: failed.set())

    begin.state, begin.spool, begin.failed = state, tmp_path / "spool", failed
    yield begin
    state.close()


def finished(writer):
    """Finish a writer; return its manifests, oldest first."""
    writer.finish()
    return manifests(writer.segments.spool)


def manifests(spool):
    return [json.loads(path.read_text()) for path in sorted(spool.rglob("manifest/**/*.json"))]


def files_of(manifests):
    return [entry["file"] for manifest in manifests for entry in manifest["files"]]


def rows_of(spool, manifests):
    """Return the rows of finished segments."""
    files = [file for file in files_of(manifests) if file.startswith("articles/")]
    return [json.loads(line) for file in files for line in gzip.decompress((spool / file).read_bytes()).splitlines()]


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
    rows = rows_of(run.spool, finished(writer))
    assert len(rows) == writer.commits.rows == 20
    for number, row in enumerate(rows):
        data = (run.spool / row["warc"]["file"]).read_bytes()[row["warc"]["offset"] :][: row["warc"]["length"]]
        record = next(iter(ArchiveIterator(io.BytesIO(data))))
        assert record.rec_headers.get_header("WARC-Record-ID") == row["warc"]["record_id"]
        assert record.content_stream().read() == b"<p>page %d</p>" % number


def test_only_a_changed_text_adds_a_row_and_version(run):
    writer = run()
    for digest in (A, A, B):
        seen = exchange()
        writer.submit(seen)
        writer.submit(verdict(seen, digest=digest))
    rows = rows_of(run.spool, finished(writer))
    assert [(row["version"], row["previous"]) for row in rows] == [(1, None), (2, A)]
    assert writer.commits.unchanged == 1


def test_a_page_that_is_not_an_article_gets_no_row(run):
    writer = run()
    seen = exchange()
    writer.submit(seen)
    writer.submit(verdict(seen, outcome="challenge"))
    [manifest] = finished(writer)
    assert [file.split("/")[0] for file in files_of([manifest])] == ["warc", "index"]
    assert manifest["files"][0]["records"] == {"warcinfo": 1, "response": 1, "request": 1, "metadata": 1}


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


def test_a_closed_segment_takes_the_rows_of_its_records_until_it_is_finished(run):
    writer = run(size=1500)
    seen = [exchange(f"https://samakal.com/a/article/{n}", bytes(range(256)) * 8) for n in range(3)]
    for one in seen:
        writer.submit(one)
    writer.flush().result(60)
    for number, one in enumerate(seen):
        writer.submit(verdict(one, str(number)))
        # A busy writer may be asked twice.
        writer.submit(partial(writer.segments.finish, one.capture.result().file))
        writer.submit(partial(writer.segments.finish, one.capture.result().file))
    writer.flush().result(60)
    early = manifests(run.spool)
    assert len(early) == 2, "the last one takes more records"
    assert finished(writer)[:2] == early
    for manifest in manifests(run.spool):
        assert {row["warc"]["file"] for row in rows_of(run.spool, [manifest])} == {manifest["files"][0]["file"]}


def test_a_later_run_continues_a_segment_with_its_own_warcinfo(run):
    spool, second = run.spool, STARTED + timedelta(minutes=30)
    writer = run(is_continued=True)
    writer.submit(first := exchange())
    writer.submit(verdict(first))
    [left] = writer.finish()
    assert not left.is_due(clock.now(), writer.segments.limits)
    assert left.warc.size == next(spool.rglob("*.warc.gz.open")).stat().st_size
    assert not manifests(spool)
    writer = run(is_continued=True, started=second)
    [left] = left_segments(spool, "samakal")
    writer.segments.adopt(left.open())
    writer.submit(partial(writer.segments.finish, left.records.file))
    writer.flush().result(60)
    writer.submit(other := exchange("https://samakal.com/other"))
    writer.submit(verdict(other, "2"))
    assert other.capture.result(60).file == left.records.file
    writer.finish()
    writer = run(started=second + timedelta(minutes=30))
    [left] = left_segments(spool, "samakal")
    writer.segments.adopt(left.open())
    [manifest] = finished(writer)
    assert manifest["runs"] == [run_name("samakal", moment) for moment in (STARTED, second)]
    assert manifest["files"][0]["records"] == {"warcinfo": 2, "response": 2, "request": 2, "metadata": 2}
    assert [row["url"] for row in rows_of(spool, [manifest])] == [first.url, other.url]


def test_an_early_capture_that_recovery_reads_again_makes_no_version(run):
    writer = run()
    seen = [exchange(started=STARTED + timedelta(minutes=minutes)) for minutes in (0, 15, 30)]
    for one, digest in zip(seen, (A, None, B), strict=True):
        writer.submit(one)
        if digest:
            writer.submit(verdict(one, digest=digest))
    writer.flush().result(60)
    # As after a kill that came before the verdict on the second capture.
    writer.call(lambda: writer.commits.commit([verdict(seen[1], digest=A)], dead_run="earlier")).result(60)
    rows = rows_of(run.spool, finished(writer))
    assert [(row["version"], row["text_digest"]) for row in rows] == [(1, A), (2, B)]


def test_an_unchanged_text_rests_on_its_row_in_another_spool(run):
    captures = []
    for writer in (run(), run(started=STARTED + timedelta(minutes=1), spool="theirs")):
        writer.submit(seen := exchange())
        writer.submit(verdict(seen))
        writer.flush().result(60)
        captures.append(seen.capture.result())
        writer.finish()
    assert len(rows_of(run.spool, manifests(run.spool))) == 1
    assert [entry.record_id for entry in run.state.entries_in(captures[0].file)] == [captures[0].record_id]
    assert run.state.entries_in(captures[1].file) == []


@pytest.mark.parametrize("is_manifest_written", [True, False])
def test_a_kill_while_a_segment_is_finished_loses_nothing(run, is_manifest_written):
    writer = run()
    writer.submit(seen := exchange())
    writer.submit(verdict(seen))
    writer.flush().result(60)
    growing = {path: path.read_bytes() for path in run.spool.rglob("*.open") if ".warc.gz" not in path.name}
    [manifest] = finished(writer)
    # As the kill leaves it: the growing index and rows are removed last.
    for path, data in growing.items():
        path.write_bytes(data)
    if not is_manifest_written:
        next(run.spool.rglob("manifest/**/*.json")).unlink()
        (run.spool / manifest["files"][2]["file"]).unlink()
    found = list(left_segments(run.spool, "samakal"))
    assert len(found) == (not is_manifest_written)
    for left in found:
        left.open().finish([])
    assert [{**one, "cut_bytes": 0} for one in manifests(run.spool)] == [{**manifest, "cut_bytes": 0}]
    assert not list(run.spool.rglob("*.open"))
    assert len(read_segment(next(run.spool.rglob("manifest/**/*.json"))).files) == 3


def test_segments_finished_beside_a_recovery_are_never_taken(run):
    stop = threading.Event()
    taken = []

    def recover():
        while not stop.is_set():
            taken.extend(left_segments(run.spool, "samakal"))

    recovery = threading.Thread(target=recover)
    recovery.start()
    try:
        writer = run(size=1)
        for number in range(150):
            writer.submit(exchange(f"https://samakal.com/{number}"))
            for file in list(writer.segments.closing):
                writer.submit(partial(writer.segments.finish, file))
            writer.flush().result(60)
        writer.finish()
    finally:
        stop.set()
        recovery.join()
    assert taken == []
    assert not run.failed.is_set()
    assert len(manifests(run.spool)) == 150
    assert not list(run.spool.rglob("*.open"))


def test_a_failed_append_raises_the_system_error(tmp_path):
    lines = LineFile(tmp_path, "index/a.cdxj")
    with full_disk(1000), pytest.raises(OSError, match="File too large"):
        lines.append(["x" * 700] * 2)
