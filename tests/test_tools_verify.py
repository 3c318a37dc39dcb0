"""`scrapy verify` over an archive that real crawls made: sound as it is, and every way of spoiling it is named."""

import fcntl
import gzip
import hashlib
import json
import os
import pty
import subprocess
from dataclasses import dataclass

import pytest
import sandbox
import warm
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from verify_tools import Kept

from crawler.crawl.settings import PROJECT_ROOT


@pytest.fixture
def kept(crawled, tmp_path):
    """A copy of the archive to spoil; the spool is empty."""
    return Kept(crawled.root).copied(tmp_path)


@dataclass
class Files:
    """The files of one outlet's run."""

    warc: str
    index: str
    rows: str
    run: str
    manifest: str


def files_of(kept, outlet="demo_tv"):
    return Files(
        kept.key(f"warc/{outlet}/**/*.warc.gz"),
        kept.key(f"index/{outlet}/**/*.cdxj"),
        kept.key(f"articles/outlet={outlet}/**/*.gz"),
        kept.key(f"runs/**/khobor-{outlet}-*.json"),
        kept.key(f"manifest/**/khobor-{outlet}-*.json"),
    )


def has(problems, file, offset, part):
    return any(found[:2] == (file, offset) and part in found[2] for found in problems)


def test_a_fresh_archive_is_sound_and_read_whole(kept):
    answer = kept.scrapy("verify")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.count("\n") == 1
    report = json.loads(answer.stdout)
    assert report["ok"] is True
    assert report["findings"] == []
    assert report["findings_total"] == 0
    everything = kept.keys("**/*.*z") + kept.keys("**/*.json") + kept.keys("**/*.cdxj")
    assert report["files"] == len(everything)
    assert report["bytes"] == sum(len(kept.read(key)) for key in everything)
    assert report["records"] == sum(len(kept.records(key)) for key in kept.keys("warc/**/*.gz"))
    assert report["rows"] == sum(gzip.decompress(kept.read(key)).count(b"\n") for key in kept.keys("articles/**/*.gz"))


def test_a_flipped_byte_is_reported_with_file_and_offset(kept):
    files = files_of(kept)
    record = kept.records(files.warc)[7]
    kept.flip(files.warc, record.offset + record.length // 2)
    answer = kept.scrapy("verify")
    assert answer.returncode == 3
    report = json.loads(answer.stdout)
    assert report["ok"] is False
    first = report["findings"][0]
    assert (first["file"], first["offset"]) == (files.warc, record.offset)
    assert "the gzip member is corrupt" in first["problem"]
    more = report["findings_total"] - 1
    assert answer.stderr == f"khobor: {files.warc} at {record.offset}: {first['problem']} (and {more} more)\n"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_flipped_bit_of_a_segment_goes_unnoticed(kept, data):
    # No manifest has the digest of a run's file.
    key = data.draw(st.sampled_from([one for one in kept.keys("**/khobor-demo_tv-*.*") if not one.startswith("runs/")]))
    original = kept.read(key)
    # A later version of the format, 1.1, is sound.
    first = original.index(b"segment") if key.startswith("manifest/") else 0
    at, bit = data.draw(st.integers(first, len(original) - 1)), data.draw(st.integers(0, 7))
    kept.write(key, original[:at] + bytes([original[at] ^ 1 << bit]) + original[at + 1 :])
    problems = kept.problems("demo_tv")
    kept.write(key, original)
    assert problems


@pytest.mark.parametrize("kind", ["warc", "index", "rows", "run", "manifest"])
@pytest.mark.parametrize("cut", [1, 40])
def test_a_cut_tail_is_found_in_every_kind_of_file(kept, kind, cut):
    key = getattr(files_of(kept), kind)
    kept.write(key, kept.read(key)[:-cut])
    assert any(file == key for file, _, _ in kept.problems())


def test_a_warc_cut_inside_its_last_record_is_found(kept):
    files = files_of(kept)
    last = kept.records(files.warc)[-1]
    whole = kept.read(files.warc)
    kept.write(files.warc, whole[:-9])
    assert has(kept.problems(), files.warc, last.offset, "the file ends within a gzip member")


@pytest.mark.parametrize("kind", ["response", "request", "metadata"])
def test_a_removed_record_is_missed_by_its_exchange(kept, kind):
    files = files_of(kept)
    records, members = kept.records(files.warc), kept.members(files.warc)
    number = next(n for n, one in enumerate(records) if n > 6 and one.get("WARC-Type") == kind)
    gone = records[number].get("WARC-Record-ID")
    kept.rewrite(files.warc, members[:number] + members[number + 1 :])
    left = [one for one in kept.records(files.warc) if gone in one.all("WARC-Concurrent-To")]
    problems = kept.problems()
    assert len(left) == 2
    for one in left:
        assert has(problems, files.warc, one.offset, f"concurrent to {gone}, which is not beside it")
    assert not [one for one in problems if "manifest" in one[2] or one[0] == files.index]


def test_an_edited_row_is_found_by_its_text_digest(kept):
    files = files_of(kept)
    before = kept.edit_row(files.rows, 1, text="এই খবর কখনো ছাপা হয়নি।")
    assert kept.problems() == [(files.rows, before, "line 2: text_digest does not match title and text")]


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"id": "ffffffff-0000-1000-8000-000000000000"}, 'id does not match the schema: "ffffffff'),
        ({"version": 10**30}, "not JSON: an integer of 31 digits"),
        ({"title": "\ud800"}, "not JSON"),
        ({"version": 2}, "version 1 of article "),
        ({"previous": "sha256:" + 64 * "0"}, "version 1 with previous sha256:0"),
        ({"url": "https://elsewhere.example/"}, "url is not the record's"),
        ({"outlet": "demo_daily"}, "the row is of outlet demo_daily, its file of demo_tv"),
        ({"fetched_at": "2026-02-01T00:00:00.000000Z"}, "fetched_at is 2026-02-01T00:00:00.000000Z, the record's "),
        ({"extra": 1}, "the keys are not those of an article"),
        ({"warc": None}, "warc is null"),
        ({"http_status": 404}, "http_status is 404, the record's is 200"),
        (
            {"published": {"at": "2026-11-24"}},
            'published does not match the schema: "precision" is a required property',
        ),
        ({"tags": ["ক", "ক"]}, "tags does not match the schema"),
        ({"tags": [""]}, "tags.0 does not match the schema"),
        ({"authors": [{"name": "ক", "kind": "robot"}]}, 'authors.0.kind does not match the schema: "robot"'),
        ({"image": "javascript:1"}, "image does not match the schema"),
        ({"warnings": [float("nan")]}, "not JSON: NaN is not a number"),
    ],
)
def test_an_untrue_row_is_found_at_its_offset(kept, changes, part):
    files = files_of(kept)
    before = kept.edit_row(files.rows, 2, **changes)
    problems = kept.problems()
    assert has(problems, files.rows, before, part)
    assert {file for file, _, _ in problems} == {files.rows}


def test_a_row_with_a_key_twice_is_found(kept):
    files = files_of(kept)
    lines = kept.lines(files.rows)
    lines[1] = lines[1].replace(b"{", '{"title":"অন্য",'.encode(), 1)
    kept.write_lines(files.rows, lines)
    assert has(kept.problems(), files.rows, len(lines[0]), "line 2: not JSON: a duplicate key in an object")


@pytest.mark.parametrize("more", [b"\0" * 100, gzip.compress(b"", mtime=0), gzip.compress(b"{}\n", mtime=0), b"x"])
def test_data_after_the_rows_is_found(kept, more):
    files = files_of(kept)
    size = len(gzip.decompress(kept.read(files.rows)))
    kept.write(files.rows, kept.read(files.rows) + more)
    data = kept.read(files.rows)
    with kept.edited(files.manifest) as manifest:
        for entry in manifest["files"]:
            if entry["file"] == files.rows:
                entry.update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    assert has(kept.problems(), files.rows, size, "data after the gzip member")


def disown(kept, manifest, key):
    """Delete a file, and that it ever was, from the archive."""
    (kept.archive / key).unlink()
    with kept.edited(manifest) as document:
        document["files"] = [entry for entry in document["files"] if entry["file"] != key]


@pytest.mark.parametrize("gone", ["warc", "index"])
def test_a_segment_without_warc_or_index_is_found(kept, gone):
    files = files_of(kept)
    disown(kept, files.manifest, getattr(files, gone))
    assert has(kept.problems(), files.manifest, None, f"the manifest does not name {getattr(files, gone)}")


def test_a_manifest_that_was_edited_is_found(kept):
    files = files_of(kept)
    with kept.edited(files.manifest) as document:
        document["files"][0]["records"]["response"] += 1
        document["files"][1]["bytes"] += 1
        document["files"][2]["first"] = "2026-01-01T00:00:00.000000Z"
    problems = kept.problems()
    # The file is what its SHA-256 says: it is the manifest that is wrong.
    for entry, part in zip(
        document["files"], ("response, ", "bytes, its manifest says", "says 2026-01-01T00:00:00.000000Z"), strict=False
    ):
        assert any(file == files.manifest and entry["file"] in one and part in one for file, _, one in problems)
    assert len(problems) == 3


@pytest.mark.parametrize("kind", ["manifest", "run"])
def test_a_newer_format_is_refused_by_name(kept, kind):
    key = getattr(files_of(kept), kind)
    with kept.edited(key) as document:
        document["format"] = "2.0"
    problem = "the file has format 2.0; this khobor reads format 1.0"
    assert (key, None, problem) in kept.problems()
    assert kept.verify().findings[0].problem == problem


def test_files_in_the_spool_count_as_archived(kept):
    files = files_of(kept)
    for key in vars(files).values():
        (kept.spool / key).parent.mkdir(parents=True, exist_ok=True)
        (kept.archive / key).rename(kept.spool / key)
    assert kept.problems() == []
    (kept.spool / files.manifest).unlink()
    assert has(kept.problems(), files.warc, None, "left by a killed run; the outlet's next crawl recovers it")


def test_segments_of_killed_runs_alone_are_reported(kept):
    growing = kept.spool / (files_of(kept).warc.replace("-00001-", "-00009-") + ".open")
    growing.parent.mkdir(parents=True)
    growing.touch()
    os.utime(growing, (0, 0))
    with growing.open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        assert kept.problems() == []
    key = growing.relative_to(kept.spool).as_posix()
    assert kept.problems() == [(key, None, "left by a killed run; the outlet's next crawl recovers it")]


def test_only_selected_outlets_are_read(kept):
    files = files_of(kept, "demo_daily")
    kept.flip(files.warc, 100)
    assert kept.scrapy("verify", "--outlet", "demo_tv").returncode == 0
    assert kept.scrapy("verify", "--outlet", "demo_tv", "demo_daily").returncode == 3
    (kept.archive / "warc/demo_gone").mkdir()
    kept.write("warc/demo_gone/x.warc.gz", b"")
    answer = kept.scrapy("verify", "--outlet", "demo_gone")
    assert (answer.returncode, json.loads(answer.stdout)["unnamed"]) == (0, 1)


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (["--outlet", "samakl"], 2, "unknown outlet 'samakl': did you mean samakal?"),
        (["--since", "2026-02-30"], 2, "--since=2026-02-30 is not a day of the calendar."),
        (["--since", "12/07/2022"], 2, "write YYYY-MM-DD"),
        (["--since", "2999-01-01"], 2, "is in the future"),
        (["archive"], 2, "verify takes options only, not 'archive'"),
        (["-s", "ARCHIVE_URL=/nowhere"], 1, "the archive can't be used: /nowhere: No such file"),
        (["-s", "ARCHIVE_URL=/etc/passwd"], 1, "/etc/passwd: Not a directory"),
        (["-s", "ARCHIVE_URL=ftp://host/x"], 1, "must be a directory or s3://bucket/prefix"),
    ],
)
def test_a_mistake_is_one_clear_line(kept, words, exit_code, said):
    answer = kept.scrapy("verify", *words)
    assert (answer.returncode, answer.stdout, answer.stderr.count("\n")) == (exit_code, "", 1)
    assert said in answer.stderr
    assert answer.stderr.startswith("khobor: ")


def test_a_terminal_gets_a_table_and_a_summary(kept):
    files = files_of(kept)
    kept.flip(files.warc, 100)
    output, inner = pty.openpty()
    with warm.Popen(
        kept.command("verify"),
        cwd=PROJECT_ROOT,
        env=sandbox.environment(COLUMNS="200", TERM="dumb"),
        stdout=inner,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(inner)
        shown = b""
        while piece := _read(output):
            shown += piece
    os.close(output)
    assert process.returncode == 3
    lines = shown.decode().splitlines()
    assert lines[0].split() == ["file", "offset", "problem"]
    assert "the gzip member is corrupt" in shown.decode()
    assert lines[-1].startswith("15 files, ")
    assert lines[-1].endswith(" problems")


def _read(descriptor):
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:
        return b""
