"""The scores of a crawl's requests, and a crawl of a declared outlet behind the forward proxy."""

from datetime import UTC, timedelta

from evaluate import crawls
from evaluate.crawls import (
    DeclaredSources,
    SourceFile,
    crawl_details,
    crawl_requests,
    crawl_score,
    crawl_scores,
    crawl_table,
    identity,
    is_national,
)

from crawler.system import clock

SITE = "https://www.nodipoth.com"
RSS = '<rss version="2.0"><channel>{}</channel></rss>'
ITEM = "<item><title>নদীর পাড়ে নতুন হাট</title><link>{}</link></item>"


def scored(requested, gold, scope="all"):
    """Return the score of requests, by path on the site or by whole address; `gold` is by path."""
    gold = {f"{SITE}{path}": is_article for path, is_article in gold.items()}
    return crawl_score("nodipoth", scope, 1, gold, [f"{SITE}{path}" if path[0] == "/" else path for path in requested])


def test_each_listed_article_must_be_requested_once():
    gold = {"/national/news/10001": True, "/sports/news/10002": True, "/national": False, "/photo/10003": False}
    requested = [
        "/national/news/10001",
        "/m/national/news/10001?ref=x",
        "/photo/10003",
        "https://en.nodipoth.com/10002",
    ]
    score = scored(requested, gold)
    assert (score.listed, score.requested, score.missing) == (2, 1, [f"{SITE}/sports/news/10002"])
    assert score.unwanted == [f"{SITE}/m/national/news/10001?ref=x", f"{SITE}/photo/10003", requested[3]]
    assert len(list(crawl_details([score]))) == 4
    assert crawl_table([score]).splitlines()[2].split()[1::2] == ["nodipoth", "all", "1", "2", "2", "1", "1", "3"]


def test_national_crawls_need_national_articles_and_no_foreign_ones():
    gold = {"/national/10001": True, "/sports/10002": True, "/politics/10003": True, "/world/10004": True}
    score = scored(["/sports/10002", "/politics/10003"], gold, scope="national")
    assert (score.missing, score.unwanted) == ([f"{SITE}/national/10001"], [f"{SITE}/sports/10002"])


def test_aliases_of_an_article_have_one_identity():
    aliases = [f"{SITE}/opinion/10001/শহর", "http://nodipoth.com/others/10001/?utm_source=x#top", f"{SITE}/m/x/10001"]
    assert len(set(map(identity, aliases))) == 1
    assert identity(f"{SITE}/2025/11/16/slug") != identity(f"{SITE}/2025/11/17/slug")


def test_sections_are_judged_by_whole_folders():
    paths = ["/national/1", "/sports/football/1", "/politics/1", "/bangladesh/sports/1", "/worldcup/national"]
    assert [is_national(SITE + path) for path in paths] == [True, False, None, None, None]


def test_requests_for_declared_sources_are_no_articles():
    sources = DeclaredSources(
        [f"{SITE}/rss.xml"], [f"{SITE}/national"], "?page={page}", [], [f"{SITE}/map-{{day}}.xml"]
    )
    paths = ["/rss.xml", "/national", "/national?page=2", "/map-2026-08-13.xml", "/national/10001", "/rss.xml?x"]
    assert [sources.have(SITE + path) for path in paths] == [True, True, True, True, False, False]
    assert sources.section_pages(3) == [f"{SITE}/national", f"{SITE}/national?page=2", f"{SITE}/national?page=3"]


def test_without_the_corpus_nothing_is_crawled(tmp_path, monkeypatch):
    monkeypatch.setattr("evaluate.corpus.CORPUS", tmp_path)
    assert crawl_scores(lambda url: None, lambda name: DeclaredSources()) == []


def test_a_declared_outlet_is_crawled_under_its_own_host_name(monkeypatch):
    monkeypatch.setattr(crawls, "index_rows", lambda *kinds: [])
    wanted = "https://samakal.com/bangladesh/article/340205/hat"
    alias, other = "https://samakal.com/capital/article/340205/hat", "https://samakal.com/photogallery/article/340206"
    gold = {wanted: True, alias: True, other: False}
    feed = SourceFile({"kind": "feed"}, RSS.format("".join(map(ITEM.format, gold))).encode(), gold)
    sources = DeclaredSources(
        feeds=["https://samakal.com/rss.xml"],
        sections=["https://samakal.com/bangladesh"],
        news_sitemaps=["https://samakal.com/news_sitemap.xml"],
        days=["https://samakal.com/sitemap/sitemap-daily-{day}.xml"],
    )
    since = clock.today(UTC) - timedelta(days=2)
    # An alias may come first: the made-up news sitemap has more of them.
    for scope in ("all", "national"):
        found, requested = crawl_requests("samakal", scope, since, [{sources.feeds[0]: feed}], sources)
        assert (found, list(map(identity, requested))) == (gold, [identity(wanted)])
