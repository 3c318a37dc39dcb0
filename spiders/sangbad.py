"""সংবাদ, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import Feed


class SangbadSpider(NewsSpider):
    name = "sangbad"
    title = "সংবাদ"
    english = "Sangbad"
    kind = "daily"
    allowed_domains = ["sangbad.net.bd"]
    # The year is in newer addresses only.
    article = (
        r"^https?://(?:www\.)?sangbad\.net\.bd/"
        r"(?P<path>(?:news/|(?=opinion/))(?P<section>[a-z-]+)(?:/[a-z-]+)*(?:/20\d\d)?)/(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://sangbad.net.bd/{path}/{key}/"
    national = ["https://sangbad.net.bd/news/national/"]
    feeds = [Feed("https://sangbad.net.bd/rss.xml")]
    samples = {
        "https://sangbad.net.bd/news/politics/2026/174102/": ("174102", "politics"),
        "https://sangbad.net.bd/news/national/106521/": ("106521", "national"),
        "https://sangbad.net.bd/opinion/open-discussion/2025/160311?utm_source=x": ("160311", "opinion"),
    }
    aliases = {
        "http://www.sangbad.net.bd/news/it/2025/163512?fbclid=IwY": "https://sangbad.net.bd/news/it/2025/163512/",
    }
    others = [
        "https://sangbad.net.bd/news/national/",
        "https://sangbad.net.bd/news/national/?page=2",
        "https://sangbad.net.bd/opinion/open-discussion/",
        "https://sangbad.net.bd/rss.xml",
    ]
