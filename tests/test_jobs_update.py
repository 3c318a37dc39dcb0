"""`scrapy update` over simulated weeks: real processes, a demo newspaper whose faults are switched."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from paper import ALL, Updates
from place import UNREACHABLE, wait_for
from sandbox import TODAY

from crawler.demo.replies import html
from crawler.jobs.crew import ENDING
from crawler.jobs.jobs_command import STOP_SECONDS
from crawler.state import State
from crawler.system import clock
from crawler.system.locks import outlet_lock, push_lock

HOOKED = """
from crawler.demo.spiders.demo_tv import DemoTvSpider

class Hooked(DemoTvSpider):
    name = "hooked"

    @classmethod
    def finish(cls, article, document):
        raise RuntimeError("a fault in a hook")
"""
# Outlets with two sources by day, with an archive beside feeds, alone or of days long past, with one whose days may
# have nothing, and with one that is corrected.
ARCHIVED = """
import os

from crawler.demo.spiders.demo_portal import DemoPortalSpider
from crawler.demo.spiders.demo_tv import DemoTvSpider
from crawler.outlets.sources import ArchivePage, DailySitemap, JsonListing

class Twofold(DemoTvSpider):
    name = "twofold"
    days = [*DemoTvSpider.days, DailySitemap("/tv/sitemap/{day:%Y-%m-%d}.xml?second")]

class Beside(DemoPortalSpider):
    name = "beside"
    days = [ArchivePage("/portal/archive/{day}")]

class Alone(Beside):
    name = "alone"
    feeds = news_sitemaps = national = sections = []

class Past(Beside):
    name = "past"
    days = [ArchivePage("/portal/archive/{day}", until="2020-01-01")]

class Sparse(DemoTvSpider):
    name = "sparse"
    days = [ArchivePage("/tv/archive/{day}", is_absent_when_empty=True)]

class Told(DemoTvSpider):
    name = "told"
    days = [JsonListing("/tv/json/{day}", published="at", national=True)]

class Moved(DemoTvSpider):
    name = "moved"
    days = [*DemoTvSpider.days, DailySitemap("/tv/sitemap/{day:%Y-%m-%d}.xml?" + os.environ.get("MOVED_TO", ""))]
"""


@pytest.fixture
def place(tmp_path, paper):
    return Updates(tmp_path, paper.url)


@pytest.fixture(scope="module")
def weeks(newspaper, tmp_path_factory):
    """Weeks of updates that have gone well."""
    newspaper.begin_anew()
    place = Updates(tmp_path_factory.mktemp("weeks"), newspaper.url)
    assert place.update(*ALL).returncode == 0
    place.repeat(21)
    place.age(days=1)
    return place


@pytest.fixture
def grown(weeks, place):
    """A place where weeks of updates have gone well, for one test."""
    shutil.copytree(weeks.root, place.root, dirs_exist_ok=True)
    return place


def child_of(process, outlet):
    """Return the process id of an outlet's crawl, which prints into a log of its own, once it is there."""
    found = []

    def is_there():
        for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            with suppress(OSError):
                if Path(f"/proc/{child}/fd/1").readlink().name == f"{outlet}.log":
                    found.append(int(child))
        return found

    wait_for(is_there)
    return found[0]


def test_weeks_of_updates_with_faults_in_between(paper, grown):
    """One story, because every update costs seconds: what each of them must say stands beside it."""
    quiet = grown.update(*ALL, "-s", "REVISIT_SHARE=0")
    assert (quiet.returncode, quiet.stderr) == (0, "")
    assert quiet.stdout.startswith("3 outlets, 0 new rows, ")
    assert quiet.stdout.count("\n") == 1
    known = {row["url"].removeprefix(paper.url) for row in grown.rows()}
    assert known.isdisjoint(paper.site.asked)

    # A layout breaks, the feeds of another fall silent, the third goes on.
    [story, *_] = paper.publish("tv", 2)
    paper.publish("daily")
    paper.break_("tv", "layout")
    paper.break_("portal", "empty")
    broken = grown.update(*ALL)
    assert broken.returncode == 3
    assert broken.stdout.startswith("3 outlets, 1 new rows, ")
    portal, tv = sorted(broken.stderr.splitlines())
    assert portal.startswith("demo_portal: lists nothing since ")
    assert "(used to list " in portal
    assert tv.startswith("demo_tv: ")
    assert " pages gave no article since " in tv
    assert f": look at {paper.url}/tv/" in tv

    # Told once a day.
    again = grown.update("demo_portal", "demo_tv")
    assert (again.returncode, again.stderr) == (0, "")
    assert "; 2 outlets as reported before" in again.stdout

    # Mended; what could not be read before is.
    paper.heal()
    grown.age(hours=2)
    mended = grown.update("demo_portal", "demo_tv")
    assert (mended.returncode, mended.stderr) == (0, "")
    assert story.title in {row["title"] for row in grown.rows()}


def test_a_refusal_is_reported_once_and_retried_after_a_pause(paper, grown):
    paper.publish("daily")
    paper.break_("tv", "403")
    first = grown.update("demo_daily", "demo_tv")
    assert first.returncode == 4
    assert first.stdout.startswith("2 outlets, 1 new rows, ")
    assert first.stderr.startswith("demo_tv: refuses us, http-403, since ")
    assert first.stderr.count("\n") == 1
    refused = [target for target in paper.site.asked if target.startswith("/tv/")]

    second = grown.update("demo_daily", "demo_tv")
    assert (second.returncode, second.stderr) == (0, "")
    assert second.stdout.startswith("1 outlet, ")
    assert [target for target in paper.site.asked if target.startswith("/tv/")] == refused

    grown.age(hours=7)
    third = grown.update("demo_tv")
    assert (third.returncode, third.stderr) == (0, ""), "tried again, told today already"
    assert grown.sql("select refusals from standings") == [(2,)]

    by_hand = grown.scrapy("crawl", "demo_tv")
    assert "demo_tv refuses us since" in by_hand.stderr

    grown.age(hours=80)
    paper.heal()
    healed = grown.update("demo_tv")
    assert (healed.returncode, healed.stderr) == (0, "")
    assert not grown.sql("select * from standings")
    assert not grown.sql("select * from reports")


def test_an_archive_that_refuses_backfills_does_not_pause_updates(paper, place):
    assert place.update("demo_tv").returncode == 0
    until = TODAY - timedelta(days=10)
    paper.site.forbidden = f"/sitemap/{until}"
    backfill = place.scrapy("backfill", "demo_tv", "--since", str(until), "--until", str(until))
    assert backfill.returncode == 3
    assert f"{until}.xml: not fetched (http-403)" in backfill.stderr
    assert not place.sql("select * from standings")
    paper.publish("tv")
    after = place.update("demo_tv")
    assert (after.returncode, after.stderr) == (0, "")
    assert after.stdout.startswith("1 outlet, 1 new rows, ")


def test_an_outlet_is_paused_for_exactly_its_retry_after_time(paper, place):
    assert place.update("demo_tv").returncode == 0
    story = paper.publish("tv", 4)[0]
    paper.site.busy = {target: "900" for target in paper.site.asked if target.startswith("/tv/")}
    busy = place.update("demo_tv", "-s", "RETRY_TIMES=0")
    assert busy.returncode == 4
    assert busy.stderr.startswith("demo_tv: refuses us, ")
    [(refusals, until)] = place.sql("select refusals, refused_until from standings")
    assert refusals == 0
    assert timedelta(minutes=10) < datetime.fromisoformat(until) - clock.now() <= timedelta(minutes=15)
    paper.site.busy.clear()
    place.age(minutes=16)
    place.sql("delete from hosts")
    after = place.update("demo_tv")
    assert (after.returncode, after.stderr) == (0, "")
    assert story.title in {row["title"] for row in place.rows()}
    assert not place.sql("select * from standings")


def days_asked(paper, outlet):
    """Return the days whose sitemaps were asked for since the last time, newest first."""
    asked = [target for target in paper.site.asked if target.startswith(f"/{outlet}/sitemap/")]
    paper.site.asked.clear()
    return sorted({re.search(r"\d{4}-\d\d-\d\d", target)[0] for target in asked}, reverse=True)


@pytest.mark.parametrize("fault", ["/robots.txt", "/tv/", "/tv/sitemap/"])
def test_updates_request_each_day_of_an_outage_until_read(paper, place, fault):
    assert place.update("demo_tv").returncode == 0
    place.age(days=5)
    paper.site.asked.clear()
    paper.site.unavailable.add(fault)
    # Of a source that can't be read the missed days are not asked for one by one.
    for _ in range(2):
        assert place.update("demo_tv").returncode == 3
        assert len(days_asked(paper, "tv")) == (0 if fault == "/robots.txt" else 2)
        place.age(days=1)
    missed = [str(TODAY - timedelta(days=back)) for back in range(8)]
    paper.site.unavailable = {missed[3], missed[4]}
    assert place.update("demo_tv").returncode == 3
    assert days_asked(paper, "tv") == missed
    # What was read is not asked for again.
    paper.site.unavailable = set()
    assert place.update("demo_tv").returncode == 0
    assert days_asked(paper, "tv") == [*missed[:2], *missed[3:5]]
    assert place.update("demo_tv").returncode == 0
    assert days_asked(paper, "tv") == missed[:2]


def update_archived(paper, place, outlet, **environment):
    """Return the exit code of an update of one of the outlets above, and which sources by day it asked, how often."""
    (place.root / "archived.py").write_text(ARCHIVED)
    paper.site.asked.clear()
    words = ("update", outlet, "-s", "SPIDER_MODULES=archived", "-s", "RETRY_TIMES=0")
    done = place.scrapy(*words, environment={"PYTHONPATH": str(place.root), **environment})
    by_day = [re.sub(r"\d{4}-\d\d-\d\d", "DAY", target) for target in set(paper.site.asked)]
    return done.returncode, Counter(target for target in by_day if "DAY" in target)


def test_a_missed_day_without_an_issue_does_not_fail_updates(paper, place):
    assert update_archived(paper, place, "beside") == (0, {})
    place.age(days=4)
    holiday, answer = f"/portal/archive/{TODAY - timedelta(days=3)}", paper.site.get
    paper.site.get = lambda target, base: html("<a href='/'>x</a>") if target == holiday else answer(target, base)
    try:
        # The holiday's is not counted.
        assert update_archived(paper, place, "beside") == (0, {"/portal/archive/DAY": 4})
        assert update_archived(paper, place, "beside") == (0, {})
    finally:
        paper.site.get = answer


def test_missed_days_are_requested_though_the_last_two_are_empty(paper, place):
    assert update_archived(paper, place, "sparse") == (0, {})
    place.age(days=5)
    assert update_archived(paper, place, "sparse") == (0, {"/tv/archive/DAY": 6})
    # That of yesterday may come yet.
    assert update_archived(paper, place, "sparse") == (0, {"/tv/archive/DAY": 1})


def test_an_edit_becomes_a_version_and_each_revisit_happens_once(paper, place):
    assert place.update("demo_daily").returncode == 0
    rows = place.rows()
    place.age(hours=7)
    edited = next(one for one in paper.site.newspaper.of("daily") if one.title in {row["title"] for row in rows})
    paper.edit("daily", edited.id)
    everything = ("-s", "REVISIT_SHARE=0.9")
    assert place.update("demo_daily", *everything).returncode == 0
    assert sorted(row["version"] for row in place.rows() if row["title"] == edited.title) == [1, 2]
    assert len(place.rows()) == len(rows) + 1
    assert place.facts("demo_daily")["revisits"] == len(rows)
    paper.site.asked.clear()
    assert place.update("demo_daily", *everything).returncode == 0
    assert place.facts("demo_daily")["revisits"] == 0
    assert edited.path not in paper.site.asked
    assert paper.site.newspaper.withdrawn["daily"].path not in paper.site.asked, "a dead link is left alone for a while"


def test_a_hook_failing_on_every_page_is_reported_at_once(paper, place):
    (place.root / "hooked.py").write_text(HOOKED)
    for_subscribers = [one.path for one in paper.publish("tv", 3)]
    paper.site.for_subscribers.update(for_subscribers)
    words = ("update", "hooked", "-s", "SPIDER_MODULES=hooked", "-s", "REFUSALS_IN_A_ROW=99")
    answer = place.scrapy(*words, environment={"PYTHONPATH": str(place.root)})
    assert set(for_subscribers) <= set(paper.site.asked)
    assert answer.returncode == 3
    assert re.fullmatch(
        r"hooked: (\d+) of \1 pages gave no article since \S+ \(\1 runtime-error, before: 0 of 0\): "
        rf"look at {paper.url}/tv/\S+\n",
        answer.stderr,
    )


def test_an_update_without_robots_txt_stops_and_resumes_later(paper, place):
    paper.site.most_robots = 1
    slow = ("-s", "ROBOTSTXT_MAX_AGE=3", "-s", "RETRY_TIMES=0", "-s", "DOWNLOAD_DELAY=0.3")
    published = paper.publish("daily", 30)
    answer = place.update("demo_daily", *slow)
    assert answer.returncode == 3
    robots = re.escape(f"{paper.url}/robots.txt")
    said = rf"demo_daily: {robots} can't be fetched since [\d-]+ \(http-500\): look at {robots}\n"
    assert re.fullmatch(said, answer.stderr)
    assert paper.site.asked[-1] == "/robots.txt"
    assert set(place.sql("select reason from failures")) <= {("http-404",), ("robots",)}
    paper.site.most_robots = 99
    place.update("demo_daily")
    assert {one.title for one in published} <= {row["title"] for row in place.rows()}


def test_a_rejected_page_behind_a_redirect_that_is_listed_no_longer_is_requested_once_a_run(paper, place):
    (published,) = paper.publish("daily")
    elsewhere = published.path.replace(f"/{published.id}/", f"/{published.id}7/")
    paper.site.moved = {published.path: elsewhere}
    paper.site.apologizing = elsewhere
    place.update("demo_daily")
    paper.unlist(published)
    place.age(hours=7)
    place.update("demo_daily", "-s", "REVISIT_SHARE=0.9")
    assert (paper.site.asked.count(published.path), paper.site.asked.count(elsewhere)) == (2, 2)


def test_a_lost_article_that_is_due_for_a_revisit_is_requested_once_a_run(paper, place):
    (published,) = paper.publish("daily")
    place.update("demo_daily")
    paper.unlist(published)
    lost = "update articles set outcome = 'lost', status = 'recorded' where url like ? returning url"
    assert len(place.sql(lost, f"%{published.path}")) == 1
    place.age(hours=7)
    place.update("demo_daily", "-s", "REVISIT_SHARE=0.9")
    assert paper.site.asked.count(published.path) == 2
    # The site has answered 404: its earlier row is what there is.
    assert place.sql("select outcome from articles where url like ?", f"%{published.path}") == [("article",)]


def test_a_hung_crawl_stops_at_its_deadline_without_harming_others(paper, grown):
    began = time.monotonic()
    assert grown.update("demo_daily", "demo_tv").returncode == 0
    # By how long healthy outlets take here and now.
    minutes = max(8, 3 * (time.monotonic() - began)) / 60
    paper.site.hanging.add("tv")
    paper.publish("daily")
    told, metrics = grown.root / "told", grown.root / "khobor.prom"
    alert = f'ALERT_COMMAND=(echo "$KHOBOR_EXIT_CODE $KHOBOR_TOLD"; cat) > {told}'
    answer = grown.update(
        "demo_daily", "demo_tv", "-s", f"OUTLET_MINUTES={minutes}", "-s", alert, "-s", f"METRICS_FILE={metrics}"
    )
    assert answer.returncode == 3
    assert told.read_text() == f"3 demo_tv\n{answer.stdout}{answer.stderr}"
    assert "khobor_update_exit_code 3.0" in metrics.read_text()
    assert answer.stdout.startswith("2 outlets, 1 new rows, ")
    assert answer.stderr.startswith("demo_tv: hangs since ")
    assert answer.stderr.count("\n") == 1


def test_a_crashed_process_is_named_and_the_others_go_on(paper, grown):
    paper.site.hanging.add("tv")
    paper.publish("daily")
    with grown.start("update", "demo_daily", "demo_tv") as process:
        child = child_of(process, "demo_tv")
        wait_for(lambda: any(target.startswith("/tv/") for target in paper.site.asked))
        os.kill(child, signal.SIGKILL)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.startswith("demo_tv: its process was killed by SIGKILL")
    assert errors.count("\n") == 1
    assert " 1 new rows, " in output
    paper.heal()
    assert grown.update("demo_daily", "demo_tv").returncode == 0, "what the crash left is put in order"


def test_a_crawl_with_an_unwritable_log_writes_to_stderr(place):
    (place.root / "spool").mkdir()
    (place.root / "spool/logs").touch()
    (place.root / "spool/articles").touch()
    answer = place.update("demo_tv")
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr
    assert "khobor: demo_tv: FileExistsError: " in answer.stderr
    assert "\ndemo_tv: its crawl failed with exit 1 since " in answer.stderr


def test_a_stopped_update_exits_within_30_seconds_and_resumes(paper, place):
    paper.site.hanging.add("tv")
    with place.start("update", "demo_daily", "demo_tv") as process:
        for outlet in ("/tv/", "/daily/"):
            wait_for(lambda outlet=outlet: any(target.startswith(outlet) for target in paper.site.asked))
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (5, "")
    assert time.monotonic() - began < 30
    assert output.startswith("2 outlets, ")
    assert output.endswith("; stopped early\n")
    left = [path.name for path in place.spool("*") if path.is_file()]
    assert sorted(left) == ["identity", "state.db"], "a clean end finishes and archives what was recorded"
    paper.heal()
    assert place.update("demo_tv").returncode == 0


def test_the_deadline_of_the_run_is_kept(paper, place):
    paper.site.hanging.add("daily")
    cut = place.update("demo_daily", "demo_tv", "--jobs", "1", "--max-minutes", "0.1")
    assert (cut.returncode, cut.stderr) == (5, "")
    assert "stopped early, 1 outlet not begun" in cut.stdout
    # It had all the time there was: the other one begins the next run.
    assert place.sql("select outlet, reason from runs") == [("demo_daily", "deadline")]


def test_without_a_network_one_line_says_so(place):
    nowhere = ("-s", "DEMO_URL=http://newspaper.invalid", "-s", "CONTACT=archive@example.org")
    answer = place.update("demo_daily", "demo_tv", *nowhere)
    assert answer.returncode == 1
    assert not [log for log in place.spool("logs/*") if "Traceback" in log.read_text()]
    assert answer.stderr.startswith("all outlets: not one host of 2 outlets has answered since ")
    assert answer.stderr.count("\n") == 1


def test_outlets_that_somebody_else_crawls_are_left_to_them(place):
    with outlet_lock(place.root / "spool", "demo_tv"):
        answer = place.update("demo_tv")
    assert (answer.returncode, answer.stderr) == (75, "")
    assert "; 1 outlet crawled by another process just now" in answer.stdout


def test_runs_do_not_wait_for_another_process_uploading_files(paper, place):
    with push_lock(place.root / "spool", "demo_tv"):
        first = place.update("demo_tv")
        assert (first.returncode, first.stderr) == (0, "")
        count = len(place.spool("khobor-demo_tv-*"))
        assert f"; {count} files in the spool until another process has uploaded its files" in first.stdout
        push = place.scrapy("push")
        assert (push.returncode, push.stdout) == (75, "")
        assert push.stderr == "khobor: demo_tv: another process uploads this outlet's files\n"
        [new] = paper.publish("tv")
        with place.start("update", "demo_tv") as process:
            wait_for(lambda: len(place.spool("manifest/**/*.json")) == 2)
            process.send_signal(signal.SIGINT)
            began = time.monotonic()
            _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (5, "")
        assert time.monotonic() - began < 30
        assert not place.files("*/**/*")
    assert place.update("demo_tv").returncode == 0
    assert not place.spool("*.gz")
    assert new.title in {row["title"] for row in place.rows()}


def test_files_stay_spooled_while_the_store_is_unreachable(paper, place):
    answer = place.scrapy("update", "demo_tv", "-s", "ARCHIVE_URL=s3://bucket/kept", environment=UNREACHABLE)
    assert answer.returncode == 0
    count = len(place.spool("khobor-demo_tv-*"))
    assert answer.stdout.endswith(f"; {count} files in the spool until s3://bucket/kept can be reached\n")
    assert place.update("demo_tv").stdout.count("in the spool") == 0


def test_subscriber_articles_neither_pause_their_outlet_nor_hide_a_refusal(paper, place):
    for_subscribers = {one.path for one in paper.publish("tv", 6)}
    paper.site.for_subscribers |= for_subscribers
    assert place.update("demo_tv", "-s", "REFUSALS_IN_A_ROW=99").returncode == 0
    place.age(hours=1)
    paper.site.asked.clear()
    nothing_new = place.update("demo_tv", "-s", "REVISIT_SHARE=0")
    assert for_subscribers <= set(paper.site.asked)
    assert (nothing_new.returncode, nothing_new.stderr) == (0, "")
    assert place.sql("select * from standings") == []
    place.age(hours=2)
    paper.site.forbidden = "/tv/2"
    paper.publish("tv", 3)
    wall = place.update("demo_tv", "-s", "REVISIT_SHARE=0")
    assert wall.returncode == 4
    assert wall.stderr.startswith("demo_tv: refuses us, http-403, since ")


def test_refusals_accumulate_over_runs_of_a_slow_outlet(paper, place):
    assert place.update("demo_tv").returncode == 0
    paper.site.forbidden = "/tv/2"
    told = []
    for _ in range(3):
        place.age(hours=1)
        paper.publish("tv")
        told.append(place.update("demo_tv", "-s", "REVISIT_SHARE=0"))
    assert 4 in [answer.returncode for answer in told]
    assert "demo_tv: refuses us, http-403, since " in "".join(answer.stderr for answer in told)


def test_a_crawl_without_host_state_fails_and_blames_no_host(place):
    State(f"sqlite:///{place.root}/spool/state.db").close()
    place.sql("drop table hosts")
    answer = place.crawl("demo_tv", "-s", "DOWNLOAD_DELAY=0.2", "-L", "CRITICAL")
    assert answer.returncode == 1
    assert "no such table: hosts" in answer.stderr.splitlines()[-1]


def test_an_unresponsive_host_is_given_up_before_every_request_fails(paper, place):
    paper.site.hanging.add("tv")
    impatient = ("-s", "DOWNLOAD_TIMEOUT=1", "-s", "RETRY_TIMES=2", "-s", "UNANSWERED_IN_A_ROW=1")
    answer = place.update("demo_tv", *impatient)
    assert answer.returncode == 3
    assert answer.stderr.startswith("demo_tv: hangs since ")
    assert "(its hosts do not answer): look at " in answer.stderr


def test_the_next_run_retries_a_failed_alert(paper, place):
    paper.break_("tv", "403")
    told = place.root / "told"
    failed = place.update("demo_tv", "-s", "ALERT_COMMAND=exit 75")
    assert failed.returncode == 4
    assert failed.stderr.endswith("khobor: ALERT_COMMAND ended with 75\n")
    heard = place.update("demo_tv", "-s", f"ALERT_COMMAND=cat > {told}")
    assert heard.returncode == 4
    assert told.read_text() == heard.stdout + heard.stderr
    assert heard.stderr == failed.stderr.splitlines(keepends=True)[0]
    assert place.update("demo_tv", "-s", "ALERT_COMMAND=exit 75").returncode == 0


def test_the_next_run_resends_the_alert_of_a_killed_run(paper, place):
    paper.break_("tv", "403")
    began, told = place.root / "began", place.root / "told"
    with place.start("update", "demo_tv", "-s", f"ALERT_COMMAND=echo $$ > {began}; exec sleep 120") as process:
        wait_for(lambda: began.exists() and began.read_text())
        process.kill()
        _, errors = process.communicate(timeout=60)
    os.kill(int(began.read_text()), signal.SIGKILL)
    answer = place.update("demo_tv", "-s", f"ALERT_COMMAND=cat > {told}")
    assert (answer.returncode, answer.stderr) == (4, errors)
    assert told.read_text() == answer.stdout + answer.stderr
    assert place.update("demo_tv").returncode == 0


@pytest.mark.parametrize("moment", ["before", "meanwhile"])
def test_a_stopped_run_kills_a_hung_crawl_or_alert(paper, place, moment):
    paper.site.hanging.add("tv")
    paper.break_("daily", "403")
    ticks = place.root / "ticks"
    outlets = ["demo_daily", "demo_tv"] if moment == "before" else ["demo_daily"]
    with place.start("update", *outlets, "-s", f"ALERT_COMMAND=while echo; do sleep 0.5; done > {ticks}") as process:
        if moment == "before":
            child = child_of(process, "demo_tv")
            wait_for(lambda: any(target.startswith("/tv/") for target in paper.site.asked))
            # Deaf to all but SIGKILL.
            os.kill(child, signal.SIGSTOP)
        else:
            wait_for(ticks.exists)
        process.send_signal(signal.SIGTERM)
        stopped = time.monotonic()
        _, errors = process.communicate(timeout=60)
    assert time.monotonic() - stopped < 30
    assert errors.endswith("khobor: ALERT_COMMAND was killed after the run was stopped\n")
    # Counted, for a machine that is slow: a few seconds long, and with the crawls' time well within the 30.
    assert 1 <= ticks.read_text().count("\n") <= 10
    assert sum(seconds or 0 for _, seconds in ENDING) + STOP_SECONDS <= 28


def test_unwritable_metrics_are_reported_once_a_day_as_a_failure(paper, place):
    path = place.root / "file/khobor.prom"
    path.parent.touch()
    first = place.update("demo_tv", "-s", f"METRICS_FILE={path}")
    assert first.returncode == 1
    assert re.fullmatch(rf"METRICS_FILE: can't be written since \S+ \(.+\): look at {path}\n", first.stderr)
    again = place.update("demo_tv", "-s", f"METRICS_FILE={path}")
    assert (again.returncode, again.stderr) == (0, "")
    assert "as reported before" in again.stdout
