"""সময়ের আলো, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider


class ShomoyeraloSpider(NewsSpider):
    name = "shomoyeralo"
    title = "সময়ের আলো"
    english = "Shomoyer Alo"
    kind = "daily"
    allowed_domains = ["shomoyeralo.com"]
    article = (
        r"^https?://(?:www\.)?shomoyeralo\.com/"
        r"(?P<page>(?:news|details)/|details\.php\?id=)(?P<key>\d+)(?:[/?#&]|$)"
    )
    canonical = "https://www.shomoyeralo.com/{page}{key}"
    # Sections have numbers.
    national = ["https://www.shomoyeralo.com/menu/102"]
    samples = {
        "https://www.shomoyeralo.com/news/320015": ("320015", None),
        "https://www.shomoyeralo.com/news/320015/নদীর-পানি-বাড়ছে": ("320015", None),
        "https://www.shomoyeralo.com/details.php?id=148512": ("148512", None),
    }
    aliases = {
        "http://shomoyeralo.com/news/320015/?utm_source=x": "https://www.shomoyeralo.com/news/320015",
        "http://www.shomoyeralo.com/details.php?id=5&fbclid=IwY": "https://www.shomoyeralo.com/details.php?id=5",
    }
    others = [
        "https://www.shomoyeralo.com/menu/102",
        "https://www.shomoyeralo.com/archive.php?date=2020-04-06",
        "https://epaper.shomoyeralo.com/news/320015",
    ]
