"""আলোকিত বাংলাদেশ, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import Feed, NewsSitemap


class AlokitobangladeshSpider(NewsSpider):
    name = "alokitobangladesh"
    title = "আলোকিত বাংলাদেশ"
    english = "Alokito Bangladesh"
    kind = "daily"
    allowed_domains = ["alokitobangladesh.com"]
    article = (
        r"^https?://(?:www\.)?alokitobangladesh\.com/(?!(?:archive|author|photo[a-z-]*|tag|topic|video[a-z-]*)/)"
        r"(?P<path>(?:print-edition/)?(?P<section>[a-z-]+)(?:/[a-z-]+)*)/(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.alokitobangladesh.com/{path}/{key}/"
    national = ["https://www.alokitobangladesh.com/national"]
    feeds = [Feed("https://www.alokitobangladesh.com/rss/rss.xml")]
    news_sitemaps = [NewsSitemap("https://www.alokitobangladesh.com/news-sitemap.xml")]
    samples = {
        "https://www.alokitobangladesh.com/national/347012/": ("347012", "national"),
        "https://www.alokitobangladesh.com/print-edition/last-page/68014/নদীর-পানি-বাড়ছে": ("68014", "last-page"),
        "https://www.alokitobangladesh.com/interrnational/asia/301442?utm_source=x": ("301442", "interrnational"),
    }
    aliases = {
        "http://alokitobangladesh.com/country-news/347013?fbclid=IwY": (
            "https://www.alokitobangladesh.com/country-news/347013/"
        ),
    }
    others = [
        "https://www.alokitobangladesh.com/national",
        "https://www.alokitobangladesh.com/national?page=2",
        "https://www.alokitobangladesh.com/all-news",
        "https://www.alokitobangladesh.com/print-edition/last-page",
        "https://www.alokitobangladesh.com/video-gallery/1204",
    ]
