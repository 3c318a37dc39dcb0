"""Which address a revisit requests: the one that has the article's key and leads to its text."""

from datetime import timedelta

import pytest

from crawler.crawl.verdicts import look_of
from crawler.model.listing import Listing, Page, Verdict
from crawler.outlets.interface import Interface
from crawler.outlets.outlet import Outlet

LISTED = "https://paper.example/news/7"


class Paper(Outlet):
    name = "paper"
    allowed_domains = ("paper.example",)
    article = r"^https://paper\.example/news/(?P<key>[\w.]+)"


class Interfaced(Paper):
    name = "interfaced"
    canonical = "https://paper.example/news/{key}"
    interface = Interface("https://paper.example/news/{key}.json", title="title", text="text")


@pytest.mark.parametrize(
    ("outlet", "url", "key", "requested"),
    [
        (Paper, f"{LISTED}/the-headline", "7", f"{LISTED}/the-headline"),
        (Paper, "https://paper.example/news/8", "8", "https://paper.example/news/8"),
        (Paper, "https://paper.example/p/7.html", "7", LISTED),
        (Interfaced, f"{LISTED}.json", "7.json", LISTED),
    ],
    ids=["a longer address", "another key", "an address without a key", "an interface"],
)
def test_a_revisit_requests_the_address_with_the_key(outlet, url, key, requested):
    page = Page(outlet.name, url, b"", key=key, listing=Listing(LISTED))
    look = look_of(Verdict(page, "empty"), outlet, [timedelta(hours=6)], is_recent=True)
    assert (look.key, look.url) == (key, requested)


def test_a_failure_is_revisited_as_it_was_listed():
    page = Page("paper", "https://paper.example/news/8", b"", key="8", listing=Listing(LISTED))
    look = look_of(Verdict(page, "error-page"), Paper, [timedelta(hours=6)], is_recent=True)
    assert (look.key, look.url) == ("7", LISTED)
