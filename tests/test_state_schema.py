"""The schema of state: created and migrated by one process at a time; never touched by an older khobor."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from crawler.state import DamagedState, State, StateError, schema
from crawler.state.engine import open_engine
from crawler.state.schema import REVISION, revision_of
from crawler.state.tables import metadata


@pytest.fixture
def engine(state_url):
    engine = open_engine(state_url)
    yield engine
    engine.dispose()


NEXT = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0102", "0101"
def upgrade():
    op.add_column("runs", sa.Column("note", sa.String))
"""


def set_revision(engine, revision):
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def differences(engine):
    with engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)


def current(engine):
    with engine.connect() as connection:
        return revision_of(connection)


def test_several_processes_may_create_a_state_at_once(engine, state_url):
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: State(state_url).close(), range(12)))
    assert differences(engine) == []


def test_several_processes_may_migrate_a_state_at_once(engine, state_url, tmp_path, monkeypatch):
    State(state_url).close()
    shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations")
    (tmp_path / "migrations/versions/r0102_note.py").write_text(NEXT)
    monkeypatch.setattr(schema, "MIGRATIONS", tmp_path / "migrations")
    monkeypatch.setattr(schema, "REVISION", "0102")
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: State(state_url).close(), range(12)))
    assert current(engine) == "0102"
    assert "note" in {column["name"] for column in inspect(engine).get_columns("runs")}


@pytest.mark.parametrize(
    ("revision", "error", "said"),
    [
        ("9999", StateError, f"^the state has schema revision 9999 of .* knows {REVISION}$"),
        ("0011", DamagedState, r"older khobor \(revision 0011\): run `scrapy state --rebuild`"),
    ],
)
def test_another_schema_is_refused_and_unchanged(engine, state_url, revision, error, said):
    State(state_url).close()
    set_revision(engine, revision)
    with pytest.raises(error, match=said) as raised:
        State(state_url)
    assert raised.type is error
    assert current(engine) == revision
