"""রাইজিংবিডি, portal, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import Feed


class RisingbdSpider(NewsSpider):
    name = "risingbd"
    title = "রাইজিংবিডি"
    english = "Risingbd"
    kind = "portal"
    allowed_domains = ["risingbd.com"]
    # The English edition is under /english/.
    article = (
        r"^https?://(?:www\.)?risingbd\.com/(?!(?:english|tag|topic)/|(?:[a-z-]+/)*(?:photo|video)[a-z-]*/)"
        r"(?P<path>(?P<section>[a-z-]+)/(?:[a-z-]+/){0,2})(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.risingbd.com/{path}{key}"
    national = ["https://www.risingbd.com/national"]
    feeds = [Feed("https://www.risingbd.com/rss/rss.xml")]
    samples = {
        "https://www.risingbd.com/national/news/633041": ("633041", "national"),
        "https://www.risingbd.com/sports/cricket/news/615120?utm_source=x": ("615120", "sports"),
        "https://www.risingbd.com/opinion/604112/": ("604112", "opinion"),
    }
    aliases = {
        "http://risingbd.com/bangladesh/news/604999/?fbclid=IwY": "https://www.risingbd.com/bangladesh/news/604999",
    }
    others = [
        "https://www.risingbd.com/national",
        "https://www.risingbd.com/english/business/news/100412",
        "https://www.risingbd.com/photo-gallery/1201",
        "https://www.risingbd.com/entertainment/video/2201",
    ]
