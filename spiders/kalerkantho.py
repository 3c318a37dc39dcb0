"""কালের কণ্ঠ, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import EastWestMedia
from crawler.outlets.sources import DailySitemap, Feed


class KalerkanthoSpider(EastWestMedia, NewsSpider):
    name = "kalerkantho"
    title = "কালের কণ্ঠ"
    allowed_domains = ["kalerkantho.com"]
    article = (
        r"^https?://(?:www\.)?kalerkantho\.com/(?P<edition>online|print-edition)/(?P<section>[\w-]+)/"
        r"(?P<year>20\d\d)/(?P<month>\d\d)/(?P<day>\d\d)/(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.kalerkantho.com/{edition}/{section}/{year}/{month}/{day}/{key}"
    byline = "span.fw-bold.text-dark"
    national = ["https://www.kalerkantho.com/online/national"]
    feeds = [Feed("https://www.kalerkantho.com/rss.xml")]
    days = [DailySitemap("https://www.kalerkantho.com/daily-sitemap/{day:%Y-%m-%d}/sitemap.xml", since="2016-10-01")]
