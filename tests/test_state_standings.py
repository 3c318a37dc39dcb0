"""What state knows of outlets: how they stand, what was told of them, what is to be asked for again, their runs."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from crawler.crawl.health.judge import judge_sources
from crawler.crawl.settings import Thresholds
from crawler.crawl.spider import NewsSpider
from crawler.jobs.update.round import plan
from crawler.model.failures import Failure
from crawler.outlets.loader import Outlets
from crawler.outlets.sources import DailySitemap
from crawler.state.facts import as_text
from crawler.state.failures import Failures, write_failures
from crawler.state.history import History, RunFacts
from crawler.state.looks import Look, Looks
from crawler.state.resources import FetchedResources
from crawler.state.standings import Hosts, Reports, Standings
from crawler.state.tables import failures, remembered, runs
from crawler.system import clock

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_an_outlet_is_left_alone_longer_each_time(state):
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


def test_being_let_through_clears_it(state):
    standings = Standings(state.engine)
    standings.refused("paper", "http-403 at /", NOW)
    standings.cleared("paper")
    assert standings.of(["paper"]) == {}
    assert standings.refused("paper", "http-403 at /", NOW).refusals == 1


def test_a_finding_is_reported_daily_with_its_first_day(state):
    reports = Reports(state.engine, 23 * HOUR)
    assert reports.tell("paper", {"refused": NOW}, NOW) == {"refused": NOW}
    reports.heard([("paper", "refused")], NOW)
    assert reports.tell("paper", {"refused": NOW + HOUR}, NOW + HOUR) == {}
    day = NOW + 24 * HOUR
    assert reports.tell("paper", {"refused": day, "dates-lost": day}, day) == {"refused": NOW, "dates-lost": day}
    assert reports.tell("other", {"refused": day}, day) == {"refused": day}


def test_an_undelivered_finding_is_reported_again_with_its_first_day(state):
    reports = Reports(state.engine, 23 * HOUR)
    for outlet in ("paper", "other"):
        reports.tell(outlet, {"refused": NOW}, NOW)
    reports.heard([("paper", "refused")], NOW)
    later = NOW + 2 * HOUR
    assert reports.tell("paper", {"refused": later}, later) == {}
    assert reports.tell("other", {"refused": later}, later) == {"refused": NOW}
    reports.heard([("other", "refused")], later)
    assert reports.tell("other", {"refused": later}, later + HOUR) == {}


def test_a_repaired_fault_that_recurs_is_reported_again(state):
    reports = Reports(state.engine, 23 * HOUR)
    reports.tell("paper", {"refused": NOW}, NOW)
    reports.heard([("paper", "refused")], NOW)
    assert reports.tell("paper", {}, NOW + HOUR) == {}
    assert reports.tell("paper", {"refused": NOW + 2 * HOUR}, NOW + 2 * HOUR) == {"refused": NOW + 2 * HOUR}


def test_a_host_has_one_turn_at_a_time(state):
    hosts = Hosts(state.engine)
    assert hosts.claim_host("n.example", 100.0, 105.0) == 0
    assert hosts.claim_host("n.example", 100.1, 105.1) == 105.0
    assert hosts.claim_host("m.example", 100.1, 105.1) == 0, "another host"
    hosts.free_host("n.example", 101.0)
    assert hosts.claim_host("n.example", 100.5, 105.5) == 101.0
    hosts.hold_host("n.example", 103.0)
    assert hosts.claim_host("n.example", 102.0, 107.0) == 103.0
    assert hosts.claim_host("n.example", 103.0, 108.0) == 0


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


def days_back(*backs):
    return [str(TODAY - back * DAY) for back in backs]


@pytest.mark.parametrize(
    ("ran", "left", "missed"),
    [
        # By days back: when the last complete update was, the days that it left of each source, those to be asked for.
        (0, {"/days/{day}": ()}, {}),
        (1, {"/days/{day}": (), "/archive/{day}": ()}, {"/days/{day}": (1,), "/archive/{day}": (1,)}),
        (5, {"/days/{day}": ()}, {"/days/{day}": (5, 4, 3, 2, 1)}),
        # A source without any is named: the crawl tells by that which it has met.
        (0, {"/days/{day}": (4, 3), "/archive/{day}": ()}, {"/days/{day}": (4, 3), "/archive/{day}": ()}),
        (
            2,
            {"/days/{day}": (4, 3), "/archive/{day}": (9,)},
            {"/days/{day}": (4, 3, 2, 1), "/archive/{day}": (9, 2, 1)},
        ),
        # Yesterday as well, of which the run that left it had read the beginning.
        (1, {"/days/{day}": (1,)}, {"/days/{day}": (1,)}),
        # Farther than a run may look back nothing is asked for.
        (0, {"/days/{day}": (15, 14, 2)}, {"/days/{day}": (14, 2)}),
        (30, {"/days/{day}": (40,)}, {"/days/{day}": tuple(range(14, 0, -1))}),
        # An outlet without sources.
        (5, {}, {}),
    ],
)
def test_an_update_requests_only_past_days_that_were_not_read(state, ran, left, missed):
    told = {url: days_back(*of) for url, of in left.items()}
    last = {"run": "last", "outlet": "paper", "started": as_text(NOW - ran * DAY), "reason": "finished"}
    last |= {"command": "update", "facts": json.dumps({"missed": told})}
    nothing = json.dumps({"missed": {}})
    others = [
        {**last, "run": "before", "started": as_text(NOW - 50 * DAY), "facts": nothing},
        {**last, "run": "cut", "started": as_text(NOW), "reason": "shutdown", "facts": nothing},
        {**last, "run": "by hand", "started": as_text(NOW), "command": "crawl", "facts": nothing},
    ]
    with state.engine.begin() as connection:
        connection.execute(insert(runs), [last, *others])
    paper = type("Paper", (NewsSpider,), {"name": "paper", "days": [DailySitemap(url) for url in left]})
    jobs, _ = plan(["paper"], Outlets([paper]), state.engine, "all", 14, NOW + HOUR)
    asked = {url: days_back(*of) for url, of in missed.items()}
    since = min((days[0] for days in asked.values() if days), default="")
    expected = {"since": since} if "" < since < str(TODAY - DAY) else {}
    expected |= {"missed": json.dumps(asked)} if asked else {}
    assert jobs["paper"] == {"scope": "all", **expected}


def test_revisits_become_due_in_order_and_missed_ones_are_combined(state):
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


def test_an_article_that_is_known_under_another_key_is_revisited_once(state):
    looks = Looks(state.engine)
    seven, eight = (Look(key, f"https://paper.example/{key}", None, True) for key in ("7", "8"))
    looks.begin("paper", seven, NOW)
    looks.begin("other", seven, NOW)
    looks.begin("paper", seven, NOW + HOUR, ["7"])
    assert looks.due("paper", [6 * HOUR], NOW + 6 * HOUR, 10) == [seven]
    looks.begin("paper", eight, NOW + HOUR, ["7"])
    assert looks.due("paper", [6 * HOUR], NOW + DAY, 10) == [eight]
    assert looks.due("other", [6 * HOUR], NOW + DAY, 10) == [seven]


def test_the_retry_delay_doubles_up_to_one_day(state):
    failures, waits = Failures(state.engine), []
    for _ in range(10):
        with state.engine.begin() as connection:
            write_failures(connection, "paper", {"7": Failure("https://paper.example/7", "http-404", True)})
        now = clock.now()
        rests = [
            minutes for minutes in (19, 39, 79, 159, 1439) if failures.resting("paper", ["7"], now + minutes * MINUTE)
        ]
        waits.append(max(rests))
    assert waits == [19, 39, 79, 159, 159, 159, 159, 1439, 1439, 1439]
    assert not failures.resting("paper", ["7"], now + 1441 * MINUTE)


def test_the_newest_articles_are_revisited_first_up_to_the_limit(state):
    looks = Looks(state.engine)
    for number in range(5):
        looks.begin("paper", Look(str(number), f"https://paper.example/{number}", None, False), NOW + number * HOUR)
    looks.begin("other", Look("9", "https://other.example/9", None, False), NOW)
    assert [look.key for look in looks.due("paper", [HOUR], NOW + DAY, 2)] == ["4", "3"]


def test_failed_articles_come_first_unless_final_or_recently_tried(state):
    looks, after, now = Looks(state.engine), [6 * HOUR, 168 * HOUR], clock.now()
    for number in range(4):
        key = str(number)
        looks.begin("paper", Look(key, f"https://paper.example/{key}", None, False), now + number * HOUR)
    found = {key: Failure(f"https://paper.example/{key}", "http-500", key == "1") for key in ("0", "1")}
    with state.engine.begin() as connection:
        write_failures(connection, "paper", found)
        write_failures(connection, "other", {"2": Failure("https://other.example/2", "http-500", False)})

    def due(moment, most):
        return [look.key for look in looks.due("paper", after, moment, most)]

    assert due(now + 10 * HOUR, 4) == ["0", "3", "2", "1"]
    assert due(now + 10 * HOUR, 1) == ["0"]
    with state.engine.begin() as connection:
        connection.execute(update(failures).values(at=as_text(now + 9 * HOUR)))
    assert due(now + 10 * HOUR, 4) == ["3", "2", "1", "0"], "one that nobody answers for stands in no other's way"
    assert due(now + 16 * HOUR, 1) == ["0"]


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


def test_history_has_recent_runs_and_daily_samples_of_older_runs(state):
    write_runs(state, [NOW - number * HOUR / 2 for number in range(48 * 70)], lambda moment: 9)
    found = History(state.engine).before(NOW, "paper", 60)
    assert [one.started for one in found[:3]] == [NOW - number * HOUR / 2 for number in (1, 2, 3)]
    assert found == sorted(found, key=lambda one: one.started, reverse=True)
    assert min(one.started for one in found) >= NOW - 60 * DAY
    day = [one.started for one in found if one.started.date() == (NOW - 20 * DAY).date()]
    assert [f"{moment:%H:%M}" for moment in day] == [
        "23:30", "22:00", "18:00", "14:00", "10:00", "06:30", "06:00", "02:00"
    ]  # fmt: skip


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
