"""Asking the demo newspaper, and reading its pages as its readers do."""

from __future__ import annotations

import http.client
import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from conftest import Demo
from lxml import etree, html

FEEDS = {"daily": "/daily/rss.xml", "portal": "/portal/feed/", "tv": "/tv/feed/"}
NEWS_SITEMAPS = {
    "daily": "/daily/news_sitemap.xml",
    "portal": "/portal/news-sitemap.xml",
    "tv": "/tv/news-sitemap.xml",
}
DAY_SITEMAPS = {
    "daily": "/daily/sitemap/sitemap-daily-{}.xml",
    "portal": "/portal/archive_{}.xml",
    "tv": "/tv/sitemap/{}.xml",
}
CONTAINERS = {
    "daily": "//*[@id='contentDetails']",
    "portal": "//*[@class='jw_article_body']",
    "tv": "//*[contains(@class,'entry-content')]",
}


@dataclass
class Answer:
    """A response as read from the socket; the body is as sent, but for its chunks."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(self.body)
        return facts


def ask(demo: Demo, target: str, method: str = "GET", **headers: str) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(demo.url).netloc, timeout=60)
    try:
        connection.request(method, target, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def locations(demo: Demo, target: str) -> list[str]:
    tree = etree.fromstring(ask(demo, target).body)
    return [str(address) for address in tree.xpath("//*[local-name()='loc']/text()")]


def normal(text: str) -> str:
    return re.sub("(?<!\u09cd)\u200c", "", unicodedata.normalize("NFC", text)).replace("\xa0", " ").strip()


def paragraphs_of(page: bytes, outlet: str) -> list[str]:
    container = html.fromstring(page.decode()).xpath(CONTAINERS[outlet])[0]
    return [normal(block.text_content()) for block in container.xpath(".//p|.//h2|.//li")]
