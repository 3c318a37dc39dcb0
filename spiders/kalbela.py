"""কালবেলা, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider


class KalbelaSpider(NewsSpider):
    name = "kalbela"
    title = "কালবেলা"
    english = "Kalbela"
    kind = "daily"
    allowed_domains = ["kalbela.com"]
    # The printed edition has ajkerpatrika before the section.
    article = (
        r"^https?://(?:www\.)?kalbela\.com/(?!(?:archive|author|photo|search|tag|topic|video)/)"
        r"(?P<path>(?:ajkerpatrika/)?(?P<section>[a-z-]+)(?:/[a-z-]+)*)/(?P<key>\d{5,7})(?:[/?#]|$)"
    )
    canonical = "https://www.kalbela.com/{path}/{key}"
    national = ["https://www.kalbela.com/national"]
    samples = {
        "https://www.kalbela.com/national/221234": ("221234", "national"),
        "https://www.kalbela.com/country-news/dhaka/301234?fbclid=IwY": ("301234", "country-news"),
        "https://www.kalbela.com/ajkerpatrika/khobor/26801": ("26801", "khobor"),
    }
    aliases = {
        "http://kalbela.com/politics/63101/?utm_source=x": "https://www.kalbela.com/politics/63101",
    }
    others = [
        "https://www.kalbela.com/country-news/dhaka",
        "https://www.kalbela.com/ajkerpatrika",
        "https://www.kalbela.com/author/some-one",
        "https://www.kalbela.com/search/google/?q=নদী",
        "https://www.kalbela.com/assets/news_photos/2025/11/24/image-221234.webp",
        "https://api.kalbela.com/news-list?cat_id=138&limit=3",
    ]
