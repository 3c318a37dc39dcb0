"""Files that go up beside a crawl: in their turn, again when the store was away, never when a disk has spoilt them."""

import threading

import pytest

from crawler.archive.manifests import FinishedFile
from crawler.archive.storage.base import StorageError, StoreUnreachable
from crawler.archive.storage.directory import DirectoryStorage
from crawler.recording import run_push as early
from crawler.recording.run_push import EarlyPush
from crawler.state import State
from crawler.system.files import digest_of

FILES = [f"warc/samakal/2026/11/khobor-samakal-20261124T101500123-{number:05d}-host.warc.gz" for number in (1, 2)]


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
def pushing(tmp_path, monkeypatch):
    monkeypatch.setattr(early, "AGAIN_SECONDS", 0.01)
    state, failed, stores = State(f"sqlite:///{tmp_path}/state.db"), [], []

    def begin(times=0):
        stores.append(Away(tmp_path / "archive", times))
        push = EarlyPush(tmp_path / "spool", stores[0], state, 0, lambda error: (failed.append(error), done.set()))
        stores.append(push)
        return push

    done = threading.Event()
    begin.failed, begin.done, begin.spool = failed, done, tmp_path / "spool"
    yield begin
    stores[1].close()
    state.close()


def finished(spool, file):
    path = spool / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(file)
    return FinishedFile(file, len(file), digest_of(path))


def test_uploaded_files_leave_the_spool_after_an_outage(tmp_path, pushing):
    push = pushing(times=3)
    for file in FILES:
        push.add(finished(pushing.spool, file))
    while any((pushing.spool / file).exists() for file in FILES):
        pushing.done.wait(0.01)
    assert [(tmp_path / "archive" / file).read_text() for file in FILES] == FILES
    assert not pushing.failed


def test_a_crawl_ends_while_files_wait_for_the_store(pushing):
    push = pushing(times=10**9)
    push.add(finished(pushing.spool, FILES[0]))
    push.close(10)
    assert (pushing.spool / FILES[0]).exists()
    assert not pushing.failed


def test_a_file_that_the_disk_changed_stays_and_is_reported(tmp_path, pushing):
    file = finished(pushing.spool, FILES[0])
    (pushing.spool / FILES[0]).write_text("spoilt")
    pushing().add(file)
    assert pushing.done.wait(60)
    (error,) = pushing.failed
    assert isinstance(error, StorageError)
    assert "has changed on the disk since it was written (SHA-256)" in str(error)
    assert not list((tmp_path / "archive").rglob("*.gz"))
