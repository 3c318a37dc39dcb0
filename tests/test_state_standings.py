"""What state knows of outlets: how they stand, what was told of them, what is to be asked for again, their runs."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from crawler.crawl.health.judge import judge_sources
from crawler.crawl.settings import Thresholds
from crawler.jobs.update.round import plan
from crawler.outlets.loader import Outlets
from crawler.state.facts import as_text
from crawler.state.history import History, RunFacts
from crawler.state.resources import FetchedResources
from crawler.state.standings import Reports, Standings
from crawler.state.tables import remembered, runs

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_what_a_clock_said_that_ran_ahead_holds_nobody_up(state):
    later = NOW + 365 * DAY
    Standings(state.engine).refused("paper", "http-403 at /", later)
    assert not Standings(state.engine).of(["paper"])["paper"].is_waiting(NOW)
    reports = Reports(state.engine, 23 * HOUR)
    reports.tell("paper", {"refused": later}, later)
    reports.heard([("paper", "refused")], later)
    assert reports.tell("paper", {"refused": NOW}, NOW) == {"refused": NOW}
    reports.heard([("paper", "refused")], NOW)
    assert reports.tell("paper", {"refused": NOW}, NOW - MINUTE) == {}, "clocks differ a little"


def test_outlets_crawled_longest_ago_or_stopped_early_come_first(state):
    told = {"a": "finished", "b": "finished", "c": "shutdown", "d": None, "e": "deadline"}
    for hours, (outlet, reason) in enumerate(told.items(), 1):
        state.run_started(f"run-{outlet}", outlet, "update")
        state.run_finished(f"run-{outlet}", reason=reason, facts="{}")
        started = (NOW - hours * HOUR).isoformat(timespec="microseconds")
        with state.engine.begin() as connection:
            connection.exec_driver_sql(f"update runs set started = '{started}' where outlet = '{outlet}'")
    Standings(state.engine).refused("f", "http-403", NOW)
    jobs, waiting = plan(["a", "b", "c", "d", "e", "f"], Outlets([]), state.engine, "all", 14, NOW)
    assert list(jobs) == ["c", "e", "d", "b", "a"]
    assert list(waiting) == ["f"]


TODAY = datetime(2026, 11, 24, tzinfo=UTC).date()


def write_runs(state, moments, listed):
    """Write complete updates of an outlet with two sources; `listed` says what the first lists at a moment."""
    told = [
        {
            "run": f"{moment:%Y%m%dT%H%M%S}",
            "outlet": "paper",
            "started": as_text(moment),
            "reason": "finished",
            "command": "update",
            "facts": json.dumps({"sources": {"/a": {"listed": listed(moment)}, "/b": {"listed": 9}}}),
        }
        for moment in moments
    ]
    with state.engine.begin() as connection:
        connection.execute(insert(runs), told)


@pytest.mark.parametrize(
    ("is_empty", "begins"),
    [
        (lambda moment: moment.hour < 3, [datetime(2026, 11, day, tzinfo=UTC) for day in range(17, 25)]),
        (
            lambda moment: f"{moment:%H:%M}" == "05:30",
            [datetime(2026, 11, day, 5, 30, tzinfo=UTC) for day in range(17, 25)],
        ),
        (
            lambda moment: moment.weekday() == 4,
            [datetime(2026, 10, 30, tzinfo=UTC) + 7 * day * DAY for day in range(4)],
        ),
    ],
)
def test_a_regularly_empty_source_is_reported_three_times(state, is_empty, begins):
    def listed(moment):
        return 0 if is_empty(moment) else 9

    moments = [NOW - number * HOUR / 2 for number in range(48 * 28)]
    write_runs(state, moments, lambda moment: 9 if moment < begins[0] else listed(moment))
    history = History(state.engine)

    def is_told(moment):
        facts = {"sources": {"/a": {"listed": 0}, "/b": {"listed": 9}}}
        latest = RunFacts("", "paper", moment, "finished", "update", facts)
        return bool(list(judge_sources(latest, history.before(moment, "paper", 60), Thresholds())))

    assert [is_told(moment) for moment in begins] == [True] * 3 + [False] * (len(begins) - 3)
    times = [moment for moment in moments if moment >= begins[3] and not listed(moment)]
    assert not any(is_told(moment) for moment in times[-6:])


def test_damaged_memory_of_resources_is_named_and_made_anew(state, caplog):
    resources, day = FetchedResources(state.engine, "paper"), date(2026, 11, 24)
    resources.add(day, ["https://a.example/1.css"])
    for value in ("{", "[1]", '{"day": "2026-11-24"}'):
        with state.engine.begin() as connection:
            connection.execute(update(remembered).values(value=value))
        assert resources.of(day) == set()
        assert caplog.messages.pop().startswith("resources of paper: what state remembers is damaged")
        resources.add(day, ["https://a.example/2.css"])
        assert resources.of(day) == {"https://a.example/2.css"}
        caplog.clear()
