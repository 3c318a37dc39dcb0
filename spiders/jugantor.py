"""যুগান্তর, daily, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import DesktopDetail
from crawler.outlets.sources import ArchivePage, Feed, NewsSitemap


class JugantorSpider(DesktopDetail, NewsSpider):
    name = "jugantor"
    title = "যুগান্তর"
    english = "Jugantor"
    kind = "daily"
    publisher = "Jamuna Group"
    allowed_domains = ["jugantor.com"]
    # The sections of the printed edition begin with tp-; before, they were below todays-paper.
    article = (
        r"^https?://(?:www\.)?jugantor\.com/(?!(?:ajax|archive|author|news-archive|photos?|tag|topic|videos?)/)"
        r"(?P<path>(?:todays-paper/)?(?P<section>[a-z][a-z0-9-]*)(?:/[a-z][a-z0-9-]*)*)/(?P<key>\d+)(?:[/?#]|$)"
    )
    canonical = "https://www.jugantor.com/{path}/{key}"
    national = ["https://www.jugantor.com/national"]
    feeds = [Feed("https://www.jugantor.com/feed/rss.xml")]
    news_sitemaps = [NewsSitemap("https://www.jugantor.com/news_sitemap.xml")]
    days = [ArchivePage("https://www.jugantor.com/archive?date={day:%Y-%m-%d}&page={page}", since="2017-12-18")]
    samples = {
        "https://www.jugantor.com/national/1046001": ("1046001", "national"),
        "https://www.jugantor.com/tp-firstpage/1151002?fbclid=IwY": ("1151002", "tp-firstpage"),
        "https://www.jugantor.com/todays-paper/first-page/393003/নদীর-পাড়ে-নতুন-হাট": ("393003", "first-page"),
        "https://www.jugantor.com/country-news/75004/%E0%A6%A8%E0%A6%A6%E0%A7%80": ("75004", "country-news"),
    }
    aliases = {
        "http://jugantor.com/politics/1046005/?utm_source=x": "https://www.jugantor.com/politics/1046005",
        "https://www.jugantor.com/national/75006/নদীর-জল": "https://www.jugantor.com/national/75006",
    }
    others = [
        "https://www.jugantor.com/todays-paper/first-page",
        "https://www.jugantor.com/archive/2018/07/12",
        "https://www.jugantor.com/archive?date=2022-07-12",
        "https://www.jugantor.com/photos/1046007",
        "https://www.jugantor.com/ajax/load/latestnews/20/0/0",
    ]
