"""The scores of a crawl's requests, and a crawl of a declared outlet behind the forward proxy."""

from datetime import UTC, timedelta

from evaluate import crawls
from evaluate.crawls import (
    DeclaredSources,
    SourceFile,
    crawl_requests,
    identity,
)

from crawler.system import clock

SITE = "https://www.nodipoth.com"
RSS = '<rss version="2.0"><channel>{}</channel></rss>'
ITEM = "<item><title>নদীর পাড়ে নতুন হাট</title><link>{}</link></item>"


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
