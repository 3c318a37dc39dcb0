"""The clock that a variable moves, for a process and for all that it starts."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
import warm
from conftest import ROOT
from place import Place
from sandbox import NOW, environment
from sqlalchemy import select

from crawler.state.engine import now_text, time_of
from crawler.system import clock
from crawler.system.clock import BadShift


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("", timedelta()),
        ("-3d", timedelta(days=-3)),
        ("+12h", timedelta(hours=12)),
        ("90m", timedelta(minutes=90)),
        ("-0.5", timedelta(seconds=-0.5)),
        (" 7s\n", timedelta(seconds=7)),
    ],
)
def test_a_shift_moves_the_clock(monkeypatch, text, moved):
    monkeypatch.setenv(clock.SHIFT, text)
    assert clock.shift() == moved
    ahead = clock.now() - clock.machine_now()
    assert moved - timedelta(seconds=1) < ahead <= moved
    assert abs(clock.timestamp() - clock.now().timestamp()) < 1
    assert clock.today(UTC) == clock.now().date()


@pytest.mark.parametrize("text", ["3x", "yesterday", "2026-11-24", "১d", "1e9d", "99999999d"])
def test_an_invalid_shift_names_its_variable(monkeypatch, text):
    monkeypatch.setenv(clock.SHIFT, text)
    with pytest.raises(BadShift, match=clock.SHIFT):
        clock.now()


def test_a_command_with_an_invalid_shift_exits_2(tmp_path):
    command, variables = Place(tmp_path, "").command("list"), environment(KHOBOR_CLOCK_SHIFT="3x")
    answer = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert "KHOBOR_CLOCK_SHIFT=3x is not a number of days" in answer.stderr


def test_the_tests_and_what_they_start_share_one_moment():
    since = clock.now() - NOW
    assert timedelta() <= since < timedelta(hours=1)
    code = "from crawler.system import clock; print(clock.timestamp())"
    command = [sys.executable, "-c", code]
    answer = warm.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60)
    assert 0 <= clock.timestamp() - float(answer.stdout) < 60


def test_the_clock_of_state_moves_with_ours(state):
    with state.engine.connect() as connection:
        shown = connection.execute(select(now_text())).scalar_one()
    assert abs(datetime.fromisoformat(shown) - clock.now()) < timedelta(seconds=5)
    assert abs(time_of(state.engine) - clock.timestamp()) < 5
