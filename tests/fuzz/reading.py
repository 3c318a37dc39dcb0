"""Extract a page and check the limits: no crash, no slow page, no unknown refusal."""

from __future__ import annotations

import time

from crawler.crawl.spider import NewsSpider
from crawler.extraction import NotAnArticle, extract
from crawler.model.article import Article
from crawler.model.listing import Page

# CPU seconds for any page; the pool terminates a worker much later.
SECONDS = 5.0
REASONS = {
    "challenge", "error-page", "not-found", "listing", "static-page", "empty", "no-headline", "not-html", "too-large",
}  # fmt: skip


def outcome(body: str | bytes, outlet: type[NewsSpider]) -> tuple[Article | str, float]:
    """Return the article or the reason of the refusal, and the CPU seconds."""
    content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    page = Page(outlet="urls", url="https://news.example/details/77", body=content)
    begun = time.process_time()
    try:
        found: Article | str = extract(page, outlet)
    except NotAnArticle as refusal:
        found = refusal.reason
    return found, time.process_time() - begun


def check(body: str | bytes, outlet: type[NewsSpider], seconds: float = SECONDS) -> Article | str:
    """Return the outcome of a page, after checking that it is a writable article or a known refusal."""
    found, took = outcome(body, outlet)
    assert took < seconds, f"{took:.1f} s"
    if isinstance(found, Article):
        assert found.text
        assert found.title
        str(found.as_json()).encode("utf-8")
    else:
        assert found in REASONS
    return found
