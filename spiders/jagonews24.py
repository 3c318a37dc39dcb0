"""জাগো নিউজ, portal, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import ArchivePage, Feed


class Jagonews24Spider(NewsSpider):
    name = "jagonews24"
    title = "জাগো নিউজ"
    english = "Jago News"
    kind = "portal"
    publisher = "AKC"
    allowed_domains = ["jagonews24.com"]
    # Mobile pages under /m/ are the same articles; those of a sport have no /news/ before the number.
    article = (
        r"^https?://(?:www\.)?jagonews24\.com/(?:m/)?"
        r"(?P<path>(?P<section>[a-z-]+)(?:/(?!photo/|video/)[a-z-]+){1,2})/(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.jagonews24.com/{path}/{key}"
    national = ["https://www.jagonews24.com/national"]
    pages = "?page={page}"
    feeds = [
        Feed("https://www.jagonews24.com/rss/national.xml", national=True),
        Feed("https://www.jagonews24.com/rss/rss.xml"),
    ]
    days = [
        ArchivePage(
            "https://www.jagonews24.com/archive?dateFrom={day:%d%%2F%m%%2F%Y}&dateTo={day:%d%%2F%m%%2F%Y}&page={page}"
        )
    ]
    samples = {
        "https://www.jagonews24.com/national/news/1146199": ("1146199", "national"),
        "https://www.jagonews24.com/sports/cricket/1146875": ("1146875", "sports"),
        "https://www.jagonews24.com/women-and-children/article/1146887?utm_id=x": ("1146887", "women-and-children"),
    }
    aliases = {
        "http://jagonews24.com/m/national/article/1146199": "https://www.jagonews24.com/national/article/1146199",
    }
    others = ["https://www.jagonews24.com/lifestyle/photo/1146610", "https://www.jagonews24.com/national"]
