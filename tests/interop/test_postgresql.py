"""State on PostgreSQL: all tests of SQLite, and lost connections and servers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
import pytest
from place import Place
from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError
from test_state_days import *  # noqa: F403
from test_state_leases import *  # noqa: F403
from test_state_numbering import (
    spool,  # noqa: F401
    test_a_sleeping_machine_blocks_numbering_only_until_the_time_out,  # noqa: F401
    test_concurrent_runs_write_each_version_once,  # noqa: F401
)
from test_state_schema import *  # noqa: F403
from test_state_standings import *  # noqa: F403
from test_state_store import *  # noqa: F403
from test_state_store import SEEN

from crawler.state import State
from interop import postgresql


@pytest.fixture(scope="module")
def server():
    subprocess.run([str(Path(__file__).with_name("need.sh")), "pg_ctlcluster", "postgresql"], check=True)
    with postgresql.running() as server:
        yield server


@pytest.fixture
def state_url(server):
    return server.new_database()


def end_connections(server, state):
    name = state.engine.url.database
    ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    with psycopg.connect(server.conninfo("postgres")) as connection:
        assert connection.execute(ends, [name]).fetchall()


def contents(server, state_url):
    """Return the articles, captures and days of a state."""
    with psycopg.connect(server.conninfo(make_url(state_url).database)) as connection:
        queries = ("articles ORDER BY outlet, key", "captures ORDER BY outlet, url_digest", "days")
        return [connection.execute(f"SELECT * FROM {query}").fetchall() for query in queries]


def test_state_is_rebuilt_from_the_archive(server, state_url, tmp_path, demo):
    place, there = Place(tmp_path, demo.url), ("-s", f"STATE_URL={state_url}")
    assert place.crawl("demo_tv", *there).returncode == 0
    before = contents(server, state_url)
    assert len(before[0]) > 5
    with psycopg.connect(server.conninfo(make_url(state_url).database)) as connection:
        connection.execute("DELETE FROM captures")
        connection.execute("DELETE FROM runs")
        connection.execute("UPDATE articles SET version = 0, outcome = 'no-text'")
    done = place.scrapy("state", "--rebuild", *there)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("state is made again\n")
    assert contents(server, state_url) == before
    assert not place.spool("state.db*")
    done = place.scrapy("state", *there)
    assert done.stdout.startswith("postgresql://khobor@/state_")
    assert "\ndemo_tv: 8 articles" in done.stdout


def test_a_lost_connection_is_reopened(server, state):
    state.recorded([SEEN])
    end_connections(server, state)
    assert state.known("samakal", [SEEN.key], "all").done == {SEEN.key}
    end_connections(server, state)
    state.archived(SEEN.file)


def test_a_stopped_server_raises_and_works_again_after_its_start(server, state):
    state.recorded([SEEN])
    server.stop()
    try:
        for ask in (lambda: state.known("samakal", [SEEN.key], "all"), lambda: state.recorded([SEEN]), state.sync):
            with pytest.raises(SQLAlchemyError, match="connection"):
                ask()
    finally:
        server.start()
    assert state.known("samakal", [SEEN.key], "all").done == {SEEN.key}


def test_only_sync_waits_for_the_disk(state):
    with state.engine.connect() as connection:
        assert connection.scalar(text("SHOW synchronous_commit")) == "off"
    state.sync()
    with state.engine.connect() as connection:
        assert connection.scalar(text("SHOW synchronous_commit")) == "off"


def test_a_missing_server_is_named(server):
    with pytest.raises(SQLAlchemyError, match="nowhere"):
        State("postgresql://khobor@/state?host=/tmp/nowhere")
