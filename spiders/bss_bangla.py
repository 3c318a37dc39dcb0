"""বাসস, the Bengali service of the state news agency BSS, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import NewsSitemap


class BssBanglaSpider(NewsSpider):
    name = "bss_bangla"
    title = "বাসস"
    english = "BSS Bangla"
    kind = "agency"
    allowed_domains = ["bssnews.net"]
    # The English service has the same addresses without /bangla/.
    article = (
        r"^https?://(?:www\.)?bssnews\.net/(?P<path>bangla/(?P<section>[^/?#]+)/(?:[a-z-]+/)?)(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.bssnews.net/{path}{key}"
    national = ["https://www.bssnews.net/bangla/national"]
    news_sitemaps = [NewsSitemap("https://www.bssnews.net/bangla/sitemap.xml")]
    samples = {
        "https://www.bssnews.net/bangla/national/181234": ("181234", "national"),
        "https://www.bssnews.net/bangla/news-flash/340217/?fbclid=IwY": ("340217", "news-flash"),
        "https://www.bssnews.net/bangla/national/education/291035": ("291035", "national"),
    }
    aliases = {
        "http://bssnews.net/bangla/sports/20311?utm_source=x": "https://www.bssnews.net/bangla/sports/20311",
    }
    others = [
        "https://www.bssnews.net/bangla/national",
        "https://www.bssnews.net/bangla/national/education",
        "https://www.bssnews.net/bangla/assets/news_photos/2024/07/06/image-1-2.jpg",
        "https://www.bssnews.net/news/181234",
    ]
