"""ইত্তেফাক, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Witter
from crawler.outlets.sources import ArchivePage, Feed, NewsSitemap


class IttefaqSpider(Witter, NewsSpider):
    name = "ittefaq"
    title = "ইত্তেফাক"
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
