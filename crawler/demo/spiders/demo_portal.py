"""নদীবার্তা, a portal of the demo newspaper."""

from __future__ import annotations

from crawler.crawl.spider import NewsSpider
from crawler.demo.spiders import DemoOutlet
from crawler.outlets.platforms import Witter
from crawler.outlets.sources import DailySitemap, Feed, NewsSitemap, Section


class DemoPortalSpider(DemoOutlet, Witter, NewsSpider):
    """Like ittefaq: an address has no section."""

    name = "demo_portal"
    title = "নদীবার্তা"
    english = "Demo Portal"
    kind = "portal"
    article = r"^https?://[^/]+/portal/(?:news/)?(?P<key>\d+)(?:[/?#]|$)"
    byline = "div.author a.name"
    section_label = "div.breadcrumb a"
    national = ["/portal/national"]
    pages = "?page={page}"
    feeds = [Feed("/portal/feed/national", national=True), Feed("/portal/feed/")]
    news_sitemaps = [NewsSitemap("/portal/news-sitemap.xml")]
    sections = [Section(f"/portal/{name}") for name in ("sports", "entertainment", "world-news", "business")]
    days = [DailySitemap("/portal/archive_{day:%Y-%m-%d}.xml")]
    samples = {
        "http://127.0.0.1:8765/portal/761381/%E2%80%8C": ("761381", None),
        "http://127.0.0.1:8765/portal/news/761381": ("761381", None),
    }
    others = ["http://127.0.0.1:8765/portal/national"]
