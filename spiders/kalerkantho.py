"""কালের কণ্ঠ, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import EastWestMedia
from crawler.outlets.sources import DailySitemap, Feed


class KalerkanthoSpider(EastWestMedia, NewsSpider):
    name = "kalerkantho"
    title = "কালের কণ্ঠ"
    english = "Kaler Kantho"
    kind = "daily"
    publisher = "East West Media Group"
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
    samples = {
        "https://www.kalerkantho.com/online/world/2025/11/10/1604174": ("1604174", "world"),
        "https://www.kalerkantho.com/online/Islamic-lifestylie/2016/10/05/413193": ("413193", "Islamic-lifestylie"),
        "https://www.kalerkantho.com/print-edition/deshe-deshe/2025/11/13/1605414": ("1605414", "deshe-deshe"),
    }
    aliases = {
        "http://kalerkantho.com/online/world/2025/11/10/5/": "https://www.kalerkantho.com/online/world/2025/11/10/5",
    }
    others = [
        "https://www.kalerkantho.com/online/national",
        "https://www.kalerkantho.com/daily-sitemap/2025-11-10/sitemap.xml",
    ]
