"""সংবাদ প্রতিদিন, daily, Kolkata."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Wordpress
from crawler.outlets.sources import Feed


class SangbadpratidinSpider(Wordpress, NewsSpider):
    name = "sangbadpratidin"
    title = "সংবাদ প্রতিদিন"
    english = "Sangbad Pratidin"
    country = "IN"
    kind = "daily"
    allowed_domains = ["sangbadpratidin.in"]
    # Articles have no number: a slug of four words or more distinguishes them from subsections.
    article = (
        r"^https?://(?:www\.)?sangbadpratidin\.in/(?!(?:author|category|page|photo|tag|video|wp)[a-z-]*/)"
        r"(?P<section>[a-z-]+)/(?:[a-z-]+/)*(?P<key>[^/?#-]+(?:-+[^/?#-]+){3,})/?(?:[?#]|$)"
    )
    national = ["https://www.sangbadpratidin.in/india/", "https://www.sangbadpratidin.in/category/bengal/"]
    feeds = [Feed("https://www.sangbadpratidin.in/feed/")]
    national_sections = ["bengal", "india"]
    samples = {
        "https://www.sangbadpratidin.in/india/a-train-is-late-in-assam/": ("a-train-is-late-in-assam", "india"),
        "https://www.sangbadpratidin.in/lifestyle/tech/five-telephones-of-2025?x=1": (
            "five-telephones-of-2025",
            "lifestyle",
        ),
        "http://sangbadpratidin.in/bengal/rain-stops-a-ferry-again": ("rain-stops-a-ferry-again", "bengal"),
    }
    aliases = {
        "https://www.sangbadpratidin.in/kolkata/a-bridge-is-closed/?fbclid=IwY": (
            "https://www.sangbadpratidin.in/kolkata/a-bridge-is-closed/"
        ),
    }
    others = [
        "https://www.sangbadpratidin.in/kolkata/",
        "https://www.sangbadpratidin.in/lifestyle/tech/",
        "https://www.sangbadpratidin.in/category/bengal/page/2",
        "https://www.sangbadpratidin.in/tag/a-train-is-late/",
        "https://epaper.sangbadpratidin.in/epaper/edition/1/sangbad-pratidin",
    ]
