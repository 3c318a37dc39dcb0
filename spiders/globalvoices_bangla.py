"""গ্লোবাল ভয়েসেস বাংলা, the Bengali translations of Global Voices, Amsterdam."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Wordpress
from crawler.outlets.sources import Feed, WordPress


class GlobalvoicesBanglaSpider(Wordpress, NewsSpider):
    name = "globalvoices_bangla"
    title = "গ্লোবাল ভয়েসেস বাংলা"
    english = "Global Voices Bangla"
    country = "NL"
    kind = "service"
    publisher = "Stichting Global Voices"
    allowed_domains = ["bn.globalvoices.org"]
    # Without the day, two digits at the end are those of a day's archive.
    article = (
        r"^https?://bn\.globalvoices\.org/"
        r"(?P<date>(?P<year>20\d\d)/(?P<month>\d\d)(?:/(?P<day>\d\d))?)/(?P<key>\d{3,})(?:/print)?/?(?:[?#]|$)"
    )
    canonical = "https://bn.globalvoices.org/{date}/{key}/"
    national = ["https://bn.globalvoices.org/-/world/south-asia/bangladesh/"]
    feeds = [Feed("https://bn.globalvoices.org/feed/")]
    days = [WordPress("https://bn.globalvoices.org/")]
    samples = {
        "https://bn.globalvoices.org/2016/10/03/52701/": ("52701", None),
        "https://bn.globalvoices.org/2008/05/1234": ("1234", None),
        "https://bn.globalvoices.org/2022/04/17/60401/?fbclid=IwY": ("60401", None),
    }
    aliases = {
        "http://bn.globalvoices.org/2016/10/03/52701?utm_source=x": "https://bn.globalvoices.org/2016/10/03/52701/",
        "https://bn.globalvoices.org/2016/10/03/52701/print/": "https://bn.globalvoices.org/2016/10/03/52701/",
    }
    others = [
        "https://bn.globalvoices.org/2014/12/09/",
        "https://bn.globalvoices.org/author/some-one/",
        "https://bn.globalvoices.org/2016/10/03/52701/feed/",
        "https://globalvoices.org/2016/10/03/the-river/",
        "https://hi.globalvoices.org/2016/10/03/52701/",
    ]
