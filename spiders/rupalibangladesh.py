"""রূপালী বাংলাদেশ, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider


class RupalibangladeshSpider(NewsSpider):
    name = "rupalibangladesh"
    title = "রূপালী বাংলাদেশ"
    english = "Rupali Bangladesh"
    kind = "daily"
    allowed_domains = ["rupalibangladesh.com"]
    # The printed edition has ajkerpatrika before the section.
    article = (
        r"^https?://(?:www\.)?rupalibangladesh\.com/(?!(?:archive|author|photo|tag|topic|video)/)"
        r"(?P<path>(?:ajkerpatrika/)?(?P<section>[a-z-]+)(?:/[a-z-]+)*)/(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.rupalibangladesh.com/{path}/{key}"
    national = ["https://www.rupalibangladesh.com/national-news"]
    samples = {
        "https://www.rupalibangladesh.com/national-news/news/161234": ("161234", "national-news"),
        "https://www.rupalibangladesh.com/entertainment-news/dhallywood/112345": ("112345", "entertainment-news"),
        "https://www.rupalibangladesh.com/ajkerpatrika/opinion/123456?utm_source=x": ("123456", "opinion"),
    }
    aliases = {
        "http://rupalibangladesh.com/sports-news/cricket/161235/?fbclid=IwY": (
            "https://www.rupalibangladesh.com/sports-news/cricket/161235"
        ),
    }
    others = [
        "https://www.rupalibangladesh.com/latest-news",
        "https://www.rupalibangladesh.com/national-news",
        "https://www.rupalibangladesh.com/ajkerpatrika/opinion",
        "https://epaper.rupalibangladesh.com/",
    ]
