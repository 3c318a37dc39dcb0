"""ডেইলি বাংলাদেশ, portal, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Emythmakers
from crawler.outlets.sources import DailySitemap, Feed


class DailyBangladeshSpider(Emythmakers, NewsSpider):
    name = "daily_bangladesh"
    title = "ডেইলি বাংলাদেশ"
    english = "Daily Bangladesh"
    kind = "portal"
    allowed_domains = ["daily-bangladesh.com"]
    # Older addresses have the headline before the number. Pages of the archive are /archives/3/article.
    article = (
        r"^https?://(?:www\.|m\.)?daily-bangladesh\.com/"
        r"(?!(?:archives?|author|english|photo[a-z-]*|tag|topic|video[a-z-]*|\d+)/)"
        r"(?P<path>(?P<section>[a-z-]+)(?=/)|[^/?#]+)/(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.daily-bangladesh.com/{path}/{key}"
    national = ["https://www.daily-bangladesh.com/national"]
    feeds = [Feed("https://www.daily-bangladesh.com/rss/rss.xml")]
    days = [DailySitemap("https://www.daily-bangladesh.com/bangla-sitemap/sitemap-daily-{day:%Y-%m-%d}.xml")]
    samples = {
        "https://www.daily-bangladesh.com/country/534120": ("534120", "country"),
        "https://www.daily-bangladesh.com/law-and-court/255011/?utm_source=x": ("255011", "law-and-court"),
        "https://www.daily-bangladesh.com/নদীর-পানি-বাড়ছে/61234": ("61234", None),
    }
    aliases = {
        "http://m.daily-bangladesh.com/education/255012?fbclid=IwY": (
            "https://www.daily-bangladesh.com/education/255012"
        ),
    }
    others = [
        "https://www.daily-bangladesh.com/national",
        "https://www.daily-bangladesh.com/12/national/",
        "https://www.daily-bangladesh.com/archives/3/article",
        "https://www.daily-bangladesh.com/english/national/80412",
        "https://www.daily-bangladesh.com/photo-gallery/1204",
    ]
