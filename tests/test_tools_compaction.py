"""Compaction: fewer row files, the same rows, and an archive that is sound and counts each row once at every moment."""

import gzip
import shutil
from pathlib import Path

import pytest
from verify_tools import late_run

from crawler.archive.storage.base import StorageError
from crawler.archive.storage.directory import DirectoryStorage
from crawler.system.locks import update_lock
from crawler.tools import compaction as compacting
from crawler.tools.compaction import Compaction
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import outlet_rows

MONTH = "2026-09"
ROW_FILES = f"articles/outlet=samakal/crawl_month={MONTH}/*"


@pytest.fixture
def kept(september, tmp_path):
    return september.copied(tmp_path)


def compaction(kept):
    return Compaction(DirectoryStorage(kept.archive), kept.spool)


def lines_of(kept, keys):
    return b"".join(gzip.decompress(kept.read(key)) for key in keys)


def counted(kept, outlet="samakal"):
    """Return the rows that our own readers count, as (id, version)."""
    rows = [(row.fields["id"], row.fields["version"]) for row in outlet_rows(DirectoryStorage(kept.archive), outlet)]
    assert len(set(rows)) == len(rows), "a row counts twice"
    return rows


def test_a_late_file_is_compacted_with_the_compacted_one(kept):
    compaction(kept).compact("samakal", MONTH)
    (first,) = kept.keys(ROW_FILES)
    assert compaction(kept).compact("samakal", MONTH) is None
    late_run(kept)
    assert compaction(kept).compact("samakal", MONTH).files == 2
    (second,) = kept.keys(ROW_FILES)
    assert second != first
    assert (len(counted(kept)), kept.problems()) == (6, [])


@pytest.mark.parametrize("damage", ["flip", "cut", "other"])
def test_a_damaged_month_stays_as_it_is(kept, damage):
    key = kept.keys(ROW_FILES)[1]
    data = kept.read(key)
    spoilt = {"cut": data[:-9], "other": gzip.compress(b'{"a":1}\n')}
    kept.flip(key, 60) if damage == "flip" else kept.write(key, spoilt[damage])
    files = kept.keys("**/*.*")
    with pytest.raises(ExportFailed, match=Path(key).name):
        compaction(kept).compact("samakal", MONTH)
    assert kept.keys("**/*.*") == files


class Killed(BaseException):
    """What ends a compaction as a kill would: nobody catches it."""


class Killer:
    """Ends a compaction before its n-th step: before and after every call that changes something."""

    def __init__(self, monkeypatch, after):
        self.left = after
        changing = [(compacting, "write_rows"), (compacting, "write_manifest"), (Path, "unlink")]
        for owner, name in (*changing, (DirectoryStorage, "put"), (DirectoryStorage, "remove")):
            monkeypatch.setattr(owner, name, self.around(getattr(owner, name)))

    def around(self, call):
        def stepping(*arguments, **options):
            self.step()
            result = call(*arguments, **options)
            self.step()
            return result

        return stepping

    def step(self):
        self.left -= 1
        if self.left < 0:
            raise Killed


def killed_after(kept, steps):
    """Compact and be killed after some steps; return whether it came to its end before."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        Killer(monkeypatch, steps)
        try:
            compaction(kept).compact("samakal", MONTH)
        except Killed:
            return False
    return True


def test_killed_at_any_step_each_row_counts_once(september, tmp_path):
    before, lines = counted(september), lines_of(september, september.keys(ROW_FILES))
    for steps in range(60):
        kept = september.copied(tmp_path / str(steps))
        is_done = killed_after(kept, steps)
        report = kept.verify()
        assert (report.findings, report.rows, counted(kept)) == ([], 10, before), steps
        compaction(kept).resume()
        compaction(kept).compact("samakal", MONTH)
        assert lines_of(kept, kept.keys(ROW_FILES)) == lines, steps
        assert (kept.problems(), list(kept.spool.rglob("*.*"))) == ([], []), steps
        if is_done:
            break
    assert (is_done, steps > 15) == (True, True)


def test_a_compaction_whose_spool_is_lost_is_repeated(kept):
    before = counted(kept)
    killed_after(kept, 6)  # the new file is put, its manifest is not
    assert len(kept.keys(ROW_FILES)) == 4
    shutil.rmtree(kept.spool)
    assert (counted(kept), kept.problems()) == (before, [])
    compaction(kept).resume()
    compaction(kept).compact("samakal", MONTH)
    assert (len(kept.keys(ROW_FILES)), counted(kept), kept.problems()) == (1, before, [])


def test_a_compaction_during_verification_is_sound(kept):
    with kept.verification() as verification:
        verification.survey()
        compaction(kept).compact("samakal", MONTH)
        report = verification.check([], None)
    assert (report.findings, report.rows) == ([], 10)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda manifest: manifest["replaces"][0]["records"].update(rows=7), "the files that it replaces had"),
        (lambda manifest: manifest["replaces"][0].update(sha256="0" * 64), "give different digests"),
        (lambda manifest: manifest.update(replaces="all"), "replaces is not a list of files"),
        (lambda manifest: manifest["replaces"].pop(), "is missing"),
    ],
)
def test_a_compaction_that_lost_rows_is_found(kept, change, problem):
    compaction(kept).compact("samakal", MONTH)
    with kept.edited(kept.key("manifest/samakal/2026/09/*-compacted.json")) as manifest:
        change(manifest)
    assert any(problem in text for _, _, text in kept.problems())


class Keeping(DirectoryStorage):
    """A store that refuses to remove files."""

    def remove(self, key):
        raise StorageError(f"{key}: refused")


def test_the_command_prints_files_and_bytes(kept):
    done = kept.scrapy("compact")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines[:2]] == ["ittefaq 2026-09", "samakal 2026-09"]
    assert lines[0].startswith("ittefaq 2026-09: 3 files of ")
    assert lines[2].startswith("6 files of ")
    assert "nothing to compact" in kept.scrapy("compact", "--outlet", "samakal").stdout


def test_the_command_continues_after_a_damaged_file(kept):
    key = kept.key("articles/outlet=ittefaq/**/*.gz")
    kept.flip(key, 60)
    done = kept.scrapy("compact")
    assert (done.returncode, done.stderr.count("\n"), key in done.stderr) == (3, 1, True)
    assert "samakal 2026-09: 3 files" in done.stdout


def test_the_command_refuses_while_an_update_works_in_the_spool(kept):
    with update_lock(kept.spool):
        done = kept.scrapy("compact")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (75, "", 1)


@pytest.mark.parametrize(
    "words", [["samakal"], ["--month", "2026-13"], ["--month", "2999-01"], ["--month", "x"], ["--outlet", "samakall"]]
)
def test_a_mistake_is_one_line_and_exit_2(kept, words):
    done = kept.scrapy("compact", *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
