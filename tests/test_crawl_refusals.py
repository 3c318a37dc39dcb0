"""Outlets that refuse us: which answers do, and that they are not retried."""

import pytest
from scrapy.http import HtmlResponse, Response

from crawler.crawl.politeness.refusals import refusal_of

CHALLENGE = b"<html><head><title>One moment</title></head><body><script>window._cf_chl_opt={}</script></body></html>"
URL = "https://paper.example/"


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (Response(URL, 403), "http-403"),
        (HtmlResponse(URL, 403, body=b"<title>Forbidden</title>"), "http-403"),
        (Response(URL, 401), "http-401"),
        (Response(URL, 451), "http-451"),
        (Response(URL, 429), "http-429"),
        (Response(URL, 503, {"Retry-After": "86400"}), "http-503"),
        (Response(URL, 503), None),
        (Response(URL, 404), None),
        (Response(URL, 403, {"cf-mitigated": "challenge"}), "challenge"),
        (HtmlResponse(URL, 200, body=CHALLENGE), "challenge"),
        (HtmlResponse(URL, 200, body=b"<html><head><title> Just a moment... </title></head></html>"), "challenge"),
        (HtmlResponse(URL, 200, body="<title>একটু অপেক্ষা করুন: নাটকের মঞ্চায়ন</title>".encode()), None),
        (HtmlResponse(URL, 200, body="<p>_cf_chl বিষয়ে খবর</p>".encode()), None),
    ],
)
def test_refusals_are_recognized(response, reason):
    assert refusal_of(response) == reason
