"""Pages of articles for the tests of extraction, and what extraction reads from them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.crawl.spider import NewsSpider
from crawler.extraction import NotAnArticle, extract
from crawler.model.article import Article
from crawler.model.listing import Page

URL = "https://news.example/details/77"
# A Tuesday.
FETCHED = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)


def read(markup: str | bytes, rules: type[NewsSpider] = NewsSpider, **fields: Any) -> Article:
    """Return the article of a page; `fields` are those of `Page`."""
    body = markup if isinstance(markup, bytes) else markup.encode()
    return extract(Page(**{"outlet": "urls", "url": URL, "body": body, "fetched_at": FETCHED, **fields}), rules)


def refusal(markup: str | bytes, **fields: Any) -> str:
    """Return the reason why a page yields no article."""
    with pytest.raises(NotAnArticle) as caught:
        read(markup, **fields)
    return caught.value.reason


def page_of(content: str, title: str, head: str = "") -> str:
    return f"<html><head><meta charset=utf-8><title>{title}</title>{head}</head><body>{content}</body></html>"


def json_ld(**fields: Any) -> str:
    """Return JSON-LD: that of a news article unless a field states another type."""
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **fields})}</script>'
