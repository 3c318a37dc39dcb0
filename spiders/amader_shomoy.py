"""দৈনিক আমাদের সময়, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider


class AmaderShomoySpider(NewsSpider):
    name = "amader_shomoy"
    title = "দৈনিক আমাদের সময়"
    english = "Dainik Amader Shomoy"
    kind = "daily"
    allowed_domains = ["dainikamadershomoy.com"]
    # Old articles have a decimal number, after post/ or after the section of the printed edition.
    article = (
        r"^https?://(?:www\.)?dainikamadershomoy\.com/"
        r"(?P<path>(?:details|news)(?=/[0-9a-f]{12,14}(?:[/?#]|$))|post|todays-paper/(?P<section>[a-z-]+))/"
        r"(?P<key>[0-9a-f]{12,14}|\d{4,7})(?:[/?#]|$)"
    )
    canonical = "https://www.dainikamadershomoy.com/{path}/{key}"
    national = ["https://www.dainikamadershomoy.com/category/all/national"]
    samples = {
        "https://www.dainikamadershomoy.com/details/019acb92a0f1": ("019acb92a0f1", None),
        "https://www.dainikamadershomoy.com/news/019fe816b3a01?fbclid=IwY": ("019fe816b3a01", None),
        "https://www.dainikamadershomoy.com/post/341234/": ("341234", None),
        "http://dainikamadershomoy.com/todays-paper/editorial/141234": ("141234", "editorial"),
    }
    aliases = {
        "http://dainikamadershomoy.com/details/019acb92a0f1/?utm_source=x": (
            "https://www.dainikamadershomoy.com/details/019acb92a0f1"
        ),
    }
    others = [
        "https://www.dainikamadershomoy.com/category/all/national",
        "https://www.dainikamadershomoy.com/archive/all/20",
        "https://www.dainikamadershomoy.com/paper/more-news/2020-12-26",
        "https://www.dainikamadershomoy.com/todays-paper/editorial",
        "https://epaper.dainikamadershomoy.com/",
    ]
