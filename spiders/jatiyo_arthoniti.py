"""জাতীয় অর্থনীতি, portal, Dhaka."""

from crawler.crawl.spider import NewsSpider


class JatiyoArthonitiSpider(NewsSpider):
    name = "jatiyo_arthoniti"
    title = "জাতীয় অর্থনীতি"
    english = "Jatiyo Arthoniti"
    kind = "portal"
    allowed_domains = ["jatiyoarthoniti.com"]
    article = (
        r"^https?://(?:www\.)?jatiyoarthoniti\.com/"
        r"(?P<year>20\d\d)/(?P<month>\d\d)/(?P<day>\d\d)/(?P<key>[^/?#]+)/?(?:[?#]|$)"
    )
    canonical = "https://jatiyoarthoniti.com/{year}/{month}/{day}/{key}"
    # No page of national news is known.
    national = ["https://jatiyoarthoniti.com/"]
    row_date = "time[datetime]"
    samples = {
        "https://jatiyoarthoniti.com/2026/05/13/nodeer-dhare-bajar": ("nodeer-dhare-bajar", None),
        "https://jatiyoarthoniti.com/2026/04/05/dhaner-dam-bareche/?fbclid=IwY": ("dhaner-dam-bareche", None),
    }
    aliases = {
        "http://www.jatiyoarthoniti.com/2026/05/13/nodeer-dhare-bajar/?utm_source=x": (
            "https://jatiyoarthoniti.com/2026/05/13/nodeer-dhare-bajar"
        ),
    }
    others = [
        "https://jatiyoarthoniti.com/category/opinion-and-editorial",
        "https://jatiyoarthoniti.com/2026/05/13/",
        "https://jatiyoarthoniti.com/uploads/2026/05/river.webp?v=1778353326",
    ]
