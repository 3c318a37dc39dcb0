"""Articles that another run fetches while they wait for their turn: each is fetched once."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from paper import Paper
from test_jobs_backfill import LAST, Backfills, articles_asked, wanted

SPAN = ["-a", f"since={LAST}", "-a", f"until={LAST}"]


@pytest.fixture
def paper():
    with Paper() as newspaper:
        # The withdrawn article is of another day.
        withdrawn = newspaper.site.newspaper.withdrawn
        withdrawn["tv"] = replace(withdrawn["tv"], published=withdrawn["tv"].published - timedelta(days=20))
        yield newspaper


@pytest.fixture
def place(tmp_path, paper):
    return Backfills(tmp_path, paper.url)


def hold_the_first_article(paper):
    """Delay the first article's answer; return the events of its request and of its release."""
    asked, let_go, answer = threading.Event(), threading.Event(), paper.site.get

    def get(target, base):
        if articles_asked(paper, "tv") == [] and target.startswith("/tv/") and target[4:5].isdigit():
            paper.site.asked.append(target)
            asked.set()
            let_go.wait(60)
        return answer(target, base)

    paper.site.get = get
    return asked, let_go


def test_articles_that_another_run_fetched_meanwhile_are_not_requested(place, paper):
    asked, let_go = hold_the_first_article(paper)
    span = ["--since", str(LAST), "--until", str(LAST)]
    words = ("backfill", "demo_tv", *span, "-s", "DOWNLOAD_DELAY=0.01")
    with place.start(*words, stdout=None, stderr=None) as backfill:
        assert asked.wait(60)
        first = articles_asked(paper, "tv")[0]
        crawl = place.scrapy("crawl", "demo_tv", *SPAN)
        let_go.set()
        assert backfill.wait(60) == 0
    assert crawl.returncode == 0, crawl.stderr
    titles = Counter(row["title"] for row in place.rows())
    assert (set(titles), set(titles.values())) == (wanted(paper, "tv", 1), {1})
    times = Counter(articles_asked(paper, "tv"))
    assert times.pop(first) > 1
    assert set(times.values()) == {1}
    assert place.days() == {str(LAST): "closed"}
    stats = {run["command"]: run["stats"] for run in place.runs()}["backfill"]
    assert stats["khobor/known"] == stats["khobor/listed"] - 1 > 0
    assert stats["khobor/requested"] == stats["khobor/pages"] == 1
