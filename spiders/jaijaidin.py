"""যায়যায়দিন, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider


class JaijaidinSpider(NewsSpider):
    name = "jaijaidin"
    title = "যায়যায়দিন"
    english = "Jaijaidin"
    kind = "daily"
    allowed_domains = ["jaijaidinbd.com"]
    # Articles of the printed edition are in /todays-paper/, before their section.
    article = (
        r"^https?://(?:www\.)?jaijaidinbd\.com/(?!(?:archive|photo|video)[a-z-]*/)"
        r"(?P<path>(?:todays-paper/)?(?P<section>[a-z-]+)(?:/[a-z-]+)*)/(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.jaijaidinbd.com/{path}/{key}"
    national = ["https://www.jaijaidinbd.com/national"]
    samples = {
        "https://www.jaijaidinbd.com/national/154321": ("154321", "national"),
        "https://www.jaijaidinbd.com/national/154321/%E0%A6%A8%E0%A6%A6%E0%A7%80--%E0%A6%93": ("154321", "national"),
        "https://www.jaijaidinbd.com/wholecountry/dhaka/164321/নদী-ও?x=1": ("164321", "wholecountry"),
        "https://www.jaijaidinbd.com/todays-paper/entertainment/187654/a-song/print": ("187654", "entertainment"),
    }
    aliases = {
        "http://jaijaidinbd.com/todays-paper/sports/187654/a-match/print": (
            "https://www.jaijaidinbd.com/todays-paper/sports/187654"
        ),
    }
    others = [
        "https://www.jaijaidinbd.com/national",
        "https://www.jaijaidinbd.com/wholecountry/dhaka",
        "https://www.jaijaidinbd.com/todays-paper/sports",
        "https://www.jaijaidinbd.com/all-news",
    ]
