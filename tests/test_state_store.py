"""State: what was seen, across runs, threads and processes; on SQLite here, on PostgreSQL in `make interop`."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import SQLAlchemyError

from crawler.model.capture import Original
from crawler.state import Seen

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


def test_a_later_refusal_does_not_unmake_a_row(state):
    state.recorded([SEEN])
    state.recorded([replace(SEEN, outcome="challenge", version=0, text_digest=None)])
    assert state.known("samakal", ["340205"], "national").done == {"340205"}
    assert state.entry("samakal", "340205") == SEEN


def test_a_batch_is_written_whole_or_not_at_all(state):
    broken = replace(SEEN, key="2", outcome=None)
    with pytest.raises(SQLAlchemyError):
        state.recorded([SEEN, broken])
    assert state.known("samakal", ["340205"], "national").done == set()


def test_a_version_is_never_followed_by_a_lower_one(state):
    state.recorded([replace(SEEN, version=3, text_digest="sha256:c")])
    state.recorded([replace(SEEN, version=2, text_digest="sha256:b")])
    assert state.entry("samakal", "340205").text_digest == "sha256:c"


def test_of_one_batch_the_last_word_on_an_article_counts(state):
    state.recorded([replace(SEEN, version=version, text_digest=f"sha256:{version}") for version in (1, 2, 3)])
    assert state.entry("samakal", "340205").version == 3


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
