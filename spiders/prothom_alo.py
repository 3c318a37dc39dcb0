"""প্রথম আলো, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Quintype, Witter
from crawler.outlets.sources import DailySitemap, Feed, NewsSitemap

# Section words that look like an article's key.
SECTIONS = "bangladesh|chattogram|dhallywood|employment|government|industries|literature|mymensingh|technology"


class ProthomAloSpider(Quintype, NewsSpider):
    name = "prothom_alo"
    title = "প্রথম আলো"
    allowed_domains = ["prothomalo.com"]
    # Pages from before 2020 use Witter.
    container = f"{Quintype.container}, {Witter.container}"
    # Keys: ten characters; before, a long romanised slug (2020 and 2021); before, a number (to 2020).
    article = (
        r"^https?://(?:www\.)?prothomalo\.com/(?!(?:api|author|collection|photo|story|topic|video)/)"
        r"(?P<section>[a-z0-9-]+)/(?:[a-z0-9-]+/){0,3}"
        rf"(?P<key>(?<=/article/)\d+(?=[/?#]|$)|(?!{SECTIONS})[a-z0-9]{{10}}(?=/?(?:[?#]|$))"
        r"|(?=[a-z0-9-]{20,}/?(?:[?#]|$))[a-z0-9]+(?:-[a-z0-9]+){3,})"
    )
    national = ["https://www.prothomalo.com/bangladesh"]
    feeds = [Feed("https://www.prothomalo.com/feed/")]
    news_sitemaps = [NewsSitemap("https://www.prothomalo.com/news_sitemap.xml")]
    days = [DailySitemap("https://www.prothomalo.com/sitemap/sitemap-daily-{day:%Y-%m-%d}.xml", since="2009-08-28")]
