"""ইন্ডিপেন্ডেন্ট টিভি, television channel, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Witter
from crawler.outlets.sources import NewsSitemap


class ItvbdSpider(Witter, NewsSpider):
    name = "itvbd"
    title = "ইন্ডিপেন্ডেন্ট টিভি"
    english = "Independent TV"
    kind = "channel"
    publisher = "Beximco Group"
    allowed_domains = ["itvbd.com"]
    article = (
        r"^https?://(?:www\.)?itvbd\.com/(?!(?:archive|author|photo|tag|topic|video)/)"
        r"(?P<path>(?P<section>[a-z-]+)/(?:[a-z-]+/)?)(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.itvbd.com/{path}{key}/"
    national = ["https://www.itvbd.com/national"]
    news_sitemaps = [NewsSitemap("https://www.itvbd.com/news-sitemap.xml")]
    samples = {
        "https://www.itvbd.com/national/260233/": ("260233", "national"),
        "https://www.itvbd.com/country/chittagong/268311/নদীর-পানি-কমছে": ("268311", "country"),
        "https://www.itvbd.com/economy/corporate/219744/%E0%A6%A8%E0%A6%A6%E0%A7%80?ref=x": ("219744", "economy"),
    }
    aliases = {
        "http://itvbd.com/world/india/5/নদী?fbclid=IwY": "https://www.itvbd.com/world/india/5/",
    }
    others = [
        "https://www.itvbd.com/national",
        "https://www.itvbd.com/country/dhaka",
        "https://www.itvbd.com/topic/1234",
        "https://www.itvbd.com/archive/2024-07-12",
        "https://www.itvbd.com/video/1234/নদী",
    ]
