"""এসএ টিভি, the news site of a television channel, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Wordpress
from crawler.outlets.sources import Feed, WordPress


class SatvSpider(Wordpress, NewsSpider):
    name = "satv"
    title = "এসএ টিভি"
    english = "SA TV"
    kind = "channel"
    allowed_domains = ["satv.tv"]
    # Articles are at the root, like the site's own pages: an unknown slug with a hyphen counts as an article.
    article = (
        r"^https?://(?:www\.)?satv\.tv/"
        r"(?!(?:about-us|contact-us|live-tv|privacy-policy|terms-[a-z-]+|wp-[a-z-]+)(?:[/?#.]|$))"
        r"(?P<key>[^/?#]*-[^/?#]*)/?(?:[?#]|$)"
    )
    canonical = "https://www.satv.tv/{key}/"
    national = ["https://www.satv.tv/category/বাংলাদেশ/"]
    feeds = [Feed("https://www.satv.tv/feed/")]
    days = [WordPress("https://www.satv.tv/")]
    samples = {
        "https://www.satv.tv/%e0%a6%a8%e0%a6%a6%e0%a7%80-%e0%a6%93": ("%E0%A6%A8%E0%A6%A6%E0%A7%80-%E0%A6%93", None),
        "https://www.satv.tv/নদী-ও/?x=1": ("%E0%A6%A8%E0%A6%A6%E0%A7%80-%E0%A6%93", None),
        "http://satv.tv/a-river-rises/": ("a-river-rises", None),
    }
    aliases = {"http://satv.tv/a-river-rises?fbclid=IwY": "https://www.satv.tv/a-river-rises/"}
    others = [
        "https://www.satv.tv/category/বাংলাদেশ/",
        "https://www.satv.tv/live/",
        "https://www.satv.tv/tag/a-river/",
        "https://www.satv.tv/wp-json/wp/v2/posts",
        "https://www.satv.tv/wp-content/uploads/2022/11/a-river.jpg",
    ]
