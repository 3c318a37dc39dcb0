"""অর্থসূচক, business portal, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Wordpress
from crawler.outlets.sources import Feed, NewsSitemap, WordPress


class ArthosuchakSpider(Wordpress, NewsSpider):
    name = "arthosuchak"
    title = "অর্থসূচক"
    english = "Arthosuchak"
    kind = "portal"
    allowed_domains = ["arthosuchak.com"]
    # A number of four digits is a year.
    article = r"^https?://(?:www\.)?arthosuchak\.com/(?!page/)[\w-]+/(?P<key>\d{5,})/[^/?#]+/?(?:[?#]|$)"
    national = ["https://www.arthosuchak.com/archives/category/national/"]
    feeds = [Feed("https://www.arthosuchak.com/feed/")]
    news_sitemaps = [NewsSitemap("https://www.arthosuchak.com/sitemap.xml")]
    days = [WordPress("https://www.arthosuchak.com/")]
    samples = {
        "https://www.arthosuchak.com/archives/812345/সূচক-বেড়েছে/": ("812345", None),
        "https://www.arthosuchak.com/archives/812345/%e0%a6%a8%e0%a6%a6%e0%a7%80?x=1": ("812345", None),
        "http://arthosuchak.com/archives/65432/a-bank-opens": ("65432", None),
    }
    aliases = {
        "https://www.arthosuchak.com/archives/812345/a-bank/?fbclid=IwY": (
            "https://www.arthosuchak.com/archives/812345/a-bank/"
        ),
    }
    others = [
        "https://www.arthosuchak.com/archives/category/latest-news/",
        "https://www.arthosuchak.com/archives/tag/সূচক/page/47",
        "https://www.arthosuchak.com/archives/date/2022/07/12",
        "https://www.arthosuchak.com/wp-content/uploads/2015/03/a-bank.jpg",
    ]
