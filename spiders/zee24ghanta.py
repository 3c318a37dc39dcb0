"""Zee ২৪ ঘণ্টা, the news site of a television channel, Kolkata."""

from crawler.crawl.spider import NewsSpider
from crawler.outlets.sources import Feed


class Zee24GhantaSpider(NewsSpider):
    name = "zee24ghanta"
    title = "Zee ২৪ ঘণ্টা"
    english = "Zee 24 Ghanta"
    country = "IN"
    kind = "channel"
    publisher = "Zee Media Corporation"
    allowed_domains = ["zeenews.india.com"]
    # Live blogs have a hyphen before the number and no .html. Only /bengali/ is in Bengali.
    article = (
        r"^https?://zeenews\.india\.com/bengali/(?!(?:photos?|tags?|videos?)/)(?P<path>(?P<section>[a-z-]+)/"
        r"(?:live-updates/[^/?#]*-|(?:[a-z-]+/)?[^/?#]*_)(?P<key>\d+)(?:\.html)?)(?:[/?#]|$)"
    )
    canonical = "https://zeenews.india.com/bengali/{path}"
    national = ["https://zeenews.india.com/bengali/nation"]
    feeds = [
        Feed("https://zeenews.india.com/bengali/rssfeed/nation.xml", national=True),
        Feed("https://zeenews.india.com/bengali/rssfeed/kolkata.xml"),
        Feed("https://zeenews.india.com/bengali/rssfeed/world.xml"),
    ]
    national_sections = ["nation"]
    samples = {
        "https://zeenews.india.com/bengali/kolkata/a-bridge-is-closed-for-repair_287654.html": ("287654", "kolkata"),
        "https://zeenews.india.com/bengali/nation/a-train-is-late_612345.html?utm_source=x": ("612345", "nation"),
        "https://zeenews.india.com/bengali/nation/live-updates/news-of-12-july-598765": ("598765", "nation"),
    }
    aliases = {
        "http://zeenews.india.com/bengali/state/live-updates/news-of-12-july-598765/amp": (
            "https://zeenews.india.com/bengali/state/live-updates/news-of-12-july-598765"
        ),
    }
    others = [
        "https://zeenews.india.com/bengali/nation",
        "https://zeenews.india.com/bengali/videos/a-talk-about-the-river_305432.html",
        "https://zeenews.india.com/bengali/photos",
        "https://zeenews.india.com/bengali/tags/health-tips.html",
        "https://zeenews.india.com/india/a-bridge-is-closed-for-repair_2712345.html",
    ]
