"""খবরের কাগজ, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider


class KhaborerkagojSpider(NewsSpider):
    name = "khaborerkagoj"
    title = "খবরের কাগজ"
    english = "Khaborer Kagoj"
    kind = "daily"
    allowed_domains = ["khaborerkagoj.com"]
    article = (
        r"^https?://(?:www\.)?khaborerkagoj\.com/(?!(?:archive|author|home|photo|tag|topic|video)/)"
        r"(?P<path>(?P<section>[a-z-]+)(?:/[a-z-]+)?)/(?P<key>\d{6,})(?:[/?#]|$)"
    )
    canonical = "https://www.khaborerkagoj.com/{path}/{key}"
    national = ["https://www.khaborerkagoj.com/national"]
    samples = {
        "https://www.khaborerkagoj.com/national/912345": ("912345", "national"),
        "https://www.khaborerkagoj.com/country/dhaka/812346/": ("812346", "country"),
        "https://www.khaborerkagoj.com/teenage-plus/812347?fbclid=IwY": ("812347", "teenage-plus"),
    }
    aliases = {
        "http://khaborerkagoj.com/opinion/912348/?utm_source=x": "https://www.khaborerkagoj.com/opinion/912348",
    }
    others = [
        "https://www.khaborerkagoj.com/national",
        "https://www.khaborerkagoj.com/country/dhaka",
        "https://www.khaborerkagoj.com/home/hitcount/912345",
        "https://www.khaborerkagoj.com/uploads/2026/05/11/river-1778498104.jpg",
        "https://epaper.khaborerkagoj.com/",
    ]
