"""Verification where things are short, in the way or out of bounds: disk, links, pipes, lengths, a run at work."""

import errno
import fcntl
import os

import pytest

from crawler.archive.storage.base import StorageError
from crawler.archive.storage.directory import DirectoryStorage
from crawler.system import clock
from crawler.tools.verification import index, manifests, records


def spooled(kept, name):
    """Return where a file of the spool lies, its folder made."""
    path = kept.spool / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


GROWING = "warc/samakal/2026/11/khobor-samakal-20261124T101500123-00009-host.warc.gz.open"


@pytest.mark.parametrize("short", [errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM])
@pytest.mark.parametrize("kind", ["warc", "index", "articles", "manifest"])
def test_a_machine_out_of_resources_is_an_error(kept, monkeypatch, short, kind):
    opened = DirectoryStorage.open

    def fail(self, key, offset=0):
        if key.startswith(kind):
            raise OSError(short, os.strerror(short))
        return opened(self, key, offset)

    monkeypatch.setattr(DirectoryStorage, "open", fail)
    with pytest.raises(OSError, match=os.strerror(short)):
        kept.verify()


@pytest.mark.parametrize("cut", [7, None])
def test_a_cut_index_is_named_first(kept, cut):
    key = kept.key("index/**/*.cdxj")
    lines = kept.read(key).splitlines(keepends=True)
    kept.write(key, lines[0] + lines[1][:cut] if cut else lines[0])
    first = kept.verify().findings[0]
    assert (first.file, first.offset) == (key, len(lines[0]))
    assert "ends" in first.problem


def test_an_altered_byte_without_meaning_is_located(kept):
    key = kept.key("warc/**/*.warc.gz")
    records = kept.records(key)
    for record in (records[0], records[3], records[-1]):
        # The moment in the gzip member's head.
        kept.flip(key, record.offset + 5)
        first = kept.verify().findings[0]
        assert (first.file, first.offset) == (key, record.offset)
        kept.flip(key, record.offset + 5)
    assert kept.verify().sound


@pytest.mark.parametrize("kind", ["manifest", "runs"])
def test_an_oversized_manifest_or_run_file_is_a_finding(kept, kind):
    key = kept.key(f"{kind}/**/*.json")
    kept.write(key, kept.read(key))
    os.truncate(kept.archive / key, manifests.DOCUMENT_BYTES + 1)
    assert any(file == key and "more than" in problem for file, _, problem in kept.problems())


def test_an_index_without_line_ends_is_one_finding(kept, monkeypatch):
    monkeypatch.setattr(index, "LINE_BYTES", 1000)
    key = kept.key("index/**/*.cdxj")
    first = kept.read(key).splitlines(keepends=True)[0]
    kept.write(key, first + b"x" * 100_000)
    found = [(offset, problem) for file, offset, problem in kept.problems() if file == key]
    assert found[0] == (len(first), "a line has 1000 bytes or more")
    assert len(found) < 6


@pytest.mark.parametrize("number", [0, 3])
def test_an_oversized_fields_block_is_a_finding(kept, monkeypatch, number):
    monkeypatch.setattr(records, "FIELDS_BYTES", 10)
    key = kept.key("warc/**/*.gz")
    record = kept.records(key)[number]
    part = "record is too long: "
    assert any(found[:2] == (key, record.offset) and part in found[2] for found in kept.problems())


def test_a_named_pipe_does_not_block(kept):
    os.mkfifo(spooled(kept, GROWING))
    os.utime(kept.spool / GROWING, (0, 0))
    run = kept.key("runs/**/*.json")
    (kept.archive / run).unlink()
    os.mkfifo(kept.archive / run)
    problems = kept.problems()
    assert (GROWING, None, "left by a killed run; the outlet's next crawl recovers it") in problems
    assert run in [file for file, _, _ in problems]


@pytest.mark.parametrize("target", ["/", "/proc", "..", "/proc/self/root"])
def test_links_out_of_or_around_the_archive_are_not_followed(kept, target):
    (kept.archive / "warc/x").symlink_to(target if target.startswith("/") else kept.root)
    assert (kept.problems(), kept.verify().unnamed) == ([], 0)


def test_an_unreadable_folder_of_the_spool_is_an_error(kept, monkeypatch):
    folder = spooled(kept, GROWING).parent
    scandir = os.scandir

    def refuse(path="."):
        if os.fspath(path) == os.fspath(folder):
            raise PermissionError(errno.EACCES, "Permission denied", os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(StorageError, match="Permission denied"):
        kept.verify()


def test_an_open_file_from_the_future_needs_a_lock(kept):
    path = spooled(kept, GROWING)
    path.touch()
    os.utime(path, (clock.timestamp() + 86400,) * 2)
    left = (GROWING, None, "left by a killed run; the outlet's next crawl recovers it")
    assert kept.problems() == [left]
    with path.open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        assert kept.problems() == []


def test_an_unreadable_open_file_is_an_error(kept, monkeypatch):
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
