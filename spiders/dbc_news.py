"""ডিবিসি নিউজ, television channel, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Emythmakers


class DbcNewsSpider(Emythmakers, NewsSpider):
    name = "dbc_news"
    title = "ডিবিসি নিউজ"
    english = "DBC News"
    kind = "channel"
    publisher = "Dhaka Bangla Media and Communication"
    allowed_domains = ["dbcnews.tv"]
    # After /articles/ the headline is the key. Addresses with a section have a number.
    article = (
        r"^https?://(?:www\.)?dbcnews\.tv/(?!(?:author|photo|tag|topic|video)/)"
        r"(?:articles/(?=[^/?#]*-)|(?P<section>(?!articles/)[a-z-]+)/(?:[a-z-]+/)?(?=\d+(?:[/?#]|$)))"
        r"(?P<key>[^/?#]+)(?:[/?#]|$)"
    )
    national = ["https://dbcnews.tv/national"]
    samples = {
        "https://dbcnews.tv/articles/নদী-ভাঙন": (
            "%E0%A6%A8%E0%A6%A6%E0%A7%80-%E0%A6%AD%E0%A6%BE%E0%A6%99%E0%A6%A8",
            None,
        ),
        "https://dbcnews.tv/articles/%E0%A6%A8%E0%A6%A6%E0%A7%80-%E0%A7%A7": (
            "%E0%A6%A8%E0%A6%A6%E0%A7%80-%E0%A7%A7",
            None,
        ),
        "https://dbcnews.tv/national/123456/নদী-ভাঙন": ("123456", "national"),
        "https://dbcnews.tv/sports/cricket/123457/?ref=x": ("123457", "sports"),
    }
    aliases = {
        "https://dbcnews.tv/articles/নদী-ভাঙন?fbclid=IwY#c": "https://dbcnews.tv/articles/নদী-ভাঙন",
    }
    others = [
        "https://dbcnews.tv/national",
        "https://dbcnews.tv/district-news",
        "https://dbcnews.tv/রাজধানী",
        "https://dbcnews.tv/live",
        "https://dbcnews.tv/api/articles?per-page=15",
    ]
