"""The file of an export: whole or not there, and in place of another one only if that is forced."""

from contextlib import suppress

import pytest
from scrapy.exceptions import UsageError

from crawler.system.terminal import Interrupted
from crawler.tools.export.output import new_file


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("old")
    return path


def test_a_failed_export_leaves_the_existing_file(path):
    with suppress(ValueError), new_file(str(path), is_forced=True) as stream:
        stream.write(b"new")
        raise ValueError("damaged")
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_an_interrupted_export_says_that_the_file_is_as_it_was(path):
    with pytest.raises(Interrupted) as caught, new_file(str(path), is_forced=True):
        raise Interrupted(130)
    assert caught.value.__notes__ == [f"{path} is as it was"]


def test_a_link_stays_and_leads_to_the_new_file(path, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(path)
    with new_file(str(link), is_forced=True) as stream:
        stream.write(b"new")
    assert (link.is_symlink(), path.read_text()) == (True, "new")


@pytest.mark.parametrize("name", ["/dev/null", "/tmp"])
def test_force_replaces_neither_device_nor_folder(name):
    with pytest.raises(UsageError, match="is not a file; --force"), new_file(name, is_forced=True):
        raise AssertionError("it was opened")


@pytest.mark.parametrize("name", ["", "s3://bucket/rows.csv", "https://host/rows.csv"])
def test_only_a_file_of_this_machine_is_written(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="is not the name of a file on this machine"), new_file(name):
        raise AssertionError("it was opened")
    assert list(tmp_path.iterdir()) == []
