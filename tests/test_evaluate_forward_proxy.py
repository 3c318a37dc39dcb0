"""The forward proxy of the benchmark."""

import ssl
import urllib.request
from urllib.error import HTTPError

import pytest
from evaluate.forward_proxy import ForwardProxy, Served


def test_the_proxy_answers_for_every_host_and_logs_full_addresses():
    pages = {
        "http://one.example/page?a=1": Served("এক".encode()),
        "https://two.example/feed": Served(b"<rss/>", "application/xml"),
    }
    unverified = ssl.create_default_context()
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
    with ForwardProxy(pages.get) as proxy:
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({"http": proxy.base, "https": proxy.base}),
            urllib.request.HTTPSHandler(context=unverified),
        )
        for address, page in pages.items():
            with opener.open(address, timeout=10) as answer:
                assert (answer.read(), answer.headers["Content-Type"]) == (page.body, page.content_type)
        with opener.open("https://three.example/robots.txt", timeout=10) as answer:
            assert answer.read() == b"User-agent: *\nAllow: /\n"
        with pytest.raises(HTTPError, match="404") as missing:
            opener.open("https://two.example/page?a=1", timeout=10)
        missing.value.close()
    addresses = [*pages, "https://three.example/robots.txt", "https://two.example/page?a=1"]
    assert proxy.log == [("GET", address) for address in addresses]
