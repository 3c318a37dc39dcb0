"""News18 বাংলা, the news site of a television channel, Kolkata."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import Feed


class News18BanglaSpider(NewsSpider):
    name = "news18_bangla"
    title = "News18 বাংলা"
    english = "News18 Bangla"
    country = "IN"
    kind = "channel"
    publisher = "Network18"
    allowed_domains = ["bengali.news18.com"]
    article = (
        r"^https?://bengali\.news18\.com/news/(?P<section>[a-z-]+)/(?:[a-z-]+/)*"
        r"[^/?#]*-(?P<key>\d+)\.html(?:[/?#]|$)"
    )
    national = ["https://bengali.news18.com/news/national"]
    feeds = [Feed("https://bengali.news18.com/commonfeeds/v1/ben/rss/west-bengal.xml")]
    samples = {
        "https://bengali.news18.com/news/kolkata/a-bridge-is-closed-dc-398765.html": ("398765", "kolkata"),
        "https://bengali.news18.com/news/south-bengal/a-river-rises-l18-local18-2412345.html?x=1": (
            "2412345",
            "south-bengal",
        ),
        "https://bengali.news18.com/news/sports/cricket/a-match-is-won-rr-1876543.html": ("1876543", "sports"),
    }
    aliases = {
        "https://bengali.news18.com/news/national/rain-1234567.html?utm_source=x": (
            "https://bengali.news18.com/news/national/rain-1234567.html"
        ),
    }
    others = [
        "https://bengali.news18.com/news/national",
        "https://bengali.news18.com/photogallery/life-style/ten-dishes-of-the-season-rm-2765432.html",
        "https://bengali.news18.com/videos/",
        "https://bengali.news18.com/commonfeeds/v1/ben/rss/kolkata.xml",
    ]
