"""ইনকিলাব, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider


class InqilabSpider(NewsSpider):
    name = "inqilab"
    title = "ইনকিলাব"
    english = "Inqilab"
    kind = "daily"
    publisher = "Inqilab Enterprise and Publications"
    allowed_domains = ["dailyinqilab.com"]
    # Old addresses have no section, but a headline after the number.
    article = (
        r"^https?://(?:www\.|m\.)?dailyinqilab\.com/"
        r"(?P<path>(?:(?!photo|video)(?P<section>[a-z][a-z-]*)/)?(?:news|article))/(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://dailyinqilab.com/{path}/{key}"
    national = ["https://dailyinqilab.com/national"]
    samples = {
        "https://dailyinqilab.com/national/news/947001": ("947001", "national"),
        "https://dailyinqilab.com/editorial/article/893002/?ref=x": ("893002", "editorial"),
        "https://www.dailyinqilab.com/article/339003/নদীর-পাড়ে-নতুন-হাট": ("339003", None),
    }
    aliases = {
        "http://www.dailyinqilab.com/national/news/947004?fbclid=IwY": "https://dailyinqilab.com/national/news/947004",
        "https://m.dailyinqilab.com/article/364005/%E0%A6%A8%E0%A6%A6": "https://dailyinqilab.com/article/364005",
    }
    others = [
        "https://dailyinqilab.com/national",
        "https://dailyinqilab.com/archive",
        "https://dailyinqilab.com/news-sitemap.xml",
        "https://www.dailyinqilab.com/newscategory/national-news/",
    ]
