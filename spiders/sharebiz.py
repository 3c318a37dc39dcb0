"""শেয়ার বিজ, business daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import Feed, NewsSitemap


class SharebizSpider(NewsSpider):
    name = "sharebiz"
    title = "শেয়ার বিজ"
    english = "Share Biz"
    kind = "daily"
    allowed_domains = ["sharebiz.net"]
    # The site was WordPress before: a Bengali slug at the root is one of its articles.
    article = (
        r"^https?://(?:www\.)?sharebiz\.net/(?:daily/news/)?"
        r"(?P<key>(?<=/news/)\d+|(?<=\.net/)(?:%[eE][02]|[^\x00-\x7f])[^/?#]*)/?(?:[?#]|$)"
    )
    national = ["https://www.sharebiz.net/daily/national"]
    feeds = [Feed("https://www.sharebiz.net/feed")]
    news_sitemaps = [NewsSitemap("https://www.sharebiz.net/sitemap.xml")]
    samples = {
        "https://www.sharebiz.net/daily/news/123456": ("123456", None),
        "https://sharebiz.net/daily/news/98765/?x=1": ("98765", None),
        "https://sharebiz.net/%e0%a6%a8%e0%a6%a6%e0%a7%80-2/": ("%E0%A6%A8%E0%A6%A6%E0%A7%80-2", None),
        "http://sharebiz.net/নদী-2": ("%E0%A6%A8%E0%A6%A6%E0%A7%80-2", None),
    }
    aliases = {
        "https://www.sharebiz.net/daily/news/123456?fbclid=IwY": "https://www.sharebiz.net/daily/news/123456",
    }
    others = [
        "https://www.sharebiz.net/daily/national",
        "https://sharebiz.net/category/daily-paper/first-page/",
        "https://sharebiz.net/wp-json/wp/v2/posts",
        "https://www.sharebiz.net/sitemap.xml",
    ]
