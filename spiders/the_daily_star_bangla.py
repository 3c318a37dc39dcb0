"""দ্য ডেইলি স্টার বাংলা, the Bengali edition of a daily, Dhaka."""

from crawler.crawl.spider import NewsSpider


class TheDailyStarBanglaSpider(NewsSpider):
    name = "the_daily_star_bangla"
    title = "দ্য ডেইলি স্টার বাংলা"
    english = "The Daily Star Bangla"
    kind = "daily"
    publisher = "Mediaworld"
    verified = "2026-09"
    allowed_domains = ["bangla.thedailystar.net"]
    article = (
        r"^https?://bangla\.thedailystar\.net/"
        r"(?P<path>(?:news/)?(?:(?P<section>[a-z-]+)/)?(?:[a-z-]+/)*)news-(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://bangla.thedailystar.net/{path}news-{key}"
    national = ["https://bangla.thedailystar.net/news/bangladesh"]
    samples = {
        "https://bangla.thedailystar.net/news/bangladesh/news-462401": ("462401", "bangladesh"),
        "https://bangla.thedailystar.net/news/bangladesh/politics/news-3900001?fbclid=IwY": ("3900001", "bangladesh"),
        "https://bangla.thedailystar.net/life-living/food-recipe/news-3906901/": ("3906901", "life-living"),
        "https://bangla.thedailystar.net/news-700101": ("700101", None),
    }
    aliases = {
        "http://bangla.thedailystar.net/international/news-700101?utm_source=x": (
            "https://bangla.thedailystar.net/international/news-700101"
        ),
    }
    others = [
        "https://bangla.thedailystar.net/todays-news",
        "https://bangla.thedailystar.net/news/bangladesh?page=1",
        "https://bangla.thedailystar.net/author/some-one",
        "https://bangla.thedailystar.net/sites/all/themes/sloth/logo-bn.png",
        "https://www.thedailystar.net/news/bangladesh/news/river-3471001",
    ]
