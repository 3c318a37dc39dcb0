"""The archive in a directory."""

import errno
import os

import pytest

from crawler.archive.storage import storage_for
from crawler.archive.storage.base import StorageError
from crawler.archive.storage.directory import DirectoryStorage


@pytest.fixture
def finished(tmp_path):
    path = tmp_path / "spool" / "a.warc.gz"
    path.parent.mkdir()
    path.write_bytes(b"record")
    return path


@pytest.fixture
def storage(tmp_path):
    return storage_for(str(tmp_path / "archive"))


def test_putting_the_same_file_twice_changes_nothing(storage, finished):
    storage.put(finished, "a.warc.gz")
    storage.put(finished, "a.warc.gz")
    assert list(storage.list()) == [("a.warc.gz", 6)]


def test_nothing_is_ever_overwritten(storage, tmp_path, finished):
    storage.put(finished, "a.warc.gz")
    other = finished.with_name("other")
    other.write_bytes(b"another")
    with pytest.raises(StorageError, match="other content"):
        storage.put(other, "a.warc.gz")
    assert (tmp_path / "archive/a.warc.gz").read_bytes() == b"record"


def test_a_file_system_without_links_gets_a_copy(storage, finished, monkeypatch):
    def refuse(*_args, **_options):
        raise OSError(errno.EXDEV, "another device")

    monkeypatch.setattr(os, "link", refuse)
    storage.put(finished, "2026/a.warc.gz")
    assert list(storage.list()) == [("2026/a.warc.gz", 6)]
    finished.write_bytes(b"changed")
    with pytest.raises(StorageError):
        storage.put(finished, "2026/a.warc.gz")


def test_a_file_is_read_from_an_offset(storage, finished):
    storage.put(finished, "a")
    with storage.open("a", 3) as stream:
        assert stream.read() == b"ord"


def test_a_place_that_is_a_file_is_refused(tmp_path, finished):
    with pytest.raises(StorageError, match="can't be written"):
        storage_for(str(finished / "below")).check()


@pytest.mark.parametrize("url", ["ftp://host/archive", "S3://bucket/prefix", "s3:/bucket/prefix", "s3:bucket"])
def test_another_kind_of_url_is_refused(url):
    with pytest.raises(StorageError, match=r"^ARCHIVE_URL \w+:…: it must be a directory or s3://bucket/prefix$"):
        storage_for(url)


@pytest.mark.parametrize("url", ["s3://", "s3:///prefix", "s3://key:secret@bucket/prefix"])
def test_an_s3_address_without_bucket_or_with_credentials_is_refused(url):
    with pytest.raises(StorageError, match="without credentials"):
        storage_for(url)


def test_folder_links_are_followed_once_and_broken_links_are_empty(tmp_path):
    elsewhere = tmp_path / "disk2"
    elsewhere.mkdir()
    (elsewhere / "a.warc.gz").write_bytes(b"abc")
    root = tmp_path / "archive"
    (root / "warc").mkdir(parents=True)
    (root / "warc/samakal").symlink_to(elsewhere)
    (elsewhere / "above").symlink_to(root)
    (root / "warc/gone.warc.gz").symlink_to(tmp_path / "nowhere")
    assert list(DirectoryStorage(root).list()) == [("warc/gone.warc.gz", 0), ("warc/samakal/a.warc.gz", 3)]


@pytest.mark.parametrize("key", ["/etc/passwd", "../other", "warc/../../other"])
def test_a_key_that_leaves_the_archive_is_no_key(tmp_path, key):
    (tmp_path / "other").write_text("secret")
    storage = DirectoryStorage(tmp_path / "archive")
    for ask in (storage.open, storage.head):
        with pytest.raises(FileNotFoundError):
            ask(key)
