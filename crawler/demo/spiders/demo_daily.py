"""দৈনিক প্রভাতরেখা, a daily of the demo newspaper."""

from __future__ import annotations

from crawler.crawl.spider import NewsSpider
from crawler.demo.spiders import DemoOutlet
from crawler.outlets.platforms import Emythmakers
from crawler.outlets.sources import DailySitemap, Feed, NewsSitemap, Section


class DemoDailySpider(DemoOutlet, Emythmakers, NewsSpider):
    """Like samakal: the section is in the address, the national pages hold the country's news too."""

    name = "demo_daily"
    title = "দৈনিক প্রভাতরেখা"
    english = "Demo Daily"
    kind = "daily"
    article = r"^https?://[^/]+/daily/(?:m/)?(?:(?P<section>[a-z-]+)/)?article/(?P<key>\d+)(?:[/?#]|$)"
    section_label = "li.breadcrumb-item:last-child a"
    national = ["/daily/national"]
    national_sections = ["country"]
    feeds = [Feed("/daily/rss.xml")]
    news_sitemaps = [NewsSitemap("/daily/news_sitemap.xml")]
    sections = [Section(f"/daily/{name}") for name in ("sports", "entertainment", "international", "economics")]
    days = [DailySitemap("/daily/sitemap/sitemap-daily-{day:%Y-%m-%d}.xml")]
    samples = {
        "http://127.0.0.1:8765/daily/national/article/372381/%E0%A6%B8": ("372381", "national"),
        "http://127.0.0.1:8765/daily/m/country/article/372381": ("372381", "country"),
        "http://localhost:1/daily/article/372381": ("372381", None),
    }
    others = ["http://127.0.0.1:8765/daily/national"]
