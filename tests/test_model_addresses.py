"""Addresses stay as the outlets wrote them."""

import pytest
from lxml.html.builder import A

from crawler.extraction.page.document import Document
from crawler.model.addresses import absolute, is_front_page, is_web_address, is_within


@pytest.mark.parametrize(
    "reference", ["mailto:a@n.example", "javascript:void(0)", "tel:+8801", "http://[::1", "http://n:99999/"]
)
def test_other_references_are_not_web_addresses(reference):
    assert absolute("https://n.example/", reference) is None
    assert not is_web_address(reference)


def test_domains_hold_their_subdomains_and_nothing_else():
    assert is_within("https://www.samakal.com/x", ["samakal.com"])
    assert is_within("https://SAMAKAL.com:443/x", ["samakal.com"])
    assert not is_within("https://notsamakal.com/x", ["samakal.com"])
    assert not is_within("https://samakal.com.evil.example/", ["samakal.com"])
    assert not is_within("http://[broken", ["samakal.com"])


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
