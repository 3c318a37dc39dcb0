"""ভয়েস অব আমেরিকা বাংলা, the Bengali service of the Voice of America, Washington. It stopped in 2025."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import Feed, NewsSitemap


class VoaBanglaSpider(NewsSpider):
    name = "voa_bangla"
    title = "ভয়েস অব আমেরিকা বাংলা"
    english = "VOA Bangla"
    country = "US"
    kind = "service"
    publisher = "U.S. Agency for Global Media"
    allowed_domains = ["voabangla.com"]
    article = r"^https?://(?:www\.)?voabangla\.com/(?:a|amp)/(?:[^/?#]+/)?(?P<key>\d+)\.html(?:[?#]|$)"
    canonical = "https://www.voabangla.com/a/{key}.html"
    # The number of the page of Bangladesh is not known.
    national = ["https://www.voabangla.com/"]
    feeds = [
        Feed("https://www.voabangla.com/api/zk_pvemovym", national=True),
        Feed("https://www.voabangla.com/api/z_yqyes$i_"),
        Feed("https://www.voabangla.com/api/zmoqiyrppv"),
    ]
    news_sitemaps = [NewsSitemap("https://www.voabangla.com/sitemap.xml")]
    samples = {
        "https://www.voabangla.com/a/village-by-the-river/5518001.html?fbclid=IwY": ("5518001", None),
        "https://www.voabangla.com/a/7812345.html": ("7812345", None),
        "https://www.voabangla.com/amp/village-by-the-river/1891001.html": ("1891001", None),
    }
    aliases = {
        "http://voabangla.com/a/river-14mar16/3236001.html": "https://www.voabangla.com/a/3236001.html",
        "https://voabangla.com/amp/4476001.html": "https://www.voabangla.com/a/4476001.html",
    }
    others = [
        "https://www.voabangla.com/z/2890",
        "https://www.voabangla.com/p/5384.html",
        "https://www.voabangla.com/api/zk_pvemovym",
        "https://www.voabangla.com/search/নদী",
    ]
