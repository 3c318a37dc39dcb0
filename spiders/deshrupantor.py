"""দেশ রূপান্তর, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Witter
from crawler.outlets.sources import Feed, NewsSitemap


class DeshrupantorSpider(Witter, NewsSpider):
    name = "deshrupantor"
    title = "দেশ রূপান্তর"
    english = "Desh Rupantor"
    kind = "daily"
    publisher = "Rupayan Group"
    allowed_domains = ["deshrupantor.com"]
    article = r"^https?://(?:www\.)?deshrupantor\.com/(?:amp/)?(?P<key>\d{5,})(?:[/?#]|$)"
    canonical = "https://www.deshrupantor.com/{key}/"
    national = ["https://www.deshrupantor.com/category/national"]
    feeds = [Feed("https://www.deshrupantor.com/feed/")]
    news_sitemaps = [NewsSitemap("https://www.deshrupantor.com/news-sitemap.xml")]
    samples = {
        "https://www.deshrupantor.com/664120/নদীর-পানি-বাড়ছে": ("664120", None),
        "https://www.deshrupantor.com/552140/%E0%A6%A8%E0%A6%A6%E0%A7%80?utm_source=x": ("552140", None),
    }
    aliases = {
        "http://deshrupantor.com/641077": "https://www.deshrupantor.com/641077/",
        "https://www.deshrupantor.com/amp/450120/%E0%A6%A8%E0%A6%A6": "https://www.deshrupantor.com/450120/",
    }
    others = [
        "https://www.deshrupantor.com/category/national",
        "https://www.deshrupantor.com/printversion",
        "https://www.deshrupantor.com/topic/12345",
        "https://www.deshrupantor.com/news-sitemap.xml",
    ]
