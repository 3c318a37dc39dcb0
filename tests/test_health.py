"""Health: a run judged by those before it. What is wrong is found in the first run, what is not is never told."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.crawl.health.facts import facts_of
from crawler.crawl.health.findings import Thresholds
from crawler.crawl.health.judge import judge
from crawler.crawl.health.shares import Share, tail
from crawler.state.history import RunFacts

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
FEED, PAGE = "https://paper.example/rss.xml", "https://paper.example/national"
LIMITS = Thresholds()


def run(back=0.0, sources=None, rejected=None, failed=None, articles=0, dated=None, short=0, findings=(), **facts):
    """Return a run so many days before NOW; `sources` are numbers listed, or what is wrong."""
    told = {}
    for url, listed in ({FEED: 40, PAGE: 20} if sources is None else sources).items():
        told[url] = {"listed": listed} if isinstance(listed, int) else listed
    known = {
        "sources": told,
        "rejected": rejected or {},
        "failed": failed or {},
        "articles": articles,
        "dated": articles if dated is None else dated,
        "pages": articles + sum((rejected or {}).values()),
        "warnings": {"short-text": short} if short else {},
        "findings": list(findings),
    }
    return RunFacts("", "paper", NOW - timedelta(days=back), "finished", "update", {**known, **facts})


def days(count=20, first=1, **facts):
    return [run(back, **facts) for back in range(first, first + count)]


def found(latest, history):
    return {finding.name: finding for finding in judge(latest, history, LIMITS)}


def sentence(finding):
    return finding.sentence(finding.since)


def test_a_run_as_all_others_is_healthy():
    assert not found(run(articles=5), days(articles=6))


def test_nothing_new_is_healthy_where_something_is_listed():
    assert not found(run(), days(articles=6))


def test_a_first_run_is_healthy():
    assert not found(run(articles=5, rejected={"empty": 2}), [])


def test_a_first_run_without_any_article_is_not():
    assert set(found(run(rejected={"empty": 6}), [])) == {"layout-changed"}


def test_an_outlet_that_lists_nothing_is_named_with_what_it_used_to_list():
    finding = found(run(sources={FEED: 0, PAGE: 0}), days())["listed-nothing"]
    assert sentence(finding) == f"lists nothing since 2026-11-24 (used to list 60): look at {FEED}"


def test_since_is_when_it_began():
    history = [run(1, sources={FEED: 0, PAGE: 0}), run(2, sources={FEED: 0, PAGE: 0}), *days(first=3)]
    assert found(run(sources={FEED: 0, PAGE: 0}), history)["listed-nothing"].since == NOW - timedelta(days=2)


def test_a_silent_feed_is_found_in_the_first_run_while_the_others_go_on():
    finding = found(run(sources={FEED: 0, PAGE: 20}), days())[f"source-silent {FEED}"]
    assert sentence(finding) == f"{FEED} lists nothing since 2026-11-24 (used to list 40): look at {FEED}"


def test_a_silent_feed_is_silent_after_weeks():
    history = [*days(count=30, sources={FEED: 0, PAGE: 20}), *days(count=10, first=31)]
    assert f"source-silent {FEED}" in found(run(sources={FEED: 0, PAGE: 20}), history)


def test_a_source_that_lists_little_may_be_empty():
    history = days(sources={FEED: 40, PAGE: 2})
    assert not found(run(sources={FEED: 40, PAGE: 0}), history)


def test_a_source_that_was_empty_before_is_silent_only_when_it_lasts_longer():
    def at_times(first):
        return [run(back, sources={FEED: 0 if back % 4 == 0 else 40, PAGE: 20}) for back in range(first, 30)]

    silent = {FEED: 0, PAGE: 20}
    assert not found(run(sources=silent), at_times(first=1))
    assert f"source-silent {FEED}" in found(run(sources=silent), [*days(count=4, sources=silent), *at_times(first=5)])


def test_a_source_that_fell_silent_before_is_found_at_once_when_it_does_so_again():
    before = [*days(count=3, first=1), *days(count=2, first=4, sources={FEED: 0, PAGE: 20}), *days(first=6)]
    before += [run(back, sources={FEED: 0, PAGE: 0}) for back in (40, 41)] + days(first=42)
    assert f"source-silent {FEED}" in found(run(sources={FEED: 0, PAGE: 20}), before)


def test_an_outage_of_all_sources_makes_no_habit_of_one():
    outage = {FEED: 0, PAGE: 0}
    history = [run(back, sources=outage if back % 3 == 0 else None) for back in range(1, 30)]
    assert f"source-silent {FEED}" in found(run(sources={FEED: 0, PAGE: 20}), history)


def listing(back, age):
    """Return a run of so many hours ago that found an article, then so many hours old, on top of a news sitemap."""
    newest = (NOW - timedelta(hours=back + age)).isoformat()
    return run(back / 24, sources={FEED: 40, PAGE: {"listed": 12, "newest": newest} if age < 48 else 0})


def test_a_news_sitemap_that_ran_dry_is_nothing_wrong_until_that_lasts_far_longer_than_ever():
    def runs(age):
        resting = [listing(back, age - back) for back in range(2, age - 20, 4)]
        return resting + [listing(back, 20) for back in range(age - 20, 400, 4)]

    dry = run(sources={FEED: 40, PAGE: 0})
    assert not found(dry, runs(50))
    assert set(found(dry, runs(30))) == {f"source-silent {PAGE}"}
    assert set(found(dry, runs(70))) == {f"source-quiet {PAGE}"}


def test_a_source_that_lists_old_articles_too_cannot_run_dry():
    weekly = [
        run(
            back,
            sources={FEED: 40, PAGE: {"listed": 30, "newest": (NOW - timedelta(days=back + back % 7)).isoformat()}},
        )
        for back in range(1, 30)
    ]
    assert set(found(run(sources={FEED: 40, PAGE: 0}), weekly)) == {f"source-silent {PAGE}"}


def test_what_is_usual_is_that_of_the_same_weekday():
    weekly = [run(back, sources={FEED: 9 if back % 7 == 0 else 40, PAGE: 1}) for back in range(1, 29)]
    finding = found(run(sources={FEED: 0, PAGE: 1}), weekly)[f"source-silent {FEED}"]
    assert finding.detail == "used to list 9"


def test_a_feed_that_answers_with_a_page_is_broken_and_named():
    wrong = {"broken": f"{FEED} it answered with an HTML page instead of a feed"}
    finding = found(run(sources={FEED: wrong, PAGE: 20}), days())[f"source-broken {FEED}"]
    assert sentence(finding) == (
        f"{FEED} is broken since 2026-11-24 (it answered with an HTML page instead of a feed): look at {FEED}"
    )


def test_an_outlet_none_of_whose_sources_can_be_read_is_unhealthy_from_the_first_run_on():
    wrong = {"broken": f"{FEED} not fetched (no-such-host)"}
    finding = found(run(sources={FEED: wrong}), [])["no-source"]
    assert sentence(finding) == (
        f"none of its sources can be read since 2026-11-24 (not fetched (no-such-host)): look at {FEED}"
    )


def test_an_outlet_that_declares_sources_for_backfills_alone_is_told_so():
    finding = found(run(sources={}), [])["no-source"]
    assert sentence(finding) == (
        "none of its sources can be read since 2026-11-24 (it declares none that an update reads)"
    )


def test_an_outlet_whose_archive_had_no_day_to_be_asked_for_is_healthy_and_such_runs_date_no_fault():
    idle = [run(back / 24, sources={}, missed={PAGE: []}) for back in range(1, 24)]
    assert not found(run(sources={}, missed={PAGE: []}), [*idle, run(1, sources={PAGE: 6})])
    broken = {PAGE: {"broken": f"{PAGE} not fetched (http-503)"}}
    assert found(run(sources=broken), [*idle, run(1, sources={PAGE: 6})])["no-source"].since == NOW


def test_a_feed_that_stands_still_is_found_though_it_lists_as_many_as_ever():
    def fresh(back):
        newest = (NOW - timedelta(days=back, hours=2)).isoformat()
        return run(back, sources={FEED: {"listed": 40, "newest": newest}, PAGE: 20})

    stale = {FEED: {"listed": 40, "newest": (NOW - timedelta(days=2)).isoformat()}, PAGE: 20}
    history = [run(1, sources=stale), *[fresh(back) for back in range(2, 20)]]
    finding = found(run(sources=stale), history)[f"source-quiet {FEED}"]
    assert "lists nothing new since 2026-11-22" in sentence(finding)
    assert not found(run(sources=stale), days(count=3, sources=stale))


def test_a_changed_layout_is_found_by_three_pages_of_an_outlet_that_publishes_little():
    example = {"rejected": "https://paper.example/7"}
    finding = found(run(rejected={"empty": 3}, examples=example), days(count=3, articles=2))["layout-changed"]
    assert sentence(finding) == (
        "3 of 3 pages gave no article since 2026-11-24 (3 empty, before: 0 of 6): look at https://paper.example/7"
    )


def test_a_changed_layout_is_found_by_single_pages_of_some_runs():
    half_hour = 1 / 48
    broken = [run(half_hour * number, rejected={"no-headline": 1}) for number in (1, 2)]
    history = [*broken, *days(articles=3, rejected={"empty": 1}, count=3), *days(articles=5, first=4)]
    assert "layout-changed" in found(run(rejected={"no-headline": 1}), history)


def test_pages_on_which_our_own_code_fails_are_found_in_the_first_run_and_counted_once():
    raised = {"rejected": {"runtime-error": 8}, "errors": 8, "examples": {"rejected": "https://paper.example/7"}}
    for history, before in (([], "0 of 0"), (days(count=30, articles=8), "0 of 240")):
        [finding] = found(run(**raised), history).values()
        assert sentence(finding) == (
            f"8 of 8 pages gave no article since 2026-11-24 (8 runtime-error, before: {before}): "
            "look at https://paper.example/7"
        )


def test_odd_pages_are_no_change_of_layout():
    assert not found(run(rejected={"empty": 2}), days(articles=50))
    assert not found(run(rejected={"empty": 3}, confirmed=12), days(articles=50))


def test_what_is_out_of_scope_or_gone_was_read_well():
    assert not found(run(rejected={"out-of-scope": 20, "not-found": 5}), days(articles=5))
    assert not found(run(rejected={"recorded-only": 20}), days(articles=5))


def test_a_layout_that_changed_weeks_ago_is_no_measure_of_what_is_normal():
    history = [
        *days(count=40, rejected={"empty": 5}, findings=["layout-changed"]),
        *days(count=10, first=41, articles=5),
    ]
    finding = found(run(rejected={"empty": 5}), history)["layout-changed"]
    assert finding.since == NOW - timedelta(days=40)


def test_a_mended_layout_is_healthy_at_once_and_nothing_new_mends_nothing():
    broken = run(1, rejected={"empty": 5}, findings=["layout-changed"])
    assert not found(run(articles=2), [broken, *days(first=2, articles=5)])
    assert "layout-changed" in found(run(), [broken, *days(first=2, articles=5)])


def test_lost_dates_are_found():
    finding = found(run(articles=6, dated=1), days(articles=6))["dates-lost"]
    assert finding.what == "5 of 6 articles have no date"


def test_dates_that_only_listings_still_tell_are_found_and_of_outlets_whose_pages_never_had_any_they_are_not():
    finding = found(run(articles=6, self_dated=0), days(articles=6, self_dated=6))["page-dates-lost"]
    assert finding.what == "6 of 6 articles are dated by their listing alone"
    assert not found(run(articles=6, self_dated=0), days(articles=6, self_dated=0))
    assert not found(run(articles=6, self_dated=0), days(articles=6))


def test_texts_that_became_short_are_found_and_those_that_always_were_are_not():
    assert "texts-short" in found(run(articles=6, short=5), days(articles=6))
    assert not found(run(articles=6, short=5), days(articles=6, short=4))
    assert not found(run(articles=6, short=6), days(articles=6, short=6))
    assert "texts-short" in found(run(articles=90, short=90), days(articles=90, short=75))
    assert not found(run(articles=6, short=6), [])


def test_a_rise_that_chance_explains_or_that_is_small_is_no_finding():
    assert not found(run(articles=10, dated=9), days(articles=10))
    assert not found(run(articles=1000, dated=900), days(articles=1000, dated=950))


def test_articles_that_fail_are_found_and_those_that_are_gone_are_not():
    assert "errors" in found(run(failed={"http-500": 6}, articles=4), days(articles=10))
    assert "errors" in found(run(failed={"redirect-loop": 6}, articles=4), days(articles=10))
    assert not found(run(failed={"http-404": 6, "robots": 3}, articles=4), days(articles=10))
    assert not found(run(failed={"http-403": 9}, refused_again=9), days(articles=10))


def new(back=0.0, rows=0, findings=(), **fruitless):
    reasons = {reason.replace("_", "-"): count for reason, count in fruitless.items()}
    examples = {f"fruitless/{reason}": f"https://paper.example/{reason}" for reason in reasons}
    return run(back, fruitful=rows, fruitless=reasons, examples=examples, findings=findings)


WELL = [new(back, rows=3) for back in range(1, 9)]


@pytest.mark.parametrize("reason", ["http-404", "http-410", "http-500", "robots", "redirected-away", "not-found"])
def test_new_articles_of_which_not_one_gives_a_row_are_found_in_the_first_run(reason):
    latest = new(**{reason: 19, "timeout": 1})
    for history, before in ((WELL, "0 of 24"), ([], "0 of 0")):
        [finding] = found(latest, history).values()
        assert sentence(finding) == (
            f"20 of 20 new articles gave no row since 2026-11-24 (19 {reason}, 1 timeout, before: {before}): "
            f"look at https://paper.example/{reason}"
        )


def test_what_came_to_nothing_stays_so_while_nothing_new_comes_and_is_mended_by_one_row():
    broken = new(1, http_404=20, findings=["no-rows"])
    assert found(new(), [broken, *WELL])["no-rows"].since == NOW - timedelta(days=1)
    assert not found(new(rows=1, http_404=4), [broken, *WELL])


def test_few_new_articles_that_give_no_row_are_found_together():
    runs = [new(number / 48, http_404=1) for number in range(5)]
    history = [new(back, rows=3) for back in range(1, 9)]
    assert "no-rows" in found(runs[0], [*runs[1:], *history])
    assert not found(runs[0], [*runs[1:4], *history])


def test_an_outlet_most_of_whose_articles_give_no_row_is_healthy():
    history = [new(back, rows=1, out_of_scope=9) for back in range(1, 30)]
    assert not found(new(out_of_scope=9), history)
    assert not found(new(out_of_scope=2), WELL)
    assert "no-rows" in found(new(out_of_scope=200), [new(1, out_of_scope=9), *history[1:]])
    assert "no-rows" in found(new(http_404=9), history)


def test_what_is_read_well_and_not_wanted_tells_when_a_whole_day_gave_nothing_else():
    misread = [new(hours / 24, out_of_scope=20) for hours in range(25)]
    history = [new(back, rows=3) for back in range(2, 10)]
    for hours in range(23):
        assert not found(misread[0], [*misread[1 : hours + 1], *history])
    finding = found(misread[0], [*misread[1:], *history])["no-rows"]
    assert sentence(finding) == (
        "500 of 500 new articles gave no row since 2026-11-23 (500 out-of-scope, before: 0 of 24): "
        "look at https://paper.example/out-of-scope"
    )


def test_a_daily_run_that_begins_somewhat_earlier_than_the_day_before_spans_a_day_too():
    assert "no-rows" in found(new(1 / 1440, out_of_span=20), [new(1, out_of_scope=20), *WELL[1:]])


def test_a_few_new_articles_a_day_that_are_not_wanted_are_nothing():
    assert not found(new(out_of_scope=2), [new(1, out_of_scope=2), *WELL[1:]])


def test_nights_of_foreign_news_are_healthy_and_a_morning_without_robots_txt_after_one_is_not():
    history = []
    for back in range(10, 0, -1):
        night = [new(back - hour / 24, out_of_scope=2) for hour in range(6)]
        day = [new(back - hour / 24, rows=2, out_of_scope=hour % 2) for hour in range(6, 24)]
        for one in (*night, *day):
            assert not found(one, history)
            history.insert(0, one)
    night = [new(hour / 24, out_of_scope=2, http_404=hour % 2) for hour in range(1, 7)]
    assert not found(night[0], [*night[1:], *history])
    finding = found(new(robots=5), [*night, *history])["no-rows"]
    assert finding.what == "8 of 8 new articles gave no row"
    assert finding.detail == "3 http-404, 5 robots, before: 0 of 360"


def test_a_new_outlet_whose_first_articles_are_not_wanted_is_healthy_and_one_whose_articles_all_fail_is_not():
    assert not found(new(out_of_scope=24, out_of_span=6), [])
    assert "no-rows" in found(new(out_of_scope=24, http_500=24), [])


def test_rows_of_runs_that_counted_no_first_tries_are_told_as_what_was_before():
    older = [run(back, articles=3, rows=3) for back in range(1, 9)]
    assert not found(new(out_of_scope=5), older)
    assert found(new(http_404=18), older)["no-rows"].detail == "18 http-404, before: 0 of 24"


def test_reasons_and_the_address_are_those_of_all_the_runs_that_are_told_of():
    runs = [new(timeout=1), new(1 / 48, http_404=4), new(2 / 48), new(3 / 48, http_404=3)]
    assert sentence(found(runs[0], [*runs[1:], *WELL])["no-rows"]) == (
        "8 of 8 new articles gave no row since 2026-11-24 (7 http-404, 1 timeout, before: 0 of 24): "
        "look at https://paper.example/http-404"
    )


def test_a_cause_that_is_told_is_not_told_again_by_what_came_of_it():
    history = days(articles=6, fruitful=6)
    broken = {"rejected": {"empty": 6}, "fruitless": {"empty": 6}}
    assert set(found(run(**broken), history)) == {"layout-changed"}
    # Nor when it is gone: what it hid rests, and nothing else is new.
    healed = run(confirmed=3)
    assert not found(healed, [run(1 / 48, **broken, findings=["layout-changed"]), *history])


@pytest.mark.parametrize(("share", "expected", "chance"), [((2, 2), 0.5, 0.25), ((0, 5), 0.1, 1), ((3, 3), 0.1, 0.001)])
def test_the_tail_is_that_of_the_binomial_distribution(share, expected, chance):
    assert tail(Share(*share), expected) == pytest.approx(chance)


def test_facts_are_read_from_the_statistics_of_scrapy_and_of_ours():
    stats = {
        "khobor/listed": 9,
        "khobor/requested": 4,
        "downloader/response_status_count/200": 7,
        "khobor/rejected/empty": 2,
        f"khobor/source/listed/{FEED}": 40,
        f"khobor/source/newest/{FEED}": "2026-11-24T05:00:00.000000Z",
        "khobor/latency/0.1": 6,
        "khobor/latency/2.0": 4,
        "khobor/answered": NOW.timestamp() + 50,
        "finish_reason": "finished",
    }
    facts = facts_of(stats, NOW, NOW + timedelta(seconds=60))
    assert (facts["listed"], facts["new"], facts["codes"], facts["rejected"]) == (9, 4, {"200": 7}, {"empty": 2})
    assert facts["sources"] == {FEED: {"listed": 40, "newest": "2026-11-24T05:00:00.000000Z"}}
    assert facts["latency"] == {"median": 0.1, "ninety": 2.0}
    assert (facts["seconds"], facts["silent_seconds"]) == (60.0, 10.0)
