"""মাই টিভি, television channel, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Wordpress
from crawler.outlets.sources import Feed


class MyTvSpider(Wordpress, NewsSpider):
    name = "my_tv"
    title = "মাই টিভি"
    english = "My TV"
    kind = "channel"
    publisher = "V.M. International"
    allowed_domains = ["mytvbd.tv"]
    # Articles are numbers at the root; a year there is an archive.
    article = r"^https?://(?:www\.)?mytvbd\.tv/(?:\?p=)?(?P<key>(?!20\d\d(?!\d))\d+)(?:/?[?#&]|/?$)"
    canonical = "https://mytvbd.tv/{key}"
    national = ["https://mytvbd.tv/category/জাতীয়/"]
    feeds = [Feed("https://mytvbd.tv/feed")]
    samples = {
        "https://mytvbd.tv/4127": ("4127", None),
        "https://mytvbd.tv/20418/?fbclid=IwY": ("20418", None),
    }
    aliases = {
        "http://www.mytvbd.tv/?p=4127": "https://mytvbd.tv/4127",
    }
    others = [
        "https://mytvbd.tv/category/জাতীয়/",
        "https://mytvbd.tv/2025/07/12/",
        "https://mytvbd.tv/2025/",
        "http://mytvbd.tv/?page_id=162",
        "https://mytvbd.tv/live/",
    ]
