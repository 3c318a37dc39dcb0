"""হিন্দুস্তান টাইমস বাংলা, portal, India."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import Feed


class HtBanglaSpider(NewsSpider):
    name = "ht_bangla"
    title = "হিন্দুস্তান টাইমস বাংলা"
    english = "Hindustan Times Bangla"
    country = "IN"
    kind = "portal"
    publisher = "HT Media"
    allowed_domains = ["bangla.hindustantimes.com"]
    article = (
        r"^https?://bangla\.hindustantimes\.com/(?!(?:photos?|pictures|topic|videos?)/)"
        r"(?P<section>[a-z-]+)/(?:[a-z-]+/)*[^/?#]*-(?P<key>\d{10,})\.html?(?:[/?#]|$)"
    )
    national = ["https://bangla.hindustantimes.com/nation-and-world"]
    pages = "/nation-and-world/page-{page}"
    feeds = [Feed("https://bangla.hindustantimes.com/rss/bengal/kolkata")]
    national_sections = ["nation-and-world"]
    samples = {
        "https://bangla.hindustantimes.com/nation-and-world/a-train-is-late-31657612345678.html": (
            "31657612345678",
            "nation-and-world",
        ),
        "https://bangla.hindustantimes.com/bengal/kolkata/a-bridge-is-closed-31657698765432.html?x=1": (
            "31657698765432",
            "bengal",
        ),
        "http://bangla.hindustantimes.com/sports/a-match-is-won-31612345678901.htm": ("31612345678901", "sports"),
    }
    aliases = {
        "https://bangla.hindustantimes.com/sports/a-match-31612345678901.html?utm_source=x": (
            "https://bangla.hindustantimes.com/sports/a-match-31612345678901.html"
        ),
    }
    others = [
        "https://bangla.hindustantimes.com/nation-and-world/page-2",
        "https://bangla.hindustantimes.com/topic/amphan/page-2",
        "https://bangla.hindustantimes.com/rss/bengal/kolkata",
        "https://bangla.hindustantimes.com/api/app/sectionFeedPerp/v1/bengal/20",
    ]
