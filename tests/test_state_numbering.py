"""Versions are numbered once over processes: of several that fetch one article, one writes each version's row."""

import gzip
import json
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import timedelta

import pytest
import sandbox
import warm
from sqlalchemy.exc import SQLAlchemyError
from test_recording_writer import call, exchange, verdict

from crawler.archive.names import run_name
from crawler.archive.spool import SegmentLimits
from crawler.crawl.settings import PROJECT_ROOT
from crawler.recording.segments import Segments
from crawler.recording.writer import Writer
from crawler.state import State, engine
from crawler.state.store import numbering
from crawler.system import clock

PROCESSES, ARTICLES, TEXTS = 4, 40, 3
# One of several runs of an outlet that fetch the same articles, whose texts change meanwhile, at the same moment.
RUN = f"""
import random, sys
from pathlib import Path
from test_state_numbering import begun, tell
from crawler.state import State
writer = begun(Path(sys.argv[1]), State(sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
for text in range({TEXTS}):
    for number, key in enumerate(random.sample(range({ARTICLES}), {ARTICLES})):
        tell(writer, str(key), f"sha256:{{text}}")
        if number % 7 == 0:
            writer.flush().result(30)
writer.finish()
"""


def begun(spool, state):
    spool.mkdir(exist_ok=True)
    name, limits = run_name("samakal", clock.now()), SegmentLimits(10**9, timedelta(hours=1))
    segments = Segments(spool, "mine", name, "samakal", {"software": "khobor", "run": name}, limits)
    return Writer(segments, state, "national", call, lambda error: None)


def tell(writer, key, digest):
    seen = exchange(f"https://samakal.com/a/article/{key}", digest.encode())
    writer.submit(seen)
    writer.submit(verdict(seen, key, digest))


@pytest.fixture
def spool(tmp_path):
    return tmp_path / "spool"


def test_concurrent_runs_write_each_version_once(spool, state_url):
    State(state_url).close()
    runs = [
        warm.Popen(
            [sys.executable, "-c", RUN, str(spool), state_url],
            cwd=PROJECT_ROOT,
            env=sandbox.environment(PYTHONPATH=f"{PROJECT_ROOT}:{PROJECT_ROOT / 'tests'}"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for run in runs:
        assert run.stdout.readline() == "ready\n"
    for run in runs:
        run.stdin.write("\n")
        run.stdin.flush()
    assert [run.wait(100) for run in runs] == [0] * PROCESSES
    for run in runs:
        run.stdin.close()
        run.stdout.close()
    rows = [row for path in spool.rglob("*.jsonl.gz") for row in rows_in(path)]
    numbers = Counter((row["id"], row["version"]) for row in rows)
    assert set(numbers.values()) == {1}
    assert len({row["id"] for row in rows}) == ARTICLES
    assert len({row["warc"]["file"] for row in rows}) > 1, "more than one run was the first with some article"


def rows_in(path):
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def test_a_sleeping_machine_blocks_numbering_only_until_the_time_out(
    spool,
    state_url,
    monkeypatch,
):
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.3)
    with closing(State(state_url)) as asleep, closing(State(state_url)) as state:
        writer = begun(spool, state)
        with numbering(asleep.engine, ["samakal"]):
            tell(writer, "1", "sha256:a")
            with pytest.raises(SQLAlchemyError, match="lock"):
                writer.finish()
        with numbering(state.engine, ["samakal"]):
            assert state.entry("samakal", "1") is None
