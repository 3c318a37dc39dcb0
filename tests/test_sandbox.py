"""The tests run in any checkout and for any caller."""

import shutil
import signal
import subprocess
import sys

import sandbox
from conftest import ROOT

COPIED = (
    *("crawler", "docs", "khobor.dist-info", "settings", "spiders", "tests"),
    *("pyproject.toml", "requirements.txt", "requirements-dev.txt", "scrapy.cfg"),
)
FOREIGN = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_PROFILE": "foreign",
    "HOME": "/nowhere",
    "KHOBOR_ALERT_COMMAND": "false",
    "KHOBOR_ARCHIVE_URL": "s3://foreign",
    "KHOBOR_CLOCK_SHIFT": "tomorrow",
    "KHOBOR_CONTACT": "nobody",
    "KHOBOR_OUTLETS": "foreign",
    "KHOBOR_SPOOL_DIR": "/nowhere",
    "KHOBOR_STATE_URL": "postgresql://foreign",
    "LANG": "C",
    "SCRAPY_PROJECT": "foreign",
    "TZ": "Pacific/Kiritimati",
}
# They crawl, read settings, pack archives, and stop commands by SIGINT and SIGHUP.
RUN = (
    "test_crawl.py::test_backfill_and_update_archive_every_outlet_and_print_short_summaries",
    "test_settings.py::test_our_own_settings_are_valid",
    "test_settings.py::test_relative_places_are_relative_to_the_project_root",
    "test_tools_wacz.py::test_the_setting_names_the_signing_key",
    "test_commands_stopping.py::test_a_signal_while_a_connection_is_closed_prints_no_traceback",
    "test_commands_stopping.py::test_closing_the_terminal_stops_a_run_like_sigterm",
)


def ignore_signals():
    """Ignore what `nohup` and a shell's `&` ignore."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def test_nothing_of_the_caller_and_of_the_checkout_counts(tmp_path):
    for name in COPIED:
        if (ROOT / name).is_dir():
            # Another test may compile a module just now.
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.pyc.*"))
        else:
            shutil.copy(ROOT / name, tmp_path)
    # What reads or writes below these names fails.
    foreign = [tmp_path / name for name in ("archive", "spool", ".env")]
    for path in foreign:
        path.write_text("foreign")
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *(f"tests/{name}" for name in RUN)],
        cwd=tmp_path,
        env=sandbox.environment(**FOREIGN),
        preexec_fn=ignore_signals,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout[-5000:]
    assert all(path.read_text() == "foreign" for path in foreign)
