"""বাংলানিউজ২৪, portal, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import EastWestMedia
from crawler.outlets.sources import DailySitemap, Feed


class Banglanews24Spider(EastWestMedia, NewsSpider):
    name = "banglanews24"
    title = "বাংলানিউজ২৪"
    english = "Banglanews24"
    kind = "portal"
    publisher = "East West Media Group"
    allowed_domains = ["banglanews24.com"]
    # bnpub has the same articles below /public/.
    article = (
        r"^https?://(?:www\.|bnpub\.)?banglanews24\.com/(?:public/)?"
        r"(?P<section>[a-z][a-z0-9-]*)/news/bd/(?P<key>\d+)\.details(?:[/?#]|$)"
    )
    canonical = "https://www.banglanews24.com/{section}/news/bd/{key}.details"
    national = ["https://www.banglanews24.com/category/national"]
    feeds = [Feed("https://www.banglanews24.com/rss.xml")]
    days = [DailySitemap("https://www.banglanews24.com/daily-sitemap/{day:%Y-%m-%d}/sitemap.xml")]
    samples = {
        "https://www.banglanews24.com/national/news/bd/1580001.details": ("1580001", "national"),
        "https://www.banglanews24.com/economics-business/news/bd/565002.details?fbclid=IwY": (
            "565002",
            "economics-business",
        ),
        "https://bnpub.banglanews24.com/public/education/news/bd/712003.details": ("712003", "education"),
    }
    aliases = {
        "http://banglanews24.com/national/news/bd/565004.details#top": (
            "https://www.banglanews24.com/national/news/bd/565004.details"
        ),
        "https://bnpub.banglanews24.com/public/education/news/bd/712003.details": (
            "https://www.banglanews24.com/education/news/bd/712003.details"
        ),
    }
    others = [
        "https://www.banglanews24.com/category/national",
        "https://www.banglanews24.com/category/%E0%A6%9C%E0%A6%BE%E0%A6%A4%E0%A7%80%E0%A7%9F/1",
        "https://www.banglanews24.com/rss/1",
        "https://www.banglanews24.com/daily-sitemap/2022-07-12/sitemap.xml",
    ]
