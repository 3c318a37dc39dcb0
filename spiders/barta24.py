"""বার্তা২৪, portal, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import Feed, NewsSitemap


class Barta24Spider(NewsSpider):
    name = "barta24"
    title = "বার্তা২৪"
    english = "Barta24"
    kind = "portal"
    allowed_domains = ["barta24.com"]
    article = r"^https?://(?:www\.)?barta24\.com/details/(?P<section>[^/?#]+)/(?P<key>\d+)(?:[/?#]|$)"
    canonical = "https://barta24.com/details/{section}/{key}"
    national = ["https://barta24.com/national"]
    feeds = [Feed("https://barta24.com/feed")]
    news_sitemaps = [NewsSitemap("https://barta24.com/news-sitemap.xml")]
    samples = {
        "https://barta24.com/details/politics/334455": ("334455", "politics"),
        "https://www.barta24.com/details/national/165432/a-river-rises-again": ("165432", "national"),
        "https://barta24.com/details/national/7654/%E0%A6%A8%E0%A6%A6%E0%A7%80?x=1": ("7654", "national"),
        "https://barta24.com/details/national/7654/নদী": ("7654", "national"),
    }
    aliases = {
        "http://www.barta24.com/details/sports/165432/a-match?fbclid=IwY": (
            "https://barta24.com/details/sports/165432"
        ),
    }
    others = [
        "https://barta24.com/national",
        "https://barta24.com/news-sitemap.xml",
        "https://backoffice.barta24.com/api/content-details/334455",
        "https://backoffice.barta24.com/api/home-json-bn/generateLatest.json",
    ]
