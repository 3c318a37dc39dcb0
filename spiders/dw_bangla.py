"""ডয়চে ভেলে বাংলা, the Bengali service of Deutsche Welle, Bonn."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import Feed


class DwBanglaSpider(NewsSpider):
    name = "dw_bangla"
    title = "ডয়চে ভেলে বাংলা"
    english = "DW Bangla"
    country = "DE"
    kind = "service"
    publisher = "Deutsche Welle"
    allowed_domains = ["dw.com"]
    # a- is an article; av-, g- and video- are recordings and galleries, s- is a section.
    article = r"^https?://(?:(?:www|m|amp)\.)?dw\.com/bn/(?P<slug>[^/?#]+)/a-(?P<key>\d+)(?:[/?#]|$)"
    canonical = "https://www.dw.com/bn/{slug}/a-{key}"
    # The number of the page of Bangladesh is not known.
    national = ["https://www.dw.com/bn/%E0%A6%AC%E0%A6%BF%E0%A6%B7%E0%A7%9F/s-11929"]
    feeds = [Feed("https://rss.dw.com/rdf/rss-ben-all")]
    samples = {
        "https://www.dw.com/bn/%E0%A6%A8%E0%A6%A6%E0%A7%80/a-68000001": ("68000001", None),
        "https://www.dw.com/bn/নদীর-ধারে-গ্রাম/a-16000001?maca=ben-rss": ("16000001", None),
    }
    aliases = {
        "http://dw.com/bn/নদীর-ধারে-গ্রাম/a-16000001/": "https://www.dw.com/bn/নদীর-ধারে-গ্রাম/a-16000001",
        "https://amp.dw.com/bn/নদীর-ধারে-গ্রাম/a-16000001?maca=x": "https://www.dw.com/bn/নদীর-ধারে-গ্রাম/a-16000001",
    }
    others = [
        "https://www.dw.com/bn/মিডিয়া-সেন্টার/মাল্টিমিডিয়া/s-100913?filter=নদী",
        "https://www.dw.com/bn/নদীর-ধারে/video-44000001",
        "https://www.dw.com/bn/নদীর-ছবি/g-44000002",
        "https://www.dw.com/hi/नदी/a-68000001",
        "https://www.dw.com/en/the-river/a-68000001",
    ]
