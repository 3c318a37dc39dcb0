"""Pages to articles: one parse, one reading of the page's data, one article with the provenance of its dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.extraction.page.limits import NotAnArticle
from crawler.extraction.version import EXTRACTOR

if TYPE_CHECKING:
    from crawler.model.article import Article
    from crawler.model.listing import Page
    from crawler.outlets.outlet import Outlet

__all__ = ["EXTRACTOR", "NotAnArticle", "extract"]


def extract(page: Page, outlet: type[Outlet]) -> Article:
    """Return the article of a page, read by the rules of `outlet`. Raises NotAnArticle.

    No I/O; `warc`, `version` and `previous` are left to the pipeline.
    """
    # Loaded when needed: the process of the reactor imports this package and extracts nothing.
    from crawler.extraction.extractor import read_article

    return read_article(page, outlet)
