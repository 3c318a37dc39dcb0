"""TV9 বাংলা, the news site of a television channel, Kolkata."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Wordpress
from crawler.outlets.sources import Feed


class Tv9BanglaSpider(Wordpress, NewsSpider):
    name = "tv9bangla"
    title = "TV9 বাংলা"
    english = "TV9 Bangla"
    country = "IN"
    kind = "channel"
    allowed_domains = ["tv9bangla.com"]
    article = (
        r"^https?://(?:www\.)?tv9bangla\.com/(?!(?:author|photo|tag|topic|video)[a-z-]*/)"
        r"(?P<section>[a-z-]+)/(?:[a-z0-9-]+/)*[^/?#]*-(?P<key>\d{6,})\.html(?:[/?#]|$)"
    )
    national = ["https://tv9bangla.com/india/"]
    feeds = [Feed("https://tv9bangla.com/feed")]
    national_sections = ["india"]
    samples = {
        "https://tv9bangla.com/india/a-train-is-late-in-assam-au17-612345.html": ("612345", "india"),
        "https://tv9bangla.com/west-bengal/purulia/a-bridge-is-closed-1312345.html?x=1": ("1312345", "west-bengal"),
    }
    aliases = {
        "https://tv9bangla.com/kolkata/rain-1165432.html?utm_source=x": "https://tv9bangla.com/kolkata/rain-1165432.html",
    }
    others = [
        "https://tv9bangla.com/india",
        "https://tv9bangla.com/author/some-one",
        "https://tv9bangla.com/photo-gallery/ten-dishes-of-the-season-1165432.html",
        "https://tv9bangla.com/videos/a-talk-about-the-river-1165432.html",
        "https://tv9bangla.com/west-bengal/feed",
    ]
