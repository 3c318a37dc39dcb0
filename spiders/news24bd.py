"""নিউজ টোয়েন্টিফোর, television channel, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import EastWestMedia
from crawler.outlets.sources import Feed


class News24BdSpider(EastWestMedia, NewsSpider):
    name = "news24bd"
    title = "নিউজ টোয়েন্টিফোর"
    english = "News24"
    kind = "channel"
    publisher = "East West Media Group"
    allowed_domains = ["news24bd.tv"]
    article = (
        r"^https?://(?:www\.)?news24bd\.tv/(?!(?:api|author|photo|tag|topic|video)/)"
        r"(?P<path>details|(?P<section>[a-z-]+))/(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.news24bd.tv/{path}/{key}"
    national = ["https://www.news24bd.tv/bangladesh"]
    feeds = [Feed("https://www.news24bd.tv/rss.xml")]
    samples = {
        "https://www.news24bd.tv/details/129433": ("129433", None),
        "https://news24bd.tv/details/200118/?fbclid=IwY": ("200118", None),
        "https://www.news24bd.tv/bangladesh/200119": ("200119", "bangladesh"),
    }
    aliases = {
        "http://news24bd.tv/details/72011/নদী?utm_source=x": "https://www.news24bd.tv/details/72011",
    }
    others = [
        "https://www.news24bd.tv/bangladesh",
        "https://news24bd.tv/topic/todayall",
        "https://news24bd.tv/topic/71",
        "https://asset.news24bd.tv/public/news_images/2023/03/19/1-b.jpg",
    ]
