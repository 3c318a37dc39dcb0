"""ভোরের কাগজ, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import DesktopDetail
from crawler.outlets.sources import DailySitemap, Feed, NewsSitemap


class BhorerkagojSpider(DesktopDetail, NewsSpider):
    name = "bhorerkagoj"
    title = "ভোরের কাগজ"
    english = "Bhorer Kagoj"
    kind = "daily"
    allowed_domains = ["bhorerkagoj.com", "bhorerkagoj.net"]
    # The same site has two domains. Its older articles have the day and a slug (WordPress). In 2026 the certificate of
    # bhorerkagoj.com was broken: its addresses are http.
    article = (
        r"^https?://(?:www\.)?bhorerkagoj\.(?:com|net)/(?!(?:archive|author|photos?|tag|topic|videos?)/)"
        r"(?P<path>(?:online/|print-edition/)?(?P<year>20\d\d)/(?P<month>\d\d)/(?P<day>\d\d)"
        r"|(?P<section>[a-z-]+)(?:/[a-z-]+)*)"
        r"/(?P<key>(?(year)(?!(?:feed|page)(?:[/?#]|$))[^/?#]+|\d{5,}))(?:[/?#]|$)"
    )
    canonical = "http://www.bhorerkagoj.com/{path}/{key}"
    national = ["http://www.bhorerkagoj.com/national"]
    feeds = [Feed("http://www.bhorerkagoj.com/feed")]
    news_sitemaps = [NewsSitemap("https://www.bhorerkagoj.net/news_sitemap.xml")]
    days = [DailySitemap("http://www.bhorerkagoj.com/sitemap/sitemap-daily-{day:%Y-%m-%d}.xml", since="2017-10-03")]
    samples = {
        "http://www.bhorerkagoj.com/national/775042": ("775042", "national"),
        "https://www.bhorerkagoj.com/2021/06/22/নদ-নদী/": ("%E0%A6%A8%E0%A6%A6-%E0%A6%A8%E0%A6%A6%E0%A7%80", None),
        "https://www.bhorerkagoj.com/2021/06/22/%e0%a6%a8%e0%a6%a6/?fbclid=IwY": ("%E0%A6%A8%E0%A6%A6", None),
    }
    aliases = {
        "https://www.bhorerkagoj.net/economics/775043?ref=x": "http://www.bhorerkagoj.com/economics/775043",
    }
    others = [
        "http://www.bhorerkagoj.com/national",
        "http://www.bhorerkagoj.com/topic/নদী",
        "http://www.bhorerkagoj.com/photos/70412",
        "http://www.bhorerkagoj.com/2021/06/22/",
        "http://www.bhorerkagoj.com/2021/06/22/page/2/",
    ]
