"""Workers with spools of their own share a queue: killed, stopped past their lease, cut off, and still all is kept."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from itertools import count, pairwise
from pathlib import Path

import pytest
import sandbox
from killing import kill_alone, rows_so_far
from place import wait_for
from sandbox import TODAY

from crawler.crawl.settings import PROJECT_ROOT
from crawler.demo.newspaper import Newspaper
from crawler.system import clock
from interop.test_s3_containers import Container, assert_sound, database, news, query, state  # noqa: F401

# The newspaper's robots.txt has this Crawl-delay.
LEASE, CRAWL_DELAY = 4, 0.2
OUTLETS = {"demo_daily": "daily", "demo_portal": "portal", "demo_tv": "tv"}
# The days of the newspaper, of two months.
SINCE = TODAY - timedelta(days=29)
# Some of them.
DAYS = date(2026, 10, 30), date(2026, 11, 3)
PACE = ("-s", "DOWNLOAD_DELAY=0.1", "-s", "WARC_SIZE=20000")


class Machine(Container):
    """A machine with its own spool, and shared state and queue."""

    def command(self, *words):
        given = () if any(word.startswith("QUEUE_URL=") for word in words) else ("-s", f"QUEUE_URL={self.state}")
        return super().command(*words, *given, "-s", f"OUTLETS={','.join(OUTLETS)}")

    def worker(self, *words):
        return self.start("worker", *PACE, "-s", f"RUN_LEASE_SECONDS={LEASE}", *words)

    def enqueue(self, *words):
        done = self.run("enqueue", *words)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    @property
    def queue(self):
        done = self.run("queue", "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @property
    def counts(self):
        """The number of jobs by status, read without our code."""
        return dict(query(self, "SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status"))


@pytest.fixture
def machines(server, state, news, tmp_path):  # noqa: F811
    """Machines with one bucket, one state and one queue."""
    bucket = server.new_bucket()

    def made():
        for number in count(1):
            one = Machine(tmp_path / str(number), f"http://127.0.0.1:{news.port}", server, bucket)
            one.root.mkdir()
            one.state = state
            yield one

    return made()


def is_done(machine):
    return not machine.counts.keys() & {"todo", "doing"}


def end(*workers):
    for worker in workers:
        worker.terminate()
    for worker in workers:
        _, said = worker.communicate(timeout=60)
        assert worker.returncode == 0, said


def backfill(machine, since=SINCE, until=TODAY):
    words = [*OUTLETS, "--since", str(since), "--until", str(until), "--scope", "all"]
    assert machine.enqueue("backfill", *words) == f"{2 * len(OUTLETS)} jobs queued\n"


def titles(since=SINCE, until=TODAY):
    return {one.title for one in Newspaper(TODAY).articles if since <= one.published.date() <= until}


def assert_all_kept(machine, wanted, returned=()):
    """Assert that every article is in the archive, once unless a machine has returned."""
    machine.fetch()
    warcs = [str(path) for path in machine.complete("warc/**/*.warc.gz")]
    subprocess.run(["gzip", "-t", *warcs], check=True)
    assert subprocess.run([str(Path(sys.executable).with_name("warcio")), "check", *warcs], check=False).returncode == 0
    rows = machine.rows()
    assert {row["title"] for row in rows} == wanted
    times = Counter((row["id"], row["text_digest"]) for row in rows)
    assert max(times.values()) <= 1 + len(returned), times.most_common(3)
    assert_sound(machine)


def assert_paced(news):  # noqa: F811
    """Assert that the host was never requested faster than its pace; the proxy sees a request a little later."""
    gaps = [
        (later - earlier, target)
        for (earlier, later), target in zip(pairwise(news.moments), news.targets[1:], strict=True)
    ]
    assert min(gaps)[0] > 0.5 * CRAWL_DELAY, sorted(gaps)[:9]


def test_jobs_are_queued_once_and_the_newest_month_first(machines):
    one = next(machines)
    assert one.enqueue("update") == "3 jobs queued\n"
    assert one.enqueue("update") == "0 jobs queued; 3 waited or ran already\n"
    words = ["demo_daily", "demo_tv", "--since", "2026-09-15", "--until", "2026-11-24"]
    assert one.enqueue("backfill", *words) == "6 jobs queued\n"
    waiting = one.queue["waiting"]
    assert [job["kind"] for job in waiting] == ["update"] * 3 + ["backfill"] * 6
    spans = [(job["options"]["since"], job["options"]["until"]) for job in waiting[3:] if job["outlet"] == "demo_tv"]
    assert spans == [("2026-11-01", "2026-11-24"), ("2026-10-01", "2026-10-31"), ("2026-09-15", "2026-09-30")]
    assert one.run("queue", "--cancel", str(waiting[0]["id"])).stdout == "1 job cancelled\n"
    assert one.run("queue", "--cancel").stdout == "8 jobs cancelled\n"
    assert one.queue == {"waiting": [], "running": [], "failed": []}


def test_a_killed_workers_jobs_are_done_by_others(machines, news, monkeypatch):  # noqa: F811
    # The update finds nothing of its days.
    monkeypatch.setenv(clock.SHIFT, sandbox.later(timedelta(days=9)))
    first, second = next(machines), next(machines)
    first.enqueue("update")
    backfill(first, *DAYS)
    dead = first.worker()
    wait_for(lambda: rows_so_far(first), 120)
    living = second.worker()
    kill_alone(dead)
    dead.communicate()
    shutil.rmtree(first.root / "spool")
    wait_for(lambda: is_done(second), 300)
    end(living)
    assert second.counts.keys() == {"succeeded"}
    assert_all_kept(second, titles(*DAYS))
    assert_paced(news)


def test_some_worker_queues_the_updates_at_their_times(machines):
    one = next(machines)
    worker = one.worker("--only", "reextract", "-s", "UPDATE_CRON=* * * * * */5")
    wait_for(lambda: len(one.queue["waiting"]) == len(OUTLETS), 60)
    end(worker)
    assert {job["kind"] for job in one.queue["waiting"]} == {"update"}


def test_a_failed_job_says_why_and_is_retried_on_request(machines):
    one = next(machines)
    one.enqueue("backfill", "demo_tv", "--since", str(TODAY), "--until", str(TODAY))
    # With this setting no crawl of the outlet begins.
    metrics, alert = one.root / "khobor.prom", one.root / "alert"
    told = ("-s", f"METRICS_FILE={metrics}", "-s", f"ALERT_COMMAND=cat >> {alert}")
    worker = one.worker("--only", "backfill", "-s", "ALLOW_PRIVATE_ADDRESSES=False", *told)
    wait_for(lambda: one.counts.get("failed"), 150)
    _, said = (worker.terminate(), worker.communicate(timeout=60))[1]
    assert said.count("\n") == 1
    assert "is a private address" in said
    assert 'khobor_queue_jobs{kind="backfill",state=' in metrics.read_text()
    assert alert.read_text().count("is a private address") == 1, "only the last try alerts"
    (failed,) = one.queue["failed"]
    assert "is a private address" in failed["reason"]
    assert one.run("queue", "--retry").stdout == "1 job queued again\n"
    worker = one.worker()
    wait_for(lambda: is_done(one), 120)
    end(worker)
    assert one.counts == {"succeeded": 1}


def test_a_command_that_cannot_start_is_a_failure_that_is_noted(machines):
    one, environment = next(machines), Path(sys.prefix)
    python = one.root / "venv/bin/python"
    python.parent.mkdir(parents=True)
    python.symlink_to(Path(sys.executable).resolve())
    shutil.copy(environment / "pyvenv.cfg", one.root / "venv")
    (one.root / "venv/lib").symlink_to(environment / "lib")
    words = one.command("worker", "-s", f"RUN_LEASE_SECONDS={LEASE}")
    worker = subprocess.Popen([str(python), *words[1:]], cwd=PROJECT_ROOT, env=one.environment())
    wait_for(lambda: query(one, "SELECT 1 FROM pg_tables WHERE tablename = 'procrastinate_workers'"), 60)
    wait_for(lambda: query(one, "SELECT id FROM procrastinate_workers"), 60)
    # As while somebody installs a new version.
    python.unlink()
    one.enqueue("update", "demo_tv")
    wait_for(lambda: query(one, "SELECT 1 FROM khobor_attempts WHERE reason IS NOT NULL"), 60)
    worker.terminate()
    assert worker.wait(60) == 0
    ((failures, reason),) = query(one, "SELECT failures, reason FROM khobor_attempts")
    assert (failures, reason.partition(":")[0]) == (1, "its command could not run")
    assert one.counts == {"todo": 1}


def test_mistakes_are_one_line_each(machines):
    one = next(machines)
    for words, code, said in (
        (["enqueue"], 2, "enqueue takes update, backfill or reextract"),
        (["enqueue", "updat"], 2, "not 'updat'"),
        (["enqueue", "update", "demo_tvv"], 2, "did you mean demo_tv"),
        (["enqueue", "update", "--since", "2026-11-01"], 2, "--since does not belong to enqueue update"),
        (["enqueue", "backfill", "demo_tv"], 2, "takes outlets, --since and --until"),
        (["enqueue", "backfill", "demo_tv", "--since", "2026-13-01", "--until", "2026-11-01"], 2, "2026-13-01"),
        (["enqueue", "reextract"], 2, "takes --to"),
        (["queue", "17"], 2, "IDs belong to --retry or --cancel"),
        (["queue", "--retry", "x"], 2, "'x' is not the ID of a job"),
        (["worker", "--only", "updates"], 2, "the kinds of jobs are update, backfill, reextract"),
        (["worker", "--jobs", "0"], 2, "0"),
        (["worker", "-s", "QUEUE_URL="], 2, "QUEUE_URL is not set"),
        (["queue", "-s", "QUEUE_URL=sqlite:///x"], 2, "QUEUE_URL is not an address of PostgreSQL"),
        (["queue", "-s", "QUEUE_URL=postgresql://khobor@127.0.0.1:9/none"], 1, "QUEUE_URL can't be used"),
        (["worker", "-s", "UPDATE_CRON=sometimes"], 2, "UPDATE_CRON=sometimes is not a time of cron"),
    ):
        done = one.run(*words)
        assert done.returncode == code, (words, done.stderr)
        assert said in done.stderr
        assert done.stderr.count("\n") == 1, done.stderr
