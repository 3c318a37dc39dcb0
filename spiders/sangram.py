"""দৈনিক সংগ্রাম, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider


class SangramSpider(NewsSpider):
    name = "sangram"
    title = "দৈনিক সংগ্রাম"
    english = "Daily Sangram"
    kind = "daily"
    publisher = "Bangladesh Publications"
    allowed_domains = ["dailysangram.com"]
    # A key has capitals or digits, unlike the slug of a section. Before, an article was a numbered post.
    article = (
        r"^https?://(?:www\.)?dailysangram\.com/"
        r"(?P<path>(?P<post>post)|(?!photo|video)(?P<section>[a-z][\w-]*)(?:/[a-z][\w-]*)*)/"
        r"(?P<key>(?(post)\d+(?=-|[/?#]|$)|(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{12}(?=[/?#]|$)))"
    )
    canonical = "https://dailysangram.com/{path}/{key}/"
    national = ["https://dailysangram.com/bangladesh/national"]
    samples = {
        "https://dailysangram.com/bangladesh/country-news/LcIavAbAls3x/": ("LcIavAbAls3x", "bangladesh"),
        "https://dailysangram.com/international/4Lt2CzeWSQXb?utm_source=x": ("4Lt2CzeWSQXb", "international"),
        "https://dailysangram.com/post/472001-নদীর-পাড়ে-নতুন-হাট": ("472001", None),
    }
    aliases = {
        "http://www.dailysangram.com/opinion/column/KgfVnXEFN8va": (
            "https://dailysangram.com/opinion/column/KgfVnXEFN8va/"
        ),
        "http://www.dailysangram.com/post/28001-%E0%A6%A8%E0%A6%A6": "https://dailysangram.com/post/28001/",
    }
    others = [
        "https://dailysangram.com/bangladesh/national",
        "https://dailysangram.com/bangladesh/brahmanbaria/",
        "https://dailysangram.com/latest/",
        "https://dailysangram.com/video/LcIavAbAls3x/",
    ]
