"""ইত্তেফাক, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Witter
from crawler.outlets.sources import ArchivePage, Feed, NewsSitemap


class IttefaqSpider(Witter, NewsSpider):
    name = "ittefaq"
    title = "ইত্তেফাক"
    english = "Ittefaq"
    kind = "daily"
    publisher = "Ittefaq Group of Publications"
    allowed_domains = ["ittefaq.com.bd"]
    # Until 2021 the section was before the number; in 2021 the numbers started again.
    article = (
        r"^https?://(?:www\.)?ittefaq\.com\.bd/(?!(?:archive|author|topic|tag)/)"
        r"(?P<key>(?:(?P<section>[a-z-]+)/)?\d{5,7})(?:[/?#]|$)"
    )
    canonical = "https://www.ittefaq.com.bd/{key}/"
    national = ["https://www.ittefaq.com.bd/national"]
    feeds = [
        Feed("https://www.ittefaq.com.bd/feed/national", national=True),
        Feed("https://www.ittefaq.com.bd/feed/"),
    ]
    news_sitemaps = [NewsSitemap("https://www.ittefaq.com.bd/sitemap.xml")]
    days = [ArchivePage("https://www.ittefaq.com.bd/archive/{day:%Y-%m-%d}", since="2011-01-01", dates=Witter.row_date)]
    samples = {
        "https://www.ittefaq.com.bd/717059/": ("717059", None),
        "https://www.ittefaq.com.bd/national/144355/যারা-হাত-পাততে-পারে-না": ("national/144355", "national"),
    }
    aliases = {
        "https://ittefaq.com.bd/749754": "https://www.ittefaq.com.bd/749754/",
        "https://www.ittefaq.com.bd/790972/%E0%A6%86%E0%A6%A6-%E2%80%8C": "https://www.ittefaq.com.bd/790972/",
    }
    others = ["https://www.ittefaq.com.bd/archive/2022-07-12", "https://www.ittefaq.com.bd/topic/12345"]
