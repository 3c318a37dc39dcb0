"""চ্যানেল আই অনলাইন, the news site of a television channel, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Wordpress
from crawler.outlets.sources import Feed


class ChannelIOnlineSpider(Wordpress, NewsSpider):
    name = "channel_i_online"
    title = "চ্যানেল আই অনলাইন"
    english = "Channel i Online"
    kind = "channel"
    publisher = "Impress Group"
    allowed_domains = ["channelionline.com"]
    # Articles are at the root, like the site's own pages: an unknown slug with a hyphen counts as an article.
    article = (
        r"^https?://(?:www\.)?channelionline\.com/"
        r"(?!(?:about-us|contact-us|live-tv|privacy-policy|terms-[a-z-]+|wp-[a-z-]+)(?:[/?#.]|$))"
        r"(?P<key>[^/?#]*-[^/?#]*)/?(?:[?#]|$)"
    )
    canonical = "https://www.channelionline.com/{key}/"
    national = ["https://www.channelionline.com/category/bangladesh/"]
    feeds = [
        Feed("https://www.channelionline.com/category/bangladesh/feed/", national=True),
        Feed("https://www.channelionline.com/feed/"),
    ]
    samples = {
        "https://www.channelionline.com/akash-talks-about-the-river/": ("akash-talks-about-the-river", None),
        "https://www.channelionline.com/%e0%a6%a6%e0%a6%be-%e0%a6%95/": ("%E0%A6%A6%E0%A6%BE-%E0%A6%95", None),
        "https://www.channelionline.com/দা\u09af\u09bc-ক": ("%E0%A6%A6%E0%A6%BE%E0%A6%AF%E0%A6%BC-%E0%A6%95", None),
    }
    aliases = {
        "http://channelionline.com/akash-talks?fbclid=IwY": "https://www.channelionline.com/akash-talks/",
    }
    others = [
        "https://www.channelionline.com/category/bangladesh/",
        "https://www.channelionline.com/privacy-policy/",
        "https://www.channelionline.com/author/some-one/",
        "https://www.channelionline.com/wp-json/wp/v2/posts",
    ]
