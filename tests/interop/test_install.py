"""The files of docs/install under Debian's cron and systemd."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import contextmanager

import pytest
from paper import Paper

from crawler.system import clock
from interop.foreign import ROOT

INSTALL = ROOT / "docs/install"
PLACES = {"/srv/khobor-archive": "archive", "/srv/khobor-spool": "spool", "/etc/khobor.env": "khobor.env"}
CRON_SECONDS = 150


@pytest.fixture
def deployed(tmp_path):
    """The files of docs/install with paths of this checkout for those below /srv and /etc."""
    for path in INSTALL.iterdir():
        text = path.read_text("utf-8")
        for place, name in PLACES.items():
            text = text.replace(place, str(tmp_path / name))
        (tmp_path / path.name).write_text(text.replace("/srv/khobor", str(ROOT)), "utf-8")
    return tmp_path


@contextmanager
def under_cron(text):
    """Run a crontab with the daemon; without root, run its command in cron's environment."""
    if os.geteuid() == 0:
        with crontab_of_root(text):
            yield
        return
    line = text.splitlines()[-1].split(maxsplit=5)[5]
    given = {"HOME": os.environ["HOME"], "LOGNAME": "khobor", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
    subprocess.run(["/bin/sh", "-c", line], env=given, check=True)
    yield


@contextmanager
def crontab_of_root(text):
    """Install a crontab and run the daemon; restore the old crontab afterwards."""
    before = subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=False)
    subprocess.run(["crontab", "-"], input=text, text=True, check=True)
    daemon = subprocess.Popen(["cron", "-f"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        daemon.terminate()
        daemon.wait()
        restore = ["crontab", "-"] if before.returncode == 0 else ["crontab", "-r"]
        subprocess.run(restore, input=before.stdout, text=True, check=True)


def wait_for(condition):
    end = time.monotonic() + CRON_SECONDS
    while not condition():
        assert time.monotonic() < end, f"still waiting after {CRON_SECONDS} s"
        time.sleep(0.5)


def test_the_crontab_works_in_crons_empty_environment(deployed):
    environment = deployed / "khobor.env"
    # The newspaper is of the day of the tests.
    moved = f"{clock.SHIFT}={os.environ[clock.SHIFT]}\n"
    environment.write_text(environment.read_text().replace("=cron", "=test") + moved)
    lines = (deployed / "crontab").read_text().replace("*/30 *", "* *").replace("operator@example.org", '""')
    with Paper() as paper:
        command = f"scrapy update demo_portal -s DEMO_URL={paper.url} -s DOWNLOAD_DELAY=0"
        lines = lines.replace("scrapy update", command).replace(">>khobor.log", f">{deployed}/output 2>&1")
        with under_cron(lines):
            wait_for(lambda: list(deployed.glob("archive/runs/**/*.json")))
            wait_for(lambda: "1 outlet" in (deployed / "output").read_text())
    assert list(deployed.glob("archive/articles/outlet=demo_portal/**/*.jsonl.gz"))
    assert not list(ROOT.glob("khobor.log"))


def test_the_units_pass_systemds_own_check(deployed):
    units = [str(path) for path in sorted(deployed.glob("khobor*.[st]*er*"))]
    assert len(units) == 5
    checked = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_the_environment_file_is_plain_enough_for_shell_and_container():
    lines = [line for line in (INSTALL / "khobor.env").read_text().splitlines() if line and not line.startswith("#")]
    values = dict(line.split("=", 1) for line in lines)
    shell = subprocess.run(
        ["env", "-i", "sh", "-c", f"set -a; . {INSTALL}/khobor.env; env"], capture_output=True, text=True, check=True
    )
    values_in_shell = dict(line.split("=", 1) for line in shell.stdout.splitlines())
    assert values
    # A container takes the values literally, with quotes.
    assert all(values_in_shell[name] == value for name, value in values.items())
