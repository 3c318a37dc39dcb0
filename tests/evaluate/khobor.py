"""khobor's own answers: by the rules of an unknown outlet, or of the page's publishing system."""

from __future__ import annotations

import importlib

from crawler import items
from crawler.extraction import NotAnArticle, extract
from crawler.spider import NewsSpider
from evaluate.answer import Answer
from evaluate.page import Page


def answer(page: Page, hinted: bool = False) -> Answer:
    """Return khobor's answer; a refusal is an error, a crash is not caught."""
    fetched = items.Page(
        outlet="urls",
        url=page.url,
        body=page.body,
        content_type=page.content_type,
        fetched_at=page.fetched_at,
    )
    try:
        article = extract(fetched, rules(page.platform if hinted else None))
    except NotAnArticle as refusal:
        return Answer(error=refusal.reason)
    return Answer(
        title=article.title,
        paragraphs=article.text.split("\n"),
        date=article.published.at.isoformat() if article.published else None,
        precision=article.published.precision if article.published else None,
        authors=[author.name for author in article.authors],
        kinds=[author.kind for author in article.authors],
        sections=[article.section] if article.section else [],
        agencies=article.agencies,
    )


def rules(platform: str | None) -> type[NewsSpider]:
    """Return the rules of a publishing system, those of an unknown outlet for None."""
    if platform is None:
        return NewsSpider
    module = importlib.import_module(f"crawler.platforms.{platform}")
    name = "".join(part.capitalize() for part in platform.split("_")) + "Spider"
    found: type[NewsSpider] = getattr(module, name)
    return found
