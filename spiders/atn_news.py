"""এটিএন নিউজ, television channel, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Emythmakers
from crawler.outlets.sources import DailySitemap, NewsSitemap


class AtnNewsSpider(Emythmakers, NewsSpider):
    name = "atn_news"
    title = "এটিএন নিউজ"
    english = "ATN News"
    kind = "channel"
    allowed_domains = ["atnnewstv.com"]
    article = r"^https?://(?:www\.)?atnnewstv\.com/(?P<path>(?:(?P<section>[a-z-]+)/)?details)/(?P<key>\d+)(?:[/?#]|$)"
    canonical = "https://www.atnnewstv.com/{path}/{key}"
    container = "div.col-sm-12.text-justify"
    national = ["https://www.atnnewstv.com/country/বাংলাদেশ"]
    news_sitemaps = [NewsSitemap("https://www.atnnewstv.com/news_sitemap.xml")]
    days = [DailySitemap("https://www.atnnewstv.com/sitemap/sitemap-daily-{day:%Y-%m-%d}.xml")]
    samples = {
        "https://www.atnnewstv.com/details/50217": ("50217", None),
        "https://www.atnnewstv.com/country/details/50218/নদীর-পানি": ("50218", "country"),
    }
    aliases = {
        "http://atnnewstv.com/details/50217/?utm_source=x": "https://www.atnnewstv.com/details/50217",
    }
    others = [
        "https://www.atnnewstv.com/country/বাংলাদেশ",
        "https://www.atnnewstv.com/politics/রাজনীতি?page=2",
        "https://www.atnnewstv.com/assets/news/LastTop20.json",
        "http://atnnewstv.com/?app=home",
    ]
