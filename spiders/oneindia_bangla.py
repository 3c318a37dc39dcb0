"""ওয়ানইন্ডিয়া বাংলা, portal, India."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import Feed


class OneindiaBanglaSpider(NewsSpider):
    name = "oneindia_bangla"
    title = "ওয়ানইন্ডিয়া বাংলা"
    english = "Oneindia Bengali"
    country = "IN"
    kind = "portal"
    allowed_domains = ["bengali.oneindia.com"]
    article = (
        r"^https?://bengali\.oneindia\.com/news/(?P<section>[a-z-]+)/(?:[a-z-]+/)*"
        r"[^/?#]*-(?P<key>\d{6})\.html(?:[/?#]|$)"
    )
    national = ["https://bengali.oneindia.com/news/india/"]
    feeds = [
        Feed("https://bengali.oneindia.com/rss/feeds/bengali-news-fb.xml"),
        Feed("https://bengali.oneindia.com/rss/bengali-news.xml"),
    ]
    national_sections = ["india"]
    samples = {
        "https://bengali.oneindia.com/news/west-bengal/a-bridge-is-closed-for-repair-065432.html": (
            "065432",
            "west-bengal",
        ),
        "http://bengali.oneindia.com/news/india/a-train-is-late-today-187654.html?ref=x": ("187654", "india"),
    }
    aliases = {
        "https://bengali.oneindia.com/news/cricket/a-match-192345.html?utm_source=x": (
            "https://bengali.oneindia.com/news/cricket/a-match-192345.html"
        ),
    }
    others = [
        "https://bengali.oneindia.com/news/india/",
        "https://bengali.oneindia.com/news/kolkata/",
        "https://bengali.oneindia.com/movies/",
        "https://bengali.oneindia.com/rss/bengali-news.xml",
    ]
