"""আনন্দবাজার পত্রিকা, daily, Kolkata."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import NewsSitemap


class AnandabazarSpider(NewsSpider):
    name = "anandabazar"
    title = "আনন্দবাজার পত্রিকা"
    english = "Anandabazar Patrika"
    country = "IN"
    kind = "daily"
    publisher = "ABP"
    allowed_domains = ["anandabazar.com"]
    # Old addresses end with 1.963327 instead of /cid/1422919; the two are different numbers.
    article = (
        r"^https?://(?:www\.)?anandabazar\.com/(?!(?:photo|topic|video)[a-z-]*/)"
        r"(?:(?:others|supplementary)/)?(?P<section>[a-z0-9-]+)/"
        r"[^?#]*?(?P<key>(?<=/cid/)\d+|(?<=-)1\.\d+)(?:[/?#]|$)"
    )
    national = ["https://www.anandabazar.com/west-bengal/", "https://www.anandabazar.com/india/"]
    pages = "page-{page}"
    news_sitemaps = [NewsSitemap("https://www.anandabazar.com/sitemap.xml")]
    national_sections = ["india", "west-bengal"]
    samples = {
        "https://www.anandabazar.com/west-bengal/kolkata/a-bridge-is-closed-dgtl/cid/1490123": (
            "1490123",
            "west-bengal",
        ),
        "https://www.anandabazar.com/india/rain-stops-trains/cid/1512345?utm_source=x": ("1512345", "india"),
        "http://www.anandabazar.com/bangladesh-news/a-river-rises-again-1.654321?ref=x": (
            "1.654321",
            "bangladesh-news",
        ),
        "https://www.anandabazar.com/others/science/a-comet-returns-dgtl-1.432100": ("1.432100", "science"),
    }
    aliases = {
        "https://www.anandabazar.com/sport/a/cid/1401234?fbclid=I#c": "https://www.anandabazar.com/sport/a/cid/1401234",
    }
    others = [
        "https://www.anandabazar.com/west-bengal/page-2",
        "https://www.anandabazar.com/west-bengal/north-bengal",
        "https://www.anandabazar.com/national/archive?page=2&slab=0&tnp=50",
        "https://www.anandabazar.com/topic/bangladesh",
    ]
