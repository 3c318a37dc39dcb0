"""বাংলাদেশ প্রতিদিন, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import EastWestMedia
from crawler.outlets.sources import DailySitemap, Feed


class BdPratidinSpider(EastWestMedia, NewsSpider):
    name = "bd_pratidin"
    title = "বাংলাদেশ প্রতিদিন"
    english = "Bangladesh Pratidin"
    kind = "daily"
    publisher = "East West Media Group"
    allowed_domains = ["bd-pratidin.com"]
    article = (
        r"^https?://(?:www\.)?bd-pratidin\.com/(?P<section>[\w-]+)/"
        r"(?P<year>20\d\d)/(?P<month>\d\d)/(?P<day>\d\d)/(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.bd-pratidin.com/{section}/{year}/{month}/{day}/{key}"
    container = f"{EastWestMedia.container}, div.detailsArea"
    national = ["https://www.bd-pratidin.com/national"]
    feeds = [Feed("https://www.bd-pratidin.com/rss.xml")]
    days = [DailySitemap("https://www.bd-pratidin.com/daily-sitemap/{day:%Y-%m-%d}/sitemap.xml", since="2022-01-01")]
    samples = {
        "https://www.bd-pratidin.com/national/2026/03/14/1220415": ("1220415", "national"),
        "https://www.bd-pratidin.com/chayer-desh/2018/07/03/312904": ("312904", "chayer-desh"),
        "https://www.bd-pratidin.com/Special-supplement-2/2022/03/15/750021?fbclid=IwY": (
            "750021",
            "Special-supplement-2",
        ),
    }
    aliases = {
        "http://bd-pratidin.com/city-news/2026/03/14/5/": "https://www.bd-pratidin.com/city-news/2026/03/14/5",
    }
    others = [
        "https://www.bd-pratidin.com/national",
        "https://www.bd-pratidin.com/daily-sitemap/2026-03-14/sitemap.xml",
        "https://en.bd-pratidin.com/national/2026/03/14/61107",
    ]
