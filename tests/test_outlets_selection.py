"""The listed addresses that are fetched, and the articles that get rows."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from crawler.crawl.spider import NewsSpider
from crawler.model.article import Article, PublicationDate
from crawler.model.listing import Listing
from crawler.model.span import Span, Wanted
from crawler.outlets.selection import Selection

DHAKA = ZoneInfo("Asia/Dhaka")
JULY = Span(date(2022, 7, 10), date(2022, 7, 12), DHAKA)


class Daily(NewsSpider):
    name = "daily"
    allowed_domains = ["n.example"]
    article = (
        r"^https://n\.example/(?:(?P<section>[a-z-]+)/)?(?:(?P<year>\d{4})/(?P<month>\d\d)/(?P<day>\d\d)/)?(?P<key>\d+)"
    )
    national_sections = ["first-page"]


def selection(scope="national", **options):
    return Selection(Daily, Wanted(JULY, scope, **options))


def article(url, section=None, scope=None, published=None):
    at = PublicationDate(published, "minute", "meta") if published else None
    return Article(
        id="1", outlet="daily", url=url, canonical_url=url, title="সেতু", section=section, scope=scope, published=at
    )


def test_articles_match_pattern_and_domain_and_count_once():
    chosen = selection()
    listings = [
        Listing("https://n.example/national/1/slug"),
        Listing("https://n.example/national/1/slug-changed"),
        Listing("https://other.example/national/2"),
        Listing("https://n.example/about"),
        Listing("https://n.example/sports/3"),
    ]
    assert chosen.articles(listings) == {"1": listings[0]}
    assert chosen.passed_over == {"off-site": 1, "no-article": 1, "out-of-scope": 1}
    assert not chosen.is_empty(listings)


def test_a_source_without_articles_of_any_section_is_empty():
    chosen = selection()
    listings = [Listing("https://other.example/national/2"), Listing("https://n.example/about")]
    chosen.articles(listings)
    assert chosen.is_empty(listings)


@pytest.mark.parametrize(
    ("path", "in_national_listing", "expected"),
    [
        ("national/1", False, True),
        ("first-page/1", False, True),
        ("sports/1", False, False),
        ("sports/1", True, False),
        ("international/1", True, False),
        ("opinion/1", True, False),
        ("country/1", False, False),
        ("country/1", True, True),
        ("politics/1", False, False),
        ("politics/1", True, True),
        ("unheard-of/1", True, None),
        ("1", True, None),
        ("1", False, None),
    ],
)
def test_address_and_listing_decide_whether_an_article_is_national(path, in_national_listing, expected):
    listing = Listing(f"https://n.example/{path}", national=in_national_listing)
    assert selection().is_national(listing) is expected
    assert bool(selection().articles([listing])) is (expected is not False)


@pytest.mark.parametrize(
    ("section", "scope", "in_national_listing", "refusal"),
    [
        ("জাতী\u09df", None, False, None),
        ("জাতী\u09af\u09bc", None, False, None),
        ("খেলা", None, False, "out-of-scope"),
        ("খেলা", None, True, "out-of-scope"),
        ("সারাদেশ", "local", False, "out-of-scope"),
        ("সারাদেশ", "local", True, None),
        (None, "national", False, None),
        (None, None, True, None),
        (None, None, False, "out-of-scope"),
        ("অজানা বিভাগ", None, True, None),
        ("অজানা বিভাগ", None, False, "out-of-scope"),
    ],
)
def test_without_a_section_in_the_address_the_page_decides(section, scope, in_national_listing, refusal):
    listing = Listing("https://n.example/1", national=in_national_listing)
    assert selection().refusal_of(article(listing.url, section, scope), listing) == refusal


def test_listings_of_other_days_are_skipped_but_not_undated_ones():
    chosen = selection()
    articles = {
        "1": Listing("https://n.example/national/1", date(2022, 7, 12)),
        "2": Listing("https://n.example/national/2", date(2022, 7, 13)),
        "3": Listing("https://n.example/national/3"),
        "4": Listing("https://n.example/national/2022/07/11/4"),
        "5": Listing("https://n.example/national/2022/06/30/5"),
    }
    assert list(chosen.of_the_span(articles)) == ["1", "3", "4"]
    assert chosen.passed_over == {"out-of-span": 2}
