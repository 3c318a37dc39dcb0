"""From the spool to the archive: order, leftovers, and what must stay."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from crawler.archive.spool import SpoolFull, check_room, identity_of, waiting_bytes
from crawler.archive.storage import storage_for
from crawler.archive.storage.base import StorageError, StoreUnreachable
from crawler.archive.storage.directory import DirectoryStorage
from crawler.recording.archive_identity import claim
from crawler.recording.push import Push, forget_kept, waiting_outlets
from crawler.state.custody import Custody
from crawler.system.files import digest_of
from crawler.system.locks import DirectoryLock, Locked

pytestmark = pytest.mark.days
NAME = "khobor-samakal-20261124T101500123"
FILES = [
    f"warc/samakal/2026/11/{NAME}-00001-host.warc.gz",
    f"index/samakal/2026/11/{NAME}-00001-host.cdxj",
    f"articles/outlet=samakal/crawl_month=2026-11/{NAME}-host.jsonl.gz",
    f"runs/2026/11/{NAME}-host.json",
    f"manifest/2026/11/{NAME}-host.json",
]


@pytest.fixture
def spool(tmp_path):
    for file in FILES:
        path = tmp_path / "spool" / file
        path.parent.mkdir(parents=True)
        path.write_text(file)
    (tmp_path / "spool" / FILES[3]).write_text(json.dumps({"files": FILES[:-1]}))
    entries = [{"file": file, "sha256": digest_of(tmp_path / "spool" / file)} for file in FILES[:-1]]
    (tmp_path / "spool" / FILES[4]).write_text(json.dumps({"files": entries}))
    return tmp_path / "spool"


class Noting(DirectoryStorage):
    """A directory that notes its files in the order in which they arrive."""

    def __init__(self, root):
        super().__init__(root)
        self.files = []

    def put(self, local, key, sent, sha256):
        super().put(local, key, sent, sha256)
        self.files.append(key)


@pytest.fixture
def archive(tmp_path):
    return Noting(tmp_path / "archive")


@pytest.fixture
def push(spool, archive, state):
    """A push of a run that is in this spool, as far as state knows."""
    custody = Custody(state.engine, "mine", timedelta(minutes=15))
    custody.begin(f"{NAME}-host", "samakal", None, None)
    return Push(spool, archive, state, custody, keep_days=0, patience=60)


def left(folder):
    paths = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in paths if not path.startswith("."))


def waiting_runs(state):
    return [run.run for run in Custody(state.engine, "other", timedelta(0)).of("samakal")]


def test_records_arrive_before_their_rows_and_the_manifest_last(spool, archive, push, state):
    assert waiting_runs(state) == [f"{NAME}-host"]
    assert push.bring_up("samakal") == 5
    assert archive.files == FILES
    assert waiting_runs(state) == []
    assert left(spool) == []
    assert left(archive.root) == sorted(FILES)


def test_growing_files_and_other_outlets_files_stay(spool, push):
    others = [
        "warc/samakal/2026/11/khobor-samakal-1-00002-host.warc.gz.open",
        "runs/2026/11/khobor-samakal2-1.json",
    ]
    for file in others:
        (spool / file).write_text("")
    push.bring_up("samakal")
    assert left(spool) == sorted(others)


def test_after_an_outage_the_next_push_uploads_the_rest(spool, archive, push):
    class Away(DirectoryStorage):
        """A store that is gone after two files; the real outage is tried against a real server elsewhere."""

        room = 2

        def put(self, local, key, sent, sha256):
            if not self.room:
                raise StoreUnreachable("no answer")
            self.room -= 1
            super().put(local, key, sent, sha256)

    push.storage = Away(archive.root)
    with pytest.raises(StoreUnreachable):
        push.bring_up("samakal")
    assert left(spool) == sorted(FILES[2:])
    push.storage = archive
    assert push.bring_up("samakal") == 3
    assert left(archive.root) == sorted(FILES)


def test_files_stay_in_the_spool_when_state_fails(spool, push, state):
    with state.engine.begin() as connection:
        connection.execute(text("ALTER TABLE articles RENAME TO away"))
    with pytest.raises(SQLAlchemyError):
        push.bring_up("samakal")
    assert left(spool) == sorted(FILES)


def test_a_file_that_the_disk_changed_is_not_uploaded(spool, push):
    (spool / FILES[0]).write_text(FILES[0].upper())
    with pytest.raises(StorageError, match=r"has changed on the disk since it was written \(SHA-256\)"):
        push.bring_up("samakal")
    assert left(spool) == sorted(FILES)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("keep_days", [0, 3])
def test_a_file_that_another_process_uploads_now_is_no_failure(tmp_path, spool, push, state, moment, keep_days):
    class Beside(Noting):
        """A store where a run uploads its WARC, and removes it from the spool, while it is put or once it was."""

        def put(self, local, key, sent, sha256):
            super().put(local, key, sent, sha256)
            if key == FILES[0] and moment == "before":
                local.rename(tmp_path / "gone")
                raise FileNotFoundError(local)
            if key == FILES[0]:
                local.unlink()

    push.storage, push.keep_days = Beside(tmp_path / "archive"), keep_days
    push.bring_up("samakal")
    assert push.storage.files == FILES
    assert waiting_runs(state) == []
    assert left(tmp_path / "archive") == sorted(FILES)
    assert waiting_outlets(spool) == []


def test_a_missing_file_keeps_its_manifest_from_upload(spool, push):
    (spool / FILES[0]).unlink()
    with pytest.raises(StorageError, match=f"^{FILES[0]} is gone: neither the spool nor .* has it$"):
        push.bring_up("samakal")
    assert left(spool) == sorted(FILES[1:])


def test_concurrent_pushes_upload_each_file_once(archive, push, state):
    claim(archive, state)
    with ThreadPoolExecutor(4) as pool:
        work = [pool.submit(push.bring_up, "samakal") for _ in range(4)]
    assert sum(one.result() for one in work) == 5
    assert archive.files == FILES


@pytest.fixture
def mine(tmp_path, spool, state):
    """A push of a run that state says is of this spool; its lease is short."""
    custody = Custody(state.engine, identity_of(spool), timedelta(seconds=2))
    push = Push(spool, storage_for(str(tmp_path / "archive")), state, custody, keep_days=0)
    Custody(state.engine, (spool / "identity").read_text(), timedelta(0)).begin(f"{NAME}-host", "samakal", None, None)
    return push


def test_no_other_spool_takes_over_a_run_during_its_upload(mine, state):
    other = Custody(state.engine, "other", timedelta(minutes=15))

    class Slow(DirectoryStorage):
        def put(self, local, key, sent, sha256):
            time.sleep(0.8)
            super().put(local, key, sent, sha256)
            assert other.bereft(["samakal"]) == set()

    assert other.bereft(["samakal"]) == {"samakal"}
    mine.storage = Slow(mine.storage.root)
    assert mine.bring_up("samakal") == 5
    assert other.of("samakal") == []


def test_an_outage_of_state_during_an_upload_is_no_failure(mine, state):
    def rename(name, new):
        with state.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {name} RENAME TO {new}"))

    class Slow(DirectoryStorage):
        def put(self, local, key, sent, sha256):
            time.sleep(0.6)
            rename("spooled_runs", "away")
            super().put(local, key, sent, sha256)
            rename("away", "spooled_runs")

    mine.storage = Slow(mine.storage.root)
    assert mine.bring_up("samakal") == 5


def test_a_take_over_during_a_push_stops_it(mine, spool, state):
    other = Custody(state.engine, "other", timedelta(minutes=15))

    class Late(DirectoryStorage):
        def put(self, local, key, sent, sha256):
            super().put(local, key, sent, sha256)
            if key == FILES[1]:
                assert other.take_over(*other.of("samakal"))

    mine.storage = Late(mine.storage.root)
    for _ in range(2):
        with pytest.raises(Locked, match=f"^{NAME}-host: taken over by another machine.* a crawl of the outlet after "):
            mine.bring_up("samakal")
        assert left(spool) == sorted([*FILES[2:], "identity"])
    other.confirm([f"{NAME}-host"])
    assert mine.bring_up("samakal") == 3


def test_of_many_runs_that_are_other_spools_three_are_named(mine, spool, state):
    other = Custody(state.engine, "other", timedelta(minutes=15))
    for number in range(4):
        other.begin(f"{NAME}-host{number}", "samakal", None, None)
        (spool / f"runs/2026/11/{NAME}-host{number}.json").write_text(json.dumps({"files": []}))
    with pytest.raises(Locked, match=f"^{NAME}-host0, {NAME}-host1, {NAME}-host2 and 1 more: taken over by another"):
        mine.bring_up("samakal")
    assert not (spool / FILES[4]).exists()


@pytest.mark.parametrize(
    ("archived", "told"),
    [
        (f"{FILES[3]}", f"^{FILES[3]} is in the archive already, with other content$"),
        ("runs", f"^{FILES[3]} can't be read in .*: Not a directory$"),
    ],
)
def test_an_unusable_archived_run_file_stops_the_push(mine, state, archived, told):
    Custody(state.engine, "mine", timedelta(0)).confirm([f"{NAME}-host"])
    path = mine.storage.root / archived
    path.parent.mkdir(parents=True)
    path.write_text('{"files": [')
    with pytest.raises(StorageError, match=told):
        mine.bring_up("samakal")


def test_a_recovered_run_is_confirmed_with_its_run_file(spool, archive, push, state):
    class NotingCustody(Custody):
        def confirm(self, runs):
            archive.files.extend(runs)
            super().confirm(runs)

    entry = {"file": FILES[0], "sha256": digest_of(spool / FILES[0]), "recovered": {"run": f"{NAME}-gone"}}
    own = {"file": FILES[3], "sha256": digest_of(spool / FILES[3])}
    (spool / FILES[4]).write_text(json.dumps({"files": [entry, own]}))
    (spool / FILES[3]).with_name(f"{NAME}-gone.json").write_text('{"files": []}')
    custody = NotingCustody(state.engine, "mine", timedelta(minutes=15))
    Push(spool, archive, state, custody, keep_days=0).bring_up("samakal")
    gone = FILES[3].replace("-host", "-gone")
    assert archive.files == [FILES[0], FILES[3], FILES[4], f"{NAME}-host", gone, f"{NAME}-gone"]


def test_uploaded_files_are_kept_apart_for_some_days(spool, push):
    push.keep_days = 2
    push.bring_up("samakal")
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert left(spool) == sorted(f"kept/{today}/{file}" for file in FILES)
    assert waiting_outlets(spool) == []
    assert waiting_bytes(spool) == 0
    (spool / "kept" / today).rename(spool / "kept" / f"{datetime.now(UTC) - timedelta(days=3):%Y-%m-%d}")
    (spool / "kept" / "2026-99-99").mkdir()  # somebody's own
    forget_kept(spool, keep_days=3)
    assert len(left(spool)) == len(FILES)
    forget_kept(spool, keep_days=2)
    assert left(spool) == []


def test_outlets_that_wait_are_found_without_their_spiders(spool):
    (spool / FILES[3]).with_name("khobor-long_gone-20261124T101500123-host.json").write_text('{"files": []}')
    (spool / FILES[3]).with_name("khobor-growing-20261124T101500123-host.json.open").write_text("{}")
    assert waiting_outlets(spool) == ["long_gone", "samakal"]


def test_more_bytes_than_the_spool_may_hold_are_no_room(spool):
    size = sum((spool / file).stat().st_size for file in FILES)
    for most in (0, size):
        check_room(spool, "s3://bucket/kept", most)
    with pytest.raises(SpoolFull, match="wait in SPOOL_DIR for s3://bucket/kept, more than"):
        check_room(spool, "s3://bucket/kept", size - 1)
    check_room(spool, "/a/directory", size - 1)


def test_a_lock_has_one_holder_and_ends_with_it(tmp_path):
    with DirectoryLock(tmp_path / "lock"), pytest.raises(Locked), DirectoryLock(tmp_path / "lock"):
        raise AssertionError("taken twice")
    with DirectoryLock(tmp_path / "lock"):
        assert not list((tmp_path / "lock").iterdir())
