"""The schema of state: made, adopted and migrated by one process at a time; never touched by an older khobor."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from test_state import ORIGINAL, SEEN, URL, state_url  # noqa: F401

from crawler.state import NewerSchema, State, StateError
from crawler.state.engine import open_engine
from crawler.state.schema import REVISION, UNNUMBERED, alembic_config, revision_of
from crawler.state.tables import metadata


@pytest.fixture
def engine(state_url):  # noqa: F811
    engine = open_engine(state_url)
    yield engine
    engine.dispose()


def upgrade(engine, revision):
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), revision)


def unnumbered(engine):
    """Make a state as khobor did before it numbered revisions, with an article in it."""
    upgrade(engine, UNNUMBERED)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    put(engine, "articles", asdict(SEEN) | {"status": "recorded"})


def put(engine, table, values):
    names, places = ", ".join(f'"{name}"' for name in values), ", ".join(f":{name}" for name in values)
    with engine.begin() as connection:
        connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)


def differences(engine):
    with engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)


def revisions(engine):
    with engine.connect() as connection:
        script = ScriptDirectory.from_config(alembic_config(connection))
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


def test_the_newest_revision_is_the_one_that_opening_looks_for(engine):
    assert revisions(engine)[-1] == REVISION


def test_every_revision_leads_to_the_tables_of_the_code(engine):
    for revision in revisions(engine):
        upgrade(engine, revision)
    indexes = {index["name"] for index in inspect(engine).get_indexes("articles")}
    assert indexes == {index.name for index in metadata.tables["articles"].indexes}
    assert differences(engine) == []


def test_a_new_state_is_what_the_revisions_lead_to(engine, state_url):  # noqa: F811
    State(state_url).close()
    with engine.connect() as connection:
        assert revision_of(connection) == REVISION
    assert differences(engine) == []


def test_a_state_from_before_revisions_is_adopted_with_all_it_knows(engine, state_url):  # noqa: F811
    unnumbered(engine)
    state = State(state_url)
    assert state.known("samakal", [SEEN.key], "all").done == {SEEN.key}
    state.archived(SEEN.file)
    state.recorded([], "samakal", [ORIGINAL])
    state.archived(SEEN.file)
    assert state.originals("samakal", [URL]) == {URL: ORIGINAL}
    state.close()
    with engine.connect() as connection:
        assert revision_of(connection) == REVISION


def test_captures_from_before_digests_were_short_are_found_and_replaced(engine, state_url):  # noqa: F811
    upgrade(engine, "0009")
    digest = hashlib.sha256(URL.encode()).hexdigest()
    mine = {"outlet": "samakal", "url_digest": digest, "status": "archived"}
    put(engine, "captures", ORIGINAL._asdict() | mine)
    state = State(state_url)
    assert state.originals("samakal", [URL]) == {URL: ORIGINAL}
    later = ORIGINAL._replace(record_id="<urn:uuid:2>")
    state.recorded([], "samakal", [later])
    state.archived(SEEN.file)
    assert state.originals("samakal", [URL]) == {URL: later}
    state.close()


def test_several_may_migrate_an_old_state_at_the_same_moment(engine, state_url):  # noqa: F811
    unnumbered(engine)
    engine.dispose()
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: State(state_url).close(), range(12)))
    assert differences(engine) == []


def test_an_older_khobor_refuses_the_schema_of_a_newer_one_and_leaves_it_alone(engine, state_url):  # noqa: F811
    State(state_url).close()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerSchema, match=f"^the state is of schema revision 9999, .* knows {REVISION}$"):
        State(state_url)
    with engine.connect() as connection:
        assert revision_of(connection) == "9999"


def test_tables_that_no_revision_describes_are_refused_in_words(engine, state_url):  # noqa: F811
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE articles (outlet VARCHAR, key VARCHAR)"))
    with pytest.raises(StateError, match="before its first release"):
        State(state_url)


def test_migrating_says_nothing(state_url):  # noqa: F811
    code = (
        f"import logging; logging.basicConfig(level=10); from crawler.state import State; State({state_url!r}).close()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout + done.stderr == ""


def test_opening_a_state_that_is_up_to_date_does_not_load_alembic(state_url):  # noqa: F811
    State(state_url).close()
    code = f"import sys; from crawler.state import State; State({state_url!r}).close(); print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "False\n"
