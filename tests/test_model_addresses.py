"""Addresses stay as the outlets wrote them."""

import pytest
from lxml.html.builder import A
from scrapy import Request

from crawler.extraction.page.document import Document
from crawler.model.addresses import absolute, clean, escaped, is_front_page, is_web_address, is_within

PRECOMPOSED = "https://news.example/%E0%A6%9C%E0%A6%BE%E0%A6%A4%E0%A7%80%E0%A7%9F/12"
DECOMPOSED = "https://news.example/%E0%A6%9C%E0%A6%BE%E0%A6%A4%E0%A7%80%E0%A6%AF%E0%A6%BC/12"


@pytest.mark.parametrize(
    "address",
    [
        PRECOMPOSED,
        DECOMPOSED,
        "https://news.example/story/%E0%A6%B9%E2%80%8C%E0%A6%AF%E0%A6%BC%E2%80%8D/7",
        "https://news.example/lower/%e0%a6%95-%E0%A6%95/9",
        "https://news.example/news.php?news=4411&&empty=&b=%26",
        "https://News.example/AjpX9zQ/Read?Ref=1&a;b",
        "https://news.example/a//b/./c/../d?",
    ],
)
def test_no_byte_of_an_address_changes(address):
    assert clean(address) == address
    assert absolute("https://other.example/x/", address) == address


@pytest.mark.parametrize("address", [PRECOMPOSED, DECOMPOSED, "https://news.example/%E0%A6%B9%E2%80%8C/7"])
def test_scrapy_requests_the_listed_address_unchanged(address):
    assert Request(absolute(address, address)).url == address


def test_raw_bengali_stays_and_both_forms_of_ya_differ():
    decomposed, precomposed = "https://news.example/জাতীয়/1", "https://news.example/জাতী\u09df/1"
    assert clean(decomposed) == decomposed
    assert clean(precomposed) == precomposed
    assert Request(decomposed).url != Request(precomposed).url


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://n.example/a?at_medium=RSS&at_campaign=rss", "https://n.example/a"),
        ("https://n.example/a?id=%E0%A7%9F&utm_source=rss&utm_medium=feed", "https://n.example/a?id=%E0%A7%9F"),
        ("https://n.example/a?utm_source=x&news=5&fbclid=IwY", "https://n.example/a?news=5"),
        ("https://n.example/a?b=1&amp;utm_source=rss", "https://n.example/a?b=1"),
        ("https://n.example/a?at_link_id=1&at_format=x&gclid=2&ref=home", "https://n.example/a"),
        (
            "https://n.example/a?reference=1&preutm_x=2&at_home=3",
            "https://n.example/a?reference=1&preutm_x=2&at_home=3",
        ),
        ("https://n.example/a?p=1#comments", "https://n.example/a?p=1"),
        ("https://n.example/a#?utm_source=x", "https://n.example/a"),
        (" \n https://n.example/a \t", "https://n.example/a"),
    ],
)
def test_tracking_parameters_fragment_and_outer_space_go(address, expected):
    assert clean(address) == expected


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("/national/5", "https://n.example/national/5"),
        ("5/slug", "https://n.example/section/5/slug"),
        ("//m.n.example/5", "https://m.n.example/5"),
        ("?p=5", "https://n.example/section/page?p=5"),
        ("HTTPS://N.example/5", "HTTPS://N.example/5"),
    ],
)
def test_relative_links_are_resolved(reference, expected):
    assert absolute("https://n.example/section/page", reference) == expected


@pytest.mark.parametrize(
    "reference", ["mailto:a@n.example", "javascript:void(0)", "tel:+8801", "http://[::1", "http://n:99999/"]
)
def test_other_references_are_not_web_addresses(reference):
    assert absolute("https://n.example/", reference) is None
    assert not is_web_address(reference)


def test_any_port_and_a_numeric_host_are_web_addresses():
    assert is_web_address("http://127.0.0.1:8765/daily/")
    assert is_web_address("http://[::1]:80/")
    assert not is_web_address("http://two words/")


def test_domains_hold_their_subdomains_and_nothing_else():
    assert is_within("https://www.samakal.com/x", ["samakal.com"])
    assert is_within("https://SAMAKAL.com:443/x", ["samakal.com"])
    assert not is_within("https://notsamakal.com/x", ["samakal.com"])
    assert not is_within("https://samakal.com.evil.example/", ["samakal.com"])
    assert not is_within("http://[broken", ["samakal.com"])


def test_a_front_page_has_neither_path_nor_query():
    assert is_front_page("https://n.example")
    assert is_front_page("https://n.example/#top")
    assert not is_front_page("https://n.example/?p=5")
    assert not is_front_page("https://n.example/a")


@pytest.mark.parametrize(
    ("address", "leads_home"),
    [
        ("/", True),
        ("//other.example#top", True),
        ("https://other.example/;", True),
        ("/;", True),
        ("/sport/..", True),
        ("../", True),
        ("javascript:", True),
        ("/sport", False),
        ("/?page=2", False),
        ("sport", False),
        ("https://other.example/sport/..", False),
        ("https://[other/sport", False),
    ],
)
def test_a_link_leads_home_if_its_full_address_is_one(address, leads_home):
    document = Document("<html><body><p>ক</p></body></html>", "https://news.example/story/1")
    assert document.leads_home(A(href=address)) == leads_home == is_front_page(document.absolute(address))


def test_the_same_slug_is_escaped_in_one_way():
    assert escaped("%e0%a6%95-ABC") == escaped("ক-ABC") == "%E0%A6%95-ABC"


def test_a_host_holds_nothing_that_steers_a_terminal():
    assert not is_web_address("http://ex\x1bample/")
    assert not is_web_address("http://ex\u202eample/")
    assert is_web_address("http://\u09ac\u09be\u0982\u09b2\u09be.\u09ac\u09be\u0982\u09b2\u09be/")
