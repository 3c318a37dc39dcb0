"""একুশে টিভি, television channel, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import Feed


class EkusheyTvSpider(NewsSpider):
    name = "ekushey_tv"
    title = "একুশে টিভি"
    english = "Ekushey TV"
    kind = "channel"
    allowed_domains = ["ekushey-tv.com"]
    # Old addresses have the headline instead of a section.
    article = (
        r"^https?://(?:www\.)?ekushey-tv\.com/(?!(?:author|category|page|photo|tag|topic|video)/)"
        r"(?P<path>(?:(?P<section>[a-z-]+)/(?:news/)?|(?=[%\u0980-\u09ff])[^/?#]+/))(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.ekushey-tv.com/{path}{key}"
    national = ["https://www.ekushey-tv.com/national"]
    feeds = [Feed("https://www.ekushey-tv.com/rss/rss.xml")]
    samples = {
        "https://ekushey-tv.com/national/news/1352511": ("1352511", "national"),
        "https://ekushey-tv.com/media-news/32704/": ("32704", "media-news"),
        "https://www.ekushey-tv.com/নদীর-পানি-কমছে/127402": ("127402", None),
        "https://www.ekushey-tv.com/%E0%A6%A8%E0%A6%A6%E0%A7%80-%E0%A7%A7/75122#:~:text=x": ("75122", None),
    }
    aliases = {
        "http://ekushey-tv.com/national/news/5?fbclid=IwY": "https://www.ekushey-tv.com/national/news/5",
    }
    others = [
        "https://www.ekushey-tv.com/national",
        "https://www.ekushey-tv.com/etvlive/",
        "https://www.ekushey-tv.com/video/1234",
        "https://www.ekushey-tv.com/media/imgAll/2020June/1.jpg",
    ]
