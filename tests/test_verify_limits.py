"""Verification where things are short, in the way or out of bounds: disk, links, pipes, lengths, a run at work."""

import errno
import fcntl
import json
import os
import shutil
import time
from contextlib import closing

import pytest
from verify_tools import Kept, make_archive

from crawler.archive.storage.directory import DirectoryStorage
from crawler.tools.verification import contents, index, manifests
from crawler.tools.verification.archive import Verification


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An archive of two runs; nobody changes it."""
    return make_archive(tmp_path_factory.mktemp("made"))


@pytest.fixture
def kept(made, tmp_path):
    """A copy to spoil."""
    shutil.copytree(made.archive, tmp_path / "archive")
    return Kept(tmp_path)


def spooled(kept, name):
    """Return where a file of the spool lies, its folder made."""
    path = kept.spool / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


GROWING = "runs/2026/11/khobor-samakal-20261124T101500123-host.json.open"


def test_a_warc_that_is_finished_while_the_spool_is_listed_is_not_missed_beside_its_index(kept, monkeypatch):
    warc, index = kept.key("warc/**/*.gz"), kept.key("index/**/*.cdxj")
    spooled(kept, warc)
    spooled(kept, index)
    walk = os.walk

    def finish_after(top, **options):
        """The writer renames the WARC, then its index, right after one of the folders was listed."""
        yield from list(walk(top, **options))
        if str(top).endswith(("/warc", "/index")) and "spool" in str(top):
            for key in (warc, index):
                if (kept.archive / key).exists():
                    (kept.archive / key).rename(kept.spool / key)

    monkeypatch.setattr(os, "walk", finish_after)
    assert kept.problems() == []


def test_an_index_is_not_alone_when_its_warc_is_there_by_now(kept, monkeypatch):
    warc = kept.key("warc/**/*.gz")
    with closing(Verification(DirectoryStorage(kept.archive), kept.spool, lambda done, total: None)) as verification:
        (kept.archive / warc).rename(kept.root / "later")
        verification.survey()
        (kept.root / "later").rename(kept.archive / warc)
        found = [one.problem for one in verification.check([], None).findings]
    assert "the index has no WARC" not in found


@pytest.mark.parametrize("short", [errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM])
@pytest.mark.parametrize("kind", ["warc", "index", "articles", "manifest"])
def test_what_this_machine_is_short_of_is_no_damage_of_the_archive(kept, monkeypatch, short, kind):
    opened = DirectoryStorage.open

    def fail(self, key, offset=0):
        if key.startswith(kind):
            raise OSError(short, os.strerror(short))
        return opened(self, key, offset)

    monkeypatch.setattr(DirectoryStorage, "open", fail)
    with pytest.raises(OSError, match=os.strerror(short)):
        kept.verify()


@pytest.mark.parametrize("kind", ["warc", "index", "articles", "runs"])
def test_the_first_problem_of_a_removed_file_is_that_it_is_missing(kept, kind):
    key = kept.key(f"{kind}/**/khobor-*")
    (kept.archive / key).unlink()
    first = kept.verify().first
    assert (first.file, first.problem.startswith("the file is missing")) == (key, True)


@pytest.mark.parametrize("cut", [7, None])
def test_the_first_problem_of_a_cut_index_is_where_it_ends(kept, cut):
    key = kept.key("index/**/*.cdxj")
    lines = kept.read(key).splitlines(keepends=True)
    kept.write(key, lines[0] + lines[1][:cut] if cut else lines[0])
    first = kept.verify().first
    assert (first.file, first.offset) == (key, len(lines[0]))
    assert "ends" in first.problem


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.replace(b'"offset"', b'"0ffset"'),
        lambda line: line.replace(b'"status": "200"', b'"status": "201"'),
        lambda line: b"",
    ],
)
def test_the_first_problem_of_an_altered_index_is_its_own(kept, change):
    key = kept.key("index/**/*.cdxj")
    first, *rest = kept.read(key).splitlines(keepends=True)
    kept.write(key, change(first) + b"".join(rest))
    assert kept.verify().first.file == key


def test_the_manifest_of_a_run_that_ends_meanwhile_is_read_where_it_waits(kept):
    run = kept.keys("manifest/**/*.json")[1]
    files = [entry["file"] for entry in json.loads(kept.read(run))["files"]]
    for key in (run, *files):
        (kept.spool / key).parent.mkdir(parents=True, exist_ok=True)
        (kept.archive / key).rename(kept.spool / key)
    manifest = (kept.spool / run).rename(kept.root / "manifest")
    with closing(Verification(DirectoryStorage(kept.archive), kept.spool, lambda done, total: None)) as verification:
        verification.survey()
        manifest.rename(kept.spool / run)
        assert verification.check([], None).findings == []


def test_a_byte_that_no_reader_looks_at_is_found_where_it_stands(kept):
    key = kept.key("warc/**/*.warc.gz")
    records = kept.records(key)
    for record in (records[0], records[3], records[-1]):
        # The moment in the gzip member's head.
        kept.flip(key, record.offset + 5)
        first = kept.verify().first
        assert (first.file, first.offset) == (key, record.offset)
        kept.flip(key, record.offset + 5)
    assert kept.verify().sound


def test_a_manifest_is_not_missed_while_its_run_file_waits_in_the_spool_of_a_dead_run(kept):
    run, manifest = kept.key("runs/**/*.json"), kept.key("manifest/**/*.json")
    (kept.archive / run).rename(spooled(kept, run))
    (kept.archive / manifest).unlink()
    assert not [one for one in kept.problems() if one[0] == manifest]


@pytest.mark.parametrize("kind", ["manifest", "runs"])
def test_a_manifest_or_run_file_that_is_too_long_is_a_finding(kept, kind):
    key = kept.key(f"{kind}/**/*.json")
    kept.write(key, kept.read(key))
    os.truncate(kept.archive / key, manifests.DOCUMENT_BYTES + 1)
    assert any(file == key and "more than" in problem for file, _, problem in kept.problems())


def test_an_index_without_line_ends_is_one_finding_however_long_it_is(kept, monkeypatch):
    monkeypatch.setattr(index, "LINE_BYTES", 1000)
    key = kept.key("index/**/*.cdxj")
    first = kept.read(key).splitlines(keepends=True)[0]
    kept.write(key, first + b"x" * 100_000)
    found = [(offset, problem) for file, offset, problem in kept.problems() if file == key]
    assert found[0] == (len(first), "a line of 1000 bytes and more is none")
    assert len(found) < 6


@pytest.mark.parametrize("number", [0, 3])
def test_fields_that_expand_beyond_measure_are_a_finding_and_are_not_read(kept, monkeypatch, number):
    monkeypatch.setattr(contents, "FIELDS_BYTES", 10)
    key = kept.key("warc/**/*.gz")
    record = kept.records(key)[number]
    part = "bytes are too many for the fields of a "
    assert any(found[:2] == (key, record.offset) and part in found[2] for found in kept.problems())


def test_a_pipe_in_the_spool_or_the_archive_is_not_waited_for(kept):
    os.mkfifo(spooled(kept, GROWING))
    os.utime(kept.spool / GROWING, (0, 0))
    run = kept.key("runs/**/*.json")
    (kept.archive / run).rename(spooled(kept, run))
    os.mkfifo(kept.archive / run)
    problems = kept.problems()
    assert (GROWING, None, "left by a run that died; the outlet's next crawl recovers it") in problems
    assert (run, None, "the file can't be read: not a regular file") in problems


@pytest.mark.parametrize("target", ["/", "/proc", "..", "/proc/self/root"])
def test_a_link_to_what_holds_the_archive_or_has_no_end_is_a_finding_and_is_not_followed(kept, target):
    (kept.archive / "warc/x").symlink_to(target if target.startswith("/") else kept.root)
    assert kept.problems() == [("warc/x", None, "no manifest names the file")]


def test_years_that_were_moved_to_another_disk_are_read_through_their_link(kept):
    (kept.archive / "warc/samakal/2026").rename(kept.root / "disk")
    (kept.archive / "warc/samakal/2026").symlink_to(kept.root / "disk")
    assert kept.problems() == []


def test_a_folder_of_the_spool_that_cannot_be_read_is_told(kept, monkeypatch):
    folder = spooled(kept, GROWING).parent
    scandir = os.scandir

    def refuse(path="."):
        if os.fspath(path) == os.fspath(folder):
            raise PermissionError(errno.EACCES, "Permission denied", os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PermissionError, match="Permission denied"):
        kept.verify()


def test_a_growing_file_from_the_future_lives_only_by_its_lock(kept):
    path = spooled(kept, GROWING)
    path.touch()
    os.utime(path, (time.time() + 86400,) * 2)
    left = (GROWING, None, "left by a run that died; the outlet's next crawl recovers it")
    assert kept.problems() == [left]
    with path.open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        assert kept.problems() == []


def test_a_growing_file_that_cannot_be_read_is_not_called_dead(kept, monkeypatch):
    path = spooled(kept, GROWING)
    path.touch()
    os.utime(path, (0, 0))

    def refuse(name, flags, *rest, opened=os.open):
        if str(name) == str(path):
            raise PermissionError(errno.EACCES, "Permission denied", str(name))
        return opened(name, flags, *rest)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(PermissionError, match="Permission denied"):
        kept.verify()
