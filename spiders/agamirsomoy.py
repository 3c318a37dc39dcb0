"""আগামীর সময়, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider

# Section words that look like an article's key.
SECTIONS = "architecture|brahmanbaria|infographics|khagrachhari|photogallery"


class AgamirsomoySpider(NewsSpider):
    name = "agamirsomoy"
    title = "আগামীর সময়"
    english = "Agamir Somoy"
    kind = "daily"
    allowed_domains = ["agamirsomoy.com"]
    article = (
        r"^https?://(?:www\.)?agamirsomoy\.com/(?!(?:api|author|en|tag|topic|(?:photo|video)[a-z-]*)/)"
        r"(?P<path>(?P<section>[A-Za-z][\w-]*)(?:/[A-Za-z][\w-]*)*)/"
        rf"(?P<key>(?!{SECTIONS})[a-z0-9]{{12}})(?:[/?#]|$)"
    )
    canonical = "https://www.agamirsomoy.com/{path}/{key}"
    national = ["https://www.agamirsomoy.com/national"]
    samples = {
        "https://www.agamirsomoy.com/national/anptcd5aubqx": ("anptcd5aubqx", "national"),
        "https://www.agamirsomoy.com/entertainment/xyc0bvnfgwux/?utm_source=x": ("xyc0bvnfgwux", "entertainment"),
        "https://www.agamirsomoy.com/feature/science-technology/9mpcij1jacmx": ("9mpcij1jacmx", "feature"),
    }
    aliases = {
        "http://agamirsomoy.com/lifestyle/9mpcij1jacmx/?fbclid=IwY": (
            "https://www.agamirsomoy.com/lifestyle/9mpcij1jacmx"
        ),
    }
    others = [
        "https://www.agamirsomoy.com/national",
        "https://www.agamirsomoy.com/bangladesh/brahmanbaria",
        "https://www.agamirsomoy.com/feature/science-technology",
        "https://www.agamirsomoy.com/en/bangladesh/education/hcjyisxy2nsx",
    ]
