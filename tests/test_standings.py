"""What state knows of outlets: how they stand, what was told of them, what is to be asked for again, their runs."""

from datetime import UTC, datetime, timedelta

from test_state import state, state_url  # noqa: F401

from crawler.failures import Failure
from crawler.outlets import Outlets
from crawler.state.failures import Failures, write_failures
from crawler.state.history import History
from crawler.state.looks import Look, Looks
from crawler.state.standings import Reports, Standings
from crawler.updating.plan import plan

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_an_outlet_is_left_alone_longer_each_time(state):  # noqa: F811
    standings = Standings(state.engine)
    waits, now = [], NOW
    for _ in range(5):
        standing = standings.refused("paper", "http-403 at /", now)
        waits.append((standing.refused_until - now) / HOUR)
        now = standing.refused_until
    assert waits == [6, 24, 72, 168, 168]
    standing = standings.of(["paper", "other"])["paper"]
    assert (standing.since, standing.refusals) == (NOW, 5)
    assert standing.is_waiting(now - HOUR)
    assert not standing.is_waiting(now)


def test_being_let_through_clears_it(state):  # noqa: F811
    standings = Standings(state.engine)
    standings.refused("paper", "http-403 at /", NOW)
    standings.cleared("paper")
    assert standings.of(["paper"]) == {}
    assert standings.refused("paper", "http-403 at /", NOW).refusals == 1


def test_a_finding_is_told_once_a_day_with_the_day_it_began(state):  # noqa: F811
    reports = Reports(state.engine, 23 * HOUR)
    assert reports.tell("paper", {"refused": NOW}, NOW) == {"refused": NOW}
    assert reports.tell("paper", {"refused": NOW + HOUR}, NOW + HOUR) == {}
    day = NOW + 24 * HOUR
    assert reports.tell("paper", {"refused": day, "dates-lost": day}, day) == {"refused": NOW, "dates-lost": day}
    assert reports.tell("other", {"refused": day}, day) == {"refused": day}


def test_what_nobody_heard_is_told_again_by_the_next_run_and_still_with_the_day_it_began(state):  # noqa: F811
    reports = Reports(state.engine, 23 * HOUR)
    reports.tell("paper", {"refused": NOW}, NOW)
    reports.tell("other", {"refused": NOW}, NOW + HOUR)
    reports.untell(NOW + HOUR)
    later = NOW + 2 * HOUR
    assert reports.tell("paper", {"refused": later}, later) == {}
    assert reports.tell("other", {"refused": later}, later) == {"refused": NOW}
    assert reports.tell("other", {"refused": later}, later + HOUR) == {}


def test_what_was_mended_and_breaks_again_is_told_again(state):  # noqa: F811
    reports = Reports(state.engine, 23 * HOUR)
    reports.tell("paper", {"refused": NOW}, NOW)
    assert reports.tell("paper", {}, NOW + HOUR) == {}
    assert reports.tell("paper", {"refused": NOW + 2 * HOUR}, NOW + 2 * HOUR) == {"refused": NOW + 2 * HOUR}


def test_those_crawled_longest_ago_come_first_and_those_cut_keep_their_turn(state):  # noqa: F811
    told = {"a": "finished", "b": "finished", "c": "shutdown", "d": None, "e": "deadline"}
    for hours, (outlet, reason) in enumerate(told.items(), 1):
        state.run_started(f"run-{outlet}", outlet, "update")
        state.run_finished(f"run-{outlet}", reason=reason, facts="{}")
        started = (NOW - hours * HOUR).isoformat(timespec="microseconds")
        with state.engine.begin() as connection:
            connection.exec_driver_sql(f"update runs set started = '{started}' where outlet = '{outlet}'")
    Standings(state.engine).refused("f", "http-403", NOW)
    made = plan(["a", "b", "c", "d", "e", "f"], Outlets([]), state.engine, "all", 14, NOW)
    assert [job.outlet for job in made.jobs] == ["c", "e", "d", "b", "a"]
    assert list(made.waiting) == ["f"]


def test_looks_come_due_in_their_order_and_those_that_were_missed_are_made_together(state):  # noqa: F811
    looks, after = Looks(state.engine), [6 * HOUR, 24 * HOUR, 168 * HOUR]
    look = Look("7", "https://paper.example/7", None, True)
    looks.begin("paper", look, NOW)
    looks.begin("paper", look, NOW + 5 * HOUR)

    def due(moment):
        return looks.due("paper", after, moment, 10)

    assert (due(NOW + 5 * HOUR), due(NOW + 6 * HOUR)) == ([], [look])
    looks.made("paper", ["7"], after, NOW + 30 * HOUR)
    assert (due(NOW + 31 * HOUR), due(NOW + 7 * DAY)) == ([], [look])
    looks.made("paper", ["7"], after, NOW + 8 * DAY)
    assert due(NOW + 99 * DAY) == []


def test_what_failed_is_left_alone_for_twice_as_long_each_time_and_a_day_at_most(state):  # noqa: F811
    failures, waits = Failures(state.engine), []
    for _ in range(10):
        with state.engine.begin() as connection:
            write_failures(connection, "paper", "all", {"7": Failure("https://paper.example/7", "http-404", True)})
        now = datetime.now(UTC)
        rests = [
            minutes for minutes in (19, 39, 79, 159, 1439) if failures.resting("paper", ["7"], now + minutes * MINUTE)
        ]
        waits.append(max(rests))
    assert waits == [19, 39, 79, 159, 159, 159, 159, 1439, 1439, 1439]
    assert not failures.resting("paper", ["7"], now + 1441 * MINUTE)


def test_the_newest_are_looked_at_first_and_no_more_than_wanted(state):  # noqa: F811
    looks = Looks(state.engine)
    for number in range(5):
        looks.begin("paper", Look(str(number), f"https://paper.example/{number}", None, False), NOW + number * HOUR)
    looks.begin("other", Look("9", "https://other.example/9", None, False), NOW)
    assert [look.key for look in looks.due("paper", [HOUR], NOW + DAY, 2)] == ["4", "3"]


def test_history_has_the_last_runs_and_one_a_day_of_those_before(state):  # noqa: F811
    history = History(state.engine)
    for number in range(120):
        name = f"run-{number:03}"
        state.run_started(name, "paper", "update")
        state.run_finished(name, reason="finished", facts="{}")
        started = (NOW - number * 6 * HOUR).isoformat(timespec="microseconds")
        with state.engine.begin() as connection:
            connection.exec_driver_sql(f"update runs set started = '{started}' where run = '{name}'")
    found = history.before(NOW, "paper", 60)
    assert [one.started for one in found[:3]] == [NOW - hours * HOUR for hours in (6, 12, 18)]
    assert found == sorted(found, key=lambda one: one.started, reverse=True)
    older = [one.started.date() for one in found[50:]]
    assert len(older) == len(set(older)) >= 15
