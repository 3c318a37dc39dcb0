"""আমাদের সময়.কম, portal, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import NewsSitemap


class AmadershomoyComSpider(NewsSpider):
    name = "amadershomoy_com"
    title = "আমাদের সময়.কম"
    english = "AmaderShomoy.com"
    kind = "portal"
    allowed_domains = ["amadershomoy.com"]
    # In 2022 the numbers started again: the key of an older article is its whole path.
    article = (
        r"^https?://(?:www\.)?amadershomoy\.com/(?:(?P<section>[\w-]+)/(?:[\w-]+/)*?article/)?"
        r"(?P<key>(?<=/article/)\d+(?=[/?#]|$)"
        r"|bn/(?P<year>20\d\d)/(?P<month>\d\d)/(?P<day>\d\d)/\d+(?=\.aspx?(?:[?#]|$)))"
    )
    national = ["https://www.amadershomoy.com/national"]
    news_sitemaps = [NewsSitemap("https://www.amadershomoy.com/sitemap.xml")]
    samples = {
        "https://www.amadershomoy.com/national/article/110042/নদীর-পানি-বাড়ছে": ("110042", "national"),
        "https://www.amadershomoy.com/country/article/24711/%e0%a6%a8%e0%a6%a6?fbclid=IwY": ("24711", "country"),
        "https://www.amadershomoy.com/bn/2021/06/23/1395012.asp": ("bn/2021/06/23/1395012", None),
    }
    aliases = {
        "https://www.amadershomoy.com/country/article/24711/%e0%a6%a8?utm_source=x#c": (
            "https://www.amadershomoy.com/country/article/24711/%e0%a6%a8"
        ),
    }
    others = [
        "https://www.amadershomoy.com/national",
        "https://www.amadershomoy.com/sitemap.xml",
        "https://dainikamadershomoy.com/news/article/110042/x",
    ]
