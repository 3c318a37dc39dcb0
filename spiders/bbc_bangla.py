"""বিবিসি বাংলা, the Bengali service of the BBC, London."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import Feed


class BbcBanglaSpider(NewsSpider):
    name = "bbc_bangla"
    title = "বিবিসি বাংলা"
    english = "BBC Bangla"
    country = "GB"
    kind = "service"
    publisher = "BBC"
    verified = "2026-09"
    # The feeds are on a host of their own.
    allowed_domains = ["bbc.com", "feeds.bbci.co.uk"]
    # Keys: an id of letters and digits; in old addresses a number; in older ones a day and a slug.
    article = (
        r"^https?://(?:www\.)?bbc\.com/bengali/"
        r"(?P<path>articles/|(?!institutional-|media-)(?:[a-z]+-)*(?=\d{8})"
        r"|news/(?P<year>20\d\d)/(?P<month>\d\d)/(?=\d{4}(?P<day>\d\d)_))"
        r"(?P<key>[\w-]{8,})(?:\.amp|\.lite)?(?:[/?#]|$)"
    )
    canonical = "https://www.bbc.com/bengali/{path}{key}"
    container = "main [dir=ltr]"
    national = ["https://www.bbc.com/bengali/topics/c2dwq2nd40xt"]
    pages = "?page={page}"
    feeds = [
        Feed("https://feeds.bbci.co.uk/bengali/rss.xml"),
        Feed("https://feeds.bbci.co.uk/bengali/world/rss.xml"),
        Feed("https://feeds.bbci.co.uk/bengali/sport/rss.xml"),
    ]
    samples = {
        "https://www.bbc.com/bengali/articles/c0a1b2c3d4eo?at_medium=RSS&at_campaign=rss": ("c0a1b2c3d4eo", None),
        "https://www.bbc.com/bengali/news-48000001": ("48000001", None),
        "https://www.bbc.com/bengali/53000001": ("53000001", None),
        "http://www.bbc.com/bengali/news/2014/12/141202_mk_dhaka_river": ("141202_mk_dhaka_river", None),
    }
    aliases = {
        "https://bbc.com/bengali/articles/c0a1b2c3d4eo.amp": "https://www.bbc.com/bengali/articles/c0a1b2c3d4eo",
    }
    others = [
        "https://www.bbc.com/bengali",
        "https://www.bbc.com/bengali/topics/c2dwq2nd40xt?page=2",
        "https://www.bbc.com/bengali/media-23000001",
        "https://www.bbc.com/bengali/bbc_bangla_radio/w172x0000jxntqx",
        "https://www.bbc.com/hindi/articles/c0a1b2c3d4eo",
        "https://www.bbc.com/news/articles/c0a1b2c3d4eo",
    ]
