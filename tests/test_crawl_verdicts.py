"""Which address a revisit requests: the one that has the article's key and leads to its text."""

from datetime import timedelta

from crawler.crawl.verdicts import look_of
from crawler.model.listing import Listing, Page, Verdict
from crawler.outlets.outlet import Outlet

LISTED = "https://paper.example/news/7"


class Paper(Outlet):
    name = "paper"
    allowed_domains = ("paper.example",)
    article = r"^https://paper\.example/news/(?P<key>[\w.]+)"


def test_a_failure_is_revisited_as_it_was_listed():
    page = Page("paper", "https://paper.example/news/8", b"", key="8", listing=Listing(LISTED))
    look = look_of(Verdict(page, "error-page"), Paper, [timedelta(hours=6)], is_recent=True)
    assert (look.key, look.url) == ("7", LISTED)
