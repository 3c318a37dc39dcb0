"""টেকশহর, portal of technology, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Wordpress
from crawler.outlets.sources import Feed, WordPress


class TechshohorSpider(Wordpress, NewsSpider):
    name = "techshohor"
    title = "টেকশহর"
    english = "TechShohor"
    kind = "portal"
    allowed_domains = ["techshohor.com"]
    article = (
        r"^https?://(?:www\.)?techshohor\.com/(?!(?:author|category|page|tag)/)"
        r"(?:(?P<section>[a-z-]+)/)?(?P<key>\d{5,})(?:[/?#]|$)"
    )
    # No page of national news is known.
    national = ["https://techshohor.com/"]
    feeds = [Feed("https://techshohor.com/feed/")]
    days = [WordPress("https://techshohor.com/wp-json/wp/v2/posts")]
    samples = {
        "https://techshohor.com/127801/%E0%A6%A8%E0%A6%A4%E0%A7%81%E0%A6%A8-%E0%A6%AB%E0%A7%8B%E0%A6%A8/": (
            "127801",
            None,
        ),
        "https://techshohor.com/business/177901/নতুন-ফোন/": ("177901", "business"),
        "https://www.techshohor.com/177902/": ("177902", None),
    }
    aliases = {
        "https://techshohor.com/177901/নতুন-ফোন/?utm_source=x&fbclid=IwY": "https://techshohor.com/177901/নতুন-ফোন/",
    }
    others = [
        "https://techshohor.com/product-reviews/handset/",
        "https://techshohor.com/tag/phone/",
        "https://techshohor.com/author/some-one/",
        "https://techshohor.com/feed/",
    ]
