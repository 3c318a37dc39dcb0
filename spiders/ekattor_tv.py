"""একাত্তর টিভি, television channel, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Witter
from crawler.outlets.sources import NewsSitemap


class EkattorTvSpider(Witter, NewsSpider):
    name = "ekattor_tv"
    title = "একাত্তর টিভি"
    english = "Ekattor TV"
    kind = "channel"
    allowed_domains = ["ekattor.tv"]
    # Until 2023 the number was in the query.
    article = (
        r"^https?://(?:www\.)?ekattor\.tv/(?!(?:archive|author|photo|tag|topic|video)/)"
        r"(?P<path>news/article\?article_id=|(?P<section>[a-z-]+)/(?:[a-z-]+/)?)(?P<key>\d+)(?:[/?#&]|$)"
    )
    canonical = "https://ekattor.tv/{path}{key}"
    national = ["https://ekattor.tv/national"]
    news_sitemaps = [NewsSitemap("https://ekattor.tv/news-sitemap.xml")]
    samples = {
        "https://ekattor.tv/national/91207/নদীর-পানি-কমছে": ("91207", "national"),
        "https://ekattor.tv/international/51822/%E0%A6%A8%E0%A6%A6%E0%A7%80?ref=x": ("51822", "international"),
        "https://ekattor.tv/sports/cricket/90114/": ("90114", "sports"),
        "https://ekattor.tv/news/article?article_id=41877": ("41877", None),
    }
    aliases = {
        "http://www.ekattor.tv/politics/51444/নদী?fbclid=IwY": "https://ekattor.tv/politics/51444",
    }
    others = [
        "https://ekattor.tv/national",
        "https://ekattor.tv/latest-news",
        "https://www.ekattor.tv/live",
        "https://ekattor.tv/topic/1234",
        "https://ekattor.tv/archive/2024-07-12",
    ]
