"""নয়া দিগন্ত, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import DailySitemap


class NayadigantaSpider(NewsSpider):
    name = "nayadiganta"
    title = "নয়া দিগন্ত"
    english = "Naya Diganta"
    kind = "daily"
    publisher = "Diganta Media Corporation"
    allowed_domains = ["dailynayadiganta.com"]
    # Since 2026 an article is a numbered post; before, its key had capitals or digits, unlike the slug of a section.
    article = (
        r"^https?://(?:www\.)?dailynayadiganta\.com/"
        r"(?P<path>(?P<post>post/)?(?!photo|video)(?P<section>[a-z][a-z-]*)(?:/[a-z][a-z-]*)*)/"
        r"(?P<key>(?(post)\d+|(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{12}))(?:[/?#]|$)"
    )
    canonical = "https://www.dailynayadiganta.com/{path}/{key}"
    container = "article.pd-body, .news-content"
    date = ".pd-byline-row time"
    national = ["https://www.dailynayadiganta.com/category/national/2"]
    days = [DailySitemap("https://www.dailynayadiganta.com/sitemap/{day:%Y-%m-%d}.xml")]
    samples = {
        "https://www.dailynayadiganta.com/post/country/1056001": ("1056001", "country"),
        "https://dailynayadiganta.com/opinions/sub-editorial/nqQvDKhe6oVa/": ("nqQvDKhe6oVa", "opinions"),
        "https://dailynayadiganta.com/bangladesh/5BiXDZWi26Na?ref=x": ("5BiXDZWi26Na", "bangladesh"),
    }
    aliases = {
        "http://dailynayadiganta.com/post/national/1056002/?fbclid=IwY": (
            "https://www.dailynayadiganta.com/post/national/1056002"
        ),
        "https://dailynayadiganta.com/sports/cricket/Ab3dEfGhIjK4/": (
            "https://www.dailynayadiganta.com/sports/cricket/Ab3dEfGhIjK4"
        ),
    }
    others = [
        "https://www.dailynayadiganta.com/category/national/2",
        "https://dailynayadiganta.com/bangladesh/education-campus",
        "https://dailynayadiganta.com/bangladesh/brahmanbaria",
        "https://www.dailynayadiganta.com/latest",
        "https://www.dailynayadiganta.com/video",
    ]
