"""বাংলাভিশন, television channel, Dhaka."""

from crawler.crawl.spider import NewsSpider


class BanglavisionSpider(NewsSpider):
    name = "banglavision"
    title = "বাংলাভিশন"
    english = "Banglavision"
    kind = "channel"
    publisher = "Shamol Bangla Media"
    allowed_domains = ["bvnews24.com"]
    article = r"^https?://(?:www\.)?bvnews24\.com/(?P<section>[a-z-]+)/news/(?P<key>\d+)(?:[/?#]|$)"
    canonical = "https://www.bvnews24.com/{section}/news/{key}"
    national = ["https://www.bvnews24.com/category/national"]
    samples = {
        "https://www.bvnews24.com/sohor-nogor/news/198011": ("198011", "sohor-nogor"),
        "https://www.bvnews24.com/national/news/198012/?fbclid=IwY": ("198012", "national"),
    }
    aliases = {
        "http://bvnews24.com/sports/news/5?utm_source=x": "https://www.bvnews24.com/sports/news/5",
    }
    others = [
        "https://www.bvnews24.com/category/national",
        "https://www.bvnews24.com/live/",
        "https://www.bvnews24.com/media/imgAll/2022November/1.jpg",
    ]
