"""বিডি২৪লাইভ, portal, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Wordpress
from crawler.outlets.sources import Feed, WordPress


class Bd24LiveSpider(Wordpress, NewsSpider):
    name = "bd24live"
    title = "বিডি২৪লাইভ"
    english = "BD24Live"
    kind = "portal"
    allowed_domains = ["bd24live.com"]
    # The site outside /bangla/ is in English. A number of four digits is a year.
    article = r"^https?://(?:www\.)?bd24live\.com/bangla/(?P<key>\d{5,})(?:[/?#]|$)"
    canonical = "https://www.bd24live.com/bangla/{key}/"
    national = ["https://www.bd24live.com/bangla/category/national/"]
    feeds = [Feed("https://www.bd24live.com/bangla/feed/")]
    days = [WordPress("https://www.bd24live.com/bangla/")]
    samples = {
        "https://www.bd24live.com/bangla/456789/": ("456789", None),
        "https://www.bd24live.com/bangla/712345": ("712345", None),
        "https://www.bd24live.com/bangla/712345/নদীর-পানি-বাড়ছে?x=1": ("712345", None),
    }
    aliases = {"http://bd24live.com/bangla/456789?fbclid=IwY": "https://www.bd24live.com/bangla/456789/"}
    others = [
        "https://www.bd24live.com/bangla/",
        "https://www.bd24live.com/bangla/category/national/",
        "https://www.bd24live.com/bangla/2022/07/12/",
        "https://www.bd24live.com/bangla/page/2/",
        "https://www.bd24live.com/a-river-rises/",
    ]
