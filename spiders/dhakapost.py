"""ঢাকা পোস্ট, portal, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import Feed, NewsSitemap


class DhakapostSpider(NewsSpider):
    name = "dhakapost"
    title = "ঢাকা পোস্ট"
    english = "Dhaka Post"
    kind = "portal"
    # thedhakapost.com is another site.
    allowed_domains = ["dhakapost.com"]
    article = (
        r"^https?://(?:www\.)?dhakapost\.com/(?:amp/)?(?!(?:amp|archive|author|photo|tag|topic|video)[a-z-]*/)"
        r"(?P<path>(?P<section>[a-z][a-z0-9-]*)(?:/[a-z][a-z0-9-]*)?)/(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.dhakapost.com/{path}/{key}"
    national = ["https://www.dhakapost.com/national"]
    feeds = [Feed("https://www.dhakapost.com/rss/rss.xml")]
    news_sitemaps = [NewsSitemap("https://www.dhakapost.com/sitemaps/news-sitemap.xml")]
    samples = {
        "https://www.dhakapost.com/national/421001": ("421001", "national"),
        "https://www.dhakapost.com/jobs-career/421002/?utm_source=x": ("421002", "jobs-career"),
        "https://www.dhakapost.com/sports/cricket/421003": ("421003", "sports"),
    }
    aliases = {
        "http://dhakapost.com/country/421004?fbclid=IwY#c": "https://www.dhakapost.com/country/421004",
        "https://www.dhakapost.com/amp/opinion/421005": "https://www.dhakapost.com/opinion/421005",
    }
    others = [
        "https://www.dhakapost.com/national",
        "https://www.dhakapost.com/amp/opinion",
        "https://www.dhakapost.com/topic/নির্বাচন",
        "https://www.dhakapost.com/archive",
        "https://www.thedhakapost.com/politics/2024/10/27/2001",
    ]
