"""বিডিনিউজ টোয়েন্টিফোর, portal, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Emythmakers
from crawler.outlets.sources import Feed


class Bdnews24Spider(Emythmakers, NewsSpider):
    name = "bdnews24"
    title = "বিডিনিউজ টোয়েন্টিফোর"
    english = "bdnews24.com"
    kind = "portal"
    allowed_domains = ["bangla.bdnews24.com"]
    # Keys: twelve hexadecimal digits; before, a number; in 2015 some sections had the day and a slug without letters,
    # which is unique only with its section.
    article = (
        r"^https?://bangla\.bdnews24\.com/(?!tube/)(?=(?P<path>[^?#]+?)/?(?:[?#]|$))(?=(?P<section>[\w-]+)/)"
        r"(?:[\w-]+/)*?(?P<key>[0-9a-f]{12}(?=/?(?:[?#]|$))|article\d+(?=\.bdnews)"
        r"|[\w-]+/(?P<year>20\d\d)/(?P<month>\d\d)/(?P<day>\d\d)/[\w-]+)"
    )
    canonical = "https://bangla.bdnews24.com/{path}"
    byline = "div.detail-author-name span.author"
    national = ["https://bangla.bdnews24.com/bangladesh"]
    feeds = [Feed("https://bangla.bdnews24.com/?widgetName=rssfeed&widgetId=1150&getXmlFeed=true")]
    samples = {
        "https://bangla.bdnews24.com/bangladesh/3c0f5a9d71e2": ("3c0f5a9d71e2", "bangladesh"),
        "https://bangla.bdnews24.com/lifestyle/sajsojja/0a1b2c3d4e5f/": ("0a1b2c3d4e5f", "lifestyle"),
        "http://bangla.bdnews24.com/politics/article1004321.bdnews": ("article1004321", "politics"),
        "http://bangla.bdnews24.com/kidz/2015/08/02/---4": ("kidz/2015/08/02/---4", "kidz"),
    }
    aliases = {
        "http://bangla.bdnews24.com/sport/3c0f5a9d71e2/?utm_source=x#c": "https://bangla.bdnews24.com/sport/3c0f5a9d71e2",
    }
    others = [
        "https://bangla.bdnews24.com/bangladesh",
        "https://bangla.bdnews24.com/tube/3c0f5a9d71e2",
        "http://bangla.bdnews24.com/media/video/",
        "http://bangla.bdnews24.com/bangla/contactus_bangla/",
        "https://bdnews24.com/bangladesh/3c0f5a9d71e2",
    ]
