"""khobor's answers. Only this module and `khobor_search` import the code that the benchmark judges."""

from __future__ import annotations

from functools import cache

from scrapy.settings import Settings

from crawler.crawl.spider import NewsSpider
from crawler.extraction import NotAnArticle, extract
from crawler.model.listing import Page as FetchedPage
from crawler.outlets import platforms
from crawler.outlets.loader import Outlets
from evaluate.answer import Answer
from evaluate.crawls import DeclaredSources
from evaluate.page import Page


def answer(page: Page, hinted: bool = False) -> Answer:
    """Return khobor's answer, by the rules of the page's platform if `hinted`; a crash is not caught."""
    fetched = FetchedPage("urls", page.url, page.body, content_type=page.content_type, fetched_at=page.fetched_at)
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
    """Return the spider class of a platform, for None that of an unknown outlet."""
    if platform is None:
        return NewsSpider
    name = "".join(part.capitalize() for part in platform.split("_"))
    found: type[NewsSpider] = getattr(platforms, name)
    return found


def outlet_of(url: str) -> tuple[str, bool] | None:
    """Return the outlet of an address and whether the address is an article's, None without an outlet."""
    article_of = outlets().of(url)
    outlet = article_of or outlets().on(url)
    return (outlet.name, article_of is not None) if outlet else None


def sources_of(name: str) -> DeclaredSources:
    """Return the addresses of an outlet's sources, the feeds of national news alone last."""
    outlet = outlets().named(name)
    assert outlet is not None
    return DeclaredSources(
        feeds=[feed.url for feed in sorted(outlet.feeds, key=lambda feed: feed.national)],
        sections=outlet.national,
        pages=outlet.pages,
        news_sitemaps=[sitemap.url for sitemap in outlet.news_sitemaps],
        days=[source.url for source in outlet.days],
    )


@cache
def outlets() -> Outlets:
    """Return the outlets of the project."""
    return Outlets.from_settings(Settings({"SPIDER_MODULES": ["spiders"]}))
