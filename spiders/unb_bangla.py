"""ইউএনবি, the Bengali service of the news agency UNB, Dhaka."""

from crawler.crawl.spider import NewsSpider


class UnbBanglaSpider(NewsSpider):
    name = "unb_bangla"
    title = "ইউএনবি"
    english = "UNB Bangla"
    kind = "agency"
    publisher = "Cosmos Group"
    allowed_domains = ["unb.com.bd"]
    article = r"^https?://(?:www\.)?unb\.com\.bd/bangla/category/(?P<section>[^/?#]+)/[^/?#]+/(?P<key>\d+)(?:[/?#]|$)"
    container = "div.news-article-text-block"
    national = ["https://unb.com.bd/bangla/category/বাংলাদেশ"]
    samples = {
        "https://unb.com.bd/bangla/category/বাংলাদেশ/নদীর-পানি-কমছে/114021": ("114021", "বাংলাদেশ"),
        "https://unb.com.bd/bangla/category/%E0%A6%96%E0%A7%87%E0%A6%B2%E0%A6%BE/%E0%A6%9C%E0%A7%9F/22410/": (
            "22410",
            "%E0%A6%96%E0%A7%87%E0%A6%B2%E0%A6%BE",
        ),
    }
    aliases = {
        "https://unb.com.bd/bangla/category/খেলা/ক/22410?fbclid=IwY": "https://unb.com.bd/bangla/category/খেলা/ক/22410",
    }
    others = [
        "https://unb.com.bd/bangla/category/বাংলাদেশ",
        "https://unb.com.bd/bangla/category/7/বিজ্ঞান-ও-প্রযুক্তি",
        "https://unb.com.bd/bangla/subcategory/14/ক্রিকেট",
        "https://unb.com.bd/category/Bangladesh/the-river-falls/114021",
    ]
