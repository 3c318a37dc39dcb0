"""ঢাকা ট্রিবিউন বাংলা, portal, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Witter
from crawler.outlets.sources import Feed, NewsSitemap


class DhakatribuneBanglaSpider(Witter, NewsSpider):
    name = "dhakatribune_bangla"
    title = "ঢাকা ট্রিবিউন বাংলা"
    english = "Dhaka Tribune Bangla"
    kind = "portal"
    publisher = "2A Media"
    allowed_domains = ["bangla.dhakatribune.com"]
    # Until 2023 the day was before the number, which may be another article's today: it is part of the key.
    article = (
        r"^https?://bangla\.dhakatribune\.com/(?:amp/)?(?!(?:archive|author|photo|tag|topic|video)s?/)"
        r"(?P<path>(?:(?P<section>[a-z-]+)/(?:[a-z-]+/)*)?)"
        r"(?P<key>(?P<year>20\d\d)/(?P<month>\d\d)/(?P<day>\d\d)/\d+|\d{5,})(?:[/?#]|$)"
    )
    canonical = "https://bangla.dhakatribune.com/{path}{key}"
    headline = "h1[itemprop=headline]"
    byline = "a.name"
    national = ["https://bangla.dhakatribune.com/bangladesh"]
    feeds = [Feed("https://bangla.dhakatribune.com/feed/bangladesh", national=True)]
    news_sitemaps = [NewsSitemap("https://bangla.dhakatribune.com/news-sitemap.xml")]
    samples = {
        "https://bangla.dhakatribune.com/bangladesh/98417/নদীর-পানি-বাড়ছে": ("98417", "bangladesh"),
        "https://bangla.dhakatribune.com/sport/cricket/76204/%E0%A6%A8%E0%A6%A6": ("76204", "sport"),
        "https://bangla.dhakatribune.com/opinion/2021/03/12/32011": ("2021/03/12/32011", "opinion"),
        "https://bangla.dhakatribune.com/104411/": ("104411", None),
    }
    aliases = {
        "http://bangla.dhakatribune.com/education/98417/?ref=x": "https://bangla.dhakatribune.com/education/98417",
    }
    others = [
        "https://bangla.dhakatribune.com/bangladesh",
        "https://bangla.dhakatribune.com/feed/bangladesh",
        "https://bangla.dhakatribune.com/topic/12345",
        "https://www.dhakatribune.com/bangladesh/394000/a-river-rises",
    ]
