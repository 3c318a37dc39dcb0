"""চ্যানেল আই অনলাইন, the news site of a television channel, Dhaka."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Wordpress
from crawler.outlets.sources import Feed


class ChannelIOnlineSpider(Wordpress, NewsSpider):
    name = "channel_i_online"
    title = "চ্যানেল আই অনলাইন"
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
