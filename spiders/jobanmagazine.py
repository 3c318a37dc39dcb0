"""জবান, magazine, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Wordpress
from crawler.outlets.sources import Feed, WordPress


class JobanmagazineSpider(Wordpress, NewsSpider):
    name = "jobanmagazine"
    title = "জবান"
    english = "Joban Magazine"
    kind = "magazine"
    allowed_domains = ["jobanmagazine.com"]
    article = (
        r"^https?://(?:www\.)?jobanmagazine\.com/"
        r"(?P<path>(?:article/)?(?P<year>20\d\d)/(?P<month>\d\d)/(?P<day>\d\d))/(?P<key>(?!page/)[^/?#]+)/?(?:[?#]|$)"
    )
    canonical = "https://jobanmagazine.com/{path}/{key}/"
    # No page of national news is known.
    national = ["https://jobanmagazine.com/"]
    feeds = [Feed("https://jobanmagazine.com/feed/")]
    days = [WordPress("https://jobanmagazine.com/wp-json/wp/v2/posts")]
    samples = {
        "https://jobanmagazine.com/2024/11/22/on-the-river/": ("on-the-river", None),
        "https://jobanmagazine.com/article/2026/03/04/%e0%a6%a8%e0%a6%a6%e0%a7%80/": (
            "%E0%A6%A8%E0%A6%A6%E0%A7%80",
            None,
        ),
        "https://jobanmagazine.com/article/2026/03/05/নদী-ও-ধান?fbclid=IwY": (
            "%E0%A6%A8%E0%A6%A6%E0%A7%80-%E0%A6%93-%E0%A6%A7%E0%A6%BE%E0%A6%A8",
            None,
        ),
    }
    aliases = {
        "http://www.jobanmagazine.com/2024/11/22/on-the-river?utm_source=x": (
            "https://jobanmagazine.com/2024/11/22/on-the-river/"
        ),
    }
    others = [
        "https://jobanmagazine.com/category/opinion/page/2",
        "https://jobanmagazine.com/author/some-one",
        "https://jobanmagazine.com/2024/11/22/page/2/",
        "https://jobanmagazine.com/wp-json/wp/v2/posts",
    ]
