"""A crawl or a backfill killed many times at random moments loses nothing and archives nothing twice."""

import os
import random
from datetime import timedelta

import pytest
from conftest import TODAY
from killing import judge, kill_at_random
from place import Place

from crawler.demo.newspaper import Newspaper

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
def test_a_backfill_killed_many_times_archives_every_article_once(tmp_path, demo, outlet):
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
