"""State: what was seen, across runs, threads and processes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from crawler.state import Seen, State
from crawler.state.tables import articles

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


@pytest.fixture
def state(tmp_path):
    state = State(f"sqlite:///{tmp_path}/below/state.db")
    yield state
    state.close()


def test_an_article_with_a_row_is_known_in_every_scope(state):
    state.recorded([SEEN])
    assert state.known("samakal", ["340205", "1"], "national").done == {"340205"}
    assert state.known("samakal", ["340205"], "all").done == {"340205"}


def test_keys_are_known_by_outlet(state):
    state.recorded([SEEN])
    assert state.known("ittefaq", ["340205"], "national").done == set()


def test_what_one_scope_turned_down_is_still_new_to_another(state):
    state.recorded([replace(SEEN, outcome="out-of-scope", version=0)])
    assert state.known("samakal", ["340205"], "national").done == {"340205"}
    assert state.known("samakal", ["340205"], "all").done == set()


def test_a_page_that_was_no_article_is_asked_for_again(state):
    state.recorded([replace(SEEN, outcome="challenge", version=0)])
    assert state.known("samakal", ["340205"], "national").done == set()


def test_a_later_refusal_does_not_unmake_a_row(state):
    state.recorded([SEEN])
    state.recorded([replace(SEEN, outcome="challenge", version=0, text_digest=None)])
    assert state.known("samakal", ["340205"], "national").done == {"340205"}
    assert state.last_version("samakal", "340205") == (1, "sha256:a", SEEN.run, SEEN.extractor)


def test_a_new_version_replaces_the_one_before(state):
    state.recorded([SEEN])
    state.recorded([replace(SEEN, version=2, text_digest="sha256:b")])
    assert state.last_version("samakal", "340205") == (2, "sha256:b", SEEN.run, SEEN.extractor)


def test_an_unknown_article_has_no_version(state):
    assert state.last_version("samakal", "1") == (0, None, "", None)


def test_a_record_is_archived_when_its_file_is(state):
    state.recorded([SEEN, replace(SEEN, key="2", file="warc/samakal/2026/11/y.warc.gz")])
    state.archived(SEEN.file)
    with state.engine.connect() as connection:
        statuses = dict(connection.execute(select(articles.c.key, articles.c.status)).all())
    assert statuses == {"340205": "archived", "2": "recorded"}


def test_many_keys_are_asked_for_at_once(state):
    state.recorded([replace(SEEN, key=str(number)) for number in range(0, 3000, 2)])
    known = state.known("samakal", [str(number) for number in range(3000)], "national").done
    assert known == {str(number) for number in range(0, 3000, 2)}


def test_a_batch_is_written_whole_or_not_at_all(state):
    broken = replace(SEEN, key="2", outcome=None)
    with pytest.raises(SQLAlchemyError):
        state.recorded([SEEN, broken])
    assert state.known("samakal", ["340205"], "national").done == set()


def test_several_may_open_and_write_a_new_state_at_the_same_moment(tmp_path):
    def work(number):
        state = State(f"sqlite:///{tmp_path}/state.db")
        state.recorded([replace(SEEN, key=str(number))])
        state.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))
    state = State(f"sqlite:///{tmp_path}/state.db")
    assert len(state.known("samakal", [str(number) for number in range(40)], "all").done) == 40
    state.close()


def test_runs_are_told_since_a_moment(state):
    before = datetime.now(UTC)
    state.run_started("run-1", "samakal")
    state.run_finished("run-1", reason="finished", rows=3, requests=9, bytes=100, files=4)
    (run,) = state.runs_since(before)
    assert (run["outlet"], run["rows"], run["reason"]) == ("samakal", 3, "finished")
    assert state.runs_since(datetime.now(UTC) + timedelta(minutes=1)) == []
