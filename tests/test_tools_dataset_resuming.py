"""Data sets whose making was interrupted: by the same command, by others, with other plans."""

from datetime import date

import pytest
from indexed_rows import write_segment
from made_up_dataset import build, contents, dated_row, fill, write_archive

from crawler.archive.manifests import write_json
from crawler.archive.names import key_of
from crawler.tools.dataset import building, filling, layout
from crawler.tools.dataset.shards import ShardWriter
from crawler.tools.dataset.target import UNFINISHED
from crawler.tools.export.output import ExportFailed


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    root = tmp_path_factory.mktemp("dataset") / "archive"
    write_archive(root)
    return root


@pytest.fixture
def interrupted(monkeypatch):
    """A function that makes a data set in files of 20 rows, and is interrupted after some of them."""

    def build_some(files, *places, **options):
        calls = []

        def broken(self, shard, stream):
            calls.append(shard)
            if len(calls) > files:
                raise KeyboardInterrupt
            return whole(self, shard, stream)

        whole = ShardWriter.write
        with monkeypatch.context() as patch:
            patch.setattr(ShardWriter, "write", broken)
            with pytest.raises(KeyboardInterrupt):
                build(*places, **options)

    monkeypatch.setattr(layout, "SHARD_ROWS", 20)
    return build_some


def run_file(root, day, **facts):
    """Write the file of a run that requested the days from 2026-08-20 on."""
    stem = f"khobor-samakal-{day:%Y%m%d}T000000000-host"
    document = {
        "outlet": "samakal",
        "started": f"{day}T00:00:00.000000Z",
        "finished": f"{day}T00:10:00.000000Z",
        "wanted": {"since": "2026-08-20", "until": str(day)},
    }
    write_json(root, key_of("runs", stem), document | facts)


@pytest.mark.parametrize("is_whole", [True, False])
def test_two_spools_do_not_mix_their_data_sets(archive, tmp_path, interrupted, monkeypatch, is_whole):
    to = tmp_path / "set"
    monkeypatch.setattr(layout, "SHARD_ROWS", 20)
    whole, calls = ShardWriter.write, []

    def overtaken(self, shard, stream):
        """Write a shard of the data set without texts after another process began one with them."""
        calls.append(shard)
        if len(calls) == 2:
            if is_whole:
                build(archive, to, spool="other", is_forced=True)
            else:
                interrupted(2, archive, to, spool="other", is_forced=True)
        return whole(self, shard, stream)

    with monkeypatch.context() as patch:
        patch.setattr(ShardWriter, "write", overtaken)
        with pytest.raises(ExportFailed, match="another process writes the data set in "):
            build(archive, to, text="none")
    build(archive, to, is_forced=True, text="none")
    build(archive, tmp_path / "fresh", text="none")
    assert contents(to) == contents(tmp_path / "fresh")


def test_files_of_a_filling_do_not_stay_with_the_plan_that_is_left(archive, tmp_path, monkeypatch):
    to = tmp_path / "set"
    monkeypatch.setattr(layout, "SHARD_ROWS", 20)
    with monkeypatch.context() as patch:
        patch.setattr(building, "remove_plan", lambda path: None)
        build(archive, to, text="none")
        build(archive, to, spool="other", is_forced=True, text="none", until=date(2026, 9, 1))
        patch.setattr(filling, "described", lambda facts: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            fill(archive, to)
    assert (to / UNFINISHED).exists()
    build(archive, to, is_forced=True, text="none")
    build(archive, tmp_path / "fresh", text="none")
    assert contents(to) == contents(tmp_path / "fresh")


@pytest.mark.parametrize("facts", [{"withdrawn": True}, {"wanted": {"since": "2026-08-10", "until": "2026-11-26"}}])
def test_a_run_that_changes_the_data_set_starts_it_anew(tmp_path, interrupted, facts):
    archive, to, row = tmp_path / "archive", tmp_path / "set", dated_row(1, 1)
    write_segment(archive, 1, row, *(dated_row(day, day) for day in range(2, 50)))
    run_file(archive, date(2026, 11, 25))
    interrupted(2, archive, to)
    gone = {name: row[name] for name in ("id", "outlet", "url")}
    gone |= {"key": "1", "status": 410, "since": "2026-11-26T00:05:00.000000Z"}
    run_file(archive, date(2026, 11, 26), **{"withdrawn": [gone]} if "withdrawn" in facts else facts)
    build(archive, to)
    build(archive, tmp_path / "fresh")
    assert contents(to) == contents(tmp_path / "fresh")
