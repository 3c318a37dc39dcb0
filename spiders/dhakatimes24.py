"""ঢাকা টাইমস, portal, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import Feed, NewsSitemap


class Dhakatimes24Spider(NewsSpider):
    name = "dhakatimes24"
    title = "ঢাকা টাইমস"
    english = "Dhaka Times"
    kind = "portal"
    allowed_domains = ["dhakatimes24.com"]
    article = (
        r"^https?://(?:www\.)?dhakatimes24\.com/"
        r"(?P<year>20\d\d)/(?P<month>\d\d)/(?P<day>\d\d)/(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.dhakatimes24.com/{year}/{month}/{day}/{key}"
    national = ["https://www.dhakatimes24.com/national"]
    feeds = [Feed("https://www.dhakatimes24.com/rss.xml")]
    news_sitemaps = [NewsSitemap("https://www.dhakatimes24.com/news-sitemap.xml")]
    samples = {
        "https://www.dhakatimes24.com/2024/01/27/341012": ("341012", None),
        "https://www.dhakatimes24.com/2021/03/12/206011/নদীর-পানি-বাড়ছে": ("206011", None),
        "http://www.dhakatimes24.com/2015/10/07/86012/%E0%A6%A8%E0%A6%A6?utm_source=x": ("86012", None),
    }
    aliases = {
        "http://dhakatimes24.com/2024/01/27/341012/?fbclid=IwY": "https://www.dhakatimes24.com/2024/01/27/341012",
    }
    others = [
        "https://www.dhakatimes24.com/national",
        "https://www.dhakatimes24.com/2024/01/27",
        "https://www.dhakatimes24.com/assets/news_photos/2024/01/27/image-341012.jpg",
    ]
