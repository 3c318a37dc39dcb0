"""Health: a run is judged by earlier ones. A problem is found in the first run, and nothing else is."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.crawl.health.judge import judge
from crawler.crawl.settings import Thresholds
from crawler.state.history import RunFacts

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
FEED, PAGE = "https://paper.example/rss.xml", "https://paper.example/national"
LIMITS = Thresholds()


def run(back=0.0, sources=None, rejected=None, failed=None, articles=0, dated=None, short=0, findings=(), **facts):
    """Return a run `back` days before NOW; `sources` are numbers listed, or their facts."""
    listed = {FEED: 40, PAGE: 20} if sources is None else sources
    known = {
        "sources": {url: {"listed": one} if isinstance(one, int) else one for url, one in listed.items()},
        "rejected": rejected or {},
        "failed": failed or {},
        "articles": articles,
        "dated": articles if dated is None else dated,
        "self_dated": articles if dated is None else dated,
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


SILENT, DRY, OUTAGE = {FEED: 0, PAGE: 20}, {FEED: 40, PAGE: 0}, {FEED: 0, PAGE: 0}
MENDED = [run(1, rejected={"empty": 5}, findings=["layout-changed"]), *days(first=2, articles=5)]
REJECTED = {"rejected": {"empty": 6}, "fruitless": {"empty": 6}}


def new(back=0.0, rows=0, findings=(), **fruitless):
    """Return a run with new articles: those with rows, and those without by reason."""
    reasons = {reason.replace("_", "-"): count for reason, count in fruitless.items()}
    examples = {f"fruitless/{reason}": f"https://paper.example/{reason}" for reason in reasons}
    return run(back, fruitful=rows, fruitless=reasons, examples=examples, findings=findings)


WELL = [new(back, rows=3) for back in range(1, 9)]
MOSTLY_FOREIGN = [new(back, rows=1, out_of_scope=9) for back in range(1, 30)]


def often_empty(first):
    return [run(back, sources={FEED: 0 if back % 4 == 0 else 40, PAGE: 20}) for back in range(first, 30)]


def idle():
    return [run(back / 24, sources={}, missed={PAGE: []}) for back in range(1, 24)]


def stale(back=0):
    return run(back, sources={FEED: {"listed": 40, "newest": (NOW - timedelta(days=2)).isoformat()}, PAGE: 20})


def fresh(back):
    newest = (NOW - timedelta(days=back, hours=2)).isoformat()
    return run(back, sources={FEED: {"listed": 40, "newest": newest}, PAGE: 20})


def sitemap(back, age):
    """Return a run some hours ago whose news sitemap had an article of this age in hours."""
    newest = (NOW - timedelta(hours=back + age)).isoformat()
    return run(back / 24, sources={FEED: 40, PAGE: {"listed": 12, "newest": newest} if age < 48 else 0})


def resting(age):
    """Return the runs before one whose news sitemap had its last article `age` hours ago."""
    pause = [sitemap(back, age - back) for back in range(2, age - 20, 4)]
    return pause + [sitemap(back, 20) for back in range(age - 20, 400, 4)]


def weekly(back):
    newest = (NOW - timedelta(days=back + back % 7)).isoformat()
    return run(back, sources={FEED: 40, PAGE: {"listed": 30, "newest": newest}})


HEALTHY = {
    "a usual run": (run(articles=5), days(articles=6)),
    "nothing new": (run(), days(articles=6)),
    "a first run": (run(articles=5, rejected={"empty": 2}), []),
    "a source that lists little": (run(sources=DRY), days(sources={FEED: 40, PAGE: 2})),
    "a source that is often empty": (run(sources=SILENT), often_empty(1)),
    "a news sitemap that ran dry": (run(sources=DRY), resting(50)),
    "an archive with no day to request": (
        run(sources={}, missed={PAGE: []}),
        [*idle(), run(1, sources={PAGE: 6})],
    ),
    "a feed of unknown age": (stale(), [stale(back) for back in (1, 2, 3)]),
    "two odd pages": (run(rejected={"empty": 2}), days(articles=50)),
    "odd pages among good ones": (run(rejected={"empty": 3}, confirmed=12), days(articles=50)),
    "pages out of scope or gone": (run(rejected={"out-of-scope": 20, "not-found": 5}), days(articles=5)),
    "pages that are only recorded": (run(rejected={"recorded-only": 20}), days(articles=5)),
    "a mended layout": (run(articles=2), MENDED),
    "pages that never had dates": (run(articles=6, self_dated=0), days(articles=6, self_dated=0)),
    "texts that are often short": (run(articles=6, short=5), days(articles=6, short=4)),
    "texts that are always short": (run(articles=6, short=6), days(articles=6, short=6)),
    "short texts in a first run": (run(articles=6, short=6), []),
    "a rise by chance": (run(articles=10, dated=9), days(articles=10)),
    "a small rise": (run(articles=1000, dated=900), days(articles=1000, dated=950)),
    "articles that are gone": (run(failed={"http-404": 6, "robots": 3}, articles=4), days(articles=10)),
    "articles that are always refused": (run(failed={"http-403": 9}, refused_again=9), days(articles=10)),
    "one row after none": (new(rows=1, http_404=4), [new(1, http_404=20, findings=["no-rows"]), *WELL]),
    "four articles without a row": (
        new(http_404=1),
        [*(new(number / 48, http_404=1) for number in (1, 2, 3)), *WELL],
    ),
    "mostly foreign news": (new(out_of_scope=9), MOSTLY_FOREIGN),
    "two foreign articles": (new(out_of_scope=2), WELL),
    "few foreign articles for a day": (new(out_of_scope=2), [new(1, out_of_scope=2), *WELL[1:]]),
    "a first run of foreign news": (new(out_of_scope=24, out_of_span=6), []),
    # The layout was reported; its consequences are past.
    "a mended cause": (
        run(confirmed=3),
        [run(1 / 48, **REJECTED, findings=["layout-changed"]), *days(articles=6, fruitful=6)],
    ),
}


@pytest.mark.parametrize(("latest", "history"), HEALTHY.values(), ids=HEALTHY)
def test_healthy_runs_have_no_finding(latest, history):
    assert not found(latest, history)


@pytest.mark.parametrize(
    ("name", "latest", "history"),
    [
        ("layout-changed", run(rejected={"empty": 6}), []),
        ("layout-changed", run(**REJECTED), days(articles=6, fruitful=6)),
        (
            "layout-changed",
            run(),
            MENDED,
        ),
        # Single pages of several runs.
        (
            "layout-changed",
            run(rejected={"no-headline": 1}),
            [
                *(run(number / 48, rejected={"no-headline": 1}) for number in (1, 2)),
                *days(articles=3, rejected={"empty": 1}, count=3),
                *days(articles=5, first=4),
            ],
        ),
        # Weeks of silence are not normal, nor is an outage of all sources.
        (f"source-silent {FEED}", run(sources=SILENT), [*days(count=30, sources=SILENT), *days(count=10, first=31)]),
        (f"source-silent {FEED}", run(sources=SILENT), [*days(count=4, sources=SILENT), *often_empty(5)]),
        (
            f"source-silent {FEED}",
            run(sources=SILENT),
            [run(back, sources=OUTAGE if back % 3 == 0 else None) for back in range(1, 30)],
        ),
        # Silent again, after a short pause.
        (
            f"source-silent {FEED}",
            run(sources=SILENT),
            [
                *days(count=3),
                *days(count=2, first=4, sources=SILENT),
                *days(first=6),
                *(run(back, sources=OUTAGE) for back in (40, 41)),
                *days(first=42),
            ],
        ),
        # A news sitemap whose articles are not old enough, or far too old; a source that also lists old articles.
        (f"source-silent {PAGE}", run(sources=DRY), resting(30)),
        (f"source-quiet {PAGE}", run(sources=DRY), resting(70)),
        (f"source-silent {PAGE}", run(sources=DRY), [weekly(back) for back in range(1, 30)]),
        ("texts-short", run(articles=6, short=5), days(articles=6)),
        ("texts-short", run(articles=90, short=90), days(articles=90, short=75)),
        ("errors", run(failed={"http-500": 6}, articles=4), days(articles=10)),
        ("errors", run(failed={"redirect-loop": 6}, articles=4), days(articles=10)),
        # Few new articles of several runs.
        ("no-rows", new(http_404=1), [*(new(number / 48, http_404=1) for number in range(1, 5)), *WELL]),
        ("no-rows", new(out_of_scope=200), [new(1, out_of_scope=9), *MOSTLY_FOREIGN[1:]]),
        ("no-rows", new(http_404=9), MOSTLY_FOREIGN),
        # A daily run that begins somewhat earlier than the day before.
        ("no-rows", new(1 / 1440, out_of_span=20), [new(1, out_of_scope=20), *WELL[1:]]),
        ("no-rows", new(out_of_scope=24, http_500=24), []),
    ],
)
def test_problems_are_found(name, latest, history):
    assert set(found(latest, history)) == {name}


WRONG = f"{FEED} it answered with an HTML page instead of a feed"
NO_HOST = f"{FEED} not fetched (no-such-host)"
EXAMPLE = "https://paper.example/7"
RAISED = {"rejected": {"runtime-error": 8}, "errors": 8, "examples": {"rejected": EXAMPLE}}


@pytest.mark.parametrize(
    ("latest", "history", "said"),
    [
        (run(sources=OUTAGE), days(), f"lists nothing since 2026-11-24 (used to list 60): look at {FEED}"),
        (run(sources=SILENT), days(), f"{FEED} lists nothing since 2026-11-24 (used to list 40): look at {FEED}"),
        (
            run(sources={FEED: {"broken": WRONG}, PAGE: 20}),
            days(),
            f"{FEED} is broken since 2026-11-24 (it answered with an HTML page instead of a feed): look at {FEED}",
        ),
        (
            run(sources={FEED: {"broken": NO_HOST}}),
            [],
            f"none of its sources can be read since 2026-11-24 (not fetched (no-such-host)): look at {FEED}",
        ),
        (
            stale(),
            [stale(1), *map(fresh, range(2, 20))],
            f"{FEED} lists nothing new since 2026-11-22 "
            f"(its newest article is of 2026-11-22 06:00 UTC): look at {FEED}",
        ),
        (
            run(sources={}),
            [],
            "none of its sources can be read since 2026-11-24 (it declares none that an update reads)",
        ),
        (
            run(rejected={"empty": 3}, examples={"rejected": EXAMPLE}),
            days(count=3, articles=2),
            f"3 of 3 pages gave no article since 2026-11-24 (3 empty, before: 0 of 6): look at {EXAMPLE}",
        ),
        (
            run(**RAISED),
            [],
            f"8 of 8 pages gave no article since 2026-11-24 (8 runtime-error, before: 0 of 0): look at {EXAMPLE}",
        ),
        (
            run(**RAISED),
            days(count=30, articles=8),
            f"8 of 8 pages gave no article since 2026-11-24 (8 runtime-error, before: 0 of 240): look at {EXAMPLE}",
        ),
        (
            new(timeout=1),
            [new(1 / 48, http_404=4), new(2 / 48), new(3 / 48, http_404=3), *WELL],
            "8 of 8 new articles gave no row since 2026-11-24 (7 http-404, 1 timeout, before: 0 of 24): "
            "look at https://paper.example/http-404",
        ),
    ],
)
def test_a_finding_says_what_since_when_and_where(latest, history, said):
    [finding] = found(latest, history).values()
    assert sentence(finding) == said


@pytest.mark.parametrize(
    ("name", "latest", "history", "since"),
    [
        ("listed-nothing", run(sources=OUTAGE), [*days(count=2, sources=OUTAGE), *days(first=3)], 2),
        # Runs that requested no source date no fault.
        (
            "no-source",
            run(sources={PAGE: {"broken": f"{PAGE} not fetched (http-503)"}}),
            [*idle(), run(1, sources={PAGE: 6})],
            0,
        ),
        (
            "layout-changed",
            run(rejected={"empty": 5}),
            [*days(count=40, rejected={"empty": 5}, findings=["layout-changed"]), *days(10, first=41, articles=5)],
            40,
        ),
        ("no-rows", new(), [new(1, http_404=20, findings=["no-rows"]), *WELL], 1),
    ],
)
def test_a_finding_dates_from_the_first_such_run(name, latest, history, since):
    assert found(latest, history)[name].since == NOW - timedelta(days=since)


def test_out_of_scope_articles_at_night_hide_no_morning_failure():
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
