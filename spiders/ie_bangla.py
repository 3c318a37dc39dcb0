"""ইন্ডিয়ান এক্সপ্রেস বাংলা, portal, India."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Wordpress
from crawler.outlets.sources import Feed


class IeBanglaSpider(Wordpress, NewsSpider):
    name = "ie_bangla"
    title = "ইন্ডিয়ান এক্সপ্রেস বাংলা"
    english = "Indian Express Bangla"
    country = "IN"
    kind = "portal"
    publisher = "Indian Express Group"
    allowed_domains = ["bengali.indianexpress.com"]
    # A number of four digits is a year: pages of an election have it.
    article = (
        r"^https?://bengali\.indianexpress\.com/(?!(?:about|photos?|videos?)/)"
        r"(?P<section>[a-z-]+)/(?:[a-z-]+/)*[^/?#]*-(?P<key>\d{5,})/?(?:[?#]|$)"
    )
    national = ["https://bengali.indianexpress.com/general-news/"]
    feeds = [Feed("https://bengali.indianexpress.com/feed")]
    national_sections = ["general-news"]
    samples = {
        "https://bengali.indianexpress.com/general-news/a-train-is-late-654321/": ("654321", "general-news"),
        "https://bengali.indianexpress.com/west-bengal/rain-in-the-north-12512345?x=1": ("12512345", "west-bengal"),
        "https://bengali.indianexpress.com/entertainment/review/a-film-about-a-river-612345/": (
            "612345",
            "entertainment",
        ),
    }
    aliases = {
        "https://bengali.indianexpress.com/opinion/on-rain-206543/?fbclid=IwY": (
            "https://bengali.indianexpress.com/opinion/on-rain-206543/"
        ),
    }
    others = [
        "https://bengali.indianexpress.com/general-news/page/2/",
        "https://bengali.indianexpress.com/elections/west-bengal-election-2026/",
        "https://bengali.indianexpress.com/about/bengali-short-story/",
        "https://bengali.indianexpress.com/photos/",
    ]
