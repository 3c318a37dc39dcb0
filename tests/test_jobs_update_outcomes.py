"""What an update decides by itself: the order, how far back, what became of each outlet, whom it tells."""

import os
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from origin import Origin, answer
from prometheus_client.parser import text_string_to_metric_families

from crawler.crawl.health.judge import Finding
from crawler.crawl.settings import Thresholds
from crawler.jobs.crew import RunEnding
from crawler.jobs.jobs_command import alert
from crawler.jobs.metrics import write_metrics
from crawler.jobs.update.outcomes import OutletOutcome, exit_code_of, outcome_of, unreachable
from crawler.jobs.update.round import Notices
from crawler.state.history import RunFacts
from crawler.state.standings import Reports, Standing

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
DHAKA = ZoneInfo("Asia/Dhaka")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIMITS = Thresholds()


def run(reason="finished", **facts):
    return RunFacts("run-1", "paper", NOW, reason, "update", {"sources": {"/feed": {"listed": 9}}, **facts})


def notices_of(outcome, reports, now):
    notices = Notices(reports, now)
    notices.add(outcome.outlet, outcome.findings, outcome.is_judged)
    return notices


def outcome(ending, of, history=(), standing=None):
    return outcome_of("paper", ending, of, history, standing, LIMITS, NOW)


def test_outlets_without_requests_say_nothing_about_the_network():
    nowhere = outcome(RunEnding(0), run(sources={"/feed": {"broken": "/feed not fetched (no-such-host)"}}))
    unasked = outcome(RunEnding(0), run(sources={}))
    assert exit_code_of(unasked.findings, is_stopped=False) == 3
    assert unreachable([unasked, unasked]) is None
    assert unreachable([nowhere, unasked]) is None
    assert unreachable([nowhere, nowhere, unasked]).what == "not one host of 2 outlets has answered"


@pytest.mark.parametrize(
    ("ending", "of", "codes", "exit_code"),
    [
        (RunEnding(0), run(), [], 0),
        (RunEnding(None), None, [], 0),
        (RunEnding(75), None, [], 0),
        (RunEnding(-9), None, ["crashed"], 1),
        (RunEnding(1), run(), ["crashed"], 1),
        (RunEnding(0), None, ["crashed"], 1),
        (RunEnding(0), run("start_error"), ["crashed"], 1),
        (RunEnding(0), run("refused", refused="http-403 at /feed"), ["refused"], 4),
        (RunEnding(0), run("unanswered"), ["hung"], 3),
        (RunEnding(0), run("robots-unavailable", robots="/robots.txt http-503"), ["robots-unavailable"], 3),
        (RunEnding(-15, seconds=60), None, ["hung"], 3),
        (RunEnding(0, seconds=60), run("shutdown", silent_seconds=55), ["hung"], 3),
        (RunEnding(0, seconds=60), run("shutdown", silent_seconds=2), ["cut"], 5),
        (RunEnding(-15, seconds=60), run(), [], 0),
        (RunEnding(-15, is_stopped=True), None, [], 0),
        (RunEnding(0, is_stopped=True), run("shutdown"), [], 0),
    ],
)
def test_outcome_of_a_crawl(ending, of, codes, exit_code):
    found = outcome(ending, of).findings
    assert [finding.code for finding in found] == codes
    assert exit_code_of(found, is_stopped=False) == exit_code


@pytest.mark.parametrize(
    ("ending", "of", "said"),
    [
        (
            RunEnding(1, last_line="ValueError: no key", log="paper.log"),
            None,
            "its crawl failed with exit 1 since 2026-11-24",
        ),
        (RunEnding(-9), None, "its process was killed by SIGKILL since 2026-11-24"),
        (
            RunEnding(0, seconds=60),
            run("shutdown", silent_seconds=2, new=9, pages=3, failed={"http-404": 1, "crawl-ends": 5}),
            "is not done: stopped after 1 minutes since 2026-11-24 (4 of 9 new articles fetched; ",
        ),
    ],
)
def test_a_repeated_problem_is_reported_daily_and_hides_no_other(state, ending, of, said):
    reports, told = Reports(state.engine, 23 * HOUR), []
    silent = OutletOutcome("paper", findings=[Finding("source-silent", "/feed lists nothing", NOW)])
    notices_of(silent, reports, NOW).heard()
    for number in range(1, 96):
        now = NOW + number * HOUR / 2
        one = notices_of(outcome_of("paper", ending, of, [], None, LIMITS, now), reports, now)
        one.heard()
        told += [(number, line) for line in one.lines.values()]
        assert one.before == (not one.lines)
        is_crash = not ending.seconds
        assert bool(exit_code_of(one.findings, is_stopped=False)) == bool(one.lines or is_crash)
    assert [number for number, _ in told] == [1, 47, 93]
    assert all(line.startswith(f"paper: {said}") for _, line in told)
    assert not notices_of(silent, reports, NOW + HOUR).lines
    assert notices_of(outcome_of("paper", ending, of, [], None, LIMITS, now), reports, now).lines, "mended in between"


def test_the_gravest_finding_gives_the_exit_code():
    crashed, refused, silent = (Finding(code, "", NOW) for code in ("crashed", "refused", "source-silent"))
    assert exit_code_of([silent, crashed, refused], is_stopped=True) == 1
    assert exit_code_of([silent, refused], is_stopped=True) == 3
    assert exit_code_of([refused], is_stopped=True) == 5
    assert exit_code_of([refused], is_stopped=False) == 4
    assert exit_code_of([], is_stopped=False) == 0


def test_prometheus_reads_the_metrics(tmp_path):
    path = tmp_path / "metrics" / "khobor.prom"
    facts = {"listed": 9, "codes": {"200": 7}, "latency": {"median": 0.3}, "findings": ["source-silent /feed"]}
    standings = {"paper": Standing(1, NOW + DAY, "http-403", NOW)}
    write_metrics(path, [run(**facts)], standings, 3, 2, NOW)
    told = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(path.read_text())
        for sample in family.samples
    }
    assert told["khobor_update_exit_code",] == 3
    assert told["khobor_spool_waiting_files",] == 2
    assert told["khobor_run_listed", "paper"] == 9
    assert told["khobor_run_responses", "200", "paper"] == 7
    assert told["khobor_run_latency_seconds", "median", "paper"] == 0.3
    assert told["khobor_finding", "paper", "source-silent"] == 1
    assert told["khobor_refused_until_timestamp_seconds", "paper"] == (NOW + DAY).timestamp()
    assert os.listdir(path.parent) == ["khobor.prom"]


def test_an_alert_reaches_a_webhook_with_the_report():
    with Origin({"/": answer(b"", status=b"204 No Content")}) as origin:
        post = (
            f"{sys.executable} -c 'import sys, urllib.request as r; "
            f'r.urlopen("{origin.base}/", sys.stdin.buffer.read()).close()\''
        )
        assert alert(post, "paper: lists nothing — সমকাল\n") is None
    [logged] = origin.log
    assert logged.received.partition(b"\r\n\r\n")[2].decode() == "paper: lists nothing — সমকাল\n"


def test_a_hanging_alert_command_is_killed_with_its_children():
    assert alert("sleep 60 & sleep 60", "", seconds=0.3) == "ALERT_COMMAND was killed after 0.3 seconds"
