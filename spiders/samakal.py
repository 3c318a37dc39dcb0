"""সমকাল, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Emythmakers
from crawler.outlets.sources import DailySitemap, Feed, NewsSitemap


class SamakalSpider(Emythmakers, NewsSpider):
    name = "samakal"
    title = "সমকাল"
    english = "Samakal"
    kind = "daily"
    publisher = "Times Media"
    allowed_domains = ["samakal.com"]
    article = (
        r"^https?://(?:www\.)?samakal\.com/(?!photogallery/)"
        r"(?P<path>(?:[\w-]+/){0,2}(?P<section>[\w-]+))/article/(?P<key>\d+)(?:[/?#]|$)"
    )
    # The headline after the number may change.
    canonical = "https://samakal.com/{path}/article/{key}"
    national = ["https://samakal.com/bangladesh"]
    feeds = [Feed("https://samakal.com/rss.xml")]
    news_sitemaps = [NewsSitemap("https://samakal.com/news_sitemap.xml")]
    days = [DailySitemap("https://samakal.com/sitemap/sitemap-daily-{day:%Y-%m-%d}.xml", since="2019-09-30")]
    samples = {
        "https://samakal.com/bangladesh/article/340205/ঋণখেলাপি-ও-দ্বৈত:-নাগরিক": ("340205", "bangladesh"),
        "https://samakal.com/bangladesh/article/340205/%E0%A6%A6%E0%A6%BE%E0%A7%9F": ("340205", "bangladesh"),
        "https://samakal.com/whole-country/article/340196?fbclid=IwY": ("340196", "whole-country"),
        "https://samakal.com/feature/shoili/article/1709703/": ("1709703", "shoili"),
    }
    aliases = {
        "http://www.samakal.com/capital/article/5/শহর?utm_source=x": "https://samakal.com/capital/article/5",
        "http://www.samakal.com/todays-print-edition/tp-khobor/article/17104052/%E0%A6%A4": (
            "https://samakal.com/todays-print-edition/tp-khobor/article/17104052"
        ),
    }
    others = [
        "https://samakal.com/bangladesh",
        "https://samakal.com/video-gallery/bangladesh/1674",
        "https://samakal.com/photo-gallery/capital/252/ছবি",
        "https://samakal.com/photogallery/article/338184/ছবি",
        "https://en.samakal.com/bangladesh/article/340205",
    ]
