"""What an update shows on a terminal, and what it says about the segments of killed runs."""

import os
import pty
import re
import subprocess
from contextlib import suppress
from threading import Thread

import pytest
from killing import killed
from paper import Updates


@pytest.fixture
def place(tmp_path, demo):
    return Updates(tmp_path, demo.url)


def test_an_update_mentions_recovered_segments_once(place):
    killed(place)
    done = place.scrapy("update", "demo_tv")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("; 1 segment of killed runs recovered\n")
    again = place.scrapy("update", "demo_tv")
    assert again.returncode == 0
    assert "recovered" not in again.stdout


def test_a_terminal_sees_the_outlets_done_and_running(place):
    reader, writer = pty.openpty()
    shown = bytearray()

    def drain():
        with suppress(OSError):  # the terminal's other end is closed
            while piece := os.read(reader, 1 << 16):
                shown.extend(piece)

    reading = Thread(target=drain)
    reading.start()
    words = ["update", "demo_tv", "demo_daily", "--jobs", "1"]
    with place.start(*words, environment={"TERM": "xterm"}, stderr=writer) as process:
        output = process.communicate(timeout=120)[0]
    os.close(writer)
    reading.join()
    os.close(reader)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
    assert process.returncode == 0
    assert {"demo_tv", "demo_daily", "0/2", "1/2"} <= set(text.split())
    assert output.startswith("2 outlets, ")
    assert output.count("\n") == 1


def test_without_a_terminal_there_is_only_the_summary(place):
    with place.start("update", "demo_tv", stderr=subprocess.STDOUT) as process:
        output = process.communicate(timeout=120)[0]
    assert re.fullmatch(r"1 outlet, \d+ new rows, \d+ requests, [\d.]+ kB in 1 segment\n", output)
