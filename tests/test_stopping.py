"""Ctrl-C and SIGTERM at any moment from the first code of ours on: an exit code, and no more than one line."""

import os
import signal
import subprocess
import sys
import time

import pytest

from crawler.deployment import PROJECT_ROOT

# Sends the process a signal when it begins to load a module.
LOADING = """
import importlib.abc, os, sys
from scrapy.cmdline import execute
number, module, *words = sys.argv[1:]
class Stop(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == module:
            os.kill(os.getpid(), int(number))
sys.meta_path.insert(0, Stop())
execute(["scrapy", *words])
"""
JOBS = "khobor: stopped early, before the crawls began\n"


def run(tmp_path, command, **environment):
    return subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env={
            "SCRAPY_PROJECT": "test",
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PROJECT_ROOT),
            "KHOBOR_ARCHIVE_URL": str(tmp_path / "archive"),
            "KHOBOR_SPOOL_DIR": str(tmp_path / "spool"),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("words", "module", "exit_code", "said"),
    [
        ("update", "sqlalchemy", 5, ""),
        ("update", "spiders.samakal", 5, ""),
        ("backfill demo_tv --since 2026-11-01 --until 2026-11-02", "sqlalchemy", 5, ""),
        ("backfill demo_tv --since 2026-11-01 --until 2026-11-02", "spiders.samakal", 5, JOBS),
        ("crawl demo_tv", "crawler.preflight", 5, ""),
        ("crawl demo_tv", "spiders.samakal", 5, "khobor: demo_tv: stopped early, before the crawl began\n"),
        ("outlets", "crawler.outlets", None, ""),
        (
            "report --to report.html",
            "crawler.reporting.page",
            None,
            "khobor: interrupted; nothing is left of the file\n",
        ),
        ("verify", "crawler.verification.archive", None, "khobor: interrupted\n"),
    ],
)
def test_what_is_stopped_while_it_loads_ends_with_its_exit_code(tmp_path, words, module, exit_code, said, number):
    done = run(tmp_path, [sys.executable, "-c", LOADING, str(int(number)), module, *words.split()])
    assert (done.returncode, done.stdout, done.stderr) == (exit_code or 128 + number, "", said)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("words", ["update demo_tv", "backfill demo_tv --since 2026-11-01 --until 2026-11-02"])
def test_a_run_that_fails_before_its_crawls_alerts_once_whatever_comes_and_for_no_longer(tmp_path, words, number):
    (tmp_path / "spool").touch()
    hanging = f"ALERT_COMMAND=cat >> {tmp_path}/told; kill -{int(number)} $PPID; exec sleep 50"
    began = time.monotonic()
    done = run(tmp_path, [sys.executable, "-m", "scrapy", *words.split(), "-s", hanging])
    assert time.monotonic() - began < 30
    failed, killed = done.stderr.splitlines(keepends=True)
    assert done.returncode == 1
    assert (tmp_path / "told").read_text() == failed
    assert killed == "khobor: ALERT_COMMAND was killed after the run was told to stop\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_an_update_tells_once_is_told_whatever_comes(tmp_path, number):
    # The alert is the last thing that an update does.
    settings = {"ALERT_COMMAND": f"kill -{int(number)} $PPID; cat > {tmp_path}/told", "DEMO_URL": "http://127.0.0.1:1"}
    options = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    done = run(tmp_path, [sys.executable, "-m", "scrapy", "update", "demo_tv", "demo_daily", *options])
    assert done.returncode == 1
    assert "not one host of 2 outlets has answered" in done.stderr
    assert "not one host of 2 outlets has answered" in (tmp_path / "told").read_text()
