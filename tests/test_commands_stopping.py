"""Ctrl-C, SIGTERM and a terminal that is closed, from when a command is known: an exit code, one line at most."""

import fcntl
import os
import select
import signal
import subprocess
import sys
import termios
import time
from functools import partial

import pytest
import sandbox
import warm

from crawler.crawl.settings import PROJECT_ROOT

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
# Receives a signal while Python collects garbage, when it ignores what a handler raises.
COLLECTING = """
import signal, sys, time, weakref
from crawler.system.terminal import stop_on_signals
stop_on_signals(None)
class Garbage:
    pass
garbage = Garbage()
reference = weakref.ref(garbage, lambda _: signal.raise_signal(int(sys.argv[1])))
del garbage
time.sleep(50)
"""
# Receives a signal while it starts a process.
STARTING = """
import os, sys
from crawler.system.processes import starting
from crawler.system.terminal import stop_on_signals
stop_on_signals(None)
with starting():
    os.kill(os.getpid(), int(sys.argv[1]))
    os.write(1, b"started")
os.write(1, b" and went on")
"""
# Receives a signal while it closes its first connection to state.
CLOSING = """
import os, sys
from sqlalchemy.engine.default import DefaultDialect
from scrapy.cmdline import execute
number, *words = sys.argv[1:]
close = DefaultDialect.do_close
def do_close(dialect, connection):
    DefaultDialect.do_close = close
    os.kill(os.getpid(), int(number))
    close(dialect, connection)
DefaultDialect.do_close = do_close
execute(["scrapy", *words])
"""
JOBS = "khobor: stopped early, before the crawls began\n"
CRAWL = "khobor: stopped early, before the crawl began\n"
STOPPING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def environment(tmp_path):
    return sandbox.environment(
        PYTHONPATH=str(PROJECT_ROOT),
        KHOBOR_ARCHIVE_URL=str(tmp_path / "archive"),
        KHOBOR_SPOOL_DIR=str(tmp_path / "spool"),
    )


def command_of(words, **settings):
    options = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    return [sys.executable, "-m", "scrapy", *words.split(), *options]


def run(tmp_path, command, runner=warm.run):
    return runner(command, cwd=PROJECT_ROOT, env=environment(tmp_path), capture_output=True, text=True, timeout=60)


def load(tmp_path, number, module, words, start=()):
    """Run a command that receives a signal when it loads a module."""
    command = [*start, sys.executable, "-c", LOADING, str(int(number)), module, *words.split()]
    return run(tmp_path, command, partial(subprocess.run, check=False))


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize(("script", "said"), [(COLLECTING, ""), (STARTING, "started")])
def test_a_signal_is_neither_lost_nor_comes_while_a_process_starts(tmp_path, script, said, number, exit_code):
    done = run(tmp_path, [sys.executable, "-c", script, str(int(number))], partial(subprocess.run, check=False))
    assert (done.returncode, done.stdout, done.stderr) == (exit_code, said, "")


@pytest.mark.parametrize(
    ("words", "number", "exit_code", "said"),
    [
        ("update demo_tv", signal.SIGINT, 5, JOBS),
        ("crawl demo_tv", signal.SIGTERM, 5, CRAWL),
        ("outlets", signal.SIGINT, 130, "khobor: interrupted\n"),
    ],
)
def test_a_signal_while_a_connection_is_closed_prints_no_traceback(tmp_path, words, number, exit_code, said):
    tests = {**environment(tmp_path), "SCRAPY_PROJECT": "test"}
    start = {"cwd": PROJECT_ROOT, "env": tests, "capture_output": True, "text": True, "timeout": 60}
    assert warm.run([sys.executable, "-m", "scrapy", "state", "--rebuild"], **start).returncode
    done = subprocess.run([sys.executable, "-c", CLOSING, str(int(number)), *words.split()], check=False, **start)
    assert (done.returncode, done.stdout, done.stderr) == (exit_code, "", said)


# One handler serves all commands, so that not every one needs every signal.
@pytest.mark.parametrize(
    ("words", "module", "number", "exit_code", "said"),
    [
        ("update", "sqlalchemy", signal.SIGINT, 5, JOBS),
        ("update", "spiders.samakal", signal.SIGHUP, 5, JOBS),
        ("backfill demo_tv --since 2026-11-01 --until 2026-11-02", "spiders.samakal", signal.SIGTERM, 5, JOBS),
        ("crawl demo_tv", "crawler.crawl.preflight", signal.SIGTERM, 5, CRAWL),
        ("crawl demo_tv", "spiders.samakal", signal.SIGINT, 5, CRAWL),
        ("outlets", "crawler.tools.report.overview", signal.SIGINT, 130, "khobor: interrupted\n"),
        ("report --to report.html", "crawler.tools.report.page", signal.SIGTERM, 143, "khobor: interrupted\n"),
        ("verify", "crawler.tools.verification.archive", signal.SIGHUP, 143, "khobor: interrupted\n"),
        ("list", "spiders.samakal", signal.SIGINT, 130, ""),
        ("push", "crawler.crawl.preflight", signal.SIGINT, 130, "khobor: interrupted; the next push goes on\n"),
    ],
)
def test_a_command_stopped_while_loading_ends_with_its_exit_code(tmp_path, words, module, number, exit_code, said):
    done = load(tmp_path, number, module, words)
    assert (done.returncode, done.stdout, done.stderr) == (exit_code, "", said)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "pool"),
    [
        ("update demo_daily demo_tv --scope all", 0),
        # The processes of the extraction are on the terminal too.
        ("crawl demo_tv -a since=2026-11-01 -a until=2026-11-20", 1),
    ],
)
def test_closing_the_terminal_stops_a_run_like_sigterm(tmp_path, demo, words, pool):
    settings = {"DEMO_URL": demo.url, "DOWNLOAD_DELAY": 0.5, "EXTRACTION_PROCESSES": pool}
    command = command_of(words, **settings, ALERT_COMMAND=f"cat > {tmp_path}/told")
    terminal, ours = os.openpty()
    streams = {"stdin": ours, "stdout": ours, "stderr": ours}
    # As `setsid --ctty` does.
    own_terminal = {"start_new_session": True, "preexec_fn": partial(fcntl.ioctl, 0, termios.TIOCSCTTY, 0)}
    with warm.Popen(command, cwd=PROJECT_ROOT, env=environment(tmp_path), **streams, **own_terminal) as process:
        os.close(ours)
        deadline = time.monotonic() + 60
        # An outlet's crawl that is stopped while Python starts leaves its log.
        while len(list((tmp_path / "spool").rglob("*.warc.gz.open"))) < words.count("demo_"):
            assert time.monotonic() < deadline
            if select.select([terminal], [], [], 0.05)[0]:
                os.read(terminal, 1 << 16)
        os.close(terminal)
        assert process.wait(60) == 5
    assert list((tmp_path / "archive").rglob("*.warc.gz"))
    left = [path.name for path in (tmp_path / "spool").rglob("*") if path.is_file()]
    assert sorted(left) == ["identity", "state.db"], "a clean end finishes and archives what was recorded"
    if "crawl" not in words:
        assert "stopped early" in (tmp_path / "told").read_text()


def test_nohup_outlives_its_terminal(tmp_path):
    words = "crawl demo_tv -L CRITICAL -s DEMO_URL=http://127.0.0.1:1"
    done = load(tmp_path, signal.SIGHUP, "spiders.samakal", words, start=["nohup"])
    assert done.returncode == 3
    assert "demo_tv: no listing could be read" in done.stderr
