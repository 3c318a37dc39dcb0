"""Pages to articles: one parse, one reading of the page's data, one article with the provenance of its dates."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from crawler.extraction.page.limits import NotAnArticle
from crawler.model.article import Article, Extractor

if TYPE_CHECKING:
    from crawler.model.listing import Page
    from crawler.outlets.outlet import Outlet

__all__ = ["EXTRACTOR", "NotAnArticle", "extract"]

# Raised with every change that can change a text: texts are compared only between equal versions.
EXTRACTOR_VERSION = 10
EXTRACTOR = Extractor("khobor", f"{EXTRACTOR_VERSION}+trafilatura-{version('trafilatura')}")


def extract(page: Page, outlet: type[Outlet]) -> Article:
    """Return the article of a page; the pipeline fills `warc`, `version` and `previous`. Raises NotAnArticle."""
    # Loaded when needed: the process of the reactor imports this package and extracts nothing.
    from crawler.extraction.extractor import read_article

    return read_article(page, outlet)
