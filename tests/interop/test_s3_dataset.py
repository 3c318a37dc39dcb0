"""`scrapy dataset` makes, continues and fills a data set in a bucket as in a directory."""

from __future__ import annotations

import os
import signal
import sys

import pytest
import warm
from made_up_dataset import contents, write_archive
from test_commands_dataset import NEVER, STOPPED

from crawler.archive.storage import storage_for
from interop.foreign import ROOT


@pytest.fixture
def dataset(server, tmp_path, monkeypatch):
    """A call of the command for an archive in a directory, stopped at a moment; it knows the server."""
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    write_archive(tmp_path / "archive")

    def call(*words, stopped=NEVER):
        command = [sys.executable, "-c", STOPPED, *stopped, "dataset", *map(str, words)]
        places = {"KHOBOR_ARCHIVE_URL": str(tmp_path / "archive"), "KHOBOR_SPOOL_DIR": str(tmp_path / "spool")}
        environment = {**os.environ, **places, "SCRAPY_PROJECT": "test"}
        return warm.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100)

    return call


def objects(url: str) -> dict[str, bytes]:
    """Return the objects below a URL by their names."""
    storage, found = storage_for(url), {}
    for key, _ in storage.list():
        with storage.open(key) as stream:
            found[key] = stream.read()
    return found


def test_a_bucket_gets_the_files_of_a_directory_also_after_kills(server, dataset, tmp_path):
    url = f"s3://{server.new_bucket()}/sets/news"
    for moment in (29, 28, 31):
        assert dataset("--to", url, stopped=(str(int(signal.SIGKILL)), str(moment))).returncode == -signal.SIGKILL
    done = dataset("--to", url)
    assert (done.returncode, done.stderr) == (0, "")
    assert dataset("--to", tmp_path / "set").returncode == 0
    assert objects(url) == contents(tmp_path / "set")
    assert not [path for path in (tmp_path / "spool/dataset").rglob("*") if path.is_file()]


def test_a_finished_data_set_in_a_bucket_is_replaced_by_force_only(server, dataset, tmp_path):
    url = f"s3://{server.new_bucket()}/sets/news"
    assert dataset("--to", url).returncode == 0
    done = dataset("--to", url, "--text", "none")
    assert (done.returncode, done.stderr) == (2, f"khobor: {url} is a finished data set; --force replaces it\n")
    assert dataset("--to", url, "--text", "none", "--force").returncode == 0
    assert dataset("--to", tmp_path / "set", "--text", "none").returncode == 0
    assert objects(url) == contents(tmp_path / "set")
    assert dataset("--fill", url).returncode == 0
    assert dataset("--fill", tmp_path / "set").returncode == 0
    assert objects(url) == contents(tmp_path / "set")


def test_a_bucket_that_is_missing_is_one_line(server, dataset):
    done = dataset("--to", "s3://nowhere/news")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("khobor: the data set in s3://nowhere/news can't be used: ")
