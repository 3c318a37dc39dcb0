"""আজকের পত্রিকা, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import Feed, NewsSitemap


class AjkerpatrikaSpider(NewsSpider):
    name = "ajkerpatrika"
    title = "আজকের পত্রিকা"
    english = "Ajker Patrika"
    kind = "daily"
    allowed_domains = ["ajkerpatrika.com"]
    article = (
        r"^https?://(?:www\.|beta\.)?ajkerpatrika\.com/(?!(?:photo|video)[a-z-]*/)"
        r"(?P<path>(?P<section>[a-z][a-z0-9-]*)(?:/[a-z][a-z0-9-]*)*)/(?P<key>ajp[a-z0-9]{10})(?:[/?#]|$)"
    )
    canonical = "https://www.ajkerpatrika.com/{path}/{key}"
    national = ["https://www.ajkerpatrika.com/bangladesh"]
    feeds = [Feed("https://www.ajkerpatrika.com/feed")]
    news_sitemaps = [NewsSitemap("https://www.ajkerpatrika.com/news-sitemap.xml")]
    samples = {
        "https://www.ajkerpatrika.com/national/ajpajvuhwfx4a": ("ajpajvuhwfx4a", "national"),
        "https://www.ajkerpatrika.com/bangladesh/jashore/ajpsrruno8vex?utm_source=x": ("ajpsrruno8vex", "bangladesh"),
        "https://www.ajkerpatrika.com/international/middle-east-1/ajp46ktvmdmzq/": ("ajp46ktvmdmzq", "international"),
    }
    aliases = {
        "http://ajkerpatrika.com/analysis/ajp46ktvmdmzq/?fbclid=IwY": (
            "https://www.ajkerpatrika.com/analysis/ajp46ktvmdmzq"
        ),
        "https://beta.ajkerpatrika.com/bangladesh/dhaka/ajpydulluyvdx": (
            "https://www.ajkerpatrika.com/bangladesh/dhaka/ajpydulluyvdx"
        ),
    }
    others = [
        "https://www.ajkerpatrika.com/bangladesh/jashore",
        "https://www.ajkerpatrika.com/fact-check",
        "https://www.ajkerpatrika.com/video/ajp46ktvmdmzq",
        "https://epaper.ajkerpatrika.com/",
        "https://api.ajkerpatrika.com/api/v2/home",
    ]
