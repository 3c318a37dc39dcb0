"""প্রথম আলো, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Quintype, Witter
from crawler.outlets.sources import DailySitemap, Feed, NewsSitemap

# Section words that look like an article's key.
SECTIONS = "bangladesh|chattogram|dhallywood|employment|government|industries|literature|mymensingh|technology"


class ProthomAloSpider(Quintype, NewsSpider):
    name = "prothom_alo"
    title = "প্রথম আলো"
    english = "Prothom Alo"
    kind = "daily"
    publisher = "Mediastar"
    verified = "2026-09"
    allowed_domains = ["prothomalo.com"]
    # Pages from before 2020 use Witter.
    container = f"{Quintype.container}, {Witter.container}"
    # Keys: ten characters; before, a long romanised slug (2020 and 2021); before, a number (to 2020).
    article = (
        r"^https?://(?:www\.)?prothomalo\.com/(?!(?:api|author|collection|photo|story|topic|video)/)"
        r"(?P<section>[a-z0-9-]+)/(?:[a-z0-9-]+/){0,3}"
        rf"(?P<key>(?<=/article/)\d+(?=[/?#]|$)|(?!{SECTIONS})[a-z0-9]{{10}}(?=/?(?:[?#]|$))"
        r"|(?=[a-z0-9-]{20,}/?(?:[?#]|$))[a-z0-9]+(?:-[a-z0-9]+){3,})"
    )
    national = ["https://www.prothomalo.com/bangladesh"]
    feeds = [Feed("https://www.prothomalo.com/feed/")]
    news_sitemaps = [NewsSitemap("https://www.prothomalo.com/news_sitemap.xml")]
    days = [DailySitemap("https://www.prothomalo.com/sitemap/sitemap-daily-{day:%Y-%m-%d}.xml", since="2009-08-28")]
    samples = {
        "https://www.prothomalo.com/bangladesh/district/9k4r4ov5yj": ("9k4r4ov5yj", "bangladesh"),
        "https://www.prothomalo.com/bangladesh/article/1632811/%E0%A6%95%E0%A7%87": ("1632811", "bangladesh"),
        "https://www.prothomalo.com/economy/article/1632310": ("1632310", "economy"),
        "https://www.prothomalo.com/bangladesh/crime/obhijoge-tinjon-atok-hoyeche": (
            "obhijoge-tinjon-atok-hoyeche",
            "bangladesh",
        ),
    }
    aliases = {
        "https://www.prothomalo.com/politics/np8ulbsnhs?ref=home#c": "https://www.prothomalo.com/politics/np8ulbsnhs",
    }
    others = [
        "https://www.prothomalo.com/bangladesh/chattogram",
        "https://www.prothomalo.com/entertainment/dhallywood",
        "https://www.prothomalo.com/video/bangladesh/gaoha4f91x",
        "https://www.prothomalo.com/story/0a1b2c3d-0000-4000-8000-1234567890ab",
        "https://en.prothomalo.com/bangladesh/9k4r4ov5yj",
    ]
