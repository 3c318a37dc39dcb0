"""`scrapy copy`: an identical archive, whatever happens meanwhile, and nothing overwritten."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest
import warm
from test_tools_compaction import Keeping, compaction
from verify_tools import Kept

from crawler.archive.names import manifest_of
from crawler.archive.storage.base import MARK, MARK_LINE, StorageError
from crawler.archive.storage.directory import DirectoryStorage
from crawler.archive.withheld import Decision, put_decision
from crawler.crawl.settings import PROJECT_ROOT
from crawler.model.article import article_id
from crawler.tools.compaction import Compaction
from crawler.tools.copying import Copying

TIME = "2026-09-30T10:00:00.000000Z"
ROWS = "articles/outlet=samakal/**/*.gz"
WARCS = "warc/samakal/**/*.gz"


@pytest.fixture
def kept(september, tmp_path):
    """A copy that a test may change."""
    return september.copied(tmp_path / "from")


@pytest.fixture
def there(tmp_path):
    """The target."""
    return Kept(tmp_path / "there")


def copied(kept, there, source=None, target=None, restores=False):
    """Copy as the command does and return the result."""
    stores = source or DirectoryStorage(kept.archive), target or DirectoryStorage(there.archive)
    with closing(Copying(*stores, there.spool, lambda count: None, restores)) as copying:
        copying.survey()
        list(copying.copy())
        return copying.copied


def contents(kept):
    """Return the files by key, without the marker and interrupted copies."""
    return {key: kept.read(key) for key in kept.keys("**/[!.]*.*")}


def pointers_lead_somewhere(kept):
    """Return whether rows have their records and manifests their files."""
    for key in kept.keys("articles/**/*.gz"):
        for row in map(json.loads, gzip.decompress(kept.read(key)).splitlines()):
            end = row["warc"]["offset"] + row["warc"]["length"]
            assert len(kept.read(row["warc"]["file"])) >= end
    for key in kept.keys("manifest/**/*.json"):
        for entry in json.loads(kept.read(key))["files"]:
            assert entry == entry | kept.facts(entry)
    return True


def test_a_copy_is_identical_and_valid(kept, there):
    before = contents(kept)
    done = copied(kept, there)
    assert (contents(kept), contents(there)) == (before, before)
    assert (there.problems(), done.files["copied"], done.problems) == ([], len(before), [])
    assert not any((kept.archive / key).samefile(there.archive / key) for key in before)
    assert [path for path in there.spool.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("kind", ["warc", "articles", "manifest"])
def test_an_unreadable_file_at_the_source_is_skipped(kept, there, kind):
    key = kept.keys(f"{kind}/**/*.*")[1]
    (kept.archive / key).unlink()
    # A regular file whose reading fails with EIO, like a bad sector.
    (kept.archive / key).symlink_to("/proc/self/mem")
    for _ in range(2):
        done = run(command(kept, there))
        said = f"khobor: {key} in {kept.archive} cannot be read: Input/output error\n"
        assert (done.returncode, done.stderr) == (3, said)
        assert there.keys("**/*.*") == [one for one in kept.keys("**/*.*") if one != key]


def test_an_unreadable_file_at_the_target_is_named(kept, there):
    copied(kept, there)
    key = there.keys(WARCS)[1]
    (there.archive / key).unlink()
    (there.archive / key).symlink_to("/proc/self/mem")
    done = run(command(kept, there))
    said = f"khobor: {key} in {there.archive} cannot be read: Input/output error\n"
    assert (done.returncode, done.stderr.startswith(said)) == (1, True)


def test_a_missing_file_and_a_damaged_manifest_are_named(kept, there):
    missing, manifest = kept.keys(WARCS)[1], kept.key("manifest/**/*.json")
    (kept.archive / missing).unlink()
    assert [one.key for one in copied(kept, there).problems] == [missing]
    assert contents(there) == contents(kept)
    (there.archive / manifest).unlink()
    kept.write(manifest, b"{}")
    assert {one.key for one in copied(kept, there).problems} >= {manifest}
    assert contents(there) == {key: data for key, data in contents(kept).items() if key != manifest}


def test_a_manifest_of_a_newer_format_is_named(kept, there):
    manifest = kept.key("manifest/**/*.json")
    with kept.edited(manifest) as document:
        document["format"] = "2.0"
    (problem,) = copied(kept, there).problems
    assert (problem.key, problem.sentence.endswith("has format 2.0; this khobor reads format 1.0")) == (manifest, True)
    assert manifest not in there.keys("manifest/**/*.json")


def test_a_compaction_at_the_source_is_repeated_at_the_target(kept, there):
    copied(kept, there)
    compaction(kept).compact("samakal", "2026-09")
    done = copied(kept, there)
    assert (contents(there), there.problems(), done.removed) == (contents(kept), [], 3)


def test_replaced_row_files_are_not_copied(kept, there):
    with pytest.raises(StorageError):
        Compaction(Keeping(kept.archive), kept.spool).compact("samakal", "2026-09")
    copied(kept, there)
    assert (len(kept.keys(ROWS)), len(there.keys(ROWS)), there.problems()) == (4, 1, [])


class Busy(DirectoryStorage):
    """An archive in which something happens after its manifests were listed."""

    def __init__(self, root, happen):
        super().__init__(root)
        self.happen = happen

    def list(self, prefix=""):
        yield from list(super().list(prefix))
        if prefix:
            self.happen()


@pytest.mark.parametrize("has_rows", [False, True])
def test_a_concurrent_compaction_is_reported_and_copied_next_time(kept, there, has_rows):
    if has_rows:
        copied(kept, there)
    done = copied(kept, there, source=Busy(kept.archive, lambda: compaction(kept).compact("samakal", "2026-09")))
    assert {one.what for one in done.problems} == {"gone"}
    done = copied(kept, there)
    assert (contents(there), there.problems(), done.problems) == (contents(kept), [], [])


def test_files_verified_by_an_earlier_copy_are_not_read_again(kept, there):
    reads = []

    class Away(DirectoryStorage):
        """A store that fails after some files."""

        left = 7

        def put(self, local, key, **more):
            if self.left == 0:
                raise StorageError("away")
            self.left -= 1
            super().put(local, key, **more)

    class Counted(DirectoryStorage):
        def open(self, key, offset=0):
            reads.append(key)
            return super().open(key, offset)

    with pytest.raises(StorageError, match="away"):
        copied(kept, there, target=Away(there.archive))
    brought = set(contents(there))
    assert len(brought) == 7
    reads.clear()
    done = copied(kept, there, source=Counted(kept.archive))
    # The last files may not have been recorded as verified.
    assert len(brought & set(reads)) <= 4
    assert (contents(there), done.problems) == (contents(kept), [])


def test_paths_outside_an_archive_and_other_files_are_skipped(kept, there):
    class Odd(DirectoryStorage):
        def list(self, prefix=""):
            yield from super().list(prefix)
            if not prefix:
                yield "warc/../../outside", 3

    kept.write("README", b"mine")
    stores = Odd(kept.archive), DirectoryStorage(there.archive)
    with closing(Copying(*stores, there.spool, lambda count: None)) as copying:
        copying.survey()
        assert copying.strays == ["README", "warc/../../outside"]


def withhold(kept):
    decision = Decision(article_id("samakal", "1"), "samakal", "https://samakal.com/1", "withhold", "x", TIME, "")
    put_decision(DirectoryStorage(kept.archive), decision)


def restored(kept, there, **more):
    return copied(kept, there, restores=True, **more)


def remove(kept, key):
    (kept.archive / key).unlink()


def hinder(kept, key):
    """Make a file unreadable, like a bad sector."""
    remove(kept, key)
    (kept.archive / key).symlink_to("/proc/self/mem")


DAMAGE = {
    "flipped": lambda kept, key: kept.flip(key, 60),
    "cut": lambda kept, key: kept.write(key, kept.read(key)[:-9]),
    "missing": remove,
    "unreadable": hinder,
}


@pytest.mark.parametrize(
    ("kind", "damage"),
    [
        *((kind, damage) for kind in ("warc", "manifest", "runs") for damage in DAMAGE),
        *((kind, damage) for kind in ("index", "articles", "withheld") for damage in ("flipped", "missing")),
    ],
)
def test_a_damaged_file_is_restored_from_a_backup(kept, there, kind, damage):
    withhold(kept)
    copied(kept, there)
    before, key = contents(there), there.keys(f"{kind}/**/*.*")[-1]
    others = {one: (there.archive / one).stat() for one in before if one != key}
    DAMAGE[damage](there, key)
    # No manifest names these: their absence goes unnoticed.
    assert there.problems() or (kind in ("runs", "withheld") and damage == "missing")
    done = restored(kept, there)
    assert (done.problems, contents(there), there.problems()) == ([], before, [])
    assert done.files["copied" if damage == "missing" else "replaced"] == 1
    assert others == {one: (there.archive / one).stat() for one in others}


def damage_segments(kept):
    """Damage every file of every segment."""
    for key in kept.keys("*/**/*.*"):
        kept.flip(key, 60)


def test_all_files_of_a_segment_are_restored_at_once(kept, there):
    copied(kept, there)
    before = contents(there)
    damage_segments(there)
    done = restored(kept, there)
    assert (done.problems, contents(there), there.problems()) == ([], before, [])
    assert done.files["replaced"] == len(before)


def test_a_file_that_was_found_sound_before_is_read_again(kept, there):
    class Away(DirectoryStorage):
        def put(self, local, key, **more):
            if key.startswith("runs/"):
                raise StorageError("away")
            super().put(local, key, **more)

    with pytest.raises(StorageError, match="away"):
        copied(kept, there, target=Away(there.archive))
    there.flip(there.keys(WARCS)[1], 60)
    assert restored(kept, there).files["replaced"] == 1
    assert (contents(there), there.problems()) == (contents(kept), [])


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_backup_replaces_nothing(kept, there, damage):
    copied(kept, there)
    broken, sound = there.keys(WARCS)[:2]
    there.flip(broken, 60)
    before = contents(there)
    for key in (broken, sound):
        DAMAGE[damage](kept, key)
    done = restored(kept, there)
    assert {one.key for one in done.problems} >= {broken}
    assert {one.what for one in done.problems} == {"damaged"}
    assert contents(there) == before


@pytest.mark.parametrize("kind", ["runs", "withheld"])
def test_a_damaged_run_file_of_the_backup_replaces_nothing(kept, there, kind):
    withhold(kept)
    copied(kept, there)
    key = there.keys(f"{kind}/**/*.json")[-1]
    kept.write(key, b"{}")
    before = contents(there)
    for _ in range(2):
        done = restored(kept, there)
        assert ([(one.key, one.what) for one in done.problems], contents(there)) == ([(key, "differs")], before)
        there.write(key, b"[]")
        before = contents(there)


MANIFEST_CHANGES = {
    "runs": lambda document: document.update(runs=["khobor-samakal-20260929T000000000-other"]),
    "outlet": lambda document: document.update(outlet="other"),
    "dates": lambda document: document["files"][0].update(first="2026-09-29T00:00:00.000000Z"),
}


@pytest.mark.parametrize("change", MANIFEST_CHANGES)
@pytest.mark.parametrize("is_backup", [False, True])
def test_the_manifest_that_verify_names_is_the_damaged_one(kept, there, change, is_backup):
    copied(kept, there)
    manifest, before = there.keys("manifest/**/*.json")[1], contents(there)
    changed = kept if is_backup else there
    document = json.loads(changed.read(manifest))
    MANIFEST_CHANGES[change](document)
    changed.write_json(manifest, document)
    assert manifest in {file for file, *_ in changed.problems()}
    done = restored(kept, there)
    assert [(one.key, one.what) for one in done.problems] == ([(manifest, "differs")] if is_backup else [])
    assert (contents(there), there.problems()) == (before, [])


def test_row_files_compacted_since_the_backup_are_not_restored(kept, there):
    copied(kept, there)
    compaction(there).compact("samakal", "2026-09")
    key, before = there.keys(WARCS)[1], contents(there)
    there.flip(key, 60)
    manifest = manifest_of(key)
    there.write(manifest, b"{}")
    done = restored(kept, there)
    assert (done.problems, contents(there), there.problems()) == ([], before, [])
    assert done.files["replaced"] == 2


@pytest.mark.parametrize(
    ("kind", "damage"), [*(("articles", damage) for damage in DAMAGE), ("manifest", "cut"), ("manifest", "unreadable")]
)
def test_a_damaged_compaction_that_no_backup_has_is_named(kept, there, kind, damage):
    copied(kept, there)
    before = contents(there)
    compaction(there).compact("samakal", "2026-09")
    (rows,), (manifest,) = (there.keys(f"{one}/**/*compacted.*") for one in ("articles", "manifest"))
    DAMAGE[damage](there, rows if kind == "articles" else manifest)
    assert manifest in {one.key for one in restored(kept, there).problems}
    for key in (rows, manifest):
        (there.archive / key).unlink(missing_ok=True)
    assert (restored(kept, there).problems, contents(there), there.problems()) == ([], before, [])


def test_a_file_that_cannot_be_replaced_is_named_and_others_are_restored(kept, there):
    class Locked(DirectoryStorage):
        def replace(self, local, key, sha256):
            if key == locked:
                raise StorageError("the object is locked")
            super().replace(local, key, sha256)

    copied(kept, there)
    before, (locked, key) = contents(there), there.keys(WARCS)[:2]
    for one in (locked, key):
        there.flip(one, 60)
    done = restored(kept, there, target=Locked(there.archive))
    sentence = f"{locked} in {there.archive} can't be replaced: the object is locked"
    assert [(one.sentence, one.what) for one in done.problems] == [(sentence, "differs")]
    assert there.read(key) == before[key]


def test_a_store_that_ignores_a_replacement_is_named(kept, there):
    class Deaf(DirectoryStorage):
        def replace(self, local, key, sha256):
            return

    copied(kept, there)
    key = there.keys(WARCS)[1]
    there.flip(key, 60)
    (problem,) = restored(kept, there, target=Deaf(there.archive)).problems
    assert problem.sentence == f"{key} in {there.archive} is not what was put"


def test_a_restoration_that_is_killed_repeatedly_completes(kept, there):
    identified(kept, there)
    copied(kept, there)
    before, kills = contents(there), 0
    damage_segments(there)
    damaged = contents(there)
    while run(stepping(kept, there, left=23, words=["--replace-damaged"])).returncode == -signal.SIGKILL:
        kills += 1
        assert all(data in (before[key], damaged[key]) for key, data in contents(there).items())
    assert kills > 2
    assert (contents(there), there.problems()) == (before, [])


def identified(*archives, ids=("7", "7")):
    """Give archives their markers."""
    for one, archive_id in zip(archives, ids, strict=True):
        one.archive.mkdir(parents=True, exist_ok=True)
        (one.archive / MARK).write_bytes(MARK_LINE + f"id: {archive_id}\n".encode() if archive_id else b"")


@pytest.mark.parametrize("ids", [("7", "8"), ("7", ""), ("", "8")])
def test_a_backup_of_another_archive_restores_nothing(kept, there, ids):
    identified(kept, there, ids=ids)
    done = run([*command(kept, there), "--replace-damaged"])
    shown = [f"ID {one}" if one else "no ID" for one in ids]
    said = f"{kept.archive} has {shown[0]}, {there.archive} has {shown[1]}"
    assert done.stderr == f"khobor: {said}: --replace-damaged takes a backup of the same archive\n"
    assert (done.returncode, done.stdout, contents(there)) == (1, "", {})


@pytest.mark.parametrize("marker", [None, b"", MARK_LINE + b"id"])
def test_a_lost_marker_is_restored_beside_a_manifest_of_the_backup(kept, there, marker):
    identified(kept, there)
    copied(kept, there)
    (there.archive / MARK).unlink()
    if marker is not None:
        (there.archive / MARK).write_bytes(marker)
    for _ in range(2):
        done = run([*command(kept, there), "--replace-damaged"])
        assert (done.returncode, done.stderr) == (0, "")
        assert (there.archive / MARK).read_bytes() == (kept.archive / MARK).read_bytes()
        assert (there.archive / MARK).stat().st_mode & 0o777 == 0o644
    assert there.scrapy("verify").returncode == 0


def test_an_archive_is_not_copied_into_another(kept, there):
    identified(kept, there, ids=("7", "8"))
    done = run(command(kept, there))
    assert done.stderr == f"khobor: {kept.archive} has ID 7, {there.archive} has ID 8: they are two archives\n"
    assert (done.returncode, done.stdout, contents(there)) == (1, "", {})


def command(kept, there, *words, source=None):
    words = words or (source or kept.archive, there.archive)
    return [sys.executable, "-m", "scrapy", "copy", *map(str, words), "-s", f"SPOOL_DIR={there.spool}"]


def run(words):
    environment = {**os.environ, "SCRAPY_PROJECT": "test"}
    return warm.run(words, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, timeout=60)


# Waits before and after each change, or is killed at one of them.
STEPPING = """
import os, signal, sys, threading, time
from pathlib import Path
from crawler.archive.storage.directory import DirectoryStorage
from scrapy.cmdline import execute
left, seconds, lock = int(sys.argv[1]), float(sys.argv[2]), threading.Lock()
def step():
    global left
    with lock:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(seconds)
def around(call):
    def stepping(*arguments, **options):
        step()
        result = call(*arguments, **options)
        step()
        return result
    return stepping
os.link = around(os.link)
Path.unlink = around(Path.unlink)
Path.replace = around(Path.replace)
DirectoryStorage.put = around(DirectoryStorage.put)
execute(["scrapy", *sys.argv[3:]])
"""


def stepping(kept, there, left=0, seconds=0.0, words=()):
    return [sys.executable, "-c", STEPPING, str(left), str(seconds), *command(kept, there)[3:], *words]


def test_a_copy_that_is_killed_repeatedly_completes(kept, there):
    before, kills = contents(kept), 0
    while run(stepping(kept, there, left=37)).returncode == -signal.SIGKILL:
        kills += 1
        found = contents(there)
        assert found == {key: before[key] for key in found}
        assert pointers_lead_somewhere(there)
    assert kills > 3
    assert (contents(there), contents(kept), there.problems()) == (before, before, [])
    assert [path for path in there.spool.rglob("*") if path.is_file()] == []


def test_a_different_file_exits_1_and_a_damaged_one_3(kept, there):
    key = kept.keys(WARCS)[1]
    there.write(key, b"other")
    done = run(command(kept, there))
    assert (done.returncode, done.stderr.count("\n"), there.read(key)) == (1, 2, b"other")
    assert key in done.stderr
    (there.archive / key).unlink()
    kept.flip(key, 60)
    done = run(command(kept, there))
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert key in done.stderr


def test_the_next_copy_continues_a_stopped_one(kept, there):
    environment = {**os.environ, "SCRAPY_PROJECT": "test"}
    slow = stepping(kept, there, seconds=0.05)
    with warm.Popen(slow, cwd=PROJECT_ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        while not there.keys("**/*.gz"):
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        said = process.stderr.read()
    assert (process.returncode, said) == (143, "khobor: interrupted; copy again to go on\n")
    assert run(command(kept, there)).returncode == 0
    assert contents(there) == contents(kept)


@pytest.mark.parametrize(
    ("words", "exit_code", "message"),
    [
        (["{from}"], 2, "copy takes two archives, FROM and TO"),
        (["{from}", "{from}"], 2, "must lie apart"),
        (["{from}", "{from}/archive"], 2, "must lie apart"),
        (["{from}", "{spool}/archive"], 2, "must lie apart"),
        (["s3://news/archive", "s3://news/archive/old/"], 2, "must lie apart"),
        (["{from}/none", "{to}"], 1, "No such file or directory"),
        (["{empty}", "{to}"], 1, "there is no archive in"),
        (["{from}", "ftp://host/x"], 1, "must be a directory or s3://bucket/prefix"),
        (["{from}", "/proc/archive"], 1, "/proc/archive can't be written"),
        (["{from}", "{to}", "--fast"], 2, "copy has no option --fast"),
    ],
)
def test_a_mistake_is_reported_in_one_line(kept, there, words, exit_code, message):
    empty = there.spool.parent / "empty"
    (empty / "of_no_archive").mkdir(parents=True)
    places = {"from": kept.archive, "to": there.archive, "spool": there.spool, "empty": empty}
    done = run(command(kept, there, *(word.format(**places) for word in words)))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (exit_code, "", 1)
    assert message in done.stderr
