"""What surrounds the tests, and all that they start: a fixed moment, and nothing of the caller or of the checkout.

`conftest.py` enters it before a test is collected, in each process of pytest. The time zone is one that is neither
UTC nor that of an outlet: what reads the machine's by mistake is seen.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from crawler.demo.schedule import DHAKA
from crawler.system import clock

# The moment at which each process of pytest begins.
NOW = datetime(2026, 11, 24, 18, tzinfo=DHAKA)
TODAY = NOW.date()
# What a process needs to run at all, to be started by pytest, and to have its clock moved by `faketime`.
KEPT = ("PATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "TMPDIR", "VIRTUAL_ENV", "CI")
KEPT_PREFIXES = ("FAKE", "PYTEST", "PYTHON", "COVERAGE", "HYPOTHESIS", "FUZZ_")
# What `make` sets for the long proofs.
KEPT_NUMBERS = ("KILLS", "DAYS", "FAULTS")
PASSED_ON = ("LD_PRELOAD", "TZ", "HOME", "LANG", clock.SHIFT, "KHOBOR_ARCHIVE_URL", "KHOBOR_SPOOL_DIR")


def enter() -> None:
    """Forget the caller's environment and signals, and move the clock to NOW."""
    kept = {name: value for name, value in os.environ.items() if _is_kept(name)}
    folder = Path(tempfile.mkdtemp(prefix="khobor-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.clear()
    os.environ.update(kept, TZ="America/St_Johns", HOME=str(folder), LANG="C.UTF-8")
    os.environ.update(KHOBOR_ARCHIVE_URL=str(folder / "archive"), KHOBOR_SPOOL_DIR=str(folder / "spool"))
    # Where a test closes standard output, libfaketime's shared memory would be opened in its place.
    if "FAKETIME" in kept:
        os.environ["FAKETIME_DISABLE_SHM"] = "1"
    time.tzset()
    os.environ[clock.SHIFT] = later(NOW - clock.machine_now())
    # What is started in the background or by `nohup` ignores these signals, and so would all that is started here.
    # A handler of our own is not inherited, and leaves pytest itself running when the terminal is closed.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda number, frame: None)


def environment(**variables: str) -> dict[str, str]:
    """Return the variables for a command of the test layer that inherits only what the sandbox sets."""
    passed = {name: value for name, value in os.environ.items() if name in PASSED_ON or "FAKE" in name}
    return {"SCRAPY_PROJECT": "test", "PATH": "/usr/bin:/bin", **passed, **variables}


def later(by: timedelta) -> str:
    """Return the value of the variable that moves the clock, for what is started as if so much time had passed."""
    return f"{(clock.shift() + by).total_seconds():.6f}s"


def _is_kept(name: str) -> bool:
    return name in KEPT or name in KEPT_NUMBERS or name.startswith(KEPT_PREFIXES)
