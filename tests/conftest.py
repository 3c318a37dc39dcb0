"""Fixtures that several test modules share: the demo newspaper as a real server of its own."""

from __future__ import annotations

import selectors
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import sandbox
import warm
from hypothesis import settings
from sandbox import TODAY

sandbox.enter()

# How long an example takes says how busy the machine is.
settings.register_profile("khobor", deadline=None)
settings.load_profile("khobor")

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30


@dataclass(frozen=True)
class Demo:
    """A running demo newspaper: its address without a last slash, its process id."""

    url: str
    pid: int


@contextmanager
def running_demo(today: date = TODAY) -> Iterator[Demo]:
    """Start the newspaper of a day on a free port, wait until it is ready, end it by its own process."""
    command = [sys.executable, "-m", "crawler.demo", "--port", "0", "--today", str(today), "--with-parent"]
    with warm.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Demo(_address(process), process.pid)
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """A newspaper that nobody edits, breaks or adds to."""
    with running_demo() as server:
        yield server


@pytest.fixture(scope="module")
def newspaper():
    """The newspaper of today in this process, for the tests of a module."""
    from paper import Paper

    with Paper() as newspaper:
        yield newspaper


@pytest.fixture
def paper(newspaper):
    """That newspaper without the faults and articles of the test before."""
    newspaper.begin_anew()
    return newspaper


@pytest.fixture(scope="session")
def crawled(demo, tmp_path_factory):
    """A place where three outlets were crawled once, which no test changes."""
    from place import Place

    place = Place(tmp_path_factory.mktemp("crawled"), demo.url)
    for outlet in ("demo_daily", "demo_portal", "demo_tv"):
        answer = place.crawl(outlet)
        assert answer.returncode == 0, answer.stderr
    return place


@pytest.fixture(scope="session")
def two_runs(tmp_path_factory):
    """An archive of two runs with every kind of record, which no test changes."""
    from verify_tools import make_archive

    return make_archive(tmp_path_factory.mktemp("two_runs"))


@pytest.fixture(scope="session")
def september(tmp_path_factory):
    """An archive of three days of two outlets, which no test changes; each outlet's first article has two versions."""
    from verify_tools import make_september

    made = make_september(tmp_path_factory.mktemp("september"), range(3))
    assert made.problems() == []
    return made


@pytest.fixture
def kept(two_runs, tmp_path):
    """A copy of the archive of two runs, to be damaged."""
    return two_runs.copied(tmp_path)


@pytest.fixture
def state_url(tmp_path):
    """The address of a state that is not there yet."""
    return f"sqlite:///{tmp_path}/below/state.db"


@pytest.fixture
def state(state_url):
    """A new state."""
    from crawler.state import State

    with closing(State(state_url)) as state:
        yield state


@pytest.fixture
def own_demo() -> Iterator[Demo]:
    """A newspaper for one test, which may ask it to change."""
    with running_demo() as server:
        yield server


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        assert selector.select(START_SECONDS), "the demo newspaper did not start"
    return process.stdout.readline().split()[-1].rstrip("/")
