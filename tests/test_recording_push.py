"""From the spool to the archive: the files of a segment in their order, its manifest last, and what must stay."""

import json
import threading
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from place import wait_for
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from crawler.archive.manifests import FinishedFile, write_manifest
from crawler.archive.names import key_of
from crawler.archive.spool import SegmentLimits, SpoolFull, check_room, identity_of, waiting_bytes
from crawler.archive.storage import storage_for
from crawler.archive.storage.base import StorageError, StoreUnreachable
from crawler.archive.storage.directory import DirectoryStorage
from crawler.recording import upload as beside
from crawler.recording.push import Push, forget_kept, waiting_outlets
from crawler.recording.upload import Upload
from crawler.state import SpooledSegment
from crawler.state.leases import Leases
from crawler.system import clock
from crawler.system.files import digest_of
from crawler.system.locks import push_lock

RUN = "khobor-samakal-20261124T101500123-host"
SEGMENT = "khobor-samakal-20261124T101500123-00001-host"
FILES = [key_of(kind, SEGMENT) for kind in ("warc", "index", "articles", "manifest")] + [key_of("runs", RUN)]
WHOLE = ("warc", "index", "articles", "manifest")
LIMITS = SegmentLimits(10**9, timedelta(hours=1))


def finish(spool, segment=SEGMENT):
    """Make the files of a finished segment."""
    files = [key_of(kind, segment) for kind in ("warc", "index", "articles")]
    for file in files:
        (spool / file).parent.mkdir(parents=True, exist_ok=True)
        (spool / file).write_text(file)
    write_manifest(spool, segment, [], [FinishedFile(file, len(file), digest_of(spool / file)) for file in files])


@pytest.fixture
def spool(tmp_path):
    spool = tmp_path / "spool"
    finish(spool)
    (spool / FILES[4]).parent.mkdir(parents=True)
    (spool / FILES[4]).write_text(json.dumps({"segments": [SEGMENT]}))
    return spool


class Noting(DirectoryStorage):
    """A directory that notes its files in the order in which they arrive."""

    def __init__(self, root):
        super().__init__(root)
        self.files = []

    def put(self, local, key, sent, sha256):
        super().put(local, key, sent, sha256)
        self.files.append(key)


class Away(DirectoryStorage):
    """A store that is away for the first times; the real outage is tried against a real server elsewhere."""

    def __init__(self, root, times):
        super().__init__(root)
        self.times = times

    def put(self, local, key, sent, sha256):
        if self.times:
            self.times -= 1
            raise StoreUnreachable("no answer")
        super().put(local, key, sent, sha256)


@pytest.fixture
def archive(tmp_path):
    return Noting(tmp_path / "archive")


@pytest.fixture
def push(spool, archive, state):
    """A push of a segment that is in this spool, as far as state knows."""
    state.recorded([], spooled=[SpooledSegment(FILES[0], "samakal", RUN, "mine")])
    leases = Leases(state.engine, "mine", timedelta(minutes=15))
    return Push(spool, archive, state, leases, keep_days=0, patience=60)


def left(folder):
    paths = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in paths if not path.startswith("."))


def lost(state):
    """Return the segments that another spool would give up, had no spool a lease."""
    with state.engine.connect() as connection:
        return [file for (file,) in connection.execute(text("SELECT file FROM segments"))]


def test_segments_are_uploaded_whole_and_in_their_order(spool, archive, push, state):
    second = SEGMENT.replace("-00001-", "-00002-")
    finish(spool, second)

    class Full(Noting):
        def put(self, local, key, sent, sha256):
            if key == key_of("articles", second):
                # The first segment is done with: it needs no other.
                assert left(spool) == sorted([*(key_of(kind, second) for kind in WHOLE), FILES[4]])
                assert lost(state) == []
                raise StorageError("no space left")
            super().put(local, key, sent, sha256)

    push.storage = Full(archive.root)
    with pytest.raises(StorageError, match="no space left"):
        push.bring_up("samakal")
    assert push.storage.files == [*FILES[:4], key_of("warc", second), key_of("index", second)]


def test_a_push_killed_while_it_removed_files_is_completed(spool, archive, push, state):
    push.keep_days = 1
    push.bring_up("samakal")
    (kept,) = (spool / "kept").iterdir()
    for file in FILES[2:4]:
        (kept / file).rename(spool / file)
    assert push.bring_up("samakal") == 2
    assert lost(state) == []
    assert waiting_outlets(spool) == []


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


def test_a_missing_file_keeps_its_manifest_from_upload(spool, push):
    (spool / FILES[0]).unlink()
    with pytest.raises(StorageError, match=f"^{FILES[0]} is gone: neither the spool nor .* has it$"):
        push.bring_up("samakal")
    assert left(spool) == sorted(FILES[1:])


@pytest.fixture
def mine(tmp_path, spool, state):
    """A push with a short lease of a segment that state says is of this spool."""
    leases = Leases(state.engine, identity_of(spool), timedelta(seconds=2))
    state.recorded([], spooled=[SpooledSegment(FILES[0], "samakal", RUN, leases.spool)])
    return Push(spool, storage_for(str(tmp_path / "archive")), state, leases, keep_days=0)


def test_a_spool_is_not_lost_during_its_upload(mine, state):
    other = Leases(state.engine, "other", timedelta(minutes=15))

    class Slow(DirectoryStorage):
        def put(self, local, key, sent, sha256):
            time.sleep(0.8)
            super().put(local, key, sent, sha256)
            assert other.lost("samakal") == []

    assert other.lost("samakal")
    mine.storage = Slow(mine.storage.root)
    assert mine.bring_up("samakal") == 5
    assert other.lost("samakal") == []


@pytest.mark.parametrize(
    ("archived", "told"),
    [
        (FILES[4], f"^{FILES[4]} is in the archive already, with other content$"),
        ("runs", f"^{FILES[4]} can't be put into .*: File exists$"),
    ],
)
def test_an_unusable_archived_run_file_stops_the_push(mine, archived, told):
    path = mine.storage.root / archived
    path.parent.mkdir(parents=True)
    path.write_text('{"segments": [')
    with pytest.raises(StorageError, match=told):
        mine.bring_up("samakal")


def test_uploaded_files_are_kept_apart_for_some_days(spool, push):
    push.keep_days = 2
    push.bring_up("samakal")
    today = f"{clock.now():%Y-%m-%d}"
    assert left(spool) == sorted(f"kept/{today}/{file}" for file in FILES)
    assert waiting_outlets(spool) == []
    assert waiting_bytes(spool) == 0
    (spool / "kept" / today).rename(spool / "kept" / f"{clock.now() - timedelta(days=3):%Y-%m-%d}")
    (spool / "kept" / "2026-99-99").mkdir()  # somebody's own
    forget_kept(spool, keep_days=3)
    assert len(left(spool)) == len(FILES)
    forget_kept(spool, keep_days=2)
    assert left(spool) == []


def test_more_bytes_than_the_spool_may_hold_are_no_room(spool):
    size = sum((spool / file).stat().st_size for file in FILES)
    for most in (0, size):
        check_room(spool, "s3://bucket/kept", most)
    with pytest.raises(SpoolFull, match="wait in SPOOL_DIR for s3://bucket/kept, more than"):
        check_room(spool, "s3://bucket/kept", size - 1)
    check_room(spool, "/a/directory", size - 1)


@pytest.fixture
def upload(push, monkeypatch):
    """The upload beside a crawl, and what it reports."""
    monkeypatch.setattr(beside, "AGAIN_SECONDS", 0.01)
    failed = []
    upload = Upload(push, ["samakal"], lambda: False, failed.append)
    upload.failed = failed
    yield upload
    with suppress(StorageError):
        upload.finish()


def test_a_segment_that_the_disk_changed_stays_and_is_reported(spool, archive, upload):
    (spool / FILES[0]).write_text("spoilt")
    upload.begin()
    wait_for(lambda: upload.failed)
    (error,) = upload.failed
    assert isinstance(error, StorageError)
    assert "has changed on the disk since it was written (SHA-256)" in str(error)
    assert archive.files == []


def test_a_failure_counts_more_than_what_waits(spool, archive, push, upload):
    """The first outlet is locked, the second one fails, and then the store is unreachable."""

    class Going(DirectoryStorage):
        def put(self, local, key, sent, sha256):
            push.storage = Away(archive.root, times=10**9)
            raise StorageError("denied")

    push.storage, push.patience, upload.outlets = Going(archive.root), 0.1, ["another", "samakal"]
    with push_lock(spool, "another"):
        upload.begin()
        wait_for(lambda: upload.failed)
        with pytest.raises(StorageError, match="denied"):
            upload.finish()
    assert left(spool) == sorted(FILES)


def test_a_stopped_crawl_leaves_a_stalled_upload_to_the_next(spool, archive, push, monkeypatch):
    class Stalled(DirectoryStorage):
        def put(self, local, key, sent, sha256):
            over.wait(60)
            raise StorageError("too late")

    monkeypatch.setattr(beside, "STOP_SECONDS", 0.2)
    over, push.storage = threading.Event(), Stalled(archive.root)
    began = time.monotonic()
    Upload(push, ["samakal"], lambda: True, lambda error: None).finish()
    assert time.monotonic() - began < 20
    assert left(spool) == sorted(FILES)
    over.set()
