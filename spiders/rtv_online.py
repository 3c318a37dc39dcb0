"""আরটিভি, television channel, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import Feed


class RtvOnlineSpider(NewsSpider):
    name = "rtv_online"
    title = "আরটিভি"
    english = "RTV Online"
    kind = "channel"
    publisher = "Bengal Media Corporation"
    allowed_domains = ["rtvonline.com"]
    article = (
        r"^https?://(?:www\.)?rtvonline\.com/(?!(?:api|author|english|photo|tag|topic|video)/)"
        r"(?P<path>(?P<section>[a-z-]+)/(?:[a-z-]+/)?)(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://rtvonline.com/{path}{key}"
    national = ["https://www.rtvonline.com/national", "https://www.rtvonline.com/bangladesh"]
    feeds = [Feed("https://www.rtvonline.com/rss/rss.xml")]
    samples = {
        "https://rtvonline.com/national/390114": ("390114", "national"),
        "https://www.rtvonline.com/bangladesh/crime/122784?fbclid=IwY": ("122784", "bangladesh"),
        "https://www.rtvonline.com/entertainment/114322/%E0%A6%A8%E0%A6%A6%E0%A7%80": ("114322", "entertainment"),
    }
    aliases = {
        "http://www.rtvonline.com/country/301277/নদী/?utm_source=x": "https://rtvonline.com/country/301277",
    }
    others = [
        "https://www.rtvonline.com/bangladesh",
        "https://www.rtvonline.com/bangladesh/crime",
        "https://rtvonline.com/topic/২০২০",
        "https://rtvonline.com/english/bangladesh/politics/272144",
        "https://www.rtvonline.com/live",
    ]
