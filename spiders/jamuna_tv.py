"""যমুনা টিভি, television channel, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import DesktopDetail
from crawler.outlets.sources import NewsSitemap


class JamunaTvSpider(DesktopDetail, NewsSpider):
    name = "jamuna_tv"
    title = "যমুনা টিভি"
    english = "Jamuna TV"
    kind = "channel"
    publisher = "Jamuna Group"
    allowed_domains = ["jamuna.tv"]
    article = (
        r"^https?://(?:www\.)?jamuna\.tv/(?!(?:author|page|photo|tag|topic|video)/)"
        r"(?P<section>[a-z-]+)/(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.jamuna.tv/{section}/{key}"
    national = ["https://www.jamuna.tv/national", "https://www.jamuna.tv/bangladesh"]
    news_sitemaps = [NewsSitemap("https://www.jamuna.tv/news_sitemap.xml")]
    samples = {
        "https://www.jamuna.tv/national/650123": ("650123", "national"),
        "https://jamuna.tv/art-and-literature/648210/?utm_source=x": ("648210", "art-and-literature"),
    }
    aliases = {
        "http://jamuna.tv/politics/650777?fbclid=IwY": "https://www.jamuna.tv/politics/650777",
    }
    others = [
        "https://www.jamuna.tv/national",
        "https://www.jamuna.tv/national?page=2",
        "https://www.jamuna.tv/live",
        "https://www.jamuna.tv/video/1234",
        "https://www.jamuna.tv/topic/5678",
    ]
