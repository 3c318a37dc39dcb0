"""What extraction makes of a page, and what it must never do: crash, or take longer than a page may."""

from __future__ import annotations

import time

from crawler.extraction import NotAnArticle, extract
from crawler.items import Article, Page
from crawler.spider import NewsSpider

# Of CPU, for any page; the pool ends a worker much later.
SECONDS = 5.0
REASONS = {
    *(
        "challenge",
        "error-page",
        "not-found",
        "listing",
        "static-page",
        "empty",
        "no-headline",
        "not-html",
        "too-large",
    ),
}


def outcome(body: str | bytes, outlet: type[NewsSpider]) -> tuple[Article | str, float]:
    """Return the article or the reason of the refusal, and the CPU seconds that it took."""
    content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    page = Page(outlet="urls", url="https://news.example/details/77", body=content)
    begun = time.process_time()
    try:
        told: Article | str = extract(page, outlet)
    except NotAnArticle as refusal:
        told = refusal.reason
    return told, time.process_time() - begun


def check(body: str | bytes, outlet: type[NewsSpider], seconds: float = SECONDS) -> Article | str:
    """Return what extraction makes of a page; it must be an article that can be written down, or a named refusal."""
    told, took = outcome(body, outlet)
    assert took < seconds, f"{took:.1f} s"
    if isinstance(told, Article):
        assert told.text
        assert told.title
        str(told.as_json()).encode("utf-8")
    else:
        assert told in REASONS
    return told
