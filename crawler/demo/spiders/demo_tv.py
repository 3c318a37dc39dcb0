"""চ্যানেল দিগন্তরেখা, the news site of a television channel in the demo newspaper."""

from __future__ import annotations

from crawler.crawl.spider import NewsSpider
from crawler.demo.spiders import DemoOutlet
from crawler.outlets.platforms import Wordpress
from crawler.outlets.sources import DailySitemap, Feed, NewsSitemap, Section


class DemoTvSpider(DemoOutlet, Wordpress, NewsSpider):
    """A WordPress site with the Jannah theme: an address has no section."""

    name = "demo_tv"
    title = "চ্যানেল দিগন্তরেখা"
    english = "Demo Channel"
    kind = "channel"
    article = r"^https?://[^/]+/tv/(?:(?:archives/)?|\?p=)(?P<key>\d+)(?:[/?#]|$)"
    headline = "h1.post-title"
    byline = ".meta-author"
    date = "span.date.meta-item"
    section_label = ".post-cat"
    national = ["/tv/category/national/"]
    feeds = [Feed("/tv/category/national/feed/", national=True), Feed("/tv/feed/")]
    news_sitemaps = [NewsSitemap("/tv/news-sitemap.xml")]
    sections = [Section(f"/tv/category/{name}/") for name in ("sports", "entertainment", "international", "economy")]
    days = [DailySitemap("/tv/sitemap/{day:%Y-%m-%d}.xml")]
    samples = {
        "http://127.0.0.1:8765/tv/204380/%E0%A6%B8/": ("204380", None),
        "http://127.0.0.1:8765/tv/?p=204380": ("204380", None),
        "http://127.0.0.1:8765/tv/archives/204380/": ("204380", None),
    }
    others = ["http://127.0.0.1:8765/tv/about-us/"]
