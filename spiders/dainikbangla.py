"""দৈনিক বাংলা, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import NewsSitemap


class DainikbanglaSpider(NewsSpider):
    name = "dainikbangla"
    title = "দৈনিক বাংলা"
    english = "Dainik Bangla"
    kind = "daily"
    allowed_domains = ["dainikbangla.com.bd"]
    article = (
        r"^https?://(?:www\.)?dainikbangla\.com\.bd/(?!(?:archive|author|photo[a-z-]*|tag|topic|video[a-z-]*)/)"
        r"(?P<section>[a-z-]+)/(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.dainikbangla.com.bd/{section}/{key}"
    national = ["https://www.dainikbangla.com.bd/national"]
    news_sitemaps = [NewsSitemap("https://www.dainikbangla.com.bd/sitemap.xml")]
    samples = {
        "https://www.dainikbangla.com.bd/national/50412": ("50412", "national"),
        "https://www.dainikbangla.com.bd/study-job/50133?fbclid=IwY": ("50133", "study-job"),
        "https://www.dainikbangla.com.bd/wholebd/61207/": ("61207", "wholebd"),
    }
    aliases = {
        "http://dainikbangla.com.bd/sports/50413/?utm_source=x": "https://www.dainikbangla.com.bd/sports/50413",
    }
    others = [
        "https://www.dainikbangla.com.bd/national",
        "https://www.dainikbangla.com.bd/allnews",
        "https://www.dainikbangla.com.bd/photo-gallery/1204",
        "https://www.dainikbangla.com.bd/topic/1204",
    ]
