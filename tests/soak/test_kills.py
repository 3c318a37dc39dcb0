"""A crawl or a backfill killed many times at random moments loses nothing and archives nothing twice."""

import os
import random
import time
from datetime import timedelta

import pytest
import sandbox
from killing import judge, kill_at_random, start
from place import Place
from sandbox import TODAY

from crawler.demo.newspaper import Newspaper
from crawler.system import clock

DAYS = 29
KILLS = int(os.environ.get("KILLS", "20"))


# It completes segments that a killed crawl has left.
PUSH = ["push", "-s", "WARC_AGE=1"]


@pytest.mark.parametrize("others", [[], [PUSH]], ids=["crawls", "crawls and pushes"])
def test_a_crawl_killed_many_times_loses_nothing(tmp_path, demo, others):
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # shown on failure
    place = Place(tmp_path, demo.url)
    words = ["crawl", "demo_daily", "-a", f"since={TODAY - timedelta(days=DAYS)}", "-a", f"until={TODAY}"]
    words += ["-s", "DOWNLOAD_DELAY=0.1", "-s", "WARC_SIZE=200000", "-a", "scope=all"]
    acknowledged = kill_at_random(place, [words, *others], KILLS, seed, longest=7.0)
    assert acknowledged
    last = place.scrapy(*words)
    assert last.returncode == 0, last.stderr
    wanted = {one.title for one in Newspaper(TODAY).articles if one.outlet == "daily"}
    judge(place, acknowledged, wanted)
    verify = place.scrapy("verify")
    assert verify.returncode == 0, verify.stdout


@pytest.mark.parametrize("outlet", ["daily", "tv"])
def test_a_backfill_killed_many_times_archives_every_article_once(tmp_path, demo, outlet, monkeypatch):
    # A backfill leaves the current day to updates.
    monkeypatch.setenv(clock.SHIFT, sandbox.later(timedelta(days=1)))
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # shown on failure
    place = Place(tmp_path, demo.url)
    words = ["backfill", f"demo_{outlet}", "--since", str(TODAY - timedelta(days=DAYS)), "--until", str(TODAY)]
    words += ["--scope", "all", "-s", "DOWNLOAD_DELAY=0.1", "-s", "WARC_SIZE=200000"]
    acknowledged = kill_at_random(place, [words], min(KILLS, 10), seed, longest=8.0)
    assert acknowledged
    last = place.scrapy(*words)
    assert last.returncode == 0, last.stdout + last.stderr
    assert f"{DAYS + 1} of {DAYS + 1} days closed" in last.stdout
    judge(place, acknowledged, {one.title for one in Newspaper(TODAY).articles if one.outlet == outlet})
    assert place.scrapy(*words, "--dry-run").stdout.endswith(" 0 unknown\n")
    verify = place.scrapy("verify")
    assert verify.returncode == 0, verify.stdout


def test_a_reextraction_killed_many_times_ends_with_the_same_bytes(tmp_path, demo):
    random.seed(seed := random.SystemRandom().randrange(10**6))
    print(f"seed {seed}")  # shown on failure
    place = Place(tmp_path, demo.url)
    words = ["-a", f"since={TODAY - timedelta(days=9)}", "-a", f"until={TODAY}", "-a", "scope=all"]
    for outlet in ("demo_daily", "demo_portal", "demo_tv"):
        done = place.scrapy("crawl", outlet, *words, "-s", "WARC_SIZE=50000")
        assert done.returncode == 0, done.stderr
    assert place.scrapy("reextract", "--to", str(tmp_path / "whole")).returncode == 0
    again = ["reextract", "--to", str(tmp_path / "killed"), "--jobs", "2"]
    for _ in range(KILLS):
        with start(place, *again) as process:
            time.sleep(random.uniform(0.5, 3.0))
            process.kill()
    assert place.scrapy(*again).returncode == 0
    whole, killed = (contents(tmp_path / name) for name in ("whole", "killed"))
    assert len(whole) > 10
    assert killed == whole


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
