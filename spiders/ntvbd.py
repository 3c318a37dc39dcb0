"""এনটিভি, television channel, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import ArchivePage, NewsSitemap


class NtvbdSpider(NewsSpider):
    name = "ntvbd"
    title = "এনটিভি"
    english = "NTV"
    kind = "channel"
    publisher = "International Television Channel"
    allowed_domains = ["ntvbd.com"]
    # Until 2019 the number was before the headline, then after it. Now it is after "news-".
    article = (
        r"^https?://(?:www\.)?ntvbd\.com/(?!(?:archive|author|photo|search|tag|topic|video)/)"
        r"(?P<section>[a-z-]+)/(?:[^/?#]+-(?=\d{5}))?(?P<key>\d+)(?:[/?#]|$)"
    )
    # The pages of 2019 and 2020.
    container = "div.section-content.text-justify"
    date = "div.date.color-gray"
    national = ["https://www.ntvbd.com/bangladesh"]
    news_sitemaps = [NewsSitemap("https://www.ntvbd.com/sitemap.xml")]
    days = [ArchivePage("https://www.ntvbd.com/archive/{day:%Y/%-m/%-d}", since="2015-01-28")]
    samples = {
        "https://www.ntvbd.com/bangladesh/news-1662145?fbclid=IwY": ("1662145", "bangladesh"),
        "https://www.ntvbd.com/bangladesh/নদীর-পানি-কমছে-731207": ("731207", "bangladesh"),
        "https://www.ntvbd.com/sports/%E0%A6%A8%E0%A6%A6%E0%A7%80-731208/": ("731208", "sports"),
        "http://www.ntvbd.com/opinion/24877/চ্যাম্পিয়ন-নদী": ("24877", "opinion"),
    }
    aliases = {
        "https://www.ntvbd.com/tech/news-1636144?utm_source=x#c": "https://www.ntvbd.com/tech/news-1636144",
    }
    others = [
        "https://www.ntvbd.com/bangladesh",
        "https://www.ntvbd.com/bangladesh/law-and-rules",
        "https://www.ntvbd.com/bangladesh/covid-19",
        "https://www.ntvbd.com/archive/2022/7/12",
        "http://video.ntvbd.com/bangladesh/24877",
        "https://en.ntvbd.com/bangladesh/news-1662145",
    ]
