"""দ্য বিজনেস স্ট্যান্ডার্ড বাংলা, the Bengali edition of a business daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import NewsSitemap


class TbsBanglaSpider(NewsSpider):
    name = "tbs_bangla"
    title = "দ্য বিজনেস স্ট্যান্ডার্ড বাংলা"
    english = "The Business Standard Bangla"
    kind = "daily"
    allowed_domains = ["tbsnews.net"]
    # The name of a section is in English or in Bengali.
    article = (
        r"^https?://(?:www\.)?tbsnews\.net/bangla/"
        r"(?P<path>(?:(?P<section>[^/?#]+)/)?(?:[^/?#]+/)*)news-details-(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.tbsnews.net/bangla/{path}news-details-{key}"
    container = "div.section-content"
    byline = "div.author-name"
    date = "div.date"
    national = ["https://www.tbsnews.net/bangla/বাংলাদেশ"]
    news_sitemaps = [NewsSitemap("https://www.tbsnews.net/bangla/googlenews.xml")]
    samples = {
        "https://www.tbsnews.net/bangla/বাংলাদেশ/news-details-292701": ("292701", "বাংলাদেশ"),
        "https://www.tbsnews.net/bangla/%E0%A6%96%E0%A7%87%E0%A6%B2%E0%A6%BE/news-details-194101/": (
            "194101",
            "%E0%A6%96%E0%A7%87%E0%A6%B2%E0%A6%BE",
        ),
        "https://www.tbsnews.net/bangla/Economy/news-details-547701?fbclid=IwY": ("547701", "Economy"),
        "https://www.tbsnews.net/bangla/news-details-407801": ("407801", None),
    }
    aliases = {
        "http://tbsnews.net/bangla/feature/news-details-366601?utm_source=x": (
            "https://www.tbsnews.net/bangla/feature/news-details-366601"
        ),
    }
    others = [
        "https://www.tbsnews.net/bangla/",
        "https://www.tbsnews.net/bangla/বাংলাদেশ?page=1",
        "https://www.tbsnews.net/bangla/search?q=নদী",
        "https://www.tbsnews.net/bangladesh/river-by-the-village-547701",
        "https://www.tbsnews.net/node/260901",
    ]
