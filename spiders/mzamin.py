"""মানবজমিন, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider


class MzaminSpider(NewsSpider):
    name = "mzamin"
    title = "মানবজমিন"
    english = "Manab Zamin"
    kind = "daily"
    allowed_domains = ["mzamin.com"]
    # The numbers began again with each of the three systems, so the key has the system's word.
    article = (
        r"^https?://(?:www\.)?mzamin\.com/"
        r"(?P<key>(?:article/|news\.php\?news=|article\.php\?mzamin=)\d+)(?:[/?#&]|$)"
    )
    canonical = "https://mzamin.com/{key}"
    headline = "h1.lh-base.fs-1"
    national = ["https://mzamin.com/category/জাতীয়"]
    samples = {
        "https://www.mzamin.com/article/18001/নদীর-পাড়ে-নতুন-হাট": ("article/18001", None),
        "https://mzamin.com/news.php?news=140002": ("news.php?news=140002", None),
        "http://www.mzamin.com/article.php?mzamin=178003&fbclid=IwY": ("article.php?mzamin=178003", None),
    }
    aliases = {
        "http://www.mzamin.com/article/18004/%E0%A6%A8%E0%A6%A6?utm_source=x": "https://mzamin.com/article/18004",
        "https://www.mzamin.com/news.php?news=140005&ref=x#c": "https://mzamin.com/news.php?news=140005",
    }
    others = [
        "https://mzamin.com/category/খেলা",
        "https://mzamin.com/category.php?cat=4",
        "https://www.mzamin.com/archive",
        "https://mzamin.com/news.php",
    ]
