"""A reader that goes away, such as `head -1`, causes no message."""

import os
import subprocess
import sys
from functools import partial

import pytest
import warm
from place import Place

from crawler.crawl.settings import PROJECT_ROOT

PAGE = "tests/pages/generic.html"


@pytest.fixture(scope="module")
def place(tmp_path_factory, demo):
    place = Place(tmp_path_factory.mktemp("pipes"), demo.url)
    assert place.crawl("demo_tv").returncode == 0
    return place


def run(command, runner=warm.run, **environment):
    """Run a command whose standard output nobody reads; return its exit code and errors."""
    reader, writer = os.pipe()
    os.close(reader)
    pipes = {"stdout": writer, "stderr": subprocess.PIPE}
    variables = {**os.environ, "SCRAPY_PROJECT": "test", "PYTHONUNBUFFERED": "", **environment}
    try:
        done = runner(command, cwd=PROJECT_ROOT, env=variables, text=True, timeout=60, **pipes)
    finally:
        os.close(writer)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("words", "exit_code"),
    [
        ("outlets", 0),
        ("verify --json", 0),
        ("export --to -", 1),
        ("copies", 0),
        ("report --to -", 1),
        (f"extract {PAGE} --explain", 0),
        ("state", 0),
    ],
)
def test_our_commands_end_without_a_message(place, words, exit_code):
    assert run(place.command(*words.split())) == (exit_code, "")


@pytest.mark.parametrize(("words", "unbuffered"), [("list", ""), ("list", "1"), ("--help", ""), ("update --help", "")])
def test_scrapys_own_output_ends_without_a_message(words, unbuffered):
    # Python reads the variable when it starts.
    runner = partial(subprocess.run, check=False) if unbuffered else warm.run
    code, errors = run([sys.executable, "-m", "scrapy", *words.split()], runner, PYTHONUNBUFFERED=unbuffered)
    assert (code, errors) == (int(bool(unbuffered)), "")


@pytest.mark.parametrize(
    "words", ["crawl demo_portal -a since=2026-11-22 -a until=2026-11-24 -o -:jsonlines", "fetch --headers {url}/tv/"]
)
def test_a_spider_that_prints_ends_without_a_message(place, words):
    assert run(place.command(*words.format(url=place.url).split())) == (0, "")


def test_another_broken_pipe_is_still_an_error():
    code = "import os, crawler.commands; read, write = os.pipe(); os.close(read); os.write(write, b'x')"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "BrokenPipeError" in done.stderr
