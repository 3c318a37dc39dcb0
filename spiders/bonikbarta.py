"""বণিক বার্তা, business daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import DailySitemap


class BonikbartaSpider(NewsSpider):
    name = "bonikbarta"
    title = "বণিক বার্তা"
    english = "Bonik Barta"
    kind = "daily"
    allowed_domains = ["bonikbarta.com"]
    # A key has capitals or digits, unlike the slug of a section.
    article = (
        r"^https?://(?:www\.)?bonikbarta\.com/"
        r"(?P<section>[a-z][a-z-]*)/(?P<key>(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{16})(?:[/?#]|$)"
    )
    canonical = "https://bonikbarta.com/{section}/{key}"
    national = ["https://bonikbarta.com/bangladesh"]
    days = [
        DailySitemap("https://bonikbarta.com/sitemaps/sitemap-news-{day:%Y-%m-%d}.xml?path=00000000010000000001"),
    ]
    samples = {
        "https://bonikbarta.com/bangladesh/Kq3xVbT8mZrW2LpD": ("Kq3xVbT8mZrW2LpD", "bangladesh"),
        "https://www.bonikbarta.com/editorial/hT5nQwYcRbLsVdJk/?utm_source=x": ("hT5nQwYcRbLsVdJk", "editorial"),
    }
    aliases = {
        "http://www.bonikbarta.com/economy/r7MdKp2XzQwTb9Vs/?fbclid=IwY": (
            "https://bonikbarta.com/economy/r7MdKp2XzQwTb9Vs"
        ),
    }
    others = [
        "https://bonikbarta.com/bangladesh",
        "https://bonikbarta.com/categories/national",
        "https://bonikbarta.com/categories/stockandbusiness",
        "https://bonikbarta.com/api/post-lists/36?root_path=00000000010000000001",
        "https://en.bonikbarta.com/bangladesh/Kq3xVbT8mZrW2LpD",
    ]
