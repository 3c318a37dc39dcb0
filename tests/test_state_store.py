"""State: what was seen, across runs, threads and processes; on SQLite here, on PostgreSQL in `make interop`."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sandbox
import warm
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from crawler.crawl.settings import PROJECT_ROOT
from crawler.model.capture import Original
from crawler.state import Seen, SpooledSegment, State
from crawler.state.history import History
from crawler.state.leases import Leases
from crawler.state.tables import articles
from crawler.system import clock

SEEN = Seen(
    outlet="samakal",
    key="340205",
    url="https://samakal.com/bangladesh/article/340205",
    outcome="article",
    scope="national",
    run="khobor-samakal-20261124T101500123-host",
    fetched_at="2026-11-24T10:15:00.123456Z",
    file="warc/samakal/2026/11/x.warc.gz",
    offset=512,
    record_id="<urn:uuid:0>",
    version=1,
    text_digest="sha256:a",
    extractor="1",
)


URL = "https://samakal.com/bangladesh/article/340205"
ORIGINAL = Original(URL, "2026-11-24T10:15:00.123456Z", "<urn:uuid:0>", SEEN.file, 5_000_000_000, 9, "sha1:a", "sha1:b")
# One of several processes that tell of the same articles, each in an order of its own, with later and later versions.
WRITER = """
import random, sys
from dataclasses import replace
from test_state_store import ORIGINAL, SEEN
from crawler.state import State
state, own = State(sys.argv[1]), random.Random(int(sys.argv[2]))
keys = [str(number) for number in range(50)]
for version in range(1, 31):
    own.shuffle(keys)
    seen = [replace(SEEN, key=key, version=version, text_digest=f"sha256:{version}") for key in keys]
    pages = [ORIGINAL._replace(url=f"{ORIGINAL.url}/{key}") for key in keys]
    state.recorded(seen, pages)
    if own.random() < 0.3:
        state.archived(SEEN.file)
state.close()
"""


@pytest.mark.parametrize(
    ("outcome", "outlet", "scope", "is_done"),
    [
        ("article", "samakal", "national", True),
        ("article", "samakal", "all", True),
        ("article", "ittefaq", "national", False),
        ("out-of-scope", "samakal", "national", True),
        ("out-of-scope", "samakal", "all", False),
        ("challenge", "samakal", "national", False),
    ],
)
def test_an_article_is_known_to_its_outlet_by_outcome_and_scope(state, outcome, outlet, scope, is_done):
    state.recorded([replace(SEEN, outcome=outcome, version=int(outcome == "article"))])
    assert state.known(outlet, ["340205", "1"], scope).done == ({"340205"} if is_done else set())


def test_a_later_refusal_does_not_unmake_a_row(state):
    state.recorded([SEEN])
    state.recorded([replace(SEEN, outcome="challenge", version=0, text_digest=None)])
    assert state.known("samakal", ["340205"], "national").done == {"340205"}
    assert state.entry("samakal", "340205") == SEEN


def test_a_new_version_replaces_the_one_before(state):
    state.recorded([SEEN])
    second = replace(SEEN, version=2, text_digest="sha256:b")
    state.recorded([second])
    assert state.entry("samakal", "340205") == second


def test_an_unknown_article_has_no_entry(state):
    assert state.entry("samakal", "1") is None


def test_a_record_is_archived_when_its_file_is(state):
    state.recorded([SEEN, replace(SEEN, key="2", file="warc/samakal/2026/11/y.warc.gz")])
    state.archived(SEEN.file)
    with state.engine.connect() as connection:
        statuses = dict(connection.execute(select(articles.c.key, articles.c.status)).all())
    assert statuses == {"340205": "archived", "2": "recorded"}


def test_many_keys_are_looked_up_at_once(state):
    state.recorded([replace(SEEN, key=str(number)) for number in range(0, 3000, 2)])
    known = state.known("samakal", [str(number) for number in range(3000)], "national").done
    assert known == {str(number) for number in range(0, 3000, 2)}


def test_a_batch_is_written_whole_or_not_at_all(state):
    broken = replace(SEEN, key="2", outcome=None)
    with pytest.raises(SQLAlchemyError):
        state.recorded([SEEN, broken])
    assert state.known("samakal", ["340205"], "national").done == set()


def test_a_new_state_accepts_concurrent_opens_and_writes(state_url):
    def work(number):
        state = State(state_url)
        state.recorded([replace(SEEN, key=str(number))])
        state.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))
    state = State(state_url)
    assert len(state.known("samakal", [str(number) for number in range(40)], "all").done) == 40
    state.close()


def test_concurrent_writers_of_an_article_neither_fail_nor_lose_versions(state_url):
    command = [sys.executable, "-c", WRITER, state_url]
    path = sandbox.environment(PYTHONPATH=f"{PROJECT_ROOT}:{PROJECT_ROOT / 'tests'}")
    writers = [warm.Popen([*command, str(number)], env=path, stderr=subprocess.PIPE, text=True) for number in range(3)]
    errors = [writer.communicate(timeout=120)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0], errors
    state = State(state_url)
    assert {state.entry("samakal", str(number)).version for number in range(50)} == {30}
    state.close()


def test_a_version_is_never_followed_by_a_lower_one(state):
    state.recorded([replace(SEEN, version=3, text_digest="sha256:c")])
    state.recorded([replace(SEEN, version=2, text_digest="sha256:b")])
    assert state.entry("samakal", "340205").text_digest == "sha256:c"


@pytest.mark.parametrize(
    ("versions", "outcome"),
    [
        ([(1, "article"), (2, "lost")], (2, "lost")),
        ([(1, "lost"), (2, "article")], (2, "article")),
        ([(2, "lost"), (2, "article")], (2, "article")),
        ([(2, "article"), (2, "lost")], (2, "article")),
        ([(2, "article"), (1, "lost")], (2, "article")),
    ],
)
def test_a_lost_row_counts_only_as_the_newest_version(state, versions, outcome):
    state.recorded([replace(SEEN, version=version, outcome=outcome) for version, outcome in versions])
    entry = state.entry("samakal", "340205")
    assert (entry.version, entry.outcome) == outcome


def test_of_one_batch_the_last_word_on_an_article_counts(state):
    state.recorded([replace(SEEN, version=version, text_digest=f"sha256:{version}") for version in (1, 2, 3)])
    assert state.entry("samakal", "340205").version == 3


def test_a_capture_is_an_original_only_after_it_is_archived(state):
    state.recorded([], [ORIGINAL])
    assert state.originals("samakal", [URL]) == {}
    state.archived(SEEN.file)
    assert state.originals("samakal", [URL, f"{URL}/other"]) == {URL: ORIGINAL}
    assert state.originals("ittefaq", [URL]) == {}


def test_a_later_capture_of_an_address_replaces_the_one_before(state):
    state.recorded([], [ORIGINAL])
    state.recorded([], [ORIGINAL._replace(etag='"2"', file="warc/samakal/2026/11/y.warc.gz")])
    state.archived(SEEN.file)
    assert state.originals("samakal", [URL]) == {}
    state.archived("warc/samakal/2026/11/y.warc.gz")
    assert state.originals("samakal", [URL])[URL].etag == '"2"'


def test_unarchived_entries_of_a_segment_can_be_taken_back(state):
    second = replace(SEEN, key="2", version=2)
    state.recorded([SEEN, second, replace(SEEN, key="3", file="warc/samakal/2026/11/y.warc.gz")])
    state.archived("warc/samakal/2026/11/y.warc.gz")
    entries = state.entries_in(SEEN.file)
    assert sorted(entries, key=lambda entry: entry.key) == [second, SEEN]
    state.take_back(entries)
    assert state.entry("samakal", "340205").version == 0
    lost = {"outcome": "lost", "file": None, "record_id": None}
    assert state.entry("samakal", "2") == replace(second, version=1, text_digest=None, **lost)


def test_captures_whose_record_is_lost_are_forgotten_and_no_others(state):
    state.recorded([], [ORIGINAL, ORIGINAL._replace(url=f"{URL}/2", record_id="<urn:uuid:2>")])
    state.forget_captures("samakal", SEEN.file, {"<urn:uuid:2>"})
    state.archived(SEEN.file)
    assert state.originals("samakal", [URL, f"{URL}/2"]).keys() == {f"{URL}/2"}


def test_runs_since_returns_runs_that_started_after_a_moment(state):
    before = clock.now()
    state.run_started("run-1", "samakal", "backfill")
    state.run_finished("run-1", reason="finished", rows=3, requests=9, bytes=100, files=4)
    history = History(state.engine)
    run = history.since(before, ["samakal"], "backfill")["samakal"]
    assert (run.outlet, run.rows, run.bytes, run.reason) == ("samakal", 3, 100, "finished")
    assert history.since(before, ["samakal"]) == {}, "no update"
    assert history.since(clock.now() + timedelta(minutes=1), ["samakal"], "backfill") == {}


def test_a_segment_is_known_by_each_run_that_wrote_it_until_it_is_archived(state):
    def lost():
        return [(one.file, one.run) for one in Leases(state.engine, "mine", timedelta(0)).lost("samakal")]

    parts = [SpooledSegment(SEEN.file, "samakal", run, "theirs") for run in ("run-1", "run-2")]
    state.recorded([], spooled=parts)
    state.recorded([], spooled=parts[:1])
    assert lost() == [(SEEN.file, "run-1"), (SEEN.file, "run-2")]
    state.recorded([], spooled=[parts[0]._replace(spool="mine")])
    assert lost() == [(SEEN.file, "run-2")]
    state.archived(SEEN.file)
    assert lost() == []


def test_the_name_of_a_run_is_new_only_once(state):
    assert state.run_started("run-1", "samakal", "update")
    assert not state.run_started("run-1", "samakal", "update")
    assert state.run_started("run-2", "samakal", "update")
