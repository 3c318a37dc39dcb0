"""বাংলা ট্রিবিউন, portal, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Witter
from crawler.outlets.sources import DailySitemap, Feed, NewsSitemap


class BanglatribuneSpider(Witter, NewsSpider):
    name = "banglatribune"
    title = "বাংলা ট্রিবিউন"
    english = "Bangla Tribune"
    kind = "portal"
    publisher = "Gemcon Group"
    allowed_domains = ["banglatribune.com"]
    # Some subsections are in Bengali; the slug may begin with a number too.
    article = (
        r"^https?://(?:www\.)?banglatribune\.com/(?!(?:api|archive|author|photo|tag|topic|video)[\w-]*/)"
        r"(?P<path>(?P<section>[^/?#]+)(?:/[^/?#]+){0,2}?)/(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.banglatribune.com/{path}/{key}/"
    national = ["https://www.banglatribune.com/national"]
    feeds = [Feed("https://www.banglatribune.com/feed/")]
    news_sitemaps = [NewsSitemap("https://www.banglatribune.com/news-sitemap.xml")]
    days = [DailySitemap("https://www.banglatribune.com/archive_{day:%Y-%m-%d}.xml", since="2015-11-16")]
    samples = {
        "https://www.banglatribune.com/national/962001/নদীর-পাড়ে-নতুন-হাট": ("962001", "national"),
        "https://www.banglatribune.com/country/dhaka/962002/%E0%A6%A8%E2%80%8C%E0%A6%A6": ("962002", "country"),
        "https://www.banglatribune.com/lifestyle/%E0%A6%B0%E0%A6%B8/962003/২০২৬": ("962003", "lifestyle"),
        "https://www.banglatribune.com/sport/football/962004/2026/?ref=x": ("962004", "sport"),
    }
    aliases = {
        "http://banglatribune.com/politics/bnp/962005/নদী?utm_source=x": (
            "https://www.banglatribune.com/politics/bnp/962005/"
        ),
        "https://www.banglatribune.com/national/962006": "https://www.banglatribune.com/national/962006/",
    }
    others = [
        "https://www.banglatribune.com/country/dhaka",
        "https://www.banglatribune.com/archive/2022-07-12",
        "https://www.banglatribune.com/archive_2022-07-12.xml",
        "https://www.banglatribune.com/topic/12345",
        "https://en.banglatribune.com/national/news/44001/The-river",
    ]
