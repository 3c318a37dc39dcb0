"""An outlet with a platform, for measurements."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Wordpress


class Measured(Wordpress, NewsSpider):
    """The pages on loopback under /news/."""

    name = "measured"
    title = "দৈনিক মাপ"
    allowed_domains = ["127.0.0.1"]
    article = r"https?://127\.0\.0\.1(?::\d+)?/news/(?P<key>\d+)"
