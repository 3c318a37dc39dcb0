"""সারাবাংলা, portal, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Wordpress
from crawler.outlets.sources import Feed, WordPress


class SarabanglaSpider(Wordpress, NewsSpider):
    name = "sarabangla"
    title = "সারাবাংলা"
    english = "Sarabangla"
    kind = "portal"
    allowed_domains = ["sarabangla.net"]
    # /news/ holds other sections, but some articles are directly in it. Older addresses are /post/sb-562001/.
    article = (
        r"^https?://(?:www\.|mail\.)?sarabangla\.net/(?!(?:audio-visual|photo|video)/)"
        r"(?P<path>(?:news/)?(?:(?P<section>[a-z-]+)/(?:[a-z-]+/)*)?post-|post/sb-)(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://sarabangla.net/{path}{key}/"
    national = ["https://sarabangla.net/news/national/"]
    feeds = [
        Feed("https://sarabangla.net/news/bangladesh/feed/", national=True),
        Feed("https://sarabangla.net/feed"),
    ]
    days = [WordPress("https://sarabangla.net/")]
    samples = {
        "https://sarabangla.net/news/bangladesh/post-1122011/": ("1122011", "bangladesh"),
        "https://sarabangla.net/news/post-857011/?fbclid=IwY": ("857011", None),
        "https://sarabangla.net/sports/cricket/post-901122": ("901122", "sports"),
        "https://sarabangla.net/post/sb-562001/": ("562001", None),
    }
    aliases = {
        "http://mail.sarabangla.net/news/post-857011?utm_source=x": "https://sarabangla.net/news/post-857011/",
    }
    others = [
        "https://sarabangla.net/news/national/",
        "https://sarabangla.net/category/photo/page/79",
        "https://sarabangla.net/archive/",
        "https://sarabangla.net/photo/post-901123/",
        "https://en.sarabangla.net/education/post-19700/a-river-rises/",
    ]
