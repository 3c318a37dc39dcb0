"""সমকাল, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Emythmakers
from crawler.outlets.sources import DailySitemap, Feed, NewsSitemap


class SamakalSpider(Emythmakers, NewsSpider):
    name = "samakal"
    title = "সমকাল"
    allowed_domains = ["samakal.com"]
    article = (
        r"^https?://(?:www\.)?samakal\.com/"
        r"(?P<path>(?:[\w-]+/){0,2}(?P<section>[\w-]+))/article/(?P<key>\d+)(?:[/?#]|$)"
    )
    # The headline after the number may change.
    canonical = "https://samakal.com/{path}/article/{key}"
    national = ["https://samakal.com/bangladesh"]
    feeds = [Feed("https://samakal.com/rss.xml")]
    news_sitemaps = [NewsSitemap("https://samakal.com/news_sitemap.xml")]
    days = [DailySitemap("https://samakal.com/sitemap/sitemap-daily-{day:%Y-%m-%d}.xml", since="2019-09-30")]
