"""What a backfill says: a line for each closed day or month, one for what stays open, bars on a terminal."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crawler.jobs import child as jobs
from crawler.jobs.backfill.plan import OutletPlan, cut_line
from crawler.jobs.backfill.progress import Bars, Lines
from crawler.jobs.backfill.report import (
    BackfillReport,
    exit_code,
    without_robots,
)
from crawler.jobs.crew import Crew, RunEnding
from crawler.model.day_news import Fault, FaultKind
from crawler.model.span import Span
from crawler.state.day_policy import Day
from crawler.state.standings import Standing

DHAKA = ZoneInfo("Asia/Dhaka")
LAST = date(2022, 7, 31)
NOON = datetime(2022, 8, 1, 12, tzinfo=UTC)


@dataclass
class Table:
    """State as far as it knows days."""

    days: list[Day] = field(default_factory=list)

    def of(self, span, updated=None):
        return self.days

    def closed(self, span):
        return {day.day for day in self.days if day.is_closed}


def day(back=0, is_closed=True, listed=5, turned_down=0, failed=0, waiting=0, fault=None, kind=FaultKind.BROKEN):
    faults = [Fault(page, kind, page, reason) for page, _, reason in [fault.partition(": ")]] if fault else []
    counts = (listed, listed - turned_down - failed - waiting, turned_down, failed, 0)
    is_given_up = is_closed and bool(faults)
    return Day("samakal", LAST - timedelta(days=back), is_closed, is_given_up, NOON, *counts, faults)


def plan(count, *days, outlet="samakal"):
    all_days = [LAST - timedelta(days=back) for back in range(count)]
    span = Span(all_days[-1], LAST, DHAKA)
    return OutletPlan(outlet, {}, span, all_days, None, Table(list(days)), set(all_days))


def report(plan, ending=None, standing=None, robots=None):
    return BackfillReport(plan, ending or RunEnding(0), standing, robots)


def ended(code, logs=None):
    """Return the ending of a crawl of samakal by its log."""
    return Crew({}, [], 1, logs=logs, exit_codes={"samakal": code}).ending("samakal")


def test_many_days_are_printed_by_month():
    said = []
    shown = Lines([plan(120)], said.append)
    shown.show([day(back) for back in range(1, 31)])
    assert said == []
    shown.show([day(0), day(31)])
    assert said == ["samakal 2022-07: 155 listed, 155 archived"]


def test_a_bar_counts_days_and_shows_the_current_one():
    bars = Bars([plan(3)])
    with bars.progress:
        bars.show([day(0), day(1, is_closed=False, waiting=3)])
        task, _ = bars.progress.tasks
        assert (task.completed, task.total, task.fields["day"]) == (1, 3, LAST - timedelta(days=1))


def test_a_line_names_the_faults_of_three_open_days():
    days = [day(back, is_closed=False, fault=f"https://n.example/{back}: not fetched (http-503)") for back in range(5)]
    one = report(plan(6, *days))
    line = one.line
    assert line.startswith("samakal: 6 of 6 days stay open: 2022-07-31: https://n.example/0: not fetched (http-503); ")
    assert line.endswith("; and 3 more")
    assert one.code == 3


def test_an_unavailable_robots_txt_is_named_once():
    facts = {"robots": "https://samakal.com/robots.txt http-503", "robots_since": "2022-08-01T12:00:00.000000Z"}
    days = [
        day(1, is_closed=False, fault="/1: not fetched (robots-unavailable)", kind=FaultKind.NOT_REQUESTED),
        day(2, is_closed=False, fault="/2: it lists no article"),
    ]
    assert report(plan(3, *days), robots=without_robots(facts)).line == (
        "samakal: 3 of 3 days stay open: https://samakal.com/robots.txt can't be fetched since 2022-08-01 12:00 UTC "
        "(http-503); 2022-07-29: /2: it lists no article"
    )
    assert without_robots({"robots": None}) is None


def test_a_day_without_requests_is_named():
    assert report(plan(1)).line == ("samakal: 1 of 1 day stays open: 2022-07-31: not all of it was requested")


def test_a_refusing_outlet_gives_exit_4():
    standing = Standing(1, NOON, "http-403 at https://n.example/", NOON)
    one = report(plan(1), standing=standing)
    assert one.code == 4
    assert "it refuses us (http-403 at https://n.example/), next request after 2022-08-01 12:00 UTC" in one.line


@pytest.mark.parametrize("said", [None, "", "WARNING: a line for which there was room\n"])
def test_a_full_disk_without_room_for_a_log_is_reported(tmp_path, monkeypatch, said):
    log = tmp_path / "samakal.log"
    if said is not None:
        log.write_text(said)
    with_room = report(plan(1), ended(1, tmp_path)).line
    assert "is full" not in with_room
    # More than any disk has.
    monkeypatch.setattr(jobs, "FULL_BYTES", 1 << 70)
    one = report(plan(1), ended(1, tmp_path))
    assert one.line == f"samakal: its crawl failed with exit 1 (the disk of {tmp_path} is full)"
    log.write_text("khobor: samakal: OSError: No space left on device\n")
    assert report(plan(1), ended(1, tmp_path)).line == (
        f"samakal: its crawl failed with exit 1 (OSError: No space left on device): look at {log}"
    )


@pytest.mark.parametrize(
    ("codes", "is_stopped", "expected"),
    [
        ([0, 75], False, 75),
        ([75, 1], False, 1),
        ([0, 0], True, 5),
        ([-9, 0], True, 5),
        ([-9, 0], False, 1),
        ([1, 0], True, 1),
    ],
)
def test_the_gravest_outlet_decides_the_exit_code(codes, is_stopped, expected):
    reports = [report(plan(1, day(0)), RunEnding(code, is_stopped=is_stopped)) for code in codes]
    assert exit_code(reports, is_stopped) == expected


@pytest.mark.parametrize(
    ("asked", "left_out", "line"),
    [
        (("2022-07-01", "2022-07-31"), [], None),
        (("2022-06-01", "2022-07-31"), [], "samakal: cut to 2022-07-01 to 2022-07-31: no source lists more"),
        (("2022-07-01", "2099-01-01"), [], "samakal: cut to 2022-07-01 to 2022-07-31: no source lists more"),
        (
            ("2022-07-01", "2022-07-31"),
            [4, 5, 6, 9],
            "samakal: cut to 2022-07-01 to 2022-07-31 without 2022-07-04 to 2022-07-06, 2022-07-09: "
            "no source lists more",
        ),
    ],
)
def test_days_that_no_source_lists_are_named(asked, left_out, line):
    span = Span(date(2022, 7, 1), LAST, DHAKA)
    assert cut_line("samakal", span, asked, [day for day in span.days() if day.day not in left_out]) == line
