"""ঢাকা মেইল, portal, Dhaka."""

from crawler.crawl.spider import NewsSpider


class DhakamailSpider(NewsSpider):
    name = "dhakamail"
    title = "ঢাকা মেইল"
    english = "Dhaka Mail"
    kind = "portal"
    allowed_domains = ["dhakamail.com"]
    article = (
        r"^https?://(?:www\.)?dhakamail\.com/(?!(?:archive|author|photo|tag|topic|video)/)"
        r"(?P<path>(?P<section>[a-z-]+)(?:/[a-z-]+)?)/(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://dhakamail.com/{path}/{key}"
    national = ["https://dhakamail.com/national"]
    samples = {
        "https://dhakamail.com/national/281234": ("281234", "national"),
        "https://dhakamail.com/country/122345?fbclid=IwY": ("122345", "country"),
        "https://dhakamail.com/sports/cricket/206001/": ("206001", "sports"),
    }
    aliases = {
        "http://www.dhakamail.com/education/206010/?utm_source=x": "https://dhakamail.com/education/206010",
    }
    others = [
        "https://dhakamail.com/national",
        "https://dhakamail.com/sports/cricket",
        "https://api.dhakamail.com/api/category/view/1/stories?page=1&size=10",
        "https://cdx.dhakamail.com/media/images/2026January/river_20260122_113456613.jpg",
    ]
