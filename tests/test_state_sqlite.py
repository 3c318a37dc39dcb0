"""State when its place can't be used, or its file is damaged, locked, read-only, on a full disk: a clear line each."""

from dataclasses import replace

import pytest
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from test_state_store import ORIGINAL, SEEN

from crawler.state import State, StateError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


def filled(path):
    state = State(f"sqlite:///{path}")
    state.recorded([replace(SEEN, key=str(number)) for number in range(2000)], [ORIGINAL])
    state.close()


def test_a_read_only_state_can_be_read(path):
    filled(path)
    state = State(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert state.known("samakal", ["7"], "all").done == {"7"}
    with pytest.raises(StateError, match="can't be written"):
        state.recorded([SEEN])
    state.close()


def test_a_full_disk_takes_nothing_half(path):
    filled(path)
    state = State(f"sqlite:///{path}")
    event.listen(state.engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count=1"))
    state.engine.dispose()
    with pytest.raises(StateError, match="disk is full"):
        state.recorded([replace(SEEN, key=f"new-{number}") for number in range(3000)])
    assert state.known("samakal", [f"new-{number}" for number in range(3000)], "all").met == set()
    state.close()


def test_a_place_that_is_no_place_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        State(f"sqlite:///{tmp_path}/file/state.db")
    with pytest.raises(StateError, match=f"{tmp_path}: unable to open"):
        State(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("mysql://host/state", "mysql is neither sqlite nor postgresql"),
        ("postgresql+nodriver://host/state", "nodriver"),
        ("postgresql+asyncpg://host/state", "postgresql.asyncpg needs a driver that is not installed"),
        ("nonsense", "Could not parse"),
    ],
)
def test_an_invalid_state_address_is_rejected(url, line):
    with pytest.raises(SQLAlchemyError, match=line):
        State(url)


def test_only_writes_that_must_survive_power_loss_wait_for_disk(path):
    filled(path)
    state = State(f"sqlite:///{path}")
    said = []
    event.listen(state.engine, "before_cursor_execute", lambda *words: said.append(words[2].split()[0:2]))
    event.listen(state.engine, "commit", lambda _: said.append(["COMMIT"]))
    state.recorded([SEEN])
    assert said == [["INSERT", "INTO"], ["COMMIT"]]
    said.clear()
    state.archived(SEEN.file)
    state.sync()
    waits, goes_on = ["PRAGMA", "synchronous=FULL"], ["PRAGMA", "synchronous=NORMAL"]
    assert [each for each in said if each[0] in ("PRAGMA", "COMMIT")] == [waits, ["COMMIT"], goes_on] * 2
    state.close()
