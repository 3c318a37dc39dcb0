"""`scrapy verify --jobs` finds the same as one process; `--quick` compares sizes only."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
import sandbox
import warm
from place import wait_for

from crawler.archive.storage.directory import DirectoryStorage
from crawler.crawl.settings import PROJECT_ROOT
from crawler.tools.compaction import Compaction


@pytest.fixture
def damaged(september, tmp_path):
    """An archive with damage in several segments, and relations between them that are broken."""
    kept = september.copied(tmp_path)
    warcs, rows = kept.keys("warc/**/*.gz"), kept.keys("articles/**/*.gz")
    kept.flip(warcs[0], 400)
    kept.write(warcs[1], kept.read(warcs[2]))
    (kept.archive / warcs[3]).unlink()
    (kept.archive / kept.keys("manifest/**/*.json")[4]).unlink()
    kept.edit_row(rows[0], 0, url="https://elsewhere.example/")
    return kept


@pytest.mark.parametrize("jobs", [2, 5])
def test_the_result_does_not_depend_on_the_jobs(damaged, jobs):
    alone = damaged.verify()
    assert alone.findings_total > 10
    assert damaged.verify(jobs=jobs) == alone


def test_a_compaction_during_verification_is_sound_in_several_processes(september, tmp_path):
    kept = september.copied(tmp_path)
    with kept.verification(jobs=2) as verification:
        verification.survey()
        Compaction(DirectoryStorage(kept.archive), kept.spool).compact("samakal", "2026-09")
        report = verification.check([], None)
    assert (report.findings, report.rows) == ([], 10)


def verification_of_a_long_file(kept):
    """Start `verify` in two processes, one of which reads for half a minute."""
    path = kept.archive / kept.key("warc/**/*.gz")
    with path.open("ab") as stream:
        stream.truncate(1 << 36)
    words = {"cwd": PROJECT_ROOT, "env": sandbox.environment(), "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return warm.Popen(kept.command("verify", "--jobs", "2"), **words)


def children_of(*processes):
    found = (Path(f"/proc/{one}/task/{one}/children").read_text().split() for one in processes)
    return [int(child) for each in found for child in each]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_all_processes(kept, number):
    with verification_of_a_long_file(kept) as process:
        time.sleep(2)
        process.send_signal(number)
        # Its processes would keep the pipes open.
        said = process.communicate(timeout=30)
    assert (process.returncode, said) == (128 + number, (b"", b"khobor: interrupted\n"))


@pytest.mark.parametrize("which", [0, 1])
def test_a_killed_process_ends_the_verification(kept, which):
    with verification_of_a_long_file(kept) as process:
        # They are children of a server.
        wait_for(lambda: len(children_of(*children_of(process.pid))) > 1)
        time.sleep(1)
        os.kill(children_of(*children_of(process.pid))[which], signal.SIGKILL)
        said = process.communicate(timeout=30)
    line = b"khobor: a process was killed, perhaps for memory; try fewer --jobs\n"
    assert (process.returncode, said) == (1, (b"", line))
