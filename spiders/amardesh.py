"""আমার দেশ, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import NewsSitemap


class AmardeshSpider(NewsSpider):
    name = "amardesh"
    title = "আমার দেশ"
    english = "Amar Desh"
    kind = "daily"
    allowed_domains = ["dailyamardesh.com"]
    article = (
        r"^https?://(?:www\.)?dailyamardesh\.com/(?!(?:photo|video)[a-z-]*/)"
        r"(?P<path>(?P<section>[a-z][a-z0-9-]*)(?:/[a-z][a-z0-9-]*)*)/(?P<key>amd[a-z0-9]{10})(?:[/?#]|$)"
    )
    canonical = "https://www.dailyamardesh.com/{path}/{key}"
    container = ".story-details"
    date = "time[itemprop=datePublished]"
    national = ["https://www.dailyamardesh.com/national"]
    news_sitemaps = [NewsSitemap("https://www.dailyamardesh.com/news-sitemap.xml")]
    samples = {
        "https://www.dailyamardesh.com/national/amdy9iheyfypq": ("amdy9iheyfypq", "national"),
        "https://www.dailyamardesh.com/op-ed/sub-editorial/amd5lgi6skokx/": ("amd5lgi6skokx", "op-ed"),
        "https://www.dailyamardesh.com/education/campus/amd3us0ftgahx?utm_source=x": ("amd3us0ftgahx", "education"),
    }
    aliases = {
        "http://dailyamardesh.com/national/amdy9iheyfypq/?fbclid=IwY": (
            "https://www.dailyamardesh.com/national/amdy9iheyfypq"
        ),
    }
    others = [
        "https://www.dailyamardesh.com/national",
        "https://www.dailyamardesh.com/op-ed/sub-editorial",
        "https://www.dailyamardesh.com/api/stories?page=1&slug=national",
        "https://www.dailyamardesh.com/video/amdy9iheyfypq",
    ]
