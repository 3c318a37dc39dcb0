"""জনকণ্ঠ, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider


class JanakanthaSpider(NewsSpider):
    name = "janakantha"
    title = "জনকণ্ঠ"
    english = "Janakantha"
    kind = "daily"
    publisher = "Globe Janakantha Shilpa Paribar"
    allowed_domains = ["dailyjanakantha.com"]
    # Old addresses have no section, but a headline after the number.
    article = (
        r"^https?://(?:www\.)?dailyjanakantha\.com/"
        r"(?P<path>details/article|(?!photo|video)(?P<section>[a-z][a-z-]*)(?:/[a-z][a-z-]*)?/news)/"
        r"(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.dailyjanakantha.com/{path}/{key}"
    national = ["https://www.dailyjanakantha.com/national"]
    samples = {
        "https://www.dailyjanakantha.com/bangladesh/news/746001": ("746001", "bangladesh"),
        "https://www.dailyjanakantha.com/international/asia/news/744002/?ref=x": ("744002", "international"),
        "https://www.dailyjanakantha.com/details/article/438003/নদীর-পাড়ে-নতুন-হাট": ("438003", None),
    }
    aliases = {
        "http://dailyjanakantha.com/education/news/744004?fbclid=IwY": (
            "https://www.dailyjanakantha.com/education/news/744004"
        ),
        "https://www.dailyjanakantha.com/details/article/194005/%E0%A6%A8%E0%A6%A6": (
            "https://www.dailyjanakantha.com/details/article/194005"
        ),
    }
    others = [
        "https://www.dailyjanakantha.com/national/capital",
        "https://www.dailyjanakantha.com/archives/",
        "https://www.dailyjanakantha.com/rss.xml",
        "https://www.dailyjanakantha.com/video/news/746006",
    ]
