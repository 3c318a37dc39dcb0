"""সময় টিভি, television channel, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import NewsSitemap


class SomoyTvSpider(NewsSpider):
    name = "somoy_tv"
    title = "সময় টিভি"
    english = "Somoy TV"
    kind = "channel"
    publisher = "Somoy Media"
    allowed_domains = ["somoynews.tv"]
    # Keys: eight characters; before, the headline.
    article = (
        r"^https?://(?:www\.)?somoynews\.tv/news/"
        r"(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)/(?P<key>[^/?#]+)/?(?:[?#]|$)"
    )
    canonical = "https://www.somoynews.tv/news/{year}-{month}-{day}/{key}"
    national = ["https://www.somoynews.tv/categories/বাংলাদেশ", "https://www.somoynews.tv/categories/জাতীয়"]
    news_sitemaps = [
        NewsSitemap("https://www.somoynews.tv/news-sitemap.xml"),
        NewsSitemap("https://www.somoynews.tv/sitemap.xml"),
    ]
    samples = {
        "https://www.somoynews.tv/news/2025-11-16/Kd7PQ2XW": ("Kd7PQ2XW", None),
        "https://www.somoynews.tv/news/2023-03-24/নদী-ভাঙন": (
            "%E0%A6%A8%E0%A6%A6%E0%A7%80-%E0%A6%AD%E0%A6%BE%E0%A6%99%E0%A6%A8",
            None,
        ),
        "https://www.somoynews.tv/news/2021-06-23/%E0%A6%A8%E0%A6%A6%E0%A7%80-%E0%A7%A7?ref=x": (
            "%E0%A6%A8%E0%A6%A6%E0%A7%80-%E0%A7%A7",
            None,
        ),
    }
    aliases = {
        "http://somoynews.tv/news/2025-11-16/Kd7PQ2XW/?fbclid=I": "https://www.somoynews.tv/news/2025-11-16/Kd7PQ2XW",
    }
    others = [
        "https://www.somoynews.tv/categories/বাংলাদেশ",
        "https://www.somoynews.tv/read/recent",
        "https://www.somoynews.tv/pages/live-tv",
        "https://en.somoynews.tv/news/2025-05-28/Kd7PQ2XW",
    ]
